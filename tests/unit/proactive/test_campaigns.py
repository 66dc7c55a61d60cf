"""A campaign from its draft to its end: by two people, each message once, through crashes, pauses and cancellations."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from bot.database import DOWN
from mydata.holdings import counted
from mydata.retention_sql import OLD
from proactive.campaign import FROM, Act, Who
from proactive.campaign_audience import Filter, NotDraft
from proactive.nudge import Created
from proactive.rules import Price, Rules
from proactive.template import UnknownTemplate
from proactive.wanted import Wanted
from tests.unit.proactive.fleet import ANNA, BERT, Fleet, bind, fleet, people
from tests.unit.proactive.office import NOON


async def sent(here: Fleet) -> list[str]:
    await here.parts.work.run()
    await here.office.deliver()
    await here.parts.work.run()
    return here.office.sms.sent


async def test_from_the_draft_to_the_end(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.started(["0401234567;Aino", "0401234568;Eino"])
        assert sorted(await sent(here)) == ["Hei Aino, **tervetuloa**.", "Hei Eino, **tervetuloa**."]
        found = await here.get(campaign_id)
        assert (found.status, found.author_name, found.approver_name) == ("done", "Anna", "Bert")
        assert found.ended_at is not None
        counts = await here.parts.views.counts(campaign_id)
        assert (counts.rows, counts.usable, counts.made, counts.sent, counts.waiting) == (2, 2, 2, 2, 0)
        assert await here.rows("SELECT count(*), count(DISTINCT nudge_id) FROM campaign_rows") == [(2, 2)]


async def test_who_has_written_it_does_not_approve_it(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.draft(rows=people(1))
        await here.parts.work.run()
        act = here.parts.campaigns.act
        carl = Who("staff-3", "Carl")
        assert await act(campaign_id, "approve", BERT) == "late", "nobody has handed it in"
        changes: dict[str, Any] = {"name": "Spring!", "values": {}, "channels": None, "send_at": None}
        assert await here.parts.campaigns.change(campaign_id, BERT, **changes)
        await here.parts.work.run()
        assert await act(campaign_id, "submit", carl) == "done"
        assert await act(campaign_id, "approve", ANNA) == "own"
        assert await act(campaign_id, "approve", BERT) == "own", "who has changed a word is an author too"
        assert await act(campaign_id, "start", ANNA) == "late"
        assert await act(campaign_id, "approve", carl) == "done"
        with pytest.raises(asyncpg.CheckViolationError):
            await here.pool.execute("UPDATE campaigns SET approved_by = 'staff-1'")
        with pytest.raises(asyncpg.CheckViolationError):
            await here.pool.execute("UPDATE campaigns SET approved_by = NULL")


async def test_what_is_handed_in_is_not_changed_and_what_is_given_back_is_approved_anew(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.draft(rows=people(1))
        await here.parts.work.run()
        await here.parts.campaigns.act(campaign_id, "submit", ANNA)
        await here.parts.campaigns.act(campaign_id, "approve", BERT)
        changes: dict[str, Any] = {"name": "x", "values": {"name": "Mallory"}, "channels": None, "send_at": None}
        assert not await here.parts.campaigns.change(campaign_id, ANNA, **changes)
        with pytest.raises(NotDraft):
            await here.file(campaign_id, "phone;name\n0409999999;Mallory\n")
        assert await here.parts.campaigns.act(campaign_id, "give_back", ANNA) == "done"
        assert (await here.get(campaign_id)).approved_by is None
        assert await here.parts.campaigns.act(campaign_id, "start", ANNA) == "late"


async def test_what_is_approved_is_what_was_looked_at(database_url: str) -> None:
    async with fleet(database_url) as here:
        no = await here.office.citizen("+358402222222", purpose=None)
        await here.office.withdraw(no, purpose="service_improvement")
        campaign_id = await here.draft(rows=["+358402222222;No", "+358405555555;Yes"])
        await here.parts.work.run()
        await here.parts.campaigns.act(campaign_id, "submit", ANNA)
        await here.parts.campaigns.look_again(campaign_id)
        assert await here.parts.campaigns.act(campaign_id, "approve", BERT) == "unlooked"
        await here.parts.work.run()
        assert await here.parts.campaigns.act(campaign_id, "approve", BERT) == "done"
        await here.office.agree(no, purpose="service_improvement")
        await here.parts.campaigns.look_again(campaign_id)
        counts = await here.parts.views.counts(campaign_id)
        assert (counts.unlooked, counts.usable, counts.skipped) == (0, 1, 1)


async def test_an_empty_campaign_and_one_that_nobody_has_looked_at_are_not_handed_in(database_url: str) -> None:
    async with fleet(database_url) as here:
        empty = await here.draft()
        assert await here.parts.campaigns.act(empty, "submit", ANNA) == "empty"
        faulty = await here.draft(rows=["09 310 1691;Aino"])
        await here.parts.work.run()
        assert await here.parts.campaigns.act(faulty, "submit", ANNA) == "empty"
        fresh = await here.draft(rows=people(1))
        assert await here.parts.campaigns.act(fresh, "submit", ANNA) == "unlooked"
        with pytest.raises(UnknownTemplate):
            await here.draft("nothing")


@pytest.mark.parametrize("act", FROM)
async def test_of_two_who_do_the_same_at_once_one_does_it(database_url: str, act: Act) -> None:
    before: dict[Act, Sequence[Act]] = {
        "submit": (),
        "give_back": ("submit",),
        "approve": ("submit",),
        "start": ("submit", "approve"),
        "pause": ("submit", "approve", "start"),
        "resume": ("submit", "approve", "start", "pause"),
        "cancel": (),
    }
    async with fleet(database_url) as here:
        campaign_id = await here.draft(rows=people(1))
        await here.parts.work.run()
        for step in before[act]:
            await here.parts.campaigns.act(campaign_id, step, BERT)
        both = await asyncio.gather(*(here.parts.campaigns.act(campaign_id, act, BERT) for _ in range(2)))
        assert sorted(both) == ["done", "late"]


class _Crash(Exception):
    """The process is gone."""


class _Crashing:
    """A store of nudges whose process is lost before or after some calls."""

    def __init__(
        self, inner: Any, *, before: frozenset[int] = frozenset(), after: frozenset[int] = frozenset()
    ) -> None:
        self._inner, self._before, self._after, self.calls = inner, before, after, 0

    async def create(self, wanted: Sequence[Wanted], *, maker: bytes) -> list[Created]:
        self.calls += 1
        if self.calls in self._before:
            raise _Crash
        made: list[Created] = await self._inner.create(wanted, maker=maker)
        if self.calls in self._after:
            raise _Crash
        return made


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_in_the_middle_of_making_sends_each_message_once(database_url: str, when: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.started(people(50))
        store = _Crashing(here.office.app.nudging.store, **{when: frozenset({1, 3, 4})})
        work = bind(here.office, Rules(), nudges=store).work
        work._at_once = 7
        crashes = 0
        while True:
            try:
                await work.run()
                break
            except _Crash:
                crashes += 1
        assert crashes == 3
        assert await here.rows("SELECT count(*), count(DISTINCT id) FROM nudges") == [(50, 50)]
        assert len(await sent(here)) == 50
        assert len(set(here.office.sms.addresses)) == 50
        assert await here.status(campaign_id) == "done"


async def test_a_lost_connection_in_the_middle_of_making_sends_each_message_once(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.started(people(40))

        class Cut:
            """The server ends our connections, after the nudges are stored and before the rows know."""

            left = 3

            async def create(self, wanted: Sequence[Wanted], *, maker: bytes) -> list[Created]:
                made = await here.office.app.nudging.store.create(wanted, maker=maker)
                if self.left:
                    self.left -= 1
                    other = await asyncpg.connect(database_url)
                    await other.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                    await other.close()
                return made

        work = bind(here.office, Rules(), nudges=Cut()).work
        work._at_once = 9
        lost = 0
        for _ in range(20):
            try:
                await work.run()
                break
            except DOWN:
                lost += 1
        assert lost >= 3
        assert await here.rows("SELECT count(*), count(DISTINCT person_id) FROM nudges") == [(40, 40)]
        assert await here.rows("SELECT count(nudge_id) FROM campaign_rows") == [(40,)]
        assert len(await sent(here)) == 40
        assert await here.status(campaign_id) == "done"


async def test_two_workers_share_the_work(database_url: str) -> None:
    async with fleet(database_url) as here:
        await here.started(people(60))
        workers = [bind(here.office, Rules()).work for _ in range(3)]
        for worker in workers:
            worker._at_once = 5
        await asyncio.gather(*(worker.run() for worker in workers))
        assert await here.rows("SELECT count(*), count(DISTINCT person_id) FROM nudges") == [(60, 60)]
        assert sorted(await sent(here)) == sorted(f"Hei Person {n}, **tervetuloa**." for n in range(60))


async def test_a_pause_holds_what_is_made_and_going_on_sends_it_at_once(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.started(people(3))
        await here.parts.work.run()
        await here.parts.campaigns.act(campaign_id, "pause", ANNA)
        assert await sent(here) == []
        assert await here.rows("SELECT DISTINCT status, reason FROM nudges") == [("held", "paused")]
        assert await here.status(campaign_id) == "paused"
        await here.parts.campaigns.act(campaign_id, "resume", ANNA)
        assert len(await sent(here)) == 3
        assert await here.status(campaign_id) == "done"


async def test_a_pause_while_messages_are_made_leaves_the_rest_unmade(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.started(people(20))
        here.parts.work._at_once = 5
        await here.parts.work.step()
        await here.parts.campaigns.act(campaign_id, "pause", ANNA)
        await here.parts.work.run()
        assert await here.rows("SELECT count(*) FROM nudges") == [(5,)]
        await here.parts.campaigns.act(campaign_id, "resume", ANNA)
        assert len(await sent(here)) == 20


async def test_cancelled_is_cancelled_also_what_was_made_in_that_moment(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.started(people(10))
        here.parts.work._at_once = 4
        await here.parts.work.step()
        await here.office.deliver()

        class Late:
            async def create(self, wanted: Sequence[Wanted], *, maker: bytes) -> list[Created]:
                await here.parts.campaigns.act(campaign_id, "cancel", ANNA)
                return await here.office.app.nudging.store.create(wanted, maker=maker)

        late = bind(here.office, Rules(), nudges=Late()).work
        late._at_once = 4
        await late.step()
        await here.parts.work.run()
        assert await here.rows("SELECT count(*) FROM nudges WHERE status IN ('created', 'held')") == [(0,)]
        assert len(await sent(here)) == 4
        assert await here.rows("SELECT status, reason, count(*) FROM nudges GROUP BY 1, 2 ORDER BY 1") == [
            ("cancelled", "cancelled", 4),
            ("sent", None, 4),
        ]
        assert await here.rows(
            "SELECT count(*) FROM nudge_events WHERE status = 'cancelled' AND reason = 'cancelled'"
        ) == [(4,)]
        assert await here.parts.campaigns.act(campaign_id, "resume", ANNA) == "late"


async def test_the_time_of_sending_is_kept(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.draft(rows=people(1))
        at = NOON + timedelta(hours=3)
        changes: dict[str, Any] = {"name": "x", "values": {}, "channels": None, "send_at": at}
        await here.parts.campaigns.change(campaign_id, ANNA, **changes)
        await here.parts.work.run()
        for act, who in (("submit", ANNA), ("approve", BERT), ("start", BERT)):
            await here.parts.campaigns.act(campaign_id, act, who)  # type: ignore[arg-type]
        assert await sent(here) == []
        assert await here.status(campaign_id) == "running"
        here.office.clock.move(hours=3, minutes=1)
        assert len(await sent(here)) == 1


async def test_the_dry_run_says_who_is_skipped_and_why_and_what_it_costs(database_url: str) -> None:
    async with fleet(database_url, price=Price(part=0.05, part_abroad=0.2)) as here:
        office = here.office
        await office.citizen("+358401111111", purpose=None, language="sv")
        no = await office.citizen("+358402222222", purpose=None)
        await office.withdraw(no, purpose="service_improvement")
        stop = "INSERT INTO suppressions (channel, address_lookup, reason) VALUES ('sms', $1, $2)"
        lookup = office.app.keys.lookup
        await here.pool.execute(stop, lookup("+358403333333"), "wrong_number")
        await here.pool.execute(
            "INSERT INTO reach (channel, address_lookup, opted_out) VALUES ('sms', $1, true)", lookup("+358404444444")
        )
        rows = [
            "+358401111111;Ulla",
            "+358402222222;No",
            "+358403333333;Wrong",
            "+358404444444;Stopped",
            "+358405555555;New",
            "+46701234567;Abroad",
            f"+358406666666;{'Long ' * 7}",
            "+358407777777;" + "Ж" * 40,
        ]
        campaign_id = await here.draft(rows=rows)
        assert (await here.parts.views.counts(campaign_id)).unlooked == 8
        await here.parts.work.run()
        assert await here.parts.views.skipped(campaign_id) == [
            {"reason": "opted_out", "rows": 1},
            {"reason": "withdrawn", "rows": 1},
            {"reason": "wrong_number", "rows": 1},
        ]
        groups = await here.parts.views.groups(campaign_id)
        assert [(g["channel"], g["spoken"], g["abroad"], g["rows"], g["parts"], g["longest"]) for g in groups] == [
            ("sms", "fi", False, 3, 3, 1),
            ("sms", "fi", True, 1, 1, 1),
            ("sms", "sv", False, 1, 1, 1),
        ]
        assert [round(g["cost"], 2) for g in groups] == [0.15, 0.2, 0.05]
        assert await here.rows("SELECT count(*) FROM nudges") == [(0,)]
        assert office.sms.sent == []
        assert await here.rows("SELECT count(*) FROM conversations") == [(2,)], "a dry run begins no conversation"


async def test_who_is_skipped_is_not_written_to(database_url: str) -> None:
    async with fleet(database_url) as here:
        no = await here.office.citizen("+358402222222", purpose=None)
        await here.office.withdraw(no, purpose="service_improvement")
        await here.started(["+358402222222;No", "+358405555555;Yes"])
        assert await sent(here) == ["Hei Yes, **tervetuloa**."]


async def test_a_consent_that_ends_after_the_approval_stops_the_message(database_url: str) -> None:
    async with fleet(database_url) as here:
        person = await here.office.citizen("+358402222222", purpose=None)
        campaign_id = await here.started(["+358402222222;No"])
        await here.office.withdraw(person, purpose="service_improvement")
        assert await sent(here) == []
        assert await here.parts.views.statuses(campaign_id) == [
            {"status": "cancelled", "reason": "withdrawn", "count": 1, "sent": 0, "answered": 0}
        ]
        assert await here.status(campaign_id) == "done"


async def test_the_audience_of_a_filter_is_who_has_agreed(database_url: str) -> None:
    async with fleet(database_url, channels=("sms", "telegram", "webchat")) as here:
        office = here.office
        await office.citizen("+358401111111", language="fi")
        await office.citizen("+358402222222", language="sv")
        await office.citizen("t1", "telegram", language="sv")
        await office.citizen("t2", "telegram", purpose=None, language="sv")
        campaign_id = await here.draft("reminder")
        audience = here.parts.audiences.from_filter
        assert (await audience(await here.get(campaign_id), Filter(), ANNA)).good == 4
        assert (await audience(await here.get(campaign_id), Filter(level="strong"), ANNA)).good == 0
        wanted = Filter(channels=["telegram"], languages=["sv", "en"])
        assert (await audience(await here.get(campaign_id), wanted, ANNA)).good == 2
        await here.parts.work.run()
        assert await here.parts.views.skipped(campaign_id) == [{"reason": "no_consent", "rows": 1}]
        for act, who in (("submit", ANNA), ("approve", BERT), ("start", BERT)):
            await here.parts.campaigns.act(campaign_id, act, who)  # type: ignore[arg-type]
        await sent(here)
        assert office.wires["telegram"].sent == ["Glass tomorrow."]
        assert await here.rows("SELECT count(*) FROM nudges") == [(1,)]


async def test_the_audience_of_a_programme_is_whom_it_names(database_url: str) -> None:
    async with fleet(database_url) as here:
        persons = [await here.office.citizen(f"+35840111111{n}") for n in range(3)]

        class Two:
            def title(self, language: str) -> str:
                return language

            async def persons(self) -> Any:
                for person in (*persons[:2], UUID(int=7)):
                    yield person

        here.parts.audiences.programmes = {"two": Two()}
        campaign_id = await here.draft("reminder")
        filled = await here.parts.audiences.from_programme(await here.get(campaign_id), "two", ANNA)
        assert filled.good == 3
        await here.parts.work.run()
        assert await here.parts.views.skipped(campaign_id) == [{"reason": "no_route", "rows": 1}]
        assert (await here.parts.views.counts(campaign_id)).usable == 2


async def test_a_broken_upload_leaves_the_audience_before_it(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.draft(rows=people(3))

        class Broken(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                if self.tell() > 30_000:
                    raise OSError("gone")
                return super().read(size)

        data = Broken(("phone;name\n" + "\n".join(people(3000, 100))).encode())
        with pytest.raises(OSError, match="gone"):
            await here.parts.audiences.from_file(await here.get(campaign_id), data, ANNA)
        assert (await here.parts.views.counts(campaign_id)).rows == 3


async def test_the_report_of_a_file_has_lines_and_codes_and_nothing_of_the_cells(database_url: str) -> None:
    async with fleet(database_url) as here:
        text = "phone;name\n0401234567;Aino\n09 310 1691;Secret\n0401234567;Aino\n0401234568;=cmd|x\n;Nobody\n"
        campaign_id = await here.draft(text=text)
        report = [tuple(row.values()) async for row in here.parts.views.fault_lines(campaign_id)]
        assert report == [
            (3, "landline", "phone"),
            (4, "duplicate", None),
            (5, "formula", "name"),
            (6, "missing", "phone"),
        ]
        faults = await here.parts.views.faults(campaign_id)
        assert {(row["fault"], row["rows"], tuple(row["lines"])) for row in faults} == {
            ("landline", 1, (3,)),
            ("duplicate", 1, (4,)),
            ("formula", 1, (5,)),
            ("missing", 1, (6,)),
        }
        stored = "".join(map(str, await here.rows("SELECT * FROM campaign_rows"))) + str(
            await here.rows("SELECT * FROM campaigns")
        )
        assert [word for word in ("Secret", "cmd", "Nobody", "Aino", "401234567") if word in stored] == []


async def test_a_template_that_is_gone_stops_its_campaign_and_no_other(database_url: str) -> None:
    async with fleet(database_url) as here:
        lost = await here.started(people(2))
        await here.pool.execute("UPDATE campaigns SET version = 9 WHERE id = $1", lost)
        good = await here.started(people(2, 10))
        assert len(await sent(here)) == 2
        assert (await here.status(lost), await here.status(good)) == ("done", "done")
        assert [row["fault"] for row in await here.parts.views.faults(lost)] == ["unreadable"]


async def test_each_channel_and_language_is_shown_as_it_will_look(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.draft(rows=["0401234567;Aino <b>", "0401234568;Eino Eemeli"])
        await here.parts.work.run()
        template = here.office.app.nudging.store._templates.get("notice")
        shown = await here.parts.views.samples(await here.get(campaign_id), template, ["sms", "telegram"])
        assert [(one.channel, one.language) for one in shown] == [
            (channel, language) for channel in ("sms", "telegram") for language in ("fi", "sv", "en")
        ]
        assert shown[0].bodies == ["Hei Aino <b>, tervetuloa."]
        assert shown[0].parts == 1
        assert shown[1].bodies == ["Hej Aino, välkommen."], "an example, where nobody reads that language"
        assert "**tervetuloa**" in shown[3].reply.text


async def test_results_by_hour_and_channel(database_url: str) -> None:
    async with fleet(database_url) as here:
        campaign_id = await here.started(people(4))
        await sent(here)
        await here.pool.execute(
            "UPDATE nudges SET status = 'delivered', ended_at = sent_at + interval '1 hour', answer = 'yes',"
            " answered_at = sent_at + interval '2 hours' WHERE id = (SELECT min(id::text)::uuid FROM nudges)"
        )
        await here.pool.execute(
            "INSERT INTO suppressions (channel, address_lookup, reason, at) "
            "SELECT 'sms', address_lookup, 'opted_out', (SELECT min(sent_at) + interval '10 minutes' FROM nudges) "
            "FROM campaign_rows LIMIT 1"
        )
        hours = await here.parts.views.hours(campaign_id, "Europe/Helsinki")
        assert [(row["hour"].hour, row["channel"], row["what"], row["count"]) for row in hours] == [
            (12, "sms", "opted_out", 1),
            (12, "sms", "sent", 4),
            (13, "sms", "delivered", 1),
            (14, "sms", "answered", 1),
        ]


async def test_a_telephone_of_ones_own_is_shown_by_a_code(database_url: str) -> None:
    async with fleet(database_url) as here:
        testers = here.parts.testers
        assert await testers.of("staff-1") is None
        assert await testers.ask("staff-1", "040 123 4567", "fi") == "sent"
        await here.office.app.engine.idle()
        code = "".join(sign for sign in here.office.sms.sent[-1].split(".")[0] if sign.isdigit())
        assert not await testers.confirm("staff-1", "000000" if code != "000000" else "111111")
        assert not await testers.confirm("staff-2", code), "a code is of who asked for it"
        assert await testers.confirm("staff-1", f"{code[:3]} {code[3:]}")
        found = await testers.of("staff-1")
        assert found is not None
        assert (found.number, found.ending, found.confirmed) == ("+358401234567", "567", True)
        assert not await testers.confirm("staff-1", code)
        for _ in range(2):
            assert await testers.ask("staff-1", "040 123 4568", "fi") == "sent"
        assert await testers.ask("staff-1", "040 123 4569", "fi") == "limited"
        for _ in range(6):
            assert not await testers.confirm("staff-1", "xxxxxx")


async def test_a_person_takes_their_rows_along_and_old_audiences_go(database_url: str) -> None:
    async with fleet(database_url) as here:
        person = await here.office.citizen("+358400000001")
        filtered = await here.draft("reminder")
        await here.parts.audiences.from_filter(await here.get(filtered), Filter(), ANNA)
        await here.draft(rows=people(3))
        assert await here.parts.testers.ask("staff-1", "+358400000001", "fi") == "sent"
        async with here.pool.acquire() as connection:
            held = await counted(connection, person)
        assert (held["campaign_rows"], held["campaign_testers"]) == (2, 1)
        later = datetime.now(UTC) + timedelta(days=1)
        running = await here.started(people(2, 50))
        for category in ("audiences", "campaigns"):
            for old in OLD[category]:
                await here.pool.fetch(old.remove, later)
        assert await here.rows("SELECT id FROM campaigns") == [(running,)]
        assert await here.rows("SELECT count(*) FROM campaign_rows") == [(2,)]
        assert await here.rows("SELECT count(*) FROM campaign_testers") == [(0,)]
