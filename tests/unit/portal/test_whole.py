"""The citizen's pages over what they are bound to: people, sealed data, the ledger, receipts and the real city."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bot.city import City
from bot.codec import Sealer
from bot.data import data
from bot.database import Database
from bot.gdpr import gdpr_api
from bot.health_letters import OwnLetters
from bot.http import listen
from bot.keys import KeyStore
from bot.personal import personal
from bot.portal import Pages, Parts, portal
from bot.purposes import load_purposes
from bot.settings import Settings
from bot.transparency import Running
from mydata.ledger import Ledger
from mydata.people import People
from mydata.receipt import schema
from tests.conftest import KNOWLEDGE
from tests.keys import opened_keys
from tests.unit.health.programmes import content
from tests.unit.portal.test_gdpr_api import realm
from tests.unit.portal.town import LANGUAGES, TEXTS, Citizen, citizen

AINO = "7d3c0a52-1f64-4a0e-9f0e-0c51d5a3e001"
CONVERSATION = """
INSERT INTO conversations (id, person_id, channel, address_lookup, address, language) VALUES ($1, $2, $3, $4, $5, 'en')
"""


@dataclass
class House:
    """A process, and who is in its database."""

    parts: Parts
    pages: Pages
    settings: Settings
    keys: KeyStore
    url: str

    async def talk(self, channel: str, key: str) -> UUID:
        """A conversation at an address, of somebody who is not known yet."""
        sealer, person, conversation = Sealer(self.keys), uuid4(), uuid4()
        content = await sealer.of(person, make=True)
        pool = self.parts.database.pool
        await pool.execute("INSERT INTO persons (id) VALUES ($1)", person)
        sealed = content.text(key)
        await pool.execute(CONVERSATION, conversation, person, channel, sealer.lookup(key), sealed)
        return conversation


@asynccontextmanager
async def house(database_url: str, city: City, **settings: object) -> AsyncIterator[House]:
    async with Database(database_url) as database, opened_keys(database_url) as keys:
        people = People(lambda: database.pool, Sealer(keys))
        purposes = load_purposes(KNOWLEDGE, city.languages)
        held = data(
            database,
            keys,
            keys,
            texts=city.texts,
            languages=city.languages,
            zone=city.zone,
            rules=city.retention,
        )

        async def pseudonym(person: UUID) -> bytes:
            return (await keys.own(str(person))).pseudonym("consents")

        async def resume(_conversation: UUID) -> None:
            """Nothing waits."""

        ledger = Ledger(lambda: database.pool, b"m" * 32, purposes)
        letters = OwnLetters(database, keys, personal(city, database, keys, keys, resume), content(), None)
        parts = Parts(
            database=database,
            people=people,
            data=held,
            ledger=ledger,
            purposes=purposes,
            pseudonym=pseudonym,
            letters=letters,
        )
        chosen = Settings.model_validate({"port": unused_port(), "city": KNOWLEDGE, **settings})
        running = Running(channels=("webchat", "sms"), staffed=True, semantic=False, misses_days=30)
        made = portal(chosen, city, parts, running, development=True)
        site = web.Application()
        site.add_routes(made.routes)
        _, close = await listen(site, "127.0.0.1", chosen.port, wait=0.1)
        try:
            yield House(parts, made, chosen, keys, chosen.address)
        finally:
            await close()


async def log_in(browser: Citizen, path: str = "/my/login") -> str:
    """Choose Aino at the provider of the test; the page after it."""
    async with browser.http.get(browser.url + path) as response:
        query = dict(response.url.query)
        chosen = response.url.with_path(response.url.path.replace("/auth", "/chosen"))
    asked = {**query, "subject": AINO, "loa": "substantial"}
    async with browser.http.get(chosen.with_query(asked)) as response:
        assert response.status == 200
        return await response.text()


def purpose_of(one: House, channel: str) -> tuple[str, int]:
    name = one.parts.purposes.on(channel)[0]
    return name, one.parts.purposes.purposes[name].version


async def test_a_citizen_links_a_number_decides_and_leaves(database_url: str, city: City) -> None:
    async with house(database_url, city) as one, citizen(one.url) as aino:
        links = one.pages.links
        assert links is not None
        talk = await one.talk("sms", "+358401234567")
        path = (await links.begin(talk, "en")).removeprefix(one.url).partition("?")[0]
        text = await log_in(aino, f"{path}/login")
        code = "".join(re.findall(r"(\d{3}) (\d{3})<", text)[0])
        assert await links.finish(talk, code) == "linked"
        assert "ends with 567" in (await aino.get("/my/channels"))[1]
        assert "+358401234567" in (await aino.get("/my/data"))[1]

        purpose, version = purpose_of(one, "sms")
        fields = {"purpose": purpose, "version": str(version), "channel": "sms"}
        status, text = await aino.post("/my/consents", **fields, given="yes")
        assert status == 200
        assert "This is your receipt." in text
        receipt = re.findall(r"/my/receipts/([0-9a-f-]+)/record", text)[0]
        _, record = await aino.get(f"/my/receipts/{receipt}/record.jsonld")
        Draft202012Validator(schema()).validate(json.loads(record))
        assert (await aino.post("/my/consents", **fields, given="no"))[0] == 200
        assert (await aino.post("/my/consents", **{**fields, "channel": "telegram"}, given="yes"))[0] == 404
        assert (await aino.post("/my/consents", **{**fields, "version": "99"}, given="yes"))[0] == 409
        assert "Withdrawn" in (await aino.get("/my/consents"))[1]

        _, copy = await aino.get("/my/copy/data.json")
        assert json.loads(copy)["conversations"][0]["address"] == "+358401234567"
        assert "You yourself" in (await aino.get("/my/uses"))[1]

        token = await aino.token()
        assert "Your data is being erased" in (await aino.post("/my/erase", token=token, sure="yes"))[1]
        pool = one.parts.database.pool
        for table in ("persons", "conversations", "portal_sessions", "portal_links"):
            assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0, table


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_speaks_each_language(database_url: str, city: City, language: str) -> None:
    async with house(database_url, city) as one, citizen(one.url, language) as aino:
        await log_in(aino)
        for page in ("data", "copy", "correct", "erase", "consents", "health", "uses", "channels", "join"):
            status, text = await aino.get(f"/my/{page}")
            assert status == 200, page
            assert f'<html lang="{language}">' in text
        _, text = await aino.get("/transparency")
        for name in ("overview", "datasets", "processing", "fairness", "oversight", "risks", "contact"):
            assert TEXTS(f"register.{name}", language) in text
        assert str(len(city.content.topics)) in text
        _, text = await aino.get("/privacy")
        for purpose in one.parts.purposes.purposes.values():
            assert purpose.title[language].replace("'", "&#39;") in text


async def test_the_profile_service_gets_and_erases_what_a_login_made(database_url: str, city: City) -> None:
    async with (
        realm() as issuer,
        house(database_url, city, gdpr_issuer=issuer.issuer, gdpr_audience="https://neuvo.example/gdpr") as one,
        aiohttp.ClientSession() as http,
    ):
        subject = str(uuid4())
        person = await one.parts.people.identified(issuer.issuer, subject, "substantial")
        talk = await one.talk("sms", "+358401234567")
        assert await one.parts.people.linked(talk, person)
        address = f"{one.url}/gdpr-api/v1/{subject}"

        async def ask(method: str, **changes: object) -> tuple[int, str]:
            headers = {"Authorization": f"Bearer {issuer.token(sub=subject, **changes)}"}
            async with http.request(method, address, headers=headers) as response:
                return response.status, await response.text()

        status, text = await ask("GET")
        assert status == 200
        assert json.loads(text)["key"] == "NEUVO"
        assert "+358401234567" in text
        status, text = await ask("GET", loa="low")
        assert status == 200
        assert "+358401234567" not in text
        assert {"key": "CONVERSATIONS", "error": "Insufficient authentication level to read data"} in json.loads(text)[
            "children"
        ]
        assert (await ask("DELETE", loa="low"))[0] == 403
        await one.parts.data.holds.place(person, "claim", by="test")
        status, text = await ask("DELETE")
        assert (status, json.loads(text)["errors"][0]["code"]) == (403, "CLAIM")
        await one.parts.data.holds.release((await one.parts.data.holds.find())[0]["id"])
        assert (await ask("DELETE"))[0] == 204
        assert (await ask("GET"))[0] == 204
        assert await one.parts.people.of_subject(issuer.issuer, subject) is None


def test_the_provider_of_the_test_is_served_to_nobody_else(city: City) -> None:
    from bot.portal import local, reachable  # noqa: PLC0415  beside what it is about

    assert local(Settings(), development=True)
    assert not reachable(Settings(), development=False)
    for outside in ({"host": "0.0.0.0"}, {"public_url": "https://chat.example.fi"}):
        assert not reachable(Settings.model_validate(outside), development=True)
    assert not local(Settings(login_oidc_issuer="https://login.example.fi/realms/all"), development=True)
    assert gdpr_api(Settings(), city.texts, LANGUAGES, None, None) is None  # type: ignore[arg-type]


async def test_the_provider_of_the_test_answers_under_names_of_this_machine_alone(
    database_url: str, city: City
) -> None:
    async with house(database_url, city) as one, aiohttp.ClientSession() as http:
        base = f"{one.url}/local-login/realms/test"
        for path in ("/.well-known/openid-configuration", "/protocol/openid-connect/auth"):
            async with http.get(base + path, headers={"Host": "evil.example"}) as response:
                assert response.status == 403
        async with http.get(f"{base}/protocol/openid-connect/auth?client_id=neuvo-local") as response:
            assert response.status == 400
        token = f"{base}/protocol/openid-connect/token"
        async with http.post(token, data={"code": "x", "code_verifier": "y"}) as response:
            assert response.status == 400
