"""Whether a webhook is Twilio's: the signature over our public address and the form's own pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from multidict import MultiDict
from twilio.request_validator import (  # type: ignore[import-untyped]
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

ALGORITHMS = frozenset({HMAC_SHA1, HMAC_SHA256})


class Signatures:
    """The secrets that sign: the account's token, and while they change hands, the other ones too."""

    def __init__(self, public_url: str, secrets: Sequence[str]) -> None:
        """``public_url`` is where Twilio reaches us; a request's own idea of it is a proxy's or a stranger's."""
        self._public_url = public_url.rstrip("/")
        self._validators = [RequestValidator(secret) for secret in secrets]

    def genuine(self, path: str, pairs: MultiDict[str], headers: Mapping[str, str]) -> bool:
        """Whether one of the secrets signed this. ``path`` is as it came, with its query; ``pairs`` are as decoded."""
        signature = headers.get(SIGNATURE_HEADER, "")
        algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER)).upper()
        if not signature or algorithm not in ALGORITHMS:  # the library would log the name
            return False
        url = self._public_url + path
        try:
            # All of them, so that the time tells nothing of which it was.
            found = [validator.validate(url, pairs, signature, algorithm) for validator in self._validators]
        except ValueError:  # an address that cannot be taken apart
            return False
        return any(found)
