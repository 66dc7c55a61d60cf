"""What is personal is not talked of where others read along: the way to a private chat."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import MyData
from dialogs.talk import Talk


async def my_data_private(talk: Talk, mydata: MyData) -> bool:
    """Whether the talk may go on; if not, that has been said."""
    try:
        private: bool = await talk.read("private", mydata.private, talk.edge.conversation)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return False
    if not private:
        await talk.say("group")
    return private


MY_DATA_PRIVATE = dialog(my_data_private)
