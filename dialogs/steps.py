"""What a replay works with: the outside of a turn, where a run stopped, and a look-up made once."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.messages import JSON
from dialogs.dialog import Dialog
from dialogs.journal import plain
from dialogs.prompts import Context, Prompt
from dialogs.services import ServiceUnavailable, Texts
from dialogs.speech import Voice
from dialogs.words import Words

READ_SECONDS = 5.0
"""How long a look-up may take, unless its step says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What is outside a run at one turn.

    ``now`` is local time; ``run`` begins the ids of effects; ``photos`` are the ids of the pictures sent for it.
    """

    language: str
    now: datetime
    channel: str
    texts: Texts
    words: Words
    services: Mapping[str, object]
    run: str
    photos: tuple[str, ...] = ()

    @property
    def conversation(self) -> str:
        """The id of the conversation, for services that are asked about it."""
        return self.run.partition(":")[0]

    @property
    def voice(self) -> Voice:
        """The texts in the language of now."""
        return Voice(self.texts, self.language)

    @property
    def context(self) -> Context:
        """What prompts may know, of a message that is not about something else."""
        return Context(language=self.language, now=self.now, words=self.words, channel=self.channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The question at which a run is suspended. ``key`` is that of its text."""

    path: str
    key: str
    prompt: Prompt
    values: Mapping[str, object]
    bound: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The effect at which a run is suspended; ``new`` if it was asked for in this replay."""

    path: str
    new: bool


@dataclass(slots=True)
class Frame:
    """Where the run is: the dialog whose texts are spoken, and the scope of its names."""

    dialog: Dialog
    prefix: str = ""


async def look_up(fn: Callable[..., Any], args: tuple[object, ...], seconds: float) -> JSON:
    """What a look-up gives, as ``{"value": …}`` or ``{"error": …}``."""
    try:
        async with asyncio.timeout(seconds):
            found = fn(*args)
            value = await found if inspect.isawaitable(found) else found
    except TimeoutError:
        return {"error": "no answer in time"}
    except ServiceUnavailable as error:
        return {"error": str(error) or "unavailable"}
    return {"value": plain(value)}
