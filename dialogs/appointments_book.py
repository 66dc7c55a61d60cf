"""Book an appointment: what for, when, a yes, and a code with what to have along."""

from __future__ import annotations

from bot.messages import JSON
from dialogs.appointments_prompts import Known
from dialogs.appointments_time import APPOINTMENT_TIME, BOOKING
from dialogs.appointments_words import bring_words, free_words, name_words, note_words, remembered, when_words
from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.guidance import links
from dialogs.services import AppointmentKind, Appointments, Change, FreeTime, ServiceUnavailable, Topics
from dialogs.speech import Option
from dialogs.talk import Talk

ROUNDS = 5
"""Times that may be taken by others before the dialog ends."""


async def appointment_book(talk: Talk, appointments: Appointments, topics: Topics) -> JSON:
    """Ask what for, unless it was said, offer times until one is booked, and remember its code."""
    known: list[str] = talk.given("known", Known()) or []
    try:
        kinds: list[AppointmentKind] = await talk.read("kinds", appointments.kinds)
    except ServiceUnavailable:
        await talk.say("unavailable", links=links(talk, topics, BOOKING))
        return None
    options = [Option(kind["id"], name_words(kind["id"], kind["names"]).words) for kind in kinds]
    kind = str(await talk.choose("kind", options)) if len(kinds) > 1 else kinds[0]["id"]
    name = name_words(kind, next(item["names"] for item in kinds if item["id"] == kind))
    for _ in talk.each("round", range(ROUNDS)):
        time: FreeTime | None = await talk.call("pick", APPOINTMENT_TIME, kind=kind, label=name)
        if time is None:
            return None
        if not await talk.confirm("sure", kind=name, time=free_words(time, talk.edge)):
            await talk.say("not_booked")
            return None
        try:
            change: Change = await talk.do("book", "appointments.book", kind, time["id"])
        except EffectFailed:
            await talk.say("failed", links=links(talk, topics, BOOKING), time=free_words(time, talk.edge))
            return None
        booked = change["appointment"]
        if booked is not None:
            await talk.say(
                "asked" if booked["state"] == "pending" else "done",
                kind=name,
                time=when_words(booked, talk.edge),
                number=booked["number"],
                bring=bring_words(booked, talk.edge),
                note=note_words(booked, talk.edge),
            )
            return remembered([*known, booked["number"]])
        await talk.say("taken", time=free_words(time, talk.edge))
    return None


APPOINTMENT_BOOK = dialog(appointment_book)
