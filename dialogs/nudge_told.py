"""What is told of the results of ``nudge_effects``: that an answer was not taken, or who comes and when."""

from __future__ import annotations

from bot.messages import EffectResult
from dialogs import handoff
from dialogs.nudge_effects import ANSWERED, COMPLAINED, HELP, SERVICE
from dialogs.scene import Scene

_GROUPS = {HELP: "checkin", COMPLAINED: "message_complaint"}
_COMES = frozenset(("waiting", "callback"))


def is_answer(result: EffectResult) -> bool:
    """Whether a result is that of one of these."""
    return result.effect_id.startswith(f"{SERVICE}:")


def told(scene: Scene, result: EffectResult) -> None:
    """Tell it; nothing beside a person, who sees it."""
    method = result.effect_id.split(":")[1]
    if scene.turn.owned:
        return
    if method in _GROUPS:
        _promised(scene, _GROUPS[method], result)
    elif method == ANSWERED and (result.error is not None or not result.value):
        scene.say("nudge_answer.failed" if result.error is not None else "nudge_answer.over")


def _promised(scene: Scene, group: str, result: EffectResult) -> None:
    """Who comes, and when; with the number for an emergency after a check-in."""
    value = result.value or {}
    if result.error is not None:
        scene.say(f"{group}.failed", choices=[scene.button("human")])
    elif value["status"] in _COMES:
        scene.remember(handoff.QUEUED)
        scene.say(f"{group}.{value['status']}", choices=handoff.asked(scene), hours=value["hours"])
