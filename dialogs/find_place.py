"""Where is the nearest library, playground, … or where is Oodi."""

from __future__ import annotations

from dialogs.cityscape import POPULAR, UNIT, Wanted, brief, card, place_words, service_words, services, unit_words
from dialogs.dialog import dialog
from dialogs.prompt_entities import Place
from dialogs.services import Directory, Unit
from dialogs.talk import Talk

SHOWN = 3


async def find_place(talk: Talk, directory: Directory) -> None:
    """Ask what and where, unless it was said already, and show up to three places."""
    wanted = await talk.ask("service", Wanted(services(directory), talk.voice.label, len(POPULAR)))
    if wanted.startswith(UNIT):
        await one(talk, directory, wanted.removeprefix(UNIT))
        return
    place = await talk.ask("place", Place(directory), service=service_words(directory, wanted))
    if place["latitude"] is None:
        # A street that nobody has placed: its part of the town will do.
        place = await talk.ask("district", Place(directory, kinds=("point", "district", "postal_code")))
    units: list[Unit] = await talk.read("units", directory.nearest, wanted, place, SHOWN)
    if not units:
        await talk.say("none", service=service_words(directory, wanted))
        return
    await talk.say(
        "found",
        cards=[card(unit, talk.voice) for unit in units],
        service=service_words(directory, wanted),
        place=place_words(directory, place),
        units=brief(units, talk.voice),
    )


async def one(talk: Talk, directory: Directory, unit_id: str) -> None:
    """Show the place that was named."""
    unit: Unit | None = await talk.read("unit", directory.unit, unit_id)
    if unit is None:
        await talk.say("gone")
        return
    await talk.say("one", cards=[card(unit, talk.voice)], unit=unit_words(unit), units=brief([unit], talk.voice))


FIND_PLACE = dialog(find_place)
