"""The staff's pages over real HTTP and a real database: log in, take a conversation, answer, and what is refused."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

import pytest

from tests.unit.console.staff import browser, console
from tests.unit.turn.house import house, until
from tests.unit.turn.test_handoff import desk, quiet_when_owned, waiting


async def test_a_conversation_from_the_queue_to_its_end(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        conversation = await waiting(one, desk(one))
        page = f"/console/{conversation}"
        assert page in await anna.log_in("Anna")
        _, text = await anna.post(page, "claim")
        assert "human.joined Anna" in text
        assert "Messages" in text
        await one.say("<b>my bin</b> & me")
        await one.engine.idle()
        _, text = await anna.post(page, "say", text="It comes on Friday")
        assert "&lt;b&gt;my bin&lt;/b&gt; &amp; me" in text
        assert "It comes on Friday" in text
        _, text = await anna.post(page, "close", reason="elsewhere")
        assert "Ended" in text
        assert one.wire.sent == ["bot: hello", "human.joined Anna", "It comes on Friday", "human.left Anna"]
        assert await one.value("SELECT close_reason FROM handoffs") == "elsewhere"
        assert "Nobody waits" in (await anna.get("/console"))[1]


async def test_who_was_too_late_is_told_and_nothing_is_said(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url:
        conversation = await waiting(one, desk(one))
        async with browser(url) as anna, browser(url) as bert:
            page = f"/console/{conversation}"
            await anna.log_in("Anna")
            await bert.log_in("Bert")
            await anna.post(page, "claim")
            for act, fields in (("claim", {}), ("say", {"text": "mine", "key": str(UUID(int=1))}), ("close", {})):
                text = await bert.form(f"{page}/{act}", **fields)
                assert "Somebody was quicker" in text
            assert "mine" not in one.wire.sent


async def test_without_a_login_nothing_is_shown_or_done(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url:
        conversation = await waiting(one, desk(one))
        async with browser(url) as nobody:
            for path in (
                "/console/inbox",
                f"/console/{conversation}",
                "/console/events",
                "/console/insight",
                "/console/try",
            ):
                _, text = await nobody.get(path)
                assert "hello" not in text
                assert 'action="/console/login"' in text
            async with nobody.http.post(f"{url}/console/{conversation}/claim") as response:
                assert response.status == 403
        assert await one.value("SELECT owner FROM conversations") is None


@pytest.mark.parametrize("token", ["", "0" * 64, "ä"])
async def test_a_form_of_another_page_is_refused(database_url: str, token: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        conversation = await waiting(one, desk(one))
        await anna.log_in("Anna")
        async with anna.http.post(f"{url}/console/{conversation}/claim", data={"token": token}) as response:
            assert response.status == 403
        assert await one.value("SELECT owner FROM conversations") is None


async def test_a_conversation_without_a_handoff_is_nobodys_business(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        await one.say("private")
        await one.engine.idle()
        conversation = await one.value("SELECT id FROM conversations")
        await anna.log_in("Anna")
        status, text = await anna.get(f"/console/{conversation}")
        assert status == 404
        assert "private" not in text


async def test_an_open_page_hears_of_a_message_from_another_process(database_url: str) -> None:
    async with (
        house(database_url, quiet_when_owned) as one,
        house(database_url, quiet_when_owned) as other,
        console(one, database_url) as url,
        browser(url) as anna,
    ):
        conversation = await waiting(one, desk(one))
        await anna.log_in("Anna")
        heard: list[str] = []

        async def listening() -> None:
            async with anna.http.get(f"{url}/console/events") as stream:
                async for line in stream.content:
                    heard.append(line.decode().strip())

        task = asyncio.create_task(listening())
        await until(lambda: heard)
        heard.clear()
        await other.say("are you there")
        await until(lambda: f"data: {conversation}" in heard)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_pages_allow_no_script_of_their_own_lines(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        async with anna.http.get(f"{url}/console/login") as response:
            assert "script-src 'self'" in response.headers["Content-Security-Policy"]
            assert "unsafe" not in response.headers["Content-Security-Policy"]
        form = {"name": "A", "language": "en"}
        async with anna.http.post(f"{url}/console/login", data=form, allow_redirects=False) as response:
            assert "HttpOnly" in response.headers["Set-Cookie"]
            assert "SameSite=Lax" in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example:80"}], ids=str
)
async def test_another_site_logs_nobody_in_and_sends_no_form(database_url: str, headers: dict[str, str]) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        form = {"name": "Mallory", "language": "en"}
        async with anna.http.post(f"{url}/console/login", data=form, headers=headers) as response:
            assert response.status == 403
        assert await one.value("SELECT count(*) FROM console_sessions") == 0
        await anna.log_in("Anna")
        if "Origin" in headers:
            _, text = await anna.get("/console/insight")
            token = re.findall(r'name="token" value="(\w+)"', text)[0]
            async with anna.http.post(f"{url}/console/logout", data={"token": token}, headers=headers) as response:
                assert response.status == 403
            async with anna.http.post(
                f"{url}/console/logout", data={"token": token}, headers={"Origin": url}
            ) as response:
                assert response.status == 200


async def test_while_the_database_is_away_a_page_says_so(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        await anna.log_in("Anna")
        await one.database.pool.execute("ALTER TABLE console_sessions RENAME TO away")
        status, text = await anna.get("/console/inbox")
        assert status == 503
        assert "Nothing is lost" in text or "Mitään ei ole kadonnut" in text
        async with anna.http.post(f"{url}/console/login", data={"name": "A", "language": "en"}) as response:
            assert response.status == 503
        await one.database.pool.execute("ALTER TABLE away RENAME TO console_sessions")
        assert (await anna.get("/console/inbox"))[0] == 200


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_a_reply_of_a_mebibyte_is_cut_or_refused_and_the_pages_go_on(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        conversation = await waiting(one, desk(one))
        page = f"/console/{conversation}"
        await anna.log_in("Anna")
        await anna.post(page, "claim")
        assert (await anna.post(page, "say", text="x" * 2**20))[0] == 413
        assert (await anna.post(page, "say", text="x" * 5000))[0] == 200
        await one.engine.idle()
        assert [len(text) for text in one.wire.sent if text.startswith("xx")] == [4000]
        assert (await anna.get(page))[0] == 200


async def test_markup_in_what_is_said_and_noted_is_words(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        page = f"/console/{await waiting(one, desk(one))}"
        await anna.log_in("<i>Anna</i>")
        await anna.post(page, "claim")
        markup = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }}"
        await anna.post(page, "note", text=markup)
        await anna.post(page, "say", text=markup)
        await one.say(markup)
        _, text = await anna.get(page)
        assert text.count("&lt;script&gt;alert(1)") >= 3
        assert text.count("{{ 7 * 7 }}") >= 3
        assert [raw for raw in ("<script>alert", "<img src=x", "<i>Anna") if raw in text] == []


async def test_in_the_queue_of_a_skill_that_nobody_has_a_conversation_is_seen_and_can_be_taken(
    database_url: str,
) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url:
        page = f"/console/{await waiting(one, desk(one))}"
        async with browser(url) as anna, browser(url) as bert:
            await anna.log_in("Anna")
            await anna.post(page, "claim")
            await anna.post(page, "transfer", language="en", skill="health")
            await bert.log_in("Bert")
            for queue in ("", "?skill=health"):
                assert page in (await bert.get(f"/console/inbox{queue}"))[1]
            assert "human.joined Bert" in (await bert.post(page, "claim"))[1]
