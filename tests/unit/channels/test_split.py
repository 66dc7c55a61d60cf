"""Where a long text is cut, and where it must not be."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from channels.split import split

FAMILY = "👨\u200d👩\u200d👧\u200d👦"


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize("text", ["", "  ", "\n\n"])
def test_nothing_has_no_pieces(text: str) -> None:
    assert split(text, 10) == []


def test_what_fits_is_left_as_it_is() -> None:
    assert split("Hei  vaan!\n\nMoi", 20) == ["Hei  vaan!\n\nMoi"]


def test_words_are_not_cut() -> None:
    assert split("yksi kaksi kolme neljä viisi", 11) == ["yksi kaksi", "kolme neljä", "viisi"]


def test_a_piece_ends_at_a_paragraph_a_line_or_a_sentence_that_is_near() -> None:
    assert split("Ensimmäinen osa. Toinen on\n\npidempi kuin se", 36) == [
        "Ensimmäinen osa. Toinen on",
        "pidempi kuin se",
    ]
    assert split("Ensimmäinen rivi\nja toinen rivi on pitkä", 28) == ["Ensimmäinen rivi", "ja toinen rivi on pitkä"]
    assert split("Lause loppuu tähän. Toinen alkaa nyt", 28) == ["Lause loppuu tähän.", "Toinen alkaa nyt"]
    assert split("Ei. Tämä on hyvin pitkä lause joka jatkuu", 28) == ["Ei. Tämä on hyvin pitkä", "lause joka jatkuu"]


@pytest.mark.parametrize(
    "whole",
    ["+358 9 310 22111", "09 310 5015", "https://www.hel.fi/fi/a(b),c", "mailto:a.b@hel.fi", "&amp;", "&#228;", FAMILY],
)
def test_what_is_one_thing_stays_whole(whole: str) -> None:
    text = f"Sanoja ennen {whole} ja sanoja sen jälkeen {whole}"
    for limit in range(len(whole), len(text)):
        pieces = split(text, limit)
        assert sum(piece.count(whole) for piece in pieces) == 2, limit
        assert all(len(piece) <= limit for piece in pieces)


def test_a_word_longer_than_a_piece_is_cut_between_characters() -> None:
    assert split("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]
    assert split("aaaa&amp;bbbb", 7) == ["aaaa", "&amp;bb", "bb"]
    assert split(FAMILY * 3, 11, utf16) == [FAMILY] * 3
    assert split("e\u0301" * 5, 3) == ["e\u0301"] * 5


def test_a_thing_longer_than_a_piece_is_cut_all_the_same() -> None:
    assert split("https://hel.fi/abcdef", 8) == ["https://", "hel.fi/a", "bcdef"]
    assert "".join(split(FAMILY, 3)) == FAMILY
    assert split("😀", 1, utf16) == ["😀"]


@given(st.text("ab .\n1😀\u0301\u200d&;€", max_size=200), st.integers(2, 40))
def test_nothing_but_white_space_is_lost_and_no_piece_is_too_long(text: str, limit: int) -> None:
    pieces = split(text, limit, utf16)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)
    assert all(piece.strip() and utf16(piece) <= limit for piece in pieces)


@given(st.text("ab .\n\u0301\u200d👩👧", max_size=200), st.integers(60, 90))
def test_no_grapheme_is_cut(text: str, limit: int) -> None:
    text = regex.sub(r"\s(?=[\u0301\u200d])", "", text)  # marks on white space belong to nothing
    graphemes = regex.findall(r"\X", text.strip())
    if max(map(len, graphemes), default=0) > limit:
        return
    pieces = split(text, limit)
    assert [each for piece in pieces for each in regex.findall(r"\X", piece) if not each.isspace()] == [
        each for each in graphemes if not each.isspace()
    ]


def test_a_long_text_is_split_in_reasonable_time() -> None:
    assert len(split("sana " * 40_000, 4096)) == 49
