"""The table of what words mean: what it finds, how it is kept, and what it is worth."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.features import Features, tokens
from nlu.meanings import Meanings, dump, read, shipped


def table(*words: str) -> Meanings:
    """Each word in a direction of its own."""
    return read(dump(words, np.eye(len(words), dtype=np.float32)))


def near(one: str, other: str) -> float:
    """The cosine of two texts in the table that is shipped."""
    first, second = shipped().of(tokens(one)), shipped().of(tokens(other))
    assert first is not None
    assert second is not None
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def test_a_table_is_read_as_it_was_written() -> None:
    rows = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    found = read(dump(["yksi", "två", "three"], rows))
    assert found.dims == 8
    alone = found.of(["två"])
    assert alone is not None
    assert np.allclose(alone, rows[1] / np.linalg.norm(rows[1]), atol=0.01)


def test_the_exact_word_is_found_before_the_one_without_diacritics() -> None:
    found = table("hål", "hal", "päivä")
    assert found.rows("hal") == (1,)
    assert found.rows("hål") == (0,)
    assert found.rows("paiva") == (2,)


@pytest.mark.parametrize(
    ("word", "rows"), [("kirjastokortti", (0, 1)), ("kirjastossamme", (0,)), ("kirj", ()), ("tuki", ()), ("", ())]
)
def test_a_compound_is_its_parts_and_a_form_its_beginning(word: str, rows: tuple[int, ...]) -> None:
    assert table("kirjasto", "kortti").rows(word) == rows


def test_what_is_not_known_makes_a_text_mean_less() -> None:
    found = table("kirjasto", "kortti")
    whole, half = found.of(["kirjasto"]), found.of(["kirjasto", "qwxz"])
    assert whole is not None
    assert half is not None
    assert np.linalg.norm(whole) == pytest.approx(1, abs=0.01)
    assert np.linalg.norm(half) == pytest.approx(0.5, abs=0.01)
    assert found.of(["qwxz"]) is None


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [("kirja", "bok", "auto"), ("koira", "hund", "vero"), ("school", "koulu", "sauna"), ("lääkäri", "doctor", "musik")],
)
def test_words_of_one_meaning_are_near_in_all_languages(one: str, other: str, far: str) -> None:
    assert near(one, other) > near(one, far) + 0.1


def test_a_text_without_known_words_has_its_letters_alone() -> None:
    features = Features.fit(["kirjasto auki", "bussi myöhässä"], {})
    places, values = features.vector("qwxzqwxz")
    assert len(places) == 0
    known, _ = features.vector("kirjasto")
    assert max(known) == len(features) - 1
    assert len(values) == 0
