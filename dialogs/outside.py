"""A message while no dialog is open."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Entity, Match
from dialogs import appointments_way, buttons, checkin, commands, intents, nudge_press, nudged, recent, shared, thumbs
from dialogs.scene import Scene
from dialogs.words import ENOUGH_WORDS, KNOWN, Command, bare, named_words, recognised, word_count, wordless

_NAMES = frozenset(("email", "phone", "unit", "street", "district", "postal_code"))
"""What is the same in every language, so that it tells of none."""
_BEGUN = 4
"""So many letters of a button's label are enough to press it."""


async def respond(scene: Scene, text: str, match: Match) -> None:
    """Answer it."""
    if not scene.turn.incoming.payload and checkin.moaned(scene, text):
        return
    press = buttons.read(scene.turn.incoming.payload) or agreed(scene, text)
    press = press or nudged.said(scene, text) or offered(scene, text)
    if press is not None:
        await pressed(scene, press, match)
    elif wordless(text) and scene.turn.incoming.payload:
        _stale(scene)
    elif wordless(text) and scene.turn.incoming.location is not None:
        shown = recent.follow_up(scene, text, match) or (shared.at_point(match), ())
        await intents.act(scene, *shown)
        await scene.advance()
    elif wordless(text):
        if shared.offer(scene):
            return
        scene.say("talk.acknowledged" if scene.house.words.acknowledges(text) else "talk.empty")
    elif not await checkin.heard(scene, text, match):
        await written(scene, text, match)
        await checkin.remind(scene)


async def written(scene: Scene, text: str, match: Match) -> None:
    """A command, an intent, or neither."""
    command = scene.house.words.command(text, scene.turn.channel)
    if command is not None and await commands.obey(scene, command):
        return
    if match.intent == intents.FOREIGN:
        intents.foreign(scene)
        return
    settle_language(scene, text, match)
    wish = _wish(scene, text, match)
    if wish is not None:
        await intents.act(scene, *wish)
        await scene.advance()
    elif _guessed(scene, match):
        await intents.suggest(scene, replace(match, suggestions=(recent.EVENTS, recent.HOURS)))
    elif match.suggestions:
        await intents.suggest(scene, match)
    elif (answer := scene.house.words.yes(text, scene.turn.channel)) is not None:
        scene.say("talk.affirm" if answer else "talk.deny")
    else:
        await intents.lost(scene)


def _wish(scene: Scene, text: str, match: Match) -> tuple[Match, tuple[Entity, ...]] | None:
    """What can be done at once, with what the message leaves out; ``None`` where it is not clear."""
    follow_up = recent.follow_up(scene, text, match) or appointments_way.follow_up(scene, match)
    if follow_up is not None:
        return follow_up
    if shared.is_place(scene, match):
        return shared.at_point(match), ()
    return (match, ()) if intents.clear(scene, match) and not _guessed(scene, match) else None


def _guessed(scene: Scene, match: Match) -> bool:
    """Whatever a model makes of a day alone is a guess."""
    return recent.only_day(scene, match) and match.confidence < KNOWN


async def pressed(scene: Scene, press: buttons.Press, match: Match) -> None:
    """A button: a command, an intent, or an answer to a question that is gone."""
    if isinstance(press, buttons.Commanded) and await commands.obey(scene, Command(press.name, None)):
        return
    if isinstance(press, buttons.Meant) and await follow(scene, press, match):
        return
    if isinstance(press, buttons.Rated) and await thumbs.rate(scene, press):
        return
    if isinstance(press, buttons.Nudged) and await nudge_press.answer(scene, press, match):
        return
    _stale(scene)


def _stale(scene: Scene) -> None:
    """A button that means nothing any more, or never did: say so, with what can be asked now."""
    scene.say("engine.stale_alone", choices=commands.examples(scene))


async def follow(scene: Scene, press: buttons.Meant, match: Match) -> bool:
    """Do what the button of an intent says; false where that can no longer be done."""
    found = meant(scene, press, match)
    if found is None:
        return False
    await intents.act(scene, found)
    await scene.advance()
    return True


def meant(scene: Scene, press: buttons.Meant, match: Match) -> Match | None:
    """A pressed intent as if it had been written, if it is one."""
    found = Match(
        text=match.text, language=scene.language, intent=press.intent, confidence=1.0, entities=press.entities
    )
    return found if intents.clear(scene, found) else None


def offered(scene: Scene, text: str) -> buttons.Press | None:
    """The button of the last reply that a number or its label means, on channels that cannot press."""
    choices = [(label, buttons.read(payload)) for label, payload in scene.state.offered]
    numbered = [press for _, press in choices if not isinstance(press, buttons.Rated)]
    place = scene.house.words.ordinal(text)
    if place is not None and 0 < place <= len(numbered):
        return numbered[place - 1]
    said = bare(text)
    whole = next((press for label, press in choices if said and bare(label) == said), None)
    begun = [press for label, press in choices if press and bare(label).startswith(f"{said} ")]
    return whole or (begun[0] if len(begun) == 1 and len(said) >= _BEGUN else None)


def agreed(scene: Scene, text: str) -> buttons.Press | None:
    """The wish for a human, where the last reply asked whether there is one and the message says yes."""
    press = buttons.read(scene.state.offered[0][1]) if scene.state.offered else None
    asked = isinstance(press, buttons.Commanded) and press.name == "human"
    return press if asked and scene.house.words.yes(text, scene.turn.channel) else None


def settle_language(scene: Scene, text: str, match: Match) -> None:
    """Follow the citizen's language, unless one was asked for. A word or two change nothing, unless they are known."""
    if scene.state.chosen or match.language not in scene.house.languages:
        return
    few = word_count(text) - named_words(match, _NAMES) < ENOUGH_WORDS
    known = scene.state.top is None and (recognised(match) or match.intent in intents.SMALL_TALK)
    if scene.state.language is None or not few or known:
        scene.speak(match.language, chosen=False)
