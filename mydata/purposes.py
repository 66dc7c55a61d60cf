"""What personal data is used for: the shapes of ``purposes.yaml``, and one purpose as it is put before a citizen.

``Asked`` is a purpose at one version with all that it names written out. Its canonical JSON is what the ledger keeps
and what a receipt is made of, so that a receipt of years ago still says what was asked then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bot.gsm import foreign, units

ASK_LIMIT = 130
"""What a question may take, in septets: with the words to answer by it must still be one text message of 160."""
MARK_LENGTH = 12

Basis = Literal["consent", "public_task", "legal_obligation", "vital_interest"]
"""Of Article 6(1) of the GDPR: a, e, c, d."""
Level = Literal["claimed", "confirmed", "strong"]

_T = TypeVar("_T")
ByLanguage = Mapping[str, _T]


def _fault(message: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError("content", "{message}", {"message": message, "remedy": remedy})


def _not_blank(value: str) -> str:
    if not value.strip():
        raise _fault("is empty", "Write its text")
    return value.strip()


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise _fault(f"the link “{value}” is not https", "Give the address that begins with https://")
    return value


def _one_message(value: str) -> str:
    if odd := foreign(value):
        message = "has characters that make a text message three times as dear: " + " ".join(odd)
        raise _fault(message, "Use plain hyphens, straight quotes and letters of the GSM alphabet")
    if (length := units(value)) > ASK_LIMIT:
        raise _fault(f"is {length} characters long", f"Cut it to {ASK_LIMIT}, so that it fits into one text message")
    return value


def _yes_or_no(value: Any) -> Any:
    return getattr(value, "value", value)  # what reads YAML keeps a bare “true” beside the word that was written


Text = Annotated[str, AfterValidator(_not_blank)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Page = Annotated[str, AfterValidator(_https)]
Question = Annotated[str, AfterValidator(_not_blank), AfterValidator(_one_message)]


class Model(BaseModel):
    """Frozen, strict, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Party(Model):
    """An organisation, and how it is reached."""

    name: ByLanguage[Text]
    business_id: Text | None = None
    address: Text
    email: Text
    phone: Text
    url: Page


class Organisation(Party):
    """Whose service this is. ``jurisdiction`` and ``storage`` (where the data are) are of DPV's ``loc``: FI, EU."""

    privacy: ByLanguage[Page]
    service: ByLanguage[Text]
    jurisdiction: Text
    storage: Text


class Data(Model):
    """A kind of data: its term of DPV's ``pd``, and whether Article 9 of the GDPR names it."""

    dpv: Text
    special: YesNo = False
    title: ByLanguage[Text]


class Recipient(Model):
    """Who else gets the data: on the channels that are named, on all where none is."""

    role: Literal["processor", "third_party", "city"]
    channels: tuple[Text, ...] = ()
    outside_eea: YesNo = False
    title: ByLanguage[Text]


class Age(Model):
    """From which age one decides alone, in years, and whether a guardian decides for who is younger."""

    alone: Annotated[int, Field(ge=0, le=120)]
    guardian: YesNo


class Retention(Model):
    """For how many days the data are kept after their use has ended (0: they go at once), and that in words."""

    days: Annotated[int, Field(ge=0)]
    text: ByLanguage[Text]


class Benefit(Model):
    """What there is in it."""

    person: ByLanguage[Text]
    city: ByLanguage[Text]


class _Terms(Model):
    """What a citizen is told of a purpose, whether it is read or kept."""

    basis: Basis
    explicit: YesNo = False
    dpv: Annotated[tuple[Text, ...], Field(min_length=1)]
    channels: Annotated[tuple[Text, ...], Field(min_length=1)]
    level: Level
    age: Age
    valid_months: Annotated[int, Field(ge=1)] | None = None
    retention: Retention
    title: ByLanguage[Text]
    ask: ByLanguage[Question]
    benefit: Benefit
    withdraw: ByLanguage[tuple[Text, ...]]

    @property
    def refusable(self) -> bool:
        """Whether a person's no ends it: consent, and a public task, which one may object to (Article 21)."""
        return self.basis in {"consent", "public_task"}

    def decider(self, age: int | None) -> Literal["self", "guardian", "nobody"]:
        """Who decides for a person of this age in years; of an unknown age the person."""
        if age is None or age >= self.age.alone:
            return "self"
        return "guardian" if self.age.guardian else "nobody"


class Purpose(_Terms):
    """A purpose as it is written: it names its controller, data and recipients. ``versions`` are marks by number."""

    versions: ByLanguage[Text]
    controller: Text
    data: Annotated[tuple[Text, ...], Field(min_length=1)]
    recipients: tuple[Text, ...]

    @property
    def version(self) -> int:
        """The current version of the text; 0 where none is written down yet."""
        return max((int(number) for number in self.versions if number.isdecimal()), default=0)

    def mark(self) -> str:
        """Stands for all that one agrees to; the words to withdraw by may change without asking again."""
        terms = self.model_dump(mode="json", exclude={"versions", "withdraw"})
        return hashlib.sha256(canonical(terms).encode()).hexdigest()[:MARK_LENGTH]


class Asked(_Terms):
    """A purpose at one version, with all that it names written out."""

    id: Text
    version: int
    controller: ByLanguage[Text]
    organisation: Organisation
    authority: Party
    data: tuple[Data, ...]
    recipients: tuple[Recipient, ...]

    def text(self) -> str:
        """Its canonical JSON."""
        return canonical(self.model_dump(mode="json"))

    def digest(self) -> bytes:
        """SHA-256 of ``text()``."""
        return hashlib.sha256(self.text().encode()).digest()

    @classmethod
    def parse(cls, text: str) -> Self:
        """What ``text`` gave."""
        return cls.model_validate_json(text)


class Purposes(Model):
    """All of it."""

    organisation: Organisation | None = None
    authority: Party | None = None
    controllers: ByLanguage[ByLanguage[Text]] = Field(default_factory=dict)
    data: ByLanguage[Data] = Field(default_factory=dict)
    recipients: ByLanguage[Recipient] = Field(default_factory=dict)
    purposes: ByLanguage[Purpose] = Field(default_factory=dict)

    def asked(self, purpose: str) -> Asked:
        """A purpose written out. Raises ``KeyError`` where there is none of that name."""
        found = self.purposes[purpose]
        if self.organisation is None or self.authority is None:
            raise KeyError(purpose)
        return Asked(
            **{name: getattr(found, name) for name in _Terms.model_fields},
            id=purpose,
            version=found.version,
            controller=self.controllers[found.controller],
            organisation=self.organisation,
            authority=self.authority,
            data=tuple(self.data[name] for name in found.data),
            recipients=tuple(self.recipients[name] for name in found.recipients),
        )

    def on(self, channel: str, *, basis: Basis = "consent") -> tuple[str, ...]:
        """The purposes that a channel can serve."""
        return tuple(
            n for n, purpose in self.purposes.items() if purpose.basis == basis and channel in purpose.channels
        )

    def withdrawn_by(self, words: str, language: str | None = None) -> str | None:
        """The purpose that these words end, in any language unless one is named."""
        said = " ".join(words.casefold().split())
        for name, purpose in self.purposes.items():
            for code, phrases in purpose.withdraw.items():
                if language in {None, code} and said in {" ".join(phrase.casefold().split()) for phrase in phrases}:
                    return name
        return None


def canonical(value: object) -> str:
    """The one JSON of a value: keys in order, no spaces, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
