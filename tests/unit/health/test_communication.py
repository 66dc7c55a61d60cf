"""What was decided and sent, as FHIR: its states, and that nothing clinical is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.keys import new_key
from health.communication import FINDINGS, Sent, resources
from tests.unit.health.test_contact import clinic

CLINICAL = ("E11", "diab", "HbA1c", "hba1c", "not_done", "gap", "icd-10")


async def test_a_decision_is_asked_for_sent_and_given_up(database_url: str, tmp_path: Path) -> None:
    async with clinic(database_url, tmp_path) as here:
        finding = await here.accepted()

        async def states() -> list[tuple[str, str]]:
            [row] = await here.pool.fetch(FINDINGS)
            nudge = await here.pool.fetchrow("SELECT status, reason, sent_at FROM nudges")
            found = list(resources(row, None if nudge is None else Sent(**dict(nudge))))
            assert found[0]["id"] == str(finding)
            assert found[0]["requester"] == {"display": "Anna"}
            assert not [word for word in CLINICAL if word in json.dumps(found)]
            return [(one["resourceType"], one["status"]) for one in found]

        assert await states() == [("CommunicationRequest", "active")]
        await here.contacts().sweep()
        assert await states() == [("CommunicationRequest", "completed"), ("Communication", "preparation")]
        await here.office.deliver()
        assert await states() == [("CommunicationRequest", "completed"), ("Communication", "completed")]
        await here.pool.execute("UPDATE nudges SET status = 'expired', sent_at = NULL, ended_at = now()")
        assert (await states())[1] == ("Communication", "not-done")
        await here.pool.execute("DELETE FROM nudges")
        assert (await states())[1] == ("Communication", "unknown")


async def test_what_was_not_written_in_the_end_is_revoked(database_url: str, tmp_path: Path) -> None:
    async with clinic(database_url, tmp_path) as here:
        await here.accepted()
        await here.withdraw("aino")
        await here.sweep()
        [row] = await here.pool.fetch(FINDINGS)
        [request] = resources(row, None)
        assert (request["status"], request["statusReason"]) == ("revoked", {"text": "no_ground"})


def test_the_command_writes_none_where_nothing_was_decided(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("DATABASE_URL", database_url), ("NEUVO_KEYS_URL", database_url)):
        monkeypatch.setenv(name, value)
    for name in ("NEUVO_MASTER_KEY", "NEUVO_INDEX_KEY"):
        monkeypatch.setenv(name, new_key())
    file = tmp_path / "sent.ndjson"
    said = CliRunner().invoke(main, ["health", "communications", "--to", str(file)])
    assert said.exit_code == 0, said.output
    assert file.read_text(encoding="utf-8") == ""
