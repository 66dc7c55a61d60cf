"""My channels: where the city knows me from, confirm another one, part one of them from me."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.my_data_phone import PHONE_CONFIRM
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.my_data_words import link_words, moment_words, way
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import Held, Linked, MyData
from dialogs.speech import ByLanguage, Option, Spoken, Voice
from dialogs.talk import Talk

PHONE, NOTHING = "phone", "nothing"


async def my_channels(talk: Talk, mydata: MyData) -> None:
    """Tell the channels, and what can be done about them."""
    here = talk.edge.conversation
    if not await talk.call("here", MY_DATA_PRIVATE):
        return
    try:
        links: list[Linked] = await talk.read("links", mydata.links, here)
        held: Held = await talk.read("held", mydata.held, here)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return
    options = [Option(PHONE, "my_channels.what_phone")]
    if held["linked"]:
        options += [Option(link["id"], _unlink_words(talk, link)) for link in links]
    options.append(Option(NOTHING, "my_channels.what_nothing"))
    chosen = await talk.choose("what", options, channels=_lines(talk, links))
    if chosen == PHONE:
        await talk.call("confirm", PHONE_CONFIRM)
    elif chosen == NOTHING:
        await talk.say("left")
    else:
        meant = next(link for link in links if link["id"] == chosen)
        await _unlink(talk, mydata, meant, may=meant["here"] or held["fresh"])


async def _unlink(talk: Talk, mydata: MyData, meant: Linked, *, may: bool) -> None:
    """Part a channel. Another one than this only after a login: one telephone does not cut off the other."""
    name = link_words(meant, talk.edge)
    if not may:
        await talk.say("needs_login", choices=[way(talk, "strong_login")], channel=name)
        return
    if not await talk.confirm("sure", channel=name):
        await talk.say("kept", channel=name)
        return
    try:
        done: bool = await talk.do("unlink", mydata.unlink, talk.edge.conversation, meant["id"])
    except EffectFailed:
        done = False
    await talk.say("done" if done else "failed", channel=name)


def _unlink_words(talk: Talk, link: Linked) -> ByLanguage:
    def words(language: str) -> str:
        voice = Voice(talk.edge.texts, language)
        return voice.text("my_channels.what_unlink", {"channel": link_words(link, talk.edge).words(language)})

    return words


def _lines(talk: Talk, links: list[Linked]) -> Spoken:
    """A line each."""

    def words(language: str) -> str:
        voice = Voice(talk.edge.texts, language)
        return "\n".join(
            voice.text(
                f"my_channels.line_{link['level']}",
                {
                    "channel": link_words(link, talk.edge).words(language),
                    "since": moment_words(link["since"], talk.edge).words(language),
                },
            )
            for link in links
        )

    return Spoken([link["id"] for link in links], words)


MY_CHANNELS = dialog(my_channels)
