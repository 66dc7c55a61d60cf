"""Which appointment is meant: one that was booked in this conversation, or one whose code is known."""

from __future__ import annotations

from bot.messages import JSON
from dialogs.appointments_prompts import Known, Own
from dialogs.appointments_time import BOOKING
from dialogs.appointments_words import own_options, to_come
from dialogs.dialog import dialog
from dialogs.guidance import links
from dialogs.services import Appointment, Appointments, ServiceUnavailable, Topics
from dialogs.talk import Talk

MOST = 8
"""So many of the newest ones are offered."""


async def appointment_which(talk: Talk, appointments: Appointments, topics: Topics) -> JSON:
    """The appointment; ``None`` where there is none that can be changed, which has been said."""
    asked = talk.now("asked")
    own: list[Appointment] = []
    try:
        for number in talk.each("own", talk.given("known", Known())[-MOST:]):
            own.append(await talk.read("found", appointments.find, number))
        own = [found for found in own if found["known"] and to_come(found, asked)]
        prompt = Own(own_options(own, talk.edge), talk.voice.label, None, tuple(own))
        number = await (talk.ask("which", prompt) if own else talk.ask("code", prompt))
        meant: Appointment = await talk.read("meant", appointments.find, number)
    except ServiceUnavailable:
        await talk.say("unavailable", links=links(talk, topics, BOOKING))
        return None
    if not meant["known"]:
        await talk.say("unknown", number=number)
        return None
    if not to_come(meant, asked):
        await talk.say("over", number=number)
        return None
    return dict(meant)


APPOINTMENT_WHICH = dialog(appointment_which)
