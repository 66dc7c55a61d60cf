"""What Twilio's error codes mean for us (https://www.twilio.com/docs/api/errors): the policy, and words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels.base import OptedOut, Refused, RetryAfter, SendError, Unreachable


@dataclass(frozen=True, slots=True)
class Code:
    """What is to be done about a code, and why, for whoever reads the log.

    ``seconds`` is how long to wait before a retry where Twilio does not say it.
    """

    kind: type[SendError]
    words: str
    seconds: float | None = None

    def error(self, seconds: float | None = None) -> SendError:
        """The error to raise; ``seconds`` is what Twilio said itself."""
        if self.kind is RetryAfter:
            return RetryAfter(self.seconds if seconds is None else seconds)
        return self.kind(self.words)


REPAIR = 300.0
"""Seconds until the next try of what somebody has to repair first: a message is not lost over a changed token."""

CODES: Mapping[int, Code] = {
    20003: Code(RetryAfter, "Twilio does not take the account SID and auth token", REPAIR),
    20005: Code(RetryAfter, "the Twilio account is not active", REPAIR),
    20429: Code(RetryAfter, "too many requests"),
    14107: Code(RetryAfter, "too many messages"),
    21211: Code(Unreachable, "no phone number"),
    21214: Code(Unreachable, "the number cannot be reached"),
    21217: Code(Unreachable, "the number does not exist"),
    21265: Code(Unreachable, "a short code cannot be written to"),
    21407: Code(Unreachable, "the number takes no messages"),
    21408: Code(Refused, "messages to this country are not allowed in Twilio's console"),
    21421: Code(Unreachable, "the number is not valid"),
    21602: Code(Refused, "a message without words"),
    21610: Code(OptedOut, "the person has told Twilio to stop"),
    21611: Code(RetryAfter, "the queue of our number is full", 60.0),
    21612: Code(Unreachable, "no route from our number to this one"),
    21614: Code(Unreachable, "no mobile number"),
    21617: Code(Refused, "a message that is too long"),
    21703: Code(RetryAfter, "the messaging service has no phone number", REPAIR),
    21705: Code(RetryAfter, "there is no such messaging service", REPAIR),
    30001: Code(RetryAfter, "Twilio's queue is full", 60.0),
    30002: Code(RetryAfter, "the Twilio account is suspended", REPAIR),
    30003: Code(Unreachable, "the phone is switched off or unreachable"),
    30004: Code(Unreachable, "the person or the operator blocks our messages"),
    30005: Code(Unreachable, "the number is not in use"),
    30006: Code(Unreachable, "a landline, or an operator that takes no messages"),
    30007: Code(Refused, "an operator took the message for unwanted"),
    30022: Code(RetryAfter, "too many messages to this operator"),
}
"""By code. Those that only status callbacks bring (30003 and on) are here too: an address that a callback says to be
unreachable is told as such until its person writes again."""


def of_refusal(status: int, code: object) -> Code:
    """What an answer of 400 to 499 means, by its code where we know it."""
    if isinstance(code, int) and code in CODES:
        return CODES[code]
    if status == 401:
        return CODES[20003]
    if status == 408:
        return Code(RetryAfter, "Twilio did not get the whole request")
    return Code(Refused, "Twilio does not take the message")
