"""What Telegram's errors mean for a message. The class decides, and the words only where the class cannot."""

from __future__ import annotations

from datetime import timedelta

import httpx
import structlog
from telegram import error as telegram

from channels.base import Refused, RetryAfter, SendError, UnknownOutcome, Unreachable

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What httpx raises before anything has left this machine."""

logger = structlog.stdlib.get_logger("telegram")


def send_error(error: Exception) -> SendError:
    """The error of a send in the outbox's words."""
    # No answer, an error of the server, or an answer that means nothing: it may have gone out.
    found: SendError = UnknownOutcome(type(error).__name__)
    match error:
        case telegram.RetryAfter():
            found = RetryAfter(seconds_of(error))
        case telegram.Forbidden():
            found = Unreachable("forbidden")
        case telegram.BadRequest():  # a NetworkError by its class, but never one that passes
            found = Refused("bad request")
        case telegram.InvalidToken():
            # The operator's fault: what citizens are owed waits until it is mended.
            logger.error("telegram_token_refused", channel="telegram", variable="NEUVO_TELEGRAM_TOKEN")
            found = RetryAfter()
        case telegram.NetworkError() if isinstance(error.__cause__, NOT_SENT):
            found = RetryAfter()
    return found


def fetch_error(error: Exception) -> SendError:
    """The error of a download: asking once more harms nobody."""
    found = send_error(error)
    if isinstance(found, Unreachable):
        return Refused("forbidden")
    return RetryAfter() if isinstance(found, UnknownOutcome) else found


def seconds_of(error: telegram.RetryAfter) -> float:
    """How long Telegram wants us to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def is_markup(error: telegram.BadRequest) -> bool:
    """Whether Telegram could not read our HTML; it has no code for that."""
    return "parse entities" in error.message.casefold()
