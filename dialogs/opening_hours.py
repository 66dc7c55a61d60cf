"""When a place is open: which place, which day, and the day's periods, each with the words of its state."""

from __future__ import annotations

from bot.messages import Link
from dialogs.cityscape import POPULAR, UNIT, Wanted, best, day_words, service_words, services, unit_words, units_options
from dialogs.dialog import dialog
from dialogs.hours_words import periods_words
from dialogs.prompt_entities import Date, Place
from dialogs.services import DayHours, Directory, OpeningHours, ServiceUnavailable, Unit
from dialogs.talk import Talk

CANDIDATES = 4


async def opening_hours(talk: Talk, directory: Directory, hours: OpeningHours) -> None:
    """Ask which place, unless it was said; the day is today unless another was said."""
    date = talk.given("date", Date()) or talk.now("asked").date().isoformat()
    unit = await _unit(talk, directory)
    if unit is None:
        await talk.say("gone")
        return
    try:
        day: DayHours | None = await talk.read("hours", hours.on, unit["id"], date)
    except ServiceUnavailable:
        day = None
    spoken = day_words(date, talk.edge, hours.holiday(date, talk.language))
    if day is None:
        await talk.say("unavailable", links=_links(unit, talk), unit=unit_words(unit), phone=_phone(unit, talk))
    elif not day["known"] or not day["periods"]:
        await talk.say("unknown", links=_links(unit, talk), unit=unit_words(unit), phone=_phone(unit, talk))
    else:
        await talk.say(
            "demonstration" if day["demonstration"] else "known",
            links=_links(unit, talk),
            unit=unit_words(unit),
            day=spoken,
            periods=periods_words(day, talk.voice),
        )


async def _unit(talk: Talk, directory: Directory) -> Unit | None:
    wanted = await talk.ask("place", Wanted(services(directory), talk.voice.label, len(POPULAR)))
    if wanted.startswith(UNIT):
        unit_id = wanted.removeprefix(UNIT)
    else:
        where = await talk.ask("where", Place(directory), service=service_words(directory, wanted))
        units: list[Unit] = await talk.read("units", directory.nearest, wanted, where, CANDIDATES)
        if not units:
            return None
        chosen = units[0]["id"] if len(units) == 1 else await talk.choose("unit", units_options(units))
        unit_id = str(chosen)
    found: Unit | None = await talk.read("found", directory.unit, unit_id)
    return found


def _links(unit: Unit, talk: Talk) -> list[Link]:
    url = best(unit["urls"], talk.language)
    return [Link(best(unit["names"], talk.language), url)] if url else []


def _phone(unit: Unit, talk: Talk) -> str:
    return talk.voice.text("place.phone", {"phone": unit["phone"]}) if unit["phone"] else ""


OPENING_HOURS = dialog(opening_hours)
