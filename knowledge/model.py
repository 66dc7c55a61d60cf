"""The shapes of what editors write: topics, phrases and the city, frozen."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bot.gsm import foreign, units

SHORT_LIMIT = 300
"""What an answer by text message may take, in septets: two segments."""

_T = TypeVar("_T")


def fault(message: str, remedy: str) -> PydanticCustomError:
    """An error of a validator, with its remedy."""
    return PydanticCustomError("content", "{message}", {"message": message, "remedy": remedy})


class Model(BaseModel):
    """Frozen, strict, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _date(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise fault(f"“{value}” is not a date", "Write it as 2026-11-26") from None
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise fault("is empty", "Write its text")
    return value.strip()


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise fault(f"the link “{value}” is not https", "Give the address that begins with https://")
    return value


def _reachable(value: str) -> str:
    return value if value.startswith(("tel:", "mailto:")) else _https(value)


def _message(value: str) -> str:
    if odd := foreign(value):
        raise fault(
            "has characters that make a text message three times as dear: " + " ".join(odd),
            "Use plain hyphens, straight quotes and letters of the GSM alphabet",
        )
    if (length := units(unicodedata.normalize("NFC", value))) > SHORT_LIMIT:
        raise fault(f"is {length} characters long", f"Cut it to {SHORT_LIMIT}; “long” has room for the rest")
    return value


def _proxy(value: Mapping[str, _T]) -> Mapping[str, _T]:
    return MappingProxyType(dict(value))


Text = Annotated[str, AfterValidator(_not_blank)]
Day = Annotated[date, BeforeValidator(_date)]
Page = Annotated[str, AfterValidator(_https)]
Target = Annotated[str, AfterValidator(_reachable)]
Short = Annotated[str, AfterValidator(_not_blank), AfterValidator(_message)]
ByLanguage = Annotated[Mapping[str, _T], AfterValidator(_proxy)]
Phrases = ByLanguage[Annotated[tuple[Text, ...], Field(min_length=1)]]


class TopicLink(Model):
    """A link of an answer."""

    label: Text
    url: Target


class Answer(Model):
    """An answer in one language: ``short`` for text messages, ``long`` in light Markdown for the rest."""

    short: Short
    long: Text | None = None
    links: tuple[TopicLink, ...] = ()


class PhraseSet(Model):
    """How citizens say one intent, by language, and the words of its "did you mean" button.

    ``held_out`` are the phrases that are only tested with. Without ``title`` the intent is never offered.
    """

    intent: Text
    title: ByLanguage[Text] | None = None
    owner: Text | None = None
    source: Page | None = None
    reviewed: Day | None = None
    phrases: Phrases
    held_out: Phrases = Field(default_factory=lambda: MappingProxyType({}))


class Topic(Model):
    """A question of citizens with the city's answer.

    ``service`` is the unit service that "the nearest" goes with; ``opens`` is the intent of a dialog that goes on from
    the answer.
    """

    intent: Text
    title: ByLanguage[Text]
    owner: Text
    source: Page
    reviewed: Day
    phrases: Phrases
    held_out: Phrases
    answer: ByLanguage[Answer]
    service: Text | None = None
    opens: Text | None = None


class Contact(Model):
    """An official telephone number, with what was read of it and where."""

    id: Text
    name: ByLanguage[Text]
    phone: Text
    source: Page
    read: Day
    note: Text | None = None


class Area(Model):
    """The rectangle around the city, in WGS 84 degrees."""

    south: float
    north: float
    west: float
    east: float


class DeskHours(Model):
    """When people answer in a language: days of the week from 1 (Monday), local times, and the same in words."""

    days: tuple[int, ...] = Field(min_length=1)
    opens: Text = Field(pattern=r"^[0-2]\d:[0-5]\d$")
    closes: Text = Field(pattern=r"^[0-2]\d:[0-5]\d$")
    words: Text


class City(Model):
    """All that makes it this city, apart from its places.

    ``ontology`` are the ontology words of the unit register that make a unit one of our services', and
    ``children_keywords`` the keywords of Linked Events that make an event one for children. ``fault_words`` are what
    citizens call the things that break, a row a thing, in any language and form.
    """

    name: ByLanguage[Text]
    organisation: ByLanguage[Text]
    languages: tuple[Text, ...] = Field(min_length=1)
    time_zone: Text
    country: Text = Field(min_length=2, max_length=2)
    holiday_languages: ByLanguage[Text]
    website: ByLanguage[Page]
    feedback_page: ByLanguage[Page]
    feedback_locales: ByLanguage[Text]
    fault_words: tuple[tuple[Text, ...], ...] = ()
    unit_page: ByLanguage[Page]
    area: Area
    attribution: ByLanguage[Text]
    source_line: ByLanguage[Text]
    ontology: ByLanguage[tuple[int, ...]] = Field(default_factory=lambda: MappingProxyType({}))
    children_keywords: tuple[Text, ...] = ()
    service_desk: ByLanguage[DeskHours] = Field(default_factory=lambda: MappingProxyType({}))
    contacts: tuple[Contact, ...] = ()
