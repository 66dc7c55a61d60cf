"""A PostgreSQL of our own for one machine: ``with EmbeddedPostgres(folder) as pg: connect(pg.url)``.

The folder holds ``data/``, ``postgresql.log`` and two locks. ``owner.lock`` is held by the process that owns the
server: a second owner gets ``AlreadyOwned``. ``server.lock`` is inherited by every process of the server and held by
nobody else, so whoever takes it knows that none of them is left: then, and only then, what a killed server left behind
is removed. No process is ever signalled by a pid from a file. The server ends when its owner ends, however that ends;
when the server alone is killed, the owner starts it again on the same address.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

from bot.embedded_binaries import EmbeddedError, programs
from bot.embedded_data import (
    ENVIRONMENT,
    PORT,
    AlreadyOwned,
    account,
    clear_sockets,
    data_argument,
    lock_server,
    own,
    prepare,
    refuse_foreign_server,
    socket_folder,
)

__all__ = ["AlreadyOwned", "EmbeddedError", "EmbeddedPostgres"]

Guard = Literal["prctl", "pipe"]
RECOVERY = 600.0
"""Seconds to wait for the server to accept connections; after a crash it first replays its log."""
RESTARTS = 5
"""Starts after a death of the server alone, within a minute, before its owner gives up."""
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Nothing of a row or of a statement reaches the log: no DETAIL, no STATEMENT.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

logger = logging.getLogger(__name__)


class EmbeddedPostgres:
    """One server over one folder, owned by this process. All methods may be called from any thread, one at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        binaries: Path | None = None,
        guard: Guard | None = None,
    ) -> None:
        """Take the folder of the data; it need not exist.

        ``durable=False`` gives up crash safety for speed, for tests. ``settings`` are PostgreSQL's own. ``binaries`` is
        a folder laid out like the wheel, and ``guard`` ties the server's life to ours; both are found by themselves.
        """
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self._durable = durable
        self._settings = SETTINGS | ({} if durable else NOT_DURABLE) | dict(settings or {})
        self._binaries = binaries
        self._guard: Guard = guard or ("prctl" if sys.platform == "linux" else "pipe")
        self._owner_lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._stopping = threading.Event()
        self._ready = False
        self._failure: str | None = None

    @property
    def url(self) -> str:
        """The address of the database ``neuvo``, for asyncpg and (as ``postgresql+asyncpg``) SQLAlchemy."""
        return f"postgresql://neuvo@/neuvo?host={self._sockets}&port={PORT}"

    @property
    def pid(self) -> int | None:
        """The pid of the process that was started (the server's, or its watchdog's), while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    def start(self) -> Self:
        """Start, and return when the server accepts connections. Raises ``EmbeddedError``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._owner_lock = own(self.folder)
        self._stopping.clear()
        self._ready, self._failure = False, None
        try:
            self._prepare()
            self._keeper = threading.Thread(target=self._keep, name="embedded-postgresql", daemon=True)
            self._keeper.start()
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def _prepare(self) -> None:
        self._account = account(self.data)
        self._bin = programs(self._account[0], self._binaries)
        lock = lock_server(self.folder)
        try:
            prepare(self.data, self._bin, self._account, lock, durable=self._durable)
        finally:
            os.close(lock)
        self._sockets = socket_folder(self.folder, self._account)
        log = self.folder / "postgresql.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))

    def stop(self) -> None:
        """End every session and the server, and let go of the folder. Does nothing when it is stopped."""
        self._stopping.set()
        if self._keeper is not None:
            self._stop_server(self._keeper)
            self._keeper = None
            with contextlib.suppress(OSError):
                clear_sockets(self._sockets)
                self._sockets.rmdir()
        if self._owner_lock is not None:
            self._owner_lock.close()
            self._owner_lock = None

    def _stop_server(self, keeper: threading.Thread) -> None:
        """Ask with PostgreSQL's fast stop, then with its immediate one, then force it."""
        last = signal.SIGKILL if self._guard == "prctl" else signal.SIGQUIT
        for number, seconds in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (last, 10.0)):
            if self._process is not None:
                self._process.send_signal(number)
            keeper.join(seconds)
            if not keeper.is_alive():
                return
        raise EmbeddedError(f"the server in {self.folder} does not end; its log is postgresql.log there")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _keep(self) -> None:
        """Run the server until it is to stop; after a death of its own, start it again.

        A thread of its own that lives as long as the process: the kernel's signal at the parent's death is tied to the
        thread that started the child.
        """
        starts: list[float] = []
        while not self._stopping.is_set():
            starts = [*(at for at in starts if at > time.monotonic() - 60), time.monotonic()]
            try:
                code = self._run()
            except (EmbeddedError, OSError) as error:
                self._failure = str(error)
                break
            if not self._ready or len(starts) > RESTARTS:
                self._failure = f"it ended with {code}"
                break
            if not self._stopping.is_set():
                logger.warning("embedded_postgresql_restarts")
        if self._ready and self._failure is not None:
            logger.error("embedded_postgresql_lost")

    def _run(self) -> int:
        """Start one server and wait for its end; give its exit code."""
        lock = lock_server(self.folder)
        reading, writing = os.pipe()  # its writing end closes with us: the watchdog's sign
        try:
            refuse_foreign_server(self.data)
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            clear_sockets(self._sockets)
            self._process = self._spawn(lock, reading)
        except BaseException:
            os.close(writing)
            raise
        finally:
            os.close(lock)  # from here on the server's processes alone hold it
            os.close(reading)
        if self._stopping.is_set():
            self._process.send_signal(signal.SIGINT)
        code = self._process.wait()
        os.close(writing)
        return code

    def _spawn(self, lock: int, pipe: int) -> subprocess.Popen[bytes]:
        child = Path(__file__).with_name("embedded_child.py")
        identity = (self._guard, os.getpid(), *self._account, pipe)
        settings = self._settings | {"unix_socket_directories": str(self._sockets)}
        server = [str(self._bin / "postgres"), "-D", data_argument(self.data)]
        for name, value in settings.items():
            server += ["-c", f"{name}={value}"]
        with (self.folder / "postgresql.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", str(child), *map(str, identity), *server],
                cwd=self.data,
                env=ENVIRONMENT,
                pass_fds=(lock, pipe),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # the terminal's Ctrl-C is the owner's
            )

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + RECOVERY
        while self._failure is None and time.monotonic() < end:
            with contextlib.suppress(OSError):
                lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
                if len(lines) > 7 and lines[7].strip() == "ready":
                    self._ready = True
                    return
            time.sleep(0.002)  # PostgreSQL tells of readiness by this file alone
        raise EmbeddedError(
            f"the embedded PostgreSQL did not start ({self._failure or 'no answer'}): {self._last_words()} "
            f"Its log is {self.folder / 'postgresql.log'}. Set DATABASE_URL to use another server"
        )

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / "postgresql.log").read_text(encoding="utf-8", errors="replace")[-500:].strip()
        return ""
