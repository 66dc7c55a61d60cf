"""``neuvo api-keys`` and ``neuvo nudges`` over a database of one's own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.keys import new_key
from tests.unit.proactive.store import store

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("NEUVO_KEYS_URL", database_url)
    monkeypatch.setenv("NEUVO_MASTER_KEY", new_key())
    monkeypatch.setenv("NEUVO_INDEX_KEY", new_key())

    def runs(*words: str) -> Result:
        return CliRunner().invoke(main, words)

    return runs


def test_a_key_is_made_shown_once_listed_and_revoked(run: Run) -> None:
    made = run("api-keys", "new", "library", "--team", "Libraries", "--webhook", "https://library.example/hook")
    assert made.exit_code == 0, made.output
    key_id = made.output.split()[1]
    (secret,) = re.findall(r"neuvo_test_[\w-]{43}", made.output)
    assert re.search(r"whsec_[\w+/=]{44}", made.output)
    listed = run("api-keys", "list").output
    assert key_id in listed
    assert secret not in listed
    assert "webhook" in listed
    assert run("api-keys", "revoke", key_id).exit_code == 0
    assert "revoked" in run("api-keys", "list").output
    assert "there is no key" in run("api-keys", "revoke", key_id).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--webhook", "http://service.example/"), "https://"),
        (("--webhook", "https://10.0.0.1/"), "on the internet"),
        (("--mode", "team", "--to", "09 310 1691"), "not a mobile number"),
        (("--mode", "live", "--to", "+358401234567"), "--mode team"),
        (("--mode", "real"), "real"),
        (("--scope", "all"), "all"),
        (("--per-minute", "0"), "0"),
    ],
)
def test_what_cannot_be_is_said_and_no_key_is_made(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run("api-keys", "new", "library", "--team", "Libraries", *words)
    assert result.exit_code != 0
    assert said in result.output
    assert run("api-keys", "list").output == ""


def test_a_teams_key_takes_numbers_as_people_write_them(run: Run) -> None:
    words = ("--mode", "team", "--to", "040 123 4567", "--to", "29:abc")
    made = run("api-keys", "new", "library", "--team", "Libraries", *words)
    assert made.exit_code == 0, made.output
    assert "neuvo_team_" in made.output
    assert "040" not in run("api-keys", "list").output


def test_a_message_is_looked_at_and_cancelled(run: Run, database_url: str) -> None:
    async def made() -> str:
        async with store(database_url) as there:
            return str((await there.one()).id)

    nudge = asyncio.run(made())
    assert "created" in run("nudges", "get", nudge).output
    assert run("nudges", "cancel", nudge).exit_code == 0
    shown = run("nudges", "get", nudge).output.splitlines()
    assert shown[0].startswith("appointment_reminder 1, timely")
    assert ["created" in shown[1], "cancelled" in shown[2]] == [True, True]
    assert run("nudges", "cancel", nudge).exit_code == 1
    assert "there is no message" in run("nudges", "get", str(uuid4())).output
