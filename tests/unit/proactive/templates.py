"""Templates and what they refer to, for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from bot.messages import Reply
from proactive.around import Around
from proactive.placeholder import Placeholder
from proactive.template import Choice, Template

LANGUAGES = ("fi", "sv", "en")

WHEN = Placeholder(kind="moment", example="2027-08-03T14:30:00+03:00")
PLACE = Placeholder(kind="text", max=40, example={"fi": "Kallio", "sv": "Berghäll", "en": "Kallio"})
CODE = Placeholder(kind="code", example="ABCD-2345")


class Purpose:
    """What an appointment's reminder is for."""

    channels = ("webchat", "sms")
    withdraw: ClassVar = {"fi": ("lopeta ajat",), "sv": ("sluta tider",), "en": ("stop appointments",)}


def each(fi: str, sv: str | None = None, en: str | None = None) -> dict[str, str]:
    return {"fi": fi, "sv": fi if sv is None else sv, "en": fi if en is None else en}


ENDS = each("LOPETA AJAT", "SLUTA TIDER", "STOP APPOINTMENTS")
CONFIRM = Choice(
    id="confirm",
    label=each("Tulen", "Jag kommer", "I will come"),
    words={"fi": ("tulen kyllä",), "sv": ("ja",), "en": ("coming",)},
    thanks=each("Nähdään {when}!", "Vi ses {when}!", "See you {when}!"),
)
CANCEL = Choice(
    id="cancel",
    label=each("Peru aika", "Avboka", "Cancel it"),
    opens="appointment_cancel",
    entities={"appointment_code": "code"},
)
TEMPLATE = Template(
    id="visit",
    version=1,
    purpose="visits",
    urgency="timely",
    values={"when": WHEN, "place": PLACE, "code": CODE},
    title=each("Aika {when}", "Tid {when}", "Visit {when}"),
    text={language: f"**{{when}}**, {{place}}. {word}" for language, word in ENDS.items()},
    short={language: f"{{when}}, {{place}}. {word}" for language, word in ENDS.items()},
    choices=(CONFIRM, CANCEL),
    expires_after=timedelta(days=1),
)


def bodies(reply: Reply) -> list[str]:
    """As text messages are made: the short form, and the choices by number."""
    return ["\n".join([reply.short or reply.text, *(f"{n} {c.label}" for n, c in enumerate(reply.choices, 1))])]


COMMANDS = {"stop": "opt_out", "peru": "cancel", "apua": "help", "start": "opt_in"}


def command(word: str, channel: str) -> str | None:
    return "opt_in" if channel == "sms" and word.casefold() == "yes" else COMMANDS.get(word.casefold())


AROUND = Around(
    languages=LANGUAGES,
    channels=("webchat", "sms", "telegram"),
    purposes={"visits": Purpose()},
    dialogs=("appointment_cancel",),
    skills=("care",),
    bodies=bodies,
    command=command,
)


def changed(template: Template = TEMPLATE, **changes: Any) -> Template:
    """A template with other fields."""
    return replace(template, **changes)
