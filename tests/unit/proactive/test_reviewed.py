"""Nothing of health outreach is made before a person has decided on it: every way to a message but that one refuses."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from click.testing import CliRunner

from bot.campaign_desk import CampaignDesk
from bot.cli import main
from bot.keys import new_key
from bot.nudges_content import load_reminders
from knowledge.faults import ContentFaults
from proactive.checkins import LOOK_AGAIN, Checkins
from proactive.lint import findings
from proactive.template import Ladder, Template, Templates, UnknownTemplate
from proactive.wanted import ToAddress, ToPerson, ToPhone, Wanted
from tests.conftest import KNOWLEDGE
from tests.unit.proactive import fleet as campaigns
from tests.unit.proactive.fleet import ANNA, fleet
from tests.unit.proactive.office import office, unlearned
from tests.unit.proactive.service import sent, service
from tests.unit.proactive.store import NOW, PHONE, store, template
from tests.unit.proactive.templates import AROUND
from tests.unit.proactive.test_subscriptions import DAILY, WASTE, there

CITY = Path(__file__).parents[3]
ROOMS = ("bot", "channels", "console", "dialogs", "health", "knowledge", "mydata", "nlu", "portal", "proactive")
HEALTH = "health_outreach"
MESSAGE = template(id="health_message", purpose=HEALTH)
OTHER = template()


async def test_the_store_makes_none_for_anybody_in_any_mode(database_url: str) -> None:
    async with store(database_url, [template(purpose=HEALTH), template(2)]) as there_is:
        person = await there_is.person("sms", PHONE)
        for to in (ToPerson(person), ToPhone(PHONE), ToAddress("sms", PHONE)):
            for mode in ("live", "team", "test"):
                more: dict[str, Any] = {"to": to, "mode": mode, "key_id": uuid4() if mode == "test" else None}
                made = await there_is.one(version=1, **more)
                assert made.fault is not None, (to, mode)
                assert (made.fault.code, made.fault.field, made.id) == ("review", "template", None)
        assert await there_is.value("SELECT count(*) FROM nudges") == 0
        assert (await there_is.one()).fault is None, "only the version of that purpose is refused"


async def test_the_api_refuses_one_and_the_row_of_a_batch(database_url: str) -> None:
    async with service(database_url, templates=[MESSAGE, OTHER]) as here:
        status, body, _ = await here.post(sent(template="health_message"), name="n1")
        assert (status, body["errors"][0]["code"]) == (422, "review")
        rows = [sent(template="health_message"), sent(), sent(template="health_message", to={"phone": "0401234568"})]
        status, body, _ = await here.post({"nudges": rows})
        assert (status, body["created"], body["refused"]) == (200, 1, 2)
        assert [row["error"]["code"] for row in body["nudges"] if "error" in row] == ["review", "review"]
        _, body, _ = await here.call("GET", "/templates")
        assert [one["id"] for one in body["templates"]] == ["appointment_reminder"]
        assert await here.store.rows("SELECT DISTINCT purpose FROM nudges") == [("appointment_reminders",)]


async def test_no_campaign_is_begun_with_it(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    message = replace(campaigns.NOTICE, id="health_message", purpose=HEALTH)
    monkeypatch.setattr(campaigns, "TEMPLATES", (campaigns.NOTICE, message))
    async with fleet(database_url) as here:
        with pytest.raises(UnknownTemplate):
            await here.parts.campaigns.new("Health", "health_message", ANNA)
        city = replace(unlearned(), nudges=Templates((campaigns.NOTICE, message)))
        desk = CampaignDesk(city, here.office.app.database, here.parts)
        assert [one["id"] for one in desk.templates("fi")] == ["notice"]
        assert await desk.new("Health", "health_message", "staff-1", "Anna") is None
        assert await here.rows("SELECT count(*) FROM campaigns") == [(0,)]


async def test_a_campaign_that_was_bent_to_it_in_the_database_sends_nothing(database_url: str) -> None:
    message = replace(campaigns.NOTICE, purpose=HEALTH)
    async with fleet(database_url) as here:
        campaign_id = await here.started(["0401234567;Aino", "0401234568;Eino"])
        here.parts.nudges._templates = Templates((message,))
        await here.parts.work.run()
        await here.office.deliver()
        assert here.office.sms.sent == []
        assert await here.rows("SELECT fault, count(*) FROM campaign_rows GROUP BY 1") == [("review", 2)]
        assert await here.rows("SELECT count(*) FROM nudges WHERE campaign_id = $1", campaign_id) == [(0,)]


def test_the_command_line_begins_none(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("DATABASE_URL", database_url), ("NEUVO_KEYS_URL", database_url)):
        monkeypatch.setenv(name, value)
    for name in ("NEUVO_MASTER_KEY", "NEUVO_INDEX_KEY"):
        monkeypatch.setenv(name, new_key())
    table = tmp_path / "people.csv"
    table.write_text("puhelin\n0401234567\n", encoding="utf-8")
    words = ["campaigns", "new", "Health", "--template", "health_message", "--csv", str(table)]
    said = CliRunner().invoke(main, [*words, "--value", "link=https://www.maisa.fi", "--by", "anna"])
    assert said.exit_code == 1
    assert "there is no template health_message; there are" in said.output
    assert "health_message" not in said.output.partition("there are")[2], "it is not offered either"

    async def count() -> object:
        connection = await asyncpg.connect(database_url)
        try:
            return await connection.fetchval("SELECT (SELECT count(*) FROM campaigns) + (SELECT count(*) FROM nudges)")
        finally:
            await connection.close()

    assert asyncio.run(count()) == 0


def test_nobody_can_order_it_as_a_reminder(tmp_path: Path) -> None:
    words = "daily:\n  title: {fi: a, sv: b, en: c}\n  template: health_message\n  rule: FREQ=DAILY\n"
    (tmp_path / "reminders.yaml").write_text(words, encoding="utf-8")
    with pytest.raises(ContentFaults, match="a person decides on each “health_message”"):
        load_reminders(tmp_path, ("fi", "sv", "en"), Templates((replace(MESSAGE, values={}),)))


async def test_an_order_that_stands_when_its_template_becomes_one_makes_nothing(database_url: str) -> None:
    async with there(database_url) as here:
        await here.order(kind="daily", time="09:00")
        here.store.nudges._templates = Templates((WASTE, replace(DAILY, purpose=HEALTH)))
        await here.at(NOW + timedelta(days=2))
        assert await here.made() == []


async def test_a_check_in_that_nobody_answers_is_not_followed_by_it(database_url: str) -> None:
    ladder = Ladder(again="health_message", again_after=timedelta(hours=2), handoff_after=timedelta(hours=4), skill="x")
    templates = (template(ladder=ladder), MESSAGE)
    async with store(database_url, templates) as here:
        await here.one()
        await here.database.pool.execute("UPDATE nudges SET status = 'sent', sent_at = $1", NOW)

        async def nobody(*_: object) -> None:
            raise AssertionError

        checkins = Checkins(
            lambda: here.database.pool,
            here.nudges._sealer,  # type: ignore[arg-type]
            Templates(templates),
            here.nudges.create,
            nobody,
            language="fi",
            lost=(KeyError,),
            now=lambda: NOW + timedelta(hours=2) + LOOK_AGAIN,
        )
        assert await checkins.sweep() == 1
        assert await here.rows("SELECT template FROM nudges") == [("appointment_reminder",)]


@pytest.mark.parametrize("purposes", [(HEALTH, "senior_checkins"), ("senior_checkins", HEALTH)])
def test_no_ladder_leads_to_it_or_from_it(purposes: tuple[str, str]) -> None:
    ladder = Ladder(again="again", again_after=timedelta(hours=1), handoff_after=timedelta(hours=2), skill="social")
    first, again = template(id="first", purpose=purposes[0], ladder=ladder), template(id="again", purpose=purposes[1])
    found = [message for _, message, _ in findings(first, {"first": first, "again": again}, AROUND)]
    assert "would be sent without a person's decision" in found


async def test_the_process_itself_makes_none_but_for_who_says_that_a_person_has_decided(database_url: str) -> None:
    message = unlearned().nudges.get("health_message")
    async with office(database_url, templates=[message]) as here:
        person = await here.citizen(purpose=HEALTH)
        store_of, wanted = here.app.nudging.store, _wanted(message, person)
        (refused,) = await store_of.create([wanted], maker=b"test")
        assert refused.fault is not None
        assert refused.fault.code == "review"
        (made,) = await store_of.create([wanted], maker=b"test", decided=True)
        assert made.fault is None


def test_one_place_alone_says_that_a_person_has_decided_and_one_statement_alone_makes_nudges() -> None:
    says, inserts = set(), set()
    for path, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "decided" and isinstance(node.value, ast.Constant):
                says.add(path)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "INTO nudges " in node.value:
                inserts.add(path)
    assert says <= {"bot/health_contact.py"}
    assert inserts == {"proactive/nudges_sql.py", "bot/bench_nudges.py"}, "the bench writes into a database of its own"


def _wanted(message: Template, person: UUID) -> Wanted:
    return Wanted(template=message.id, to=ToPerson(person), values={"link": "https://neuvo.hel.fi/my/health"})


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((CITY / room).rglob("*.py")):
            yield path.relative_to(CITY).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_the_city_writes_about_health_with_reviewed_templates_alone() -> None:
    templates = {one.id: one for one in unlearned().nudges}
    assert [one.id for one in templates.values() if one.reviewed] == ["health_message"]
    for path in sorted((KNOWLEDGE / "programmes").glob("*.yaml")):
        assert "\ntemplate: health_message\n" in path.read_text(encoding="utf-8"), path.name
