"""What has become of a report: by its number, or of the one that was sent last in this conversation."""

from __future__ import annotations

from datetime import datetime

from bot.messages import JSON
from dialogs.cityscape import day_words
from dialogs.dialog import dialog
from dialogs.prompt_report import ReportNumber
from dialogs.services import FeedbackDesk, ReportStatus, ServiceUnavailable
from dialogs.speech import Spoken
from dialogs.talk import Talk

STAGES = frozenset(("received", "in_progress", "done", "rejected"))


async def report_status(talk: Talk, feedback: FeedbackDesk) -> JSON:
    """Ask the number, unless it is known, and say what the city says of it."""
    number = await talk.ask("number", ReportNumber())
    try:
        found: ReportStatus = await talk.read("status", feedback.status, number)
    except ServiceUnavailable:
        await talk.say("unavailable", number=number)
        return None
    if not found["known"]:
        await talk.say("unknown", number=number)
        return None
    stage = found["stage"] if found["stage"] in STAGES else "other"
    await talk.say(
        "demonstration" if found["demonstration"] else "known",
        number=number,
        stage=Spoken(stage, lambda _: talk.voice.text(f"report_status.stage.{stage}")),
        notes=_line("notes", found["notes"], talk),
        updated=_line("updated", _day(found["updated"] or found["reported"], talk), talk),
    )
    return {"recent": {"report": number}}


def _line(name: str, value: str, talk: Talk) -> str:
    """A line of its own, where there is something to say."""
    return "\n" + talk.voice.text(f"report_status.{name}", {"value": value}) if value else ""


def _day(moment: str | None, talk: Talk) -> str:
    if moment is None:
        return ""
    day = datetime.fromisoformat(moment).astimezone(talk.edge.now.tzinfo).date()
    return day_words(day.isoformat(), talk.edge).words(talk.language)


REPORT_STATUS = dialog(report_status)
