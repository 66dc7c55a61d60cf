"""No more messages: asked for in a sentence, so it is confirmed first. (One word, such as STOP, is done at once.)"""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.talk import Talk


async def opt_out(talk: Talk) -> dict[str, str] | None:
    """Ask whether this was meant; the conversation is marked by what is returned."""
    if not await talk.confirm("sure"):
        await talk.say("kept")
        return None
    await talk.say("done")
    return {"mark": "opted_out"}


OPT_OUT = dialog(opt_out)
