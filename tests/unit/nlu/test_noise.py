"""Letters without sense are refused, not guessed at; slips of what is known are not taken for them."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import TYPE_CHECKING

import pytest

from bot.messages import Match, Session
from nlu.data import OUT_OF_SCOPE
from nlu.features import Features

if TYPE_CHECKING:
    from bot.city import City

NOW = datetime(2026, 11, 26, 12)  # noqa: DTZ001  understanding is told local time
CONSONANTS, LETTERS = "bcdfghjklmnpqrstvwxz", "abcdefghijklmnopqrstuvwxyzåäö"
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def noise(letters: str, count: int, shortest: int = 4) -> list[str]:
    """Messages of one to three words of random letters, the same each time."""
    chance = Random(7)
    return [
        " ".join("".join(chance.choices(letters, k=chance.randint(shortest, 9))) for _ in range(chance.randint(1, 3)))
        for _ in range(count)
    ]


def understand(city: City, text: str) -> Match:
    return city.understand(text, Session(now=NOW))


@pytest.mark.parametrize(("letters", "share"), [(CONSONANTS, 0.85), (LETTERS, 0.75)], ids=["consonants", "letters"])
def test_most_noise_is_refused(city: City, letters: str, share: float) -> None:
    texts = noise(letters, 300)
    refused = sum(understand(city, text).intent == OUT_OF_SCOPE for text in texts)
    assert refused >= share * len(texts)


def test_a_hand_on_the_keyboard_is_noise(city: City) -> None:
    words = [keys[at : at + 4] for row in ROWS for keys in (row, row[::-1]) for at in range(len(row) - 3)]
    refused = [word for word in words if understand(city, word).intent == OUT_OF_SCOPE]
    assert {"asdf", "hjkl", "zxcv"} <= set(refused)
    assert len(refused) >= 0.75 * len(words)


@pytest.mark.parametrize(
    "text", ["hejj", "kitios", "kirjasot", "thnks", "uimhaalli", "parkering", "hammaslääkärilleni"]
)
def test_a_slip_and_a_form_are_no_noise(city: City, text: str) -> None:
    assert understand(city, text).intent != OUT_OF_SCOPE


def test_a_word_is_strange_that_resembles_none_that_is_known() -> None:
    features = Features.fit(["nej tack", "uimahallin aukioloajat"], {"uimahallissa": "uimahallin"})
    for known in ("nej", "NEJ", "nejj", "noj", "uimahallissa", "uimmahallin", "aukiolo", "zxcv nej"):
        assert not features.strange(known), known
    for strange in ("zxcv qwrt", "hjkl", "n", "qej", ""):
        assert features.strange(strange), strange
