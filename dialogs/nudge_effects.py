"""What is done about what the city wrote first and belongs to no dialog: it is asked for whatever is open."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.messages import JSON, Effect
from dialogs import nudged

if TYPE_CHECKING:
    from dialogs import buttons
    from dialogs.scene import Scene

SERVICE = "nudges"
ANSWERED, HELP, COMPLAINED = "answered", "help", "complained"
"""Effects whose result is told: that it failed, or who comes and when."""


def answered(scene: Scene, press: buttons.Nudged, *, thanked: bool = False) -> None:
    """Record the choice that was taken; who was ``thanked`` for it hears if it could not be."""
    nudged.mark(scene, press.nudge, press.choice)
    _ask(scene, ANSWERED, press.nudge, press.choice, told=thanked)


def alarm(scene: Scene, press: buttons.Nudged) -> None:
    """Somebody asks for help, or may need it: tell people, and say so with the number for an emergency."""
    help_for(scene, press)
    scene.say("checkin.alarm")


def help_for(scene: Scene, press: buttons.Nudged, *, quietly: bool = False) -> None:
    """Tell people; ``quietly`` without a word about who comes, after what safety has said."""
    nudged.mark(scene, press.nudge, press.choice)
    scene.state.human = scene.stamp
    _ask(scene, HELP, press.nudge, scene.language, told=not quietly)


def marked(scene: Scene, mark: str | None) -> None:
    """Do what a dialog about messages that were not asked for has ended with."""
    if mark == "wrong_number":
        _wrong_number(scene)
    elif mark == "complained":
        # Nothing more is written here until a person has answered the complaint.
        scene.state.opted_out = scene.state.human = scene.stamp
        _ask(scene, COMPLAINED, scene.language)


def _wrong_number(scene: Scene) -> None:
    """Nothing more is written here, and nothing of whom it was meant for stays."""
    state = scene.state
    state.opted_out, state.human = scene.stamp, None
    state.nudges, state.recent, state.answers, state.photos = [], {}, [], []
    for run in list(state.runs):
        state.drop(run)
    _ask(scene, "wrong_number")


def resumed(scene: Scene) -> None:
    """The citizen wants messages again."""
    _ask(scene, "resumed")


def _ask(scene: Scene, method: str, *arguments: JSON, told: bool = True) -> None:
    """Ask for an effect; nothing where the city never writes first. Not ``told``: nothing is said of its result."""
    if SERVICE not in scene.house.services:
        return
    seed = f"{scene.turn.conversation_id}|{scene.turn.incoming.message_id}"
    key = hashlib.blake2s(seed.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    effect_id = f"{SERVICE}:{method if told else '-'}:{key}"
    every = (scene.turn.conversation_id, *arguments)
    scene.effects.append(Effect(id=effect_id, name=f"{SERVICE}.{method}", arguments=every))
