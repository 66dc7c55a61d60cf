"""Every reason that the code gives for what becomes of a message has words in each language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.nudge_facts import REASONS
from bot.texts import Texts

ROOT = Path(__file__).parents[3]
GIVEN = re.compile(r"""(?:reason=|_Hold\(|_elsewhere\(nudge_id, channel, |"in_doubt" else |later\(.*?, )"([a-z_]+)\"""")
CLOSED = re.compile(r"""lambda route: (?:None if [\w.]+ else )?"([a-z_]+)\"""")
SUPPRESSED = ("opted_out", "wrong_number", "complaint")


def reasons() -> set[str]:
    """As they stand in the code of what the city writes first."""
    files = [*(ROOT / "proactive").glob("*.py"), *(ROOT / "bot").glob("nudge*.py")]
    found = {code for file in files for said in (GIVEN, CLOSED) for code in said.findall(file.read_text())}
    return found | set(REASONS.values()) | set(SUPPRESSED)


def test_the_reasons_are_found() -> None:
    assert {"quiet_hours", "unreachable", "stale_address", "undelivered", "provider_unavailable", "paced"} <= reasons()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_each_reason_is_said_in_words(language: str) -> None:
    texts = Texts.load(ROOT / "knowledge" / "texts", ["fi", "sv", "en"])
    for code in sorted(reasons()):
        assert texts(f"nudge.reason.{code}", language).endswith(".")
