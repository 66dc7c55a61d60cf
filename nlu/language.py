"""Which language a text is in: the session's, unless the text says otherwise.

A model of letters and words learnt from our own phrases decides, with lingua (limited to the same languages, in its
small mode) as a second voice. Names of places and services are masked first, since "Itäkeskus" stands in English too.
Greetings and short words are a lexicon; words that two languages share ("ja", "no") leave the session's language. Of
one word or two, how usual they are in each language (:mod:`nlu.frequencies`) says more than their letters. Pronouns and
verbs weigh more than the rest, so that "I need a pysäköintitunnus" is English.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from lingua import IsoCode639_1, Language, LanguageDetectorBuilder
from numpy.typing import NDArray

from nlu import frequencies
from nlu.features import Read
from nlu.linear import Linear
from nlu.text import exact, words

_VOICE, _PRIOR, _SHORT_PRIOR = 0.4, 0.7, 2.0
_GRAMMAR = 1.5
"""How much one word of :data:`GRAMMAR` adds."""
_SURE_WORDS = 3
_USUAL = 2 * math.log(10)
"""What an order of magnitude between the frequencies of a short text's words counts for: twice what it says."""
_AS_USUAL = -0.5
"""Words that are a third as usual in the session's language as where they are most leave it as it is."""

LEXICON = {
    "fi": (
        "moi moikka mo moro terve heippa huomenta päivää iltaa kiitos kiitti kiitoksia joo juu kyllä ei eiku apua auki "
        "kiinni missä milloin koska mitä kuka miksi miten paljonko takaisin peruuta lopeta ihminen suomeksi suomi hyvä "
        "selvä okei näkemiin heihei anteeksi ole hyvä nyt huomenna tänään"
    ),
    "sv": (
        "hej hejsan tja tjena morjens goddag godmorgon tack tackar jo nej nä näe nää hjälp öppet stängt var när vad "
        "vem varför hur tillbaka avbryt sluta människa svenska på bra okej adjö hejdå hejhej förlåt nu imorgon idag "
        "jaså javisst"
    ),
    "en": (
        "hello hi hey thanks thank you yes yeah yep nope nah no please help open closed where when what who why how "
        "back cancel stop human english good sure bye goodbye sorry now tomorrow today library i i'd i'm i've i'll"
    ),
}
GRAMMAR = {
    "fi": (
        "minä mä mun minun sä haluan haluun haluisin haluaisin tarvitsen tarviin tarvin tarvisin voin voinko voiko "
        "milloin saan saanko saako onko onks pitää pitääkö missä mistä mitä missa mista mita mihin miten mikä"
    ),
    "sv": "jag mitt mina vill vil behöver behover tarvar får kan ska är och att det ett vad varifrån vart när nar",
    "en": "my need want would could can't do does how the what when where which i\xa0need i\xa0want i\xa0would",
}
"""Pronouns, verbs and small words that make a sentence one of a language, whatever its nouns are.

Each is of one language only, also for those who write no diacritics: "for" is Swedish too, and "to" a Thursday.
"""
_SHARED = frozenset({"ja", "no", "hei", "ok", "stop", "on", "i", "is", "var", "man", "men", "a", "e", "me", "te", "se",
                     "vi", "de", "så", "sa", "hur", "för", "sen", "ni", "vet"})  # fmt: skip


_PRONOUN = "i"
"""Of English, and a preposition of Swedish: it counts together with its verb alone."""


Scores = NDArray[np.float64]
"""One for each of the city's languages."""


class Languages:
    """Decides between the city's languages. Deterministic: no random choice anywhere."""

    def __init__(self, model: Linear | None, languages: Sequence[str]) -> None:
        self._model = model
        self._languages = tuple(languages)
        trained = model.intents if model is not None else ()
        self._order = [trained.index(language) for language in languages if language in trained]
        self._codes = [Language.from_iso_code_639_1(getattr(IsoCode639_1, language.upper())) for language in languages]
        self._lingua = (
            LanguageDetectorBuilder.from_languages(*self._codes).with_low_accuracy_mode().build()
            if len(self._codes) > 1
            else None
        )
        self._words: dict[str, set[str]] = {}
        for language, lexicon in LEXICON.items():
            if language in self._languages:
                for word in lexicon.split():
                    self._words.setdefault(word, set()).add(language)
        known = frequencies.shipped()
        self._usual = known if set(languages) <= set(known.languages) else None
        self._columns = [known.languages.index(language) for language in languages] if self._usual else []
        self._grammar = [frozenset(GRAMMAR.get(language, "").split(" ")) for language in languages]

    def decide(
        self, text: str, session: str | None, named: frozenset[str] = frozenset(), read: Read | None = None
    ) -> str:
        """The language of a text without its names; ``named`` are the languages of the names, if that is all it had.

        ``read`` are the text's features, if they were found already.
        """
        if len(self._languages) == 1:
            return self._languages[0]
        found = [word for word in words(exact(text)) if not word.isdigit() and any(letter.isalpha() for letter in word)]
        usual = session if session in self._languages else None
        if not found:
            only = next(iter(named)) if len(named) == 1 else None
            return usual or only or self._languages[0]
        if all(word in _SHARED for word in found) and usual:
            return usual
        voted = self._lexicon(found)
        if voted:
            return usual if usual in voted else min(voted, key=self._languages.index)
        listed = self._listed(found)
        if usual and listed is not None and listed[self._languages.index(usual)] > _AS_USUAL:
            return usual
        scores = self._letters(" ".join(found), read)
        scores += [_GRAMMAR * sum(word in grammar for word in _joined(found)) for grammar in self._grammar]
        if listed is not None:
            scores += _USUAL * listed
        if usual:
            scores[self._languages.index(usual)] += _SHORT_PRIOR if len(found) < _SURE_WORDS else _PRIOR
        return self._languages[int(np.argmax(scores))]

    def _lexicon(self, found: Sequence[str]) -> set[str]:
        """The languages that all of a short text's words are known to be of; none for longer texts."""
        if len(found) >= _SURE_WORDS:
            return set()
        voted = set(self._languages)
        for word in found:
            if word in _SHARED and len(found) > 1:
                continue
            voted &= self._words.get(word, set())
        return voted if len(voted) < len(self._languages) else set()

    def _listed(self, found: Sequence[str]) -> Scores | None:
        """Orders of magnitude that the words of a short text are less usual in each language than where they are most.

        ``None`` for longer texts, and where no word is listed.
        """
        usual = [self._usual.of(word) for word in found] if self._usual and len(found) < _SURE_WORDS else []
        less = [zipf[self._columns] - zipf.max() for zipf in usual if zipf is not None]
        return np.sum(less, axis=0) if less else None

    def _letters(self, text: str, read: Read | None) -> Scores:
        scores = np.zeros(len(self._languages))
        if self._model is not None:
            vector = read.vector if read is not None else self._model.features.vector(text)
            own = self._model.scores_of(vector).astype(np.float64)[self._order]
            scores = own - np.log(np.exp(own).sum())
        if self._lingua is not None:
            values = {value.language: value.value for value in self._lingua.compute_language_confidence_values(text)}
            scores = scores + _VOICE * np.log(np.array([values[code] for code in self._codes]) + 0.02)
        rounded: Scores = np.round(scores, 9)
        return rounded


def _joined(found: Sequence[str]) -> list[str]:
    """The words, and the English pronoun with the word after it as one more."""
    pairs = pairwise(found)
    return [*found, *(f"{_PRONOUN}\xa0{word}" for pronoun, word in pairs if pronoun == _PRONOUN)]
