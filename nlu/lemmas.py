"""Lemmas as a small table: only the inflected forms of words that are in the phrases, looked up once at training.

The dictionaries (simplemma) are neither needed nor loaded when a model runs. The Finnish one fills 350 MB, so the table
is made in a process of its own, which gives the memory back: ``python -m nlu.lemmas fi`` reads words and writes JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

from nlu.features import Table, tokens

LEMMATISED = ("fi", "sv", "en")


def lemma_table(language: str, texts: Iterable[str]) -> Table:
    """Every inflected form of every lemma that the texts use."""
    if language not in LEMMATISED:
        return {}
    wanted = "\n".join(sorted({word for text in texts for word in tokens(text)}))
    done = subprocess.run(
        [sys.executable, "-m", "nlu.lemmas", language], input=wanted.encode(), stdout=subprocess.PIPE, check=True
    )
    table: Table = json.loads(done.stdout)
    return table


def _forms(language: str, words: Iterable[str]) -> dict[str, str]:
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory  # noqa: PLC0415 - heavy, and for this process only

    dictionary = DefaultDictionaryFactory().get_dictionary(language)
    wanted = {dictionary.get(word, word) for word in words}
    found: dict[str, str] = {}
    for form, lemma in dictionary.items():
        if lemma in wanted and form.lower() != lemma.lower():
            found.setdefault(form.lower(), lemma.lower())
    return dict(sorted(found.items()))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_forms(sys.argv[1], sys.stdin.buffer.read().decode().splitlines())))
