"""The files of the embedded PostgreSQL: its data, the user that owns them, its locks and its socket folder."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from bot.embedded_binaries import MAJOR, EmbeddedError

SERVER_UID = 60_987
"""The user that the server runs as when its owner is root. No account has this number, so nothing else runs as it."""
PORT = 5432
"""Names the socket file; nothing listens on a network."""
PATIENCE = 30.0
"""Seconds to wait for the last processes of an earlier server to end."""
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
"""All that PostgreSQL sees of ours: PGDATA, PGPORT and the like would change it."""
INITDB = (
    *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
)
FIRST_STATEMENTS = "CREATE ROLE neuvo LOGIN CREATEDB\nCREATE DATABASE neuvo OWNER neuvo\n"
"""The program's own role is no superuser of the database either."""
ROLES = (
    "DO $$BEGIN CREATE ROLE neuvo_ledger NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END$$\n"
    "GRANT neuvo_ledger TO neuvo WITH INHERIT FALSE, SET TRUE\n"
)
"""The role that adds to the consent ledger. Ours may make no roles, so a server makes it before it first starts."""
ROLES_MADE = "neuvo.roles"
"""The file of the data folder that says that its server has them."""


class AlreadyOwned(EmbeddedError):
    """Another process owns this folder's server."""


def own(folder: Path) -> IO[str]:
    """Take ``owner.lock`` for as long as the file stays open. Its words only serve the message of who comes second."""
    lock = (folder / "owner.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read(200).strip() or "another process"
        lock.close()
        raise AlreadyOwned(
            f"{owner} already runs the database in {folder}: stop it first, "
            "or set NEUVO_VAR_DIR to another folder, or DATABASE_URL to a server that both can use"
        ) from None
    lock.truncate(0)
    lock.write(f"the process {os.getpid()}")
    lock.flush()
    return lock


def lock_server(folder: Path) -> int:
    """Take ``server.lock`` as soon as the last process of an earlier server has ended; give its file descriptor."""
    path = folder / "server.lock"
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                os.close(lock)
                raise EmbeddedError(
                    f"an earlier server still runs in {folder}: end the processes named postgres "
                    f"that `fuser {path}` lists, then start again"
                ) from None
        else:
            return lock
        time.sleep(0.01)  # the kernel has no wait for a lock with a limit of time


def account(data: Path) -> tuple[int, int]:
    """The user and group that the server runs as: ours, or as root the owner of the data, else ``SERVER_UID``."""
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise EmbeddedError(
                f"{data} belongs to the user {owner}, and you are {os.geteuid()}: start as that user (or as root), "
                f"give it to yourself with `sudo chown -R {os.geteuid()} {data.parent}`, or use another NEUVO_VAR_DIR"
            )
        return os.geteuid(), os.getegid()
    if owner == 0:
        raise EmbeddedError(
            f"{data} belongs to root, and PostgreSQL refuses to run as root: `chown -R {SERVER_UID}:{SERVER_UID}` it"
        )
    return (SERVER_UID, SERVER_UID) if owner is None else (owner, data.stat().st_gid)


def data_argument(data: Path) -> str:
    """How the server names its data folder, in which it is started.

    For root's sake: the server's user may not be able to walk to the folder (a home of mode 0700), but being there it
    can name it through the kernel's own link.
    """
    return "/proc/self/cwd" if os.geteuid() == 0 and sys.platform == "linux" else str(data)


def prepare(data: Path, binaries: Path, account: tuple[int, int], lock: int, *, durable: bool) -> None:
    """Make the data folder unless it is there. To be called under ``server.lock``, whose descriptor is ``lock``.

    The new one gets its name when it is whole, so a kill in between costs nothing but the time.
    """
    version = data / "PG_VERSION"
    if version.exists():
        if (found := version.read_text(encoding="ascii").strip()) != MAJOR:
            raise EmbeddedError(
                f"{data} is of PostgreSQL {found}, and this release has {MAJOR}: see docs/operating.md, Upgrading"
            )
        refuse_foreign_server(data)
        (data / "postmaster.pid").unlink(missing_ok=True)
        if not (data / ROLES_MADE).exists():
            _make_roles(data, binaries, account, lock)
        return
    new = data.with_name("data.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    builder = account if os.geteuid() != 0 else _named_account()
    os.chown(new, *builder)
    where = ("-D", data_argument(new))
    _run([str(binaries / "initdb"), *where, *INITDB, *([] if durable else ["--no-sync"])], new, builder, lock)
    single = [str(binaries / "postgres"), "--single", *where, "postgres"]
    _run(single, new, builder, lock, FIRST_STATEMENTS + ROLES)
    (new / ROLES_MADE).touch()
    _give(new, account, builder)
    new.rename(data)


def _make_roles(data: Path, binaries: Path, account: tuple[int, int], lock: int) -> None:
    """Give the server of an earlier release the roles that a new one has."""
    builder = account if os.geteuid() != 0 else _named_account()
    single = [str(binaries / "postgres"), "--single", "-D", data_argument(data), "postgres"]
    try:
        _give(data, builder, account)
        _run(single, data, builder, lock, ROLES)
        (data / ROLES_MADE).touch()
    finally:
        _give(data, account, builder)


def _give(data: Path, account: tuple[int, int], before: tuple[int, int]) -> None:
    if account != before:
        for path in (data, *data.rglob("*")):
            os.chown(path, *account, follow_symlinks=False)


def _named_account() -> tuple[int, int]:
    """``initdb`` wants a user that has a name: nobody, for the moment of its run."""
    users = sorted((user for user in pwd.getpwall() if user.pw_uid > 0), key=lambda user: user.pw_name != "nobody")
    if not users:
        raise EmbeddedError("this system has no user but root: run as an ordinary user, or set DATABASE_URL")
    return users[0].pw_uid, users[0].pw_gid


def _run(command: list[str], data: Path, account: tuple[int, int], lock: int, text: str = "") -> None:
    """Run one of PostgreSQL's programs on the data folder; it holds the lock, should we die before it ends."""
    root = os.geteuid() == 0
    done = subprocess.run(
        command,
        input=text,
        cwd=data,
        env=ENVIRONMENT,
        pass_fds=(lock,),
        capture_output=True,
        text=True,
        check=False,
        user=account[0] if root else None,
        group=account[1] if root else None,
        extra_groups=[] if root else None,
    )
    if done.returncode != 0 or "ERROR" in done.stderr:
        raise EmbeddedError(f"{Path(command[0]).name} failed in {data}: {done.stderr.strip()[-500:]}")


def refuse_foreign_server(data: Path) -> None:
    """Raise if a server that is not ours (started by hand) runs on the data; we hold the lock, so ours do not.

    The pid in the file proves nothing, since the number may be another program's by now: what counts is that the
    process works in this very folder, or that something answers on the socket which the file names.
    """
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid, sockets, port = int(lines[0]), lines[4], int(lines[3])
    except (OSError, ValueError, IndexError):
        return
    runs = _answers(f"{sockets}/.s.PGSQL.{port}")
    with contextlib.suppress(OSError):
        runs = runs or Path(f"/proc/{pid}/cwd").samefile(data)
    if runs:
        raise EmbeddedError(f"a PostgreSQL that neuvo did not start (process {pid}) runs on {data}: stop it first")


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
    return True


def socket_folder(folder: Path, account: tuple[int, int]) -> Path:
    """Make the private folder of the socket, short, since a socket's path has at most 103 bytes, and always the same.

    Its name can be foretold, so one that another user has made is not used.
    """
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    temporary = tempfile.gettempdir()
    if len(os.fsencode(temporary)) > 60 or not temporary.isascii() or set(temporary) & set(" ,\"'&?#%"):
        temporary = "/tmp"  # noqa: S108  only its parent; the folder itself is private
    path = Path(temporary) / f"neuvo-{os.geteuid()}-{name}"
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account[0]):
        path = Path(tempfile.mkdtemp(prefix="neuvo-", dir=temporary))
    path.chmod(0o700)
    os.chown(path, *account)
    return path


def clear_sockets(path: Path) -> None:
    """Remove a dead server's socket and its lock file."""
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (path / name).unlink(missing_ok=True)
