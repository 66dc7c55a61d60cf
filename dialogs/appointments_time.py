"""One free time out of a few; more of them, or those of another day."""

from __future__ import annotations

from bot.messages import JSON
from dialogs.appointments_prompts import MORE, From, Times
from dialogs.appointments_words import time_options
from dialogs.dialog import dialog
from dialogs.guidance import links
from dialogs.services import Appointments, FreeTime, ServiceUnavailable, Topics
from dialogs.speech import Option, Spoken
from dialogs.talk import Talk

PAGES = 30
"""Pages that are turned before the dialog ends."""
BOOKING = "health_booking"
"""The topic that tells how else a time is booked."""


async def appointment_time(talk: Talk, appointments: Appointments, topics: Topics, *, kind: str, label: Spoken) -> JSON:
    """The time that was chosen; ``None`` where there is none, which has been said."""
    begun = talk.now("begun").isoformat()
    moment = talk.given("first", From()) or begun
    seen: list[FreeTime] = []
    for _ in talk.each("page", range(PAGES)):
        same = [time["id"] for time in seen if time["starts"] == moment]
        try:
            times: list[FreeTime] = await talk.read("free", appointments.free, kind, moment, same)
        except ServiceUnavailable:
            await talk.say("unavailable", links=links(talk, topics, BOOKING))
            return None
        if not times and moment == begun:
            await talk.say("none", links=links(talk, topics, BOOKING), kind=label)
            return None
        options = (*time_options(times, talk.edge), *((Option(MORE, "appointment_time.more"),) if times else ()))
        prompt = Times(options, talk.voice.label, None, tuple(times))
        chosen = await (talk.ask("time", prompt, kind=label) if times else talk.ask("no_more", prompt, kind=label))
        if "time" in chosen:
            return next(time for time in times if time["id"] == chosen["time"])
        if "from" in chosen:
            moment, seen = chosen["from"], []
        else:
            moment, seen = times[-1]["starts"], [*seen, *times]
    return None


APPOINTMENT_TIME = dialog(appointment_time)
