"""The step between the owner and its PostgreSQL: give up root, tie the server's life to the owner's, become it.

Run by its path, with the standard library alone: ``embedded_child.py GUARD OWNER_PID UID GID PIPE COMMAND…``. A program
of its own, because code between fork and exec is not safe in a process with threads, and because it must still be root
when it is read: the checkout may be where only root can look.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1
"""From ``linux/prctl.h``."""


def main(arguments: list[str]) -> None:
    """Drop to ``UID``, then run the command under the guard. ``GUARD`` is ``prctl`` (Linux) or ``pipe``."""
    guard, owner, uid, gid, pipe, *command = arguments
    drop(int(uid), int(gid))
    if guard == "pipe":
        sys.exit(run_beside_pipe(int(pipe), command))
    die_with(int(owner))
    os.execv(command[0], command)  # noqa: S606  the command is ours, whole, and needs no shell


def drop(uid: int, gid: int) -> None:
    """Become ``uid`` for good, with no group but ``gid``."""
    if os.getuid() == uid:
        return
    try:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    except OSError as error:
        sys.exit(f"cannot become the user {uid}: {error.strerror}")


def die_with(owner: int) -> None:
    """Have the kernel send SIGQUIT (PostgreSQL's immediate stop) when the owner's thread ends.

    After ``setuid``, which clears the wish. The owner may have died before the wish was made: then nobody would send
    the signal, hence the look at the parent afterwards. ``exec`` of a plain program keeps the wish.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGQUIT), 0, 0, 0) != 0:
        sys.exit(f"prctl failed: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != owner:
        sys.exit("the owner has ended")


def run_beside_pipe(pipe: int, command: list[str]) -> int:
    """Run the command as a child, stop it when the pipe from the owner ends, and return its exit code.

    For systems without ``prctl``. This process is the server's parent until it has waited for it, so the server's pid
    cannot have become another's when it is signalled.
    """
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(name, lambda number, _: os.kill(server, number))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT})
    server = os.posix_spawn(command[0], command, os.environ, setsigmask=[])
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT})
    threading.Thread(target=_quit_at_end_of, args=(pipe, server), daemon=True).start()
    _, status = os.waitpid(server, 0)
    return os.waitstatus_to_exitcode(status) & 0xFF


def _quit_at_end_of(pipe: int, server: int) -> None:
    while os.read(pipe, 1):
        pass
    os.kill(server, signal.SIGQUIT)


if __name__ == "__main__":
    main(sys.argv[1:])
