"""Everything of a person comes along, in the documented form, whatever can and cannot be opened."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bot.codec import UNREADABLE
from bot.messages import EffectResult, Location, Outcome, Photo, Reply, Turn
from bot.texts import Texts
from mydata.accesses import Accesses, Actor
from mydata.export import Exports, archive
from mydata.export_page import Readable
from mydata.people import People
from tests.unit.mydata.office import Office, office
from tests.unit.mydata.test_erasure import PICTURE, asking, history
from tests.unit.turn.house import answer

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "mydata" / "export.schema.json").read_text(encoding="utf-8"))
LANGUAGES = ("fi", "sv", "en")
TEXTS = Texts.load(ROOT / "knowledge" / "texts", LANGUAGES)


def exports(found: Office, **more: Any) -> Exports:
    """Exports of a process."""
    pool = found.house.database.pool
    return Exports(lambda: pool, found.house.engine.sealer, unreadable=UNREADABLE, **more)


async def document(found: Office, person: UUID, **more: Any) -> Any:
    """The document, which is in the form that its schema describes."""
    whole = json.loads(b"".join([piece async for piece in exports(found, **more).document(person)]))
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(whole)
    return whole


async def test_everything_is_in_it(database_url: str) -> None:
    async with office(database_url, respond=asking) as found:
        person = await history(found)
        pool = found.house.database.pool
        accesses = Accesses(lambda: pool, TEXTS, LANGUAGES)
        await accesses.note(person, Actor(kind="person", name=""), purpose="export", what="all")
        await found.holds.place(person, "claim", by="clerk-17")

        async def consents(_person: UUID) -> list[dict[str, Any]]:
            return [{"at": "2026-11-26T10:00:00Z", "purpose": "reminders", "kind": "given"}]

        whole = await document(found, person, consents=consents)
        assert whole["person"]["id"] == str(person)
        (conversation,) = whole["conversations"]
        assert conversation["address"] == "citizen"
        assert conversation["state"] == {"value": {"draft": "there is a hole"}}
        asked, answered = conversation["messages"]
        assert (asked["by"], asked["text"]) == ("you", "there is a hole")
        assert asked["pictures"] == [conversation["pictures"][0]["id"]]
        assert (answered["by"], answered["text"], answered["status"]) == ("city", "heard there is a hole", "sent")
        assert answered["delivery"] == "delivered"
        assert conversation["effects"][0]["arguments"] == ["a secret place"]
        assert conversation["handoffs"][0]["reason"] == "wish"
        assert conversation["notes"][0]["text"] == "calls often"
        assert [one["purpose"] for one in whole["accesses"]] == ["desk", "export"]
        assert whole["consents"][0]["purpose"] == "reminders"
        assert whole["legal_holds"][0]["reason"] == "claim"
        assert whole["rows"]["transcript"] == 2
        assert "clerk-17" not in str(whole) and "u1" not in str(whole["accesses"])


async def test_staff_are_called_what_the_citizen_was_told(database_url: str) -> None:
    async with office(database_url) as found:
        await found.house.say("moi")
        await found.house.engine.idle()
        person, conversation = await found.person(), await found.conversation()
        body = (await found.house.engine.sealer.of(person)).reply(Reply(text="Päivää", language="fi"))
        await found.house.database.pool.execute(
            "INSERT INTO handoffs (id, conversation_id, person_id, channel, language, reason, status, agent, "
            "agent_name) VALUES ($1, $2, $3, 'wire', 'fi', 'wish', 'owned', 'auth0|77', 'Aino')",
            uuid4(),
            conversation,
            person,
        )
        await found.house.database.pool.execute(
            "INSERT INTO transcript (conversation_id, person_id, kind, body, author) "
            "VALUES ($1, $2, 'agent', $3, 'auth0|77')",
            conversation,
            person,
            body,
        )
        whole = await document(found, person)
        said = whole["conversations"][0]["messages"][-1]
        assert (said["by"], said["name"], said["text"]) == ("staff", "Aino", "Päivää")
        assert "auth0" not in str(whole)


async def test_what_waits_and_what_came_of_effects(database_url: str) -> None:
    async def told(turn: Turn) -> Outcome:
        return answer("ok", state={}) if turn.incoming.result is None else answer()

    async with office(database_url, respond=told) as found:
        await found.house.say("here", location=Location(60.17, 24.94), payload="p")
        await found.house.say("", result=EffectResult(effect_id="e1", value={"ticket": 17}))
        await found.house.engine.idle()
        await found.house.keep("not answered yet")
        whole = await document(found, await found.person())
        conversation = whole["conversations"][0]
        here, _, result = conversation["messages"]
        assert here["location"] == [60.17, 24.94] and here["payload"] == "p"
        assert (result["by"], result["effect"], result["value"]) == ("service", "e1", {"ticket": 17})
        assert [one.get("text") for one in conversation["arrivals"]] == [None, None, "not answered yet"]


async def test_what_cannot_be_opened_says_so_in_its_place(database_url: str) -> None:
    async with office(database_url, respond=asking) as found:
        person = await history(found)
        pool = found.house.database.pool
        own = await found.keys.own(str(person))
        await pool.execute("UPDATE handoff_notes SET body = $1", own.encode(b"2:written later"))
        await pool.execute("UPDATE effects SET arguments = 'broken'")
        await pool.execute("UPDATE transcript SET body = $1 WHERE kind = 'reply'", own.encode(b"1:{no json"))
        stranger = uuid4()
        await pool.execute("INSERT INTO persons (id) VALUES ($1)", stranger)
        await pool.execute("UPDATE transcript SET person_id = $1 WHERE kind = 'message'", stranger)
        conversation = (await document(found, person))["conversations"][0]
        assert conversation["notes"][0]["unreadable"] == "newer"
        assert conversation["effects"][0]["unreadable"] == "damaged"
        assert [one["unreadable"] for one in conversation["messages"]] == ["key", "damaged"]
        page = await _page(found, person, "fi")
        assert page.count(TEXTS("data.unreadable", "fi")) == 3


async def test_a_long_history_comes_page_by_page(database_url: str) -> None:
    async with office(database_url) as found:
        await found.house.say("moi")
        await found.house.engine.idle()
        person = await found.person()
        body = (await found.house.engine.sealer.of(person)).reply(Reply(text="again", language="en"))
        await found.house.database.pool.execute(
            "INSERT INTO transcript (conversation_id, person_id, kind, body) "
            "SELECT $1, $2, 'reply', $3 FROM generate_series(1, 1000)",
            await found.conversation(),
            person,
            body,
        )
        whole = await document(found, person)
        assert len(whole["conversations"][0]["messages"]) == 1002
        pieces = [piece async for piece in exports(found).document(person)]
        assert max(map(len, pieces)) < 2000
        readable = Readable(TEXTS, LANGUAGES, ZoneInfo("Europe/Helsinki"))
        sections = {one.name: one for one in await readable.sections(exports(found), person)}
        assert len(sections["messages"].rows) == 50 and sections["messages"].more == 952


async def test_the_archive_has_the_data_a_page_and_the_pictures(database_url: str) -> None:
    async with office(database_url, respond=asking) as found:
        person = await history(found)
        readable = Readable(TEXTS, LANGUAGES, ZoneInfo("Europe/Helsinki"))
        pieces = [piece async for piece in archive(exports(found), person, readable.page("sv"))]
        with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as opened:
            whole = json.loads(opened.read("data.json"))
            file = whole["conversations"][0]["pictures"][0]["file"]
            assert opened.read(file) == PICTURE.data
            page = opened.read("page.html").decode()
        assert page.startswith('<!doctype html><html lang="sv">')
        assert "Vad vår personal har antecknat" in page and "calls often" in page


async def test_the_sections_have_words_in_every_language(database_url: str) -> None:
    async with office(database_url, respond=asking) as found:
        person = await history(found)
        await found.holds.place(person, "claim", by="clerk")
        readable = Readable(TEXTS, LANGUAGES, ZoneInfo("Europe/Helsinki"))
        sections = await readable.sections(exports(found), person)
        names = [one.name for one in sections]
        assert names == [
            *("person", "conversations", "messages", "pictures", "effects", "handoffs", "notes", "accesses"),
            "legal_holds",
        ]
        for section in sections:
            assert set(section.title) == set(section.why) == set(LANGUAGES)
            assert all(set(row.label) == set(LANGUAGES) for row in section.rows)
        used = sections[7].rows[0].label["en"]
        assert used == "A member of the city's service staff: all that is held about you (to answer you)"
        assert all(row.at is not None for section in sections for row in section.rows)


WRITTEN = """
INSERT INTO nudges (id, person_id, template, version, purpose, urgency, values, scheduled_at, due_at, expires_at,
    status, sent_at, ended_at, answer, answered_at)
VALUES ($1, $2, 'waste_pickup', 1, 'waste', 'routine', $3, now(), now(), now(), 'delivered', now(), now(), 'ok', now())
"""
ORDERED = """
INSERT INTO subscriptions (id, person_id, conversation_id, channel, kind, purpose, language, details)
VALUES ($1, $2, $3, 'sms', 'waste_pickup', 'waste', 'fi', $4)
"""


async def test_what_the_city_wrote_first_and_what_was_ordered_are_in_it_and_go_also_of_who_became_part_of_somebody(
    database_url: str,
) -> None:
    async with office(database_url) as found:
        await found.house.say("moi")
        await found.house.engine.idle()
        old, conversation, pool = await found.person(), await found.conversation(), found.house.database.pool
        content, nudge = await found.house.engine.sealer.of(old), uuid4()
        await pool.execute(WRITTEN, nudge, old, content.json({"kind": "bio", "day": "2027-08-03"}))
        await pool.execute("INSERT INTO nudge_events (nudge_id, status, reason) VALUES ($1, 'delivered', 'x')", nudge)
        await pool.execute("INSERT INTO nudge_answers (id, nudge_id, choice) VALUES ($1, $1, 'ok')", nudge)
        place = {"text": "Kaivokatu 1", "latitude": 60.1}
        await pool.execute(ORDERED, uuid4(), old, conversation, content.json({"place": place, "time": "18:00"}))
        people = People(lambda: pool, found.house.engine.sealer)
        new = await people.identified("issuer", "subject", "substantial")
        assert await people.linked(conversation, new)
        whole = await document(found, new)
        assert whole["nudges"][0]["values"] == {"kind": "bio", "day": "2027-08-03"}
        assert [event["reason"] for event in whole["nudges"][0]["events"]] == ["x"]
        assert (whole["nudges"][0]["answer"], whole["nudges"][0]["status"]) == ("ok", "delivered")
        assert whole["subscriptions"][0]["details"]["place"]["text"] == "Kaivokatu 1"
        readable = Readable(TEXTS, LANGUAGES, ZoneInfo("Europe/Helsinki"))
        lines = {one.name: one.rows[0].value for one in await readable.sections(exports(found), new)}
        assert (lines["nudges"], lines["subscriptions"]) == ("bio, 2027-08-03", "Kaivokatu 1, 18:00")
        await found.erasures.ask(new, "portal")
        await found.finish()
        for table in ("nudges", "nudge_events", "nudge_answers", "subscriptions"):
            assert await found.house.value(f"SELECT count(*) FROM {table}") == 0


async def test_channels_and_purposes_have_the_names_that_citizens_know(database_url: str) -> None:
    async def consents(_: UUID) -> list[dict[str, str]]:
        return [{"at": "2026-11-26T10:00:00+00:00", "purpose": "reminders", "kind": "given"}]

    async with office(database_url) as found:
        await found.house.say("moi")
        await found.house.engine.idle()
        person = await found.person()
        await found.house.database.pool.execute("UPDATE conversations SET channel = 'webchat'")
        titles = {"reminders": {"fi": "Muistutukset", "sv": "Påminnelser", "en": "Reminders"}}
        readable = Readable(TEXTS, LANGUAGES, ZoneInfo("Europe/Helsinki"), purposes=titles)
        labels = {
            one.name: one.rows[0].label for one in await readable.sections(exports(found, consents=consents), person)
        }
        assert labels["consents"] == titles["reminders"]
        assert labels["conversations"]["fi"] == "verkkokeskustelu"


async def test_markup_of_a_citizen_is_text(database_url: str) -> None:
    async with office(database_url) as found:
        await found.house.say("<script>alert(1)</script>", photos=(Photo(content_type="image/png", data=b"x"),))
        await found.house.engine.idle()
        page = await _page(found, await found.person(), "en")
        assert "<script>" not in page and "&lt;script&gt;" in page


async def test_of_nobody_there_is_nothing(database_url: str) -> None:
    async with office(database_url) as found:
        assert [piece async for piece in exports(found).document(uuid4())] == []
        assert await exports(found).picture(uuid4()) is None


async def _page(found: Office, person: UUID, language: str) -> str:
    readable = Readable(TEXTS, LANGUAGES, ZoneInfo("Europe/Helsinki"))
    pieces: AsyncIterator[bytes] = readable.page(language)(exports(found).walk(person))
    return b"".join([piece async for piece in pieces]).decode()
