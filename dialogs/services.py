"""What dialogs need of the city, as Protocols; ``bot/app.py`` binds each to its maker.

All values are JSON, since they pass through the journal. A call may raise ``ServiceUnavailable``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.messages import Reply
from dialogs.values import (
    Appointment,
    AppointmentKind,
    Change,
    Contact,
    DayHours,
    Event,
    EventWish,
    Found,
    FreeTime,
    Kind,
    OpenPeriod,
    OpenStatus,
    Place,
    ReportStatus,
    Ticket,
    Unit,
    UnitConnection,
)

__all__ = [
    "Appointment",
    "AppointmentKind",
    "Appointments",
    "Change",
    "Contact",
    "DayHours",
    "Directory",
    "Event",
    "EventWish",
    "Events",
    "FeedbackDesk",
    "Found",
    "FreeTime",
    "Kind",
    "Masking",
    "OpenPeriod",
    "OpenStatus",
    "OpeningHours",
    "Place",
    "ReportStatus",
    "Search",
    "ServiceUnavailable",
    "Texts",
    "Ticket",
    "Topics",
    "Unit",
    "UnitConnection",
]


class ServiceUnavailable(Exception):
    """The city's service does not answer; its words are for the log and hold no personal data."""


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


class Appointments(Protocol):
    """Where appointments are booked. What changes something is an effect, done once for each ``key``."""

    async def kinds(self) -> list[AppointmentKind]:
        """What can be booked."""

    async def free(self, kind: str, first: str, seen: Sequence[str]) -> list[FreeTime]:
        """The earliest free times of a kind from an ISO moment on, but those ``seen``; a few."""

    async def find(self, number: str) -> Appointment:
        """The appointment of a code."""

    async def book(self, key: str, kind: str, time: str) -> Change:
        """Book the free time of an id."""

    async def move(self, key: str, number: str, time: str) -> Change:
        """Move an appointment to the free time of an id."""

    async def cancel(self, key: str, number: str) -> Change:
        """Cancel an appointment."""


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

    def opens(self, intent: str) -> str | None:
        """The intent of the dialog that goes on from this answer."""


class Texts(Protocol):
    """The sentences of the dialogs."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key with its named values filled in. Raises ``KeyError`` for an unknown key."""
