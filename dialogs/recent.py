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
from dialogs.words import bare, folded, named_words, word_count

HOURS = "opening_hours"
STATUS = "feedback_status"
EVENTS = "event_search"
KEPT = timedelta(days=60)
"""How long the number of a report is remembered."""
MEMORY = timedelta(minutes=15)
"""How long a place that was shown is the one that is meant."""
_SHORT, _FEW = 7, 2
_PLACES = frozenset(("unit", "service", "district", "street", "postal_code", "point"))


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
    goes_on = scene.house.words.follows(text)
    places = not kinds.isdisjoint(_PLACES)
    if goes_on and kinds & {"unit", "service"}:
        # "And the library in Kallio?" asks the same of another place.
        return replace(match, intent=HOURS if dialog == HOURS or "date" in kinds else FIND_PLACE), ()
    open_asked = match.intent == HOURS or (match.intent not in scene.house.dialogs and HOURS in match.suggestions)
    alone = _day_alone(match) and not scene.house.knows(match.intent)
    dated = "date" in kinds and (goes_on or alone)
    if places or not (dated or open_asked):
        return None
    return replace(match, intent=HOURS), (Entity(kind="unit", value=unit, text="", start=0, end=0),)


def _wished(scene: Scene, text: str, match: Match) -> tuple[Match, tuple[Entity, ...]] | None:
    """The same events on another day, free ones, or those for children."""
    known, words = recalled(scene, WISH), scene.house.words
    length = word_count(text)
    dated = any(entity.kind == "date" for entity in match.entities) or bool(words.marks("event_days", text))
    marked = any(words.marks(group, text) for group in ("event_wishes", "event_kinds"))
    goes_on = words.follows(text) and length <= _SHORT and (dated or marked)
    # "Free ones", "tomorrow": nothing but what the events should be like.
    if known is None or not (goes_on or (marked and length <= _FEW) or only_day(scene, match)):
        return None
    kept = Entity(kind=WISH, value=json.dumps(known[0]), text="", start=0, end=0)
    return replace(match, intent=EVENTS, suggestions=()), (kept,)


def only_day(scene: Scene, match: Match) -> bool:
    """Whether a message is a day and nothing else, but for a word that goes on: "and tomorrow?"."""
    said, follows = named_words(match, ("date",)), scene.house.words.follows(match.text)
    return said > 0 and word_count(match.text) <= said + follows


def _day_alone(match: Match) -> bool:
    """Whether a message is little more than a day: "on Sunday then?"."""
    return len(folded(bare(match.text)).split()) <= named_words(match, ("date",)) + 1
