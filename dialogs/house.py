"""What every turn works with: the dialogs, the answers, the sentences, understanding and the city's services."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.messages import Match, Reply, Safety, Session
from dialogs.dialog import Dialog
from dialogs.errors import RunFailed
from dialogs.services import Texts, Topics
from dialogs.words import Words

FIND_PLACE = "find_place"
Understand = Callable[[str, Session], Match | Awaitable[Match]]
"""What a text says: at once, or after a thought that the event loop does not wait for."""
SafetyReply = Callable[[Safety, str, datetime], Reply | None]
SafetyLine = Callable[[Safety, str, datetime], str]
_LOG = logging.getLogger("neuvo.dialogs")


def log_failure(failure: RunFailed) -> None:
    """Write where a dialog failed: no words of a citizen, so neither the error's message."""
    cause = failure.__cause__ or failure
    trace = cause.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
    _LOG.error("dialog %s failed: %s at %s", failure.dialog, type(cause).__name__, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """All of it. ``dialogs`` are by intent; ``expiry`` is how long a forgotten dialog waits."""

    dialogs: Mapping[str, Dialog]
    topics: Topics
    texts: Texts
    words: Words
    understand: Understand
    services: Mapping[str, object]
    zone: ZoneInfo
    languages: tuple[str, ...]
    safety_reply: SafetyReply | None
    safety_line: SafetyLine | None
    expiry: timedelta
    report: Callable[[RunFailed], None]
    named: Mapping[str, Dialog]

    def knows(self, intent: str) -> bool:
        """Whether there is a dialog or an answer for an intent."""
        return intent in self.dialogs or self.topics.answer(intent, self.languages[0]) is not None


def by_name(dialogs: Mapping[str, Dialog]) -> dict[str, Dialog]:
    """Dialogs by their names, those of earlier releases included."""
    named = {old: dialog for dialog in dialogs.values() for old in dialog.was}
    return named | {dialog.name: dialog for dialog in dialogs.values()}
