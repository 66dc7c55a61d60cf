"""The dialogs that the city has, over a city that is a double."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.texts import Texts
from dialogs import DIALOGS
from dialogs.cityscape import day_words, distance
from dialogs.hours_words import is_open, periods_words
from dialogs.speech import Voice
from dialogs.steps import Edge
from tests.unit.dialogs.talker import BEGINNING, LANGUAGES, ROOT, TEXTS, WORDS, City, Talker, city_talker

STATES = (
    "open", "self_service", "with_key", "with_reservation", "open_and_reservable", "with_key_and_reservation",
    "enter_only", "weather_permitting", "reserved", "by_appointment",
)  # fmt: skip
ATTRIBUTION = "(https://servicemap.hel.fi), CC BY 4.0"


# Where is the nearest


async def test_what_was_said_already_is_not_asked() -> None:
    talker = city_talker()
    said = await talker.say("missä on lähin kirjasto Kalliossa")
    assert "Haku: library-fi, kallio-fi" in said
    assert "Talo 1" in said
    assert "Katu 1, 420 m" in said
    assert "https://example.org/1" in said
    assert ATTRIBUTION in said
    assert talker.replies[-1].cards[0].latitude == 60.1
    assert "Talo 1, Katu 1, 420 m" in (talker.replies[-1].short or "")
    assert talker.state.get("runs", []) == []


async def test_both_are_asked_when_missing_and_back_works() -> None:
    talker = city_talker()
    assert "Mitä paikkaa etsit?" in await talker.say("missä")
    assert "Missä päin?" in await talker.press("library-fi")
    assert "Mitä paikkaa etsit?" in await talker.say("takaisin")
    await talker.say("3")
    assert "Haku: dog_park-fi, kallio-fi" in await talker.say("Kallio")


async def test_back_cuts_what_the_opening_message_answered() -> None:
    talker = city_talker()
    await talker.say("missä on lähin kirjasto")
    assert "Mitä paikkaa etsit?" in await talker.say("takaisin")
    assert "swimming_hall" in await talker.say("swimming_hall-fi")


async def test_a_place_by_its_name() -> None:
    said = await city_talker().say("missä on Oodi")
    assert "Talo 1" in said
    assert ATTRIBUTION in said


async def test_a_street_that_nobody_has_placed_is_asked_by_its_district() -> None:
    talker = city_talker()
    assert "kaupunginosassa" in await talker.say("lähin kirjasto Hämeentie")
    assert "Haku: library-fi, kallio-fi" in await talker.say("Kallio") or "Haku" in talker.said


async def test_no_such_place() -> None:
    assert "En löytänyt" in await city_talker(City(ids=())).say("lähin kirjasto Kallio")


async def test_swedish_throughout() -> None:
    talker = city_talker()
    await talker.say("på svenska")
    said = await talker.say("närmaste biblioteket Kallio")
    assert "Sökning: library-sv, kallio-sv" in said
    assert "Hus 1" in said


# Opening hours


async def test_open_asks_which_place_and_where_and_which_of_several() -> None:
    talker = city_talker()
    assert "Minkä paikan" in await talker.say("auki?")
    assert "Missä päin?" in await talker.say("kirjasto")
    assert "Mitä näistä" in await talker.say("Kallio")
    said = await talker.press("Talo 2")
    assert "Talo 2, tänään torstaina 26.11.:" in said
    assert "Auki: klo 9.00-20.00" in said
    assert "Omatoimiaika, ei henkilökuntaa: klo 20.00-22.00" in said
    assert "Esittelytieto" in said
    assert talker.replies[-1].links[0].url == "https://example.org/2"


async def test_another_day() -> None:
    talker = city_talker(City(demonstration=False))
    said = await talker.say("onks Oodi auki huomenna")
    assert "huomenna perjantaina 27.11." in said
    assert "Esittely" not in said


async def test_hours_that_are_not_known_give_page_and_phone() -> None:
    talker = city_talker(City(known=False))
    said = await talker.say("onko Oodi auki")
    assert "eivät ole tiedossani" in said
    assert "+358 9 1" in said
    assert talker.replies[-1].links[0].url == "https://example.org/1"
    down = city_talker(City(down={"on"}))
    assert "ei nyt vastaa" in await down.say("onko Oodi auki")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_state_has_words_of_its_own(language: str) -> None:
    voice = Voice(TEXTS, language)
    words = {voice.text(f"hours.state.{state}") for state in (*STATES, "closed", "undefined", "exit_only")}
    assert len(words) == len(STATES) + 3


@pytest.mark.parametrize(
    ("start", "end", "next_day", "said"),
    [
        ("09:00", "20:30", False, "Auki: klo 9.00-20.30"),
        ("00:00", "00:00", True, "Auki: koko päivän"),
        ("18:00", "02:00", True, "Auki: klo 18.00-2.00 (seuraavana päivänä)"),
        ("10:00", None, False, "Auki: klo 10.00 alkaen"),
        (None, "16:00", False, "Auki: klo 16.00 asti"),
        (None, None, False, "Auki"),
    ],
)
def test_periods_in_words(start: str | None, end: str | None, next_day: bool, said: str) -> None:
    period: Any = {"start": start, "end": end, "ends_next_day": next_day, "state": "open"}
    day: Any = {"date": "2026-11-26", "known": True, "periods": [period], "demonstration": False}
    assert periods_words(day, Voice(TEXTS, "fi")) == f"- {said}"
    assert is_open(period)


def test_days_and_distances_in_words() -> None:
    edge = Edge(language="en", now=BEGINNING, channel="", texts=TEXTS, words=WORDS, services={}, run="")
    assert day_words("2026-12-06", edge, "Independence Day").words("en") == "Sunday 6.12. (Independence Day)"
    assert day_words("2026-11-26", edge).words("sv") == "i dag torsdag 26.11"
    unit: Any = {"distance_m": 1240}
    assert distance(unit, Voice(TEXTS, "fi")) == "1,2 km"
    assert distance(unit, Voice(TEXTS, "en")) == "1.2 km"
    unit["distance_m"] = None
    assert distance(unit, Voice(TEXTS, "en")) == ""


# Reporting a fault


async def test_a_report_from_its_first_message_is_named_and_sent_only_on_yes() -> None:
    talker = city_talker()
    said = await talker.say("Hämeentiellä on iso kuoppa pyörätiellä")
    assert "Aihe: Kuoppa fi" in said
    assert "Paikka: hameentie-fi" in said
    assert "Kuvaus: Hämeentiellä on iso kuoppa pyörätiellä" in said
    assert talker.effects == []
    assert "jonossa" in await talker.press("Lähetä ilmoitus")
    effect = talker.effects[0]
    assert effect.name == "feedback.submit"
    kind, place, details, photos, contact = effect.arguments
    assert (kind, place["id"], details) == ("p1", "hameentie", "Hämeentiellä on iso kuoppa pyörätiellä")
    assert photos == []
    assert contact == {"email": None, "phone": None}
    said = await talker.result({"number": "HEL-7", "demonstration": True})
    assert "HEL-7" in said
    assert "esittely" in said


async def test_a_report_step_by_step_with_a_side_question_a_language_and_back() -> None:
    talker = city_talker()
    assert "Millainen vika" in await talker.say("vika")
    assert "Missä vika on?" in await talker.press("Katuvalot")
    assert "answer library_card" in await talker.say("miten saan kirjastokortti")
    assert "Var är felet?" in await talker.say("på svenska")
    assert "Beskriv felet" in await talker.say("vid kiosken i hörnet")
    assert "minst 10" in await talker.say("mörkt")
    assert "Plats: vid kiosken i hörnet" in await talker.say("Lampan har varit släckt länge")
    assert "Beskriv felet" in await talker.say("tillbaka")
    assert "Beskrivning: Två lampor är släckta" in await talker.say("Två lampor är släckta")
    assert "skickades inte" in await talker.say("nej")
    assert talker.effects == []


async def test_a_report_whose_desk_is_down_from_the_start_or_refuses_it() -> None:
    assert "hel.fi/palaute" in await city_talker(City(down={"kinds"})).say("vika")
    talker = city_talker()
    await talker.say("Kalliossa on iso kuoppa tiellä")
    await talker.say("lähetä ilmoitus")
    assert "ei saatu perille" in await talker.result(error="refused")


def _of_group(number: int) -> dict[str, Any]:
    return {"code": f"k{number}", "name": f"Laji {number}", "group": f"Ryhmä {number % 3}", "words": []}


async def test_many_kinds_are_chosen_by_their_group_first() -> None:
    class Many(City):
        async def kinds(self, language: str) -> list[Any]:
            return [_of_group(i) for i in range(30)]

    talker = city_talker(Many())
    assert "Ryhmä 1" in await talker.say("vika")
    said = await talker.press("Ryhmä 1")
    assert "Laji 28" in said
    assert "Laji 27" not in said
    await talker.press("Laji 28")
    await talker.say("Kallio")
    assert "Aihe: Laji 28" in await talker.say("jotakin on rikki täällä")


async def test_a_kind_that_was_named_needs_no_group() -> None:
    class Many(City):
        async def kinds(self, language: str) -> list[Any]:
            lamps = {"code": "k30", "name": "Valaistus", "group": "Ryhmä 1", "words": ["lamppu", "pimeänä"]}
            return [*[_of_group(i) for i in range(30)], lamps]

    talker = city_talker(Many())
    said = await talker.say("Kalliossa on iso vika, lamppu rikki kadulla")
    assert "Ryhmä" not in said
    assert "Aihe: Valaistus" in said


async def test_a_kind_is_known_by_what_citizens_call_it() -> None:
    talker = city_talker()
    await talker.say("vika")
    assert "Missä vika on?" in await talker.say("tiessä on syvä monttu")
    talker = city_talker()
    await talker.say("vika")
    assert "Valitse jokin vaihtoehdoista" in await talker.say("lamppu putosi monttuun, monttu on syvä")


async def test_a_confirmed_value_that_changes_by_look_up_is_asked_again() -> None:
    """The desk renamed its kinds between two messages: the chosen one is gone, so it is asked again."""

    class Moving(City):
        async def kinds(self, language: str) -> list[Any]:
            return [
                {"code": f"{language}1", "name": f"Yksi {language}", "group": "", "words": []},
                {"code": "b", "name": "Kaksi", "group": "", "words": []},
            ]

    talker = city_talker(Moving())
    await talker.say("vika")
    await talker.press("Yksi")
    assert "Hurdant är felet?" in await talker.say("på svenska")


async def test_markup_of_a_citizen_stays_text() -> None:
    talker = city_talker()
    await talker.say("vika")
    await talker.press("Kuoppa")
    await talker.say("{place} {0} %s")
    assert "{kind} {details.__class__}" in await talker.say("{kind} {details.__class__} on rikki")


# All of them


@pytest.mark.parametrize("opening", ["missä", "auki?", "vika", "älkää texting"])
@pytest.mark.parametrize(
    "word", ["keskeytä", "alusta", "apua", "takaisin", "ihminen", "in english", "👍", "", "x" * 5000]
)
async def test_every_dialog_takes_every_command_at_its_first_question(opening: str, word: str) -> None:
    talker = city_talker()
    await talker.say(opening)
    assert await talker.say(word)
    assert talker.failures == []


async def test_no_button_is_longer_than_the_smallest_channel_takes() -> None:
    for opening in ("missä", "auki?", "vika", "moi", "koirapuistoa Kalliossa", "epäselvä"):
        talker = city_talker()
        await talker.say(opening)
        choices = [choice for reply in talker.replies for choice in reply.choices]
        assert choices
        assert all(len(choice.payload.encode()) <= 64 for choice in choices)


def test_every_dialog_has_a_code_that_changes_with_its_source() -> None:
    codes = {dialog.code for dialog in DIALOGS.values()}
    assert len(codes) == len(DIALOGS)
    assert all(replace(dialog, code="x").name == dialog.name for dialog in DIALOGS.values())


def test_every_sentence_fits_its_languages() -> None:
    assert Texts.load(ROOT / "knowledge" / "texts", LANGUAGES)
    assert isinstance(city_talker(), Talker)
