"""The spaCy pipelines of understanding: a blank one of each language with factories of our own."""

from __future__ import annotations

from functools import partial

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from nlu.guesser import Guesser
from nlu.text import MODEL_LIMIT, understood

NORMALISE, INTENTS = "neuvo_normalise", "neuvo_intents"


@Language.component(NORMALISE)
def normalise(doc: Doc) -> Doc:
    """Keep the text of which every view is taken: NFC, without invisible characters."""
    doc.user_data["understood"] = understood(doc.text)
    return doc


class IntentComponent:
    """A step of the pipeline that writes the likelihood of each intent into ``doc.cats``, the likeliest first."""

    def __init__(self) -> None:
        self.guess: Guesser | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Write the likelihoods of a text into its document."""
        if self.guess is not None:
            doc.cats = self.guess.likelihoods(
                doc.user_data["understood"], doc.user_data.get("meaning"), doc.user_data.get("read")
            )
        return doc


@Language.factory(INTENTS)
def make_intents(nlp: Language, name: str) -> IntentComponent:
    """The factory of the step; its model is set after it is made."""
    del nlp, name
    return IntentComponent()


def pipeline(language: str, guesser: Guesser) -> Language:
    """A blank spaCy pipeline of a language with our steps."""
    nlp = spacy.blank(language)
    nlp.max_length = 10 * MODEL_LIMIT
    nlp.tokenizer = partial(_whole, nlp.vocab)
    nlp.add_pipe(NORMALISE)
    step = nlp.add_pipe(INTENTS)
    step.guess = guesser  # type: ignore[attr-defined]
    return nlp


def _whole(vocab: Vocab, text: str) -> Doc:
    """A document of one token: our steps find their own words, and spaCy's would cost a tenth of all understanding."""
    said = [text] if text else []
    return Doc(vocab, words=said, spaces=[False] * len(said))
