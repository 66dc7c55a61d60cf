"""What was said last, for a question that goes on from it: "what about Sunday?"."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from bot.messages import JSON, Entity, Match
from dialogs.house import FIND_PLACE
from dialogs.prompt_events import WISH
from dialogs.prompt_report import REPORT
from dialogs.scene import Scene
from dialogs.words import bare, folded, named_words, recognised, word_count

HOURS = "opening_hours"
STATUS = "feedback_status"
EVENTS = "event_search"
KEPT = timedelta(days=60)
"""How long the number of a report is remembered."""
MEMORY = timedelta(minutes=15)
"""How long a place that was shown is the one that is meant."""
_SHORT, _FEW = 7, 2
LISTED = "listed"
"""The places that were shown, and of which kind: ``{"service": … or null, "units": [ids]}``."""
_AREAS = frozenset(("district", "street", "postal_code", "point"))
_PLACES = _AREAS | {"unit", "service"}


def recalled(scene: Scene, name: str, within: timedelta = MEMORY) -> tuple[JSON, str] | None:
    """What a dialog ended with a short while ago, and the name of the dialog."""
    found = scene.state.recent.get(name)
    if found is None or datetime.fromisoformat(found[1]) + within < scene.turn.now:
        return None
    return found[0], found[2]


def known(scene: Scene, intent: str) -> tuple[Entity, ...]:
    """What a dialog that is opened may take from the last ones: the number of the report that was sent."""
    found = recalled(scene, REPORT, KEPT) if intent == STATUS else None
    return () if found is None else (Entity(kind=REPORT, value=found[0], text="", start=0, end=0),)


def follow_up(scene: Scene, text: str, match: Match) -> tuple[Match, tuple[Entity, ...]] | None:
    """A question that goes on from the place shown last, with what it leaves out; ``None`` where it is none."""
    wish = _wished(scene, text, match)
    if wish is not None:
        return wish
    known = recalled(scene, "unit")
    if known is None or HOURS not in scene.house.dialogs or word_count(text) > _SHORT:
        return None
    unit, dialog = known
    kinds = {entity.kind for entity in match.entities}
    if scene.house.words.follows(text) and kinds & {"unit", "service"}:
        # "And the library in Kallio?" asks the same of another place.
        return _asking(match, HOURS if dialog == HOURS or "date" in kinds else FIND_PLACE), ()
    if not kinds.isdisjoint(_PLACES):
        return _elsewhere(scene, match, dialog)
    return _of_unit(scene, match, str(unit), dialog)


def _of_unit(scene: Scene, match: Match, unit: str, dialog: str) -> tuple[Match, tuple[Entity, ...]] | None:
    """What is asked of a place that was shown: when it is open, its telephone, or "what about the other one"."""
    words, text = scene.house.words, match.text
    goes_on = words.follows(text)
    open_asked = match.intent == HOURS or (match.intent not in scene.house.dialogs and HOURS in match.suggestions)
    alone = _day_alone(match) and not scene.house.knows(match.intent)
    day = any(entity.kind == "date" for entity in match.entities)
    dated = (day and (goes_on or alone)) or (goes_on and bool(words.marks("now", text)))
    other = _another(scene, match, asked=open_asked or dated)
    if open_asked or dated or (other is not None and dialog == HOURS):
        same = _same_day(scene, match) if other is not None else ()
        return _asking(match, HOURS), (_entity("unit", other or unit), *same)
    if other is not None or {"asked", "way"} & words.only("of_the_place", text):
        return _asking(match, FIND_PLACE), (_entity("unit", other or unit),)
    return None


def _asking(match: Match, intent: str) -> Match:
    return replace(match, intent=intent, suggestions=())


def _entity(kind: str, value: str) -> Entity:
    return Entity(kind=kind, value=value, text="", start=0, end=0)


def same_kind(scene: Scene) -> tuple[Entity, ...]:
    """The kind of place that was looked for last, for a place that is said or shared alone after it."""
    known = recalled(scene, LISTED)
    service = known[0]["service"] if known is not None else None
    return (_entity("service", service),) if service else ()


def _elsewhere(scene: Scene, match: Match, dialog: str) -> tuple[Match, tuple[Entity, ...]] | None:
    """The same kind of place somewhere else: "and in Pasila?", or a place alone."""
    kind = same_kind(scene)
    named = {entity.kind for entity in match.entities}
    if not kind or not named & _AREAS or named & {"unit", "service"}:
        return None
    words = scene.house.words
    alone = word_count(match.text) <= named_words(match, _AREAS) + 1 and not recognised(match)
    if not (words.follows(match.text) or words.near(match.text) or alone):
        return None
    if dialog == HOURS or "date" in named:
        return _asking(match, HOURS), (*kind, *_same_day(scene, match))
    return _asking(match, FIND_PLACE), kind


def _same_day(scene: Scene, match: Match) -> tuple[Entity, ...]:
    """The day whose opening hours were told last, where a message names none."""
    known = recalled(scene, "day")
    named = any(e.kind == "date" for e in match.entities) or scene.house.words.marks("now", match.text)
    return () if known is None or named else (_entity("date", known[0]),)


def _another(scene: Scene, match: Match, *, asked: bool) -> str | None:
    """The one of the places shown that a text names by its number: "the second one", "den tredje, när öppnar den"."""
    known, words, text = recalled(scene, LISTED), scene.house.words, match.text
    if known is None:
        return None
    for day in match.entities:
        text = text.replace(day.text, " ") if day.kind == "date" and day.text else text
    place = words.listed(text) if asked else words.ordinal(words.continued(text))
    units = known[0]["units"]
    return str(units[place - 1]) if place is not None and 0 < place <= len(units) else None


def _wished(scene: Scene, text: str, match: Match) -> tuple[Match, tuple[Entity, ...]] | None:
    """The same events on another day, somewhere else or in another language, free ones, or those for children."""
    known, words = recalled(scene, WISH), scene.house.words
    length = word_count(text)
    dated = any(entity.kind == "date" for entity in match.entities) or bool(words.marks("event_days", text))
    marked = any(words.marks(group, text) for group in ("event_wishes", "event_kinds"))
    kinds = {entity.kind for entity in match.entities}
    near = bool(kinds & _AREAS) and not kinds & {"unit", "service"} and length <= _SHORT
    alone = length <= named_words(match, _AREAS) + 1
    if known is not None and near and (alone or words.follows(text) or words.near(text)):
        return _asking(match, EVENTS), (_entity(WISH, json.dumps(known[0])),)
    other = bool(words.languages(text)) and word_count(words.continued(text)) <= _FEW
    goes_on = words.follows(text) and length <= _SHORT and (dated or marked or other)
    # "Free ones", "tomorrow": nothing but what the events should be like.
    if known is None or not (goes_on or (marked and length <= _FEW) or only_day(scene, match)):
        return None
    return _asking(match, EVENTS), (_entity(WISH, json.dumps(known[0])),)


def only_day(scene: Scene, match: Match) -> bool:
    """Whether a message is a day and nothing else, but for a word that goes on: "and tomorrow?"."""
    said, follows = named_words(match, ("date",)), scene.house.words.follows(match.text)
    return said > 0 and word_count(match.text) <= said + follows


def _day_alone(match: Match) -> bool:
    """Whether a message is little more than a day: "on Sunday then?"."""
    return len(folded(bare(match.text)).split()) <= named_words(match, ("date",)) + 1
