"""What staff read and do is written down: for the citizen, and for the city's own control."""

from __future__ import annotations

from mydata.accesses import Accesses
from mydata.audit import of_person
from tests.sentences import LANGUAGES, TEXTS
from tests.unit.console.staff import browser, console
from tests.unit.turn.house import house
from tests.unit.turn.test_handoff import desk, quiet_when_owned, waiting


async def test_a_page_that_is_opened_and_reloaded_is_one_reading(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        conversation = await waiting(one, desk(one))
        page = f"/console/{conversation}"
        await anna.log_in("Anna")
        for _ in range(3):
            await anna.get(page)
        person = await one.value("SELECT person_id FROM conversations")
        (use,) = await Accesses(lambda: one.database.pool, TEXTS, LANGUAGES).of(person)
        assert use.what["en"] == "a conversation with you" and use.purpose["en"] == "to answer you"
        assert await one.rows("SELECT operation, target_id, status FROM audit_events") == [
            ("READ", of_person(conversation), "SUCCESS")
        ]


async def test_what_is_done_and_what_came_too_late(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url:
        conversation = await waiting(one, desk(one))
        async with browser(url) as anna, browser(url) as bert:
            page = f"/console/{conversation}"
            await anna.log_in("Anna")
            await bert.log_in("Bert")
            await anna.post(page, "claim")
            await bert.form(f"{page}/claim")
            await anna.post(page, "note", text="calls often")
        done = await one.rows(
            "SELECT operation, information, status FROM audit_events WHERE operation <> 'READ' ORDER BY id"
        )
        assert done == [
            ("UPDATE", "claim", "SUCCESS"),
            ("UPDATE", "claim", "FAILED"),
            ("CREATE", "note", "SUCCESS"),
        ]
        assert len(await one.rows("SELECT DISTINCT actor FROM accesses")) == 2
        assert "calls often" not in str(await one.rows("SELECT * FROM audit_events"))


async def test_a_page_without_a_record_of_it_is_not_shown(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, console(one, database_url) as url, browser(url) as anna:
        conversation = await waiting(one, desk(one))
        await anna.log_in("Anna")
        await one.database.pool.execute("ALTER TABLE accesses RENAME TO away")
        _, text = await anna.get(f"/console/{conversation}")
        assert "hello" not in text
