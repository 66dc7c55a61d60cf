"""What is kept of messages: counts, texts that were not understood, and what is masked in all others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.messages import Incoming, Outcome
from bot.misses import Miss
from bot.tally import Tally
from bot.thumbs import Thumb
from nlu.mask import ACCOUNT, EMAIL, IDENTITY_CODE, PHONE, mask

CODE = "‹code›"
_CODE = re.compile(r"\s*\d(?:[ -]?\d){5}\s*", re.ASCII)


def heard(tally: Tally, now: Callable[[], datetime], zone: ZoneInfo) -> Callable[[Incoming, Outcome], None]:
    """Counts turns and what is said of answers, and keeps what was not understood."""

    def note(incoming: Incoming, outcome: Outcome) -> None:
        at, channel, missed = now(), incoming.address.channel, outcome.missed
        miss = None
        if missed is not None:
            guess = next((found for found in missed.alternatives if found.intent != missed.intent), None)
            miss = Miss(
                at=at,
                language=missed.language,
                channel=channel,
                text=missed.text,
                intent=guess.intent if guess else None,
                confidence=guess.confidence if guess else None,
            )
        language = outcome.language or (missed.language if missed else "")
        tally.note(at=at, channel=channel, language=language, intent=outcome.intent or "", miss=miss)
        if (rating := outcome.rating) is not None:
            day = at.astimezone(zone).date()
            tally.rated(Thumb(day, channel, rating.language, rating.intent, rating.helped))

    return note


def masked(text: str, shown: bool) -> str:
    """A message as it is kept: identity codes and bank accounts never; how to be reached where a person reads it."""
    return mask(uncoded(text), (ACCOUNT, IDENTITY_CODE) if shown else (ACCOUNT, IDENTITY_CODE, EMAIL, PHONE))


def uncoded(text: str) -> str:
    """The text, unless all that it says is a one-time code: that is nobody's to read, then or later."""
    return CODE if _CODE.fullmatch(text) else text
