"""``neuvo import`` from a terminal: what it says, and that it ends in plain words."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from bot.cli import main
from tests.unit.knowledge.stand import unit


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Iterator[None]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    for name in ("NEUVO_UNITS_URL", "NEUVO_UNIT_CONNECTIONS_URL", "NEUVO_CITY"):
        monkeypatch.delenv(name, raising=False)
    yield
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers[:], level = before
    root.setLevel(level)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["import", *arguments])


def test_units_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "units.json"
    file.write_text(json.dumps([unit(n) for n in range(1, 4)]), encoding="utf-8")
    first = run("units", "--from", str(file)).output
    assert first == "units: 3 kept, 3 added, 0 changed, 0 removed, 0 elsewhere, 0 broken\n"
    file.write_text(json.dumps([unit(1)]), encoding="utf-8")
    refused = run("units", "--from", str(file))
    assert refused.exit_code == 1
    assert "1 rows where there were 3 (--force takes them). The last copy stays" in refused.output
    assert re.fullmatch(r"units: 3 rows, read [-0-9]+ [0-9:]+ UTC, then ImportRefused\n", run("state").output)
    assert "2 removed" in run("units", "--from", str(file), "--force").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("units",), "set NEUVO_UNITS_URL"),
        (("units", "--from", "nowhere.json"), "nowhere.json: No such file"),
        (("units", "--from", "http://127.0.0.1:1/"), "units: ClientConnectorError. The last copy stays"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output


def test_a_database_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "units.json").write_text("[]", encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = run("units", "--from", "units.json")
    assert "the database does not answer (ConnectionRefusedError)" in result.output


def test_before_any_import() -> None:
    assert run("state").output == "nothing has been imported\n"


def test_pages_from_a_table_become_drafts(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("question,answer\nMissä uida?,Rannalla.\n", encoding="utf-8")
    result = run("pages", "faq.csv", "--into", "drafts")
    assert result.output == "1 drafts written to drafts, 0 there already, 0 pages not read\n"
    assert (tmp_path / "drafts" / "missa_uida.yaml").read_text(encoding="utf-8").startswith("draft: true\n")
    assert "no column answer" in run("pages", str(_written(tmp_path / "x.csv", "question\nx\n"))).output
    assert "pages: ClientConnectorError" in run("pages", "http://127.0.0.1:1/sitemap.xml").output


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
