"""How reminders that citizens order are named."""

from __future__ import annotations

from collections.abc import Sequence

from dialogs.cityscape import place_words
from dialogs.my_data_prompts import WhichPurpose
from dialogs.services import Directory
from dialogs.services_nudges import Details, Reminder, ReminderKind
from dialogs.speech import ByLanguage, Option, Spoken, Voice
from dialogs.steps import Edge
from dialogs.talk import Talk


def weekdays(talk: Talk) -> list[Option]:
    """The days of the week, from Monday."""
    return [Option(str(number), _weekday(number, talk.edge)) for number in range(1, 8)]


def which_kind(talk: Talk, kinds: Sequence[ReminderKind]) -> WhichPurpose:
    """The prompt for one of several kinds of the same purpose."""
    options = tuple(Option(kind["id"], _title(kind)) for kind in kinds)
    return WhichPurpose(options, talk.voice.label, stems={kind["id"]: stems(kind["id"], talk.voice) for kind in kinds})


def which_reminder(
    talk: Talk, reminders: Sequence[Reminder], kinds: Sequence[ReminderKind], *more: Option
) -> WhichPurpose:
    """The prompt for one of the reminders that were ordered, with how each stands; ``more`` are options beside them."""
    purposes = {kind["id"]: kind["purpose"] for kind in kinds}
    options = [Option(one["id"], _line(one, talk.edge)) for one in reminders]
    named = {one["id"]: _stems_of(one, purposes, talk.voice) for one in reminders}
    return WhichPurpose((*options, *more), talk.voice.label, stems=named)


def name(one: Reminder) -> str:
    """What it is and of what."""
    return f"{one['title']} ({one['about']})" if one["about"] else one["title"]


def about_words(about: str) -> Spoken:
    """Of what, in brackets; empty where of nothing."""
    return Spoken(about, lambda _: f" ({about})" if about else "")


def details_words(details: Details, directory: Directory, edge: Edge) -> Spoken:
    """What an order says, in brackets; empty where it says nothing."""

    def words(language: str) -> str:
        voice, parts = Voice(edge.texts, language), []
        if details["place"] is not None:
            parts.append(place_words(directory, details["place"]).words(language))
        if details["day"] is not None:
            parts.append(_weekday(details["day"], edge)(language))
        if details["time"] is not None:
            hour, minute = details["time"].split(":")
            clock = voice.text("hours.time", {"hour": int(hour), "minute": minute})
            parts.append(voice.text("hours.at", {"time": clock}))
        return f" ({', '.join(parts)})" if parts else ""

    return Spoken(dict(details), words)


def stems(name: str, voice: Voice) -> list[str]:
    """Of every word that citizens have for something, the beginning, as the texts list them."""
    said = voice.maybe(f"my_reminders.named.{name}") or voice.maybe(f"my_consents.named.{name}")
    return [stem.strip() for stem in said.split(",")] if said else []


def _line(one: Reminder, edge: Edge) -> ByLanguage:
    """A reminder and how it stands."""
    state = "paused_until" if one["state"] == "paused" and one["until"] else one["state"]
    values = {"title": name(one), "until": day(one["until"])}
    return lambda language: Voice(edge.texts, language).text(f"my_reminders.state.{state}", values)


def _stems_of(one: Reminder, purposes: dict[str, str], voice: Voice) -> list[str]:
    return stems(one["kind"], voice) or stems(purposes.get(one["kind"], ""), voice)


def _title(kind: ReminderKind) -> ByLanguage:
    return lambda _: kind["title"]


def _weekday(number: int, edge: Edge) -> ByLanguage:
    return lambda language: Voice(edge.texts, language).text(f"my_reminders.weekday_{number}")


def day(iso: str | None) -> str:
    """An ISO date as people write it; ``None`` is empty."""
    if iso is None:
        return ""
    year, month, number = map(int, iso.split("-"))
    return f"{number}.{month}.{year}"
