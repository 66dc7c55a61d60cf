"""What the search looks through: topics, units and events as documents, one for each language.

A unit or event without a name in a language stands there under its name in the next best one. The day of a unit's or
event's document is that of its source's last good answer, so that a copy that did not change is not written again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from knowledge.imports import Connection, packed
from knowledge.load import Content
from knowledge.model import Topic

CONFIGS = {"fi": "finnish", "sv": "swedish", "en": "english"}
"""PostgreSQL's text search configuration of a language; ``simple`` for any other."""
TOPICS = "topics"
_FORM = "1"
"""Counted up when the documents are made in another way, so that every city makes them anew."""
_PATIENCE = 60.0
"""Seconds for making all documents of the content, once in the life of a content."""
Lemma = Callable[[str], str]
"""The basic form of an inflected word, or the word itself."""

_PUT = """
ON CONFLICT (kind, id, language) DO UPDATE SET
    title = excluded.title, snippet = excluded.snippet, url = excluded.url, source = excluded.source,
    as_of = excluded.as_of, expires_at = excluded.expires_at, words = excluded.words
WHERE (d.title, d.snippet, d.url, d.source, d.as_of, d.expires_at, d.words) IS DISTINCT FROM
    (excluded.title, excluded.snippet, excluded.url, excluded.source, excluded.as_of, excluded.expires_at,
        excluded.words)
"""
_LANGUAGES = """
(SELECT code, name::regconfig AS config, page FROM unnest($1::text[], $2::text[], $3::text[]) AS x (code, name, page)) l
"""
_UNITS = f"""
INSERT INTO city_documents AS d (kind, id, language, title, snippet, url, source, words)
SELECT 'unit', u.id, l.code, n.name, concat_ws(', ', a.address, u.phone),
    coalesce(u.urls ->> l.code, replace(l.page, '{{id}}', u.id)), $4,
    setweight(to_tsvector(l.config, n.name), 'A')
        || setweight(to_tsvector(l.config, concat_ws(' ', n.every, s.words)), 'B')
        || setweight(to_tsvector(l.config, left(concat_ws(' ', a.address, u.postal_code, c.words), 4000)), 'D')
FROM city_units u CROSS JOIN {_LANGUAGES}
CROSS JOIN LATERAL (SELECT coalesce(u.names ->> l.code, u.names ->> $6, v.value) AS name, v.every
    FROM (SELECT min(value) AS value, string_agg(value, ' ') AS every FROM jsonb_each_text(u.names)) v) n
CROSS JOIN LATERAL (SELECT coalesce(u.addresses ->> l.code, u.addresses ->> $6) AS address) a
CROSS JOIN LATERAL (SELECT string_agg($5::jsonb -> s ->> l.code, ' ') AS words FROM unnest(u.services) s) s
LEFT JOIN (
    SELECT unit_id, l2.code, string_agg(names ->> l2.code, ' ') AS words
    FROM city_connections CROSS JOIN unnest($1::text[]) AS l2 (code)
    WHERE section IN ('TOPICAL', 'OTHER_INFO', 'HIGHLIGHT') GROUP BY 1, 2
) c ON c.unit_id = u.id AND c.code = l.code
{_PUT}
"""  # noqa: S608  no values
_EVENTS = f"""
INSERT INTO city_documents AS d (kind, id, language, title, snippet, url, source, expires_at, words)
SELECT 'event', e.id, l.code, n.name, coalesce(e.summaries ->> l.code, e.summaries ->> $5, ''),
    coalesce(e.urls ->> l.code, e.urls ->> $5), $4, e.ends_at,
    setweight(to_tsvector(l.config, n.name), 'A')
        || setweight(to_tsvector(l.config, coalesce(e.place_names ->> l.code, e.place_names ->> $5, '')), 'B')
        || setweight(to_tsvector(l.config, coalesce(e.summaries ->> l.code, e.summaries ->> $5, '')), 'D')
FROM city_events e CROSS JOIN {_LANGUAGES}
CROSS JOIN LATERAL (SELECT coalesce(e.names ->> l.code, e.names ->> $5, v.value) AS name
    FROM (SELECT min(value) AS value FROM jsonb_each_text(e.names)) v) n
WHERE e.status <> 'cancelled'
{_PUT}
"""  # noqa: S608  no values
_TOPIC = f"""
INSERT INTO city_documents AS d (kind, id, language, title, snippet, url, source, as_of, words)
VALUES ('topic', $1, $2, $3, $4, $5, $6, $7,
    setweight(to_tsvector($8::text::regconfig, $9), 'A') || setweight(to_tsvector($8::text::regconfig, $10), 'C')
        || setweight(to_tsvector($8::text::regconfig, $11), 'D'))
{_PUT}
"""  # noqa: S608  no values
_BUNDLED = f"""
INSERT INTO city_documents AS d (kind, id, language, title, snippet, url, source, words)
VALUES ('unit', $1, $2, $3, $4, $5, $6,
    setweight(to_tsvector($7::text::regconfig, $3), 'A') || setweight(to_tsvector($7::text::regconfig, $8), 'B')
        || setweight(to_tsvector($7::text::regconfig, $9), 'D'))
{_PUT}
"""  # noqa: S608  no values
_GONE = {
    "unit": """DELETE FROM city_documents d WHERE kind = 'unit' AND NOT EXISTS
        (SELECT FROM city_units u WHERE u.id = d.id)""",
    "event": """DELETE FROM city_documents d WHERE kind = 'event' AND NOT EXISTS
        (SELECT FROM city_events e WHERE e.id = d.id AND e.status <> 'cancelled')""",
}
_MARKS = re.compile(r"\]\([^)]*\)|[*_#>\[\]]")
_WORD = re.compile(r"\w+")


def config(language: str) -> str:
    """The text search configuration of a language."""
    return CONFIGS.get(language, "simple")


async def index_units(connection: Connection, content: Content) -> None:
    """Bring the units' documents up to the units, in the transaction of their import."""
    pages = [content.city.unit_page.get(code) for code in content.city.languages]
    words = packed(_service_words(content))
    await connection.execute(_GONE["unit"])
    await connection.execute(_UNITS, *_languages(content), pages, _host(content), words, content.city.languages[0])


async def index_events(connection: Connection, content: Content, source: str) -> None:
    """Bring the events' documents up to the events, in the transaction of their import."""
    pages = [None for _ in content.city.languages]
    await connection.execute(_GONE["event"])
    await connection.execute(_EVENTS, *_languages(content), pages, source, content.city.languages[0])


async def index_content(connection: Any, content: Content, lemma: Lemma) -> bool:
    """Bring the documents of what editors wrote up to the content; whether there was anything to do.

    Those are the topics, and the bundled units as long as no register has been imported.
    """
    digest = _digest(content)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('city_documents topics'))")
        if await connection.fetchval("SELECT etag FROM city_sources WHERE name = $1", TOPICS) == digest:
            return False
        intents = [topic.intent for topic in content.topics]
        await connection.execute("DELETE FROM city_documents WHERE kind = 'topic' AND id <> ALL ($1)", intents)
        topics = [_topic(topic, language, lemma) for topic in content.topics for language in topic.answer]
        await connection.executemany(_TOPIC, topics, timeout=_PATIENCE)
        if not await connection.fetchval("SELECT version FROM city_sources WHERE name = 'units'"):
            await connection.executemany(_BUNDLED, _bundled(content), timeout=_PATIENCE)
        await connection.execute(_TOPICS_DONE, TOPICS, len(intents), digest)
    return True


def _digest(content: Content) -> str:
    """What the documents are made of, and by which release of this module."""
    rows = (*content.topics, *content.places.units, *content.places.services.values())
    return sha256("\n".join((_FORM, *map(repr, rows))).encode()).hexdigest()


def _bundled(content: Content) -> Iterator[tuple[object, ...]]:
    first, words = content.city.languages[0], _service_words(content)
    for unit in content.places.units:
        for code in content.city.languages:
            page = unit.urls.get(code) or content.city.unit_page[code].format(id=unit.id)
            name = unit.names.get(code) or unit.names.get(first) or next(iter(unit.names.values()))
            address = unit.addresses.get(code) or unit.addresses.get(first)
            yield (
                unit.id,
                code,
                name,
                ", ".join(part for part in (address, unit.phone) if part),
                page,
                _host(content),
                config(code),
                " ".join((*unit.names.values(), *unit.aliases, words.get(unit.service, {}).get(code, ""))),
                " ".join(part for part in (address, unit.postal_code) if part),
            )


def _host(content: Content) -> str:
    page = next(iter(content.city.unit_page.values()), "")
    return urlsplit(page).hostname or ""


def _service_words(content: Content) -> dict[str, dict[str, str]]:
    return {
        key: {code: " ".join((service.name.get(code, ""), *service.words.get(code, ()))) for code in service.name}
        for key, service in content.places.services.items()
    }


_TOPICS_DONE = """
INSERT INTO city_sources (name, version, rows, fetched_at, ok_at, etag) VALUES ($1, 1, $2, now(), now(), $3)
ON CONFLICT (name) DO UPDATE SET version = city_sources.version + 1, rows = excluded.rows, fetched_at = now(),
    ok_at = now(), etag = excluded.etag
"""


def _topic(topic: Topic, language: str, lemma: Lemma) -> tuple[object, ...]:
    answer = topic.answer[language]
    title = topic.title.get(language) or topic.intent
    said = " ".join(topic.phrases.get(language, ()))
    return (
        topic.intent,
        language,
        title,
        answer.short,
        next((link.url for link in answer.links if link.url.startswith("https://")), topic.source),
        (urlsplit(topic.source).hostname or "").removeprefix("www."),
        topic.reviewed,
        config(language),
        with_lemmas(title, lemma),
        with_lemmas(said, lemma),
        with_lemmas(_MARKS.sub(" ", f"{answer.short} {answer.long or ''}"), lemma),
    )


def with_lemmas(text: str, lemma: Lemma) -> str:
    """A text and behind it the basic forms of its words, where those differ."""
    words = _WORD.findall(text.casefold())
    return " ".join((text, *(base for word in words if (base := lemma(word)) != word)))


def _languages(content: Content) -> tuple[list[str], list[str]]:
    codes = list(content.city.languages)
    return codes, [config(code) for code in codes]


def no_lemmas(word: str) -> str:
    """The word itself: where no table of basic forms is at hand."""
    return word
