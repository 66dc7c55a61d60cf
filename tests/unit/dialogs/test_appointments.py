"""Appointments over a service that is a double: what is said, what is done, and what never is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.messages import Entity, Match, Session
from dialogs import DIALOGS
from dialogs.appointments_prompts import code
from dialogs.services import ServiceUnavailable
from tests.unit.dialogs.talker import BEGINNING, City, Talker, understand

KIND = {
    "id": "s|nurse",
    "names": {"fi": "Hoitaja", "sv": "Skötare", "en": "Nurse"},
    "bring": {"fi": "kortti", "sv": "kort", "en": "card"},
}
OTHER = {"id": "s|doctor", "names": {"fi": "Lääkäri", "sv": "Läkare", "en": "Doctor"}, "bring": {}}
MINE = "ABCD-EFGH-2345"
WORDS = {
    "varata": "health_booking", "varaa": "health_booking", "boka": "health_booking", "book": "health_booking",
    "perua": "health_booking_cancel", "peruisin": "health_booking_cancel", "siirtää": "health_booking_cancel",
    "avboka": "health_booking_cancel", "cancel": "health_booking_cancel", "move": "health_booking_cancel",
    "aikani": "health_booking_cancel", "tider": "health_booking_cancel", "appointments": "health_booking_cancel",
}  # fmt: skip


@dataclass
class Clinic:
    """Free times on the hour from 8 to 15 of each day; what was booked is known by its code."""

    kinds_there: list[Any] = field(default_factory=lambda: [KIND, OTHER])
    down: set[str] = field(default_factory=set)
    appointments: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    last_day: int = 60

    def _ask(self, *call: Any) -> None:
        self.asked.append(call)
        if call[0] in self.down:
            raise ServiceUnavailable("down")

    async def kinds(self) -> list[Any]:
        self._ask("kinds")
        return self.kinds_there

    async def free(self, kind: str, first: str, seen: list[str]) -> list[Any]:
        self._ask("free", kind, first, seen)
        begin, end = datetime.fromisoformat(first), BEGINNING + timedelta(days=self.last_day)
        hours = [begin.replace(minute=0, second=0, microsecond=0) + timedelta(hours=n) for n in range(24 * 5)]
        fit = [hour for hour in hours if 8 <= hour.hour < 16 and begin <= hour < end and slot(hour) not in seen]
        return [time_at(hour) for hour in fit[:4]]

    async def find(self, number: str) -> Any:
        self._ask("find", number)
        return self.appointments.get(number, booked(number, known=False))


def slot(hour: datetime) -> str:
    return f"s-{hour:%m%dT%H}"


def time_at(hour: datetime) -> dict[str, str]:
    ends = (hour + timedelta(minutes=20)).isoformat()
    return {"id": slot(hour), "starts": hour.isoformat(), "ends": ends, "place": "Kallio"}


def booked(number: str = MINE, starts: str = "2026-12-03T09:30:00+02:00", **more: Any) -> dict[str, Any]:
    return {
        "number": number, "known": True, "state": "booked", "kind": KIND["id"], "names": KIND["names"],
        "bring": KIND["bring"], "starts": starts, "ends": starts, "place": "Kallio", "demonstration": False,
    } | more  # fmt: skip


def heard(text: str, session: Session) -> Match:
    """The words of the tests, with the hour of ``klo 10`` and a day of December."""
    found = understand(text, session)
    words = text.lower().replace(",", " ").split()
    intents = [WORDS[word] for word in words if word in WORDS]
    more = []
    if "klo" in words:
        hour = int(words[words.index("klo") + 1])
        more.append(Entity(kind="time", value=f"{hour:02}:00", text=f"klo {hour}", start=0, end=6))
    if "itsenäisyyspäivänä" in words:
        more.append(Entity(kind="date", value="2026-12-06", text="itsenäisyyspäivänä", start=0, end=18))
    if "eilen" in words:
        more.append(Entity(kind="date", value="2026-11-25", text="eilen", start=0, end=5))
    intent = intents[-1] if intents else found.intent
    return replace(found, intent=intent, entities=(*found.entities, *more))


def citizen(clinic: Clinic, **options: Any) -> Talker:
    city = City()
    services: dict[str, object] = dict.fromkeys(
        ("directory", "hours", "feedback", "events", "search", "masking", "topics"), city
    )
    return Talker(DIALOGS, {**services, "appointments": clinic}, understand=heard, **options)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


async def book(talker: Talker, first: str = "varata hoitaja") -> None:
    """Up to the yes."""
    await talker.say(first)
    await talker.say("1")
    await talker.press("Varaa aika")


async def test_a_booking_names_all_of_it_for_a_yes_and_is_done_by_an_effect(clinic: Clinic) -> None:
    talker = citizen(clinic)
    said = await talker.say("haluan varata hoitaja")
    assert "Vapaat ajat, varhaisin ensin (Hoitaja)" in said
    assert "tänään torstaina 26.11. klo 12.00, Kallio" in said
    said = await talker.say("2")
    assert "Varaanko tämän ajan?\nHoitaja\ntänään torstaina 26.11. klo 13.00, Kallio" in said
    assert talker.effects == []
    said = await talker.press("Varaa aika")
    assert "varataan vain kerran" in said
    (effect,) = talker.effects
    assert (effect.name, effect.arguments) == ("appointments.book", ("s|nurse", "s-1126T13"))
    said = await talker.result({"outcome": "done", "appointment": booked()})
    assert "torstaina 3.12. klo 9.30, Kallio\nVaraustunnus: ABCD-EFGH-2345\nOta mukaan: kortti." in said
    assert "kokeilu" not in said


async def test_what_for_is_asked_unless_there_is_one_thing_alone(clinic: Clinic) -> None:
    assert "Mihin haluat varata ajan?" in await citizen(clinic).say("varata")
    assert "Vapaat ajat" in await citizen(Clinic(kinds_there=[KIND])).say("varata")


async def test_more_times_follow_those_shown_and_none_comes_twice(clinic: Clinic) -> None:
    talker = citizen(clinic)
    shown = [await talker.say("varata hoitaja")]
    shown += [await talker.press("Lisää aikoja") for _ in range(2)]
    labels = [line for said in shown for line in said.split("\n") if ", Kallio" in line]
    assert len(labels) == len(set(labels)) == 12


async def test_another_day_in_words_and_the_hour_of_a_time_that_is_shown(clinic: Clinic) -> None:
    talker = citizen(clinic)
    await talker.say("varata hoitaja")
    assert "huomenna perjantaina 27.11. klo 8.00" in await talker.say("huomenna")
    assert "Varaanko" in await talker.say("klo 10")
    assert "klo 10.00" in talker.said
    assert "Vapaat ajat" in await talker.say("takaisin")
    assert "huomenna perjantaina 27.11. klo 14.00" in await talker.say("klo 14")


async def test_a_day_of_the_first_message_is_where_the_search_begins(clinic: Clinic) -> None:
    assert "sunnuntaina 6.12. klo 8.00" in await citizen(clinic).say("varata hoitaja itsenäisyyspäivänä")


async def test_a_day_that_is_over_is_no_answer(clinic: Clinic) -> None:
    talker = citizen(clinic)
    await talker.say("varata hoitaja")
    assert "on jo mennyt" in await talker.say("eilen")


async def test_no_times_at_all_and_none_after_a_day(clinic: Clinic) -> None:
    clinic.last_day = -1
    assert "Vapaita aikoja ei nyt ole (Hoitaja)" in await citizen(clinic).say("varata hoitaja")
    clinic.last_day = 2
    talker = citizen(clinic)
    await talker.say("varata hoitaja")
    assert "Sen jälkeen ei ole vapaita aikoja" in await talker.say("itsenäisyyspäivänä")
    assert "27.11. klo 8.00" in await talker.say("huomenna")


async def test_a_no_books_nothing_and_says_so(clinic: Clinic) -> None:
    talker = citizen(clinic)
    await talker.say("varata hoitaja")
    await talker.say("1")
    assert "Aikaa ei varattu." in await talker.press("Älä varaa")
    assert talker.effects == []


async def test_a_time_taken_meanwhile_is_said_and_the_next_ones_are_offered(clinic: Clinic) -> None:
    talker = citizen(clinic)
    await book(talker)
    said = await talker.result({"outcome": "taken", "appointment": None})
    assert "Joku muu ehti varata ajan tänään torstaina 26.11. klo 12.00, Kallio" in said
    assert "Vapaat ajat" in said
    assert "ei voi perua" in await talker.say("takaisin")  # never past what was asked of others
    await talker.say("2")
    await talker.press("Varaa aika")
    first, second = talker.effects
    assert first.id != second.id
    assert "Aika on varattu" in await talker.result({"outcome": "done", "appointment": booked()})


async def test_an_old_yes_does_not_book_the_next_time(clinic: Clinic) -> None:
    talker = citizen(clinic)
    await talker.say("varata hoitaja")
    await talker.say("1")
    old = talker.button("Varaa aika").payload
    await talker.press("Varaa aika")
    await talker.result({"outcome": "taken", "appointment": None})
    await talker.say("1")
    await talker.turn(payload=old)
    assert len(talker.effects) == 1


@pytest.mark.parametrize("step", ["kinds", "free"])
async def test_a_service_that_is_down_is_told_and_nothing_is_promised(clinic: Clinic, step: str) -> None:
    clinic.down = {step}
    talker = citizen(clinic)
    assert "ei vastaa juuri nyt" in await talker.say("varata hoitaja")
    assert talker.open_runs == []


async def test_a_booking_without_an_answer_is_told_as_uncertain(clinic: Clinic) -> None:
    talker = citizen(clinic)
    await book(talker)
    assert "En tiedä varmasti" in await talker.result(error="InDoubt")
    assert len(talker.effects) == 1


async def test_a_request_that_is_not_confirmed_yet_is_not_called_booked(clinic: Clinic) -> None:
    talker = citizen(clinic)
    await book(talker)
    said = await talker.result({"outcome": "done", "appointment": booked(state="pending", demonstration=True)})
    assert "ei ole vielä vahvistettu" in said
    assert "Aika on varattu" not in said
    assert "Tämä on kokeilu" in said


async def booked_one(clinic: Clinic, *numbers: str) -> Talker:
    """A conversation in which appointments were booked."""
    talker = citizen(clinic)
    for place, number in enumerate(numbers or (MINE,)):
        await book(talker)
        clinic.appointments[number] = booked(number, f"2026-12-0{3 + place}T09:30:00+02:00")
        await talker.result({"outcome": "done", "appointment": clinic.appointments[number]})
    return talker


async def test_the_only_one_is_cancelled_after_a_yes_that_names_it(clinic: Clinic) -> None:
    talker = await booked_one(clinic)
    assert "Perunko tämän ajan?\nHoitaja\ntorstaina 3.12. klo 9.30, Kallio" in await talker.say("haluan perua ajan")
    await talker.press("Peru aika")
    assert talker.effects[-1].name == "appointments.cancel"
    assert talker.effects[-1].arguments == (MINE,)
    assert "Aika on peruttu" in await talker.result({"outcome": "done", "appointment": booked(state="ended")})
    clinic.appointments.clear()
    assert "ei ole varattu aikoja" in await talker.say("omat aikani")


async def test_one_of_several_by_its_number_its_day_or_its_code(clinic: Clinic) -> None:
    numbers = (MINE, "BBBB-CCCC-DDDD")
    by_number, by_day, by_code = [await booked_one(clinic, *numbers) for _ in range(3)]
    assert "Mitä aikaa tarkoitat?" in await by_number.say("haluan perua")
    assert "BBBB-CCCC-DDDD" in await by_number.say("2")
    clinic.appointments[MINE] = booked(MINE, "2026-12-06T09:30:00+02:00")
    assert MINE in await by_day.say("haluan perua itsenäisyyspäivänä")
    assert "BBBB-CCCC-DDDD" in await by_code.say("haluan perua bbbb-cccc-dddd")


async def test_leaving_words_at_the_yes_cancel_nothing_and_are_not_taken_for_done(clinic: Clinic) -> None:
    talker = await booked_one(clinic)
    await talker.say("haluan perua ajan")
    for word in ("peru", "PERUUTA", "cancel", "avboka"):
        assert "ei ole vielä peruttu" in await talker.say(word)
    assert talker.effects[-1].name == "appointments.book"
    assert "Aikaa ei peruttu" in await talker.say("ei")
    await talker.say("haluan perua ajan")
    assert "Selvä, jätetään tämä." in await talker.say("anna olla")


@pytest.mark.parametrize(("outcome", "expected"), [("gone", "ei enää ole"), ("late", "ei enää anna perua")])
async def test_what_cannot_be_cancelled_is_told(clinic: Clinic, outcome: str, expected: str) -> None:
    talker = await booked_one(clinic)
    await talker.say("haluan perua ajan")
    await talker.press("Peru aika")
    assert expected in await talker.result({"outcome": outcome, "appointment": None})


async def test_moving_names_both_times_and_keeps_the_old_one_until_it_is_done(clinic: Clinic) -> None:
    talker = await booked_one(clinic)
    assert "Vapaat ajat" in await talker.say("haluan siirtää aikaa")
    said = await talker.say("1")
    assert "Nyt: torstaina 3.12. klo 9.30, Kallio\nUusi aika: tänään torstaina 26.11. klo 13.00, Kallio" in said
    await talker.press("Siirrä aika")
    assert talker.effects[-1].arguments == (MINE, "s-1126T13")
    said = await talker.result({"outcome": "taken", "appointment": booked()})
    assert "Vanha aikasi on yhä voimassa: torstaina 3.12." in said
    await talker.say("2")
    await talker.press("Siirrä aika")
    assert "Varaustunnus on sama" in await talker.result({"outcome": "done", "appointment": booked()})


async def test_a_move_that_fails_or_comes_too_late(clinic: Clinic) -> None:
    for result, expected in (
        ({"error": "InDoubt"}, "vahvistusta"),
        ({"value": {"outcome": "late", "appointment": None}}, "ei enää voi"),
    ):
        talker = await booked_one(clinic)
        await talker.say("haluan siirtää aikaa")
        await talker.say("1")
        await talker.press("Siirrä aika")
        assert expected in await talker.result(**result)


async def test_own_ones_are_listed_and_another_s_only_with_its_code(clinic: Clinic) -> None:
    clinic.appointments["BBBB-CCCC-DDDD"] = booked("BBBB-CCCC-DDDD")
    talker = citizen(clinic)
    assert "ei ole varattu aikoja" in await talker.say("omat aikani")
    assert "BBBB-CCCC-DDDD" in await talker.say("omat aikani BBBB-CCCC-DDDD")
    known = await booked_one(clinic)
    said = await known.say("omat aikani")
    assert f"Varaustunnus {MINE}" in said
    assert "BBBB" not in said


async def test_a_code_of_nothing_and_one_of_the_past(clinic: Clinic) -> None:
    talker = citizen(clinic)
    assert "Mikä on ajan varaustunnus?" in await talker.say("haluan perua ajan")
    assert "ei löydy aikaa" in await talker.say("BBBB-CCCC-DDDD")
    clinic.appointments[MINE] = booked(starts="2026-11-20T09:30:00+02:00")
    assert "on jo mennyt tai peruttu" in await talker.say(f"haluan perua {MINE}")


async def test_an_appointment_is_known_for_months_but_not_for_ever(clinic: Clinic) -> None:
    talker = await booked_one(clinic)
    clinic.appointments[MINE] = booked(starts="2027-03-03T09:30:00+02:00")
    talker.now += timedelta(days=90)
    assert "Perunko" in await talker.say("haluan perua ajan")


@pytest.mark.parametrize(
    ("text", "opens"),
    [("en halua varata vaan perua", "cancel"), ("en halua perua, varaa aika", "book"), ("peruisin aikani", "cancel"),
     ("jag vill inte avboka utan boka en ny tid", "book"), ("I don't want to book, I want to cancel", "cancel"),
     ("i want to move it, not cancel", "move"), ("omat aikani", "mine"), ("mina tider", "mine")],
)  # fmt: skip
async def test_the_opposite_opens_the_right_branch(clinic: Clinic, text: str, opens: str) -> None:
    clinic.appointments[MINE] = booked()
    talker = await booked_one(clinic)
    await talker.say(text, language="fi")
    found = [run["dialog"] for run in talker.open_runs] or ["appointment_mine" if MINE in talker.said else "none"]
    assert found == [f"appointment_{opens}"]


async def test_a_question_is_answered_by_the_topic_and_without_a_server_everything_is() -> None:
    alone = citizen(Clinic())
    del alone.services["appointments"]  # type: ignore[attr-defined]
    await alone.say("haluan varata hoitaja")
    assert alone.open_runs == []
    asked = citizen(Clinic())
    await asked.say("miten voin varata ajan")
    assert asked.open_runs == []


async def test_the_language_may_change_in_the_middle(clinic: Clinic) -> None:
    talker = citizen(clinic)
    await talker.say("varata hoitaja")
    said = await talker.say("på svenska")
    assert "Lediga tider, den tidigaste först (Skötare)" in said
    assert "i dag torsdag 26.11 kl. 13.00, Kallio" in said
    said = await talker.say("in english")
    assert "Free times, the earliest first (Nurse)" in said


@pytest.mark.parametrize(
    ("text", "found"),
    [("ABCD-EFGH-2345", MINE), ("tunnus abcd efgh 2345 kiitos", MINE), ("ABCDEFGH2345", MINE),
     ("A8CD-EFGH-2345", MINE), ("0BCD-1FGH-2345", "OBCD-IFGH-2345"), ("perua aika maan anto", None),
     ("ABCD-EFGH-9999", None), ("XABCD-EFGH-2345", None)],
)  # fmt: skip
def test_codes_are_read_as_people_write_them(text: str, found: str | None) -> None:
    assert code(text) == found
