"""Reminders that citizens order: what is asked, what is confirmed, and what is said of each outcome."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.messages import Entity, Match, Session
from dialogs import DIALOGS
from dialogs.services import ServiceUnavailable
from tests.unit.dialogs.mydata_own import Ledger, Login, Own, consent
from tests.unit.dialogs.mydata_own import heard as heard_own
from tests.unit.dialogs.talker import City, Talker

KINDS = [
    {"id": "waste_pickup", "title": "Jäteastian tyhjennys", "purpose": "waste_reminders", "asks": ["place"]},
    {"id": "library_due", "title": "Lainojen eräpäivä", "purpose": "library_reminders", "asks": []},
    {"id": "snow_plowing", "title": "Lumityöt", "purpose": "street_notices", "asks": ["place"]},
    {"id": "street_cleaning", "title": "Kadun puhdistus", "purpose": "street_notices", "asks": ["place"]},
    {"id": "senior_checkin", "title": "Kuulumisten kysyminen", "purpose": "senior_checkins", "asks": ["day", "time"]},
]


def heard(text: str, session: Session) -> Match:
    found = heard_own(text, session)
    if "muistutukse" in text:
        found = replace(found, intent="my_reminders")
    time = next((word for word in text.split() if word.count(":") == 1), None)
    extra = () if time is None else (Entity(kind="time", value=time, text=time, start=0, end=len(time)),)
    return replace(found, entities=(*found.entities, *extra))


def ordered(**more: Any) -> dict[str, Any]:
    return {
        "id": "r1", "kind": "waste_pickup", "title": "Jäteastian tyhjennys", "about": "Hämeentie 31", "state": "active",
        "until": None, "next": None,
    } | more  # fmt: skip


@dataclass
class Orders:
    """What can be ordered and has been; nothing is changed by a dialog itself."""

    there: list[dict[str, Any]] = field(default_factory=list)
    down: bool = False

    async def kinds(self, language: str) -> list[dict[str, Any]]:
        if self.down:
            raise ServiceUnavailable("down")
        return KINDS

    async def list(self, conversation: str, language: str) -> list[dict[str, Any]]:
        return self.there

    async def order(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def pause(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def resume(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def end(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")


@dataclass
class Subscriber(Talker):
    """A citizen whose ledger the test may change."""

    ledger: Own = field(default_factory=Own)


def citizen(orders: Orders, **options: Any) -> Subscriber:
    own = Own(known=[
        consent("waste_reminders", "Jätteet"),
        consent("library_reminders", "Lainat", state="given", at="2026-11-01T10:00:00+00:00"),
        consent("street_notices", "Kadut", state="given", at="2026-11-01T10:00:00+00:00"),
        consent("senior_checkins", "Kuulumiset", state="given", at="2026-11-01T10:00:00+00:00"),
        consent("events_nearby", "Tapahtumat"),
    ])  # fmt: skip
    names = ("directory", "hours", "feedback", "events", "search", "masking", "topics")
    services: dict[str, object] = dict.fromkeys(names, City())
    services |= {"consents": Ledger(own), "mydata": own, "login": Login(), "subscriptions": orders}
    return Subscriber(DIALOGS, services, understand=heard, ledger=own, **options)


@pytest.fixture
def orders() -> Orders:
    return Orders()


DONE = {"outcome": "done", "number": "", "reminder": ordered(next="2026-12-01T08:00:00+02:00")}


async def test_consent_is_asked_first_then_the_place_and_all_of_it_is_confirmed(orders: Orders) -> None:
    talker = citizen(orders)
    assert "Saako Jätteet?" in await talker.say("muistuta roskista")
    await talker.say("kyllä")
    assert talker.effects[-1].name == "consents.give"
    said = await talker.result({"outcome": "done", "receipt": "7", "at": "2026-11-26T10:02:00+00:00"})
    assert "Kuitti 7" in said
    assert "Mikä osoite" in said
    assert "Tilataanko tämä tähän kanavaan: Jäteastian tyhjennys (hameentie-fi)?" in await talker.say("Hämeentie 31")
    assert talker.effects[-1].name == "consents.give"
    await talker.say("kyllä")
    effect = talker.effects[-1]
    assert effect.name == "subscriptions.order"
    assert effect.arguments[:2] == ("c1", "waste_pickup")
    assert effect.arguments[2]["place"]["id"] == "hameentie"
    said = await talker.result(DONE)
    assert "Tilattu: Jäteastian tyhjennys (Hämeentie 31)" in said
    assert "1.12.2026 klo 8.00" in said


async def test_the_same_wish_once_more_is_no_answer_and_throws_nothing_away(orders: Orders) -> None:
    talker = citizen(orders)
    await talker.say("muistuta roskista")
    assert "Vastaa 1 (kyllä)" in await talker.say("muistuta roskista")
    assert len(talker.open_runs) == 1


async def test_without_a_yes_to_the_consent_nothing_is_ordered(orders: Orders) -> None:
    talker = citizen(orders)
    await talker.say("muistuta roskista")
    await talker.say("ei")
    assert not talker.effects
    assert not talker.open_runs


async def test_a_consent_that_could_not_be_recorded_ends_the_order(orders: Orders) -> None:
    talker = citizen(orders)
    await talker.say("muistuta roskista")
    await talker.say("kyllä")
    await talker.result({"outcome": "changed", "receipt": "", "at": None})
    assert not talker.open_runs


async def test_what_is_allowed_already_is_not_asked_again(orders: Orders) -> None:
    talker = citizen(orders)
    said = await talker.say("muistuta kirjastosta")
    assert "Saako" not in said
    assert "Tilataanko tämä tähän kanavaan: Lainojen eräpäivä?" in said
    await talker.say("ei")
    assert not talker.effects


async def test_a_purpose_of_which_nothing_can_be_ordered_is_only_allowed(orders: Orders) -> None:
    talker = citizen(orders)
    assert "Saako Tapahtumat?" in await talker.say("muistuta tapahtumista")
    await talker.say("kyllä")
    await talker.result({"outcome": "done", "receipt": "7", "at": "2026-11-26T10:02:00+00:00"})
    assert not talker.open_runs


async def test_of_two_kinds_of_one_purpose_the_named_one_is_taken_or_it_is_asked(orders: Orders) -> None:
    talker = citizen(orders)
    assert "Mikä osoite" in await talker.say("muistuta kadun aurauksesta")
    assert "Lumityöt (kallio-fi)?" in await talker.say("Kallio")
    other = citizen(orders)
    assert "Kumpaa" in await other.say("muistuta kadusta")
    await other.say("2")
    await other.say("Kallio")
    assert "Kadun puhdistus" in other.said


async def test_day_and_time_are_asked_and_nobody_is_written_to_by_night(orders: Orders) -> None:
    talker = citizen(orders)
    assert "Minä päivänä" in await talker.say("muistuta kuulumisista")
    assert "Mihin aikaan" in await talker.say("torstaina")
    assert "8 ja 20.45" in await talker.say("23:30")
    assert "Kirjoita" in await talker.say("joskus")
    said = await talker.say("9.30")
    assert "torstai, klo 9.30" in said
    await talker.say("kyllä")
    assert talker.effects[-1].arguments[2] == {"place": None, "day": 4, "time": "09:30"}


async def test_while_the_provider_blocks_the_order_waits_for_start(orders: Orders) -> None:
    talker = citizen(orders)
    await talker.say("muistuta kirjastosta")
    await talker.say("kyllä")
    said = await talker.result({"outcome": "pending", "number": "+358 50 123", "reminder": ordered(state="pending")})
    assert "START numeroon +358 50 123" in said
    assert "Tilattu" not in said


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("known", "Olet jo tilannut"), ("nowhere", "ei ole tietoja"), ("no_consent", "lupa ei ole enää"),
     ("refused", "Tilaus ei onnistunut")],
)  # fmt: skip
async def test_every_outcome_is_said(orders: Orders, outcome: str, words: str) -> None:
    talker = citizen(orders)
    await talker.say("muistuta kirjastosta")
    await talker.say("kyllä")
    found = ordered() if outcome == "known" else None
    said = await talker.result({"outcome": outcome, "number": "", "reminder": found})
    assert words in said
    assert "Tilattu:" not in said


async def test_a_failed_order_is_said_to_be_none(orders: Orders) -> None:
    talker = citizen(orders)
    await talker.say("muistuta kirjastosta")
    await talker.say("kyllä")
    assert "sitä ei ole" in await talker.result(error="Down")


async def test_another_language_after_the_permission_asks_for_it_no_second_time(orders: Orders) -> None:
    talker = citizen(orders)
    await talker.say("muistuta roskista")
    await talker.say("kyllä")
    talker.ledger.known[0] |= {"words": ["sluta sopor"]}
    await talker.say("på svenska")
    assert not talker.failures
    talker.ledger.known[0] |= {"state": "given", "at": "2026-11-26T10:02:00+00:00"}
    effect = talker.effects[-1]
    said = await talker.result({"outcome": "done", "receipt": "7", "at": "2026-11-26T10:02:00+00:00"}, effect=effect)
    assert "Vilken adress" in said
    assert "Mikä osoite" in await talker.say("suomeksi")
    assert not talker.failures


async def test_back_goes_to_the_place_and_not_past_the_consent(orders: Orders) -> None:
    talker = citizen(orders)
    await talker.say("muistuta roskista")
    await talker.say("kyllä")
    await talker.result({"outcome": "done", "receipt": "7", "at": "2026-11-26T10:02:00+00:00"})
    await talker.say("Hämeentie 31")
    assert "Mikä osoite" in await talker.say("takaisin")
    await talker.say("takaisin")
    assert "Mikä osoite" in talker.said


async def test_where_nothing_can_be_ordered_now_that_is_said(orders: Orders) -> None:
    orders.down = True
    assert "ei voi juuri nyt tilata" in await citizen(orders).say("muistuta roskista")
    assert "En juuri nyt näe" in await citizen(orders).say("muistutukset")


async def test_the_list_says_how_each_stands(orders: Orders) -> None:
    orders.there = [
        ordered(),
        ordered(id="r2", kind="library_due", title="Lainojen eräpäivä", about="", state="paused", until="2026-12-24"),
        ordered(id="r3", kind="snow_plowing", title="Lumityöt", about="Kallio", state="pending"),
    ]
    said = await citizen(orders).say("muistutukset")
    for line in (
        "Jäteastian tyhjennys (Hämeentie 31): käytössä", "Lainojen eräpäivä: tauolla 24.12.2026 asti",
        "Lumityöt (Kallio): odottaa START-viestiäsi",
    ):  # fmt: skip
        assert line in said


async def test_none_says_so_and_leads_to_an_order(orders: Orders) -> None:
    talker = citizen(orders)
    assert "Et ole tilannut" in await talker.say("muistutukset")
    assert "Mistä haluat" in await talker.press("Tilaa muistutus")


async def test_a_pause_is_chosen_confirmed_and_recorded(orders: Orders) -> None:
    orders.there = [ordered()]
    talker = citizen(orders)
    await talker.say("muistutukset")
    await talker.say("1")
    await talker.press("Pidä tauko")
    await talker.press("Viikko")
    assert not talker.effects
    await talker.say("kyllä")
    assert talker.effects[-1].name == "subscriptions.pause"
    assert talker.effects[-1].arguments == ("c1", "r1", "2026-12-03")
    assert "Tauolla: Jäteastian tyhjennys" in await talker.result(value=True)


async def test_the_first_message_may_say_which_and_what(orders: Orders) -> None:
    orders.there = [ordered(), ordered(id="r2", kind="library_due", title="Lainojen eräpäivä", about="")]
    talker = citizen(orders)
    assert "Lopetetaanko kokonaan: Jäteastian tyhjennys (Hämeentie 31)?" in await talker.say("lopeta jätemuistutukset")
    await talker.say("kyllä")
    assert talker.effects[-1].name == "subscriptions.end"
    assert "oli jo päättynyt" in await talker.result(value=False)


async def test_what_is_paused_can_be_resumed(orders: Orders) -> None:
    orders.there = [ordered(state="paused")]
    talker = citizen(orders)
    await talker.say("muistutukset")
    said = await talker.say("1")
    assert "Pidä tauko" not in said
    await talker.press("Jatka viestejä")
    await talker.say("kyllä")
    assert talker.effects[-1].name == "subscriptions.resume"
    assert "Viestit jatkuvat" in await talker.result(value=True)


async def test_no_and_nothing_change_nothing(orders: Orders) -> None:
    orders.there = [ordered()]
    talker = citizen(orders)
    await talker.say("muistutukset")
    await talker.say("1")
    await talker.press("Lopeta kokonaan")
    assert "mikään ei muuttunut" in await talker.say("ei")
    await talker.say("muistutukset")
    assert "mikään ei muuttunut" in await talker.press("Ei mitään nyt")
    assert not talker.effects
