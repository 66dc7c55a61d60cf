"""The pace of sends, without a server."""

from __future__ import annotations

import asyncio

from channels.telegram.pace import Pacer


async def test_messages_that_wait_in_one_chat_take_no_room_from_others() -> None:
    # TG-04: other chats go on at their own pace.
    slept: list[float] = []
    never = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await never.wait()

    pacer = Pacer(30, clock=lambda: 1000.0, sleep=sleep)
    waiting = [asyncio.create_task(pacer.wait(1)) for _ in range(5)]
    await asyncio.sleep(0)
    assert len(slept) == 4
    for chat in range(2, 31):
        await asyncio.wait_for(pacer.wait(chat), 1)
    assert len(slept) == 4
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
