"""The channel, put together of its settings."""

from __future__ import annotations

from channels.kind import House
from channels.sms.calls import Calls
from channels.sms.channel import Sender, Sms
from channels.sms.city import CityService
from channels.sms.kind import SmsSettings
from channels.sms.media import Media
from channels.sms.signature import Signatures
from channels.sms.twilio import Account, Twilio
from channels.sms.webhooks import STATUSES


def account_of(settings: SmsSettings) -> Account:
    """The account of settings that lack nothing."""
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None or settings.twilio_service_sid is None:
        raise ValueError("the channel lacks settings")
    return Account(
        sid=settings.twilio_account_sid,
        token=settings.twilio_auth_token.get_secret_value(),
        service=settings.twilio_service_sid,
        api_url=settings.twilio_api_url,
    )


def made(settings: SmsSettings, house: House) -> Sms:
    """The channel of settings that are on and lack nothing."""
    account, calls = account_of(settings), Calls()
    return Sms(
        sender=_sender(settings, account, calls, house.public_url),
        signatures=Signatures(house.public_url, settings.secrets),
        media=Media(account.sid, account.token, calls, api_url=account.api_url),
        calls=calls,
        urgent=house.urgent,
    )


def _sender(settings: SmsSettings, account: Account, calls: Calls, public_url: str) -> Sender:
    if settings.sender == "twilio":
        return Twilio(account, calls, status_url=public_url.rstrip("/") + STATUSES)
    if settings.city_url is None or settings.city_token is None or settings.city_sender is None:
        raise ValueError("the channel lacks settings of the city's service")
    return CityService(settings.city_url, settings.city_token.get_secret_value(), settings.city_sender, calls)
