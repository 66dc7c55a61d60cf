"""Events, the state of a report, the short dialogs of advice, the search, corrections: over a city that is a double."""

from __future__ import annotations

from typing import Any

import pytest

from bot.messages import Entity, Match, Session
from bot.services import Masking
from dialogs.words import Words
from tests.unit.dialogs.talker import LANGUAGES, WORDS, City, Talker, city_talker, understand

LONG = "Hämeentiellä on iso kuoppa pyörätiellä"


# A day in a later message, and what goes on from the place shown


async def test_a_day_said_beside_the_place_is_the_day_that_is_told() -> None:
    talker = city_talker()
    await talker.say("auki?")
    assert "huomenna perjantaina 27.11." in await talker.say("Oodi huomenna")


async def test_a_day_said_beside_where_counts_too_and_a_later_one_wins() -> None:
    talker = city_talker(City(ids=("1",)))
    await talker.say("auki?")
    await talker.say("kirjasto")
    assert "huomenna perjantaina 27.11." in await talker.say("Kallio huomenna")


async def test_what_about_tomorrow_knows_the_place_just_shown_but_not_after_an_hour() -> None:
    talker = city_talker()
    await talker.say("onko Oodi auki")
    said = await talker.say("entä huomenna?")
    assert "Talo 1, huomenna perjantaina 27.11." in said
    talker.now = talker.now.replace(hour=talker.now.hour + 1)
    assert "Talo 1" not in await talker.say("entä huomenna?")


@pytest.mark.parametrize("between", ["kirjastokortti", "tapahtumia huomenna"])
async def test_after_something_else_the_place_is_no_longer_meant(between: str) -> None:
    talker = city_talker()
    await talker.say("onko Oodi auki")
    await talker.say(between)
    assert "Talo 1" not in await talker.say("entä huomenna?")


async def test_what_about_another_place_asks_the_same_of_it() -> None:
    talker = city_talker()
    await talker.say("onko Oodi auki")
    assert "Missä päin?" in await talker.say("entä kirjasto")
    shown = city_talker()
    await shown.say("missä on Oodi")
    assert "Missä päin?" in await shown.say("entä kirjasto")


async def test_of_several_places_the_nearest_is_meant_and_named() -> None:
    talker = city_talker()
    await talker.say("missä on lähin kirjasto Kalliossa")
    assert "Talo 1, huomenna" in await talker.say("entä huomenna?")


async def test_today_tells_whether_it_is_open_now_and_another_day_does_not() -> None:
    assert "Nyt auki, sulkeutuu klo 20.00." in await city_talker().say("onko Oodi auki")
    assert "Nyt auki" not in await city_talker().say("onko Oodi auki huomenna")
    down = await city_talker(City(down={"status"})).say("onko Oodi auki")
    assert "Auki: klo 9.00-20.00" in down
    assert "Nyt" not in down


async def test_another_kind_of_place_in_the_answer_to_where() -> None:
    talker = city_talker()
    await talker.say("missä kirjasto")
    meant = "Kallio"

    def other(text: str, session: Session) -> Match:
        found = understand(text, session)
        service = Entity(kind="service", value="dog_park", text="koirapuisto", start=0, end=11)
        return Match(
            text=text, language="fi", intent="OUT_OF_SCOPE", confidence=0.5, entities=(service, *found.entities)
        )

    talker.understand = other
    assert "Missä päin?" in await talker.say("koirapuisto")
    assert "dog_park-fi" in talker.said
    assert "Haku: dog_park-fi, kallio-fi" in await talker.say(meant)


# Events


async def test_events_ask_when_and_show_three_with_their_source() -> None:
    city = City(demonstration=False)
    talker = city_talker(city)
    assert "Miltä ajalta" in await talker.say("ilmaisia tapahtumia lapsille Kalliossa")
    said = await talker.press("Viikonloppuna")
    assert [f"Juhla {n}" in said for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert "Linked Events" in said
    assert "lauantaina 28.11. klo 18.00" in said
    assert "Oodi" in said
    assert "Maksuton" in said
    wish = city.asked[-1][1]
    assert (wish["first"], wish["last"], wish["free"], wish["children"]) == ("2026-11-28", "2026-11-29", True, True)
    assert wish["near"]["id"] == "kallio"


async def test_events_take_all_from_the_first_message() -> None:
    city = City()
    said = await city_talker(city).say("konsertteja ja tapahtumia huomenna ruotsiksi")
    assert "keksitty" in said
    wish = city.asked[-1][1]
    assert (wish["first"], wish["last"]) == ("2026-11-27", "2026-11-27")
    assert (wish["what"], wish["held_in"], wish["free"], wish["near"]) == ("konsertti", "sv", False, None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("tapahtumia viikonloppuna", "2026-11-28", "2026-11-29"),
        ("evenemang i helgen", "2026-11-28", "2026-11-29"),
        ("events this weekend", "2026-11-28", "2026-11-29"),
        ("tapahtumia tällä viikolla", "2026-11-26", "2026-11-29"),
        ("events this month", "2026-11-26", "2026-11-30"),
        ("tapahtumia huomenna", "2026-11-27", "2026-11-27"),
    ],
)
async def test_days_of_events_by_their_words(text: str, first: str, last: str) -> None:
    city = City()
    await city_talker(city).say(text)
    assert (city.asked[-1][1]["first"], city.asked[-1][1]["last"]) == (first, last)


async def test_what_about_another_day_or_children_keeps_the_rest_of_the_wish() -> None:
    city = City()
    talker = city_talker(city)
    await talker.say("ilmaisia tapahtumia huomenna Kalliossa")
    await talker.say("entä viikonloppuna?")
    wish = city.asked[-1][1]
    assert (wish["first"], wish["last"], wish["free"], wish["children"]) == ("2026-11-28", "2026-11-29", True, False)
    assert wish["near"]["id"] == "kallio"
    await talker.say("entä lapsille?")
    wish = city.asked[-1][1]
    assert (wish["first"], wish["free"], wish["children"]) == ("2026-11-28", True, True)


async def test_no_events_and_no_service_say_so_with_the_calendar() -> None:
    none = city_talker(City(events=0))
    assert "En löytänyt toiveeseesi sopivia" in await none.say("tapahtumia huomenna")
    assert none.replies[-1].links[0].url == "https://tapahtumat.hel.fi"
    down = city_talker(City(down={"search"}))
    assert "ei juuri nyt vastaa" in await down.say("tapahtumia huomenna")
    assert down.replies[-1].links[0].url == "https://tapahtumat.hel.fi"


async def test_an_event_without_place_price_or_page_is_shown_all_the_same() -> None:
    class Bare(City):
        def _event(self, number: int) -> Any:
            nothing: dict[str, Any] = {"free": None, "place_names": {}, "urls": {}, "has_time": False}
            return super()._event(number) | nothing

    talker = city_talker(Bare(events=1))
    assert "Juhla 1" in await talker.say("tapahtumia huomenna")
    assert talker.replies[-1].cards[0].lines == ("lauantaina 28.11.",)


async def test_events_go_back_change_language_and_hear_a_side_question() -> None:
    talker = city_talker()
    await talker.say("tapahtumia")
    assert "Miltä ajalta" in await talker.say("kirjastokortti")
    assert "When for" not in talker.said
    assert "For when should I look" in await talker.say("in english please")
    assert "I did not recognise the time" in await talker.say("blah blah")
    await talker.say("2")
    assert "tomorrow" in talker.said


# What has become of a report


async def test_the_report_sent_last_is_the_one_that_is_meant() -> None:
    city = City()
    talker = city_talker(city)
    await talker.say(LONG)
    await talker.say("kyllä")
    await talker.result({"number": "DEMO-00007", "demonstration": True})
    said = await talker.say("mitä ilmoitukselleni kuuluu")
    assert "Ilmoitus DEMO-00007: vastaanotettu" in said
    assert "Kaupungin vastaus: Korjataan" in said
    assert ("report", "DEMO-00007") in city.asked


async def test_the_number_is_asked_or_read_and_the_stage_is_said_in_the_language() -> None:
    talker = city_talker(City(demonstration=False, stage="done"))
    assert "numero" in await talker.say("mitä ilmoitukselleni kuuluu")
    assert "En tunnistanut ilmoituksen numeroa" in await talker.say("en muista sitä")
    assert "Ilmoitus 1abc23: käsitelty" in await talker.say("se oli 1abc23")
    assert "Lähde" in talker.said
    whole = city_talker(City(stage="PUBLIC_WORKS_ODD"))
    assert "Ilmoitus DEMO-00009: tila ei ole tiedossa" in await whole.say("mitä ilmoitukselleni DEMO-00009 kuuluu")


async def test_no_such_report_and_a_desk_that_is_down() -> None:
    unknown = city_talker(City(known=False))
    await unknown.say("mitä ilmoitukselleni kuuluu")
    assert "En löydä ilmoitusta numerolla 12345" in await unknown.say("12345")
    down = city_talker(City(down={"report"}))
    await down.say("mitä ilmoitukselleni kuuluu")
    assert "en näe ilmoituksen 12345 tilaa" in await down.say("12345")


# The report: corrected, masked, answered


@pytest.mark.parametrize("said", ["ei kun Kallio", "nej, Kallio", "no, it is Kallio", "Kallio"])
async def test_another_place_at_the_confirmation(said: str) -> None:
    talker = city_talker()
    await talker.say(LONG)
    answer = await talker.say(said)
    assert "kallio" in answer.casefold()
    assert "Hämeentiellä on iso kuoppa" in answer
    await talker.say("kyllä")
    assert talker.effects[0].arguments[1]["id"] == "kallio"


async def test_another_kind_and_words_that_name_no_place_at_the_confirmation() -> None:
    talker = city_talker()
    await talker.say(LONG)
    assert "Aihe: Katuvalot fi" in await talker.say("ei kun katuvalot")
    assert "Paikka: kioskin kulmalla" in await talker.say("ei kun kioskin kulmalla")
    assert "Vastaa 1" in await talker.say("hmm mietin vielä")
    assert "Paikka: kioskin kulmalla" in talker.said


async def test_a_number_in_the_description_is_masked_before_it_is_shown_and_sent() -> None:
    talker = city_talker()
    await talker.say("vika")
    await talker.press("Katuvalot")
    await talker.say("Hämeentie")
    said = await talker.say("Lamppu on pimeänä, soita 040 1234567")
    assert "soita [puhelinnumero poistettu]" in said
    assert "Poistin kuvauksesta henkilötietoja" in said
    assert "1234567" not in said
    await talker.say("kyllä")
    assert talker.effects[0].arguments[2] == "Lamppu on pimeänä, soita [puhelinnumero poistettu]"


async def test_an_address_at_the_confirmation_is_where_the_answer_goes_and_none_is_asked_for() -> None:
    talker = city_talker()
    await talker.say(LONG)
    assert "Vastaus sinulle: ei." in talker.said
    assert "Vastaus sinulle: aino@example.fi" in await talker.say("aino@example.fi")
    await talker.say("kyllä")
    assert talker.effects[0].arguments[4] == {"email": "aino@example.fi", "phone": None}


def test_the_place_and_the_plate_stay_in_a_description() -> None:
    text = "Auto ABC-123 Hämeentie 31 edessä, tunnus 131052-308T, aino@example.fi"
    assert Masking().mask(text) == "Auto ABC-123 Hämeentie 31 edessä, tunnus ‹identity code›, ‹e-mail›"


# A search, when no intent fits


FOUND = [
    {"kind": "topic", "id": "library_card", "title": "Kirjastokortti", "snippet": "Helmet", "url": "https://e.org/1",
     "source": "e.org", "as_of": "2026-11-01"},
    {"kind": "unit", "id": "1", "title": "Oodi", "snippet": "", "url": None, "source": "servicemap.hel.fi",
     "as_of": "broken"},
    {"kind": "event", "id": "e1", "title": "Juhla", "snippet": "Iso", "url": None, "source": "x", "as_of": None},
]  # fmt: skip


async def test_what_a_search_finds_is_asked_and_not_told() -> None:
    talker = city_talker(City(found=FOUND))
    said = await talker.say("blah blah")
    assert "Löysin nämä: onko jokin näistä" in said
    assert "Lähde: e.org, luettu 1.11.2026" in said
    assert "Lähde: servicemap.hel.fi" in said
    assert "answer library_card" in await talker.press("Kirjastokortti")


async def test_a_unit_that_was_found_is_shown_by_its_number() -> None:
    talker = city_talker(City(found=FOUND))
    await talker.say("blah blah")
    assert "Talo 1" in await talker.say("2")


async def test_after_two_turns_a_human_is_offered_beside_what_was_found() -> None:
    talker = city_talker(City(found=FOUND))
    await talker.say("blah blah")
    assert "Haluan ihmisen" not in talker.said
    await talker.say("hölynpölyä")
    assert "Haluan ihmisen" in talker.said


async def test_nothing_found_or_no_search_is_as_before() -> None:
    assert "Tähän en osaa vastata" in await city_talker().say("blah blah")
    assert "Tähän en osaa vastata" in await city_talker(City(down={"find"})).say("blah blah")


# Advice that ends at the right service


async def test_advice_is_offered_under_the_answer_and_does_not_replace_it() -> None:
    talker = city_talker()
    assert "answer library_card" in await talker.say("kirjastokortti")
    assert "Kenelle kortti tulee?" in await talker.press("Ohjaa minut")
    assert "henkilötunnus" in await talker.press("Minulle")
    assert "12 kuukautta" in await talker.say("ei")
    assert "source library_card fi" in talker.said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["library_card", "parking_permit", "daycare_application", "school_enrolment"])
async def test_every_way_through_the_advice_ends_with_its_source(name: str, language: str) -> None:
    ways: list[tuple[str, ...]] = [()]
    ended = 0
    while ways:
        way = ways.pop()
        talker = city_talker()
        talker.state = {"version": 1, "language": language, "chosen": True, "introduced": True, "runs": []}
        await talker.open(f"guide_{name}")
        for label in way:
            await talker.press(label)
        if not talker.open_runs:
            assert f"source {name} {language}" in talker.said
            ended += 1
            continue
        ways += [(*way, choice.label) for choice in talker.replies[-1].choices]
    assert ended >= 4


async def test_advice_goes_back_takes_a_side_question_and_starts_over() -> None:
    talker = city_talker()
    await talker.open("guide_parking_permit")
    await talker.press("Uusi")
    assert "Mitä asiasi koskee?" in await talker.say("takaisin")
    assert "Mitä asiasi koskee?" in await talker.say("koirapuistoa")
    assert "What is it about?" in await talker.say("in english please")
    await talker.say("start over")
    assert talker.open_runs == []


def test_words_that_go_on_correct_and_refuse() -> None:
    assert WORDS.follows("Entä sunnuntaina?")
    assert WORDS.follows("what about sunday")
    assert not WORDS.follows("Oodi")
    assert WORDS.corrected("ei kun Hämeentie 5") == "Hämeentie 5"
    assert WORDS.corrected("No, it's Hämeentie 5!") == "Hämeentie 5!"
    assert WORDS.corrected("ei kun") is None
    assert WORDS.corrected("Hämeentie 5") is None
    assert isinstance(WORDS, Words)
    assert isinstance(city_talker(), Talker)
