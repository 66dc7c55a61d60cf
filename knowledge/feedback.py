"""Reports of faults, by Open311 GeoReport v2.

Read in the city's own description (dev.hel.fi, Open311): ``services.json?locale=`` lists the kinds; a form post to
``requests.json`` with ``api_key``, ``service_code``, ``description`` (10 to 5,000 characters), ``lat``/``long`` or
``service_object_id``, and ``address_string`` answers ``[{service_request_id}]``. There is no idempotency key, so each
report ends with a reference made of its key, and is looked for among the reports of the last days before it is sent.
A server that shows reports only after moderation cannot find it: then it is sent again under the same reference, by
which the desk sees that the two are one.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from async_lru import alru_cache

from knowledge.feedback_status import ReportStatus, read_status
from knowledge.http import InDoubt, JsonSource, SourceRefused, SourceUnavailable
from knowledge.model import City
from knowledge.units import Place

_LOOK_BACK = timedelta(days=3)
"""How old a report of the same key can be: effects are not retried for longer."""

_LONGEST = 5000
_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,60}")
_REGISTER = "http://www.hel.fi/servicemap/v2"
"""The ``service_object_type`` of a unit of the city's register."""


class Contact(TypedDict):
    """How a citizen wants to be answered, by choice; ``None`` where not."""

    email: str | None
    phone: str | None


class Kind(TypedDict):
    """A kind of fault that the city takes reports of, named in one language; ``words`` are what citizens call it."""

    code: str
    name: str
    group: str
    words: list[str]


class Ticket(TypedDict):
    """A report that the city has received."""

    number: str
    demonstration: bool


class Open311Desk:
    """Where faults are reported: an Open311 server at ``base_url`` (``None``: every call is ``SourceUnavailable``).

    ``demonstration`` marks the tickets of a server that nobody reads. The list of kinds is kept for ``keep`` seconds.
    """

    def __init__(
        self,
        city: City,
        base_url: str | None,
        *,
        api_key: str = "",
        demonstration: bool = False,
        timeout: float = 8.0,
        attempts: int = 2,
        keep: float = 3600.0,
    ) -> None:
        self._locales = city.feedback_locales
        self._words = city.fault_words
        self._api_key = api_key
        self._demonstration = demonstration
        self._server = JsonSource("open311", base_url, timeout=timeout, attempts=attempts) if base_url else None
        self._kinds = alru_cache(maxsize=8, ttl=keep)(self._fetch_kinds)

    async def kinds(self, language: str) -> list[Kind]:
        """The kinds of fault that can be reported. Raises ``SourceUnavailable``, also when there are none."""
        return [Kind(**kind) for kind in await self._kinds(language)]

    async def submit(
        self,
        key: str,
        kind: str,
        place: Place,
        details: str,
        *,
        pictures: Sequence[str] = (),
        contact: Contact | None = None,
    ) -> Ticket:
        """Send a report, once for each ``key``; a key that has arrived gives its ticket again.

        ``pictures`` are web addresses: the protocol has room for one, so that the others go into the description.
        ``contact`` is what the citizen chose to give.

        Raises ``SourceRefused`` when it will never be taken, ``SourceUnavailable`` when it should be tried again.
        """
        server = self._at()
        reference = _reference(key)
        number = await self._arrived(server, kind, reference)
        if number is None:
            form = self._form(kind, place, details, pictures, reference) | _contact(contact)
            number = await self._send(server, form, kind, reference)
        return Ticket(number=number, demonstration=self._demonstration)

    async def status(self, number: str) -> ReportStatus:
        """What has become of the report of a number, as a citizen writes it. Raises ``SourceUnavailable``."""
        wanted = "".join(number.split())
        listed = None
        if _NUMBER.fullmatch(wanted):
            try:
                listed = await self._at().get(f"/requests/{wanted}.json", {"extensions": "true"})
            except SourceRefused:
                listed = None  # a number that the server does not like the look of
        return read_status(wanted, listed, demonstration=self._demonstration)

    async def close(self) -> None:
        """Close the connections."""
        if self._server is not None:
            await self._server.close()

    def _at(self) -> JsonSource:
        if self._server is None:
            raise SourceUnavailable("open311: no address is set")
        return self._server

    async def _fetch_kinds(self, language: str) -> tuple[Kind, ...]:
        locale = self._locales.get(language, language)
        listed = await self._at().get("/services.json", {"locale": locale})
        services = listed if isinstance(listed, list) else []
        kinds = tuple(kind for kind in (_kind(service, self._words) for service in services) if kind is not None)
        if not kinds:
            raise SourceUnavailable("open311: a list of services without any")
        return kinds

    def _form(self, kind: str, place: Place, details: str, pictures: Sequence[str], reference: str) -> dict[str, str]:
        form = {
            "api_key": self._api_key,
            "service_code": kind,
            "description": _description(details, [*pictures[1:], f"({reference})"]),
            **_where(place),
        }
        return form | {"media_url": pictures[0]} if pictures else form

    async def _send(self, server: JsonSource, form: Mapping[str, str], kind: str, reference: str) -> str:
        try:
            number = _number(await server.post("/requests.json", form))
        except InDoubt:
            # The connection went after the words had: look before anybody tries again.
            number = await self._arrived(server, kind, reference)
            if number is None:
                raise
        if number is None:
            raise InDoubt("open311: an answer without a number")
        return number

    async def _arrived(self, server: JsonSource, kind: str, reference: str) -> str | None:
        since = (datetime.now(UTC) - _LOOK_BACK).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            listed = await server.get("/requests.json", {"service_code": kind, "start_date": since})
        except SourceRefused:
            return None  # a server that lists nothing to us must not keep the report out
        for request in listed if isinstance(listed, list) else ():
            description = request.get("description") if isinstance(request, dict) else None
            if isinstance(description, str) and reference in description:
                return _number([request])
        return None


def _reference(key: str) -> str:
    """The mark of a report: the same for the same key, and telling nothing of it."""
    return "NV-" + b32encode(hashlib.sha256(key.encode()).digest()).decode()[:12]


def _description(details: str, more: Sequence[str]) -> str:
    tail = "\n\n" + "\n".join(more)
    return details.strip()[: _LONGEST - len(tail)] + tail


def _contact(contact: Contact | None) -> dict[str, str]:
    given = {"email": contact["email"], "phone": contact["phone"]} if contact else {}
    return {name: value for name, value in given.items() if value}


def _where(place: Place) -> dict[str, str]:
    where = {"address_string": place["text"]}
    if place["kind"] == "unit":
        where |= {"service_object_type": _REGISTER, "service_object_id": place["id"]}
    if place["latitude"] is not None and place["longitude"] is not None:
        where |= {"lat": f"{place['latitude']:.6f}", "long": f"{place['longitude']:.6f}"}
    return where


def _kind(service: Any, known: Sequence[Sequence[str]]) -> Kind | None:
    if not isinstance(service, Mapping):
        return None
    code, name, group = (_word(service.get(field)) for field in ("service_code", "service_name", "group"))
    words = _words(f"{name} {_word(service.get('keywords'))}", known)
    return Kind(code=code, name=name, group=group, words=words) if code and name else None


def _words(names: str, known: Sequence[Sequence[str]]) -> list[str]:
    """The server's keywords, and all words of the things (``City.fault_words``) that its names have a word of."""
    own = re.findall(r"\w{3,}", names.casefold())
    things = (thing for thing in known if any(word.startswith(thing_word) for thing_word in thing for word in own))
    return list(dict.fromkeys([*own, *(word for thing in things for word in thing)]))


def _number(answer: Any) -> str | None:
    """The number of the first request of an answer; ``token`` stands in for it where a server is slow to number."""
    first = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(first, Mapping):
        return None
    return _word(first.get("service_request_id")) or _word(first.get("token")) or None


def _word(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
