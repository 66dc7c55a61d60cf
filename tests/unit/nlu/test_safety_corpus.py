"""The corpus of alarms and of calm, in three languages, as it is and as people write it in haste.

How well the rules hear what they were not written for was measured twice, each time once, on sentences that were then
added to the corpus. Every second sentence of the first 1,060 was kept apart: of the kept ones 77 (fi), 84 (sv) and 84
(en) of 85 alarms were heard, and 91 of 94, 87 of 89 and 86 of 91 quiet ones stayed quiet. Their author wrote the rules
too. Of 75 alarms that were sought out afterwards to be unlike all the others only 11, 10 and 7 of 25 were heard, with
no false alarm in 60: what people say in need has no end, and the corpus is there to grow.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.messages import Safety
from nlu.safety import SafetyRules
from tests.unit.nlu.generators import spellings

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
FOLDER = KNOWLEDGE / "safety"
RULES = SafetyRules.load(FOLDER)
LANGUAGES = ("fi", "sv", "en")
ALARMS = {
    "emergency": Safety.EMERGENCY,
    "violence": Safety.EMERGENCY,
    "child": Safety.EMERGENCY,
    "crisis": Safety.CRISIS,
}
SLIPPERY = 6
"""Letters of the shortest word in which slips are looked for."""
QUIET = ("calm", "metaphor")
CORPUS = {
    language: yaml.safe_load((FOLDER / "corpus" / f"{language}.yaml").read_text("utf-8")) for language in LANGUAGES
}


def found(text: str) -> Safety | None:
    hit = RULES.check(text)
    return hit.kind if hit else None


def alarms(language: str) -> list[tuple[Safety, str]]:
    return [(kind, text) for name, kind in ALARMS.items() for text in CORPUS[language][name]]


def quiet(language: str) -> list[str]:
    return [text for name in QUIET for text in CORPUS[language][name]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_corpus_is_large_enough_and_says_nothing_twice(language: str) -> None:
    every = [text for texts in CORPUS[language].values() for text in texts]
    assert len(set(every)) == len(every)
    assert len(alarms(language)) >= 150
    assert len(quiet(language)) >= 150


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alarm_is_heard_however_it_is_written(language: str) -> None:
    missed = [
        (text, spelling) for kind, text in alarms(language) for spelling in spellings(text) if found(spelling) != kind
    ]
    assert missed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_calm_sentence_stays_calm_however_it_is_written(language: str) -> None:
    alarmed = [(text, spelling) for text in quiet(language) for spelling in spellings(text) if found(spelling)]
    assert alarmed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_calm_sentences_get_no_line_either_and_a_metaphor_at_most_one(language: str) -> None:
    softly = [text for text in CORPUS[language]["calm"] if RULES.look(text) is not None]
    assert softly == []
    for text in CORPUS[language]["metaphor"]:
        hit = RULES.look(text)
        assert hit is None or hit.soft


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alarm_is_heard_in_the_answer_to_a_forms_question_and_among_pleasantries(language: str) -> None:
    around = {
        "fi": "hei, nimi on Aino Aho. {} kiitos",
        "sv": "hej, jag heter Aina. {} tack",
        "en": "hi, I am Anna. {} thanks",
    }
    alone = {"bussi 112 palaa", "H Ä T Ä"}
    """A bus that burns is told from one that returns by the sentence's end; a cry of one word needs to be alone."""
    missed = [text for _, text in alarms(language) if found(around[language].format(text)) is None]
    assert [text for text in missed if text not in alone and len(text.split()) > 2] == []


def slips(text: str) -> Iterator[str]:
    """The text with one slip in its longest word: a letter left out, struck twice, changed places, another letter."""
    words = text.split()
    place = max(range(len(words)), key=lambda place: len(words[place]))
    word = words[place]
    if len(word) < SLIPPERY:
        return
    middle = len(word) // 2
    start, letter, rest = word[:middle], word[middle], word[middle + 1 :]
    for slip in (start + rest, start + letter * 2 + rest, start + rest[:1] + letter + rest[1:], f"{start}e{rest}"):
        yield " ".join((*words[:place], slip, *words[place + 1 :]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slip_in_the_longest_word_loses_few_alarms_and_raises_hardly_any(language: str) -> None:
    heard = [found(slip) is not None for _, text in alarms(language) for slip in slips(text)]
    raised = [found(slip) is not None for text in quiet(language) for slip in slips(text)]
    assert len(heard) > 400
    assert sum(heard) / len(heard) >= 0.94
    assert sum(raised) / len(raised) <= 0.02


@pytest.mark.parametrize("language", LANGUAGES)
def test_drawn_out_letters_and_letters_with_spaces(language: str) -> None:
    texts = {
        "fi": ["apuaaa äiti ei hengitääää", "h ä t ä", "e n  h a l u a  e l ä ä", "haluuuun kuollaaaa"],
        "sv": ["hjääälp det brinneeer i köket", "j a g  v i l l  d ö", "ja vill dööö"],
        "en": ["heeeelp heeelp", "i want to dieeee", "n o t  b r e a t h i n g", "i w a n t t o d i e"],
    }
    assert [text for text in texts[language] if found(text) is None] == []


def test_phrases_of_the_citys_own_topics_raise_no_alarm() -> None:
    texts = [
        text
        for part in ("topics", "phrases")
        for path in sorted((KNOWLEDGE / part).glob("*.yaml"))
        for key in ("phrases", "held_out")
        for said in (yaml.safe_load(path.read_text("utf-8")).get(key) or {}).values()
        for text in said
    ]
    assert len(texts) > 5_000
    assert [text for text in texts if found(text)] == []


def test_what_is_none_of_the_citys_business_raises_none_either() -> None:
    lines = (KNOWLEDGE / "data" / "offdomain.jsonl").read_text("utf-8").splitlines()
    assert [text for text in (json.loads(line)["text"] for line in lines) if found(text)] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("bussi 112 palaa", Safety.EMERGENCY),
        ("bussi 112 palaa varikolle", None),
        ("bussi 112 palaa hämeentiellä", Safety.EMERGENCY),
        ("bussi 112 palaa takaisin klo 12", None),
        ("buss 112 brinner", Safety.EMERGENCY),
        ("bus 112 is on fire", Safety.EMERGENCY),
        ("auto palaa", Safety.EMERGENCY),
        ("lääkäri palaa lomalta", None),
        ("valot palaa", None),
    ],
)
def test_what_burns_and_what_returns(text: str, kind: Safety | None) -> None:
    """``palaa`` is both in Finnish; a bus line's number hides no fire."""
    assert {found(spelling) for spelling in (text, text.upper(), unicodedata.normalize("NFD", text))} == {kind}


@pytest.mark.parametrize("rule", ["<nobody> apua", "! apua"])
def test_a_pattern_that_cannot_be_read_is_named(tmp_path: Path, rule: str) -> None:
    for kind in Safety:
        (tmp_path / f"{kind}.yaml").write_text(f'patterns: {{fi: ["{rule}"]}}\nmasks: {{}}\n', "utf-8")
    with pytest.raises(ValueError, match=r"emergency\.yaml: fi: “"):
        SafetyRules.load(tmp_path)


def test_a_long_text_is_looked_through_once() -> None:
    """Twice the text is about twice the work: no pattern makes the search go back over what it has read."""
    for piece in ("ei hengita on palaa ", "a b ", "x" * 200 + " ", "hengit ", "en jaksa "):
        single, double = _work(piece * (20_000 // len(piece))), _work(piece * (40_000 // len(piece)))
        assert double < 3 * single


def _work(text: str) -> int:
    """Calls of Python functions while a text is checked."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        RULES.check(text)
    finally:
        sys.setprofile(before)
    return calls
