"""Who calls: the token of a request, checked by Microsoft's library, with every bad one turned away alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
from botbuilder.integration.aiohttp import (  # type: ignore[import-untyped]
    ConfigurationBotFrameworkAuthentication,
)
from botbuilder.schema import Activity  # type: ignore[import-untyped]
from botframework.connector.auth import (  # type: ignore[import-untyped]
    JwtTokenExtractor,
    ServiceClientCredentialsFactory,
)

from channels.teams.keys import KeysAway, SigningKeys

CHANNEL = "msteams"
LONGEST_HEADER = 16_000


class Forged(Exception):
    """The request does not come from Microsoft, or is for another bot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who signs requests (``metadata_url``, ``issuer``) and whom they are for."""

    app_id: str
    metadata_url: str
    issuer: str
    login_url: str
    scope: str


class _OneApp(ServiceClientCredentialsFactory):  # type: ignore[misc]
    """What the library asks about our app. It gets no credentials, since its own fetch a token with each turn."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id

    async def is_valid_app_id(self, app_id: str) -> bool:
        return app_id == self._app_id

    async def is_authentication_disabled(self) -> bool:
        return False

    async def create_credentials(self, *_: Any) -> Any:
        raise NotImplementedError


class Gate:
    """Lets in what Microsoft has signed for this bot."""

    def __init__(self, authority: Authority, http: Callable[[], aiohttp.ClientSession]) -> None:
        self._authority = authority
        # Tokens of the emulator and of other bots are looked at as well; the same keys stand in for theirs, since
        # nothing of the kind is let in below.
        JwtTokenExtractor.metadataCache[authority.metadata_url] = SigningKeys(authority.metadata_url, http)
        configuration = SimpleNamespace(
            VALIDATE_AUTHORITY=True,
            TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL=authority.metadata_url,
            TO_BOT_FROM_EMULATOR_OPENID_METADATA_URL=authority.metadata_url,
            TO_BOT_FROM_CHANNEL_TOKEN_ISSUER=authority.issuer,
            TO_CHANNEL_FROM_BOT_LOGIN_URL=authority.login_url,
            TO_CHANNEL_FROM_BOT_OAUTH_SCOPE=authority.scope,
        )
        self._library = ConfigurationBotFrameworkAuthentication(
            configuration, credentials_factory=_OneApp(authority.app_id)
        )

    async def service_url(self, header: str | None) -> str:
        """The service URL that a request's token was made for. Raises ``Forged`` or ``KeysAway``."""
        if not header or len(header) > LONGEST_HEADER:
            raise Forged
        try:
            # Without a service URL the library leaves that claim to us: the body is not read before this.
            result = await self._library.authenticate_request(Activity(channel_id=CHANNEL), header)
            claims = result.claims_identity.claims
        except KeysAway:
            raise
        except Exception as error:  # it raises a dozen kinds for bad tokens, plain ``Exception`` among them
            raise Forged from error
        url = claims.get("serviceurl")
        if claims.get("iss") != self._authority.issuer or not isinstance(url, str) or not url:
            raise Forged
        return url
