from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.messages import Safety
from nlu.safety_reply import SafetyLines

FOLDER = Path(__file__).parents[3] / "knowledge" / "safety"
LINES = SafetyLines.load(FOLDER)
HELSINKI = ZoneInfo("Europe/Helsinki")
SUNDAY_NIGHT = datetime(2026, 11, 29, 3, 0, tzinfo=HELSINKI)


@pytest.mark.parametrize("kind", list(Safety))
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_answer_is_short_begins_with_112_and_names_an_open_line(kind: Safety, language: str) -> None:
    for hour in range(0, 24 * 7):
        reply = LINES.reply(kind, language, SUNDAY_NIGHT + timedelta(hours=hour))
        assert reply.short is not None
        assert len(reply.short) <= 300
        assert "112" in reply.short.split(".")[0] or "112" in reply.short
        assert "116 117" in reply.short
        assert reply.links[0].url == "tel:112"
        assert reply.language == language


def test_crisis_in_swedish_at_night_names_the_citys_duty_and_no_line_of_unknown_hours() -> None:
    reply = LINES.reply(Safety.CRISIS, "sv", SUNDAY_NIGHT)
    assert "09 310 44222" in reply.text
    assert "09 2525" not in reply.text


def test_crisis_in_finnish_names_the_finnish_line() -> None:
    assert "09 2525 0111" in LINES.reply(Safety.CRISIS, "fi", SUNDAY_NIGHT).text


def test_an_unknown_language_is_answered_in_the_first() -> None:
    assert LINES.reply(Safety.EMERGENCY, "de", SUNDAY_NIGHT).language == "fi"


def test_short_forms_stay_in_the_alphabet_of_text_messages() -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:-!äöåÄÖÅ")
    for kind in Safety:
        for language in ("fi", "sv", "en"):
            assert not set(LINES.reply(kind, language, SUNDAY_NIGHT).short or "") - allowed


def _with_hours(folder: Path, hours: str) -> SafetyLines:
    text = (FOLDER / "lines.yaml").read_text("utf-8").replace("hours: unknown", f"hours: {hours}")
    (folder / "lines.yaml").write_text(text, "utf-8")
    return SafetyLines.load(folder)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 7, 6, 5, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 6, 6, 0, tzinfo=UTC), True),  # 9.00 in summer
        (datetime(2026, 12, 7, 6, 30, tzinfo=UTC), False),  # 8.30 in winter
        (datetime(2026, 12, 7, 10, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 7, 11, 0, tzinfo=UTC), False),
        (datetime(2026, 12, 8, 10, 0, tzinfo=UTC), False),
    ],
)
def test_hours_that_an_operator_entered_are_local(tmp_path: Path, at: datetime, shown: bool) -> None:
    lines = _with_hours(tmp_path, '{mon: ["09:00-13:00"]}')
    assert ("09 2525 0112" in lines.reply(Safety.CRISIS, "sv", at).text) is shown


def test_until_midnight(tmp_path: Path) -> None:
    lines = _with_hours(tmp_path, '{sat: ["18:00-24:00"]}')
    assert "09 2525 0112" in lines.reply(Safety.CRISIS, "sv", datetime(2026, 11, 28, 23, 59, tzinfo=HELSINKI)).text
    assert "09 2525 0112" not in lines.reply(Safety.CRISIS, "sv", datetime(2026, 11, 29, 0, 0, tzinfo=HELSINKI)).text


@pytest.mark.parametrize("hours", ['{mon: ["9-13"]}', '{monday: ["09:00-13:00"]}', "often"])
def test_hours_that_cannot_be_read_are_refused_with_the_lines_name(tmp_path: Path, hours: str) -> None:
    with pytest.raises(ValueError, match="mieli_sv"):
        _with_hours(tmp_path, hours)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_soft_finding_is_one_line_with_a_number_that_answers(language: str) -> None:
    for hour in range(0, 24 * 7, 5):
        line = LINES.line(Safety.CRISIS, language, SUNDAY_NIGHT + timedelta(hours=hour))
        assert "\n" not in line
        assert len(line) < 160
        assert "09 2525 0111" in line or "09 310 44222" in line
    assert "112" in LINES.line(Safety.EMERGENCY, language, SUNDAY_NIGHT)
    assert LINES.line(Safety.CRISIS, "de", SUNDAY_NIGHT) == LINES.line(Safety.CRISIS, "fi", SUNDAY_NIGHT)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 11, 27, 17, 59, tzinfo=HELSINKI), False),  # a Friday
        (datetime(2026, 11, 27, 18, 0, tzinfo=HELSINKI), True),
        (datetime(2026, 11, 28, 0, 0, tzinfo=HELSINKI), True),
        (datetime(2026, 11, 28, 1, 59, tzinfo=HELSINKI), True),
        (datetime(2026, 11, 28, 2, 0, tzinfo=HELSINKI), False),
        (datetime(2026, 11, 28, 18, 0, tzinfo=HELSINKI), False),
        (datetime(2026, 11, 27, 1, 0, tzinfo=HELSINKI), False),
    ],
)
def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(tmp_path: Path, at: datetime, shown: bool) -> None:
    lines = _with_hours(tmp_path, '{fri: ["18:00-02:00"]}')
    assert ("09 2525 0112" in lines.reply(Safety.CRISIS, "sv", at).text) is shown


def test_on_a_public_holiday_only_the_hours_of_holidays_count(tmp_path: Path) -> None:
    every = ", ".join(f'{day}: ["09:00-13:00"]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    midday = [datetime(2026, 12, day, 11, 0, tzinfo=HELSINKI) for day in (4, 6, 25)]
    closed = _with_hours(tmp_path, f"{{{every}}}")
    assert ["09 2525 0112" in closed.reply(Safety.CRISIS, "sv", at).text for at in midday] == [True, False, False]
    open_then = _with_hours(tmp_path, f'{{{every}, holiday: ["10:00-12:00"]}}')
    assert all("09 2525 0112" in open_then.reply(Safety.CRISIS, "sv", at).text for at in midday)


def test_a_line_is_named_only_in_its_languages() -> None:
    for language, never in (("fi", "09 2525 0112"), ("sv", "09 2525 0111"), ("en", "09 2525 0111")):
        assert never not in LINES.reply(Safety.CRISIS, language, SUNDAY_NIGHT).text


def test_the_hour_that_is_missing_and_the_hour_that_comes_twice_in_a_night(tmp_path: Path) -> None:
    lines = _with_hours(tmp_path, '{sun: ["02:00-05:00"]}')
    for at in (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)):
        assert "09 2525 0112" in lines.reply(Safety.CRISIS, "sv", at).text


@pytest.mark.parametrize("key", ["lead", "short", "also", "soft"])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_sentence_that_is_missing_is_named_before_anyone_needs_it(tmp_path: Path, key: str, language: str) -> None:
    data = yaml.safe_load((FOLDER / "lines.yaml").read_text("utf-8"))
    del data["replies"]["crisis"][language][key]
    (tmp_path / "lines.yaml").write_text(yaml.safe_dump(data), "utf-8")
    with pytest.raises(ValueError, match=rf"replies\.crisis\.{language}\.{key} is missing\. Write"):
        SafetyLines.load(tmp_path)


def test_a_mark_that_nothing_fills_in_is_named(tmp_path: Path) -> None:
    text = (FOLDER / "lines.yaml").read_text("utf-8").replace("{number}", "{numero}", 1)
    (tmp_path / "lines.yaml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"soft has “\{numero\}”"):
        SafetyLines.load(tmp_path)
