"""Confirm a telephone number: a code by text message, and the code back into this conversation."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.my_data_prompts import Code
from dialogs.my_data_words import way
from dialogs.prompt_entities import Phone
from dialogs.services_mydata import Login
from dialogs.speech import Spoken
from dialogs.talk import Talk

TRIES = 5
ENDS = frozenset(("spent", "none", "another"))
NOT_SENT = frozenset(("limited", "stopped", "not_here"))
_SHOWN = 2
"""So many of a number's last digits are said: enough to see a slip, too few to learn a number by."""


async def phone_confirm(talk: Talk, login: Login) -> None:
    """Ask for the number (on SMS it is the one that is written from), send a code to it, and take it back."""
    here, own = talk.edge.conversation, talk.edge.channel == "sms"
    if not await talk.call("here", MY_DATA_PRIVATE):
        return
    phone: str = "" if own else await talk.ask("phone", Phone())
    ending = phone[-_SHOWN:]
    # Only a sign that stands for the number is kept beside the yes.
    if not await talk.confirm("send_own" if own else "send", ending=Spoken(phone, lambda _: ending)):
        await talk.say("not_sent")
        return
    try:
        sent: str = await talk.do("sending", login.send, here, phone, talk.language)
        if sent != "sent":
            await talk.say(sent if sent in NOT_SENT else "failed")
            return
        for _ in talk.each("tries", range(TRIES)):
            code = await talk.ask("code", Code())
            became: str = await talk.do("check", login.check, here, code)
            if became == "right":
                await talk.say("confirmed", choices=[way(talk, "my_channels")])
                return
            await talk.say(became if became in ENDS else "wrong")
            if became in ENDS:
                return
    except EffectFailed:
        await talk.say("failed")
        return
    await talk.say("spent")


PHONE_CONFIRM = dialog(phone_confirm)
