"""What agents do beside answering: queues, notes, ready answers, passing on, and another language for the pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bot.handoff import Handoffs
from tests.sentences import LANGUAGES, TEXTS
from tests.unit.console.staff import browser, console
from tests.unit.turn.house import House, house
from tests.unit.turn.test_handoff import Hours, desk, quiet_when_owned, said, waiting


async def two_waiting(one: House) -> dict[str, UUID]:
    """One citizen asks about streets in English, another about health in Swedish."""
    people = Handoffs(
        one.database, one.engine, said, Hours(), skill_of=lambda text, _: {"bin": "streets", "ill": "health"}.get(text)
    )
    for text in ("bin", "ill"):
        await one.say("hello", by=text)
        await one.say(text, by=text)
        await one.say("hello?", by=text)
    await one.engine.idle()
    rows = await one.rows("SELECT id FROM conversations ORDER BY created_at, id")
    found = {}
    for (conversation,) in rows:
        bodies = await one.rows(
            "SELECT body FROM transcript WHERE conversation_id = $1 AND kind = 'message'", conversation
        )
        about = "streets" if any(b'"bin"' in body[0] for body in bodies) else "health"
        found[about] = conversation
        await people.request("1", str(conversation), "wish", "en" if about == "streets" else "sv")
    return found


async def test_queues_are_by_language_and_by_what_is_asked(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        found = await two_waiting(one)
        await anna.log_in("Anna")

        async def shown(query: str) -> set[str]:
            _, text = await anna.get(f"/console/inbox{query}")
            return {name for name, conversation in found.items() if str(conversation) in text}

        assert await shown("") == {"streets", "health"}
        assert await shown("?skill=streets") == {"streets"}
        assert await shown("?language=sv") == {"health"}
        assert await shown("?language=sv&skill=streets") == set()
        assert await shown("?language=xx&skill=nobody") == {"streets", "health"}  # no such queue: all of them


async def test_notes_are_for_staff_alone_and_stay(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        conversation = await waiting(one, desk(one))
        await anna.log_in("Anna")
        page = f"/console/{conversation}"
        await anna.post(page, "note", text="<i>calls back</i> on Friday")
        await anna.post(page, "note", text="   ")
        _, text = await anna.get(page)
        assert "&lt;i&gt;calls back&lt;/i&gt; on Friday" in text
        assert await one.value("SELECT count(*) FROM handoff_notes") == 1
        assert one.wire.sent == ["bot: hello"]
        assert not await desk(one).note(UUID(int=1), "Anna", "nobody's")


async def test_who_owns_a_conversation_has_suggestions_and_ready_answers_in_its_language(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        conversation = await waiting(one, desk(one))
        await anna.log_in("Anna", language="fi")
        page = f"/console/{conversation}"
        _, text = await anna.get(page)
        assert "One moment" not in text  # not yet hers
        _, text = await anna.post(page, "claim")
        assert 'data-insert="One moment, please."' in text
        assert "About hello" in text
        assert "The city says &lt;en&gt;" in text


async def test_a_conversation_goes_to_another_queue_and_keeps_its_place(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        conversation = await waiting(one, desk(one))
        before = await one.value("SELECT requested_at FROM handoffs")
        await anna.log_in("Anna")
        page = f"/console/{conversation}"
        await anna.post(page, "claim")
        await anna.post(page, "transfer", language="sv", skill="streets")
        assert await one.rows("SELECT status, language, skill, agent, requested_at FROM handoffs") == [
            ("waiting", "sv", "streets", None, before)
        ]
        assert await one.value("SELECT owner FROM conversations") is None
        assert one.wire.sent[-1].startswith("human.transferred")


async def test_a_colleague_who_is_here_takes_over_and_the_first_one_is_out(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url:
        conversation = await waiting(one, desk(one))
        async with browser(url) as anna, browser(url) as bert, browser(url) as editor:
            await anna.log_in("Anna")
            await bert.log_in("Bert", role="agent")
            await editor.log_in("Eva", role="editor")
            page = f"/console/{conversation}"
            _, text = await anna.post(page, "claim")
            assert set(re.findall(r'<option value="(dev:\w+)"', text)) == {"dev:Bert"}
            _, text = await anna.post(page, "hand_over", to="dev:Nobody")
            assert "Somebody was quicker" in text
            await anna.post(page, "hand_over", to="dev:Bert")
            assert await one.value("SELECT owner FROM conversations") == "dev:Bert"
            assert one.wire.sent[-1] == "human.joined Bert"
            text = await anna.form(f"{page}/say", text="mine", key=str(UUID(int=1)))
            assert "Somebody was quicker" in text
            await bert.post(page, "say", text="Bert here")
            assert one.wire.sent[-1] == "Bert here"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_all_pages_speak_the_language_that_is_chosen(database_url: str, language: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        await waiting(one, desk(one))
        await anna.log_in("Anna", language="en" if language != "en" else "fi")
        text = await anna.form("/console/language", language=language, back="/console/insight")
        assert f'<html lang="{language}">' in text
        assert TEXTS("console.insight.plot_channels", language) in text
        _, text = await anna.get("/console/inbox")
        assert TEXTS("console.status.waiting", language) in text


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/console//evil.example", "/console/\\evil", ""]
)
async def test_a_change_of_language_leads_nowhere_else(database_url: str, back: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        await anna.log_in("Anna")
        _, text = await anna.get("/console/insight")
        token = re.findall(r'name="token" value="(\w+)"', text)[0]
        form = {"token": token, "language": "sv", "back": back}
        async with anna.http.post(f"{url}/console/language", data=form, allow_redirects=False) as response:
            assert response.headers["Location"] == "/console"


async def test_times_are_the_citys(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one:
        conversation = await waiting(one, desk(one))
        await one.database.pool.execute("UPDATE transcript SET created_at = '2026-01-15 23:05+00'")
        now = datetime(2026, 1, 16, 9, tzinfo=UTC)
        async with console(one, database_url, now=lambda: now) as url, browser(url) as anna:
            await anna.log_in("Anna", language="fi")
            assert ">klo 1.05</time>" in (await anna.get(f"/console/{conversation}"))[1]
        async with (
            console(one, database_url, now=lambda: datetime(2026, 7, 1, tzinfo=UTC)) as url,
            browser(url) as anna,
        ):
            await anna.log_in("Anna", language="sv")
            assert ">16.1.2026 kl. 1.05</time>" in (await anna.get(f"/console/{conversation}"))[1]


async def test_a_role_opens_its_pages_and_no_others(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url:
        conversation = await waiting(one, desk(one))
        pages = {"/console/inbox", f"/console/{conversation}", "/console/misses", "/console/try", "/console/insight"}
        expected = {
            "agent": {"/console/inbox", f"/console/{conversation}", "/console/insight"},
            "editor": {"/console/misses", "/console/try", "/console/insight"},
            "reviewer": {"/console/insight"},
            "admin": pages,
        }
        for role, open_to in expected.items():
            async with browser(url) as one_of_them:
                await one_of_them.log_in("Anna", role=role)
                assert {page for page in pages if (await one_of_them.get(page))[0] == 200} == open_to
                if "/console/inbox" not in open_to:
                    text = await one_of_them.form(f"/console/{conversation}/claim")
                    assert "not part of your role" in text
        assert await one.value("SELECT owner FROM conversations") != "dev:Anna"
