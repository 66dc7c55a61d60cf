"""Slips in words: mended towards the words of the phrases, and only there."""

from __future__ import annotations

from nlu.features import Features
from nlu.repair import Repair

WORDS = ("kirjasto", "pysäköinti", "uimahalli", "kirje", "avoin")


def repair(*known: str) -> Repair:
    return Repair(WORDS, lambda word: word in {*WORDS, *known})


def test_one_slip_and_two_in_a_long_word_are_mended() -> None:
    mend = repair()
    for slip in ("kirjsto", "kirjassto", "kirkasto", "kirajsto"):
        assert mend.of(slip) == "kirjasto"
    assert mend.of("pysakonti") == "pysäköinti"
    assert mend.of("uimhali") == "uimhali"


def test_what_is_known_short_or_begins_otherwise_is_left() -> None:
    assert repair("kirjeo").of("kirjeo") == "kirjeo"
    assert repair().of("kirjeo") == "kirje"
    for word in ("kijr", "birjasto", "12345", "avoinna1"):
        assert repair().of(word) == word


def test_the_nearest_word_is_meant() -> None:
    mend = Repair(("palvelutalo", "palveluista"), lambda _: False)
    assert mend.of("palvelutalon") == "palvelutalo"
    assert mend.of("palveluistaa") == "palveluista"


def test_a_slip_in_a_phrase_has_the_words_and_the_meaning_of_the_phrase() -> None:
    features = Features.fit(["uimahallin aukioloajat", "kirjaston aukioloajat"], {})
    place = features.indices[1]["w uimahallin"]
    assert place in features.vector("uimmahallin aukiolot")[0]
    assert place not in features.vector("urheilutalon aukiolot")[0]
    assert features.read("uimmahallin").known == 0


def test_a_word_is_near_another_by_one_slip_however_short_it_is() -> None:
    mend = Repair(("nej", "kirje"), lambda _: True)
    for slip in ("nej", "noj", "nejj", "nje", "kirj", "kirjee", "kirja"):
        assert mend.near(slip), slip
    for other in ("ne", "mej", "neejj", "kiraj", "n"):
        assert not mend.near(other), other
