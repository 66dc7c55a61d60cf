from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.messages import Safety
from nlu.safety import SafetyRules
from nlu.safety_lexicon import Lexicon
from nlu.safety_patterns import compile_pattern, match
from tests.unit.nlu.generators import spellings

FOLDER = Path(__file__).parents[3] / "knowledge" / "safety"
RULES = SafetyRules.load(FOLDER)
EXAMPLES = {kind: yaml.safe_load((FOLDER / f"{kind}.yaml").read_text("utf-8"))["examples"] for kind in Safety}


def alarms() -> list[tuple[Safety, str]]:
    return [(kind, text) for kind in Safety for texts in EXAMPLES[kind]["alarm"].values() for text in texts]


def calm() -> list[str]:
    return [text for kind in Safety for texts in EXAMPLES[kind]["calm"].values() for text in texts]


def found(text: str) -> Safety | None:
    hit = RULES.check(text)
    return hit.kind if hit else None


def _elements(lexicon: Lexicon, word: str, *, typos: bool) -> list[int]:
    fits = lexicon.fits(word, typos=typos)
    return [element for element in lexicon.elements.values() if fits >> element & 1]


ANSWERS = (
    *("on", "ei", "joo", "juu", "kyllä", "en", "no", "niin", "ok", "okei", "oli", "olen", "ole hyvä", "kaksi"),
    *("ja", "jo", "nej", "på", "av", "jag", "har", "två", "yes", "no", "on", "off", "it is", "i do", "not yet", "two"),
)


@pytest.mark.parametrize("text", ANSWERS)
def test_a_short_answer_is_no_alarm(text: str) -> None:
    assert {RULES.look(spelling) for spelling in spellings(text)} == {None}


def test_no_ordinary_word_alone_is_an_alarm() -> None:
    words = (FOLDER / "ordinary.txt").read_text("utf-8").split()
    assert [word for word in words if found(word)] == []


@pytest.mark.parametrize(("kind", "text"), alarms())
def test_every_example_alarms_however_it_is_written(kind: Safety, text: str) -> None:
    assert {found(spelling) for spelling in spellings(text)} == {kind}


@pytest.mark.parametrize("text", calm())
def test_what_only_sounds_alarming_does_not(text: str) -> None:
    assert {found(spelling) for spelling in spellings(text)} == {None}


@pytest.mark.parametrize(
    "text",
    ["bussi 112 ei tullut", "Mannerheimintie 112", "09 2525 0112", "310 11112", "työ tappaa", "palaa luukulle"],
)
def test_112_inside_something_else_is_no_emergency(text: str) -> None:
    assert found(text) is None
    assert found(f"hei, {text} eilen") is None


@pytest.mark.parametrize("text", ["112", "soittakaa 112", "hätänumero?", "112!!", "ring 112", "call 112 please"])
def test_112_as_a_cry_for_help_is_one(text: str) -> None:
    assert found(text) is Safety.EMERGENCY


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("apuua isä sai sydänkohtauksne", Safety.EMERGENCY),
        ("taalla palaa", Safety.EMERGENCY),
        ("hjalp det brinner", Safety.EMERGENCY),
        ("my kid swalowed bleach", Safety.EMERGENCY),
        ("en jaksa enää elää", Safety.CRISIS),
        ("ystävä sanoi tappavansa ittensä", Safety.CRISIS),
        ("vitsi vitsi, tapan itteni tähän jonoon", Safety.CRISIS),
        ("mikä on korkein silta täällä, kaikki on ohi", Safety.CRISIS),
    ],
)
def test_field_cases(text: str, kind: Safety) -> None:
    assert found(text) is kind


@pytest.mark.parametrize("kind", list(Safety))
def test_one_slip_in_a_long_word_is_forgiven(kind: Safety) -> None:
    missed = []
    for texts in EXAMPLES[kind]["alarm"].values():
        for text in texts:
            longest = max(text.split(), key=len)
            if len(longest) >= 9 and longest.isalpha():
                middle = len(longest) // 2
                slip = longest[:middle] + longest[middle + 1 :]
                missed += [text] if found(text.replace(longest, slip)) is None else []
    assert len(missed) <= 2, missed


@pytest.mark.parametrize("where", [0, 900, 5_000, 60_000, 99_000])
def test_a_cry_is_heard_anywhere_in_a_long_text(where: int) -> None:
    filler = "hyvää päivää ja kiitos avusta "
    text = (filler * 4_000)[:where] + " äiti ei hengitä auttakaa " + (filler * 4_000)[: 100_000 - where]
    assert found(text) is Safety.EMERGENCY


@pytest.mark.parametrize("text", ["", " ", "\u200b", "👍", "a" * 100_000, "ei " * 50_000, "\ud800", "́" * 5_000])
def test_odd_texts_are_calm(text: str) -> None:
    assert found(text) is None


def test_work_grows_with_the_length_and_not_faster() -> None:
    """No backtracking: what is looked up for a text of many half matches is bounded by its words."""
    lexicon = Lexicon()
    pattern = compile_pattern("a|b .. a|b .. a|b .. a|b .. a|b c", lexicon)
    words = ["a", "b"] * 20_000
    places: dict[int, list[int]] = {}
    for place, word in enumerate(words):
        for element in _elements(lexicon, word, typos=False):
            places.setdefault(element, []).append(place)
    assert match(pattern, places, len(words)) is None


def test_gaps_ends_and_masks_of_the_pattern_language() -> None:
    lexicon = Lexicon()
    near = compile_pattern("ei hengitä", lexicon)
    ends = compile_pattern("^ apua $", lexicon)
    both = compile_pattern("silta & ohi", lexicon)

    def fits(pattern: object, text: str) -> bool:
        words = text.split()
        places: dict[int, list[int]] = {}
        for place, word in enumerate(words):
            for element in _elements(lexicon, word, typos=True):
                places.setdefault(element, []).append(place)
        return match(pattern, places, len(words)) is not None  # type: ignore[arg-type]

    assert fits(near, "ei enaa edes hengita")
    assert not fits(near, "ei yksi kaksi kolme hengita")
    assert not fits(near, "hengita ei")
    assert fits(ends, "apua")
    assert not fits(ends, "apua kirjastoon")
    assert fits(both, "ohi on silta")


def test_a_pattern_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="has no word"):
        compile_pattern("apua &", Lexicon())


def test_the_language_of_the_rule_is_told() -> None:
    hit = RULES.check("min man andas inte")
    assert hit is not None
    assert hit.language == "sv"
    number = RULES.check("112")
    assert number is not None
    assert number.language is None
