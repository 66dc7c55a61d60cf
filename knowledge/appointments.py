"""Appointments at a FHIR R4 server: what can be booked, when there is room, and booking, moving and cancelling.

Slots are searched by ``service-type`` and ``status=free``; pages of a Bundle are followed on the same server alone. An
appointment carries an identifier made of the key of what asked for it: it goes out with ``If-None-Exist`` and is looked
for first, so that the same key never books twice. Moving and cancelling write the whole resource back under
``If-Match``. The server keeps its slots: an appointment takes the one that it names, and gives it back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from async_lru import alru_cache

from knowledge import appointments_fhir as fhir
from knowledge.appointments_fhir import SYSTEM, Appointment, AppointmentKind, FreeTime
from knowledge.appointments_pages import pages
from knowledge.http import Answer, InDoubt, JsonSource, SourceRefused, SourceUnavailable
from knowledge.model import City

_TRIES = 3
"""Times that a change is written anew over one that came between."""
_ANSWERS = frozenset((200, 201, 204, 404, 409, 410, 412, 422))
_TYPE = "application/fhir+json"


class Change(TypedDict):
    """What became of a wish: ``done``, ``taken`` (the time), ``gone`` (the appointment) or ``late`` (not allowed)."""

    outcome: str
    appointment: Appointment | None


class FhirAppointments:
    """A FHIR server at ``base_url``. The list of kinds is kept for ``keep`` seconds; ``now`` is a clock in UTC."""

    def __init__(
        self,
        city: City,
        base_url: str,
        *,
        token: str = "",
        demonstration: bool = False,
        timeout: float = 4.0,
        attempts: int = 2,
        keep: float = 600.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        headers = {"Accept": _TYPE, **({"Authorization": f"Bearer {token}"} if token else {})}
        self._base = base_url.rstrip("/")
        self._languages = city.languages
        self._zone = ZoneInfo(city.time_zone)
        self._demonstration = demonstration
        self._now = now
        self._server = JsonSource("appointments", base_url, timeout=timeout, attempts=attempts, headers=headers)
        self._kinds = alru_cache(maxsize=1, ttl=keep)(self._fetch_kinds)

    async def kinds(self) -> list[AppointmentKind]:
        """What can be booked. Raises ``SourceUnavailable``, also when there is nothing."""
        return [AppointmentKind(**kind) for kind in await self._kinds()]

    async def free(self, kind: str, first: str, seen: Collection[str] = (), limit: int = 4) -> list[FreeTime]:
        """The earliest free times of a kind from an ISO moment on, but those ``seen``. Raises ``SourceUnavailable``."""
        earliest = max(datetime.fromisoformat(first), self._now())
        wish = {
            "service-type": kind.removeprefix("|"),
            "status": "free",
            "start": f"ge{earliest.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "_sort": "start",
            "_count": str(limit + len(seen)),
            "_include": "Slot:schedule",
        }
        found: dict[str, FreeTime] = {}
        async for bundle in pages(self._server, self._base, "/Slot", wish):
            for time in self._times(bundle):
                if time["id"] not in seen and datetime.fromisoformat(time["starts"]) >= earliest:
                    found[time["id"]] = time
            if len(found) >= limit:
                break
        return sorted(found.values(), key=lambda time: (datetime.fromisoformat(time["starts"]), time["id"]))[:limit]

    async def find(self, number: str) -> Appointment:
        """The appointment of a code. Raises ``SourceUnavailable``."""
        resource = await self._find(number)
        return fhir.unknown(number) if resource is None else await self._told(resource, number)

    async def book(self, key: str, kind: str, slot_id: str) -> Change:
        """Book a free time, once for each ``key``; a key that has arrived gives its appointment again.

        Raises ``SourceRefused`` when it will never be taken, ``SourceUnavailable`` when it should be tried again.
        """
        number = fhir.number_of(key)
        found = await self._find(number)
        if found is None:
            slot, schedule = await self._slot(slot_id)
            if slot is None:
                # Taken, perhaps by an earlier try of ours that the search did not show at once.
                found = await self._find(number)
                return await self._change("taken" if found is None else "done", found, number)
            found = await self._create(number, fhir.new(number, kind, slot, schedule))
        return await self._change("taken" if found is None else "done", found, number)

    async def move(self, key: str, number: str, slot_id: str) -> Change:  # noqa: ARG002 - doing it again changes nothing
        """Move an appointment to a free time. Raises as ``book``."""

        async def moved(resource: Mapping[str, Any]) -> dict[str, Any] | str:
            if fhir.slot_of(resource) == f"Slot/{slot_id}":
                return "done"
            slot, schedule = await self._slot(slot_id)
            return "taken" if slot is None else fhir.moved(resource, slot, schedule)

        return await self._rewrite(number, moved, refused="taken")

    async def cancel(self, key: str, number: str) -> Change:  # noqa: ARG002 - doing it again changes nothing
        """Cancel an appointment. Raises as ``book``."""

        async def cancelled(resource: Mapping[str, Any]) -> dict[str, Any] | str:
            return fhir.cancelled(resource)

        change = await self._rewrite(number, cancelled, refused="late")
        # Cancelled already, perhaps by an earlier try of ours: that is what was wished for.
        over = change["outcome"] == "gone" and change["appointment"] is not None
        return Change(outcome="done", appointment=change["appointment"]) if over else change

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()

    async def _fetch_kinds(self) -> tuple[AppointmentKind, ...]:
        found: dict[str, AppointmentKind] = {}
        wish = {"active": "true", "_count": "100"}
        async for bundle in pages(self._server, self._base, "/HealthcareService", wish):
            for service in fhir.resources(bundle, "HealthcareService"):
                kind = fhir.kind_of(service, self._languages)
                if kind is not None:
                    found.setdefault(kind["id"], kind)
        if not found:
            raise SourceUnavailable("appointments: no service that can be booked")
        return tuple(found.values())

    def _times(self, bundle: Any) -> list[FreeTime]:
        schedules = {f"Schedule/{row.get('id')}": row for row in fhir.resources(bundle, "Schedule")}
        slots = [fhir.free_time(slot, schedules, self._zone) for slot in fhir.resources(bundle, "Slot")]
        return [slot for slot in slots if slot is not None]

    async def _find(self, number: str) -> Mapping[str, Any] | None:
        bundle = await self._server.get("/Appointment", {"identifier": f"{SYSTEM}|{number}"})
        for resource in fhir.resources(bundle, "Appointment"):
            ours = [
                row for row in resource.get("identifier", ()) if isinstance(row, Mapping) and row.get("value") == number
            ]
            if ours and isinstance(resource.get("id"), str):  # a server that overlooks the filter gives others' too
                return resource
        return None

    async def _slot(self, slot_id: str) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
        """A slot that is free and to come, with its schedule; ``None`` where it is not."""
        bundle = await self._server.get("/Slot", {"_id": slot_id, "_include": "Slot:schedule"})
        for slot in fhir.resources(bundle, "Slot"):
            time = fhir.free_time(slot, {}, self._zone)
            if time is not None and time["id"] == slot_id and datetime.fromisoformat(time["starts"]) > self._now():
                wanted = fhir.reference(slot.get("schedule"))
                found = [row for row in fhir.resources(bundle, "Schedule") if f"Schedule/{row.get('id')}" == wanted]
                return slot, found[0] if found else {}
        return None, {}

    async def _create(self, number: str, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The appointment as the server has it; ``None`` where the time was taken."""
        headers = {"If-None-Exist": f"identifier={SYSTEM}|{number}"}
        try:
            answer = await self._write("POST", "/Appointment", document, headers)
        except InDoubt:
            # The connection went after the words had: look before anybody tries again.
            found = await self._find(number)
            if found is None:
                raise
            return found
        made = fhir.resources({"entry": [{"resource": answer.document}]}, "Appointment")
        if answer.status < 300 and made:
            return made[0]
        found = await self._find(number)
        if found is None and answer.status not in {409, 422}:
            raise InDoubt("appointments: an answer without the appointment")
        return found

    async def _rewrite(
        self,
        number: str,
        change: Callable[[Mapping[str, Any]], Awaitable[dict[str, Any] | str]],
        *,
        refused: str,
    ) -> Change:
        for _ in range(_TRIES):
            resource = await self._find(number)
            if resource is None or resource.get("status") == "cancelled":
                return await self._change("gone", resource, number)
            wanted = await change(resource)
            if isinstance(wanted, str):
                return await self._change(wanted, resource, number)
            answer = await self._write("PUT", f"/Appointment/{resource['id']}", wanted, _version(resource))
            if answer.status < 300:
                return await self._change("done", wanted, number)
            if answer.status in {404, 410}:
                return await self._change("gone", None, number)
            if answer.status != 412:
                return await self._change(refused, resource, number)
        raise SourceUnavailable("appointments: changed again and again by others")

    async def _write(self, method: str, path: str, document: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """An answer of success or of a conflict. Raises ``SourceRefused`` for all else that is turned down."""
        more = {"Content-Type": _TYPE, "Prefer": "return=representation"}
        answer = await self._server.write(method, path, dict(document), more | dict(headers), _ANSWERS)
        if answer.status == 422 and not fhir.conflict(answer.document):
            raise SourceRefused(f"appointments: status {answer.status}")
        return answer

    async def _change(self, outcome: str, resource: Mapping[str, Any] | None, number: str) -> Change:
        told = None if resource is None else await self._told(resource, number)
        return Change(outcome=outcome, appointment=told)

    async def _told(self, resource: Mapping[str, Any], number: str) -> Appointment:
        try:
            kinds = await self.kinds()
        except SourceUnavailable:
            kinds = []  # its time is worth more than its name
        return fhir.appointment(resource, number, kinds, self._zone, demonstration=self._demonstration)


def _version(resource: Mapping[str, Any]) -> dict[str, str]:
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, Mapping) else None
    return {"If-Match": f'W/"{version}"'} if isinstance(version, str) else {}
