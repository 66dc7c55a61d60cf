"""The way to a person and back: the wish is an effect, its answer a turn."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from bot.messages import Choice, Effect, EffectResult
from dialogs import buttons
from dialogs.scene import Scene

SERVICE = "handoff"
"""The service's name; a city without one has nobody who could join."""
WISH, CRISIS, FAILED = "wish", "crisis", "failed"
"""Why a person is asked for."""
QUEUED = "queued"
"""Under this name it is remembered that a citizen waits for a person."""
PATIENCE = timedelta(days=4)
"""A callback may take until after a long weekend."""
HEARD = frozenset(("bot", "opt_out"))
"""The commands that are obeyed while a person answers."""


def ask(scene: Scene) -> None:
    """A citizen wishes for a person: ask one to join, and say how to reach one elsewhere."""
    scene.say("human.asked" if request(scene, WISH) else "human.taken")


def request(scene: Scene, reason: str) -> bool:
    """Record that a person is needed, and ask for one without a word about it; false where nobody can join."""
    if reason != CRISIS:
        scene.state.human = scene.stamp
    if SERVICE not in scene.house.services or scene.turn.owned:
        return False
    seed = f"{scene.turn.conversation_id}|{scene.turn.incoming.message_id}"
    key = hashlib.blake2s(seed.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    arguments = (scene.turn.conversation_id, reason, scene.language)
    scene.effects[:] = [effect for effect in scene.effects if effect.name != f"{SERVICE}.request"]
    scene.effects.append(Effect(id=f"{SERVICE}:{key}", name=f"{SERVICE}.request", arguments=arguments))
    return True


def is_answer(result: EffectResult) -> bool:
    """Whether a result is that of ``request``."""
    return result.effect_id.startswith(f"{SERVICE}:")


def told(scene: Scene, result: EffectResult) -> None:
    """Tell the place in the queue and the hours; the buttons of what was asked before stay."""
    value = result.value or {}
    if result.error is not None:
        scene.say("human.taken")
    elif value["reason"] == CRISIS or scene.turn.owned:
        return  # nothing is said after the numbers, nor beside a person
    elif value["status"] == "waiting":
        scene.remember(QUEUED)
        scene.say("human.queued", choices=asked(scene), position=value["position"], hours=value["hours"])
    elif value["status"] == "callback":
        scene.remember(QUEUED)
        scene.say("human.callback", choices=asked(scene), hours=value["hours"])


def asked(scene: Scene) -> list[Choice]:
    """The buttons of what was asked before; those that ask for no answer are not asked again."""
    rows = [(label, payload, buttons.read(payload)) for label, payload in scene.state.offered]
    return [Choice(label, payload) for label, payload, press in rows if not isinstance(press, buttons.Rated)]


def waits(scene: Scene) -> bool:
    """Whether a person was promised who has not joined yet."""
    found = scene.state.recent.get(QUEUED)
    return found is not None and datetime.fromisoformat(found[1]) + PATIENCE > scene.turn.now


def joined(scene: Scene) -> None:
    """A person answers: none is waited for."""
    scene.state.recent.pop(QUEUED, None)


def leave(scene: Scene) -> None:
    """Back to the bot: no person owns the conversation any more, and none is waited for."""
    joined(scene)
    scene.release, scene.state.human = True, None
    scene.say("human.back" if scene.turn.owned else "human.back_alone")
