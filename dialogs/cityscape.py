"""Helpers of the dialogs about places: what is wanted, how units and days are called, how a unit is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.messages import Card, Match
from dialogs.prompt_choices import Choose
from dialogs.prompts import Again, Context, Opening, Valid, is_aside
from dialogs.services import Directory, Place, Unit
from dialogs.speech import Option, Spoken, Voice
from dialogs.steps import Edge
from dialogs.words import numbered

UNIT = "unit/"
"""Begins the answer that names one unit; any other answer is the id of a service."""
POPULAR = ("library", "health_station", "swimming_hall", "playground", "dental_clinic", "daycare")


@dataclass(frozen=True)
class Wanted(Choose):
    """A kind of place, or one place by its name: ``library``, or ``unit/8215``."""

    def accepts(self, value: Any) -> bool:
        """Any unit too: whether it is still there is looked up."""
        return super().accepts(value) or (isinstance(value, str) and value.startswith(UNIT))

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """A named unit first."""
        units = [entity for entity in match.entities if entity.kind == "unit"]
        if payload is None and units and not is_aside(text, match, context, ("unit", "service")):
            return Valid(UNIT + units[0].value)
        return super().parse(text, payload, match, context)

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """A named unit, unless it only tells where the kind of place should be."""
        units, services = opening.unused("unit"), opening.unused("service")
        if units and not services:
            place, entity = units[0]
            return Valid(UNIT + entity.value, place)
        return super().opened(opening, context)


def services(directory: Directory) -> tuple[Option, ...]:
    """The kinds of places, the popular ones first."""
    known = directory.services()
    ordered = [*(s for s in POPULAR if s in known), *(s for s in known if s not in POPULAR)]
    return tuple(Option(service, _service_name(directory, service)) for service in ordered)


def service_words(directory: Directory, service: str) -> Spoken:
    """A kind of place with its name."""
    return Spoken(service, _service_name(directory, service))


def place_words(directory: Directory, place: Place) -> Spoken:
    """A place with its name, or with the citizen's own words where those say more."""

    def words(language: str) -> str:
        name = "" if place["kind"] == "free" else directory.name(place["kind"], place["id"], language)
        more = place["kind"] == "street" and numbered(place["text"])
        return name if name and not more and len(place["text"]) <= len(name) + 3 else place["text"]

    return Spoken(dict(place), words)


def unit_words(unit: Unit) -> Spoken:
    """A unit with its name."""
    return Spoken(unit["id"], lambda language: best(unit["names"], language))


def units_options(units: Sequence[Unit]) -> tuple[Option, ...]:
    """Units to choose from."""
    return tuple(Option(unit["id"], unit_words(unit).words) for unit in units)


def best(values: Mapping[str, str], language: str) -> str:
    """The value in a language, else the Finnish one, else any; empty where there is none."""
    return values.get(language) or values.get("fi") or next(iter(values.values()), "")


def card(unit: Unit, voice: Voice) -> Card:
    """A unit as it is shown: address and distance, phone, page."""
    address = best(unit["addresses"], voice.language)
    far = distance(unit, voice)
    lines = [", ".join(part for part in (address, far) if part), unit["phone"] or ""]
    return Card(
        title=best(unit["names"], voice.language),
        lines=tuple(line for line in lines if line),
        latitude=unit["latitude"],
        longitude=unit["longitude"],
        url=best(unit["urls"], voice.language) or None,
    )


def brief(units: Sequence[Unit], voice: Voice) -> str:
    """Units in a line each, for channels that count characters."""
    cards = [card(unit, voice) for unit in units]
    return "\n".join(", ".join((shown.title, *shown.lines)) for shown in cards)


def distance(unit: Unit, voice: Voice) -> str:
    """How far a unit is, as the crow flies; empty where it is not known."""
    return metres_words(unit["distance_m"], voice)


def metres_words(metres: int | None, voice: Voice) -> str:
    """A distance in metres or kilometres; empty where it is not known."""
    if metres is None:
        return ""
    if metres < 1000:
        return voice.text("place.metres", {"number": max(10, round(metres, -1))})
    number = f"{metres / 1000:.1f}"
    return voice.text("place.kilometres", {"number": number if voice.language == "en" else number.replace(".", ",")})


def day_words(iso: str, edge: Edge, holiday: str | None = None) -> Spoken:
    """A date with its words: today or tomorrow, its weekday, its holiday."""

    def words(language: str) -> str:
        voice = Voice(edge.texts, language)
        day, today = date.fromisoformat(iso), edge.now.date()
        written = voice.text("day.date", {"day": day.day, "month": day.month})
        said = voice.text(f"day.weekday_{day.isoweekday()}", {"date": written})
        near = {today: "day.today", today + timedelta(days=1): "day.tomorrow"}.get(day)
        said = voice.text(near, {"day": said}) if near else said
        return f"{said} ({holiday})" if holiday else said

    return Spoken(iso, words)


def _service_name(directory: Directory, service: str) -> Any:
    return lambda language: directory.name("service", service, language)
