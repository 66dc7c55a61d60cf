"""The values that dialogs and the city's services exchange. All are JSON, since they pass through the journal."""

from __future__ import annotations

from typing import NotRequired, TypedDict


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
    where nothing is said, and ``prices`` are the source's own words. ``distance_m`` is from the place that was asked
    for, in metres. ``as_of`` is the ISO date of
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
    prices: dict[str, str]
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
    """A kind of fault that the city takes reports of, named in one language; ``words`` are what citizens call it."""

    code: str
    name: str
    group: str
    words: list[str]


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


class AppointmentKind(TypedDict):
    """What can be booked. ``names`` and ``bring`` (what to have along) are by language."""

    id: str
    names: dict[str, str]
    bring: dict[str, str]


class FreeTime(TypedDict):
    """A time that is free. Moments are ISO with the city's offset; ``place`` is empty where it is not told."""

    id: str
    starts: str
    ends: str
    place: str


class Appointment(TypedDict):
    """The appointment of a code (``number``); without ``known`` there is none of that code.

    ``state`` is ``booked``, ``pending`` or ``ended``; ``starts`` is an ISO moment, ``None`` where it is not told.
    """

    number: str
    known: bool
    state: str
    kind: str
    names: dict[str, str]
    bring: dict[str, str]
    starts: str | None
    ends: str | None
    place: str
    demonstration: bool


class Change(TypedDict):
    """What became of a wish: ``done``, ``taken`` (the time), ``gone`` (the appointment) or ``late`` (not allowed)."""

    outcome: str
    appointment: Appointment | None


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
