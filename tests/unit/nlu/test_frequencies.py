"""How usual words are: the table, and the language of a word or two by it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from bot.messages import Session
from nlu.frequencies import RAREST, STEPS, Frequencies, dump, read, shipped
from nlu.language import Languages

if TYPE_CHECKING:
    from bot.city import City

NOW = datetime(2026, 11, 26, 12)  # noqa: DTZ001  understanding is told local time
ZIPF = {"yö": (4.7, 1.1, 0.0), "kanal": (2.5, 4.0, 2.9), "a": (4.0, 4.2, 7.3), "åka": (1.0, 5.2, 0.0)}
WORDS = {
    "fi": "pane tee suljettu talvella lainata asunto lupaus rikki pimeää lapsille varattu halvempi yksin viereen neljä",
    "sv": "tysta dämpa stanna stängd trasig mörkt barnen låna hyra ensam billigare vintern bredvid fyra sjuk pausa",
    "en": "bring stock desk raise tune alarm alert pull broken dark winter children borrow alone cheaper beside four",
}
SHARED = {"radio": "fi sv en", "google": "fi sv en", "information": "sv en", "status": "sv en", "sport": "sv en"}


def small() -> Frequencies:
    return read(dump(("fi", "sv", "en"), ZIPF))


@pytest.mark.parametrize("word", ZIPF)
def test_a_table_is_read_as_it_was_written(word: str) -> None:
    found = small().of(word)
    assert found is not None
    assert found.tolist() == pytest.approx([max(value, RAREST) for value in ZIPF[word]], abs=0.5 / STEPS + 1e-9)


@pytest.mark.parametrize("word", ["", "b", "aa", "kana", "kanaler", "yö\n", "ö", "å"])
def test_what_is_in_no_list_is_not_found(word: str) -> None:
    assert small().of(word) is None


def test_every_word_of_the_table_that_is_shipped_is_found() -> None:
    table = shipped()
    words = table._words.decode().splitlines()
    assert len(words) > 100_000
    assert all(table.of(word) is not None for word in words[::97])


@pytest.mark.parametrize("language", WORDS)
def test_one_word_tells_its_language(city: City, language: str) -> None:
    told = {word: city.understand(word, Session(now=NOW)).language for word in WORDS[language].split()}
    assert [word for word, found in told.items() if found != language] == []


@pytest.mark.parametrize("word", SHARED)
def test_a_word_of_several_languages_leaves_the_session_as_it_is(city: City, word: str) -> None:
    for session in SHARED[word].split():
        assert city.understand(word, Session(now=NOW, language=session)).language == session


def test_a_city_of_a_language_without_a_list_goes_by_letters_alone() -> None:
    assert Languages(None, ("fi", "et")).decide("tänan väga palju abi eest", None) == "et"
