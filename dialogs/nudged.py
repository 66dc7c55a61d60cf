"""What the city wrote first: kept beside the talk, and which of it a message answers.

A row is ``{"id", "title", "at", "language", "alarm", "choices": [[id, label, payload, words], …]}``, and ``answered``
once it was. ``alarm`` is the choice of a check-in that asks for help; ``None`` where it is no check-in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.messages import JSON, Entity, Reply
from dialogs import buttons
from dialogs.consents_words import ENDS
from dialogs.nudge_words import NUDGE
from dialogs.words import bare

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from dialogs.scene import Scene
    from dialogs.words import Command

Row = dict[str, JSON]

MOST = 5
"""So many of the last ones are kept."""
KEPT = timedelta(days=7)
"""How long one can be answered in words; a button of it always can."""
LATELY = timedelta(days=1)
"""How long a number alone can mean it, after other things were said."""
ABOUT_THEM = frozenset(("wrong_number", "message_complaint"))
"""The intents that are about messages which were not asked for."""
ACTS, CANCEL = "appointment_acts", "cancel"
"""The words for what is done with an appointment, and the one that is also a command."""
_FIELDS = ("id", "title", "at", "language", "alarm", "choices")
_ENDING = frozenset(("opt_out", "opt_in"))
"""Commands that no word of a nudge takes the place of."""


def take(scene: Scene) -> None:
    """Keep what was written since the last turn. Where nothing is open, a number answers the newest."""
    came = [{name: row.get(name) for name in _FIELDS} for row in scene.turn.beside or ()]
    rows = sorted((*came, *scene.state.nudges), key=_at, reverse=True)
    scene.state.nudges = [row for row in rows if _at(row) + KEPT > scene.turn.now][:MOST]
    scene.came = [row["id"] for row in came]
    if scene.came and scene.state.language is None and scene.state.nudges:
        scene.speak(str(scene.state.nudges[0]["language"]), chosen=False)
    offer(scene)


def offer(scene: Scene) -> None:
    """What came since the last turn is what was said last, and its choices are those that a number means."""
    newest = next(iter(scene.state.nudges), None)
    if newest is not None and newest["id"] in scene.came and newest["choices"] and scene.state.top is None:
        scene.state.offered = _buttons(newest)


def offered(scene: Scene, reply: Reply) -> list[list[str]]:
    """The buttons that a number means after a reply: where it has none, those of what the city asked last."""
    shown = [[choice.label, str(choice.payload)] for choice in reply.choices]
    newest = next((row for row in waiting(scene) if _at(row) + LATELY > scene.turn.now), None)
    chosen = any(not isinstance(buttons.read(payload), buttons.Rated) for _, payload in shown)
    return shown if chosen or newest is None or scene.state.top is not None else [*shown, *_buttons(newest)]


def waiting(scene: Scene) -> list[Row]:
    """Those with choices that have not been answered, the newest first."""
    return [row for row in scene.state.nudges if row["choices"] and not row.get("answered")]


def said(scene: Scene, text: str) -> buttons.Nudged | None:
    """The choice that a message means where nothing is open: by its label, a word of it, or a plain yes or no."""
    command = scene.house.words.command(text, scene.turn.channel)
    if command is not None and (command.name.startswith(ENDS) or _stops(scene, command)):
        return None
    meant = named(scene, text) or _plainly(scene, text)
    if (
        meant is None
        and command is not None
        and command.name == CANCEL
        and CANCEL in scene.house.words.marks(ACTS, text)
    ):
        return next((_press(row, choice) for row, choice in _cancelling(scene)), None)
    return meant


def named(scene: Scene, text: str, *, taken: Collection[str] = ()) -> buttons.Nudged | None:
    """The choice whose label or word the whole message is, of the newest that has it.

    ``taken`` are labels of an open question, which are answers to that; so are yes and no, where one is open. Where
    none is, they answer what has not been answered yet.
    """
    spoken, plain = bare(text), scene.house.words.yes(text) is not None
    if not spoken or spoken in map(bare, taken) or (plain and scene.state.top is not None):
        return None
    rows = waiting(scene) if plain else scene.state.nudges
    return next((_press(row, choice) for row, choice in _choices(rows) if spoken in _said_by(choice)), None)


def labelled(scene: Scene, text: str, *, taken: Collection[str] = ()) -> buttons.Nudged | None:
    """The same by the label alone, written out."""
    press = named(scene, text, taken=taken)
    whole = any(bare(choice[1]) == bare(text) for _, choice in _choices(scene.state.nudges))
    return press if whole else None


def cancelling(scene: Scene) -> tuple[str, str] | None:
    """Label and payload of what "cancel" means to the newest that has a word for it."""
    return next(((choice[1], choice[2]) for _, choice in _cancelling(scene)), None)


def mark(scene: Scene, nudge: str, choice: str) -> None:
    """It has been answered."""
    scene.state.nudges = [row | {"answered": choice} if row["id"] == nudge else row for row in scene.state.nudges]


def known(scene: Scene, intent: str) -> tuple[Entity, ...]:
    """The newest one, for a dialog about messages that were not asked for."""
    newest = next(iter(scene.state.nudges), None)
    if intent not in ABOUT_THEM or newest is None:
        return ()
    return (Entity(kind=NUDGE, value=str(newest["id"]), text="", start=0, end=0),)


def _stops(scene: Scene, command: Command) -> bool:
    # "Yes" restarts messages at the provider; who has not stopped them says yes by it.
    restarts = command.name == "opt_in" and scene.state.opted_out is None
    return command.name in _ENDING and not restarts


def _cancelling(scene: Scene) -> Iterator[tuple[Row, list[JSON]]]:
    """What a word that leaves a dialog means of what the city wrote first."""
    words = scene.house.words
    for row, choice in _choices(scene.state.nudges):
        commands = (words.command(word) for word in choice[3])
        if any(command is not None and command.name == CANCEL for command in commands):
            yield row, choice


def _plainly(scene: Scene, text: str) -> buttons.Nudged | None:
    """A plain yes or no, where nothing was said after the question and one of its choices is of that meaning."""
    words = scene.house.words
    answer = words.yes(text)
    if answer is None and not bare(text) and words.acknowledges(text):
        answer = True  # a thumb up and nothing else
    row = next(iter(waiting(scene)), None)
    if answer is None or row is None or scene.state.offered != _buttons(row):
        return None
    meant = [choice for choice in row["choices"] if any(words.yes(word) is answer for word in (choice[1], *choice[3]))]
    return _press(row, meant[0]) if len(meant) == 1 else None


def _choices(rows: Iterable[Row]) -> Iterator[tuple[Row, list[JSON]]]:
    return ((row, choice) for row in rows for choice in row["choices"])


def _said_by(choice: list[JSON]) -> set[str]:
    return {bare(word) for word in (choice[1], *choice[3])}


def _press(row: Row, choice: list[JSON]) -> buttons.Nudged:
    return buttons.Nudged(nudge=str(row["id"]), choice=str(choice[0]))


def _buttons(row: Row) -> list[list[str]]:
    return [[label, payload] for _, label, payload, _ in row["choices"]]


def _at(row: Row) -> datetime:
    return datetime.fromisoformat(row["at"])
