"""The city that this server speaks for: its content, its trained understanding, its sentences and safety rules.

Read once at the start and frozen after it. The rooms that it is read from do not know one another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.messages import Incoming, Match, Reply, Safety, Session
from bot.nudges_content import load_reminders, load_rules, load_templates
from bot.purposes import load_purposes
from bot.texts import Texts
from dialogs.consents_words import ENDS
from dialogs.words import Words
from knowledge.desk import Desk, load_desk
from knowledge.load import Content, intents_of, load_content
from knowledge.model import PhraseSet, Topic
from knowledge.places import names
from mydata.purposes import Purposes
from mydata.retention_rules import Rules
from nlu.data import OUT_OF_SCOPE, Name, Phrase, TrainingData, off_domain
from nlu.pipeline import Understander, load
from nlu.safety import SafetyRules
from nlu.safety_net import examples
from nlu.safety_reply import SafetyLines
from nlu.semantic import Embed, Vector, embedder
from nlu.train import train
from proactive.quiet import Calendar
from proactive.reminders import Reminders
from proactive.rules import Rules as NudgeRules
from proactive.template import Templates

NOT_OURS = OUT_OF_SCOPE
"""The set of phrases that are none of the city's business."""


@dataclass(frozen=True, kw_only=True)
class City:
    """Everything that is read from the city's folder, with the model trained on it."""

    content: Content
    texts: Texts
    words: Words
    rules: SafetyRules
    lines: SafetyLines
    desk: Desk
    retention: Rules
    purposes: Purposes
    nudges: Templates
    proactive: NudgeRules
    reminders: Reminders
    model: Path = Path("untrained")
    embed: Embed | None = None
    """The embeddings of the semantic tier, where it is on."""

    @classmethod
    def load(cls, folder: Path, models: Path, *, semantic: bool = False) -> City:
        """Read the city's ``folder`` and train into ``models``, unless this content has been trained there already.

        Raises ``knowledge.faults.ContentFaults``, ``bot.texts.TextFaults`` or
        ``mydata.retention_rules.RetentionFaults`` with everything that is wrong, and ``nlu.semantic.NotInstalled``
        where the semantic tier is wanted and its package is not there.
        """
        embed = embedder() if semantic else None
        city, safety = cls.read(folder), folder / "safety"
        data = training_data(city.content, off_domain(folder / "data"), tuple(examples(safety)))
        return replace(city, model=train(data, models, embed), embed=embed)

    @classmethod
    def read(cls, folder: Path) -> City:
        """Read the city's ``folder`` without training: what it gives understands nothing. Raises as ``load`` does."""
        content = load_content(folder)
        safety = folder / "safety"
        purposes = load_purposes(folder, content.city.languages)
        words = Words.load(folder / "commands.yaml", ending_words(purposes))
        desk = load_desk(folder, content.city.languages, intents_of(content))
        nudges = load_templates(folder, content.city.languages, purposes, desk, words)
        return cls(
            content=content,
            texts=Texts.load(folder / "texts", content.city.languages),
            words=words,
            rules=SafetyRules.load(safety),
            lines=SafetyLines.load(safety),
            desk=desk,
            retention=Rules.load(folder, content.city.languages),
            purposes=purposes,
            nudges=nudges,
            proactive=load_rules(folder, purposes),
            reminders=load_reminders(folder, content.city.languages, nudges),
        )

    @cached_property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.content.city.time_zone)

    @cached_property
    def calendar(self) -> Calendar:
        """The city's clock and public holidays."""
        return Calendar(self.zone, self.content.city.country)

    @property
    def languages(self) -> Sequence[str]:
        """The city's languages, its first one first."""
        return self.content.city.languages

    @cached_property
    def _understander(self) -> Understander:
        return load(self.model, self.rules)

    def lemma(self, word: str) -> str:
        """The basic form of a word in lower case, where the content has the word in any form; else the word."""
        return self._understander.lemmas.get(word, word)

    def understand(self, text: str, session: Session, meaning: Vector | None = None) -> Match:
        """What a text says, safety before everything. Pure: the same for the same arguments.

        ``meaning`` is the text's embedding, where the semantic tier was asked.
        """
        return self._understander.understand(text, session, meaning)

    def skill_of(self, text: str, language: str) -> str | None:
        """Which of the city's people answer what a text asks, where that is clear."""
        match = self.understand(text, Session(now=datetime.now(self.zone), language=language))
        return None if match.suggestions else self.desk.skill_of(match.intent)

    def unsure(self, match: Match) -> bool:
        """Whether the semantic tier is on and should be asked as well."""
        return self.embed is not None and self._understander.unsure(match)

    def warm(self) -> None:
        """Load the model now rather than at the first message."""
        self._understander.understand("moi", Session(now=datetime.now(self.zone)))

    def guard(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Callable[[Incoming], Reply | None]:
        """The bypass of safety: needs no model and no database."""

        def check(incoming: Incoming) -> Reply | None:
            hit = self.rules.check(incoming.text)
            if hit is None:
                return None
            return self.safety_reply(hit.kind, hit.language or _short(incoming.language) or self.languages[0], now())

        return check

    def safety_reply(self, kind: Safety, language: str, now: datetime) -> Reply:
        """The safety answer with the lines that are open."""
        return self.lines.reply(kind, language, now)

    def said(self, key: str) -> dict[str, Reply]:
        """One sentence as a reply in each language."""
        return {language: Reply(text=self.texts(key, language), language=language) for language in self.languages}


def ending_words(purposes: Purposes) -> dict[str, dict[str, list[str]]]:
    """The words that end a purpose, as commands by language."""
    return {
        f"{ENDS}{name}": {language: list(words) for language, words in purpose.withdraw.items()}
        for name, purpose in purposes.purposes.items()
        if purpose.refusable
    }


def training_data(
    content: Content, off_domain: Sequence[tuple[str, str]], alarms: Sequence[tuple[str, str]]
) -> TrainingData:
    """What understanding learns from the content, from texts (language, text) that are of no city's business, and from
    alarms and what only sounds like them (text, label).
    """
    sets: tuple[Topic | PhraseSet, ...] = (*content.topics, *content.phrases)
    said = [
        Phrase(language, item.intent, text)
        for item in sets
        for language, texts in item.phrases.items()
        for text in texts
    ]
    return TrainingData(
        phrases=tuple(phrase for phrase in said if phrase.intent != NOT_OURS),
        negatives=(*((phrase.language, phrase.text) for phrase in said if phrase.intent == NOT_OURS), *off_domain),
        names=tuple(
            Name(kind=name.kind, id=name.id, language=name.language, text=name.text) for name in names(content.places)
        ),
        alarms=alarms,
        languages=tuple(content.city.languages),
    )


def _short(locale: str | None) -> str | None:
    """The language of a locale such as ``sv-FI``."""
    return locale.replace("_", "-").split("-")[0].lower() if locale else None
