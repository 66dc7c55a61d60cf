"""Order reminders: of what, the permission to write of it, what else it takes to know, and a yes to all of that."""

from __future__ import annotations

from dialogs.consents_ask import CONSENT_ASK
from dialogs.consents_known import CONSENTS_KNOWN
from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.my_data_words import allowed, moment_words, which_purpose
from dialogs.prompt_entities import Place
from dialogs.prompt_times import Time
from dialogs.prompts import Begun
from dialogs.reminder_words import about_words, details_words, weekdays, which_kind
from dialogs.services import Directory, ServiceUnavailable
from dialogs.services_mydata import Consent, Consents
from dialogs.services_nudges import Details, Ordered, ReminderKind, Subscriptions
from dialogs.speech import Spoken
from dialogs.talk import Talk

OUTCOMES = frozenset(("done", "known", "pending", "nowhere", "no_consent"))


async def reminder_order(talk: Talk, consents: Consents, subscriptions: Subscriptions, directory: Directory) -> None:
    """What the city may write of is asked first. What cannot be ordered in detail is allowed, and that is all."""
    known: list[Consent] = await talk.call("standing", CONSENTS_KNOWN)
    if not known:
        return
    name = await talk.ask("which", which_purpose(talk, known))
    try:
        # How it stood at first decides what is asked: another language reads the words anew, after the yes as well.
        begun = talk.given("begun", Begun())
        first: list[Consent] = await talk.read("first", consents.standings, talk.edge.conversation, begun)
        kinds: list[ReminderKind] = await talk.read("kinds", subscriptions.kinds, talk.language)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return
    kinds = [kind for kind in kinds if kind["purpose"] == name]
    meant = _as_it_stood(next(one for one in known if one["id"] == name), first)
    if not kinds or not allowed(meant):
        given = await talk.call("one", CONSENT_ASK, meant=meant)
        if not kinds or not given:
            return
    chosen = kinds[0]["id"] if len(kinds) == 1 else await talk.ask("kind", which_kind(talk, kinds))
    await _order(talk, subscriptions, directory, next(kind for kind in kinds if kind["id"] == chosen))


def _as_it_stood(one: Consent, first: list[Consent]) -> Consent:
    """A purpose in the words of now."""
    before = next((other for other in first if other["id"] == one["id"]), one)
    return {**one, "state": before["state"], "at": before["at"], "needs": before["needs"]}


async def _order(talk: Talk, subscriptions: Subscriptions, directory: Directory, kind: ReminderKind) -> None:
    asks = kind["asks"]
    details = Details(
        place=await talk.ask("place", Place(directory)) if "place" in asks else None,
        day=int(await talk.choose("day", weekdays(talk))) if "day" in asks else None,
        time=await talk.ask("time", Time()) if "time" in asks else None,
    )
    title = Spoken(kind["id"], lambda _: kind["title"])
    about = details_words(details, directory, talk.edge)
    if not await talk.confirm("sure", title=title, about=about):
        await talk.say("kept", title=title)
        return
    try:
        made: Ordered = await talk.do(
            "order", subscriptions.order, talk.edge.conversation, kind["id"], dict(details), talk.language
        )
    except EffectFailed:
        await talk.say("failed", title=title)
        return
    outcome = made["outcome"] if made["outcome"] in OUTCOMES else "failed"
    ordered = made["reminder"]
    due = moment_words(ordered["next"] if ordered is not None else None, talk.edge)
    named = about_words(ordered["about"]) if ordered is not None else about
    await talk.say(outcome, title=title, about=named, number=made["number"], next=_next(talk, due))


def _next(talk: Talk, due: Spoken) -> Spoken:
    """When the next message is due, in a sentence; empty where that is not known."""

    def words(language: str) -> str:
        at = due.words(language)
        return " " + talk.edge.texts("reminder_order.next", language, at=at) if at else ""

    return Spoken(due.value, words)


REMINDER_ORDER = dialog(reminder_order)
