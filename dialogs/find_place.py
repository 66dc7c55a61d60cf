"""Where is the nearest library, playground, … or where is Oodi."""

from __future__ import annotations

from bot.messages import JSON
from dialogs.cityscape import POPULAR, UNIT, Wanted, brief, card, place_words, service_words, services, unit_words
from dialogs.dialog import dialog
from dialogs.prompt_elsewhere import Elsewhere
from dialogs.prompt_entities import Place
from dialogs.services import Directory, Unit
from dialogs.services import Place as PlaceValue
from dialogs.talk import Talk

SHOWN = 3
CHANGES = 3
"""How often the kind of place may be changed in the answer to "where?"."""


async def find_place(talk: Talk, directory: Directory) -> JSON:
    """Ask what and where, unless it was said already, and show up to three places."""
    wanted = await talk.ask("service", Wanted(services(directory), talk.voice.label, len(POPULAR)))
    if wanted.startswith(UNIT):
        return await one(talk, directory, wanted.removeprefix(UNIT))
    wanted, place = await _where(talk, directory, wanted)
    if place["latitude"] is None:
        # A street that nobody has placed: its part of the town will do.
        place = await talk.ask("district", Place(directory, kinds=("point", "district", "postal_code")))
    units: list[Unit] = await talk.read("units", directory.nearest, wanted, place, SHOWN)
    if not units:
        await talk.say("none", service=service_words(directory, wanted))
        return None
    await talk.say(
        "found",
        cards=[card(unit, talk.voice) for unit in units],
        service=service_words(directory, wanted),
        place=place_words(directory, place),
        units=brief(units, talk.voice),
    )
    # "Is it open?" means the nearest, which stands first; the answer names it.
    return {"recent": {"unit": units[0]["id"], "listed": {"service": wanted, "units": [unit["id"] for unit in units]}}}


async def _where(talk: Talk, directory: Directory, wanted: str) -> tuple[str, PlaceValue]:
    """What and where: "a swimming hall after all" changes what was wanted, and asks where again."""
    for _ in talk.each("again", range(CHANGES)):
        found = await talk.ask("place", Elsewhere(directory, wanted), service=service_words(directory, wanted))
        wanted = found["service"] or wanted
        if found["place"] is not None:
            return wanted, found["place"]
    return wanted, await talk.ask("place", Place(directory), service=service_words(directory, wanted))


async def one(talk: Talk, directory: Directory, unit_id: str) -> JSON:
    """Show the place that was named."""
    unit: Unit | None = await talk.read("unit", directory.unit, unit_id)
    if unit is None:
        await talk.say("gone")
        return None
    await talk.say("one", cards=[card(unit, talk.voice)], unit=unit_words(unit), units=brief([unit], talk.voice))
    return {"recent": {"unit": unit["id"]}}


FIND_PLACE = dialog(find_place)
