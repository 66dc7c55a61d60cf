"""Moments and spans as staff read them: in the city's time zone, in each language's own way of writing."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_FORMS = {"fi": ("{d}.{m}.{y}", "klo {h}.{n}"), "sv": ("{d}.{m}.{y}", "kl. {h}.{n}"), "en": ("{d}/{m}/{y}", "{h}:{n}")}


def moment(at: datetime, language: str, zone: ZoneInfo, now: datetime) -> str:
    """A moment (aware, of any zone): its time, and its day where that is not today's."""
    local = at.astimezone(zone)
    day, clock = _FORMS.get(language, _FORMS["en"])
    form = clock if local.date() == now.astimezone(zone).date() else f"{day} {clock}"
    return form.format(d=local.day, m=local.month, y=local.year, h=local.hour, n=f"{local.minute:02}")


def span(length: timedelta) -> str:
    """A length of time as ``3 min`` or ``2 h 5 min``, which all three languages write so."""
    minutes = max(0, int(length.total_seconds() // 60))
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"
