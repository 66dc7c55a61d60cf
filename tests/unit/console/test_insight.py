"""Figures as plots and as tables, what was not understood, drafts from it, and trying a phrase."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.city import City
from bot.editing import Editing
from bot.misses import Miss
from bot.suggest import Suggestion, Suggestions
from bot.tally import Tally
from bot.thumbs import Thumb
from bot.trial import tried
from console.plots import ranked, stacked
from dialogs.services import Found, ServiceUnavailable
from tests.unit.console.staff import Browser, browser, console, kept
from tests.unit.turn.house import House, house
from tests.unit.turn.test_handoff import desk, quiet_when_owned, waiting

NOW = datetime(2026, 5, 4, 21, 30, tzinfo=UTC)
"""The fifth of May in Helsinki."""


async def counted(one: House) -> None:
    """Some turns of two days, and one long wait for a person."""
    tally = Tally(one.database, kept(one.database))
    for at, channel, language, intent, times in (
        (NOW, "webchat", "fi", "library", 5),
        (NOW, "sms", "sv", "OUT_OF_SCOPE", 2),
        (NOW - timedelta(days=1), "webchat", "fi", "", 3),
        (NOW - timedelta(days=40), "webchat", "fi", "library", 90),
    ):
        for _ in range(times):
            tally.note(at=at, channel=channel, language=language, intent=intent)
    day = date(2026, 5, 5)
    for thumb, times in (
        (Thumb(day, "webchat", "fi", "library", helped=True), 3),
        (Thumb(day, "webchat", "fi", "library", helped=False), 1),
        (Thumb(day, "telegram", "sv", "moving", helped=False), 2),
        (Thumb(day - timedelta(days=40), "webchat", "fi", "library", helped=True), 50),
    ):
        for _ in range(times):
            tally.rated(thumb)
    await tally.write()
    conversation = await waiting(one, desk(one))
    await desk(one).claim(conversation, "dev:Anna", "Anna")
    await desk(one).close(conversation, "dev:Anna", "Anna", "solved")
    await one.database.pool.execute(
        "UPDATE handoffs SET requested_at = $1::timestamptz, claimed_at = $1::timestamptz + interval '90 seconds'", NOW
    )


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    part = text[text.index(f">{heading}</h2>") :].split("<tbody", 1)[1].split("</tbody>", 1)[0]
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in part.split("<tr>")[1:]]


async def page(anna: Browser, path: str) -> str:
    status, text = await anna.get(path)
    assert status == 200
    return text


async def test_the_figures_of_the_page_are_those_of_the_database_in_the_citys_days(database_url: str) -> None:
    async with (
        house(database_url, quiet_when_owned) as one,
        console(one, database_url, now=lambda: NOW) as url,
        browser(url) as anna,
    ):
        await counted(one)
        await anna.log_in("Anna")
        text = await page(anna, "/console/insight?days=7")
        channels = rows(text, "Messages by channel")
        assert len(channels) == 7
        assert channels[-1] == ["5.5.", "2", "5"]  # text message, web chat: half past nine in UTC is the next day here
        assert channels[-2] == ["4.5.", "0", "3"]
        assert rows(text, "Answered and not understood")[-1] == ["5.5.", "5", "2"]
        assert rows(text, "Messages by language")[-1] == ["5.5.", "5", "2"]
        assert rows(text, "What is asked most") == [["library in en", "5"]]
        assert rows(text, "Wait for a person&#39;s answer, in minutes")[-1] == ["5.5.", "1.5", "1.5"]
        assert "<dd>10</dd>" in text
        assert rows(text, "Whether answers helped")[-2:] == [["4.5.", "0", "0"], ["5.5.", "3", "3"]]
        assert rows(text, "Answers by topic, the least helpful first") == [
            ["moving in en", "0", "2", "0 %"],
            ["library in en", "3", "1", "75 %"],
        ]
        assert "50 % <small>ratings: 6</small>" in text
        assert "<dt>Solved</dt><dd>1</dd>" in text
        assert rows(await page(anna, "/console/insight?days=90"), "What is asked most") == [["library in en", "95"]]
        assert len(rows(await page(anna, "/console/insight?days=1000"), "Messages by channel")) == 30


async def test_without_a_single_turn_the_page_is_there(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        await anna.log_in("Anna")
        assert "<rect" not in await page(anna, "/console/insight")


def test_bars_stand_on_one_another_and_reach_as_high_as_they_are_worth() -> None:
    plot = stacked(["1.", "2."], {"a": [4, 0], "b": [4, 2]}, first="day")
    low, high, other = plot.bars
    assert low.height == high.height == other.height * 2
    assert round(high.y + high.height, 1) == low.y
    assert [tick.words for tick in plot.up] == ["0", "4", "8"]
    assert plot.rows == [["1.", "4", "4"], ["2.", "0", "2"]]
    assert stacked([], {}, first="day").bars == []
    one, half = ranked([("a", 4), ("b", 2)], head=("x", "y")).bars
    assert one.width == half.width * 2
    assert ranked([], head=("x", "y")).rows == []


async def test_an_editor_begins_a_topic_with_what_was_not_understood(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as eva:
        miss = Miss(
            at=datetime.now(UTC),
            language="en",
            channel="sms",
            text="<b>moon</b> from 040 123 4567",
            intent="library",
            confidence=0.21,
        )
        await kept(one.database).add([miss, replace(miss, language="fi", text="kuu")])
        await eva.log_in("Eva", role="editor")
        text = await page(eva, "/console/misses")
        assert "&lt;b&gt;moon&lt;/b&gt; from ‹phone›" in text
        assert "library in en 21 %" in text
        assert "kuu" not in await page(eva, "/console/misses?language=en")
        number = re.findall(r"/console/misses/(\d+)/draft", await page(eva, "/console/misses?language=en"))[0]
        status, text = await eva.post("/console/misses", f"{number}/draft")
        assert status == 200
        assert "phrases: {en: [&lt;b&gt;moon" in text
        assert (await eva.post("/console/misses", "999999/draft"))[0] == 404


async def test_a_phrase_is_tried_and_explained(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as eva:
        await eva.log_in("Eva", role="editor")
        text = await eva.form("/console/try", text="when is the <moon> out", language="sv")
        for expected in ("moon in en", "Swedish", "90 %", "the moon", "+70 %", "2026-05-04", "&lt;moon&gt;"):
            assert expected in text
        assert "No topic is likely enough" in await eva.form("/console/try", text="xyz", language="")


class Finding:
    """A search that finds one page, or is away."""

    def __init__(self, *, down: bool = False) -> None:
        self._down = down

    async def find(self, text: str, language: str, limit: int = 3) -> list[Found]:
        if self._down:
            raise ServiceUnavailable("away")
        url = "https://oodi.example"
        return [Found(kind="unit", id="1", title="Oodi", snippet="A library", url=url, source="x", as_of=None)]


async def test_the_citys_own_answers_are_suggested(city: City) -> None:
    found = await Suggestions(city, Finding()).find("miten saan kirjastokortin", "fi")
    card = next(topic for topic in city.content.topics if topic.intent == "library_card")
    assert found[0]["title"] == card.title["fi"]
    assert len(found[0]["text"]) > 50
    assert Suggestion(title="Oodi", text="Oodi\nA library\nhttps://oodi.example") in found or len(found) == 3
    down = await Suggestions(city, Finding(down=True)).find("miten saan kirjastokortin", "fi")
    assert down[0] == found[0]
    assert await Suggestions(city, Finding()).find("  ", "fi") == []


async def test_a_phrase_of_the_content_is_told_as_such_and_words_are_weighed(city: City) -> None:
    topic = next(topic for topic in city.content.topics if topic.intent == "library_card")
    exact = tried(city, topic.phrases["en"][0], "en")
    assert (exact["match"].intent, exact["way"]) == ("library_card", "phrase")
    assert exact["nearest"][0].intent == "library_card"
    assert tried(city, "I want to die", "en")["way"] == "safety"
    assert tried(city, "qwertyuiop", "en")["way"] == "nothing"
    weighed = tried(city, "please tell me how I get a library card", "en")["weighed"]
    assert {word.word for word in weighed} & {"library", "card"}
    assert tried(city, "", None)["weighed"] == []


async def test_a_skill_is_told_from_what_was_asked(city: City) -> None:
    assert city.skill_of("miten saan kirjastokortin", "fi") == "leisure"
    assert city.skill_of("zxcv qwrt", "fi") is None


async def test_a_draft_is_written_once_or_shown_where_nothing_can_be_written(city: City, tmp_path: Path) -> None:
    folder = tmp_path
    made = await Editing(city, folder).draft("Missä kuu on?", "fi")
    assert made["file"] == "drafts/missa_kuu_on.yaml"
    assert "draft: true" in made["yaml"]
    assert "Missä kuu on?" in made["yaml"]
    (folder / "drafts" / "missa_kuu_on.yaml").write_text("an editor's", encoding="utf-8")
    assert (await Editing(city, folder).draft("Missä kuu on?", "fi"))["yaml"] == "an editor's"
    (folder / "file").write_text("", encoding="utf-8")
    shown = await Editing(city, folder / "file").draft("Missä kuu on?", "fi")
    assert shown["file"] is None
    assert "Missä kuu on?" in shown["yaml"]
