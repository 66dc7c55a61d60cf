"""Teams as one of the house's channels: its settings, how it is made, and how it is set up in a tenant."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

import aiohttp
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode, SettingsConfigDict

from channels.base import Channel, RetryAfter
from channels.kind import ChannelSettings, House, Kind, SetUpFailed, Step, comma_parts
from channels.teams.hosts import FILE_HOSTS, SERVICE_HOSTS, Hosts, is_loopback
from channels.teams.tokens import BotToken, Credentials, Rejected

PATH = "/teams/messages"

_GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)


def _guid(value: str) -> str:
    if not _GUID.fullmatch(value):
        raise ValueError("it is no id such as 12345678-90ab-cdef-1234-567890abcdef")
    return value.lower()


def _tenant(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+", value):
        raise ValueError("it is no id or domain of a tenant")
    return value


def _secure(value: str) -> str:
    """An address that is safe on the way; without TLS on this machine alone."""
    parts = urlsplit(value)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise ValueError("it is no https address")
    return value.rstrip("/")


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("a host is a name such as smba.trafficmanager.net or *.example.com")
    return value.lower()


Url = Annotated[str, AfterValidator(_secure)]
HostNames = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], NoDecode, BeforeValidator(comma_parts)]


class TeamsSettings(ChannelSettings):
    """What the operator sets. Addresses other than Microsoft's public cloud are for its sovereign clouds."""

    model_config = SettingsConfigDict(env_prefix="NEUVO_TEAMS_")
    needed: ClassVar[tuple[str, ...]] = ("app_id", "app_password", "tenant_id")

    app_id: Annotated[str, AfterValidator(_guid)] | None = Field(
        default=None, description="Copy the Microsoft App ID of the Azure Bot (Configuration)"
    )
    app_password: SecretStr | None = Field(
        default=None, description="Make a client secret for the app in Microsoft Entra ID and copy its value"
    )
    tenant_id: Annotated[str, AfterValidator(_tenant)] | None = Field(
        default=None, description="Copy the App Tenant ID of the Azure Bot (Configuration)"
    )
    app_name: str = Field(default="Neuvo", min_length=1, max_length=30, description="Write the bot's name in Teams")
    publisher: str = Field(
        default="Neuvo", min_length=1, max_length=32, description="Write who offers the bot, such as the city's name"
    )
    privacy_url: Url | None = Field(default=None, description="Write the address of the privacy notice")
    terms_url: Url | None = Field(default=None, description="Write the address of the terms of use")
    package: Path = Field(
        default=Path("var/neuvo-teams.zip"), description="Name the file that the app package is written to"
    )
    openid_url: Url = Field(
        default="https://login.botframework.com/v1/.well-known/openidconfiguration",
        description="Write the address of the cloud's OpenID metadata",
    )
    token_issuer: str = Field(
        default="https://api.botframework.com", description="Write the issuer of the tokens that the cloud sends"
    )
    login_url: Url = Field(
        default="https://login.microsoftonline.com", description="Write the address of the cloud's login"
    )
    token_scope: str = Field(
        default="https://api.botframework.com/.default", description="Write what our token is for in this cloud"
    )
    service_hosts: HostNames = Field(
        default=SERVICE_HOSTS, description="Write the connector's hosts with commas between"
    )
    file_hosts: HostNames = Field(
        default=FILE_HOSTS, description="Write the hosts of files in chats with commas between"
    )
    anonymous: bool = Field(
        default=False, description="Write true only to try a playground on this machine with `neuvo dev`"
    )


def credentials_of(settings: TeamsSettings) -> Credentials:
    """What our token is fetched with."""
    return Credentials(
        app_id=settings.app_id or "",
        password=settings.app_password.get_secret_value() if settings.app_password is not None else "",
        url=f"{settings.login_url}/{settings.tenant_id}/oauth2/v2.0/token",
        scope=settings.token_scope,
    )


def make(settings: TeamsSettings, house: House) -> Channel:
    """The channel. Raises ``SetUpFailed`` when it would be open to all."""
    from channels.teams.channel import Teams  # noqa: PLC0415  the library is slow to load
    from channels.teams.gate import Authority  # noqa: PLC0415
    from channels.teams.outbound import Look  # noqa: PLC0415

    if settings.anonymous and not house.development:
        raise SetUpFailed("NEUVO_TEAMS_ANONYMOUS lets programs in without a token: it is for `neuvo dev` alone")
    credentials = credentials_of(settings)
    return Teams(
        house.pool,
        house.codec,
        authority=Authority(
            app_id=credentials.app_id,
            metadata_url=settings.openid_url,
            issuer=settings.token_issuer,
            login_url=credentials.url,
            scope=settings.token_scope,
        ),
        credentials=credentials,
        hosts=Hosts(
            service=settings.service_hosts,
            files=settings.file_hosts,
            development=house.development,
            anonymous=settings.anonymous,
        ),
        peer=house.peer,
        welcome=house.welcome_payload,
        look=Look(texts=house.texts, echo=not settings.anonymous),
        languages=house.languages,
    )


async def connect(settings: TeamsSettings, public_url: str) -> Sequence[Step]:
    """Try the credentials, write the app package and say what only a person can do. Raises ``SetUpFailed``."""
    from channels.teams.package import AppWords, app_package  # noqa: PLC0415

    if urlsplit(public_url).scheme != "https":
        raise SetUpFailed(
            "Teams calls https addresses only: set NEUVO_PUBLIC_URL to one, such as https://chat.example.fi"
        )
    await _try(settings)
    package = app_package(
        AppWords(
            app_id=settings.app_id or "",
            name=settings.app_name,
            publisher=settings.publisher,
            website=public_url,
            privacy=settings.privacy_url or public_url,
            terms=settings.terms_url or public_url,
        )
    )
    try:
        await asyncio.to_thread(_write, settings.package, package)
    except OSError as error:
        raise SetUpFailed(
            f"the app package cannot be written to {settings.package} ({error.strerror}): "
            "name another file with NEUVO_TEAMS_PACKAGE"
        ) from None
    return (
        Step(done=True, words="Microsoft gave a token for the app's id and password"),
        Step(done=True, words=f"The app package is in {settings.package}"),
        Step(
            done=False,
            words=f"Azure portal, your Azure Bot, Configuration: set Messaging endpoint to {public_url}{PATH}; Apply",
        ),
        Step(done=False, words="Azure portal, your Azure Bot, Channels: add Microsoft Teams, and accept its terms"),
        Step(
            done=False,
            words=f"Teams admin center, Teams apps, Manage apps, Upload new app: choose {settings.package}",
        ),
        Step(done=False, words="Teams admin center, Setup policies or the app's page: let the people have it"),
        Step(done=False, words="Teams: open the app, and write to it"),
    )


async def _try(settings: TeamsSettings) -> None:
    """Fetch a token with the credentials."""
    async with aiohttp.ClientSession() as session:
        try:
            await BotToken(credentials_of(settings), lambda: session).get()
        except Rejected:
            raise SetUpFailed(
                "Microsoft turned the app away: check NEUVO_TEAMS_APP_ID, NEUVO_TEAMS_TENANT_ID and that the client "
                "secret in NEUVO_TEAMS_APP_PASSWORD is its value (not its id) and has not expired"
            ) from None
        except RetryAfter:
            raise SetUpFailed(
                f"no token came from {urlsplit(settings.login_url).hostname}: check the connection and try again"
            ) from None


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


KIND = Kind(name="teams", settings=TeamsSettings, make=make, connect=connect)
