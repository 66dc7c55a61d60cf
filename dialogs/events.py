"""What is on: which days, and what the first message says besides; up to three events, with their source."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.messages import JSON, Card, Link
from dialogs.cityscape import best, day_words, metres_words
from dialogs.dialog import dialog
from dialogs.prompt_entities import Place
from dialogs.prompt_events import NEAR, When, Wish
from dialogs.services import Directory as Places
from dialogs.services import Event, Events, EventWish, ServiceUnavailable
from dialogs.speech import Spoken
from dialogs.talk import Talk

SHOWN = 3
CHANGES = 3
"""How often something else than the day may be said in the answer to "when?"."""


async def events(talk: Talk, events: Events, directory: Places) -> JSON:
    """Ask when, unless it was said, and show what fits; nothing is guessed where the source does not answer."""
    said, near, days = await _wished(talk, directory)
    kind = said.get("kind")
    # The word of a kind is looked for in the language of the moment when it was asked.
    what = talk.voice.maybe(f"events.kind.{kind}") if kind else None
    wish = EventWish(
        what=what or "",
        first=days["first"],
        last=days["last"],
        language=talk.language,
        held_in=said.get("held_in"),
        free=bool(said.get("free")),
        children=bool(said.get("children")),
        near=near if near is not None and near["latitude"] is not None else None,
        limit=SHOWN,
    )
    remembered = {"recent": {"wish": {**said, "near": near, "days": days}}}
    links = [Link(talk.voice.text("events.calendar"), talk.voice.text("events.calendar_url"))]
    try:
        found: list[Event] = await talk.read("events", events.search, wish)
    except ServiceUnavailable:
        await talk.say("unavailable", links=links)
        return None
    if not found:
        await talk.say("none", links=links, days=_days(days["first"], days["last"], talk))
        return remembered
    cards = [_card(event, talk) for event in found]
    await talk.say(
        "demonstration" if any(event["demonstration"] for event in found) else "found",
        cards=cards,
        links=links,
        days=_days(days["first"], days["last"], talk),
        age=_age(found, talk),
        events="\n".join(", ".join((card.title, *card.lines)) for card in cards),
    )
    return remembered


async def _wished(talk: Talk, directory: Places) -> tuple[dict[str, JSON], JSON, JSON]:
    """What is looked for, where and when. "Free ones" in the answer to "when?" is kept, and the day asked again."""
    said = talk.given("wish", Wish()) or {}
    near = talk.given("near", Place(directory, kinds=NEAR)) or said.get("near")
    if near is None and said.get("nearby"):
        near = await talk.ask("where", Place(directory))
    days = await talk.ask("when", When(directory))
    for _ in talk.each("more", range(CHANGES)):
        if "first" in days:
            return said, near, days
        said, near = {**said, **days["wish"]}, days["near"] or near
        days = await talk.ask("when", When(directory))
    return said, near, days if "first" in days else await talk.ask("day", When())


def _days(first: str, last: str, talk: Talk) -> Spoken:
    """One day, or from one to another."""

    def words(language: str) -> str:
        begin = day_words(first, talk.edge).words(language)
        return begin if first == last else f"{begin} – {day_words(last, talk.edge).words(language)}"

    return Spoken([first, last], words)


def _card(event: Event, talk: Talk) -> Card:
    """An event: when, where, what it costs, its page."""
    language = talk.language
    place = ", ".join(
        p for p in (best(event["place_names"], language), metres_words(event["distance_m"], talk.voice)) if p
    )
    lines = (_when(event, talk), place, _price(event, talk))
    return Card(
        title=best(event["names"], language),
        lines=tuple(line for line in lines if line),
        latitude=event["latitude"],
        longitude=event["longitude"],
        url=best(event["urls"], language) or None,
    )


def _price(event: Event, talk: Talk) -> str:
    """Free, or the price as the source words it, or that there is one; nothing where nothing is said."""
    if event["free"]:
        return talk.voice.text("events.free")
    words = best(event.get("prices", {}), talk.language)  # not in what an older release kept in its journal
    if words:
        return talk.voice.text("events.price", {"price": words})
    return "" if event["free"] is None else talk.voice.text("events.paid")


def _when(event: Event, talk: Talk) -> str:
    starts, ends = datetime.fromisoformat(event["starts"]), datetime.fromisoformat(event["ends"])
    last = (ends - timedelta(seconds=1)).date()
    first = _day(starts.date(), talk)
    if not event["has_time"] or last > starts.date() + timedelta(days=1):
        return first if last <= starts.date() else f"{first} – {_day(last, talk)}"
    clock = talk.voice.text("hours.time", {"hour": starts.hour, "minute": f"{starts:%M}"})
    return f"{first} {talk.voice.text('hours.at', {'time': clock})}"


def _day(day: date, talk: Talk) -> str:
    return day_words(day.isoformat(), talk.edge).words(talk.language)


def _age(found: list[Event], talk: Talk) -> str:
    """The date of the copy that says so, where it is one of an earlier day."""
    read = min((event["as_of"] for event in found if event["as_of"]), default=None)
    if read is None:
        return ""
    return " " + talk.voice.text("events.as_of", {"date": f"{int(read[8:10])}.{int(read[5:7])}.{read[:4]}"})


EVENTS = dialog(events)
