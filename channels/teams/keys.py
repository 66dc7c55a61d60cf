"""The keys that Microsoft signs its requests with: kept, and fetched without holding up anything else.

The library fetches them with a blocking call and forgets what it was asked for while it waits; an object of this class
takes the place of its own in its cache.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from jwt.algorithms import RSAAlgorithm

logger = structlog.stdlib.get_logger("teams")

FRESH = 24 * 3600.0
"""Seconds after which keys are fetched again, as Microsoft asks."""
USABLE = 5 * 24 * 3600.0
"""Seconds for which the last keys serve while none can be fetched."""
UNKNOWN = 300.0
"""Seconds between two fetches for keys that were not among the last ones: forged requests name such keys."""
PAUSE = 5.0
"""Seconds until a fetch that failed is tried again."""
PATIENCE = aiohttp.ClientTimeout(total=5)


class KeysAway(Exception):
    """The keys cannot be had now; nothing is known about the request."""


class UnknownKey(Exception):
    """The request names a key that its signer does not have."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, in the shape that the library reads."""

    public_key: Any
    endorsements: tuple[str, ...]


class SigningKeys:
    """The keys behind one address of OpenID metadata."""

    def __init__(self, url: str, http: Callable[[], aiohttp.ClientSession]) -> None:
        self._url = url
        self._http = http
        self._keys: Mapping[str, Key] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._one = asyncio.Lock()

    async def get(self, key_id: object) -> Key:
        """The key of an id; the library calls it. Raises ``KeysAway`` or ``UnknownKey``."""
        if not isinstance(key_id, str):
            raise UnknownKey
        if self._age() > FRESH or (key_id not in self._keys and self._age() > UNKNOWN):
            await self._refresh()
        if self._age() > USABLE:
            raise KeysAway
        if key_id not in self._keys:
            raise UnknownKey
        return self._keys[key_id]

    def _age(self) -> float:
        return time.monotonic() - self._fetched

    async def _refresh(self) -> None:
        """Fetch once for all who wait."""
        asked = time.monotonic()
        async with self._one:
            if self._fetched >= asked or time.monotonic() - self._tried < PAUSE:
                return
            try:
                self._keys = await self._fetch()
                self._fetched = time.monotonic()
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
                self._tried = time.monotonic()
                logger.warning("signing_keys_not_fetched", reason=type(error).__name__)

    async def _fetch(self) -> Mapping[str, Key]:
        metadata = await self._json(self._url)
        found = await self._json(metadata["jwks_uri"])
        return {
            key["kid"]: Key(RSAAlgorithm.from_jwk(json.dumps(key)), tuple(key.get("endorsements") or ()))
            for key in found["keys"]
            if key.get("kty") == "RSA"
        }

    async def _json(self, url: str) -> Any:
        async with self._http().get(url, timeout=PATIENCE, allow_redirects=False) as response:
            response.raise_for_status()
            return await response.json(content_type=None)
