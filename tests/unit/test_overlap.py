"""Which topics are taken for one another, in words and as a picture."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from bot.held_out import NONE, Result
from bot.overlap import MOST, NoPlot, advice, confusion, draw, failed, pairs


def result(intent: str, took: str, outcome: str = "wrong", text: str = "words") -> Result:
    return Result(language="fi", intent=intent, text=text, took=took, outcome=outcome, told="fi")


MIXED = [
    *[result("dogs", "parks")] * 2,
    result("parks", "dogs"),
    result("tax", "permit", "offered"),
    result("tax", NONE, "refused"),
    result("dogs", "dogs", "right"),
    result("trees", "parks"),
]


def test_pairs_count_both_ways_and_once_is_no_pair() -> None:
    assert pairs(MIXED) == [("dogs", "parks", 3)]
    (line,) = advice(MIXED)
    assert line.startswith("dogs and parks: 3 held-out phrases")


def test_every_phrase_that_fails_has_a_line_that_says_how() -> None:
    found = list(failed(MIXED))
    assert len(found) == len(MIXED) - 1
    assert "dogs (fi): “words” is taken for parks" in found
    assert "tax (fi): “words” is not understood at all" in found
    assert any("permit is thought likelier" in line for line in found)


def test_topics_that_are_mixed_up_are_next_to_each_other_and_the_rest_is_left_out() -> None:
    names, table = confusion(MIXED)
    assert set(names) == {"dogs", "parks", "trees", "tax", "permit"}
    assert abs(names.index("dogs") - names.index("parks")) == 1
    assert table[names.index("dogs"), names.index("parks")] == 2
    assert table[names.index("parks"), names.index("dogs")] == 1
    assert table.trace() == 0


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_picture_is_drawn_of_no_more_topics_than_can_be_read(tmp_path: Path, ending: str) -> None:
    many = [result(f"topic_{place}", f"topic_{place + 1}") for place in range(2 * MOST)]
    file = tmp_path / f"overlap.{ending}"
    assert draw(many, file) == MOST
    if ending == "png":
        with Image.open(file) as image:
            assert min(image.size) > 1_000
    else:
        assert ElementTree.parse(file).getroot().tag.endswith("svg")


def test_a_picture_of_no_mistakes_is_drawn_as_well(tmp_path: Path) -> None:
    assert draw([result("dogs", "dogs", "right")], tmp_path / "none.svg") == 0


@pytest.mark.parametrize("name", ["overlap.doc", "missing/overlap.svg"])
def test_a_file_that_cannot_be_drawn_is_told_in_plain_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoPlot, match="overlap"):
        draw(MIXED, tmp_path / name)
