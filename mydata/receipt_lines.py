"""A receipt to be read: its parts and lines for a page, and a few words for the chat."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from mydata.ledger_chain import Entry
from mydata.ledger_state import months_after
from mydata.purposes import Asked, ByLanguage
from mydata.receipt import recipients, said

_Words = Mapping[str, Mapping[str, ByLanguage[str]]]


@dataclass(frozen=True, slots=True)
class Line:
    """A name and what stands there."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the receipt."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """A receipt to be read, in one language. ``number`` is what one can tell a person by telephone."""

    id: str
    number: str
    sections: tuple[Section, ...]


def readable(entry: Entry, asked: Asked, language: str, zone: tzinfo) -> Readable:
    """The receipt of an entry; ``asked`` is what was asked then."""
    telling = _Telling(entry, asked, language, zone)
    return Readable(id=entry.receipt, number=number(entry), sections=tuple(telling.sections()))


def short(entry: Entry, asked: Asked, language: str, zone: tzinfo) -> str:
    """What is said in the chat once a decision has been written down."""
    telling = _Telling(entry, asked, language, zone)
    return telling.word("short", telling.state()).format(
        title=said(asked.title, language),
        channel=telling.channel(entry.channel),
        at=telling.moment("moment", entry.at),
        words=telling.ending(),
        number=number(entry),
    )


def number(entry: Entry) -> str:
    """The beginning of the receipt's id, as a person can tell it."""
    return f"{entry.receipt[:4]}-{entry.receipt[4:8]}".upper()


class _Telling:
    def __init__(self, entry: Entry, asked: Asked, language: str, zone: tzinfo) -> None:
        self._entry = entry
        self._asked = asked
        self._language = language
        self._zone = zone

    def sections(self) -> Iterator[Section]:
        told = {"decision": self._decision, "use": self._use, "data": self._data, "who": self._who, "end": self._end}
        for name, rows in told.items():
            lines = tuple(Line(self.word("row", row), value) for row, value in rows())
            if lines:
                yield Section(self.word("section", name), lines)

    def word(self, group: str, name: str) -> str:
        return said(_words()[group][name], self._language)

    def state(self) -> str:
        if self._asked.basis == "consent":
            return self._entry.kind
        return "allowed" if self._entry.kind == "given" else "refused"

    def channel(self, name: str | None) -> str:
        known = _words()["channel"]
        return name if name is not None and name not in known else said(known[name or "all"], self._language)

    def ending(self) -> str:
        words = self._asked.withdraw.get(self._language) or next(iter(self._asked.withdraw.values()), ())
        return words[0].upper() if words else ""

    def moment(self, form: str, at: datetime) -> str:
        local = at.astimezone(self._zone)
        pattern: ByLanguage[Any] = _words()[form]
        return str(said(pattern, self._language)).format(
            day=local.day,
            month=local.month,
            month_name=calendar.month_name[local.month],
            year=local.year,
            hour=f"{local.hour:02}",
            minute=f"{local.minute:02}",
        )

    def _decision(self) -> Iterator[tuple[str, str]]:
        entry = self._entry
        yield "state", self.word("state", self.state())
        yield "at", self.moment("moment", entry.at)
        yield "channel", self.channel(entry.channel)
        yield "through", self.channel(entry.through)
        yield "by", self.word("by", entry.decided_by)
        yield "number", number(entry)

    def _use(self) -> Iterator[tuple[str, str]]:
        asked = self._asked
        yield "title", said(asked.title, self._language)
        yield "ask", said(asked.ask, self._language)
        yield "version", str(asked.version)
        yield "person", said(asked.benefit.person, self._language)
        yield "city", said(asked.benefit.city, self._language)
        yield "basis", self.word("basis", "explicit" if asked.explicit else asked.basis)

    def _data(self) -> Iterator[tuple[str, str]]:
        yield "kinds", self._list((data.title, "special" if data.special else "") for data in self._asked.data)
        got = recipients(self._entry, self._asked)
        told = self._list((one.title, "outside" if one.outside_eea else "") for one in got)
        yield "recipients", told or self.word("value", "nobody")
        yield "kept", said(self._asked.retention.text, self._language)

    def _who(self) -> Iterator[tuple[str, str]]:
        organisation, authority = self._asked.organisation, self._asked.authority
        yield "controller", said(self._asked.controller, self._language)
        yield "contact", ", ".join((organisation.address, organisation.email, organisation.phone))
        yield "privacy", said(organisation.privacy, self._language)
        yield "authority", f"{said(authority.name, self._language)}, {authority.url}"

    def _end(self) -> Iterator[tuple[str, str]]:
        if self._entry.kind == "given":
            yield "words", self.word("value", "write").format(words=self.ending())
            if self._asked.valid_months is not None:
                yield "until", self.moment("date", months_after(self._entry.at, self._asked.valid_months))

    def _list(self, items: Iterable[tuple[ByLanguage[str], str]]) -> str:
        told = ((said(title, self._language), form) for title, form in items)
        return ", ".join(self.word("value", form).format(title=title) if form else title for title, form in told)


@cache
def _words() -> Mapping[str, Any]:
    found: _Words = yaml.safe_load(files("mydata").joinpath("receipt_words.yaml").read_text(encoding="utf-8"))
    return found
