"""The forms of Finnish and Swedish names, by stems and endings rather than by lists of forms.

A word belongs to a name when it is one of the name's stems followed by an ending that exists. Everything is folded
(``ä`` is ``a``), so vowel harmony needs no rule. The stems follow the classes of Finnish nouns: consonant gradation
(``mäki``: ``mäe-``; ``ranta``: ``ranna-``), ``i`` to ``e`` (``saari``: ``saare-``, ``saar-``), ``-nen``, ``-us``,
``-as`` (``taivas``: ``taivaa-``, but ``Jollas``: ``jollakse-``), ``-e``, ``-er`` (``penger``: ``penkere-``) and plural
names (``Linjat``: ``linjoi-``). A stem too many is harmless: it must still meet a text.
"""

from __future__ import annotations

from collections.abc import Iterator

_WEAK = (
    ("kk", "k"), ("pp", "p"), ("tt", "t"), ("nk", "ng"), ("nt", "nn"), ("lt", "ll"), ("rt", "rr"), ("mp", "mm"),
    ("ht", "hd"), ("lk", "l"), ("rk", "r"), ("hk", "h"), ("k", ""), ("p", "v"), ("t", "d"),
)  # fmt: skip
_STRONG = (
    ("ng", "nk"), ("nn", "nt"), ("ll", "lt"), ("rr", "rt"), ("mm", "mp"), ("hd", "ht"), ("k", "kk"), ("p", "pp"),
    ("t", "tt"), ("d", "t"), ("v", "p"), ("l", "lk"), ("r", "rk"),
)  # fmt: skip
_VOWELS = "aeiouy"
_CASES = (
    "", "n", "a", "ta", "tta", "ssa", "s", "sa", "sta", "st", "lla", "l", "la", "lta", "lt", "lle", "na", "ksi", "tse",
    "an", "en", "in", "on", "un", "yn", "han", "hen", "hin", "hon", "hun", "hyn", "seen", "hi", "see",
)  # fmt: skip
_PLURAL = ("t", "den", "tten", "ita", "ihin", "issa", "ista", "illa", "ilta", "ille", "iin", "ina", "iksi", "jen", "ja",
           "ien", "ia")  # fmt: skip
_CLITICS = ("", "ko", "kin", "han", "kaan", "ks", "k", "pa", "ni", "mme", "nne", "si", "nsa")
_LETTERS = ("", "s", "en", "n", "et", "er", "na", "ar", "arna", "erna", "ens", "ets", "ns", "ans", "or", "orna",
            "ornas", "arnas", "ernas")  # fmt: skip

FINNISH_ENDINGS = frozenset(case + clitic for case in (*_CASES, *_PLURAL) for clitic in _CLITICS)
OTHER_ENDINGS = frozenset({*_LETTERS, "es"})
"""Of Swedish and English words: definite forms, plurals and the genitive."""
LONGEST_ENDING = max(map(len, FINNISH_ENDINGS))


def finnish_stems(word: str) -> frozenset[str]:
    """What a folded Finnish noun in the nominative keeps when it is inflected (the nominative among them)."""
    return frozenset({word, *_singular(word), *(stem for base in {word, *_singular(word)} for stem in _plural(base))})


def _singular(word: str) -> Iterator[str]:
    if len(word) < 3:
        return
    last = word[-1]
    yield from _by_ending(word)
    if last in _VOWELS:
        yield from _graded(word, _WEAK)
    if last == "i":
        e_stem = word[:-1] + "e"
        yield e_stem
        yield from _graded(e_stem, _WEAK)
        if word[-2] in "lnrs" and len(word) > 4:
            yield word[:-1]
        if word.endswith("si"):
            yield from (word[:-2] + "te", word[:-2] + "de", word[:-2] + "t")
        if word.endswith("mi"):
            yield word[:-2] + "n"
    elif last not in _VOWELS:
        yield word + "i"


def _by_ending(word: str) -> Iterator[str]:
    if word.endswith("nen"):
        yield from (word[:-3] + "se", word[:-3] + "s", word[:-3] + "si")
    elif word.endswith(("us", "ys", "os", "is", "es")):
        yield from (word[:-1] + "kse", word[:-1] + "ksi", word[:-1] + "de", word[:-1] + "te", word[:-1] + "t")
        if word.endswith("is"):
            yield word[:-1] + "i"
    if word.endswith("as"):
        long = word[:-2] + "aa"
        yield from (long, word[:-2] + "ai", word[:-2] + "a", word[:-1] + "kse", word[:-1] + "ksi")
        yield from _graded(word[:-1], _STRONG, tail="a")
    elif word.endswith("e"):
        yield word + "e"
        yield from _graded(word, _STRONG, tail="e")
    elif word.endswith(("er", "el", "ar")):
        yield word + "e"
        yield from (stem + "e" for stem in _graded(word[:-1], _STRONG, tail=word[-1]))
    elif word.endswith("in"):
        yield from (word[:-1] + "me", word[:-1] + "mi")
    elif word.endswith("ut"):
        yield word[:-1] + "e"
    elif word[-1] == "t" and word[-2] in _VOWELS and len(word) > 4:
        yield word[:-1]


def _graded(word: str, grades: tuple[tuple[str, str], ...], tail: str = "") -> Iterator[str]:
    """The word with the consonants before its last vowel in the other grade."""
    stem, vowel = word[:-1], word[-1]
    for before, after in grades:
        if stem.endswith(before) and len(stem) > len(before):
            yield stem[: -len(before)] + after + vowel + tail
            return


def _plural(stem: str) -> Iterator[str]:
    """Where the plural's ``i`` or ``j`` goes: ``kirjastoi-``, ``halleja``, ``asemi-``, ``museoit-``."""
    if stem[-1:] in set("ouy"):
        yield from (stem + "i", stem + "j", stem + "it")
    elif stem[-1:] == "a":
        yield from (stem[:-1] + "i", stem[:-1] + "oi", stem[:-1] + "oj", stem[:-1] + "oit")
    elif stem[-1:] == "i":
        yield from (stem[:-1] + "ei", stem[:-1] + "ej")
    elif stem[-1:] == "e":
        yield from (stem[:-1] + "i", stem[:-1] + "ei")


def other_stems(word: str) -> frozenset[str]:
    """The same of a Swedish or English word: the word, and without the vowel that endings replace."""
    stems = {word}
    if len(word) > 4 and word[-1] in "ae":
        stems.add(word[:-1])
    if len(word) > 4 and word.endswith("y"):
        stems.add(word[:-1] + "i")
    return frozenset(stems)
