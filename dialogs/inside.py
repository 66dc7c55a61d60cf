"""A message while a dialog is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from bot.messages import Match
from dialogs import appointments_way, buttons, commands, intents, nudge_press, nudged, outside, shared, thumbs
from dialogs import journal as kinds
from dialogs.correct import correct
from dialogs.journal import Entry, plain
from dialogs.play import Played
from dialogs.prompt_choices import Confirm
from dialogs.prompts import Context, Valid
from dialogs.scene import Scene
from dialogs.state import Run
from dialogs.steps import Asking, Waiting
from dialogs.words import KNOWN_WELL, SURE, Command, wordless

_SHARED = frozenset(("cancel", "cancel_which", "help"))
"""Commands whose words may be those of a choice that the city offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The message: its text, what was understood of it, and the button that it is."""

    text: str
    match: Match
    press: buttons.Press | None


async def respond(scene: Scene, text: str, match: Match) -> None:
    """Commands first; then the question that is open; then what else it may be."""
    press = buttons.read(scene.turn.incoming.payload)
    command = None if press is not None else scene.house.words.command(text, scene.turn.channel)
    if isinstance(press, buttons.Commanded):
        command = Command(press.name, None)
    if isinstance(press, buttons.Nudged) and await nudge_press.answer(scene, press, match):
        return
    if press is None and command is not None and await _nudged_by(scene, command, text, match):
        return
    if command is not None and not _own_act(scene, press, command, text) and await commands.obey(scene, command):
        return
    if press is None:
        outside.settle_language(scene, text, match)
    if isinstance(press, buttons.Meant) and await outside.follow(scene, press, match):
        return
    if isinstance(press, buttons.Rated) and await thumbs.rate(scene, press):
        return
    run = scene.state.top
    if run is not None:
        await _go_on(scene, run, Said(text=text, match=match, press=press))


async def _nudged_by(scene: Scene, command: Command, text: str, match: Match) -> bool:
    """A command that is also a word of what the city wrote first: meant of that, if it was written last; else asked."""
    meant = nudged.named(scene, text) if command.name in _SHARED else None
    if meant is None:
        return False
    if meant.nudge in scene.came:
        return await nudge_press.answer(scene, meant, match)
    return command.name == "cancel" and await commands.obey(scene, Command("cancel_which", command.language))


def _own_act(scene: Scene, press: buttons.Press | None, command: Command, text: str) -> bool:
    """Whether a word for leaving may mean what the open dialog does: nobody leaves who thinks that it was done."""
    run = scene.state.top
    dialog = scene.house.named.get(run.dialog) if run is not None else None
    if dialog is None or press is not None or command.name not in {"cancel", "cancel_which"}:
        return False
    return not set(dialog.acts).isdisjoint(scene.house.words.marks(appointments_way.ACTS, text))


async def _go_on(scene: Scene, run: Run, said: Said) -> None:
    photo = shared.keep(scene, run)
    if photo is not None and wordless(said.text):
        await scene.advance(scene.voice.text(photo))
        return
    if photo not in {None, "engine.photo"}:
        scene.say(photo or "")
    played = await scene.play(run)
    if isinstance(played.stop, Asking):
        await _answer(scene, run, played, said)
    elif isinstance(played.stop, Waiting):
        await _meanwhile(scene, run, played.stop, said)
    else:
        # Changed code has ended where the old asked: the message was for a question that is gone.
        scene.end(run, played.value)
        scene.say("engine.ended")
        await scene.advance(scene.voice.text("engine.resume"))


async def _answer(scene: Scene, run: Run, played: Played, said: Said) -> None:
    asking = cast(Asking, played.stop)
    labels = [scene.voice.label(option) for option in asking.prompt.options()]
    if await _nudge(scene, said, nudged.labelled(scene, said.text, taken=labels)):
        return
    lead = _not_taken(scene, run, asking, said)
    if lead is not None:
        scene.prompt(run, asking, scene.voice.text(lead))
        return
    if said.press is None and said.match.intent in intents.ALWAYS and _aside(scene, said.match):
        await intents.act(scene, said.match)
        await scene.advance()
        return
    payload = said.press.key if isinstance(said.press, buttons.Answered) else None
    found = asking.prompt.parse(said.text, payload, said.match, _context(scene, run, said.match))
    if isinstance(found, Valid):
        entry = Entry(kinds.ANSWER, asking.path, plain(found.value), played.journal.code, asking.bound)
        played.journal.add(entry)
        run.journal, run.misses, run.failures = played.journal.dump(), 0, 0
        await scene.advance()
    elif not (
        await _nudge(scene, said, nudged.named(scene, said.text, taken=labels))
        or await _corrected(scene, run, asking, said)
        or await _elsewhere(scene, run, asking, said)
    ):
        run.misses += 1
        scene.prompt(run, asking, again=found)


async def _nudge(scene: Scene, said: Said, meant: buttons.Nudged | None) -> bool:
    """Whether a message was an answer to what the city wrote first, and has been taken as one."""
    if said.press is not None or meant is None:
        return False
    return await nudge_press.answer(scene, meant, said.match)


async def _corrected(scene: Scene, run: Run, asking: Asking, said: Said) -> bool:
    """Whether the message, at a confirmation, was another answer to an earlier question."""
    if not isinstance(asking.prompt, Confirm) or said.press is not None or outside.offered(scene, said.text):
        return False
    return await correct(scene, run, said.text, said.match, _context(scene, run, said.match))


def _not_taken(scene: Scene, run: Run, asking: Asking, said: Said) -> str | None:
    """Why a message is no answer to the open question, whatever it says; the key of the words for it."""
    if run.waiting != [asking.path, asking.prompt.signature()]:
        # The service changed since the question was put: this is no answer to the one that comes first now.
        return "engine.changed"
    press = said.press
    if isinstance(press, buttons.Answered):
        return None if (press.run, press.serial) == (run.id, run.serial) else "engine.stale"
    if press is not None or (scene.turn.incoming.payload and not said.text.strip()):
        return "engine.stale"
    if wordless(said.text) and scene.turn.incoming.location is None:
        return "talk.acknowledged" if scene.house.words.acknowledges(said.text) else "engine.empty"
    return None


async def _elsewhere(scene: Scene, run: Run, asking: Asking, said: Said) -> bool:
    """A button of the last reply by its number, or a side question."""
    if said.press is None and scene.house.words.unsure(said.text):
        return False
    press = outside.offered(scene, said.text)
    if isinstance(press, buttons.Commanded) and await commands.obey(scene, Command(press.name, None)):
        return True
    if isinstance(press, buttons.Meant) and await outside.follow(scene, press, said.match):
        return True
    # The same wish put again begins the dialog anew, but does not throw away what is about to be confirmed.
    anew = not (_own(scene, run, said.match) and isinstance(asking.prompt, Confirm))
    if _aside(scene, said.match) and anew:
        await intents.act(scene, said.match)
        await scene.advance()
        return True
    return False


async def _meanwhile(scene: Scene, run: Run, waiting: Waiting, said: Said) -> None:
    """While something is being done: other questions are answered, the rest hears that it is under way."""
    if await _nudge(scene, said, nudged.named(scene, said.text)):
        return
    if said.press is None and _aside(scene, said.match) and not _own(scene, run, said.match):
        await intents.act(scene, said.match)
        if scene.state.top is not run:
            await scene.advance()
        return
    scene.sending(run, waiting)


def _own(scene: Scene, run: Run, match: Match) -> bool:
    same = scene.house.dialogs.get(intents.ordered(scene.house, match)) is scene.house.named[run.dialog]
    return same or appointments_way.own(scene.house, run.dialog, match)


def _aside(scene: Scene, match: Match) -> bool:
    """Clearly something else: yes and no are answers, though not to this question.

    A guess that would do where nothing is open does not do here, where an answer is what is likely.
    """
    least = KNOWN_WELL if match.intent in intents.SMALL_TALK else SURE
    sure = match.confidence >= least and intents.clear(scene, match)
    return sure and match.intent not in {"affirm", "deny"}


def _context(scene: Scene, run: Run, match: Match) -> Context:
    side = _aside(scene, match) and not _own(scene, run, match) and match.intent not in {"greeting", "thanks"}
    return Context(
        language=scene.language,
        now=scene.now,
        words=scene.house.words,
        channel=scene.turn.channel,
        side=side,
    )
