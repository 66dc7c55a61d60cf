"""Every place of the city in the forms in which people write it: cases, languages, capitals, slips of the finger."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from knowledge.load import load_content
from knowledge.places import names
from nlu.data import Name
from nlu.gazetteer import Gazetteer
from nlu.text import folded, understood
from tests.unit.nlu.place_forms import finnish, slips, swedish

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
NAMES = tuple(
    Name(kind=name.kind, id=name.id, language=name.language, text=name.text)
    for name in names(load_content(KNOWLEDGE).places)
)
GAZETTEER = Gazetteer(NAMES)
SHORT = 8
"""Letters from which a slip is forgiven anywhere; in shorter names only where the word looks like a name."""


@pytest.fixture(scope="module")
def owners() -> dict[str, set[tuple[str, str]]]:
    """A folded name to the places that have it."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for name in NAMES:
        found[folded(name.text)].add((name.kind, name.id))
    return found


def those(kind: str, language: str) -> list[str]:
    return [name.text for name in NAMES if (name.kind, name.language) == (kind, language)]


def missed(owners: dict[str, set[tuple[str, str]]], texts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs of a name and a text in which it was not found."""
    return [
        (name, text)
        for name, text in texts
        if not owners[folded(name)] & {(each.kind, each.value) for each in GAZETTEER.find(understood(text))}
    ]


def sentences(name: str, form: str) -> Iterator[tuple[str, str]]:
    yield name, f"onko {form} mitään auki"
    yield name, f"ONKO {form.upper()} MITÄÄN"
    yield name, f"{folded(form)}?"
    yield name, unicodedata.normalize("NFD", f"Hei, {form}!")


@pytest.mark.parametrize(("kind", "least"), [("street", 6_000), ("unit", 5_000)])
def test_every_finnish_name_in_every_case(owners: dict[str, set[tuple[str, str]]], kind: str, least: int) -> None:
    texts = [text for name in those(kind, "fi") for form in finnish(name) for text in sentences(name, form)]
    assert len(texts) > 4 * least
    assert missed(owners, texts) == []


@pytest.mark.parametrize("kind", ["district", "street", "unit"])
def test_every_swedish_name_in_its_genitive_and_definite_form(
    owners: dict[str, set[tuple[str, str]]], kind: str
) -> None:
    texts = [
        (name, text)
        for name in those(kind, "sv")
        for form in swedish(name)
        for text in (f"var i {form} finns det något", f"ÄR {form.upper()} ÖPPEN", unicodedata.normalize("NFD", form))
    ]
    assert len(texts) > 500
    assert missed(owners, texts) == []


@pytest.mark.parametrize("kind", ["district", "street", "unit"])
def test_every_english_name(owners: dict[str, set[tuple[str, str]]], kind: str) -> None:
    assert missed(owners, [(name, f"is {name} open?") for name in those(kind, "en")]) == []


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_a_slip_in_a_long_name_is_forgiven_in_any_sentence(
    owners: dict[str, set[tuple[str, str]]], language: str
) -> None:
    long = [
        name
        for kind in ("district", "street")
        for name in those(kind, language)
        if name.isalpha() and len(name) >= SHORT
    ]
    texts = [(name, f"mitä {slip.lower()} tapahtuu") for name in long for slip in slips(name)]
    assert len(texts) > 1_500
    assert len(missed(owners, texts)) <= 2


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_a_slip_in_a_short_name_is_forgiven_where_it_looks_like_a_name(
    owners: dict[str, set[tuple[str, str]]], language: str
) -> None:
    short = [name for name in those("district", language) if name.isalpha() and 6 <= len(name) < SHORT]
    texts = [
        (name, text) for name in short for slip in slips(name) for text in (slip.lower(), f"onko koirapuistoa {slip}")
    ]
    assert len(texts) > 200
    assert len(missed(owners, texts)) < 0.05 * len(texts)


@pytest.mark.parametrize(
    "text",
    ["mikä viikko nyt on", "kuusitoista euroa", "hän johtaa ryhmää", "se koskee minua", "the tool is broken", "as"],
)
def test_ordinary_words_are_no_places(text: str) -> None:
    assert [each for each in GAZETTEER.find(text) if each.kind != "service"] == []


def test_a_name_is_of_the_languages_that_spell_it_so() -> None:
    names = [
        Name(kind="district", id="kallio", language="fi", text="Kallio"),
        Name(kind="district", id="kallio", language="sv", text="Berghäll"),
        Name(kind="street", id="kallio", language="en", text="Kallio Street"),
        Name(kind="district", id="kapyla", language="fi", text="Käpylä"),
        Name(kind="district", id="kapyla", language="sv", text="Kottby"),
    ]
    places = Gazetteer(names)
    told = {"Kalliossa": {"fi"}, "Berghall": {"sv"}, "Käpylään": {"fi"}, "Kottby": {"sv"}}
    for text, languages in told.items():
        [found] = places.find(text)
        assert places.languages(found) == languages, text
