"""What a prompt takes for an answer, and what it says when it takes none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.messages import Entity, Match, Session
from dialogs.dialog import Dialog
from dialogs.prompt_entities import Date, Email, Number, Phone
from dialogs.prompts import Prompt, Text
from dialogs.talk import Talk
from tests.unit.dialogs.talker import TEXTS, Talker, understand


def asking(prompt: Prompt) -> Dialog:
    async def run(talk: Talk) -> None:
        value = await talk.ask("what", prompt)
        await talk.say("got", value=repr(value))

    return Dialog(name="t", run=run, code="1")


async def answer(prompt: Prompt, text: str, **options: Any) -> str:
    talker = Talker.of(asking(prompt), now=datetime(2026, 11, 26, 10, 0, tzinfo=UTC), **options)
    await talker.open("t")
    return await talker.say(text)


def finds(kind: str, value: str) -> Any:
    def understanding(text: str, session: Session) -> Match:
        match = understand(text, session)
        entity = Entity(kind=kind, value=value, text=text, start=0, end=len(text))
        return Match(text=text, language=match.language, intent=match.intent, confidence=0.1, entities=(entity,))

    return understanding


@pytest.mark.parametrize(
    ("prompt", "text", "value"),
    [
        (Number(), "3", "3"),
        (Number(), "meitä on 12 henkeä", "12"),
        (Number(decimals=True), "2,5", "2.5"),
        (Number(least=1, most=5), "5", "5"),
        (Number(least=-10), "-3", "-3"),
        (Phone(), "numeroni on 040 123 4567", "'+358401234567'"),
        (Phone(), "+46 70 123 45 67", "'+46701234567'"),
        (Email(), "se on Maija.Meikalainen@Example.ORG.", "'Maija.Meikalainen@example.org'"),
        (Date(), "2026-12-24", "'2026-12-24'"),
        (Text(min_length=3), "  kolme sanaa tässä ", "'kolme sanaa tässä'"),
    ],
)
async def test_an_answer_is_found_in_the_words(prompt: Prompt, text: str, value: str) -> None:
    assert f"value={value}>" in await answer(prompt, text)


async def test_an_answer_is_taken_from_what_was_understood() -> None:
    assert "value=3>" in await answer(Number(), "kolme", understand=finds("number", "3"))
    assert "value='2026-12-24'>" in await answer(Date(), "jouluaattona", understand=finds("date", "2026-12-24T15:00"))


@pytest.mark.parametrize(
    ("kind", "value", "text", "said"),
    [
        ("age", "5", "viisivuotias", "5"),
        ("age", "5", "femåringen", "5"),
        ("money", "1200.00 EUR", "tuhat kaksisataa euroa", "1200"),
        ("money", "12.50 EUR", "kaksitoista ja puoli euroa", "12.5"),
    ],
)
async def test_where_a_number_is_asked_an_age_or_a_sum_is_one(kind: str, value: str, text: str, said: str) -> None:
    assert f"value={said}>" in await answer(Number(decimals=True), text, understand=finds(kind, value))


@pytest.mark.parametrize(
    ("prompt", "text", "sentence"),
    [
        (Number(), "en tiedä vielä", "prompt.number.again"),
        (Number(), "3 tai 4", "prompt.number.again"),
        (Number(), "2,5", "prompt.number.again"),
        (Number(), "9" * 400, "prompt.number.again"),
        (Phone(), "ei ole", "prompt.phone.again"),
        (Phone(), "12", "prompt.phone.again"),
        (Email(), "maija at example", "prompt.email.again"),
        (Email(), "maija@", "prompt.email.again"),
        (Email(), "a@example.org tai b@example.org", "prompt.email.again"),
        (Date(), "joskus", "prompt.date.again"),
        (Date(), "2026-02-30", "prompt.date.again"),
        (Date(past=False), "2026-11-25", "prompt.date.past"),
        (Date(future=False), "2026-11-27", "prompt.date.future"),
    ],
)
async def test_no_answer_is_told_how_to_be_one(prompt: Prompt, text: str, sentence: str) -> None:
    said = await answer(prompt, text)
    assert TEXTS(sentence, "fi") in said
    assert "value=" not in said


async def test_a_limit_is_named() -> None:
    assert TEXTS("prompt.number.limits", "fi", least=1, most=5) in await answer(Number(least=1, most=5), "7")
    assert TEXTS("prompt.text.short", "fi", limit=10) in await answer(Text(min_length=10), "kuoppa")


async def test_today_is_neither_past_nor_future() -> None:
    for prompt in (Date(past=False), Date(future=False)):
        assert "value='2026-11-26'>" in await answer(prompt, "2026-11-26")
