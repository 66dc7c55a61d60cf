"""The pages of a FHIR search, followed on the same server alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from knowledge.appointments_fhir import following
from knowledge.http import JsonSource

_MOST = 5
"""Pages of a search that are read."""


async def pages(server: JsonSource, base: str, path: str, wish: Mapping[str, str]) -> AsyncIterator[Any]:
    """Each Bundle of a search. ``base`` is the address that a page's must begin with. Raises ``SourceUnavailable``."""
    here: str | None = path
    for _ in range(_MOST):
        if here is None:
            return
        bundle = await server.get(here, wish)
        yield bundle
        here, wish = _behind(base, following(bundle)), {}


def _behind(base: str, url: str | None) -> str | None:
    """What of a page's address stands behind our base; ``None`` where it leads elsewhere."""
    fine = url is not None and url.startswith((f"{base}/", f"{base}?"))
    return url.removeprefix(base) if url is not None and fine else None
