"""A reply as Telegram's messages: a picture, a place on the map, and the text with its buttons, in this order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.markdown import escape
from bot.messages import Card, Choice, Reply
from channels.kind import Texts
from channels.render import card_links, has_point, link_line, safe_url
from channels.split import split
from channels.telegram.markup import Part, parts, units

LONGEST_CAPTION = 1024
MOST_BUTTONS = 100
_ROW = 28
"""Characters of the labels of one row: what a narrow telephone shows whole."""
_IN_ROW = 3
_LONGEST_LABEL = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on the web; without it, the text says the same."""

    url: str
    caption: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the map; without it, the text says the same."""

    card: Card


@dataclass(frozen=True, slots=True)
class Words:
    """A text. ``buttons`` are under it."""

    part: Part
    buttons: bool = False


Message = Picture | Place | Words


def messages(reply: Reply, texts: Texts) -> list[Message]:
    """The messages of a reply."""
    found: list[Message] = []
    if reply.image is not None and _is_web(reply.image.url):
        found.append(Picture(reply.image.url, cut(reply.image.alt, LONGEST_CAPTION)))
    if len(reply.cards) == 1 and has_point(reply.cards[0]):
        found.append(Place(reply.cards[0]))
    words = parts("\n\n".join(_paragraphs(reply, texts)))
    if reply.choices and not words:
        words = [Part("👇", "👇")]
    found += [Words(part, number == len(words)) for number, part in enumerate(words, 1)]
    return found


def rows(choices: Sequence[Choice]) -> list[list[tuple[int, str]]]:
    """The labels of the choices in rows, each with its number from 0: short ones stand side by side, but alike."""
    found: list[list[tuple[int, str]]] = []
    room = 0
    aside = False
    for number, choice in enumerate(choices[:MOST_BUTTONS]):
        label = cut(choice.label.strip() or "…", _LONGEST_LABEL)
        if not found or len(found[-1]) == _IN_ROW or len(label) > room or choice.aside != aside:
            found.append([])
            room, aside = _ROW, choice.aside
        found[-1].append((number, label))
        room -= len(label)
    return found


def cut(text: str, limit: int) -> str:
    """At most so many UTF-16 units of a text."""
    return text if units(text) <= limit else split(text, limit - 1, units)[0] + "…"


def _paragraphs(reply: Reply, texts: Texts) -> Iterator[str]:
    if reply.text.strip():
        yield reply.text
    for card in reply.cards:
        yield "\n".join(_card_lines(card, reply.language, texts))
    if reply.links:
        yield "\n".join(f"- {link_line(link)}" for link in reply.links)


def _card_lines(card: Card, language: str, texts: Texts) -> Iterator[str]:
    yield f"**{escape(card.title)}**"
    yield from map(escape, card.lines)
    if links := card_links(card, language, texts):
        yield " · ".join(map(link_line, links))


def _is_web(url: str) -> bool:
    return safe_url(url) and urlsplit(url).scheme.lower() in ("http", "https")
