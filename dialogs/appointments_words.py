"""How appointments and their times are said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.messages import JSON
from dialogs.cityscape import best, day_words
from dialogs.services import Appointment, FreeTime
from dialogs.speech import Option, Spoken, Voice
from dialogs.steps import Edge

KNOWN = "appointments"
"""What a conversation remembers of the appointments that were booked in it: their codes."""


def time_words(starts: str, place: str, edge: Edge) -> Spoken:
    """Day, time and place."""

    def words(language: str) -> str:
        voice = Voice(edge.texts, language)
        begin = datetime.fromisoformat(starts).astimezone(edge.now.tzinfo)
        clock = voice.text("hours.time", {"hour": begin.hour, "minute": f"{begin:%M}"})
        said = f"{day_words(begin.date().isoformat(), edge).words(language)} {voice.text('hours.at', {'time': clock})}"
        return f"{said}, {place}" if place else said

    return Spoken([starts, place], words)


def free_words(time: FreeTime, edge: Edge) -> Spoken:
    """A free time."""
    return time_words(time["starts"], time["place"], edge)


def when_words(found: Appointment, edge: Edge) -> Spoken:
    """When and where an appointment is."""
    return time_words(found["starts"] or "", found["place"], edge)


def name_words(item_id: str, names: Mapping[str, str]) -> Spoken:
    """What is booked, by its name; with none, nothing is named."""
    return Spoken(item_id, lambda language: best(names, language))


def bring_words(found: Appointment, edge: Edge) -> Spoken:
    """What to have along, on a line of its own; empty where nothing is said of it."""

    def words(language: str) -> str:
        bring = best(found["bring"], language)
        return "\n" + Voice(edge.texts, language).text("appointment.bring", {"bring": bring}) if bring else ""

    return Spoken(found["number"], words)


def note_words(found: Appointment, edge: Edge) -> Spoken:
    """That nobody keeps it, where the server is a demonstration."""

    def words(language: str) -> str:
        return "\n\n" + Voice(edge.texts, language).text("appointment.demonstration") if found["demonstration"] else ""

    return Spoken(found["number"], words)


def time_options(times: Sequence[FreeTime], edge: Edge) -> tuple[Option, ...]:
    """Free times to choose from."""
    return tuple(Option(time["id"], free_words(time, edge).words) for time in times)


def own_options(own: Sequence[Appointment], edge: Edge) -> tuple[Option, ...]:
    """Appointments to choose from."""
    return tuple(Option(found["number"], when_words(found, edge).words) for found in own)


def to_come(found: Appointment, now: datetime) -> bool:
    """Whether somebody is still expected."""
    starts = found["starts"]
    return found["state"] in {"booked", "pending"} and starts is not None and datetime.fromisoformat(starts) > now


def remembered(numbers: Sequence[str]) -> JSON:
    """What a dialog ends with, so that the conversation knows its appointments."""
    return {"recent": {KNOWN: list(dict.fromkeys(numbers))}}
