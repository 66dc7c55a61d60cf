"""What makes Telegram one of the house."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from channels.base import Channel
from channels.kind import ChannelSettings, House, Kind, Step

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


def _usable(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None and not _SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("Telegram takes 16 to 256 letters, digits, _ and -")
    return secret


class TelegramSettings(ChannelSettings):
    """``NEUVO_TELEGRAM_…``."""

    model_config = SettingsConfigDict(env_prefix="NEUVO_TELEGRAM_")
    needed: ClassVar[tuple[str, ...]] = ("token", "secret")

    token: SecretStr | None = Field(default=None, description="Copy the token that @BotFather gave for the bot")
    secret: Annotated[SecretStr | None, AfterValidator(_usable)] = Field(
        default=None,
        description="Make one up (16 to 256 letters, digits, _ and -), then run `neuvo channels connect telegram`",
    )
    polling: bool = Field(default=False, description="Set it to true to try the bot without a public address")
    api_url: str = Field(
        default="https://api.telegram.org", description="The address of a Bot API server, if not Telegram's"
    )

    @property
    def on(self) -> bool:
        """Whether the operator wants this channel: polling, too, says so."""
        return self.polling or super().on

    @property
    def needs_public_url(self) -> bool:
        """Polling asks; the webhook is called."""
        return not self.polling

    def missing(self) -> tuple[str, ...]:
        """The fields that a wanted channel lacks; polling needs no secret."""
        lacking = tuple(name for name in self.needed if getattr(self, name) is None) if self.on else ()
        return tuple(name for name in lacking if name != "secret" or not self.polling)


def _secret(settings: TelegramSettings) -> str | None:
    """What Telegram shows at the webhook, where there is one."""
    return None if settings.polling or settings.secret is None else settings.secret.get_secret_value()


def _token(settings: TelegramSettings) -> str:
    return settings.token.get_secret_value() if settings.token is not None else ""


def make(settings: TelegramSettings, house: House) -> Channel:
    """The channel. Make it where the event loop runs."""
    from channels.telegram.channel import Telegram  # noqa: PLC0415  the library is for who has the channel on
    from channels.telegram.client import Client  # noqa: PLC0415  the library is for who has the channel on

    return Telegram(Client(_token(settings), settings.api_url), house, secret=_secret(settings))


async def connect(settings: TelegramSettings, public_url: str) -> Sequence[Step]:
    """Register the webhook and the commands. Raises ``SetUpFailed``."""
    from channels.telegram.client import Client  # noqa: PLC0415  the library is for who has the channel on
    from channels.telegram.setup import set_up  # noqa: PLC0415  the library is for who has the channel on

    return await set_up(Client(_token(settings), settings.api_url), public_url, _secret(settings))


KIND = Kind(name="telegram", settings=TelegramSettings, make=make, connect=connect)
