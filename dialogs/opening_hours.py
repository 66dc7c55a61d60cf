"""When a place is open: which place, which day, and the day's periods, each with the words of its state."""

from __future__ import annotations

from datetime import datetime

from bot.messages import JSON, Link
from dialogs.cityscape import POPULAR, UNIT, Wanted, best, day_words, service_words, services, unit_words, units_options
from dialogs.dialog import dialog
from dialogs.hours_words import now_words, periods_words
from dialogs.prompt_choices import Choose
from dialogs.prompt_dated import Dated
from dialogs.prompt_entities import Date, Place
from dialogs.services import DayHours, Directory, OpeningHours, OpenStatus, ServiceUnavailable, Unit
from dialogs.talk import Talk

CANDIDATES = 4


async def opening_hours(talk: Talk, directory: Directory, hours: OpeningHours) -> JSON:
    """Ask which place, unless it was said; the day is the one said last, and today where none was."""
    first, asked = talk.given("date", Date()), talk.now("asked")
    unit, later, listed = await _unit(talk, directory)
    if unit is None:
        await talk.say("gone")
        return None
    date = later or first or asked.date().isoformat()
    try:
        day: DayHours | None = await talk.read("hours", hours.on, unit["id"], date)
    except ServiceUnavailable:
        day = None
    if day is None:
        await talk.say("unavailable", links=_links(unit, talk), unit=unit_words(unit), phone=_phone(unit, talk))
    elif not day["known"] or not day["periods"]:
        await talk.say("unknown", links=_links(unit, talk), unit=unit_words(unit), phone=_phone(unit, talk))
    else:
        now = await _now(talk, hours, unit, asked) if date == asked.date().isoformat() else ""
        await talk.say(
            "demonstration" if day["demonstration"] else "known",
            links=_links(unit, talk),
            unit=unit_words(unit),
            day=day_words(date, talk.edge, hours.holiday(date, talk.language)),
            periods=periods_words(day, talk.voice) + now + _age(day, talk),
        )
    shown = {"unit": unit["id"], "day": date}
    return {"recent": {**shown, "listed": listed} if listed else shown}


async def _unit(talk: Talk, directory: Directory) -> tuple[Unit | None, str | None, JSON]:
    """The place, the day that was said beside an answer, and the places it was chosen among with their kind."""
    place = Wanted(services(directory), talk.voice.label, len(POPULAR))
    wanted = await talk.ask("place", Dated(place))
    kind, date = wanted["answer"], wanted["date"]
    listed: JSON = None
    if kind.startswith(UNIT):
        unit_id = kind.removeprefix(UNIT)
    else:
        where = await talk.ask("where", Dated(Place(directory)), service=service_words(directory, kind))
        date = where["date"] or date
        units: list[Unit] = await talk.read("units", directory.nearest, kind, where["answer"], CANDIDATES)
        if not units:
            return None, date, listed
        unit_id, listed = units[0]["id"], {"service": kind, "units": [unit["id"] for unit in units]}
        if len(units) > 1:
            chosen = await talk.ask("unit", Dated(Choose(units_options(units), talk.voice.label)))
            unit_id, date = chosen["answer"], chosen["date"] or date
    found: Unit | None = await talk.read("found", directory.unit, unit_id)
    return found, date, listed


async def _now(talk: Talk, hours: OpeningHours, unit: Unit, asked: datetime) -> str:
    """Whether it is open at this moment, on a line of its own; empty where that is not known."""
    try:
        status: OpenStatus = await talk.read("status", hours.status, unit["id"], asked.isoformat())
    except ServiceUnavailable:
        return ""
    line = now_words(status, asked, talk.edge)
    return f"\n\n{line}" if line else ""


def _age(day: DayHours, talk: Talk) -> str:
    """The date of a copy that answers in its source's place."""
    as_of = day.get("as_of")
    if as_of is None:
        return ""
    return "\n\n" + talk.voice.text("hours.as_of", {"date": day_words(as_of, talk.edge).words(talk.language)})


def _links(unit: Unit, talk: Talk) -> list[Link]:
    url = best(unit["urls"], talk.language)
    return [Link(best(unit["names"], talk.language), url)] if url else []


def _phone(unit: Unit, talk: Talk) -> str:
    return talk.voice.text("place.phone", {"phone": unit["phone"]}) if unit["phone"] else ""


OPENING_HOURS = dialog(opening_hours)
