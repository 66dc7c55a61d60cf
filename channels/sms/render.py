"""A reply as text messages: one if it fits, a few in their order if it does not."""

from __future__ import annotations

from bot.gsm import downgrade, units
from bot.messages import Card, Image, Link, Reply
from channels.render import map_url
from channels.sms.plain import link_words, plain
from channels.split import split

LONGEST = 1600
"""Units of one body; Twilio takes no longer one."""
MOST = 4
"""Bodies of one reply. What does not fit in them is left out, and the end says so."""
MAP = "https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"
CUT = "..."

_MARK = "(9/9) "


def bodies(reply: Reply, *, map_template: str = MAP) -> list[str]:
    """The bodies to send, in their order; none for a reply without words.

    All of a reply is one body where it fits, since text messages overtake one another; several are numbered. A reply's
    short form is complete in itself, so that only its choices are added. Without it, the text, cards, links and the
    picture's address are written out. Choices that stand aside are left out: the words for them are in the help.
    """
    parts = [reply.short.strip()] if reply.short is not None else _long(reply, map_template)
    parts += [f"{number} {choice.label}" for number, choice in enumerate((c for c in reply.choices if not c.aside), 1)]
    body = downgrade("\n".join(filter(None, parts)))
    if units(body) <= LONGEST:
        return [body] if body else []
    pieces = split(body, LONGEST - len(_MARK) - len(CUT), units)
    if len(pieces) > MOST:
        pieces = [*pieces[: MOST - 1], pieces[MOST - 1] + CUT]
    return [f"({number}/{len(pieces)}) {piece}" for number, piece in enumerate(pieces, 1)]


def _long(reply: Reply, map_template: str) -> list[str]:
    picture = [] if reply.image is None else [_image(reply.image)]
    cards = [_card(card, map_template) for card in reply.cards]
    return [plain(reply.text), *picture, *cards, *map(link_words, reply.links)]


def _image(image: Image) -> str:
    return link_words(Link(image.alt, image.url))


def _card(card: Card, map_template: str) -> str:
    address = map_url(card, map_template) or card.url
    lines = [card.title, *card.lines]
    if address is not None:
        lines.append(link_words(Link("", address)))
    return "\n".join(filter(None, lines))
