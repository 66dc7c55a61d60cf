"""The city's rules of how long data is kept: read whole, and every fault is named with its line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mydata.retention_rules import CATEGORIES, RetentionFaults, Rules

LANGUAGES = ("fi", "sv", "en")
KNOWLEDGE = Path(__file__).resolve().parents[3] / "knowledge"


def test_the_rules_of_this_repository_are_right() -> None:
    rules = Rules.load(KNOWLEDGE, LANGUAGES)
    assert set(rules.keep) == set(CATEGORIES)
    assert rules.keep["attachments"] == timedelta(days=90)
    assert all(set(words) == set(LANGUAGES) for words in rules.holds.values())


def _faults(folder: Path, text: str) -> list[tuple[int, str]]:
    (folder / "retention.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RetentionFaults) as raised:
        Rules.load(folder, LANGUAGES)
    return [(fault.line, fault.message) for fault in raised.value.faults]


def test_each_fault_has_its_line(tmp_path: Path) -> None:
    days = "".join(f"  {name}: 400\n" for name in CATEGORIES if name not in {"inbox", "audit", "state"})
    text = f"days:\n{days}  state: 3 weeks\n  audit: 30\n  photos: 5\nholds:\n  claim: {{fi: 'Kysy.', sv: ''}}\n"
    found = _faults(tmp_path, text)
    after = days.count("\n") + 2
    assert found == [
        (2, "“inbox” is missing"),
        (after, "“state” is no number of days"),
        (after + 1, "“audit” is no number of days"),
        (after + 2, "“photos” is nothing that is kept"),
        (after + 4, "“claim” is not said in sv, en"),
    ]


def test_a_file_that_is_not_there_or_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(RetentionFaults, match="is missing"):
        Rules.load(tmp_path, LANGUAGES)
    assert _faults(tmp_path, "# later\n") == [(1, "is empty")]
    assert _faults(tmp_path, "days: [") == [(1, "is not YAML in UTF-8")]
    assert _faults(tmp_path, "days:\n") == [(1, "has no “days”"), (1, "has no “holds”")]
