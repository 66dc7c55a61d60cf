"""``neuvo health`` as it is typed, over a database and keys of its own."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.keys import new_key
from tests.unit.health.records import ISSUER, diabetes, patient, written


@pytest.fixture
def _settings(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    for name, value in {
        "DATABASE_URL": database_url,
        "NEUVO_KEYS_URL": database_url,
        "NEUVO_MASTER_KEY": new_key(),
        "NEUVO_INDEX_KEY": new_key(),
        "NEUVO_VAR_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)


def run(*words: str) -> Result:
    """Type it."""
    return CliRunner().invoke(main, ["health", *words])


@pytest.mark.usefixtures("_settings")
def test_records_are_imported_and_programmes_evaluated(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    written(folder, "all.ndjson", [patient(), diabetes("1"), diabetes("2", onsetDateTime="2015")])
    (folder / "readme.txt").write_text("no record")
    said = run("import", str(folder), "--issuer", ISSUER)
    assert said.exit_code == 0, said.output
    assert "patients_passed_over: 1" in said.output  # nobody has logged in
    said = run("evaluate", "hba1c_overdue", "--report", "--on", "2026-11-27")
    report = orjson.loads(said.output)
    assert (report["resourceType"], report["date"]) == ("MeasureReport", "2026-11-27")


@pytest.mark.usefixtures("_settings")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["import"], "NEUVO_LOGIN_OIDC_ISSUER"),
        (["import", "--issuer", ISSUER], "name files or folders"),
        (["import", "--issuer", ISSUER, "--from", "http://127.0.0.1:9/fhir"], "does not answer"),
        (["evaluate", "cold"], "there is no programme cold; there are blood_pressure"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(words: list[str], told: str) -> None:
    said = run(*words)
    assert said.exit_code == 1
    assert told in said.output


def test_programmes_are_listed() -> None:
    assert "hba1c_overdue: version 1" in run("programmes").output
