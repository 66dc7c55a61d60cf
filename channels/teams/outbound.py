"""A reply as activities of Teams: Markdown, and one Adaptive Card for what can be pressed or looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import orjson

from bot.messages import Card, Choice, Link, Reply
from channels.kind import Texts
from channels.render import card_links, safe_markdown, safe_url
from channels.split import split

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
VERSION = "1.4"
CHAT = "https://teams.microsoft.com/l/chat/0/0?users={bot}"
"""Opens a person's chat with the bot of this id."""
LONGEST = 20_000
"""Bytes of a part's text in UTF-16, in which Teams counts; with all around it a message may have 28 KB."""

_LIST = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The city's sentences, and how a press looks."""

    texts: Texts
    echo: bool = True
    """Whether a press is shown as words of the person. Agents Playground breaks down over it."""


def shared(reply: Reply, bot: str, look: Look) -> Reply:
    """A reply as others may read it: instead of choices, of which one could be personal, the way to a private chat."""
    invite = Link(look.texts("group.go_private", reply.language), CHAT.format(bot=quote(bot)))
    return replace(reply, choices=(), links=(*reply.links, invite))


def shown(reply: Reply, look: Look) -> list[dict[str, Any]]:
    """The activities of a reply, in their order; what can be pressed is under the last."""
    parts = split(_markdown(reply.text), LONGEST, size)
    activities: list[dict[str, Any]] = [
        {"type": "message", "text": part, "textFormat": "markdown", "locale": reply.language} for part in parts
    ]
    card = _card(reply, look)
    if card is not None:
        if not activities or size(activities[-1]["text"]) + size(orjson.dumps(card).decode()) > LONGEST:
            activities.append({"type": "message", "locale": reply.language})
        attachment = {"contentType": ADAPTIVE, "content": card}
        activities[-1] = {**activities[-1], "attachments": [attachment]}
    return activities


def size(text: str) -> int:
    """Bytes in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass"))


def _markdown(text: str) -> str:
    """Markdown as Teams knows it, where a single line break is nothing but a space."""
    lines: list[str] = []
    for line in safe_markdown(text).split("\n"):
        if lines and lines[-1].strip() and line.strip() and not _LIST.match(line):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def _card(reply: Reply, look: Look) -> dict[str, Any] | None:
    """Everything of a reply but its text; ``None`` where there is nothing else."""
    body: list[dict[str, Any]] = []
    if reply.image is not None and _web(reply.image.url):
        body.append({"type": "Image", "url": reply.image.url, "altText": reply.image.alt})
    body += [_place(card, reply.language, look) for card in reply.cards]
    actions = [_choice(choice, look) for choice in reply.choices if not choice.aside]
    actions += [_open(link.label, link.url) for link in reply.links if safe_url(link.url)]
    words = [_words(link) for link in reply.links if not safe_url(link.url)]
    if actions:
        # Actions of a card itself stand side by side and are cut off after six; sets of them are not.
        body += [{"type": "ActionSet", "actions": actions[at : at + 6]} for at in range(0, len(actions), 6)]
    body += words
    aside = [_choice(choice, look) for choice in reply.choices if choice.aside]
    if aside:
        body.append({"type": "ActionSet", "actions": aside, "spacing": "Small"})
    if not body:
        return None
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": VERSION,
        "lang": reply.language,
        "body": body,
    }


def _place(card: Card, language: str, look: Look) -> dict[str, Any]:
    buttons = [_open(link.label, link.url) for link in card_links(card, language, look.texts)]
    items: list[dict[str, Any]] = [_block(card.title, weight="Bolder"), *map(_block, card.lines)]
    if buttons:
        items.append({"type": "ActionSet", "actions": buttons})
    return {"type": "Container", "separator": True, "items": items}


def _block(text: str, **more: str) -> dict[str, Any]:
    """Words as they are. A text block would take them for Markdown, of which each client knows another part."""
    return {"type": "RichTextBlock", "spacing": "Small", "inlines": [{"type": "TextRun", "text": text, **more}]}


def _words(link: Link) -> dict[str, Any]:
    return _block(link.label)


def _choice(choice: Choice, look: Look) -> dict[str, Any]:
    """A button whose press shows its label as if it had been written."""
    value = {"payload": choice.payload}
    back = {"type": "messageBack", "text": choice.label, "displayText": choice.label, "value": value}
    data = {**value, "msteams": back} if look.echo else value
    return {"type": "Action.Submit", "title": choice.label, "data": data}


def _open(label: str, url: str) -> dict[str, Any]:
    return {"type": "Action.OpenUrl", "title": label, "url": url}


def _web(url: str) -> bool:
    return safe_url(url) and url.lower().startswith("https://")
