"""What a text says as a whole: the table that was learnt from sentence embeddings, and what it is worth."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from nlu.damage import DAMAGES, colloquial, typo
from nlu.features import tokens
from nlu.gist import Gist, dump, parts, read, shipped


def near(one: str, other: str) -> float:
    """The cosine of two texts in the table that is shipped."""
    first, second = shipped().of(tokens(one)), shipped().of(tokens(other))
    assert first is not None
    assert second is not None
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def small() -> Gist:
    """Two words in directions of their own."""
    return read(dump([[], ["kirja", "hål"]], np.ones(2, dtype=np.float32), np.eye(2, 3, dtype=np.float32)))


def test_a_table_is_read_as_it_was_written() -> None:
    found = small().of(["kirja"])
    assert found is not None
    assert np.allclose(found, [0.8, 0, 0], atol=0.01)


def test_words_are_exact_and_their_letters_are_not() -> None:
    assert small().of(["hal"]) is None
    assert parts(["hål"])[0] == parts(["hal"])[0]


def test_a_word_that_is_said_twice_counts_more_and_an_unknown_one_not_at_all() -> None:
    found = small().of(["kirja", "hål", "kirja", "qwxz"])
    assert found is not None
    assert np.linalg.norm(found) == pytest.approx(0.8, abs=0.01)
    assert found[0] > found[1] > 0


def test_nothing_is_said_by_nothing() -> None:
    assert shipped().of([]) is None
    assert small().of(["qwxz"]) is None


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("mitä säätä huomenna on", "vad blir det för väder i morgon", "soita äidille"),
        ("kuinka paljon kello on", "what time is it", "play some music"),
        ("spela lite musik", "soita musiikkia", "sätt på lampan"),
        ("turn off the lights", "sammuta valot", "mikä päivä tänään on"),
    ],
)
def test_translations_are_nearer_than_what_says_something_else(one: str, other: str, far: str) -> None:
    assert near(one, other) > near(one, far) + 0.2


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_text_says_nearly_the_same(damage: str) -> None:
    said = "minkälainen sää tänään on helsingissä"
    assert near(said, DAMAGES[damage](said, Random(1))) > 0.6


def test_a_typo_is_one_letter_and_never_the_first() -> None:
    chance = Random(2)
    for _ in range(200):
        slipped = typo("kirjasto", 1, chance)
        assert slipped[0] == "k"
        assert abs(len(slipped) - len("kirjasto")) <= 1
    assert typo("", 2, chance) == ""
    assert typo("4 5", 1, chance) == "4 5"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("minä olen kotona", "mä oon kotona"),
        ("onko kirjastossa tilaa", "onks kirjastos tilaa"),
        ("halusitko", "halusitks"),
    ],
)
def test_colloquial_finnish(written: str, said: str) -> None:
    assert colloquial(written) == said
