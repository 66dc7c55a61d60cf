"""From a city system's request to a citizen's telephone and back to that system, over a whole process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

from bot.city import City
from bot.codec import UNREADABLE, Sealer
from bot.http import listen
from bot.nudge_api import api_keys, api_routes
from bot.rig import LEVEL, SMS, Rig
from mydata.ledger import Wish
from proactive.callbacks import Callbacks
from tests.unit.proactive.test_callbacks import receiver

TUESDAY = datetime(2027, 2, 2, 10, 0, tzinfo=UTC)
YES, NO = "+358401234567", "+358501234567"
VALUES = {"count": 2, "due": "2027-02-07", "link": "https://helmet.finna.fi/"}


async def allow(rig: Rig, number: str) -> None:
    """Somebody has allowed reminders of the library on their telephone."""
    personal, purpose = rig.app.personal, rig.city.nudges.get("library_due").purpose
    conversation, person = (await personal.people.at(SMS, [number], "fi"))[number]
    await rig.app.database.pool.execute(LEVEL, conversation, personal.purposes.purposes[purpose].level)
    wish = Wish(purpose=purpose, channel=SMS, language="fi", through=SMS)
    await personal.ledger.give(await personal.pseudonym(person), wish)


async def test_a_system_has_people_written_to_and_hears_what_became_of_it(city: City, database_url: str) -> None:
    async with Rig(city, database_url) as rig, receiver() as hook, aiohttp.ClientSession() as http:
        app = rig.app
        rig.begin(TUESDAY)
        await allow(rig, YES)
        key = await api_keys(app.database, app.keys).make(name="a", team="b", mode="live", webhook_url=hook.url)
        site = web.Application()
        site.add_routes(api_routes(city, app))
        port, close = await listen(site, "127.0.0.1", 0, wait=0.1)
        base, headers = f"http://127.0.0.1:{port}/api/v1/nudges", {"Authorization": f"Bearer {key.secret}"}

        async def ask(method: str, path: str = "", body: Any = None) -> Any:
            async with http.request(method, f"{base}{path}", headers=headers, json=body) as response:
                assert response.status == 200
                return await response.json()

        rows = [{"template": "library_due", "to": {"phone": number}, "values": VALUES} for number in (YES, NO)]
        made = [row["id"] for row in (await ask("POST", body={"nudges": rows}))["nudges"]]
        await rig.settle()
        assert {number: len(sent) for number, sent in rig.telephones.sent.items()} == {YES: 1}
        sent, kept = [await ask("GET", f"/{one}") for one in made]
        assert (sent["status"], sent["channel"]) == ("sent", "sms")
        assert (kept["status"], kept["reason"]) == ("cancelled", "no_consent")
        assert kept["explanation"].keys() == {"fi", "sv", "en"}
        assert kept["events"][-1]["skipped"] == [["sms", "no_consent"]]
        await close()

        # The rig's own worker calls nobody on this machine; this one may.
        pool = app.database.pool
        await pool.execute("UPDATE callbacks SET due_at = now() WHERE status = 'waiting'")
        await pool.execute("UPDATE api_keys SET webhook_rests_until = now()")
        await Callbacks(lambda: pool, Sealer(app.keys), lost=UNREADABLE, loopback=True).run()
        assert set(hook.said) == {(made[0], "sending"), (made[0], "sent"), (made[1], "cancelled")}
