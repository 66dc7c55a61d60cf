"""The ways into the dialogs about one's own data: buttons under the answers of the topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.messages import Choice, Reply
from dialogs import buttons
from dialogs.scene import Scene

WAYS: Mapping[str, tuple[str, ...]] = {"data_export": ("my_data", "strong_login"), "data_delete": ("my_data_delete",)}
"""The dialogs that go on from the answers of topics."""


def with_ways(scene: Scene, answer: Reply, intent: str) -> Reply:
    """A topic's answer with what can be done about it here first of its buttons."""
    names = [name for name in WAYS.get(intent, ()) if name in scene.house.dialogs]
    ways = [Choice(scene.voice.text(f"my_data.button_{name}"), buttons.intent_payload(name)) for name in names]
    return replace(answer, choices=(*ways, *answer.choices)) if ways else answer
