"""The answers that editors wrote, as replies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar
from urllib.parse import urlsplit

from bot.messages import Link, Reply
from knowledge.load import Content
from knowledge.model import Answer, Topic

_T = TypeVar("_T")


class Topics:
    """Answers and titles by intent; a language that is missing falls back on the city's own order of languages."""

    def __init__(self, content: Content) -> None:
        self._languages = content.city.languages
        self._line = content.city.source_line
        self._topics = {topic.intent: topic for topic in content.topics}
        self._titles = {phrases.intent: phrases.title for phrases in content.phrases if phrases.title is not None}
        self._titles |= {topic.intent: topic.title for topic in content.topics}

    def answer(self, intent: str, language: str) -> Reply | None:
        """The answer to an intent, or ``None`` where it has no topic. The long form ends with source and review."""
        topic = self._topics.get(intent)
        if topic is None:
            return None
        spoken, answer = pick(topic.answer, language, self._languages)
        return Reply(
            text=f"{answer.long or answer.short}\n\n{self._source(topic, spoken)}",
            language=spoken,
            short=answer.short,
            links=_links(answer),
        )

    def title(self, intent: str, language: str) -> str | None:
        """A few words for a "did you mean" button, or ``None`` where the intent is never offered."""
        titles = self._titles.get(intent)
        return pick(titles, language, self._languages)[1] if titles else None

    def source(self, intent: str, language: str) -> str:
        """The line with the source of an answer and the date of its review; empty where there is no such topic."""
        topic = self._topics.get(intent)
        return self._source(topic, pick(topic.answer, language, self._languages)[0]) if topic else ""

    def service(self, intent: str) -> str | None:
        """The unit service that "where is the nearest" goes with after this answer."""
        topic = self._topics.get(intent)
        return topic.service if topic else None

    def opens(self, intent: str) -> str | None:
        """The intent of the dialog that goes on from this answer."""
        topic = self._topics.get(intent)
        return topic.opens if topic else None

    def _source(self, topic: Topic, language: str) -> str:
        line = pick(self._line, language, self._languages)[1]
        host = (urlsplit(topic.source).hostname or topic.source).removeprefix("www.")
        return line.format(source=host, date=_day(topic.reviewed), owner=topic.owner)


def pick(values: Mapping[str, _T], language: str, order: Iterable[str]) -> tuple[str, _T]:
    """The value of a language, else of the first in the order, else any, with its language. Needs one value."""
    for code in (language, *order, *values):
        if code in values:
            return code, values[code]
    raise ValueError("no language has a value")


def _links(answer: Answer) -> tuple[Link, ...]:
    return tuple(Link(link.label, link.url) for link in answer.links)


def _day(day: date) -> str:
    """The date as all three languages write it in Finland."""
    return f"{day.day}.{day.month}.{day.year}"
