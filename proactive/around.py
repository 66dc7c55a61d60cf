"""What a template refers to, as its lint sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.messages import Reply

Where = tuple[str | int, ...]
Finding = tuple[Where, str, str]
"""The path of keys to the place, what is wrong, and what to do about it."""


class Purpose(Protocol):
    """What a nudge is for: on which channels, and by which words, by language, one ends it."""

    @property
    def channels(self) -> Sequence[str]:
        """The channels that it may be written on."""

    @property
    def withdraw(self) -> Mapping[str, Sequence[str]]:
        """The words; none where nobody can end it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a template refers to, and what its words must not mean.

    ``bodies`` makes text messages of a reply; ``command`` tells which command a word is on a channel.
    """

    languages: Sequence[str]
    channels: Collection[str]
    purposes: Mapping[str, Purpose]
    dialogs: Collection[str]
    skills: Collection[str]
    bodies: Callable[[Reply], Sequence[str]]
    command: Callable[[str, str], str | None]
