"""What channels share in showing a reply: links that are safe to press, Markdown without markup of others, maps."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.markdown import escape
from bot.messages import Card, Link
from channels.kind import Texts

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
"""Schemes of addresses that are shown as links."""

_INLINE = re.compile(r"(!?)\[((?:[^\[\]\\]|\\.)*)\]\(\s*<?([^()\s<>]*(?:\([^()\s<>]*\)[^()\s<>]*)*)>?(?:\s+[^()]*)?\)")
_REFERENCE = re.compile(r"^( {0,3})\[([^\]\n]+)\]:", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


def safe_url(url: str) -> bool:
    """Whether an address may be shown as a link: of a scheme that we know, without anything hidden in it."""
    if _CONTROL.search(url) or "&#" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in SCHEMES and bool(parts.netloc or parts.scheme.lower() in ("mailto", "tel"))


def safe_markdown(text: str) -> str:
    """Light Markdown whose links are safe, without images and HTML: a bad link leaves its words.

    It is the last guard and changes nothing in what the server writes itself.
    """
    text = _INLINE.sub(_link, text.replace("\r\n", "\n").replace("\x00", "\ufffd"))
    text = _REFERENCE.sub(r"\1\\[\2]:", text)
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)


def _link(found: re.Match[str]) -> str:
    if not found[1] and safe_url(found[3]):
        return f"[{found[2]}]({found[3]})"
    return found[2]


def link_line(link: Link) -> str:
    """A link as Markdown; one that is not safe to press is left as words."""
    if not safe_url(link.url):
        return escape(link.label)
    return f"[{escape(link.label)}]({link.url.replace('(', '%28').replace(')', '%29')})"


MAP = "https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}"


def card_links(card: Card, language: str, texts: Texts) -> list[Link]:
    """What can be opened of a place: it on a map, and its page."""
    found = (("card.map", map_url(card, MAP)), ("card.page", card.url))
    return [Link(texts(key, language), url) for key, url in found if url is not None and safe_url(url)]


def has_point(card: Card) -> bool:
    """Whether it is known where on Earth a place is."""
    if card.latitude is None or card.longitude is None:
        return False
    return abs(card.latitude) <= 90 and abs(card.longitude) <= 180


def map_url(card: Card, template: str) -> str | None:
    """Where a place is on a map; ``template`` takes ``{latitude}`` and ``{longitude}`` in degrees."""
    if not has_point(card):
        return None
    return template.format(latitude=f"{card.latitude:.6f}", longitude=f"{card.longitude:.6f}")
