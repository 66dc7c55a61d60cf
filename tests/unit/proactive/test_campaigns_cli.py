"""``neuvo campaigns`` over a database of one's own: the same as the pages, by two people at the server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.keys import new_key

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("NEUVO_KEYS_URL", database_url)
    monkeypatch.setenv("NEUVO_MASTER_KEY", new_key())
    monkeypatch.setenv("NEUVO_INDEX_KEY", new_key())

    def runs(*words: object) -> Result:
        return CliRunner().invoke(main, ["campaigns", *map(str, words)])

    return runs


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text(
        "puhelin;kieli;start\n040 123 4567;fi;11.8.2027\n0401234568;sv;11.8.2027\n09 310 1691;fi;11.8.2027\n"
        "0401234569;fi;=1+1\n",
        encoding="utf-8-sig",
    )
    return file


VALUES = (
    *("--value", "place=Kallio", "--value", "answer_by=16.4.2027"),
    *("--value", "link=https://www.hel.fi/esiopetus"),
)


def new(run: Run, table: Path) -> str:
    said = run("new", "Pre-primary", "--template", "preschool_place", "--csv", table, *VALUES, "--by", "anna")
    assert said.exit_code == 0, said.output
    return said.output.strip()


def look(url: str, statement: str) -> object:
    async def work() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(work())


def test_from_a_file_to_the_start(run: Run, table: Path, database_url: str) -> None:
    campaign = new(run, table)
    said = run("preview", campaign)
    assert said.exit_code == 0, said.output
    assert "4 rows" in said.output
    assert "phone is a landline; lines 4" in said.output
    assert "start is a formula; lines 5" in said.output
    assert "Kallio" in said.output
    assert re.search(r"040 ?1234|1\+1", said.output) is None
    show = run("show", campaign).output
    assert "draft" in show
    assert campaign in run("show").output
    assert look(database_url, "SELECT count(*) FROM nudges") == 0


def test_two_people_and_each_state(run: Run, table: Path, database_url: str) -> None:
    campaign = new(run, table)
    run("preview", campaign)
    look(database_url, "UPDATE campaign_rows SET skipped = NULL WHERE fault IS NULL RETURNING line")
    assert run("submit", campaign, "--by", "anna").output == f"{campaign} is waiting\n"
    own = run("approve", campaign, "--by", "anna")
    assert own.exit_code == 1
    assert "a colleague has to approve it" in own.output
    for command, state in (
        *(("give-back", "draft"), ("submit", "waiting"), ("approve", "approved"), ("start", "running")),
        *(("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")),
    ):
        assert run(command, campaign, "--by", "bert").output == f"{campaign} is {state}\n"
    late = run("pause", campaign, "--by", "bert")
    assert late.exit_code == 1
    assert "another state" in late.output
    assert run("show", campaign, "--follow").exit_code == 0
    acts = look(database_url, "SELECT string_agg(information || ' ' || status, ', ' ORDER BY id) FROM audit_events")
    assert str(acts).startswith("new SUCCESS, file SUCCESS, submit SUCCESS, approve FAILED, give_back SUCCESS")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "x", "--template", "nothing"), "there is no template nothing; there are"),
        (("new", "x", "--template", "preschool_place", "--value", "start"), "write it as NAME=VALUE"),
        (("new", "x", "--template", "preschool_place", "--value", "start=soon"), "is not a date"),
        (("new", "x", "--template", "preschool_place", "--value", "nope=1"), "not in the template"),
        (("show", "00000000-0000-0000-0000-000000000000"), "there is no campaign"),
        (("preview", "00000000-0000-0000-0000-000000000000"), "there is no campaign"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_file_that_is_no_table_is_said(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(b"PK\x03\x04")
    said = run("new", "x", "--template", "preschool_place", "--csv", file, *VALUES)
    assert said.exit_code == 1
    assert "no CSV table" in said.output


def test_an_audience_by_filter(run: Run) -> None:
    said = run(
        "new", "Snow", "--template", "snow_plowing", "--channel", "sms", "--speaking", "sv", "--level", "confirmed"
    )
    assert said.exit_code == 0, said.output
    assert "0 rows" in run("preview", said.output.strip()).output
