"""Helpers of the short dialogs that end at the right service: their options, links, source.

What they say is what the editors' answer to the same intent says; its links and its line of source go under it.
"""

from __future__ import annotations

from bot.messages import Link
from dialogs.services import Topics
from dialogs.speech import Option, Spoken, Voice
from dialogs.talk import Talk


def options(key: str, *names: str) -> tuple[Option, ...]:
    """Options whose labels are texts: ``<key>_<name>``."""
    return tuple(Option(name, f"{key}_{name}") for name in names)


def links(talk: Talk, topics: Topics, intent: str) -> list[Link]:
    """The links of an answer in the language of now."""
    answer = topics.answer(intent, talk.language)
    return list(answer.links) if answer is not None else []


def source(talk: Talk, topics: Topics, intent: str) -> Spoken:  # noqa: ARG001 - as its sisters
    """Where an answer comes from, and when that was read."""
    return Spoken(intent, lambda language: topics.source(intent, language))


def said(talk: Talk, key: str, language: str) -> str:
    """A text in a language."""
    return Voice(talk.edge.texts, language).text(key)
