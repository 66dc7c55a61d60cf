"""A stand-in of the city's services in their real shapes, with invented data that says so, for ``neuvo dev``."""

from __future__ import annotations

from aiohttp import web

from knowledge.sandbox import dates, fhir, hauki, linkedevents, open311

__all__ = ["FEEDS", "application"]

FEEDS = ("waste", "streets", "snow", "loans", "applications")
"""The names of the dates under ``/dates``."""


def application() -> web.Application:
    """Hauki under ``/hauki``, Open311 under ``/open311``, events under ``/linkedevents``, FHIR R4 under ``/fhir``,
    dates that can be ordered under ``/dates``.
    """
    app = web.Application()
    app.add_subapp("/hauki", hauki.application())
    app.add_subapp("/open311", open311.application())
    app.add_subapp("/linkedevents", linkedevents.application())
    app.add_subapp("/fhir", fhir.application())
    app.add_subapp("/dates", dates.application())
    return app
