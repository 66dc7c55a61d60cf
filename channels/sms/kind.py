"""Text messages as one of the house's channels: the settings, how it is made, and the set-up at Twilio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from channels.base import Channel
from channels.kind import ChannelSettings, House, Kind, Step

SHORTEST = 16
"""Characters of a secret that signs."""
_URL = r"^https?://[^\s/]+(/[^\s]*)?$"


def _signing(secrets: SecretStr) -> SecretStr:
    """Whoever knows one of them can write in any citizen's name: none may be a word that somebody guesses."""
    if any(0 < len(each.strip()) < SHORTEST for each in secrets.get_secret_value().split(",")):
        raise ValueError(f"one of them has fewer than {SHORTEST} characters")
    return secrets


class SmsSettings(ChannelSettings):
    """Variables ``NEUVO_SMS_…``.

    Citizens' messages always come by Twilio, so that its three variables are needed in any case. ``sender`` says who
    sends ours: Twilio, unless it is ``city``, whatever else is set. Nothing falls over from one to the other, since a
    citizen would then be written to from two numbers, only one of which knows of a STOP.
    """

    model_config = SettingsConfigDict(env_prefix="NEUVO_SMS_")
    needed: ClassVar[tuple[str, ...]] = ("twilio_account_sid", "twilio_auth_token", "twilio_service_sid")

    twilio_account_sid: str | None = Field(
        default=None,
        pattern=r"^AC[0-9a-fA-F]{32}$",
        description="Copy the account SID (AC and 32 digits) from the first page of Twilio's console",
    )
    twilio_auth_token: SecretStr | None = Field(
        default=None, min_length=SHORTEST, description="Copy the auth token from the first page of Twilio's console"
    )
    twilio_service_sid: str | None = Field(
        default=None,
        pattern=r"^MG[0-9a-fA-F]{32}$",
        description="Copy the SID (MG and 32 digits) of the messaging service from Twilio's console, Messaging",
    )
    twilio_api_url: str | None = Field(
        default=None,
        pattern=_URL,
        description="Leave it unset; tests and proxies set an address that stands in for Twilio's",
    )
    twilio_signing_secrets: Annotated[SecretStr, AfterValidator(_signing)] | None = Field(
        default=None,
        description="While the auth token changes, give the other one too, or a signing key's secret; commas between",
    )
    sender: Literal["twilio", "city"] = Field(
        default="twilio", description="Write twilio, or city for the city's own service"
    )
    number: str | None = Field(
        default=None,
        pattern=r"^\+?[0-9 ]{3,20}$",
        description="Write the number that citizens write to, as they know it: to it they send START",
    )
    city_url: str | None = Field(
        default=None,
        pattern=_URL,
        description="Give the address of the city's notification service with its version, …/v1",
    )
    city_token: SecretStr | None = Field(default=None, description="Ask the notification service's keepers for a token")
    city_sender: str | None = Field(
        default=None,
        pattern=r"^(\+[1-9][0-9]{6,14}|[A-Za-z0-9 .&_-]{1,11})$",
        description="Give the number that citizens can answer: Twilio's; to a name nobody can write STOP",
    )

    def missing(self) -> tuple[str, ...]:
        """The fields that a wanted channel lacks; with the city's service for sender, its fields too."""
        needed = ("city_url", "city_token", "city_sender") if self.on and self.sender == "city" else ()
        return (*super().missing(), *(name for name in needed if getattr(self, name) is None))

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may have signed a webhook."""
        others = _secret(self.twilio_signing_secrets).split(",")
        return tuple(dict.fromkeys(filter(None, (_secret(self.twilio_auth_token), *(each.strip() for each in others)))))


def make(settings: SmsSettings, house: House) -> Channel:
    """The channel."""
    from channels.sms.making import made  # noqa: PLC0415  Twilio's library is imported when it is used

    return made(settings, house)


async def connect(settings: SmsSettings, public_url: str) -> Sequence[Step]:
    """Tell Twilio's messaging service our two addresses. Raises ``SetUpFailed``."""
    from channels.sms.setup import set_up  # noqa: PLC0415  as above

    return await set_up(settings, public_url)


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()


KIND = Kind(name="sms", settings=SmsSettings, make=make, connect=connect)
