"""A reply as an activity of Direct Line: Markdown, buttons, and a card for each place."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.markdown import escape
from bot.messages import Card, Choice, Image, Reply
from channels.kind import Texts
from channels.render import card_links, link_line, safe_markdown, safe_url

HERO = "application/vnd.microsoft.card.hero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the city decides: the bot's name, and the words of the links of a place."""

    name: str
    texts: Texts


def shown(reply: Reply, look: Look) -> dict[str, Any]:
    """The activity of a reply, but for its place in the conversation."""
    lines = [safe_markdown(reply.text), "\n".join(f"- {link_line(link)}" for link in reply.links)]
    body: dict[str, Any] = {
        "type": "message",
        "from": {"id": "neuvo", "name": look.name, "role": "bot"},
        "text": "\n\n".join(filter(None, lines)),
        "textFormat": "markdown",
        "locale": reply.language,
    }
    attachments = [_card(card, reply.language, look) for card in reply.cards]
    if reply.image is not None:
        if _is_web(reply.image):
            attachments.insert(0, _image(reply.image))
        else:
            body["text"] = "\n\n".join(filter(None, (body["text"], escape(reply.image.alt))))
    if reply.choices:
        body["suggestedActions"] = {"to": [], "actions": [_button(choice) for choice in reply.choices]}
    if attachments:
        body["attachments"] = attachments
        body["attachmentLayout"] = "list"
    return body


def _is_web(image: Image) -> bool:
    """Whether the page may show it; of another the words alone are said."""
    return safe_url(image.url) and image.url.lower().startswith("https://")


def _image(image: Image) -> dict[str, Any]:
    """Its ``name`` is what clients say to who does not see it. They want a kind; by the address it is near enough."""
    kind = mimetypes.guess_type(urlsplit(image.url).path)[0] or ""
    kind = kind if kind.startswith("image/") else "image/jpeg"
    return {"contentType": kind, "contentUrl": image.url, "name": image.alt}


def _button(choice: Choice) -> dict[str, Any]:
    button: dict[str, Any] = {
        "type": "messageBack",
        "title": choice.label,
        "text": choice.label,
        "displayText": choice.label,
        "value": {"payload": choice.payload},
    }
    if choice.aside:
        button["channelData"] = {"aside": True}
    return button


def _card(card: Card, language: str, look: Look) -> dict[str, Any]:
    links = card_links(card, language, look.texts)
    buttons = [{"type": "openUrl", "title": link.label, "value": link.url} for link in links]
    content: dict[str, Any] = {"title": card.title, "text": "\n\n".join(card.lines)}
    if buttons:
        content["buttons"] = buttons
    return {"contentType": HERO, "content": content}
