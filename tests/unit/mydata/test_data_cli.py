"""The commands over a database of one's own: what would go, holds, the replay of erasures, what staff did."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import asyncpg
import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.keys import new_key
from mydata.audit import Event, of_person, write


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("NEUVO_KEYS_URL", database_url)
    monkeypatch.setenv("NEUVO_MASTER_KEY", new_key())
    monkeypatch.setenv("NEUVO_INDEX_KEY", new_key())

    def runs(*words: str) -> Result:
        return CliRunner().invoke(main, words)

    return runs


def execute(url: str, statement: str, *values: object) -> None:
    async def work() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statement, *values)
        await connection.close()

    asyncio.run(work())


def counts(said: Result) -> dict[str, str]:
    """By category."""
    return {line.split()[0]: line.split()[1] for line in said.output.splitlines()}


def test_retention_says_what_would_go_and_removes_it(run: object, database_url: str) -> None:
    assert callable(run)
    execute(database_url, "INSERT INTO misses (at, language, channel, text) VALUES ('2020-01-01', 'fi', 'sms', 'x')")
    said = run("retention", "--dry-run")
    assert said.exit_code == 0, said.output
    assert (counts(said)["misses"], counts(said)["transcript"]) == ("1", "0")
    assert run("retention").exit_code == 0
    assert counts(run("retention", "--dry-run"))["misses"] == "0"


def test_holds_are_placed_listed_and_released(run: object, database_url: str) -> None:
    assert callable(run)
    person = uuid4()
    assert "there is no person" in run("holds", "place", str(person), "claim", "--by", "clerk").output
    execute(database_url, "INSERT INTO persons (id) VALUES ($1)", person)
    assert "write one of claim" in run("holds", "place", str(person), "whim", "--by", "clerk").output
    assert run("holds", "place", str(person), "claim", "--by", "clerk", "--until", "2099-01-31").exit_code == 0
    listed = run("holds").output
    assert str(person) in listed and "until 2099-01-31" in listed
    number = listed.partition(":")[0]
    assert run("holds", "release", number).exit_code == 0
    assert run("holds", "release", number).exit_code == 1
    assert run("holds").output == ""


def test_erasures_are_replayed(run: object, database_url: str) -> None:
    assert callable(run)
    person = uuid4()
    execute(database_url, "INSERT INTO keys.erasures (person) VALUES ($1)", person)
    execute(database_url, "INSERT INTO persons (id) VALUES ($1)", person)
    assert run("erasures", "replay").output == "1 erasures are done in this database too\n"


def test_what_staff_did_is_written_as_lines(run: object, database_url: str) -> None:
    assert callable(run)

    async def work() -> None:
        connection = await asyncpg.connect(database_url)
        target = of_person(uuid4())
        event = Event(role="agent", actor="u1", operation="READ", target_type="conversation", target_id=target)
        await write(connection, event)
        await connection.close()

    asyncio.run(work())
    said = run("audit", "export")
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout.splitlines()[0])["audit_event"]["actor"]["user_id"] == "u1"
    assert said.stderr.startswith("last event: ")
    assert run("audit", "export", "--since", "2099-01-01").stdout == ""
