"""What dialogs need of the city, as Protocols; ``bot/app.py`` binds each to its maker.

All values are JSON, since they pass through the journal. A call may raise ``ServiceUnavailable``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, Protocol, TypedDict

from bot.messages import Reply


class ServiceUnavailable(Exception):
    """The city's service does not answer; its words are for the log and hold no personal data."""


class Place(TypedDict):
    """A place that a citizen named.

    ``kind`` is an ``Entity.kind`` of a place, ``point`` for one that was shared, or ``free`` for words not known.
    """

    kind: str
    id: str
    text: str
    latitude: float | None
    longitude: float | None


class Unit(TypedDict):
    """A place of service. ``names``, ``addresses`` and ``urls`` are by language, absent where the city has none.

    ``accessibility`` says ``red`` (shortcomings) or ``green`` (none known) by who comes, for those whom the register
    judges: wheelchair, reduced_mobility, rollator, stroller, visually_impaired, hearing_aid. ``as_of`` is the ISO date
    on which the register was last read, ``None`` where it is not known to the day.
    """

    id: str
    service: str
    names: dict[str, str]
    addresses: dict[str, str]
    urls: dict[str, str]
    phone: str | None
    latitude: float
    longitude: float
    distance_m: int | None
    services: NotRequired[list[str]]
    postal_code: NotRequired[str | None]
    accessibility: NotRequired[dict[str, str]]
    as_of: NotRequired[str | None]


class UnitConnection(TypedDict):
    """What a unit has besides itself. ``section`` is the register's ``section_type``; texts are by language."""

    section: str
    names: dict[str, str]
    urls: dict[str, str]
    phone: str | None


class OpenPeriod(TypedDict):
    """From ``start`` to ``end`` (``HH:MM`` local, ``None`` where open-ended); ``state`` is Hauki's resource state."""

    start: str | None
    end: str | None
    ends_next_day: bool
    state: str


class DayHours(TypedDict):
    """One day's periods, open and closed alike. ``known`` is false where the source says nothing of the day.

    ``as_of`` is the ISO date of a copy that answers in its source's place, ``None`` for an answer of the source itself.
    """

    date: str
    known: bool
    periods: list[OpenPeriod]
    demonstration: bool
    as_of: NotRequired[str | None]


class OpenStatus(TypedDict):
    """Whether a unit is open at a moment. Moments are ISO with the city's offset.

    ``state`` is Hauki's resource state of the moment, ``closed`` where no period holds; ``until`` is when that state
    ends and ``closes`` when the last of the open states that follow one another does, ``None`` where that is not told
    or is days away. ``next_opening`` is the next time that somebody can get in after being shut out, in the state
    ``next_state``; ``None`` where no known day has one. Without ``known``, nothing of the rest says anything.
    """

    known: bool
    open: bool
    state: str
    until: str | None
    closes: str | None
    next_opening: str | None
    next_state: str | None
    demonstration: bool
    as_of: str | None


class Event(TypedDict):
    """An event. Texts are by language; ``starts`` and ``ends`` are ISO with the city's offset, the end exclusive.

    Without ``has_time`` only the days are said. ``status`` is ``scheduled`` or ``rescheduled``; ``free`` is ``None``
    where nothing is said. ``distance_m`` is from the place that was asked for, in metres. ``as_of`` is the ISO date of
    the copy that says so, ``None`` for an answer of the source itself.
    """

    id: str
    names: dict[str, str]
    summaries: dict[str, str]
    urls: dict[str, str]
    starts: str
    ends: str
    has_time: bool
    status: str
    free: bool | None
    children: bool
    languages: list[str]
    unit_id: str | None
    place_names: dict[str, str]
    latitude: float | None
    longitude: float | None
    distance_m: int | None
    as_of: str | None
    demonstration: bool


class EventWish(TypedDict):
    """What somebody looks for: events of the days from ``first`` to ``last`` (ISO, both included).

    ``what`` are words in ``language``, or empty; ``held_in`` asks for events held in a language; ``near`` is within
    five kilometres.
    """

    what: str
    first: str
    last: str
    language: str
    held_in: str | None
    free: bool
    children: bool
    near: Place | None
    limit: int


class Kind(TypedDict):
    """A kind of fault that the city takes reports of, named in one language."""

    code: str
    name: str
    group: str


class Contact(TypedDict):
    """How a citizen wants to be answered, by choice; ``None`` where not."""

    email: str | None
    phone: str | None


class ReportStatus(TypedDict):
    """What has become of a report; without ``known`` the city has none of that number, or does not show it (yet).

    ``stage`` is ``received``, ``in_progress``, ``done``, ``rejected`` or ``unknown``; ``notes`` is the city's answer,
    empty where there is none. ``reported`` and ``updated`` are ISO moments, ``None`` where they are not told.
    """

    number: str
    known: bool
    stage: str
    kind: str
    notes: str
    reported: str | None
    updated: str | None
    demonstration: bool


class Ticket(TypedDict):
    """A report that the city has received."""

    number: str
    demonstration: bool


class Found(TypedDict):
    """An answer to offer. ``kind`` is ``topic``, ``unit`` or ``event``, and ``id`` the intent, unit or event.

    ``title`` and ``snippet`` are in the language that was asked in, or the next best. ``source`` is the host that says
    so, and ``as_of`` the ISO date of its review or of its last reading, where that is known.
    """

    kind: str
    id: str
    title: str
    snippet: str
    url: str | None
    source: str
    as_of: str | None


class Search(Protocol):
    """What the city has on words that no intent fits."""

    async def find(self, text: str, language: str, limit: int = 3) -> list[Found]:
        """Up to ``limit`` answers, the best first; none where nothing fits well."""


class Directory(Protocol):
    """The city's units."""

    async def nearest(self, service: str, place: Place | None, limit: int) -> list[Unit]:
        """Units of a service, nearest to the place first; without a place, in the order of their names."""

    async def unit(self, unit_id: str) -> Unit | None:
        """One unit."""

    async def connections(self, unit_id: str) -> list[UnitConnection]:
        """What the register has of a unit besides itself: phones, links, notices."""

    def place(self, kind: str, place_id: str, text: str) -> Place:
        """The place behind an entity, with its coordinates where they are known."""

    def services(self) -> tuple[str, ...]:
        """The ids of the services that units offer, such as ``library``."""

    def name(self, kind: str, item_id: str, language: str) -> str:
        """The name of a district, street, unit or service in a language, or in the next best one."""


class OpeningHours(Protocol):
    """When a unit is open."""

    async def on(self, unit_id: str, date: str) -> DayHours:
        """The hours of one ISO date."""

    async def status(self, unit_id: str, now: str) -> OpenStatus:
        """Whether a unit is open at an ISO moment with an offset, until when, and when it opens next."""

    def holiday(self, date: str, language: str) -> str | None:
        """The name of the public holiday on an ISO date, if it is one."""


class Events(Protocol):
    """What is on."""

    async def search(self, wish: EventWish) -> list[Event]:
        """Events that fit, nearest or soonest first; those that go on for longer come after those that begin now."""


class FeedbackDesk(Protocol):
    """Where faults are reported."""

    async def kinds(self, language: str) -> list[Kind]:
        """The kinds of fault that can be reported."""

    async def submit(  # noqa: PLR0917  an effect's arguments are a list
        self,
        key: str,
        kind: str,
        place: Place,
        details: str,
        photos: Sequence[str] = (),
        contact: Contact | None = None,
    ) -> Ticket:
        """Send a report with the pictures of these ids and a contact by choice, once for each ``key``."""

    async def status(self, number: str) -> ReportStatus:
        """What has become of the report of a number, as a citizen writes it."""


class Masking(Protocol):
    """What takes personal data out of a text."""

    def mask(self, text: str) -> str:
        """The text with identity codes, phone numbers, e-mail and bank accounts as ``‹phone›`` and the like."""


class Topics(Protocol):
    """The answers that editors wrote."""

    def answer(self, intent: str, language: str) -> Reply | None:
        """The answer to an intent, or ``None`` where it is a dialog's."""

    def title(self, intent: str, language: str) -> str | None:
        """A few words for a "did you mean" button."""

    def source(self, intent: str, language: str) -> str:
        """The line with the source of an answer and the date of its review; empty where there is none."""

    def service(self, intent: str) -> str | None:
        """The unit service that "where is the nearest" goes with after this answer."""


class Texts(Protocol):
    """The sentences of the dialogs."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key with its named values filled in. Raises ``KeyError`` for an unknown key."""
