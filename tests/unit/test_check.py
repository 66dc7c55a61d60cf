"""``neuvo check``, as an editor runs it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

Check = Callable[[], Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree("knowledge", tmp_path / "knowledge"))


@pytest.fixture
def check(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    monkeypatch.setenv("NEUVO_CITY", str(folder))
    return lambda: CliRunner().invoke(main, ["check"])


def change(file: Path, old: str, new: str) -> int:
    """Change the first place of a text; its line."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_citys_own_folder_has_no_faults(check: Check) -> None:
    result = check()
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "no faults")


def test_every_fault_is_named_at_once_with_file_line_and_remedy(folder: Path, check: Check) -> None:
    topic, words = folder / "topics" / "library_card.yaml", folder / "commands.yaml"
    line = change(topic, "short:", "shrot:")
    other = change(words, "alkuun", "takaisin")
    found = check()
    assert found.exit_code == 1
    assert f"library_card.yaml:{line}:" in found.output
    topic.write_text(topic.read_text(encoding="utf-8").replace("shrot:", "short:"), encoding="utf-8")
    found = check()
    assert found.exit_code == 1
    assert f"commands.yaml:{other}:" in found.output
    assert "Take it out of one of the two" in found.output


def test_a_typo_in_the_yaml_is_told_with_its_line(folder: Path, check: Check) -> None:
    line = change(folder / "topics" / "library_card.yaml", "held_out:", "held_out")
    found = check()
    assert found.exit_code == 1
    assert "Traceback" not in found.output
    assert any(f"library_card.yaml:{near}:" in found.output for near in (line, line + 1, line + 2))


def test_an_old_review_warns_and_stops_nothing(folder: Path, check: Check) -> None:
    change(folder / "topics" / "library_card.yaml", "reviewed: 2026", "reviewed: 2020")
    found = check()
    assert found.exit_code == 0
    assert "warning: " in found.output
    assert "more than a year ago" in found.output


def test_a_wrong_setting_is_named(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_PORT", "eighty")
    found = check()
    assert found.exit_code == 1
    assert "NEUVO_PORT" in found.output


def test_a_folder_that_cannot_be_written_is_told_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var").write_text("a file where a folder should be")
    monkeypatch.setenv("NEUVO_VAR_DIR", str(tmp_path / "var"))
    result = CliRunner().invoke(main, ["dev"])
    assert result.exit_code == 1
    assert "set NEUVO_VAR_DIR" in result.output


def test_phrases_of_two_topics_that_have_the_same_words_are_a_warning(folder: Path, check: Check) -> None:
    first = folder / "topics" / "library_card.yaml"
    line = change(folder / "topics" / "dog_park.yaml", "  fi:\n", '  fi:\n    - "xyz kortti kirjästöön"\n')
    change(first, "phrases:\n  fi:\n", 'phrases:\n  fi:\n    - "Kirjastoon xyz kortti?"\n')
    found = check()
    assert found.exit_code == 0
    assert "has the same words as" in found.output
    assert f"dog_park.yaml:{line + 1}" in found.output or "library_card.yaml" in found.output


def test_a_safety_line_without_its_soft_sentence_is_a_fault(folder: Path, check: Check) -> None:
    change(folder / "safety" / "lines.yaml", "      soft:", "      sotf:")
    found = check()
    assert found.exit_code == 1
    assert "replies.emergency.fi.soft is missing. Write the one line" in found.output


def test_faults_of_what_the_city_writes_first_are_told_at_once(folder: Path, check: Check) -> None:
    rules = change(folder / "proactive.yaml", "  health_outreach:", "  health_reach:")
    template = change(folder / "nudges" / "senior_checkin.yaml", "skill: social", "skill: soical")
    found = check()
    assert found.exit_code == 1
    assert f"proactive.yaml:{rules}: caps.health_reach: there is no purpose of this name." in found.output
    assert f"senior_checkin.yaml:{template}: ladder.skill: there is no skill “soical”" in found.output


def test_a_fault_of_a_health_programme_is_named(folder: Path, check: Check) -> None:
    line = change(folder / "programmes" / "blood_pressure.yaml", "value_set: hypertension", "value_set: hypotension")
    found = check()
    assert found.exit_code == 1
    assert f"blood_pressure.yaml:{line}: there is no value set “hypotension”" in found.output
