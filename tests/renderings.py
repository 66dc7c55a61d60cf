"""What a reply becomes on each of the four channels: whether all that can be pressed, opened or read is there."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator

from bot.gsm import downgrade, units
from bot.messages import Reply
from channels.kind import Texts
from channels.render import safe_url
from channels.sms import render as sms
from channels.teams import outbound as teams
from channels.telegram import markup
from channels.telegram import outbound as telegram
from channels.webchat import outbound as webchat

LONGEST_TELEGRAM = 4096
"""UTF-16 units of one message."""


def faults(reply: Reply, texts: Texts) -> list[str]:
    """What of a reply a channel does not show, in words."""
    found = (*_sms(reply), *_telegram(reply, texts), *_teams(reply, texts), *_webchat(reply, texts))
    return [f"{fault}: {reply.text[:80]!r}" for fault in found]


def _sms(reply: Reply) -> Iterator[str]:
    bodies = sms.bodies(reply)
    whole = "\n".join(bodies)
    if not bodies or len(bodies) > sms.MOST or any(units(body) > sms.LONGEST for body in bodies):
        yield f"sms: {len(bodies)} messages"
    if whole.endswith(sms.CUT) and not (reply.short or reply.text).endswith(sms.CUT):
        yield "sms: the end is cut off"
    for number, choice in enumerate((choice for choice in reply.choices if not choice.aside), 1):
        if downgrade(f"{number} {choice.label}") not in whole:
            yield f"sms: no choice {number}"
    if any(choice.label in whole for choice in reply.choices if choice.aside):
        yield "sms: a choice that stands aside"


def _telegram(reply: Reply, texts: Texts) -> Iterator[str]:
    messages = telegram.messages(reply, texts)
    words = [message for message in messages if isinstance(message, telegram.Words)]
    if any(markup.units(message.part.plain) > LONGEST_TELEGRAM for message in words):
        yield "telegram: a message that is too long"
    if reply.choices and not any(message.buttons for message in words):
        yield "telegram: no text to hold the buttons"
    if sum(map(len, telegram.rows(reply.choices))) != len(reply.choices):
        yield "telegram: a button is missing"
    yield from _missing("telegram", reply, "\n".join(message.part.plain for message in words))


def _teams(reply: Reply, texts: Texts) -> Iterator[str]:
    activities = teams.shown(reply, teams.Look(texts=texts))
    whole = json.dumps(activities, ensure_ascii=False)
    if teams.size(whole) > 2 * teams.LONGEST * max(1, len(activities)):
        yield "teams: an activity that is too large"
    titles = [action["title"] for action in _actions(activities) if action["type"] == "Action.Submit"]
    if titles != [choice.label for choice in reply.choices]:
        yield "teams: other buttons than there are choices"
    yield from _missing("teams", reply, whole)


def _actions(found: object) -> Iterator[dict[str, str]]:
    if isinstance(found, list):
        for item in found:
            yield from _actions(item)
    elif isinstance(found, dict):
        if str(found.get("type", "")).startswith("Action."):
            yield found
        else:
            yield from _actions(list(found.values()))


def _webchat(reply: Reply, texts: Texts) -> Iterator[str]:
    body = webchat.shown(reply, webchat.Look(name="Neuvo", texts=texts))
    actions = body.get("suggestedActions", {}).get("actions", [])
    if [action["title"] for action in actions] != [choice.label for choice in reply.choices]:
        yield "web chat: other buttons than there are choices"
    yield from _missing("web chat", reply, json.dumps(body, ensure_ascii=False))


def _missing(channel: str, reply: Reply, shown: str) -> Iterator[str]:
    """Titles and lines of cards and the labels of links that cannot be read."""
    read = html.unescape(shown).replace("\\\\", "").replace("\\", "")
    wanted = [text for card in reply.cards for text in (card.title, *card.lines)]
    wanted += [link.label for link in reply.links if safe_url(link.url)]
    for text in wanted:
        if text.strip() and text not in read:
            yield f"{channel}: {text!r} is missing"
