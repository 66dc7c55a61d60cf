"""JSON from another's server: bounded in time and size, decoded leniently, and silent about what was asked.

Errors and logs name the source and what went wrong, never an address with its parameters or a text that was sent.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import stamina

from bot.over_http import TooLong, read_body, seconds_of
from knowledge.circuit import Circuit

_MEGABYTE = 1024 * 1024
_PATIENCE = 2.0
"""Seconds of a ``Retry-After`` that a citizen waits for; for longer ones the source is left alone."""
_LONGEST_REST = 600.0
"""Seconds: no ``Retry-After`` closes a source for longer."""


class SourceUnavailable(Exception):
    """A source does not answer, or not with what it should; it may do so later.

    ``retry_after`` is for how many seconds it wants to be left alone, where it said so.
    """

    retry_after: float | None = None


class SourceRefused(SourceUnavailable):
    """A source understood and said no: the same request will be refused again."""


class InDoubt(SourceUnavailable):
    """A request went out and no answer came back: what it asked for may have been done."""


class CircuitOpen(SourceUnavailable):
    """A source has failed again and again, so that it was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said: its status, and its decoded JSON (``None`` where there is none)."""

    status: int
    document: Any = None


class JsonSource:
    """One server that speaks JSON. ``name`` is its name in errors; redirects are not followed.

    ``timeout`` is the seconds of one attempt, whatever trickles in meanwhile; ``headers`` go with every request.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        timeout: float = 4.0,
        attempts: int = 2,
        limit: int = _MEGABYTE,
        circuit: Circuit | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._name = name
        self._headers = dict(headers or {})
        self._base = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._attempts = attempts
        self._limit = limit
        self._circuit = circuit or Circuit()
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, params: Mapping[str, str]) -> Any:
        """The decoded JSON, or ``None`` for 404. Raises ``SourceUnavailable``, after another try where one may help."""
        # A context, not a decorator: stamina logs the arguments of what it decorates.
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=self._attempts, timeout=None, wait_initial=0.1, wait_max=1.0, wait_jitter=0.1
        ):
            with attempt:
                return (await self._guarded("GET", path, {404}, params=params)).document
        raise AssertionError("unreachable")

    async def post(self, path: str, form: Mapping[str, str]) -> Any:
        """The decoded JSON of one form post, never repeated here.

        Raises ``InDoubt`` when it may have been done, ``SourceRefused`` when it was turned down.
        """
        return (await self._guarded("POST", path, data=form)).document

    async def write(
        self, method: str, path: str, document: Any, headers: Mapping[str, str], answers: Collection[int] = ()
    ) -> Answer:
        """What a server says to a JSON document, never repeated here; errors as of ``post``.

        Statuses among ``answers`` are answers too, whose document says why.
        """
        return await self._guarded(method, path, answers, json=document, headers=headers)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _guarded(self, method: str, path: str, answers: Collection[int] = (), **options: Any) -> Answer:
        if not self._circuit.may_pass():
            raise CircuitOpen(f"{self._name}: left alone after failures")
        try:
            answer = await self._call(method, path, answers, **options)
        except SourceRefused:
            self._circuit.passed()  # it is there, and said no
            raise
        except SourceUnavailable as error:
            self._circuit.failed(error.retry_after)
            raise
        self._circuit.passed()
        return answer

    async def _call(self, method: str, path: str, answers: Collection[int], **options: Any) -> Answer:
        lost = SourceUnavailable if method == "GET" else InDoubt
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        try:
            async with self._session.request(
                method, f"{self._base}{path}", allow_redirects=False, **options
            ) as response:
                raw = await read_body(response.content.iter_any(), self._limit)
                status, wait = response.status, response.headers.get("Retry-After")
        except TooLong:
            raise lost(f"{self._name}: an answer over {self._limit // _MEGABYTE} MB") from None
        except aiohttp.ClientConnectorError as error:
            raise SourceUnavailable(f"{self._name}: {type(error).__name__}") from None  # nothing was sent
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise lost(f"{self._name}: {type(error).__name__}") from None
        if status in answers:
            return Answer(status=status, document=None if method == "GET" else _maybe(raw))
        check(self._name, status, wait, lost)
        return Answer(status=status, document=self._decode(raw, lost))

    def _decode(self, raw: bytes, lost: type[SourceUnavailable]) -> Any:
        try:
            return json.loads(text(raw))
        except (ValueError, RecursionError):
            raise lost(f"{self._name}: an answer that is not JSON") from None


def _maybe(raw: bytes) -> Any:
    """The JSON of an answer that may have none."""
    try:
        return json.loads(text(raw))
    except (ValueError, RecursionError):
        return None


def check(name: str, status: int, retry_after: str | None, lost: type[SourceUnavailable] = SourceUnavailable) -> None:
    """Raise what an HTTP status means, unless it is one of success."""
    if status in {408, 429} or status >= 500:
        error = lost(f"{name}: status {status}")
        error.retry_after = seconds_of(retry_after, _LONGEST_REST)
        raise error
    if not 200 <= status < 300:
        raise SourceRefused(f"{name}: status {status}")


def text(raw: bytes) -> str:
    """Bytes as text: UTF-8 with or without a byte order mark; bytes that are not, as Latin-1.

    A Swedish list of the city's was Latin-1; a single broken byte must not spoil the rest of a list.
    """
    return raw.removeprefix(codecs.BOM_UTF8).decode(errors=LENIENT)


def _latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


LENIENT = "neuvo-latin-1"
"""How bytes that are no UTF-8 are decoded: the name of an error handler."""
codecs.register_error(LENIENT, _latin_1)


def _may_pass(error: Exception) -> bool | float:
    """Whether another try may help, or after how many seconds."""
    if not isinstance(error, SourceUnavailable) or isinstance(error, SourceRefused | CircuitOpen):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= _PATIENCE else False
