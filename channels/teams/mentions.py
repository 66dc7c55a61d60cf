"""Mentions in a text: the bot's own is taken out, those of others become plain names.

``TurnContext.remove_recipient_mention`` of the library leaves ``&nbsp;``, spaces and the markup of the others behind.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

_MARK = re.compile(r"<at(?:\s[^<>]*)?>(.*?)</at>", re.IGNORECASE | re.DOTALL)
_SPACES = re.compile(r"[ \t\u00a0]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention: the id and the name of who is meant, and how it stands in the text."""

    id: str
    name: str
    text: str


def without_mentions(text: str, mentions: Sequence[Mention], bot: str, bot_name: str = "") -> str:
    """What is said besides the mention of ``bot`` (its id), as plain text.

    Two persons of one name are told apart by their order, which is that of the text. A mark that no mention explains
    is the bot's if it bears its name.
    """
    left: list[str] = []
    rest = text
    for mention in mentions:
        before, found, after = rest.partition(mention.text or f"<at>{mention.name}</at>")
        if found:
            left += [_named(before, bot_name), " " if mention.id == bot else _name(mention.name, mention.text)]
            rest = after
    said = html.unescape("".join([*left, _named(rest, bot_name)]))
    lines = (_SPACES.sub(" ", line).strip() for line in said.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(lines).strip()


def _named(text: str, bot_name: str) -> str:
    """The text with the names in place of its marks."""
    return _MARK.sub(lambda mark: " " if bot_name and mark[1].strip() == bot_name else mark[1], text)


def _name(name: str, mark: str) -> str:
    found = _MARK.fullmatch(mark)
    return name or (found[1] if found else "")
