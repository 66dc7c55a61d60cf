"""What an editor can get wrong in reminders.yaml, and where that is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.nudges_content import load_reminders
from knowledge.faults import ContentFaults
from proactive.reminders import Occasion
from proactive.template import Templates
from tests.unit.proactive.test_subscriptions import DAILY, WASTE, ZONE

TEMPLATES = Templates((WASTE, DAILY))
TITLE = "  title: {fi: a, sv: b, en: c}\n"
RIGHT = f"""
waste:
{TITLE}  template: waste_pickup
  asks: [place]
  date: day
  take: {{kind: summary}}
  at: "17:30"
  days_before: 2
  dates:
    - at: 2027-01-22
      values: {{summary: joulukuuset}}
    - at: "2027-01-23T09:00+02:00"
      values: {{summary: {{fi: paperi, sv: papper, en: paper}}}}
daily:
{TITLE}  template: senior_checkin
  rule: freq=daily
"""


def read(folder: Path, text: str) -> object:
    (folder / "reminders.yaml").write_text(text, encoding="utf-8")
    return load_reminders(folder, ("fi", "sv", "en"), TEMPLATES)


def test_a_right_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "reminders.yaml").write_text(RIGHT, encoding="utf-8")
    waste, daily = load_reminders(tmp_path, ("fi", "sv", "en"), TEMPLATES)
    assert (waste.at, waste.days_before, waste.every) == (time(17, 30), 2, timedelta(hours=6))
    assert waste.dates == (
        Occasion(id="own 1", at=date(2027, 1, 22), values={"summary": "joulukuuset"}),
        Occasion(
            id="own 2",
            at=datetime(2027, 1, 23, 7, tzinfo=UTC),
            values={"summary": {"fi": "paperi", "sv": "papper", "en": "paper"}},
        ),
    )
    assert waste.values(waste.dates[1], WASTE, "sv", ZONE) == {"kind": "papper", "day": "2027-01-23"}
    assert daily.rule == "FREQ=DAILY"


def test_a_city_without_the_file_offers_nothing(tmp_path: Path) -> None:
    assert len(load_reminders(tmp_path, ("fi",), TEMPLATES)) == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("  template: senior_checkin\n  rule: FREQ=HOURLY\n", "no rule of days"),
        ("  template: senior_checkin\n  rule: FREQ=DAILY;BYHOUR=9\n", "no rule of days"),
        ("  template: senior_checkin\n  rule: every day\n", "no rule of days"),
        ("  template: senior_checkin\n", "neither a rule, a feed nor dates"),
        ("  template: unknown\n  rule: FREQ=DAILY\n", "there is no template"),
        ("  template: senior_checkin\n  rule: FREQ=DAILY\n  asks: [day]\n", "asks for a day"),
        ("  template: waste_pickup\n  feed: waste\n  date: day\n", "value “kind” comes from"),
        ("  template: senior_checkin\n  rule: FREQ=DAILY\n  say: {colour: red}\n", "a value “colour”"),
        ("  template: waste_pickup\n  feed: waste\n  date: day\n  say: {kind: x}\n  dates: [{at: soon}]\n", "no date"),
        ("  template: senior_checkin\n  rule: FREQ=DAILY\n  at: noon\n", "not a time of day"),
        ("  template: senior_checkin\n  rule: FREQ=DAILY\n  colour: red\n", "colour"),
    ],
)
def test_each_fault_is_named_with_its_line(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(ContentFaults) as raised:
        read(tmp_path, f"kind:\n{TITLE}{body}")
    (text,) = {str(fault) for fault in raised.value.faults if said in str(fault)}
    assert "reminders.yaml:" in text


def test_a_title_is_in_every_language(tmp_path: Path) -> None:
    with pytest.raises(ContentFaults, match="has no sv"):
        read(tmp_path, "kind:\n  title: {fi: a, en: c}\n  template: senior_checkin\n  rule: FREQ=DAILY\n")
