"""What the dialogs about messages that the city wrote first need, as Protocols; ``bot/service_nudges.py`` binds them.

All values are JSON, since they pass through the journal. Moments are ISO with an offset. Words are in the language
that was asked in. A look-up may raise ``ServiceUnavailable``; what changes something is an effect, takes its key first
and does it once for each key. ``conversation`` is the conversation's id: what is not of its person is not found.
"""

from __future__ import annotations

from typing import Protocol, TypedDict

from dialogs.values import Place


class Offer(TypedDict):
    """A choice of a nudge, in the version of the template that was sent.

    ``opens`` is the intent of a dialog, which gets ``entities`` (``[kind, value]``). Without it the answer itself is
    what is wanted: after a yes to ``confirm``, where that is not empty, and followed by ``thanks``. ``alarm``: it asks
    for help, and people are told. ``answered`` is the id of the choice that was taken before.
    """

    label: str
    opens: str | None
    entities: list[list[str]]
    confirm: str
    thanks: str
    alarm: bool
    answered: str | None


class Promise(TypedDict):
    """Who comes: ``status`` is ``waiting``, ``callback`` (outside the hours), ``owned`` (is there) or ``closed``.

    ``position`` in the queue is from 1; ``hours`` are those of the people, in words.
    """

    status: str
    position: int
    hours: str


class Nudges(Protocol):
    """What the city wrote first to the person of a conversation."""

    async def choice(self, conversation: str, nudge: str, choice: str, language: str) -> Offer | None:
        """A choice, at any later time; ``None`` where the nudge has expired, was cancelled, or is not this person's."""

    async def answered(self, key: str, conversation: str, nudge: str, choice: str) -> bool:
        """Record a choice, the last one standing; false where it can no longer be taken. Ends a check-in's ladder."""

    async def help(self, key: str, conversation: str, nudge: str, language: str) -> Promise:
        """Put the conversation into the care team's queue (reason ``checkin``), once for a check-in; end its ladder."""

    async def wrong_number(self, key: str, conversation: str) -> None:
        """Write to this address no more, and part it from its person. No result comes of it."""

    async def complained(self, key: str, conversation: str, language: str) -> Promise:
        """Write to this address no more until somebody has answered: into the queue with the reason ``complaint``."""

    async def resumed(self, key: str, conversation: str) -> None:
        """The citizen has sent START: lift what "stop", "wrong number" and a complaint had put on this address."""


class ReminderKind(TypedDict):
    """What can be ordered. ``asks`` lists what is asked for it, in order: ``place``, ``day``, ``time``.

    ``purpose`` is of whose consent it needs.
    """

    id: str
    title: str
    purpose: str
    asks: list[str]


class Details(TypedDict):
    """What an order says, ``None`` where not asked: ``day`` is an ISO weekday from 1, ``time`` local as ``HH:MM``."""

    place: Place | None
    day: int | None
    time: str | None


class Reminder(TypedDict):
    """What has been ordered. ``about`` says of what, such as an address; empty where of nothing.

    ``state`` is ``active``, ``paused`` (until the ISO date ``until``, if there is one) or ``pending`` (see
    ``Ordered``). ``next`` is when the next message is due, where that is known.
    """

    id: str
    kind: str
    title: str
    about: str
    state: str
    until: str | None
    next: str | None


class Ordered(TypedDict):
    """What became of an order.

    ``outcome`` is ``done``, ``known`` (it was ordered before), ``pending`` (the citizen must send START to ``number``
    first, since the provider still blocks), ``nowhere`` (the city's feed does not know the place), ``no_consent`` or
    ``refused``. ``reminder`` is there with the first three.
    """

    outcome: str
    number: str
    reminder: Reminder | None


class Subscriptions(Protocol):
    """Reminders that citizens order, of the person of a conversation, for its channel."""

    async def kinds(self, language: str) -> list[ReminderKind]:
        """What can be ordered."""

    async def list(self, conversation: str, language: str) -> list[Reminder]:
        """What has been ordered and has not ended, the oldest first."""

    async def order(self, key: str, conversation: str, kind: str, details: Details, language: str) -> Ordered:
        """Order reminders; the consent is looked up again."""

    async def pause(self, key: str, conversation: str, reminder: str, until: str | None) -> bool:
        """Send nothing until an ISO date (``None``: until it is resumed); false where it has ended."""

    async def resume(self, key: str, conversation: str, reminder: str) -> bool:
        """Go on; false where it has ended."""

    async def end(self, key: str, conversation: str, reminder: str) -> bool:
        """End it; the consent stays as it is. False where it had ended."""
