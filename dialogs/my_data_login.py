"""Strong login: a link from here to the browser, and a code from the page back into this conversation."""

from __future__ import annotations

from bot.messages import Link
from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.my_data_prompts import Code
from dialogs.my_data_words import way
from dialogs.services_mydata import Login
from dialogs.talk import Talk

TRIES = 5
ENDS = frozenset(("expired", "spent", "another"))


async def strong_login(talk: Talk, login: Login) -> None:
    """Give a link, take the code, and say whose the conversation is from now on: not by name, others may look on."""
    here = talk.edge.conversation
    if not await talk.call("here", MY_DATA_PRIVATE):
        return
    if not await talk.confirm("sure"):
        await talk.say("not_now")
        return
    try:
        page: str = await talk.do("begin", login.begin, here, talk.language)
        if not page:
            await talk.say("not_here")
            return
        for _ in talk.each("tries", range(TRIES)):
            code = await talk.ask("code", Code(), page=lambda _: page)
            became: str = await talk.do("finish", login.finish, here, code)
            if became == "linked":
                ways = [way(talk, "my_data"), way(talk, "data_uses"), way(talk, "my_channels")]
                await talk.say("linked", choices=ways, links=[_page(talk, page)])
                return
            await talk.say(became if became in ENDS or became == "early" else "wrong")
            if became in ENDS:
                return
    except EffectFailed:
        await talk.say("failed")
        return
    await talk.say("spent")


def _page(talk: Talk, page: str) -> Link:
    """The pages about one's own data, which are where the link led."""
    return Link(talk.voice.text("my_data.page"), page.split("/my/", maxsplit=1)[0] + "/my/data")


STRONG_LOGIN = dialog(strong_login)
