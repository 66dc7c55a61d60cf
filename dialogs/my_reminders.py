"""My reminders: what has been ordered, and to pause, go on with or end one of them."""

from __future__ import annotations

from datetime import timedelta

from bot.messages import Choice
from dialogs.buttons import intent_payload
from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.my_data_prompts import WhichPurpose
from dialogs.reminder_words import day, name, stems, which_reminder
from dialogs.services import ServiceUnavailable
from dialogs.services_nudges import Reminder, ReminderKind, Subscriptions
from dialogs.speech import Option, Spoken
from dialogs.talk import Talk

NOTHING, PAUSE, RESUME, END = "nothing", "pause", "resume", "end"
LENGTHS = {"week": timedelta(days=7), "month": timedelta(days=30), "open": None}


async def my_reminders(talk: Talk, subscriptions: Subscriptions) -> None:
    """List them; the one that is chosen is paused, resumed or ended after a yes that names it."""
    here = talk.edge.conversation
    if not await talk.call("here", MY_DATA_PRIVATE):
        return
    try:
        ordered: list[Reminder] = await talk.read("ordered", subscriptions.list, here, talk.language)
        kinds: list[ReminderKind] = await talk.read("kinds", subscriptions.kinds, talk.language)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return
    if not ordered:
        order = Choice(talk.voice.text("my_reminders.button_order"), intent_payload("consent_give"))
        await talk.say("none", choices=[order])
        return
    wish = talk.given("wish", _acts(talk, (PAUSE, RESUME, END)))
    chosen = await talk.ask(
        "which", which_reminder(talk, ordered, kinds, Option(NOTHING, "my_reminders.which_nothing"))
    )
    if chosen == NOTHING:
        await talk.say("left")
        return
    meant = next(one for one in ordered if one["id"] == chosen)
    acts = (RESUME, END, NOTHING) if meant["state"] == "paused" else (PAUSE, END, NOTHING)
    act = wish if wish in acts else await talk.ask("what", _acts(talk, acts), reminder=_named(meant))
    if act == NOTHING:
        await talk.say("left")
        return
    await _change(talk, subscriptions, meant, act)


async def _change(talk: Talk, subscriptions: Subscriptions, meant: Reminder, act: str) -> None:
    until = None
    if act == PAUSE:
        length = LENGTHS[await talk.choose("long", [Option(one, f"my_reminders.long_{one}") for one in LENGTHS])]
        until = None if length is None else (talk.now() + length).date().isoformat()
    if not await talk.confirm(f"sure_{act}", reminder=_named(meant), until=_until(talk, until)):
        await talk.say("kept", reminder=_named(meant))
        return
    here = talk.edge.conversation
    try:
        if act == PAUSE:
            done: bool = await talk.do("pause", subscriptions.pause, here, meant["id"], until)
        else:
            done = await talk.do(act, subscriptions.resume if act == RESUME else subscriptions.end, here, meant["id"])
    except EffectFailed:
        await talk.say("failed", reminder=_named(meant))
        return
    await talk.say({PAUSE: "paused", RESUME: "resumed", END: "ended"}[act] if done else "gone", reminder=_named(meant))


def _acts(talk: Talk, acts: tuple[str, ...]) -> WhichPurpose:
    options = tuple(Option(act, f"my_reminders.what_{act}") for act in acts)
    return WhichPurpose(options, talk.voice.label, stems={act: stems(act, talk.voice) for act in acts})


def _until(talk: Talk, until: str | None) -> Spoken:
    """Until when, in brackets; empty where there is no end."""

    def words(language: str) -> str:
        return talk.edge.texts("my_reminders.until", language, until=day(until)) if until else ""

    return Spoken(until, words)


def _named(meant: Reminder) -> Spoken:
    return Spoken(meant["id"], lambda _: name(meant))


MY_REMINDERS = dialog(my_reminders)
