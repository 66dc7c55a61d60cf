"""All that is held of a person, to be read: sections for the citizen's pages, and a page for the archive."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.messages import JSON
from mydata.export import Event, Exports
from mydata.export_rows import Row

SECTIONS = (
    *("person", "conversations", "messages", "pictures", "effects", "handoffs", "notes"),
    *("consents", "health", "nudges", "subscriptions", "logins", "guardians", "accesses", "legal_holds"),
)
STYLE = (
    "body{font:1.1rem/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "li{margin:.4rem 0;white-space:pre-wrap;overflow-wrap:anywhere}time{color:#555}ul{padding-left:1.2rem}"
)


_LABELS = {
    "person": ("since",),
    "conversations": ("conversation", "channel"),
    "pictures": ("picture",),
    "effects": ("effect", "name"),
    "handoffs": ("handoff", "status"),
    "notes": ("note", "name"),
    "nudges": ("nudge", "purpose"),
    "subscriptions": ("subscription", "purpose"),
    "logins": ("login", "loa"),
    "consents": ("consent", "purpose"),
    "legal_holds": ("legal_hold", "reason"),
}
"""By section, the key of a line's label and what of the row stands in it."""
_TEXTS = {
    "conversations": "address",
    "pictures": "file",
    "effects": "status",
    "handoffs": "name",
    "notes": "text",
    "consents": "kind",
}
_FILLED = {"nudges": "values", "subscriptions": "details"}
UNREADABLE = "…"
"""What a line says that cannot be opened."""
_BY = {"you": "you", "service": "result", "staff": "staff"}


class Texts(Protocol):
    """The city's sentences."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that is held: its label by language, and what it is."""

    label: Mapping[str, str]
    value: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What is held of one kind, and why. ``more`` is how many earlier lines are left out."""

    name: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    rows: tuple[Line, ...]
    more: int = 0


class Readable:
    """Puts exports into words."""

    def __init__(
        self,
        texts: Texts,
        languages: Sequence[str],
        zone: ZoneInfo,
        *,
        purposes: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """``zone`` is the city's, for the times that are read; ``purposes`` as in ``Accesses``."""
        self._texts = texts
        self._purposes = purposes or {}
        self._languages = languages
        self._zone = zone

    async def sections(self, exports: Exports, person_id: UUID, most: int = 50) -> list[Section]:
        """Sections that have something in them, the last ``most`` lines of each; nothing for who is not there."""
        lines: dict[str, deque[Line]] = {name: deque(maxlen=most) for name in SECTIONS}
        counts = dict.fromkeys(SECTIONS, 0)
        async for event in exports.walk(person_id):
            name = _section(event)
            if name is not None:
                lines[name].append(self._line(name, event.value))
                counts[name] += 1
        return [
            Section(
                name=name,
                title=self._words(f"data.title.{name}"),
                why=self._words(f"data.why.{name}"),
                rows=tuple(lines[name]),
                more=counts[name] - len(lines[name]),
            )
            for name in SECTIONS
            if counts[name]
        ]

    def page(self, language: str) -> Callable[[AsyncIterator[Event]], AsyncIterator[bytes]]:
        """Makes the page of an archive in a language, in pieces of HTML."""

        async def made(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
            title = ""
            async for event in events:
                name = _section(event)
                if name == "person":
                    yield self._opening(event.value, language)
                if name is None:
                    continue
                if name != title or event.what == "open":
                    yield ("</ul>" if title else "").encode() + self._heading(name, language)
                    title = name
                yield self._item(name, event.value, language)
            yield b"</ul></main></html>\n" if title else b""

        return made

    def _opening(self, head: Row, language: str) -> bytes:
        title = escape(self._texts("data.page.title", language))
        day = self._day(datetime.fromisoformat(head["made_at"]))
        lead = escape(self._texts("data.page.lead", language, date=day))
        return (
            f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title>'
            f"<style>{STYLE}</style><main><h1>{title}</h1><p>{lead}</p>"
        ).encode()

    def _heading(self, name: str, language: str) -> bytes:
        title, why = (escape(self._texts(f"data.{part}.{name}", language)) for part in ("title", "why"))
        return f"<h2>{title}</h2><p>{why}</p><ul>".encode()

    def _item(self, name: str, value: Row, language: str) -> bytes:
        line = self._line(name, value)
        at = "" if line.at is None else f'<time datetime="{line.at.isoformat()}">{self._minute(line.at)}</time> '
        text = self._texts("data.unreadable", language) if line.value == UNREADABLE else line.value
        return f"<li>{at}<b>{escape(line.label[language])}</b> {escape(text)}</li>".encode()

    def _day(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return f"{local.day}.{local.month}.{local.year}"

    def _minute(self, at: datetime) -> str:
        return f"{self._day(at)} {at.astimezone(self._zone):%H:%M}"

    def _words(self, key: str, **values: object) -> dict[str, str]:
        return {language: self._texts(key, language, **values) for language in self._languages}

    def _line(self, name: str, value: Row) -> Line:
        at = value.get("at") or value.get("since") or value.get("requested_at") or value.get("begun_at")
        at = at or value.get("placed_at") or value.get("created_at")
        if name == "person":
            at = value["person"]["since"]
        moment = datetime.fromisoformat(at) if isinstance(at, str) else None
        return Line(label=self._label(name, value), value=_text(name, value), at=moment)

    def _label(self, name: str, value: Row) -> dict[str, str]:
        if name == "accesses":
            return {
                language: self._texts(
                    "data.label.access",
                    language,
                    actor=self._texts(f"data.actor.{value['actor_kind']}", language),
                    what=self._texts(f"data.what.{value['what']}", language),
                    purpose=self._purpose(value["purpose"], language),
                )
                for language in self._languages
            }
        key, values = _named(name, value)
        return {
            language: self._texts(f"data.label.{key}", language, **self._told(values, language))
            for language in self._languages
        }

    def _told(self, values: Mapping[str, str], language: str) -> dict[str, str]:
        """What stands in a label: purposes and channels by the names that citizens know."""
        told = dict(values)
        if "purpose" in told:
            told["purpose"] = self._purpose(told["purpose"], language)
        if "channel" in told:
            with suppress(KeyError):
                told["channel"] = self._texts(f"my_data.channel.{told['channel']}", language)
        return told

    def _purpose(self, name: str, language: str) -> str:
        try:
            return self._purposes.get(name, {}).get(language) or self._texts(f"data.purpose.{name}", language)
        except KeyError:  # a purpose that the city has dropped since
            return name


def _section(event: Event) -> str | None:
    """Under which heading a step of the export is read, if it is."""
    if event.what == "open":
        return event.name or "person"
    if event.what != "item":
        return None
    if event.name == "arrivals":  # those that were answered stand among the messages
        return "messages" if "text" in event.value or "unreadable" in event.value else None
    return event.name


def _named(name: str, value: Row) -> tuple[str, dict[str, str]]:
    """The key of a line's label, and what stands in it."""
    if name == "messages":
        by = _BY.get(value.get("by", "you"), "city")
        if by == "staff":
            return ("staff", {"name": value["name"]}) if "name" in value else ("somebody", {})
        return by, {}
    if name == "guardians":
        return ("child" if value["as_child"] else "guardian"), {}
    if name == "health":
        return f"health_{value['kind']}", {}
    key, *places = _LABELS[name]
    return key, {place: str(value[place]) for place in places}


def _text(name: str, value: Row) -> str:
    """What a line says."""
    if name == "person":
        return value["person"]["loa"] or ""
    if name == "messages":
        return str(value.get("text") or value.get("value") or value.get("error") or _shown(value))
    if name == "health":
        return ", ".join(_leaves({key: part for key, part in value.items() if key != "kind"}))
    if name in _FILLED:
        return UNREADABLE if "unreadable" in value else ", ".join(dict.fromkeys(_leaves(_filled(name, value))))
    return str(value.get(_TEXTS.get(name, ""), UNREADABLE if "unreadable" in value else ""))


def _filled(name: str, value: Row) -> JSON:
    """What a message was filled with, or what was asked of an order: of a place, its name."""
    found = value.get(_FILLED[name], {})
    place = found.get("place") if name == "subscriptions" else None
    return found if place is None else {**found, "place": place.get("text")}


def _leaves(value: JSON) -> Iterator[str]:
    """All that is said in a value."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _leaves(part)
    elif value is not None:
        yield str(value)


def _shown(value: Row) -> str:
    if "unreadable" in value:
        return UNREADABLE
    return " ".join(["🖼"] * len(value.get("pictures", ())) + (["📍"] if "location" in value else []))
