"""From nudges that may go out to the messages as they are read, and what the next turn is told of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from bot.messages import JSON, Reply
from proactive.changes import Change
from proactive.claimed import Facts, Place
from proactive.grouping import Passed
from proactive.render import Part, Texts, digest, render, title
from proactive.template import Choice

BESIDE = 5
"""Nudges that a conversation remembers until its next turn."""

Payload = Callable[[UUID, Choice], str]
"""What comes back when a choice of a nudge is pressed."""

logger = structlog.stdlib.get_logger("delivery")


class NotOpened(Exception):
    """The values cannot be read: their key is destroyed, or another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one conversation; ``changes`` are of the nudges in it, and want the outbox's id."""

    place: Place
    reply: Reply = field(repr=False)
    beside: Sequence[JSON] = field(repr=False)
    changes: Sequence[Change]


class Composer:
    """Renders, by one city's words."""

    def __init__(
        self,
        *,
        zone: ZoneInfo,
        languages: Sequence[str],
        texts: Texts,
        payload: Payload,
        lost: tuple[type[Exception], ...],
    ) -> None:
        """``lost`` is what opening raises of somebody whose key is destroyed."""
        self._zone = zone
        self._languages = languages
        self._texts = texts
        self._payload = payload
        self._lost = lost

    def compose(
        self, messages: Sequence[Sequence[Passed]], facts: Facts, now: datetime
    ) -> tuple[list[Message], list[Change]]:
        """The messages, and the ends of nudges that could not be rendered: those hold up nobody else."""
        composed: list[Message] = []
        failed: list[Change] = []
        for group in messages:
            rendered: list[tuple[Passed, Part]] = []
            for one in group:
                try:
                    rendered.append((one, self._rendered(one, facts)))
                except Exception as error:  # a template or a value that no check foresaw
                    logger.exception("not_rendered", nudge_id=str(one.nudge.id), exc_info=error)
                    failed.append(Change(id=one.nudge.id, status="technical-failure", reason="not_rendered"))
            if rendered:
                composed.append(self._message(rendered, now))
        return composed, failed

    def _rendered(self, one: Passed, facts: Facts) -> Part:
        content = facts.contents.get(one.nudge.person_id)
        if content is None:
            raise NotOpened
        try:
            values = content.open_json(one.nudge.values)
        except self._lost:
            raise NotOpened from None
        language = self._language(one)
        reply = render(
            one.template,
            values,
            language=language,
            channel=one.place.address.channel,
            zone=self._zone,
            payload=lambda choice: self._payload(one.nudge.id, choice),
        )
        return Part(title(one.template, values, language=language, zone=self._zone), reply)

    def _language(self, one: Passed) -> str:
        for wanted in (one.nudge.language, one.place.language):
            if wanted in self._languages and wanted is not None:
                return wanted
        return self._languages[0]

    def _message(self, rendered: Sequence[tuple[Passed, Part]], now: datetime) -> Message:
        (first, alone), place = rendered[0], rendered[0][0].place
        parts = [part for _, part in rendered]
        several = len(parts) > 1
        reply = digest(parts, language=self._language(first), texts=self._texts) if several else alone.reply
        written = [_beside(one, part, now) for one, part in rendered]
        return Message(
            place=place,
            reply=reply,
            beside=(*written, *place.beside)[:BESIDE],
            changes=[_sending(one) for one, _ in rendered],
        )


def _sending(one: Passed) -> Change:
    return Change(
        id=one.nudge.id,
        status="sending",
        reason=one.verdict.reason if one.verdict.reason != "passed" else None,
        channel=one.place.address.channel,
        sent_to=one.place.id,
        skipped=one.verdict.skipped,
    )


def _beside(one: Passed, part: Part, now: datetime) -> JSON:
    """What the next turn is told: ``bot.messages.Turn.beside``."""
    shown = zip(one.template.choices, part.reply.choices, strict=True)
    return {
        "id": str(one.nudge.id),
        "template": one.template.id,
        "purpose": one.nudge.purpose,
        "title": part.title,
        "at": now.isoformat(),
        "language": part.reply.language,
        "alarm": one.template.alarm,
        "choices": [
            # People answer in another language than they were written to.
            [choice.id, button.label, button.payload, [word for words in choice.words.values() for word in words]]
            for choice, button in shown
        ],
    }
