"""Where a message was written: a person's chat with us, or a team or a group, where others read along.

What is personal is not for all to read. A question in a team or a group is a conversation of its own: it is answered,
and nothing that asks on can go on there; that is for the chat with the person.
"""

from __future__ import annotations

from dataclasses import dataclass

_BETWEEN = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A conversation of a tenant, and in a team or a group the question that we were asked there."""

    tenant: str
    conversation: str
    question: str = ""

    @property
    def whole(self) -> bool:
        """Whether a key can be made of it and read again."""
        return bool(self.conversation) and _BETWEEN not in f"{self.tenant}{self.conversation}{self.question}"

    @property
    def key(self) -> str:
        """The address's key."""
        return _BETWEEN.join(filter(None, (f"{self.tenant}{_BETWEEN}{self.conversation}", self.question)))


def base_of(key: str) -> str:
    """The key of the conversation itself, under which its reference is kept."""
    return _BETWEEN.join(key.split(_BETWEEN)[:2])


def is_shared(key: str) -> bool:
    """Whether others read what is sent there."""
    return key.count(_BETWEEN) > 1
