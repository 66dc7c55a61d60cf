"""The city's own answers to what a citizen asked, for the person who answers in the bot's place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, TypedDict

from bot.city import City
from bot.messages import Session
from dialogs.services import Found, ServiceUnavailable
from knowledge.model import Topic
from knowledge.topics import pick

MOST = 3
LIKELY = 0.05
"""The least that an intent must be likely."""


class Suggestion(TypedDict):
    """An answer that may fit: its name, and the text as it would be said."""

    title: str
    text: str


class Search(Protocol):
    """The search through topics, units and events."""

    async def find(self, text: str, language: str, limit: int = 3) -> list[Found]:
        """Up to ``limit`` answers, the best first. Raises ``ServiceUnavailable``."""


class Suggestions:
    """Topics that understanding holds likely, then what the search finds."""

    def __init__(self, city: City, search: Search) -> None:
        self._city = city
        self._search = search

    async def find(self, text: str, language: str) -> list[Suggestion]:
        """Up to three answers in a language, the likeliest first."""
        if not text.strip():
            return []
        found = list(self._likely(text, language))[:MOST]
        if len(found) < MOST:
            try:
                more = await self._search.find(text, language, MOST)
            except ServiceUnavailable:
                more = []
            titles = {one["title"] for one in found}
            found += [_found(each) for each in more if each["title"] not in titles]
        return found[:MOST]

    def _likely(self, text: str, language: str) -> Iterator[Suggestion]:
        match = self._city.understand(text, Session(now=datetime.now(self._city.zone), language=language))
        topics = {topic.intent: topic for topic in self._city.content.topics}
        for other in match.alternatives:
            if other.confidence >= LIKELY and other.intent in topics:
                yield self._answer(topics[other.intent], language)

    def _answer(self, topic: Topic, language: str) -> Suggestion:
        order = self._city.languages
        answer = pick(topic.answer, language, order)[1]
        links = [f"[{link.label}]({link.url})" for link in answer.links]
        text = "\n\n".join([answer.long or answer.short, *links])
        return Suggestion(title=pick(topic.title, language, order)[1], text=text)


def _found(each: Found) -> Suggestion:
    lines = [each["title"], each["snippet"], each["url"] or ""]
    return Suggestion(title=each["title"], text="\n".join(line for line in lines if line))
