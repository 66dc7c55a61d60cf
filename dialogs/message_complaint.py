"""A complaint about the city's messages: to a person, and until then no more of them; or only no more of them."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.my_data_prompts import WhichPurpose
from dialogs.speech import Option
from dialogs.talk import Talk

PEOPLE, STOP, NOTHING = "people", "stop", "nothing"


async def message_complaint(talk: Talk) -> dict[str, str] | None:
    """Ask what is wanted; the conversation is marked by what is returned."""
    options = tuple(Option(name, f"message_complaint.what_{name}") for name in (PEOPLE, STOP, NOTHING))
    # The first words are the complaint itself: they choose nothing.
    chosen = await talk.ask("what", WhichPurpose(options, talk.voice.label, listed=True))
    await talk.say({PEOPLE: "passed", STOP: "stopped"}.get(chosen, "left"))
    return {PEOPLE: {"mark": "complained"}, STOP: {"mark": "opted_out"}}.get(chosen)


MESSAGE_COMPLAINT = dialog(message_complaint)
