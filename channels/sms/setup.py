"""The set-up at Twilio: what its API can do is done, the rest is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from twilio.base.exceptions import TwilioRestException, TwilioServiceException  # type: ignore[import-untyped]

from channels.base import RetryAfter, SendError
from channels.kind import SetUpFailed, Step
from channels.sms.calls import Calls
from channels.sms.kind import SmsSettings
from channels.sms.making import account_of
from channels.sms.twilio import client
from channels.sms.webhooks import MESSAGES, STATUSES

_BUSY = "Twilio does not answer now. Try again in some minutes; if it goes on, look at https://status.twilio.com."


async def set_up(settings: SmsSettings, public_url: str) -> Sequence[Step]:
    """Set the messaging service's addresses; it can be run again. Raises ``SetUpFailed``."""
    base = public_url.rstrip("/")
    if urlsplit(base).scheme != "https" and settings.twilio_api_url is None:
        raise SetUpFailed(f"Twilio needs an address that begins with https, and NEUVO_PUBLIC_URL is {base}.")
    calls = Calls()
    try:
        numbers = await _told(settings, calls, base)
    finally:
        await calls.close()
    return _steps(settings, base, numbers)


async def _told(settings: SmsSettings, calls: Calls, base: str) -> int:
    """Set the addresses; gives how many numbers the service has, up to a few."""
    account = account_of(settings)
    service = client(account, calls).messaging.v1.services(account.service)
    try:
        await service.update_async(
            inbound_request_url=base + MESSAGES,
            inbound_method="POST",
            status_callback=base + STATUSES,
            use_inbound_webhook_on_number=False,
        )
        return len(await _numbers(service))
    except (TwilioRestException, TwilioServiceException) as error:
        raise SetUpFailed(_why(error)) from None
    except RetryAfter:
        raise SetUpFailed(_BUSY) from None
    except (SendError, ValueError, TypeError, AttributeError, KeyError) as error:
        where = settings.twilio_api_url or "Twilio"
        words = f"{where} answered with what Twilio does not say ({type(error).__name__}). Is a proxy in between?"
        raise SetUpFailed(words) from None


async def _numbers(service: Any) -> list[Any]:
    found: list[Any] = await service.phone_numbers.list_async(limit=1)
    return found


def _why(error: TwilioRestException | TwilioServiceException) -> str:
    if error.status in (401, 403):
        return (
            "Twilio does not take these credentials. Copy NEUVO_SMS_TWILIO_ACCOUNT_SID and NEUVO_SMS_TWILIO_AUTH_TOKEN "
            "again from the first page of Twilio's console."
        )
    if error.status == 404:
        return (
            "The account has no such messaging service. Copy NEUVO_SMS_TWILIO_SERVICE_SID from Twilio's console, "
            "Messaging, Services; make a service there if there is none."
        )
    return f"Twilio refused the set-up (status {error.status}, code {error.code}). See https://www.twilio.com/docs/api/errors."


def _steps(settings: SmsSettings, base: str, numbers: int) -> list[Step]:
    steps = [
        Step(done=True, words=f"Twilio brings citizens' messages to {base}{MESSAGES}."),
        Step(done=True, words=f"Twilio tells what became of ours at {base}{STATUSES}."),
    ]
    if not numbers:
        words = "Give the messaging service a phone number: Twilio's console, Messaging, Services, Sender Pool."
        steps.append(Step(done=False, words=words))
    words = (
        "Turn on Advanced Opt-Out: Twilio's console, Messaging, Services, Opt-Out Management. Twilio knows the English "
        "words itself. Add the Finnish and Swedish words of opt_out and opt_in in knowledge/commands.yaml, with "
        "answers in both languages. Without it Neuvo still obeys those words, but Twilio does not block on them."
    )
    steps.append(Step(done=False, words=words))
    if settings.sender == "city":
        words = "Ask the keepers of the city's notification service to allow NEUVO_SMS_CITY_SENDER for your token."
        steps.append(Step(done=False, words=words))
    return steps
