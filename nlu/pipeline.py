"""Understanding of a text: safety, language, entities, intent, on spaCy pipelines with factories of our own.

Nothing is kept between two texts: spaCy's vocabulary is put back after each (``memory_zone``), so that random words do
not fill the memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.messages import Alternative, Entity, Match, Safety, Session
from nlu import store
from nlu.data import OUT_OF_SCOPE, Name
from nlu.entities import Entities
from nlu.features import Read
from nlu.foreign import foreign
from nlu.gazetteer import Gazetteer
from nlu.guesser import EXACT, Guesser
from nlu.language import Languages
from nlu.phrases import Phrases
from nlu.rejection import Confidence
from nlu.safety import SafetyRules
from nlu.safety_net import net_from
from nlu.semantic import Vector, head_from
from nlu.steps import pipeline
from nlu.text import MODEL_LIMIT, understood
from nlu.vague import Vague

_ALTERNATIVES = 5
_CLOSE = 3.5
"""How many times likelier the first intent must be than the second, for it to be acted on without asking.

Of what is answered so of the content's held-out phrases, 93 % are right (at 3: 92 %, and one in a hundred fewer asked).
"""
_LIKELY = 0.5
"""Below this an intent is never acted on unasked, however far behind the others are."""
_WILD = 0.25
"""Below this a text of which no word resembles a known one is noise, and not worth a question."""
_TOLD = frozenset({"phone", "email", "identity_code", "plate", "money", "age"})
"""Kinds of entities that the intents are not read from."""
_SURE = 0.9
"""From this probability on the semantic tier is not asked.

It is asked for a sixth of CLINC150's texts then, and gains as much as if it were asked for all of them.
"""
OTHER_LANGUAGE = "other_language"
"""The intent of what is said in a language that is none of the city's, unless it is understood all the same."""


class Understander:
    """Everything that is needed to understand a text. Not for several threads at once.

    ``codes`` are its languages, the city's first.
    """

    def __init__(
        self,
        guesser: Guesser,
        languages: Languages,
        entities: Entities,
        codes: Sequence[str],
        safety: SafetyRules | None,
    ) -> None:
        self._guesser = guesser
        self._languages = languages
        self._entities = entities
        self.codes = tuple(codes)
        self._safety = safety
        self._pipelines = {code: pipeline(code, guesser) for code in codes}

    @property
    def lemmas(self) -> Mapping[str, str]:
        """Inflected forms of the words that were trained, in lower case, to their basic forms."""
        return self._guesser.model.features.lemmas

    def unsure(self, match: Match) -> bool:
        """Whether the semantic tier should be asked of a message."""
        written = any(letter.isalpha() for letter in match.text)
        return (
            written and match.safety is None and self.doubts({one.intent: one.confidence for one in match.alternatives})
        )

    def doubts(self, likely: Mapping[str, float]) -> bool:
        """Whether the semantic tier may know better: nothing fits, it is better to ask, or an error is likely."""
        return next(iter(likely.values()), 0.0) < max(self._guesser.fast.act, _SURE)

    def understand(self, text: str, session: Session, meaning: Vector | None = None) -> Match:
        """What a text says. Takes any text and never raises; of a long one its beginning and its end are read.

        ``meaning`` is the text's embedding, where the semantic tier was asked.
        """
        whole = understood(text)
        hit = self._safety.look(whole) if self._safety else None
        short = _shorten(whole)
        places = self._entities.places(short)
        read = self._guesser.model.features.read(short)
        language = self.language(short, places, session.language, read)
        entities = self._entities.all(short, session.now, places)
        if hit is not None and not hit.soft:
            return _alarm(whole, language, hit.kind, entities)
        if hit is None and self._guesser.net is not None:
            hit = self._guesser.net.doubt(short, read, self._safety)
        bare = _without(short, entities)
        match = self._match(bare, language, meaning, read if bare == short else None)
        return replace(match, text=whole, entities=entities, concern=hit.kind if hit is not None else None)

    def language(self, text: str, places: Sequence[Entity], session: str | None, read: Read | None = None) -> str:
        """The language of a text whose places are known, and perhaps its features."""
        bare = text
        for place in reversed(places):
            bare = f"{bare[: place.start]} {bare[place.end :]}"
        named = frozenset().union(*(self._entities.languages(place) for place in places)) if places else frozenset()
        return self._languages.decide(bare, session, named, None if places else read)

    def intents(
        self, text: str, language: str, meaning: Vector | None = None, read: Read | None = None
    ) -> dict[str, float]:
        """Intents with their probabilities, without rejection: what ``neuvo bench intents`` measures."""
        nlp = self._pipelines[language]
        with nlp.memory_zone():
            doc = nlp.make_doc(text)
            doc.user_data["meaning"] = meaning
            doc.user_data["read"] = read
            return dict(nlp(doc).cats)

    def _match(self, text: str, language: str, meaning: Vector | None, read: Read | None) -> Match:
        """What a text without its entities says."""
        likely = list(self.intents(text, language, meaning, read).items())
        alternatives = tuple(Alternative(name, round(odds, 4)) for name, odds in likely[:_ALTERNATIVES])
        intent, odds = likely[0] if likely else (OUT_OF_SCOPE, 0.0)
        known = self._guesser.confidence(meaning)
        suggestions: tuple[str, ...] = ()
        if intent == OUT_OF_SCOPE or odds < known.reject or self._noise(text, odds):
            intent, odds = OUT_OF_SCOPE, 1 - odds
        elif odds < known.act:
            suggestions = tuple(name for name, value in likely[:3] if value > odds / _CLOSE)
            if odds < _LIKELY and len(suggestions) < 2:
                suggestions = tuple(name for name, _ in likely[:2])
        if (intent == OUT_OF_SCOPE or suggestions) and foreign(text):
            intent, odds, suggestions = OTHER_LANGUAGE, EXACT, ()
        return Match(
            text=text,
            language=language,
            intent=intent,
            confidence=round(odds, 4),
            alternatives=alternatives,
            suggestions=suggestions if len(suggestions) > 1 else (),
        )

    def _noise(self, text: str, odds: float) -> bool:
        return odds < _WILD and self._guesser.model.features.strange(text)


def load(path: Path, safety: SafetyRules | None = None) -> Understander:
    """The understander of a model file. Raises ``nlu.store.BrokenModelError``."""
    parts = store.read(path)
    try:
        manifest = json.loads(parts["manifest.json"])
        fast, semantic = (Confidence(tuple(slopes), *rest) for slopes, *rest in manifest["confidence"])
        names = [Name(kind=kind, id=of, language=code, text=text) for kind, of, code, text in manifest["names"]]
    except (KeyError, ValueError) as error:
        raise store.BrokenModelError(f"{path.name}: {error}") from error
    model = store.linear_from("intents", parts)
    guesser = Guesser(
        model,
        Phrases((text, intent) for text, intent, _ in manifest["phrases"]),
        fast,
        semantic,
        head_from("semantic", parts),
        net_from(parts, model.features),
        Vague((text, intent) for text, intent, _ in manifest["phrases"]),
    )
    languages = Languages(store.columns_from("language", parts, model.features), manifest["languages"])
    vocabulary = model.features.indices[1]
    gazetteer = Gazetteer(names, lambda word: f"w {word}" in vocabulary)
    return Understander(guesser, languages, Entities(gazetteer), manifest["languages"], safety)


def _shorten(text: str) -> str:
    """What the models read of a long text: most of its beginning, and its end, where the question often is."""
    if len(text) <= MODEL_LIMIT:
        return text
    half = MODEL_LIMIT // 2
    return f"{text[:half]} {text[-half:]}"


def _without(text: str, entities: Sequence[Entity]) -> str:
    """The text without what tells of a person or a case and not of a wish (:data:`_TOLD`)."""
    for entity in reversed(entities):
        if entity.kind in _TOLD:
            text = f"{text[: entity.start]} {text[entity.end :]}"
    return text


def _alarm(text: str, language: str, kind: Safety, entities: tuple[Entity, ...]) -> Match:
    return Match(text=text, language=language, intent=str(kind), confidence=1.0, entities=entities, safety=kind)
