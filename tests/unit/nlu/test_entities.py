from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.messages import Entity
from nlu.clock import find_times
from nlu.data import Name
from nlu.dates import find_days
from nlu.entities import Entities
from nlu.gazetteer import Gazetteer
from nlu.text import folded, understood

NOW = datetime(2026, 11, 26, 12)  # noqa: DTZ001  a Thursday; understanding is told local time
ENTITIES = Entities(
    Gazetteer(
        (
            Name(kind="district", id="kallio", language="fi", text="Kallio"),
            Name(kind="street", id="mannerheimintie", language="fi", text="Mannerheimintie"),
        )
    )
)


def found(text: str) -> tuple[Entity, ...]:
    whole = understood(text)
    return ENTITIES.all(whole, NOW, ENTITIES.places(whole))


def kinds(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in found(text)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tänään", "2026-11-26"),
        ("HUOMENNA", "2026-11-27"),
        ("ylihuomenna", "2026-11-28"),
        ("i går", "2026-11-25"),
        ("i övermorgon", "2026-11-28"),
        ("the day after tomorrow", "2026-11-28"),
        ("sunnuntaina", "2026-11-29"),
        ("torstaina", "2026-12-03"),
        ("tänä torstaina", "2026-11-26"),
        ("ensi viikon tiistaina", "2026-12-01"),
        ("tisdag nästa vecka", "2026-12-01"),
        ("next Friday", "2026-12-04"),
        ("viime maanantaina", "2026-11-23"),
        ("i söndags", "2026-11-22"),
        ("på lördag", "2026-11-28"),
        ("viikonloppuna", "2026-11-28"),
        ("24.12.", "2026-12-24"),
        ("24.12.2027", "2027-12-24"),
        ("1.11.", "2026-11-01"),
        ("3.3.", "2027-03-03"),
        ("29.2.", "2028-02-29"),
        ("den 3:e mars", "2027-03-03"),
        ("March 3rd", "2027-03-03"),
        ("24. joulukuuta", "2026-12-24"),
        ("juhannuksena", "2027-06-26"),
        ("på julafton", "2026-12-24"),
        ("New Year's Eve", "2026-12-31"),
        ("pääsiäisenä", "2027-03-28"),
        ("kahden viikon päästä", "2026-12-10"),
        ("om 3 dagar", "2026-11-29"),
        ("2 days ago", "2026-11-24"),
    ],
)
def test_days_as_people_say_them(text: str, day: str) -> None:
    assert [str(each.day) for each in find_days(folded(text), NOW.date())] == [day]


@pytest.mark.parametrize("text", ["31.2.", "joulutori", "may I come in", "30/30", "14.30"])
def test_what_is_no_day(text: str) -> None:
    assert find_days(folded(text), NOW.date()) == []


def test_a_day_beyond_the_calendar_is_none() -> None:
    assert find_days("999 viikon paasta", date(9999, 12, 1)) == []


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("klo 15", "15:00"),
        ("kl. 15.30", "15:30"),
        ("14.30", "14:30"),
        ("puoli kolme", "14:30"),
        ("halv tre", "14:30"),
        ("half past two", "14:30"),
        ("varttia vaille kolme", "14:45"),
        ("kvart över två", "14:15"),
        ("at 3 pm", "15:00"),
        ("12 am", "00:00"),
        ("kello kolmelta", "15:00"),
        ("illalla kahdeksalta", "20:00"),
        ("aamulla kuudelta", "06:00"),
        ("noon", "12:00"),
        ("klo 24", "00:00"),
    ],
)
def test_times_as_people_say_them(text: str, time: str) -> None:
    assert [f"{each.time:%H:%M}" for each in find_times(folded(text))] == [time]


def test_kinds_in_one_sentence_and_their_places_in_it() -> None:
    text = "Kalliossa huomenna klo 15, soita 040 1234567 tai matti@example.fi, meitä on 4"
    expected = [
        ("district", "kallio"),
        ("date", "2026-11-27"),
        ("time", "15:00"),
        ("phone", "+358401234567"),
        ("email", "matti@example.fi"),
        ("number", "4"),
    ]
    assert kinds(text) == expected
    assert all(text[entity.start : entity.end] == entity.text for entity in found(text))


def test_a_clock_before_it_makes_a_date_a_time() -> None:
    assert kinds("klo 10.12") == [("time", "10:12")]


def test_a_house_number_is_no_number() -> None:
    assert [kind for kind, _ in kinds("Mannerheimintie 112")] == ["street"]


def test_an_article_is_a_number_only_as_an_answer() -> None:
    assert kinds("yksi") == [("number", "1")]
    assert kinds("yksi kysymys vielä") == []


def test_an_identity_code_is_found_and_never_repeated() -> None:
    entities = found("tunnukseni on 131052-308T")
    assert [entity.kind for entity in entities] == ["identity_code"]
    assert "131052" not in repr(entities)


@pytest.mark.parametrize("text", ["131052-308U", "311352-308T", "x131052-308Tx"])
def test_a_wrong_identity_code_is_none(text: str) -> None:
    assert "identity_code" not in [kind for kind, _ in kinds(text)]


@pytest.mark.parametrize("text", ["", " ", "👍", "\ud800", "@@@@", "1" * 5000, "a@" * 900, "0" + " 1" * 900])
def test_odd_texts_are_borne(text: str) -> None:
    found(text)
