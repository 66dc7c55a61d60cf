"""Languages that are none of the city's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.messages import Session
from nlu.foreign import foreign
from nlu.pipeline import OTHER_LANGUAGE

if TYPE_CHECKING:
    from bot.city import City
    from knowledge.model import PhraseSet, Topic

OTHERS = [
    "как получить библиотечную карту",
    "привет",
    "kas te räägite eesti keelt",
    "kust ma saan abi palun",
    "waxaan rabaa inaan diiwaan geliyo ilmaha",
    "أين المكتبة",
    "wie bekomme ich einen Ausweis",
    "Guten Tag, ich möchte einen Termin buchen",
    "je voudrais une carte",
    "¿dónde está la oficina?",
    "图书馆在哪里",
]


@pytest.mark.parametrize("text", OTHERS)
def test_other_languages_are_told(text: str) -> None:
    assert foreign(text)
    assert foreign(text.upper())


@pytest.mark.parametrize(
    "text", ["", "112", "👍", "mä", "tack", "der", "café", "ole hyvä", "Привет is hello in which language"]
)
def test_neither_ours_nor_a_word_alone_is_another(text: str) -> None:
    assert not foreign(text)


def test_no_phrase_of_ours_is_foreign(city: City) -> None:
    sets: tuple[Topic | PhraseSet, ...] = (*city.content.topics, *city.content.phrases)
    texts = [text for item in sets for said in (*item.phrases.values(), *item.held_out.values()) for text in said]
    assert [text for text in texts if foreign(text)] == []


@pytest.mark.parametrize("text", OTHERS)
def test_the_whole_of_understanding_says_so(city: City, text: str) -> None:
    match = city.understand(text, Session(now=datetime.now(UTC)))
    assert match.intent == OTHER_LANGUAGE
    assert match.suggestions == ()
    assert match.language in city.languages
