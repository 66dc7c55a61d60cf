"""Whole kinds of input rather than single strings: every hour as it is said, numbers in words, codes, plates, dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import Safety
from nlu.clock import find_times
from nlu.dates import find_days
from nlu.entities import Entities
from nlu.gazetteer import Gazetteer
from nlu.mask import mask
from nlu.numbers import find_numbers
from nlu.safety import SafetyRules
from nlu.text import folded, understood
from tests.unit.nlu.generators import spellings

NOW = datetime(2026, 11, 26, 12)  # noqa: DTZ001  understanding is told local time
ENTITIES = Entities(Gazetteer(()))
RULES = SafetyRules.load(Path(__file__).parents[3] / "knowledge" / "safety")
HOURS = {
    "fi": [
        "yksi",
        "kaksi",
        "kolme",
        "neljä",
        "viisi",
        "kuusi",
        "seitsemän",
        "kahdeksan",
        "yhdeksän",
        "kymmenen",
        "yksitoista",
        "kaksitoista",
    ],
    "sv": ["ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv"],
    "en": ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
}  # fmt: skip
CLOCK = {
    # Minutes after the hour that is named.
    "puoli {fi}": -30, "varttia yli {fi}": 15, "vartin yli {fi}": 15, "varttia vaille {fi}": -15,
    "kymmentä yli {fi}": 10, "viittä vaille {fi}": -5, "kello {fi}": 0,
    "halv {sv}": -30, "kvart över {sv}": 15, "kvart i {sv}": -15, "tio över {sv}": 10, "fem i {sv}": -5,
    "klockan {sv}": 0,
    "half past {en}": 30, "quarter past {en}": 15, "quarter to {en}": -15, "ten past {en}": 10, "five to {en}": -5,
    "{en} o'clock": 0,
}  # fmt: skip
CHECK = "0123456789ABCDEFHJKLMNPRSTUVWXY"
CENTURIES = {"+": 18, **dict.fromkeys("-YXWVU", 19), **dict.fromkeys("ABCDEF", 20)}


def kinds(text: str) -> list[tuple[str, str]]:
    whole = understood(text)
    return [(each.kind, each.value) for each in ENTITIES.all(whole, NOW, ENTITIES.places(whole))]


@pytest.mark.parametrize("hour", range(1, 13))
@pytest.mark.parametrize("said", CLOCK)
def test_every_hour_as_it_is_said(said: str, hour: int) -> None:
    text = said.format(**{language: words[hour - 1] for language, words in HOURS.items()})
    for spelling in (*spellings(text), f"sopiiko {text} teille"):
        found = [each.time for each in find_times(folded(understood(spelling)))]
        assert len(found) == 1, spelling
        minutes = found[0].hour * 60 + found[0].minute
        assert (minutes - hour * 60 - CLOCK[said]) % 720 == 0, (spelling, found)


@pytest.mark.parametrize(("hour", "minute"), [*product(range(24), (0, 5, 30, 59))])
def test_every_hour_in_digits(hour: int, minute: int) -> None:
    for text in (f"klo {hour}.{minute:02}", f"kl. {hour}:{minute:02}", f"at {hour}:{minute:02}"):
        assert [f"{each.time:%H:%M}" for each in find_times(folded(text))] == [f"{hour:02}:{minute:02}"]


FI_TENS = ("", "", *(f"{word}kymmentä" for word in HOURS["fi"][1:9]))
SV_TENS = ("", "", "tjugo", "trettio", "fyrtio", "femtio", "sextio", "sjuttio", "åttio", "nittio")
EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def words(number: int) -> tuple[str, str, str]:
    """A number from 20 to 999 in words, in three languages."""
    hundreds, rest = divmod(number, 100)
    ten, one = divmod(rest, 10)
    fi, sv, en = ((HOURS[language][one - 1] if one else "") for language in ("fi", "sv", "en"))
    below = (FI_TENS[ten] + fi, SV_TENS[ten] + sv, "-".join(filter(None, (EN_TENS[ten], en))))
    if not hundreds:
        return below
    first = HOURS["fi"][hundreds - 1], HOURS["sv"][hundreds - 1], HOURS["en"][hundreds - 1]
    many = "sata" if hundreds == 1 else f"{first[0]}sataa"
    return many + below[0], f"{first[1]}hundra{below[1]}", " and ".join(filter(None, (f"{first[2]} hundred", below[2])))


@pytest.mark.parametrize("number", [*range(20, 100), 100, 200, 121, 250, 333, 420, 555, 680, 777, 841, 999])
def test_numbers_in_words(number: int) -> None:
    for text in words(number):
        for spelling in (text, text.upper(), f"{text}."):
            assert [each.value for each in find_numbers(folded(spelling))] == [str(number)], spelling


@st.composite
def codes(draw: st.DrawFn) -> str:
    """An identity code of the series 900 that could be, of any century sign."""
    sign = draw(st.sampled_from(sorted(CENTURIES)))
    year = draw(st.integers(0, 26 if CENTURIES[sign] == 20 else 99))
    born = date(100 * CENTURIES[sign] + year, 1, 1) + timedelta(days=draw(st.integers(0, 364)))
    serial = draw(st.integers(900, 999))
    whole = int(f"{born:%d%m%y}{serial}")
    return f"{born:%d%m%y}{sign}{serial}{CHECK[whole % 31]}"


@settings(deadline=None, max_examples=150, derandomize=True)
@given(codes(), st.sampled_from(["{}", "hetu {}", "({})", "tunnukseni on {}, kiitos", "{}."]))
def test_identity_codes_are_found_whole_and_masked_even_where_they_are_wrong(code: str, around: str) -> None:
    for written in (code, code.lower()):
        assert [kind for kind, _ in kinds(around.format(written))] == ["identity_code"]
    wrong = code[:-1] + CHECK[(CHECK.index(code[-1]) + 7) % 31]
    assert "identity_code" not in [kind for kind, _ in kinds(around.format(wrong))]
    for each in (code, wrong):
        assert each[-5:] not in mask(around.format(each))


@settings(deadline=None, max_examples=100, derandomize=True)
@given(
    st.from_regex(r"[A-Z][AEIOUY][BDGKMRTVXZ]", fullmatch=True),
    st.integers(1, 999),
    st.sampled_from(["{}", "autoni on {}", "{} tukkii tien", "rekkari {}?"]),
)
def test_plates(letters: str, number: int, around: str) -> None:
    plate = f"{letters}-{number}"
    assert ("plate", plate) in kinds(around.format(plate))
    assert plate not in mask(around.format(plate))


@settings(deadline=None, max_examples=100, derandomize=True)
@given(
    st.sampled_from(["40", "44", "45", "46", "50"]),
    st.integers(2_000_000, 9_999_999),
    st.sampled_from(
        ["0{a}{b}{c}", "0{a} {b} {c}", "0{a}-{b}{c}", "+358 {a} {b} {c}", "00358{a}{b}{c}", "+358{a}{b}{c}"]
    ),
    st.sampled_from(["{}", "soita {}", "numeroni on {}.", "({})", "ring mig på {} tack"]),
)
def test_phone_numbers_in_any_grouping(operator: str, number: int, form: str, around: str) -> None:
    digits = str(number)
    text = around.format(form.format(a=operator, b=digits[:3], c=digits[3:]))
    assert ("phone", f"+358{operator}{digits}") in kinds(text)
    assert digits[3:] not in mask(text)


@settings(deadline=None, max_examples=100, derandomize=True)
@given(
    st.from_regex(r"[a-z][a-z0-9]{1,8}([._-][a-z0-9]{2,8})?", fullmatch=True),
    st.sampled_from(["example.fi", "EXAMPLE.ORG", "sub.example.co.uk"]),
    st.sampled_from(["{}", "osoitteeni on {}.", "<{}>", "mejla {}, tack", "{}?"]),
)
def test_mail_addresses(local: str, domain: str, around: str) -> None:
    address = f"{local}@{domain}"
    assert [value.lower() for kind, value in kinds(around.format(address)) if kind == "email"] == [address.lower()]
    assert local not in mask(around.format(address)).split("‹")[-1]


TODAY = {"tänään": 0, "huomenna": 1, "ylihuomenna": 2, "eilen": -1, "i dag": 0, "i morgon": 1, "i övermorgon": 2,
         "i går": -1, "today": 0, "tomorrow": 1, "the day after tomorrow": 2, "yesterday": -1}  # fmt: skip
EDGES = [
    *(date(2026, 12, 31) + timedelta(days=after) for after in range(-1, 3)),
    *(date(2028, 2, 28) + timedelta(days=after) for after in range(3)),
    *(date(2027, 3, 27) + timedelta(days=after) for after in range(3)),  # the clocks go forward on the second
    *(date(2027, 10, 30) + timedelta(days=after) for after in range(3)),  # and back
]


@pytest.mark.parametrize("today", EDGES)
@pytest.mark.parametrize("said", TODAY)
def test_days_near_the_turns_of_years_months_and_the_clocks(said: str, today: date) -> None:
    for spelling in spellings(f"sopiiko {said}"):
        found = [each.day for each in find_days(folded(understood(spelling)), today)]
        assert found == [today + timedelta(days=TODAY[said])], spelling


@pytest.mark.parametrize("after", range(1, 31))
def test_every_day_of_the_week_to_come_is_within_a_week(after: int) -> None:
    today = date(2026, 12, 20) + timedelta(days=after)
    for number, names in enumerate(
        zip(
            ["maanantaina", "tiistaina", "keskiviikkona", "torstaina", "perjantaina", "lauantaina", "sunnuntaina"],
            ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"],
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
            strict=True,
        )
    ):
        for text in (names[0], f"på {names[1]}", f"on {names[2]}"):
            (found,) = find_days(folded(text), today)
            assert found.day.weekday() == number
            assert timedelta(0) < found.day - today <= timedelta(7)


FI_DAYS = ("maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai", "sunnuntai")
FI_CASES = (
    "na",
    "lle",
    "lta",
    "sta",
    "ksi",
    "n",
    "ta",
    "l",
    "ks",
    "aamulle",
    "-iltana",
    "illaksi",
    "iltapäivälle",
    "nako",
)
SHORT = {
    "{}:na klo 10": "ma ti ke to pe la su", "{}:lle": "ma ti ke to pe la su", "{}-iltana": "ma ti ke to pe la su",
    "sopiiko {} klo 12": "ma ti ke to pe la su", "{} kello 9": "ma ti ke to pe la su",
    "ensi {}": "ma ti ke to pe la su",
    "passar det på {}": "- tis ons tors fre lör -", "{} kl 10": "- tis ons tors fre lör -",
    "is it open on {}": "mon tue wed thu fri sat -", "{} at 10": "mon tues weds thurs fri sat -",
}  # fmt: skip
NO_DAYS = (
    "haluan to perua", "go to the library", "la la la", "ke", "missä on pe", "su", "ma-pe 8-16", "I want to wed",
    "hon sat där", "solen", "fri entré", "the sun is out", "min son", "hur många per man", "tue minua", "viikolle",
)  # fmt: skip


@pytest.mark.parametrize("today", [date(2026, 12, 21) + timedelta(days=day) for day in range(7)])
def test_every_weekday_in_every_case(today: date) -> None:
    for number, name in enumerate(FI_DAYS):
        weak = name.replace("kko", "ko")
        said = [
            f"{weak if ending in {'lle', 'lta', 'sta', 'ksi', 'n', 'l', 'ks'} else name}{ending}" for ending in FI_CASES
        ]
        for text in (*said, f"{name[:-1]}ihin" if name.endswith("i") else f"{name}on"):
            (found,) = find_days(folded(f"varaan ajan {text}"), today)
            assert found.day.weekday() == number, text
            assert timedelta(0) < found.day - today <= timedelta(7), text


@pytest.mark.parametrize("said", SHORT)
def test_a_weekday_in_short_is_a_day_where_something_says_so(said: str) -> None:
    today = date(2026, 12, 23)
    for number, name in enumerate(SHORT[said].split()):
        if name != "-":
            days = {found.day for found in find_days(folded(said.format(name)), today)}
            assert days == {today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)}, name


@pytest.mark.parametrize("text", NO_DAYS)
def test_words_that_look_like_weekdays_in_short_are_none(text: str) -> None:
    assert find_days(folded(text), date(2026, 12, 23)) == []


LINES_112 = [
    *(f"{kind} 112 {rest}" for kind, rest in product(("bussi", "linja"), ("ei tullut", "on myöhässä", "pysäkki"))),
    *(f"{kind} 112 {rest}" for kind, rest in product(("buss", "linje"), ("kom inte", "är sen", "hållplats"))),
    *(f"{kind} 112 {rest}" for kind, rest in product(("bus", "line"), ("did not come", "is late", "stop"))),
    *(f"{street} 112" for street in ("Mannerheimintie", "Hämeentiellä", "Vuorikatu", "Tavastvägen", "Berggatan")),
    *("09 2525 0112", "310 11112", "09 310 11212", "tilaus 112112", "1,12 euroa", "112 euroa", "112 sivua"),
]


@pytest.mark.parametrize("text", LINES_112)
def test_112_inside_anything_else_is_no_alarm(text: str) -> None:
    for spelling in spellings(text):
        assert RULES.check(spelling) is None, spelling


@pytest.mark.parametrize(
    "text", ["112", "soita 112", "soittakaa 112", "ring 112", "call 112", "112 apua", "hjälp 112", "112 help"]
)
def test_112_by_itself_is_one(text: str) -> None:
    for spelling in spellings(text):
        hit = RULES.check(spelling)
        assert hit is not None, spelling
        assert hit.kind is Safety.EMERGENCY
