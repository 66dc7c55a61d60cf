"""The pages of campaigns over real HTTP: from a file to messages, by two people, in three languages."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.sentences import LANGUAGES
from tests.unit.console.campaigners import begun, campaigners, upload
from tests.unit.console.staff import browser

FILE = (
    "Puhelin;name;kieli\r\n040 123 4567;Äiti;fi\r\n0401234568;Åsa;sv\r\n09 310 1691;Landline;fi\r\n"
    "0401234569;=cmd|'/C calc'!A0;fi\r\n0401234567;Äiti;fi\r\n"
).encode("cp1252")


async def test_from_a_file_to_messages_by_two_people(database_url: str) -> None:
    async with campaigners(database_url) as (here, url), browser(url) as anna, browser(url) as bert:
        await anna.log_in("Anna", role="outreach")
        await bert.log_in("Bert", role="reviewer")
        page = await begun(anna)
        status, text = await upload(anna, page, FILE)
        assert status == 200
        assert "The recipients were read" in text
        assert "is a landline" in text
        assert "is a formula" in text
        assert "cmd" not in text
        await here.parts.work.run()
        _, text = await anna.get(page)
        assert "€0.10" in text
        assert "Hej Åsa, välkommen." in text
        _, text = await anna.post(page, "submit")
        assert "A colleague has to approve this" in text
        assert f'action="{page}/approve"' not in text
        assert "you have written in this campaign" in (await anna.form(f"{page}/approve")).lower()
        _, text = await bert.post(page, "approve")
        assert "Approved by Bert" in text
        assert (await bert.post(page, "start"))[0] == 403
        assert await here.status_of(page) == "approved", "a reviewer does not start it"
        await anna.post(page, "start")
        await here.parts.work.run()
        await here.office.deliver()
        await here.parts.work.run()
        assert sorted(here.office.sms.sent) == ["Hei Äiti, **tervetuloa**.", "Hej Åsa, välkommen."]
        _, text = await anna.get(page)
        assert "2 of 2 messages" in text
        assert "<svg" in text
        acts = await here.rows("SELECT actor_role, actor_id, information, status FROM audit_events ORDER BY id")
        assert [(role, act, status) for role, _, act, status in acts] == [
            ("outreach", "new", "SUCCESS"),
            ("outreach", "file", "SUCCESS"),
            ("outreach", "submit", "SUCCESS"),
            ("outreach", "approve", "FAILED"),
            ("reviewer", "approve", "SUCCESS"),
            ("outreach", "start", "SUCCESS"),
        ]


async def test_the_report_is_a_table_that_runs_nothing(database_url: str) -> None:
    async with campaigners(database_url) as (_, url), browser(url) as anna:
        await anna.log_in("Anna", role="outreach")
        page = await begun(anna)
        await upload(anna, page, FILE)
        async with anna.http.get(f"{url}{page}/report.csv") as response:
            assert response.headers["Content-Disposition"].startswith("attachment")
            text = (await response.read()).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert rows == [
            ["line", "column", "reason"],
            ["4", "phone", "is a landline"],
            ["5", "name", "is a formula"],
            ["6", "", "the same row came before"],
        ]
        assert [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell] == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"phone\n0401234567\n", "The file lacks columns: name"),
        (b"PK\x03\x04xlsx", "is no CSV table"),
        (b"", "empty"),
        (b"phone;name\n\x81\xff\n", "Save it as CSV in UTF-8"),
    ],
)
async def test_a_file_that_cannot_be_used_is_told_in_words(database_url: str, data: bytes, words: str) -> None:
    async with campaigners(database_url) as (here, url), browser(url) as anna:
        await anna.log_in("Anna", role="outreach")
        status, text = await upload(anna, await begun(anna), data)
        assert status == 200
        assert words in text
        assert await here.rows("SELECT count(*) FROM campaign_rows") == [(0,)]


async def test_what_is_the_same_for_all_is_written_once_and_wrong_fields_are_named(database_url: str) -> None:
    async with campaigners(database_url) as (here, url), browser(url) as anna:
        await anna.log_in("Anna", role="outreach")
        page = await begun(anna)
        form = {"name": "<b>Spring</b>", "send_at": "2027-08-04T09:00"}
        status, text = await anna.post(page, "contents", **form, **{"value-name-fi": "kaikki", "value-name-sv": ""})
        assert status == 422
        assert 'aria-invalid="true"' in text
        assert 'value="kaikki"' in text, "what was typed stays"
        values = {"value-name-fi": "kaikki", "value-name-sv": "alla", "value-name-en": "all"}
        status, text = await anna.post(page, "contents", **form, **values)
        assert status == 200
        assert "Hej alla, välkommen." in text
        assert "&lt;b&gt;Spring" in text
        assert await here.rows("SELECT send_at AT TIME ZONE 'Europe/Helsinki' = '2027-08-04 09:00' FROM campaigns") == [
            (True,)
        ]
        status, text = await anna.post(page, "contents", name="x", send_at="soon")
        assert status == 422


async def test_a_filter_needs_what_is_the_same_for_all(database_url: str) -> None:
    async with campaigners(database_url) as (here, url), browser(url) as anna:
        await here.office.citizen()
        await anna.log_in("Anna", role="outreach")
        page = await begun(anna)
        _, text = await anna.post(page, "filter", level="claimed")
        assert "Write these values for everybody first: name" in text
        reminder = await begun(anna, "reminder")
        _, text = await anna.post(reminder, "filter", level="claimed", channel="sms", language="fi")
        assert "found by a filter" in text
        assert await here.rows("SELECT count(*) FROM campaign_rows") == [(1,)]


async def test_roles_and_forms_of_others_are_refused(database_url: str) -> None:
    async with campaigners(database_url) as (here, url), browser(url) as anna, browser(url) as agent:
        await anna.log_in("Anna", role="outreach")
        page = await begun(anna)
        await agent.log_in("Bert", role="agent")
        for path in ("/console/campaigns", page, f"{page}/report.csv"):
            assert (await agent.get(path))[0] == 403
        assert "/console/campaigns" not in (await agent.get("/console/insight"))[1]
        for act in ("contents", "file", "filter", "look", "try", "submit", "approve", "start", "cancel"):
            async with anna.http.post(f"{url}{page}/{act}", data={"token": "0" * 64}) as response:
                assert response.status == 403, act
        async with browser(url) as nobody:
            data = {"file": io.BytesIO(b"phone")}
            async with nobody.http.post(f"{url}{page}/file", data=data, allow_redirects=False) as response:
                assert response.status == 303
        assert await here.status_of(page) == "draft"
        assert (await anna.get("/console/campaigns/00000000-0000-0000-0000-000000000000"))[0] == 404


async def test_a_test_goes_to_ones_own_telephone_alone(database_url: str) -> None:
    async with campaigners(database_url) as (here, url), browser(url) as anna, browser(url) as bert:
        await anna.log_in("Anna", role="outreach")
        await bert.log_in("Bert", role="outreach")
        page = await begun(anna)
        assert "Confirm your own telephone first" in await anna.form(f"{page}/try", language="sv")
        assert "is a landline" in await anna.form("/console/campaigns/phone/ask", page=page[-36:], number="09 310 1691")
        await anna.form("/console/campaigns/phone/ask", page=page[-36:], number="040 555 1234")
        await here.office.app.engine.idle()
        (code,) = re.findall(r"\d{6}", here.office.sms.sent[-1])
        assert "wrong or too old" in await bert.form("/console/campaigns/phone/confirm", page=page[-36:], code=code)
        text = await anna.form("/console/campaigns/phone/confirm", page=page[-36:], code=code)
        assert "ends in 234" in text
        assert "5551234" not in text.replace(" ", "")
        await anna.form(f"{page}/try", language="sv")
        await here.office.app.engine.idle()
        assert here.office.sms.sent[-1] == "Hej Aino, välkommen."
        assert here.office.sms.addresses[-1] == "+358405551234"
        await anna.form("/console/campaigns/phone/forget", page=page[-36:])
        assert "Confirm your own telephone first" in await anna.form(f"{page}/try", language="sv")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_state_has_its_page_in_every_language(database_url: str, language: str) -> None:
    async with campaigners(database_url) as (here, url), browser(url) as anna, browser(url) as bert:
        await anna.log_in("Anna", role="outreach", language=language)
        await bert.log_in("Bert", role="outreach", language=language)
        page = await begun(anna)
        await upload(anna, page, FILE)
        await here.parts.work.run()
        for who, act in (
            *((anna, "submit"), (bert, "give_back"), (bert, "submit"), (bert, "give_back"), (anna, "submit")),
            *((bert, "approve"), (anna, "start"), (anna, "pause"), (anna, "resume"), (anna, "cancel")),
        ):
            status, text = await who.post(page, act)
            assert status == 200
            assert f"did_{act}" not in text.replace("?said=", ""), "a sentence, not its key"
            assert "console.campaigns" not in text
        assert await here.status_of(page) == "cancelled"
        assert (await anna.get("/console/campaigns"))[0] == 200
