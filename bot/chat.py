"""``neuvo chat``: talk to the city in the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import click

from bot.city import City
from bot.messages import Reply
from bot.rig import Rig


async def chat(city: City, database_url: str, language: str | None) -> None:
    """Read lines until the end of the input; numbers press the buttons under the last answer."""
    async with Rig(city, database_url) as rig:
        talk = rig.begin()
        show(await talk.say({"fi": "moi", "sv": "hej", "en": "hello"}[language]) if language else ())
        while (line := await asyncio.to_thread(_read)) is not None:
            labels = talk.labels()
            chosen = int(line) if line.isdecimal() and len(line) < 3 else 0
            if 0 < chosen <= len(labels):
                await talk.press(labels[chosen - 1])
            else:
                await talk.say(line)
            show(talk.answer)


def _read() -> str | None:
    try:
        return input("> ")
    except (EOFError, KeyboardInterrupt):
        return None


def show(replies: Iterable[Reply]) -> None:
    """Print replies with their cards, links and numbered buttons."""
    for reply in replies:
        click.echo(reply.text)
        for card in reply.cards:
            click.echo("\n".join(["", f"  {card.title}", *(f"  {line}" for line in card.lines), f"  {card.url or ''}"]))
        for link in reply.links:
            click.echo(f"  {link.label}: {link.url}")
        for number, choice in enumerate(reply.choices, start=1):
            click.echo(f"  {number}. {choice.label}")
