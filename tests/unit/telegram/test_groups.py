"""In groups: who is answered, and how."""

from __future__ import annotations

from typing import Any

import pytest

from bot.messages import Incoming
from tests.contract import telegram_stand as tg
from tests.unit.telegram.house import Server, asked, eventually, house_and_stand

GROUP = -1001
REPLIED = {"message_id": 1, "date": 0, "chat": tg.group(), "from": tg.BOT, "text": "hei"}
OTHERS = {**REPLIED, "from": tg.person(5)}
INVITED = "Tässä ryhmässä kaikki näkevät, mitä kirjoitamme. Kysy minulta kahden kesken, niin vastaan."


def mentioned() -> dict[str, Any]:
    """Named without a user name, as Telegram does for who has none."""
    entity = {"type": "text_mention", "offset": 0, "length": 5, "user": tg.BOT}
    return tg.said("Neuvo hei", tg.group(), entities=[entity])


@pytest.mark.parametrize(
    "data",
    [
        tg.said("/omattiedot@HelsinkiBot", tg.group()),
        tg.said("hei @helsinkibot, missä on kirjasto", tg.group()),
        tg.said("ja auki?", tg.group(), reply_to_message=REPLIED),
        tg.update(
            "message",
            tg.message(
                tg.group(),
                photo=[],
                caption="@HelsinkiBot",
                caption_entities=[{"type": "mention", "offset": 0, "length": 12}],
            ),
        ),
        mentioned(),
    ],
)
async def test_who_speaks_to_us_in_a_group_is_asked_over(server: Server, data: dict[str, Any]) -> None:
    # TG-11: nothing personal is said where all can read it.
    assert await server.hears(data) is None
    await eventually(lambda: server.stand.texts(GROUP) == [INVITED])
    (button,) = server.stand.messages[-1]["reply_markup"]["inline_keyboard"][0]
    assert button["url"].startswith("https://t.me/HelsinkiBot?start")


async def test_what_is_not_said_to_us_is_not_read(server: Server) -> None:
    for data in (
        tg.said("missä on kirjasto", tg.group()),
        tg.said("/omattiedot", tg.group()),
        tg.said("/omattiedot@ToinenBot", tg.group()),
        tg.said("@HelsinkiBotti hei", tg.group()),
        tg.said("ja auki?", tg.group(), reply_to_message=OTHERS),
        tg.said("112 @ToinenBot", tg.group()),
        tg.update("message", tg.message(tg.group(), photo=[])),
    ):
        assert await server.hears(data) is None
    await server.message(tg.said("hei"))
    assert server.stand.messages == []


async def test_a_group_is_asked_over_once_a_minute_at_most(server: Server) -> None:
    for _ in range(5):
        await server.hears(tg.said("/ohje@HelsinkiBot", tg.group()))
    await server.hears(tg.said("/ohje@HelsinkiBot", tg.group(-1002)))
    await eventually(lambda: len(server.stand.messages) == 2)
    assert len(server.stand.texts(GROUP)) == 1


async def test_the_invitation_is_in_the_language_of_who_asks(server: Server) -> None:
    await server.hears(tg.said("/help@HelsinkiBot", tg.group(), **{"from": tg.person(language="sv")}))
    await eventually(lambda: len(server.stand.messages) == 1)
    assert "privat chatt" in server.stand.texts(GROUP)[0]


async def test_an_emergency_is_answered_wherever_it_is_told(server: Server) -> None:
    found = await server.hears(tg.said("@HelsinkiBot apua soittakaa 112", tg.group()))
    assert isinstance(found, Incoming)
    assert found.address.key == str(GROUP)


async def test_no_button_in_a_group_goes_on_there(server: Server) -> None:
    await server.say(asked("Kyllä", "yes"), chat=GROUP)
    (button,) = server.stand.messages[-1]["reply_markup"]["inline_keyboard"][0]
    assert "url" in button and "callback_data" not in button
    assert await server.rows() == 0


async def test_a_press_in_a_group_is_answered_and_does_nothing(server: Server) -> None:
    data = tg.pressed("key", tg.message(tg.group()))
    assert await server.hears(data) is None
    await eventually(lambda: len(server.stand.answered) == 1)


async def test_while_we_do_not_know_our_name_groups_come_again(database_url: str) -> None:
    async with house_and_stand(database_url, patience=0.3) as server:
        server.stand.faults["getMe"] += [tg.Fault.of(500, "Internal"), tg.Fault(hang=0.5)]
        data = tg.said("/ohje@HelsinkiBot", tg.group())
        assert [await server.deliver(data) for _ in range(3)] == [503, 503, 200]
        assert (await server.message(tg.said("hei"))).text == "hei"
        await eventually(lambda: len(server.stand.messages) == 1)
        assert server.stand.count("getMe") == 3


async def test_an_invitation_that_fails_harms_nothing(server: Server) -> None:
    server.stand.faults["sendMessage"].append(tg.Fault.of(403, "Forbidden: bot was kicked"))
    await server.hears(tg.said("/ohje@HelsinkiBot", tg.group()))
    await eventually(lambda: server.stand.count("sendMessage") == 1)
    assert (await server.message(tg.said("hei"))).text == "hei"
