"""What do you know about me: counts of this conversation, and the way to everything."""

from __future__ import annotations

from bot.messages import Link
from dialogs.dialog import dialog
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.my_data_words import channel_words, moment_words, way
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import Held, MyData
from dialogs.talk import Talk


async def my_data(talk: Talk, mydata: MyData) -> None:
    """Say what there is of this conversation. Nothing of other channels is told: anybody may hold the telephone."""
    if not await talk.call("here", MY_DATA_PRIVATE):
        return
    try:
        held: Held = await talk.read("held", mydata.held, talk.edge.conversation)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return
    links = [Link(talk.voice.text("my_data.page"), held["pages"])] if held["linked"] and held["pages"] else []
    ways = [way(talk, "data_uses"), way(talk, "my_consents"), way(talk, "my_data_delete")]
    await talk.say(
        "linked" if held["linked"] else "summary",
        links=links,
        choices=ways if held["linked"] else [way(talk, "strong_login"), *ways],
        channel=channel_words(held["channel"], "", talk.edge),
        since=moment_words(held["since"], talk.edge),
        messages=held["messages"],
        answers=held["answers"],
        pictures=held["pictures"],
        services=held["services"],
        notes=held["notes"],
    )


MY_DATA = dialog(my_data)
