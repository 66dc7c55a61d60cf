"""The city's own templates and rules, and what is said of files that are not right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.city import ending_words
from bot.gsm import count
from bot.nudges_content import load_rules, load_templates
from bot.purposes import load_purposes
from channels.sms.render import bodies
from dialogs.words import Words
from knowledge.desk import load_desk
from knowledge.faults import ContentFaults
from knowledge.load import intents_of, load_content
from mydata.purposes import Purposes
from proactive.render import DIGEST_MOST, Part, digest, line, render, title
from proactive.rules import Rules
from proactive.template import Template, Templates
from tests.unit.proactive.templates import LANGUAGES

KNOWLEDGE = Path("knowledge")
HELSINKI = ZoneInfo("Europe/Helsinki")
CHANNELS = ("webchat", "sms", "telegram", "teams")


@pytest.fixture(scope="module")
def purposes() -> Purposes:
    return load_purposes(KNOWLEDGE, LANGUAGES)


@pytest.fixture(scope="module")
def load(purposes: Purposes) -> Callable[[Path], Templates]:
    words = Words.load(KNOWLEDGE / "commands.yaml", ending_words(purposes))
    desk = load_desk(KNOWLEDGE, LANGUAGES, intents_of(load_content(KNOWLEDGE)))
    return lambda folder: load_templates(folder, LANGUAGES, purposes, desk, words)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(KNOWLEDGE / "nudges", tmp_path / "city" / "nudges")
    shutil.copy(KNOWLEDGE / "proactive.yaml", tmp_path / "city")
    return tmp_path / "city"


def change(file: Path, old: str, new: str) -> int:
    """Change the first place of a text; its line."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def faults(load: Callable[[Path], object], folder: Path) -> list[str]:
    with pytest.raises(ContentFaults) as refused:
        load(folder)
    return [str(fault) for fault in refused.value.faults]


def test_every_template_of_the_city_is_said_in_every_language_on_every_channel(
    load: Callable[[Path], Templates],
) -> None:
    for template in load(KNOWLEDGE):
        for language in LANGUAGES:
            said = [_rendered(template, language, channel) for channel in CHANNELS]
            assert all("{" not in text and text.strip() for text in said)
    assert {template.id for template in load(KNOWLEDGE)} >= {
        "appointment_reminder", "preschool_place", "senior_checkin", "senior_checkin_again", "waste_pickup",
        "library_due", "daycare_deadline", "event_nearby", "street_cleaning", "snow_plowing", "health_message",
    }  # fmt: skip


def _rendered(template: Template, language: str, channel: str) -> str:
    reply = render(
        template, template.examples, language=language, channel=channel, zone=HELSINKI, payload=lambda choice: choice.id
    )
    assert reply.language == language
    for choice in template.choices:
        for sentence in filter(None, (choice.confirm, choice.thanks)):
            assert line(template, sentence, template.examples, language=language, zone=HELSINKI)
    assert title(template, template.examples, language=language, zone=HELSINKI)
    [body] = bodies(reply)
    assert count(body).parts <= 2
    assert count(body).encoding == "GSM-7"
    return body if channel == "sms" else reply.text


def test_nothing_of_health_is_in_the_message_about_it(load: Callable[[Path], Templates]) -> None:
    assert {placeholder.kind for placeholder in load(KNOWLEDGE).get("health_message").values.values()} == {"link"}


def test_a_check_in_is_asked_again_and_then_told_to_people(load: Callable[[Path], Templates]) -> None:
    templates = load(KNOWLEDGE)
    first = templates.get("senior_checkin")
    assert first.ladder is not None
    again = templates.get(first.ladder.again)
    assert (first.alarm, again.alarm) == ("help", "help")
    assert [choice.id for choice in again.choices] == [choice.id for choice in first.choices]
    assert "1 Hyvin\n2 Tarvitsen apua" in _rendered(first, "fi", "sms")


def test_the_longest_digest_is_one_reply_that_a_text_message_holds(load: Callable[[Path], Templates]) -> None:
    def said(key: str, language: str, **values: object) -> str:
        return f"{key} {language} {values}"

    template = load(KNOWLEDGE).get("street_cleaning")
    reply = render(
        template, template.examples, language="fi", channel="sms", zone=HELSINKI, payload=lambda choice: choice.id
    )
    sent = bodies(digest([Part("a", reply)] * DIGEST_MOST, language="fi", texts=said))
    assert sum(body.count("LOPETA KADUT") for body in sent) == DIGEST_MOST


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("waste_pickup", "purpose:", "porpoise:", "is a field that nobody knows"),
        ("waste_pickup", "waste_reminders", "waste_remainders", "there is no purpose “waste_remainders”"),
        ("waste_pickup", "urgency: routine", "urgency: soon", "urgency"),
        ("waste_pickup", "{hours: 18}", "{fortnights: 1}", "is not a length of time"),
        ("waste_pickup", "{hours: 18}", "{hours: 0}", "is no time at all"),
        ("waste_pickup", "digest: true", "digest: 7", "digest"),
        ("waste_pickup", "kind: date", "kind: day", "values.day.kind"),
        ("waste_pickup", "id: waste_pickup", "id: waste", "is not the file's name"),
        ("event_nearby", "Evenemang nära dig: {name}", "Evenemang nära dig – {nmae}", "there is no value “nmae”"),
        ("event_nearby", "{link} SLUTA EVENEMANG avslutar tipsen.", "{link} Hej då.", "does not say how to end"),
        ("appointment_reminder", "opens: appointment_move", "opens: appointment_mive", "there is no dialog"),
        ("appointment_reminder", "[tulen,", "[lopeta,", "“lopeta” is the command opt_out"),
        ("appointment_reminder", "confirm]", "\"yes\"]", "“yes” is the command opt_in on sms"),
        ("senior_checkin", "skill: social", "skill: socail", "there is no skill “socail”"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(
    load: Callable[[Path], Templates], folder: Path, file: str, old: str, new: str, words: str
) -> None:
    number = change(folder / "nudges" / f"{file}.yaml", old, new)
    told = [fault for fault in faults(load, folder) if words in fault]
    assert any(fault.startswith(f"city/nudges/{file}.yaml:{number}:") for fault in told), told


def test_an_older_version_stays_in_the_file(load: Callable[[Path], Templates], folder: Path) -> None:
    path = folder / "nudges" / "waste_pickup.yaml"
    text = path.read_text(encoding="utf-8")
    older = "\n".join(f"    {row}" for row in text.split("\n") if not row.startswith("id:"))
    path.write_text(
        text.replace("version: 1", "version: 2").replace("Jätteiden nouto {day}:", "Nouto {day}:")
        + f"versions:\n  -\n{older}\n",
        encoding="utf-8",
    )
    templates = load(folder)
    pinned, newest = templates.get("waste_pickup", 1), templates.get("waste_pickup")
    assert newest.version == 2
    assert newest.short is not None
    assert newest.short["fi"].startswith("Nouto")
    assert pinned == load(KNOWLEDGE).get("waste_pickup")
    change(path, "    version: 1", "    version: 2")
    assert any("2 is no older version" in fault for fault in faults(load, folder))


def test_a_city_without_templates_and_rules_has_none_and_the_programs_own(
    load: Callable[[Path], Templates], purposes: Purposes, tmp_path: Path
) -> None:
    assert len(load(tmp_path)) == 0
    assert load_rules(tmp_path, purposes) == Rules()


def test_the_rules_of_the_city(purposes: Purposes) -> None:
    rules = load_rules(KNOWLEDGE, purposes)
    assert (rules.quiet.begins, rules.quiet.ends) == (time(21), time(8))
    assert rules.held("routine").public_holidays
    assert not rules.held("timely").public_holidays
    assert not rules.held("urgent").quiet_hours
    assert rules.cap("health_outreach") != rules.cap("waste_reminders") == rules.caps["default"]
    assert rules.busy.crisis == timedelta(days=1)
    assert rules.stale_after["sms"] == timedelta(days=365)
    assert [rules.retry.wait(attempts) for attempts in (1, 2, 3, 90)] == [
        timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4), timedelta(hours=1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('from: "21:00"', 'from: "late"', "“late” is not a time of day"),
        ("quiet:", "silent:", "is a field that nobody knows"),
        ("health_outreach: {count: 2", "health_outreach: {count: 0", "caps.health_outreach.count"),
        ("health_outreach: {count: 2, days: 30", "health_outreach: {count: 2, days: 91", "caps.health_outreach.days"),
        ("events_nearby:", "events_far:", "there is no purpose of this name"),
        ("per_second: 25", "per_second: 0", "pace.telegram.per_second"),
        ("crisis: {hours: 24}", "crisis: 24", "busy.crisis"),
        ("timely: {quiet_hours: true", "timely: {quiet_hours: perhaps", "urgency.timely.quiet_hours"),
        ("attempts: 5", "attempts: many", "retry.attempts"),
    ],
)
def test_a_fault_of_the_rules_is_told_with_its_line(
    purposes: Purposes, folder: Path, old: str, new: str, words: str
) -> None:
    number = change(folder / "proactive.yaml", old, new)
    [told] = faults(lambda path: load_rules(path, purposes), folder)
    assert told.startswith(f"city/proactive.yaml:{number}:")
    assert words in told


def test_times_of_day_without_quotes_are_read_too(purposes: Purposes, folder: Path) -> None:
    change(folder / "proactive.yaml", '{from: "21:00", to: "08:00"}', "{from: 22:30, to: 07:00}")
    quiet = load_rules(folder, purposes).quiet
    assert (quiet.begins, quiet.ends) == (time(22, 30), time(7))
