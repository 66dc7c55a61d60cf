"""The search for what no intent fits: what it finds in which forms, and above all what it does not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from knowledge.common_words import common, read_common
from knowledge.http import SourceUnavailable
from knowledge.load import Content, load_content
from knowledge.search import Search
from knowledge.search_words import Vocabulary
from knowledge.units_import import UnitsImport
from tests.unit.knowledge.stand import nested, standing

ROOT = Path(__file__).parents[3] / "knowledge"
LEMMAS = {"venepaikkojen": "venepaikka", "venepaikat": "venepaikka"}


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT, today=date(2026, 11, 26))


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(database_url, min_size=0, max_size=3) as found:
        yield found


@pytest.fixture
def search(content: Content, pool: Any) -> Search:
    return Search(content, lambda: pool, lemma=lambda word: LEMMAS.get(word, word))


async def ids(search: Search, text: str, language: str) -> list[str]:
    return [found["id"] for found in await search.find(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("venepaikat", "fi", "boat_places"),
        ("venepaikkojen hinnat", "fi", "boat_places"),
        ("båtplatserna", "sv", "boat_places"),
        ("boat berths", "en", "boat_places"),
        ("Kallion kirjasto", "fi", "8215"),
        ("Berghälls bibliotek", "sv", "8215"),
        ("kalion kirjasto", "fi", "8215"),
        ("Oodi", "fi", "51342"),
        ("where is Kallion kirjasto", "en", "8215"),
    ],
)
async def test_topics_and_units_in_their_forms(search: Search, text: str, language: str, wanted: str) -> None:
    assert wanted in await ids(search, text, language)


async def test_an_answer_has_its_source_and_day(search: Search) -> None:
    (topic, *_) = await search.find("venepaikat", "fi")
    assert topic["kind"] == "topic"
    assert topic["source"] == "hel.fi"
    assert topic["as_of"] == "2026-11-26"
    assert (topic["url"] or "").startswith("https://")
    (unit, *_) = await search.find("Kallion kirjasto", "en")
    assert (unit["kind"], unit["title"], unit["as_of"]) == ("unit", "Kallio Library", None)
    assert "Viides linja 11" in unit["snippet"]


@pytest.mark.parametrize(
    "text",
    ["", "  ", "?!", "ja tai on", "x", "'; DROP TABLE city_documents; --", "a & | ! <-> ( ) : * \\ '", "\u0000\ud800"],
)
async def test_what_says_nothing_finds_nothing(search: Search, text: str) -> None:
    assert await search.find(text, "fi") == []


async def test_no_more_than_was_asked_for(search: Search) -> None:
    assert len(await search.find("kirjasto", "fi", 3)) == 3
    assert await search.find("kirjasto", "fi", 0) == []
    assert await search.find("kirjasto", "fi", -1) == []


async def test_a_long_message_is_read_in_its_beginning_alone(search: Search) -> None:
    long = " ".join(f"tuntematon{'abcdefghij'[n // 1000]}{'abcdefghij'[n // 100 % 10]}{n}" for n in range(5000))
    assert await search.find(f"{long} venepaikat", "fi") == []


async def test_a_language_without_a_configuration(search: Search) -> None:
    assert await search.find("kirjasto", "so'; --", 3) == []


@pytest.mark.parametrize(("language", "most"), [("fi", 0.03), ("sv", 0.03), ("en", 0.07)])
async def test_what_is_none_of_the_citys_business_finds_nothing(
    content: Content, pool: Any, language: str, most: float
) -> None:
    rows = map(json.loads, (ROOT / "data" / "offdomain.jsonl").read_text(encoding="utf-8").splitlines())
    texts = [row["text"] for row in rows if row["language"] == language]
    learnt, held_out = texts[::2], texts[1::2]
    search = Search(replace(content, common={language: common(learnt)}), lambda: pool)
    answered = [text for text in held_out if await search.find(text, language)]
    assert len(held_out) > 150
    assert len(answered) / len(held_out) <= most, answered[:20]


def test_common_words_are_those_of_many_sentences(tmp_path: Path) -> None:
    file = tmp_path / "offdomain.jsonl"
    assert read_common(file) == {}
    good = [json.dumps({"language": "en", "text": f"Light {number} {chr(97 + number) * 4}"}) for number in range(9)]
    file.write_text(
        "\n".join([*good, "{", "3", '{"language": 3, "text": "x"}', '{"language": "en"}']), encoding="utf-8"
    )
    assert read_common(file) == {"en": frozenset({"light"})}


async def test_a_common_word_alone_makes_nothing_fit(content: Content, pool: Any) -> None:
    for words, found in ((frozenset(), True), (frozenset({"light"}), False)):
        search = Search(replace(content, common={"en": words}), lambda: pool)
        assert bool(await search.find("street light", "en")) is True
        assert ("street_lighting" in [one["id"] for one in await search.find("more light", "en")]) is found


async def test_an_imported_register_takes_the_place_of_the_bundled_one(
    search: Search, content: Content, pool: Any
) -> None:
    assert await ids(search, "Kallion kirjasto", "fi")
    async with standing() as stand, pool.acquire() as connection:
        connections = [{"section_type": "HIGHLIGHT", "name": {"fi": "Siemenkirjasto avattu"}}]
        stand.json("/", {"results": [nested(1, name={"fi": "Toukolan talo"}, connections=connections)]})
        await UnitsImport(content=content, address=f"{stand.url}/", force=True).run(connection)
    assert "8215" not in await ids(search, "Kallion kirjasto", "fi")
    (found,) = await search.find("Toukolan talo", "sv")
    assert found["title"] == "Toukolan talo"
    assert found["as_of"] is not None
    assert await ids(search, "Toukolan siemenkirjasto", "fi") == ["1"]
    assert "8215" not in await ids(Search(content, lambda: pool), "Kallion kirjasto", "fi")


async def test_a_database_that_is_away(content: Content) -> None:
    async with asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/none", min_size=0) as pool:
        with pytest.raises(SourceUnavailable):
            await Search(content, lambda: pool).find("kirjasto", "fi")


def test_slips_and_the_beginnings_of_compounds() -> None:
    vocabulary = Vocabulary(["venepaik", "kirjasto", "uimahal", "talo"])
    assert vocabulary.near("kirjsto", "kirjsto")[0] == ["kirjasto"]
    assert vocabulary.near("venepaikkahakemus", "venepaikkahakemus")[0] == ["venepaik"]
    assert vocabulary.near("tal", "tal")[0] == []
    assert vocabulary.near("pizza", "pizza")[0] == []
