"""The web chat among the channels of the house: its settings, and how it is made. No provider is behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode, SettingsConfigDict

from bot.secret_file import SHORTEST, kept_secret
from channels.kind import ChannelSettings, House, Kind, comma_parts

if TYPE_CHECKING:
    from channels.webchat.channel import WebChat

ANY = "*"


def _secret(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < SHORTEST:
        raise ValueError(f"it has fewer than {SHORTEST} characters")
    return value


def _origin(value: str) -> str:
    if value == ANY:
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it is no http or https address")
    if parts.path.rstrip("/") or parts.query:
        raise ValueError("an origin has no path")
    return value.rstrip("/")


Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(comma_parts)]


class WebchatSettings(ChannelSettings):
    """Variables that begin with ``NEUVO_WEBCHAT_``. The web chat is always on: the page is how a city meets Neuvo."""

    model_config = SettingsConfigDict(env_prefix="NEUVO_WEBCHAT_")
    needed: ClassVar[tuple[str, ...]] = ("secret",)
    made_in_development: ClassVar[tuple[str, ...]] = ("secret",)

    secret: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(
        default=None,
        description="Make one with `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`",
    )
    origins: Origins = Field(
        default=(), description="Write origins with commas between, such as https://www.example.fi"
    )

    @property
    def on(self) -> bool:
        """Always."""
        return True

    @property
    def needs_public_url(self) -> bool:
        """On this machine alone it is reached at the address that it listens on."""
        return False


def make(settings: WebchatSettings, house: House) -> WebChat:
    """The channel. Without a secret, which ``missing`` tells, it makes one for this machine; for development alone.

    Raises ``bot.secret_file.UnusableSecret``, and ``ValueError`` without a secret outside development.
    """
    from channels.webchat.channel import WebChat  # noqa: PLC0415  the rest is imported when the channel is made
    from channels.webchat.outbound import Look  # noqa: PLC0415
    from channels.webchat.pages import PageWords  # noqa: PLC0415
    from channels.webchat.parts import Manner  # noqa: PLC0415

    if settings.secret is not None:
        secret = settings.secret.get_secret_value()
    elif house.development:
        secret = kept_secret(house.var_dir, "webchat")
    else:
        raise ValueError("NEUVO_WEBCHAT_SECRET is not set")
    return WebChat(
        house.pool,
        house.codec,
        secret,
        public_url=house.public_url,
        origins=settings.origins,
        development=house.development,
        listen_url=house.listen_url,
        look=Look(
            name=house.texts("webchat.name", house.languages[0]),
            texts=house.texts,
        ),
        words={language: PageWords.of(house.texts, language) for language in house.languages},
        manner=Manner(
            peer=house.peer,
            urgent=house.urgent,
            welcome=house.welcome_payload or None,
            languages=house.languages,
            erase=house.erase,
        ),
    )


KIND = Kind(name="webchat", settings=WebchatSettings, make=make)
