"""What a citizen shares beside words: a location that answers "where?", and pictures for a dialog that takes them."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Choice, Entity, Location, Match
from dialogs import buttons
from dialogs.house import FIND_PLACE
from dialogs.scene import PHOTOS, Scene
from dialogs.state import Run
from dialogs.words import named_words, recognised, word_count

_PLACES = frozenset(("unit", "street", "district", "postal_code"))


def with_location(match: Match, location: Location | None) -> Match:
    """What was understood, with the shared point as the first thing named."""
    if location is None:
        return match
    value = f"{location.latitude:.5f},{location.longitude:.5f}"
    return replace(match, entities=(Entity(kind="point", value=value, text="", start=0, end=0), *match.entities))


def at_point(match: Match) -> Match:
    """A location alone, as the wish for what is near it."""
    return replace(match, intent=FIND_PLACE, confidence=1.0, suggestions=())


def is_place(scene: Scene, match: Match) -> bool:
    """Whether a message is an address or the name of a place and nothing else, and no phrase of any intent."""
    words = word_count(match.text)
    alone = 0 < words <= named_words(match, _PLACES) and not recognised(match)
    return alone and FIND_PLACE in scene.house.dialogs


def keep(scene: Scene, run: Run) -> str | None:
    """Give a run the pictures of the message; the key of what to say of them, ``None`` where there are none."""
    if not scene.turn.incoming.photos:
        return None
    if not scene.sent:
        return "engine.photo_lost"
    if not scene.house.named[run.dialog].photos:
        return "engine.photo_unused"
    if run.acted:
        return "engine.photo_late"
    run.photos = [*run.photos, *scene.sent][:PHOTOS]
    return "engine.photo"


def offer(scene: Scene) -> bool:
    """Ask what pictures without words are for. False where there are none."""
    if not scene.turn.incoming.photos:
        return False
    if not scene.sent:
        scene.say("engine.photo_lost")
        return True
    takers = [intent for intent, dialog in scene.house.dialogs.items() if dialog.photos]
    titles = [(intent, scene.house.topics.title(intent, scene.language)) for intent in takers]
    choices = [Choice(title, buttons.intent_payload(intent)) for intent, title in titles if title is not None]
    scene.state.photos = scene.sent[:PHOTOS]
    scene.say("talk.photo", choices=[*choices, scene.button("human")])
    return True
