"""A doubt about safety: one line before the answer, and not again for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.messages import Match, Safety, Session
from tests.unit.dialogs.talker import Talker, city_talker, understand


def doubting(text: str, session: Session) -> Match:
    match = understand(text, session)
    return replace(match, concern=Safety.CRISIS) if "väsynyt" in text else match


def line(kind: Safety, language: str, now: datetime) -> str:
    return f"{kind} {language}: soita tarvittaessa"


def talker() -> Talker:
    found = city_talker(options={"safety_line": line})
    found.understand = doubting
    return found


async def test_the_line_comes_before_everything_else_and_the_question_is_answered() -> None:
    said = await talker().say("olen väsynyt, missä on lähin kirjasto")
    assert said.startswith("crisis fi: soita tarvittaessa\n\n")
    assert "Missä päin" in said


async def test_it_is_said_once_in_a_while() -> None:
    one = talker()
    await one.say("olen väsynyt")
    assert "soita" not in await one.say("olen väsynyt")
    one.now += timedelta(hours=2)
    assert "soita" in await one.say("olen väsynyt")


async def test_without_a_doubt_there_is_no_line() -> None:
    assert "soita" not in await talker().say("missä on lähin kirjasto")
