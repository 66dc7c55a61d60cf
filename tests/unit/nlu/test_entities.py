from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.messages import Entity
from nlu.clock import find_times
from nlu.data import Name
from nlu.dates import find_days
from nlu.entities import Entities
from nlu.gazetteer import Gazetteer
from nlu.numbers import find_numbers
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


@pytest.mark.parametrize(
    "text", ["", " ", "👍", "\ud800", "@@@@", "1" * 5000, "a@" * 900, "0" + " 1" * 900, "sextio" * 300 + "x"]
)
def test_odd_texts_are_borne(text: str) -> None:
    found(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("huomisaamuna", "2026-11-27"),
        ("huomenillalla", "2026-11-27"),
        ("eilisiltana", "2026-11-25"),
        ("tänä aamuna", "2026-11-26"),
        ("i morse", "2026-11-26"),
        ("tämän viikon perjantaina", "2026-11-27"),
        ("ens viikon perjantaina", "2026-12-04"),
        ("perjantai-iltana", "2026-11-27"),
        ("maanantaiaamuna", "2026-11-30"),
        ("på lördagkväll", "2026-11-28"),
        ("tisdagen den 1 december", "2026-12-01"),
        ("viikon päästä tiistaina", "2026-12-08"),
        ("en vecka på tisdag", "2026-12-08"),
        ("a week from Tuesday", "2026-12-08"),
        ("kuukauden päästä", "2026-12-26"),
        ("om en månad", "2026-12-26"),
        ("in a month", "2026-12-26"),
        ("vuoden päästä", "2027-11-26"),
        ("nästa helg", "2026-12-05"),
        ("ensi viikonloppuna", "2026-12-05"),
        ("ensi kuun 5. päivä", "2026-12-05"),
        ("tämän kuun 30. päivä", "2026-11-30"),
        ("5. päivä", "2026-12-05"),
        ("first of May", "2027-05-01"),
        ("the twenty-fourth of December", "2026-12-24"),
        ("första maj", "2027-05-01"),
        ("toukokuun ensimmäinen", "2027-05-01"),
        ("viides joulukuuta", "2026-12-05"),
        ("December 24, 2026", "2026-12-24"),
        ("jouluaattona", "2026-12-24"),
        ("uutenavuotena", "2027-01-01"),
        ("äitienpäivänä", "2027-05-09"),
        ("isänpäivänä", "2027-11-14"),
        ("på morsdag", "2027-05-09"),
        ("Mother's Day", "2027-05-09"),
        ("laskiaistiistaina", "2027-02-09"),
        ("på lucia", "2026-12-13"),
        ("första advent", "2026-11-29"),
    ],
)
def test_more_days_as_people_say_them(text: str, day: str) -> None:
    for written in (text, text.upper(), f"{text}?", f"voinko tulla {text} vai en"):
        assert [str(each.day) for each in find_days(folded(written), NOW.date())] == [day]


@pytest.mark.parametrize(
    ("today", "text", "day"),
    [
        (date(2028, 2, 28), "huomenna", "2028-02-29"),
        (date(2027, 2, 28), "huomenna", "2027-03-01"),
        (date(2028, 2, 29), "vuoden päästä", "2029-02-28"),
        (date(2027, 1, 31), "kuukauden päästä", "2027-02-28"),
        (date(2026, 12, 31), "huomenna", "2027-01-01"),
        (date(2026, 12, 31), "ensi viikon maanantaina", "2027-01-04"),
        (date(2026, 12, 31), "1.1.", "2027-01-01"),
        (date(2027, 1, 2), "31.12.", "2026-12-31"),
        (date(2027, 1, 2), "uudenvuodenaattona", "2027-12-31"),
        (date(2027, 3, 27), "huomenna", "2027-03-28"),
        (date(2027, 10, 30), "ylihuomenna", "2027-11-01"),
        (date(2027, 1, 31), "30. päivä", "2027-03-30"),
        (date(2026, 11, 29), "viikonloppuna", "2026-11-29"),
        (date(2026, 11, 30), "viikonloppuna", "2026-12-05"),
    ],
)
def test_turns_of_years_leap_days_and_days_without_an_hour(today: date, text: str, day: str) -> None:
    assert [str(each.day) for each in find_days(folded(text), today)] == [day]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("puol kolme", "14:30"),
        ("puoli kolmelta", "14:30"),
        ("aamulla puoli kahdeksan", "07:30"),
        ("aamukahdeksalta", "08:00"),
        ("iltaseitsemältä", "19:00"),
        ("puoliltapäivin", "12:00"),
        ("puolilta öin", "00:00"),
        ("fem i halv tre", "14:25"),
        ("fem över halv tre", "14:35"),
        ("vid tretiden", "15:00"),
        ("klockan åtta på kvällen", "20:00"),
        ("half three", "15:30"),  # as the British mean it
        ("quarter to three", "14:45"),
        ("seven in the evening", "19:00"),
        ("huomisaamuna kahdeksalta", "08:00"),
    ],
)
def test_more_times_as_people_say_them(text: str, time: str) -> None:
    for written in (text, text.upper(), f"{text}!", f"sopiiko {text} teille"):
        assert [f"{each.time:%H:%M}" for each in find_times(folded(written))] == [time]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("kaksikymmentäviisi", "25"),
        ("viisitoista", "15"),
        ("kolmekymmentä", "30"),
        ("kaksisataa", "200"),
        ("sata viisikymmentä", "150"),
        ("tuhat", "1000"),
        ("2 000", "2000"),
        ("1,5", "1.5"),
        ("puolitoista", "1.5"),
        ("tjugofem", "25"),
        ("femton", "15"),
        ("hundrafemtio", "150"),
        ("tvåhundra", "200"),
        ("twenty-five", "25"),
        ("a hundred", "100"),
        ("two hundred", "200"),
        ("three thousand", "3000"),
        ("one hundred and five", "105"),
    ],
)
def test_numbers_in_words_and_digits(text: str, value: str) -> None:
    assert [each.value for each in find_numbers(folded(text))] == [value]
    assert [each.value for each in find_numbers(folded(text.upper()))] == [value]


def test_the_case_from_a_place_is_no_evening() -> None:
    assert [f"{each.time:%H:%M}" for each in find_times(folded("Malmilta kahdeksalta"))] == ["08:00"]


def test_numbers_next_to_each_other_stay_apart() -> None:
    assert [each.value for each in find_numbers("1 2 3")] == ["1", "2", "3"]
    assert [each.value for each in find_numbers("kaksi kolme")] == ["2", "3"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20 €", "20.00 EUR"),
        ("€15", "15.00 EUR"),
        ("12,50 euroa", "12.50 EUR"),
        ("12.50 e", "12.50 EUR"),
        ("1 200 e", "1200.00 EUR"),
        ("1.200,50 €", "1200.50 EUR"),
        ("80 euron sakko", "80.00 EUR"),
        ("kaksikymmentä euroa", "20.00 EUR"),
        ("tvåhundra euro", "200.00 EUR"),
        ("two hundred euros", "200.00 EUR"),
        ("50 senttiä", "0.50 EUR"),
    ],
)
def test_sums_of_money(text: str, value: str) -> None:
    assert kinds(text) == [("money", value)]


@pytest.mark.parametrize("text", ["20 eurooppalaista", "Eurooppa 20", "20 elokuvaa", "e 20"])
def test_what_is_no_money(text: str) -> None:
    assert "money" not in [kind for kind, _ in kinds(text)]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("5-vuotias", "5"),
        ("viisivuotiaalle", "5"),
        ("yksivuotias", "1"),
        ("16 vuotiaat", "16"),
        ("en femåring", "5"),
        ("5 år gammal", "5"),
        ("5-åringar", "5"),
        ("five years old", "5"),
        ("5-year-old", "5"),
        ("aged 7", "7"),
        ("85 years old", "85"),
    ],
)
def test_ages(text: str, years: str) -> None:
    assert [value for kind, value in kinds(text) if kind == "age"] == [years]


def test_a_city_is_older_than_a_person() -> None:
    assert "age" not in [kind for kind, _ in kinds("475-vuotias kaupunki")]


@pytest.mark.parametrize(
    ("text", "plate"), [("ABC-123", "ABC-123"), ("autoni on xyz-1", "XYZ-1"), ("ÄÖÅ-99", "ÄÖÅ-99")]
)
def test_plates(text: str, plate: str) -> None:
    assert [value for kind, value in kinds(text) if kind == "plate"] == [plate]


@pytest.mark.parametrize("text", ["HSL-20", "pdf-1", "covid-19", "A-123", "klo-12", "ABC-1234", "ABC-012", "10-12"])
def test_what_is_no_plate(text: str) -> None:
    assert "plate" not in [kind for kind, _ in kinds(text)]


VALID = [
    "010594Y9032", "010594Y9021", "020594X903P", "020594X902N", "030594W903B", "030694W9024", "040594V9030",
    "040594V902Y", "050594U903M", "050594U902L", "010516B903X", "010516B902W", "020516C903K", "020516C902J",
    "030516D9037", "030516D9026", "010501E9032", "020502E902X", "020503F9037", "020504A902E", "020504B904H",
]  # fmt: skip
"""DVV's hypothetical persons of the reform of 2023, all of the series 900 that nobody is given."""


@pytest.mark.parametrize("code", VALID)
def test_identity_codes_of_every_century_sign(code: str) -> None:
    for written in (code, code.lower(), f"hetu: {code}.", f"({code})"):
        assert [kind for kind, _ in kinds(written)] == ["identity_code"], written
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert "identity_code" not in [kind for kind, _ in kinds(wrong)]
    assert "identity_code" not in [kind for kind, _ in kinds(code + "2")]


@pytest.mark.parametrize("code", ["310252-308Y", "010594Y9031", "010594Y90322", "000000-0000", "290201-9000"])
def test_codes_that_nobody_can_have(code: str) -> None:
    assert "identity_code" not in [kind for kind, _ in kinds(code)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0401234567", "+358401234567"),
        ("040-123 4567", "+358401234567"),
        ("+358 40 1234567", "+358401234567"),
        ("00358401234567", "+358401234567"),
        ("+358(0)401234567", "+358401234567"),
        ("09 310 10023", "+358931010023"),
        ("+46 70 123 45 67", "+46701234567"),
    ],
)
def test_phone_numbers(text: str, number: str) -> None:
    assert ("phone", number) in kinds(f"soita {text} kiitos")
