"""What the citizen's pages need of the rest: protocols, and the values that cross.

``Words`` are a text in each language of the city, by code. Moments are aware, in UTC. Nothing here is of another room:
``bot/portal.py`` binds it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias
from uuid import UUID

Words: TypeAlias = Mapping[str, str]


class Texts(Protocol):
    """Our own sentences."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence. Raises ``KeyError`` for an unknown key."""


class Refused(Exception):
    """What was asked for cannot be done; ``words`` tell the person why."""

    def __init__(self, words: Words) -> None:
        super().__init__("refused")
        self.words = words


class Changed(Exception):
    """What was asked for was put before the person in an older form: it is asked again in the new one."""


class Place(Protocol):
    """A conversation as its person knows it.

    ``ending`` is the end of the address, and empty where the address means nothing to a person, as in web chat.
    ``level`` is ``claimed``, ``confirmed`` or ``strong``.
    """

    @property
    def id(self) -> UUID:
        """Of the conversation."""

    @property
    def channel(self) -> str:
        """The channel's name."""

    @property
    def ending(self) -> str:
        """The last characters of the address."""

    @property
    def level(self) -> str:
        """How surely the address is the person's."""

    @property
    def since(self) -> datetime:
        """When it began."""

    @property
    def used(self) -> datetime | None:
        """When it was used last."""


class People(Protocol):
    """People and the addresses that are theirs."""

    async def identified(self, issuer: str, subject: str, loa: str) -> UUID:
        """The person whom a provider named, made where there was none."""

    async def linked(self, conversation_id: UUID, person_id: UUID) -> bool:
        """A person who was strongly identified has shown that a conversation is theirs. Said twice, it is done as well.

        False where it is gone or known to be another person's.
        """

    async def conversation(self, conversation_id: UUID) -> Place | None:
        """A conversation, whosever it is."""

    async def places(self, person_id: UUID) -> Sequence[Place]:
        """A person's conversations, the newest first."""

    async def unlink(self, person_id: UUID, conversation_id: UUID) -> bool:
        """Part a conversation from its person; ``False`` where it is not this person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that is held. ``correct`` is the name under which the person may give another value, if they may."""

    label: Words
    value: str
    at: datetime | None = None
    correct: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What is held of one kind, and why. ``more`` is how many rows are left out here and are in the copy."""

    name: str
    title: Words
    why: Words
    rows: tuple[Row, ...] = ()
    more: int = 0


class MyData(Protocol):
    """What is held on a person."""

    async def view(self, person_id: UUID) -> Sequence[Section]:
        """All of it, to be read."""

    def export(self, person_id: UUID) -> AsyncIterator[bytes]:
        """All of it, as JSON in the documented schema, in pieces."""

    async def correct(self, person_id: UUID, name: str, value: str) -> None:
        """Another value for a row. Raises ``Refused``, and ``KeyError`` where no row of the person has that name."""

    async def obstacles(self, person_id: UUID) -> Sequence[Words]:
        """What stands against an erasure now; empty where it can be done."""

    async def remains(self, person_id: UUID) -> Sequence[Words]:
        """What an erasure leaves, each with its reason."""

    async def erase(self, person_id: UUID) -> None:
        """Erase all of it. Raises ``Refused``. Asked for again it does no more; interrupted it is completed later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What data is used for, at one version of its text. ``basis`` is of Article 6 of the GDPR."""

    id: str
    version: int
    basis: Literal["consent", "public_task", "legal_obligation", "vital_interest"]
    title: Words
    ask: Words
    for_me: Words
    for_city: Words
    controller: Words
    data: tuple[Words, ...]
    recipients: tuple[Words, ...]
    retention: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person has decided for a purpose on one channel.

    ``given`` is ``None`` where they have not, or are to be asked again.
    """

    channel: str
    given: bool | None
    at: datetime | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A purpose, with what was decided on each of the person's channels that it can use."""

    purpose: Purpose
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a receipt, to be read: its title, and lines of a name and what stands there, in one language."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof of one decision: the record to keep (JSON-LD, ISO/IEC TS 27560), and the same to read."""

    id: str
    document: bytes
    parts: tuple[Part, ...]


class Consents(Protocol):
    """The ledger of consents."""

    async def standing(self, person_id: UUID) -> Sequence[Standing]:
        """Every purpose that a person decides on."""

    async def decide(
        self, person_id: UUID, purpose: str, version: int, channel: str, *, given: bool, language: str
    ) -> str:
        """Write a decision down; the id of its receipt.

        Raises ``Changed`` where the text has another version now, ``Refused``, and ``KeyError`` for what is unknown.
        """

    async def receipt(self, person_id: UUID, receipt_id: str, language: str) -> Receipt | None:
        """A receipt of this person's; ``None`` where it is not."""


class Use(Protocol):
    """Once that data was read."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def actor(self) -> Words:
        """By whom."""

    @property
    def purpose(self) -> Words:
        """For what."""

    @property
    def what(self) -> Words:
        """What."""


class Uses(Protocol):
    """The log of accesses."""

    async def of(self, person_id: UUID) -> Sequence[Use]:
        """Who used a person's data, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a message of health services is about, in one language. ``answer``: time, nurse, booked or refused."""

    id: UUID
    title: str
    reason: str
    facts: tuple[str, ...]
    steps: tuple[str, ...]
    offer: str
    ground: Purpose
    at: datetime
    answer: str | None = None


class Letters(Protocol):
    """What health services wrote of, after a person had decided to."""

    async def letters(self, person_id: UUID, language: str) -> Sequence[Letter]:
        """A person's, the newest first."""

    async def answered(self, person_id: UUID, letter: UUID, answer: str, language: str) -> bool:
        """Take an answer; false where it is none, or the letter is not the person's. A no takes the consent back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A part of the register's entry: its paragraphs, and facts with their names."""

    name: str
    paragraphs: tuple[Words, ...] = ()
    facts: tuple[tuple[Words, Words], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The service as it runs: for the pages that everybody may read.

    ``headings`` are those of the city's AI register: overview, datasets, processing, fairness, oversight, risks.
    """

    service: Words
    organisation: Words
    authority: Words
    contact: tuple[str, ...]
    privacy_page: Words
    authority_page: str
    headings: tuple[Heading, ...]
    purposes: tuple[Purpose, ...]
    kept: tuple[tuple[Words, Words], ...]
    """What is kept, and for how long."""


class Transparency(Protocol):
    """What runs, told by itself."""

    def about(self) -> About:
        """The service now."""
