"""What a search offers when no intent fits: up to three answers with their source, as a question and not as a fact."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import cast

from bot.messages import Card, Choice
from dialogs import buttons
from dialogs.house import FIND_PLACE
from dialogs.scene import Scene
from dialogs.services import Found, Search, ServiceUnavailable
from dialogs.words import bare

SECONDS = 2.0
"""How long a search may take: without it the citizen hears what is heard today."""
MOST = 3
_SHORTEST = 3


async def search(scene: Scene, text: str) -> list[Found]:
    """What the search finds for a message; nothing where it is away or slow."""
    service = cast("Search | None", scene.house.services.get("search"))
    if service is None or len(bare(text)) < _SHORTEST:
        return []
    try:
        async with asyncio.timeout(SECONDS):
            return (await service.find(text, scene.language, MOST))[:MOST]
    except (TimeoutError, ServiceUnavailable):
        return []


def offer(scene: Scene, found: Sequence[Found], *, human: bool) -> None:
    """Ask whether one of them is what was meant; with ``human``, the way to a person too."""
    choices = [choice for item in found if (choice := _button(scene, item)) is not None]
    choices.append(Choice(scene.voice.text("button.none"), buttons.command_payload("none")))
    if human:
        choices.insert(0, scene.button("human"))
    cards = [_card(scene, item) for item in found]
    titles = "\n".join(", ".join((card.title, *card.lines[-1:], *([card.url] if card.url else []))) for card in cards)
    name = "talk.found_again" if human else "talk.found"
    scene.replies.append(scene.voice.reply(name, {"answers": titles}, choices=choices, cards=cards))


def _button(scene: Scene, item: Found) -> Choice | None:
    """What can be asked for here; an event is a link of its card."""
    if item["kind"] == "topic" and scene.house.knows(item["id"]):
        return Choice(item["title"], buttons.intent_payload(item["id"]))
    if item["kind"] == "unit" and FIND_PLACE in scene.house.dialogs:
        return Choice(item["title"], buttons.intent_payload(FIND_PLACE, [("unit", item["id"])]))
    return None


def _card(scene: Scene, item: Found) -> Card:
    source = scene.voice.text("talk.found_source", {"source": item["source"]})
    read = _day(item["as_of"])
    dated = scene.voice.text("talk.found_dated", {"source": item["source"], "date": read}) if read else source
    return Card(title=item["title"], lines=tuple(line for line in (item["snippet"], dated) if line), url=item["url"])


def _day(iso: str | None) -> str:
    try:
        day = date.fromisoformat((iso or "")[:10])
    except ValueError:
        return ""
    return f"{day.day}.{day.month}.{day.year}"
