"""The pages over the whole server: a citizen of the real city, a person who answers, an editor who looks on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp.test_utils import unused_port
from pydantic import SecretStr

from bot.city import City
from bot.console import console
from bot.rig import Rig
from bot.settings import Settings
from tests.conftest import KNOWLEDGE
from tests.unit.console.keycloak import CLIENT, SECRET, Keycloak, keycloak
from tests.unit.console.staff import browser, opened

MONDAY = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


@asynccontextmanager
async def served(rig: Rig, city: City, database_url: str, realm: Keycloak) -> AsyncIterator[str]:
    """The pages as `neuvo serve` has them."""
    url = f"http://127.0.0.1:{(port := unused_port())}"
    settings = Settings(
        public_url=url,
        city=KNOWLEDGE,
        console_oidc_issuer=realm.issuer,
        console_oidc_client_id=CLIENT,
        console_oidc_client_secret=SecretStr(SECRET),
        console_oidc_roles={"admin": "neuvo-admins"},
    )
    async with opened(console(rig.app, city, settings, database_url), port):
        yield url


async def test_a_citizen_is_answered_by_a_person_who_sees_what_the_city_knows(database_url: str, city: City) -> None:
    async with (
        Rig(city, database_url) as rig,
        keycloak() as realm,
        served(rig, city, database_url, realm) as url,
        browser(url) as anna,
    ):
        realm.roles = ["neuvo-admins"]
        talk = rig.begin(MONDAY)
        await talk.say("how do I get a library card")
        await talk.say("HUMAN")
        await talk.say("zorgle blimp quark")
        await anna.get("/console/login/start?language=en")
        _, text = await anna.get("/console/inbox")
        assert "Libraries, culture and sports" in text
        page = f"/console/{await rig.app.database.pool.fetchval('SELECT id FROM conversations')}"
        _, text = await anna.post(page, "claim")
        assert "One moment" not in text
        assert "I am looking into it, one moment please." in text
        await talk.say("so how do I get that library card")
        _, text = await anna.get(page)
        card = next(topic for topic in city.content.topics if topic.intent == "library_card")
        assert f"<summary>{card.title['en']}</summary>" in text
        await anna.post(page, "say", text="Come to the library with your identity card.")
        await rig.settle()
        assert talk.answer[-1].text == "Come to the library with your identity card."
        await rig.app.tally.write()
        assert "zorgle blimp quark" in (await anna.get("/console/misses"))[1]
        text = await anna.form("/console/try", text="how do I get a library card", language="en")
        assert card.title["en"] in text
