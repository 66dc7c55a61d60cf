"""What the commands do, inside a dialog and outside."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Alternative, Choice, Match
from dialogs import buttons, handoff, nudge_effects, nudged, thumbs
from dialogs.consents_words import ENDS
from dialogs.scene import Scene
from dialogs.steps import Asking
from dialogs.words import Command

CANCEL_BOOKING = "health_booking_cancel"
LANGUAGE = "language_"


async def obey(scene: Scene, command: Command) -> bool:
    """Carry out a command. False where it is none, or means nothing here and may be read as an answer."""
    if command.language is not None and scene.state.language is None:
        scene.speak(command.language, chosen=False)
    act = _ACTS.get(command.name)
    if command.name in thumbs.WORDS:
        said = thumbs.worded(scene, command.name)
        return said is not None and await thumbs.rate(scene, said)
    if command.name == "opt_in" and scene.state.opted_out is None and scene.state.top is not None:
        return False
    if command.name.startswith(ENDS):
        await _end(scene, command)
    elif command.name.startswith(LANGUAGE):
        await speak(scene, command.name.removeprefix(LANGUAGE))
    elif act is not None:
        await act(scene, command)
    else:
        return False
    scene.intent = command.name
    return True


async def speak(scene: Scene, language: str) -> None:
    """Change the language, because the citizen asked for it; an open question is asked in it at once."""
    scene.speak(language, chosen=True)
    if scene.state.top is not None:
        await scene.advance(scene.voice.text("engine.language"))
    else:
        scene.say("talk.language")


async def ask_language(scene: Scene) -> None:
    """Offer the languages that there are."""
    choices = [
        Choice(scene.house.texts("language.name", language), buttons.command_payload(LANGUAGE + language))
        for language in scene.house.languages
    ]
    scene.say("talk.which_language", choices=choices)


async def take_human(scene: Scene, command: Command | None = None) -> None:  # noqa: ARG001 - as every command
    """Record the wish for a human and say how to reach one; an open dialog goes on."""
    handoff.ask(scene)
    await scene.advance()


async def welcome(scene: Scene, command: Command | None = None) -> None:  # noqa: ARG001
    """Say what can be asked."""
    scene.say("talk.help", choices=examples(scene))


def examples(scene: Scene) -> list[Choice]:
    """Buttons of what works best."""
    titles = [(intent, scene.house.topics.title(intent, scene.language)) for intent in scene.house.dialogs]
    shown = [(intent, title) for intent, title in titles if title is not None and intent != "opt_out"]
    return [Choice(title, buttons.intent_payload(intent)) for intent, title in shown[:4]] + [scene.button("human")]


async def _opt_out(scene: Scene, command: Command) -> None:
    # The language of the word: a person who writes SLUTA is answered in Swedish, whatever was spoken before.
    language = command.language or scene.language
    scene.opt_out("", language)
    scene.replies.append(replace(scene.voice, language=language).reply("opt_out.done"))


async def _end(scene: Scene, command: Command) -> None:
    """One of the city's purposes ends by its own word."""
    language = command.language or scene.language
    scene.opt_out(command.name.removeprefix(ENDS), language)
    scene.replies.append(replace(scene.voice, language=language).reply("consents.ending"))


async def _opt_in(scene: Scene, command: Command) -> None:
    nudge_effects.resumed(scene)
    if scene.state.opted_out is None:
        await welcome(scene, command)
        return
    scene.state.opted_out = None
    await scene.advance(scene.voice.text("opt_out.undone"))
    if not scene.replies:
        scene.say("opt_out.undone")


async def _back(scene: Scene, command: Command) -> None:  # noqa: ARG001
    run = scene.state.top
    if run is None:
        scene.say("talk.nothing_open", choices=examples(scene))
        return
    played = await scene.play(run)
    if not isinstance(played.stop, Asking):
        await scene.advance(scene.voice.text("engine.no_back_effect"))
        return
    cut = played.journal.back()
    if cut is not None:
        run.skip = list(dict.fromkeys((*run.skip, cut.path)))  # the opening message is not asked a second time
        run.journal = played.journal.dump()
        await scene.advance(scene.voice.text("engine.back"))
    elif run.acted:
        await scene.advance(scene.voice.text("engine.no_back_effect"))
    elif len([other for other in scene.state.runs if not other.parked]) > 1:
        scene.state.drop(run)
        await scene.advance(scene.voice.text("engine.resume"))
    else:
        await scene.advance(scene.voice.text("engine.no_back"))


async def _start_over(scene: Scene, command: Command) -> None:  # noqa: ARG001
    acted = any(run.acted for run in scene.state.runs)
    for run in list(scene.state.runs):
        scene.state.drop(run)
    scene.state.failed = 0
    scene.say("engine.start_over_done" if acted else "engine.start_over", choices=examples(scene))


async def _cancel(scene: Scene, command: Command) -> None:  # noqa: ARG001
    run = scene.state.top
    if run is None:
        scene.say("talk.nothing_open", choices=examples(scene))
        return
    scene.state.drop(run)
    scene.say("engine.cancelled_done" if run.acted else "engine.cancelled")
    await scene.advance(scene.voice.text("engine.resume"))


async def _cancel_which(scene: Scene, command: Command) -> None:  # noqa: ARG001
    choices = [scene.button("cancel")] if scene.state.top is not None else []
    written = nudged.cancelling(scene)
    if written is not None:  # what the city wrote of last is what is likely to be meant
        choices.insert(0, Choice(*written))
    choices.append(scene.button("opt_out"))
    title = scene.house.topics.title(CANCEL_BOOKING, scene.language)
    if title is not None and written is None:
        choices.append(Choice(title, buttons.intent_payload(CANCEL_BOOKING)))
    scene.say("talk.cancel_which", choices=choices)


async def _help(scene: Scene, command: Command) -> None:
    if scene.state.top is None:
        await welcome(scene, command)
        return
    await scene.advance(scene.voice.text("engine.help"))


async def _bot(scene: Scene, command: Command) -> None:  # noqa: ARG001
    handoff.leave(scene)
    await scene.advance()


async def _none(scene: Scene, command: Command) -> None:  # noqa: ARG001
    if scene.doubted:
        text, language, intent, confidence = scene.doubted
        guess = (Alternative(intent, confidence),)
        scene.missed = Match(text=text, language=language, intent="OUT_OF_SCOPE", confidence=0.0, alternatives=guess)
    scene.say("talk.none_of_these", choices=[scene.button("human")])
    await scene.advance()


_ACTS = {
    "opt_out": _opt_out,
    "opt_in": _opt_in,
    "back": _back,
    "start_over": _start_over,
    "cancel": _cancel,
    "cancel_which": _cancel_which,
    "help": _help,
    "human": take_human,
    "bot": _bot,
    "none": _none,
}
