"""Appointments as the dialogs know them, over a FHIR server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from dialogs.services import Appointment, AppointmentKind, Change, FreeTime, ServiceUnavailable
from knowledge.appointments import Change as KnownChange
from knowledge.appointments import FhirAppointments
from knowledge.http import SourceUnavailable
from knowledge.model import City


class Appointments:
    """Appointments, with the dialogs' error where a dialog waits; an effect's errors are the effect's."""

    def __init__(
        self, city: City, base_url: str, *, token: str, demonstration: bool, now: Callable[[], datetime]
    ) -> None:
        self._server = FhirAppointments(city, base_url, token=token, demonstration=demonstration, now=now)

    async def kinds(self) -> list[AppointmentKind]:
        """What can be booked. Raises ``ServiceUnavailable``."""
        try:
            return [AppointmentKind(**kind) for kind in await self._server.kinds()]
        except SourceUnavailable as error:
            raise ServiceUnavailable(str(error)) from error

    async def free(self, kind: str, first: str, seen: Sequence[str]) -> list[FreeTime]:
        """The earliest free times of a kind from an ISO moment on. Raises ``ServiceUnavailable``."""
        try:
            return [FreeTime(**time) for time in await self._server.free(kind, first, seen)]
        except SourceUnavailable as error:
            raise ServiceUnavailable(str(error)) from error

    async def find(self, number: str) -> Appointment:
        """The appointment of a code. Raises ``ServiceUnavailable``."""
        try:
            return Appointment(**await self._server.find(number))
        except SourceUnavailable as error:
            raise ServiceUnavailable(str(error)) from error

    async def book(self, key: str, kind: str, time: str) -> Change:
        """Book a free time, once for each ``key``."""
        return _change(await self._server.book(key, kind, time))

    async def move(self, key: str, number: str, time: str) -> Change:
        """Move an appointment to a free time."""
        return _change(await self._server.move(key, number, time))

    async def cancel(self, key: str, number: str) -> Change:
        """Cancel an appointment."""
        return _change(await self._server.cancel(key, number))

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()


def _change(made: KnownChange) -> Change:
    told = made["appointment"]
    return Change(outcome=made["outcome"], appointment=Appointment(**told) if told is not None else None)
