"""Logs that tell what happened and never to whom or in which words.

An event is a name (``turn_done``) with values under keys of an allow-list; every other key is dropped and only named.
Lines of libraries come the same way, by the template of their message without its arguments. An exception is its type
and the places in the code, never its words: those often quote the input.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any, Literal, TextIO

import orjson
import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

KEYS = frozenset(
    {
        # structlog's own
        *("event", "level", "timestamp", "logger", "exception", "stack", "dropped"),
        # what is counted and measured
        *("attempt", "attempts", "bytes", "count", "depth", "limit", "port", "seconds", "size", "turns", "version"),
        # names of ours
        *("channel", "component", "dialog", "effect", "entrypoint", "intent", "kind", "language", "method", "outcome"),
        *("reason", "route", "service", "signal", "state", "status", "step", "variable"),
        # ids that this program made
        *("conversation_id", "effect_id", "inbox_id", "job_id", "nudge_id", "outbox_id", "turn_id"),
    }
)
"""The keys that a log line may have. Values are numbers, names of ours and ids that this program made."""

LONGEST = 120
"""Characters of a value. A name of ours is shorter; what is longer is no name."""
_PRIVATE = re.compile(
    r"""'[^']*'|"[^"]*"|<[^>]*>|\S+@\S+|\S*://\S*|\S*\?\S+|[+]?\d[\d\s()-]{3,}\d|(?<!%)\([^)]*\)|\{[^}]*\}|\[[^\]]*\]""",
    re.VERBOSE,
)
"""What in a library's finished sentence may come from outside: quotes, reprs, addresses, long numbers."""

Event = MutableMapping[str, Any]


def configure(
    *, level: str = "info", form: Literal["auto", "console", "json"] = "auto", stream: TextIO | None = None
) -> None:
    """Send all logs of the process, libraries' too, to ``stream`` (the standard error). May be called again."""
    stream = stream or sys.stderr
    console = form == "console" or (form == "auto" and stream.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        plain_event,
        plain_exception,
        allowed_only,
    ]
    renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty()) if console else _json
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            use_get_message=False,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)


def plain_event(_logger: object, _method: str, event: Event) -> Event:
    """Keep an event's name or a library's template; of a finished sentence, hide what may come from outside."""
    words = str(event.get("event", "")).partition("\n")[0]
    event["event"] = _PRIVATE.sub("…", words)[:LONGEST]
    event.pop("positional_args", None)
    return event


def plain_exception(_logger: object, _method: str, event: Event) -> Event:
    """Turn ``exc_info`` into the types of the exception and its causes, and the places that it passed."""
    found = event.pop("exc_info", None)
    event.pop("stack_info", None)
    record = event.get("_record")
    if record is not None:  # a library's line: the formatter would print it, words and all
        record.exc_info = record.exc_text = record.stack_info = None
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["exception"] = " from ".join(type(link).__qualname__ for link in _chain(error))
        event["stack"] = " > ".join(_places(error.__traceback__))
    return event


def allowed_only(_logger: object, _method: str, event: Event) -> Event:
    """Drop the keys that are not in ``KEYS``, and name them; shorten values and hide those of unknown types."""
    dropped = sorted(str(key) for key in event if key not in KEYS and not str(key).startswith("_"))
    for key in dropped:
        del event[key]
    for key, value in event.items():
        if key not in ("stack", "event") and not str(key).startswith("_"):
            event[key] = _plain(value)
    if dropped:
        event["dropped"] = ",".join(dropped)
    return event


class AccessLogger(AbstractAccessLogger):
    """One line a request: method, route (its pattern: a path holds ids and a query holds tokens), status, seconds."""

    @property
    def enabled(self) -> bool:
        """Whether a line would be written at all."""
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write the line. ``time`` is in seconds."""
        structlog.stdlib.get_logger("access").info(
            "request", method=request.method, route=route_of(request), status=response.status, seconds=round(time, 4)
        )


def route_of(request: web.BaseRequest) -> str:
    """The pattern of the request's route, such as ``/conversations/{id}``, or ``unmatched``."""
    try:
        resource = request.match_info.route.resource if isinstance(request, web.Request) else None
    except AssertionError:  # a request that could not be parsed has none, and aiohttp asserts one
        resource = None
    return resource.canonical if resource is not None else "unmatched"


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    words = str(value) if isinstance(value, str) or type(value).__str__ is not object.__str__ else type(value).__name__
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _places(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"{code.co_filename.rpartition('site-packages/')[2]}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next


def _json(_logger: object, _method: str, event: Event) -> str:
    return orjson.dumps(dict(event), default=lambda value: type(value).__name__).decode()
