"""Words that stand for many services when they stand alone."""

from __future__ import annotations

import pytest

from nlu.vague import Vague

PHRASES = (
    ("pysäköintilupa", "parking"),
    ("mistä saan luvan ja lupatarran", "parking"),
    ("rakennuslupa", "building"),
    ("oleskelulupa", "residence"),
    ("uimahalli auki", "swimming"),
    ("uimahallin hinta", "swimming"),
    ("missä on uimahalli", "place"),
)


@pytest.mark.parametrize("text", ["lupa", "Lupa?", "LUPA"])
def test_a_word_of_many_intents_is_vague_alone(text: str) -> None:
    assert Vague(PHRASES).intents(text) == {"parking", "building", "residence"}


@pytest.mark.parametrize("text", ["lupa auki", "uimahalli", "rakennuslupa", "lup", "12345", "", "?", "tuntematon"])
def test_two_words_and_a_word_that_one_intent_owns_are_not(text: str) -> None:
    assert Vague(PHRASES).intents(text) == frozenset()
