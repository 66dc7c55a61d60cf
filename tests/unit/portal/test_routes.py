"""Nobody reaches another person's data: every route of the pages, for everybody who should not get in."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from yarl import URL

from bot.id_token import reaches
from tests.unit.console.keycloak import keycloak
from tests.unit.portal.town import REMINDER, Citizen, Pages, citizen, pages

PUBLIC = {
    ("GET", "/my"),
    ("GET", "/transparency"),
    ("GET", "/privacy"),
    ("GET", "/my/language"),
    ("GET", "/my/login"),
    ("GET", "/my/login/done"),
    ("GET", "/my/link/{token}"),
    ("GET", "/my/link/{token}/login"),
    ("GET", "/my/static/design"),
    ("GET", "/my/static"),
}
"""What may be asked for without a login; none of it shows anything of a person who is logged in."""
READ = {
    "/my/data",
    "/my/copy",
    "/my/copy/data.json",
    "/my/correct",
    "/my/erase",
    "/my/consents",
    "/my/health",
    "/my/receipts/{id}",
    "/my/receipts/{id}/record.jsonld",
    "/my/uses",
    "/my/channels",
    "/my/join",
}
FORMS = {
    "/my/correct": {"name": "phone", "value": "+358 1"},
    "/my/erase": {"sure": "yes"},
    "/my/consents": {"purpose": REMINDER.id, "version": "2", "channel": "sms", "given": "yes"},
    "/my/health": {"letter": str(UUID(int=7)), "answer": "nurse"},
    "/my/channels": {"conversation": str(UUID(int=7))},
    "/my/logout": {},
}


@asynccontextmanager
async def two(database_url: str) -> AsyncIterator[tuple[Pages, Citizen, Citizen]]:
    """Anna and Bert, both logged in; Bert has a receipt and a channel."""
    async with (
        keycloak() as realm,
        pages(database_url, realm) as one,
        citizen(one.url) as anna,
        citizen(one.url) as bert,
    ):
        realm.claims = {"sub": "bert", "name": "Bert Berg", "loa": "substantial"}
        await bert.get("/my/login")
        await bert.post("/my/consents", **FORMS["/my/consents"])
        person = person_of(one, "Bert Berg")
        await one.town.linked(one.town.talk("sms", "0042"), person)
        realm.claims = {"sub": "anna", "name": "Anna Aalto", "loa": "substantial"}
        await anna.get("/my/login")
        one.town.touched.clear()
        yield one, anna, bert


def person_of(one: Pages, name: str) -> UUID:
    return next(person for person, own in one.town.own.items() if own.name == name)


def receipt_of(one: Pages, name: str) -> str:
    return next(iter(one.town.own[person_of(one, name)].receipts))


def path_of(one: Pages, route: str) -> str:
    return route.replace("{id}", receipt_of(one, "Bert Berg"))


def untouched(one: Pages, name: str) -> bool:
    person = person_of(one, name)
    return all(whom != person for _, whom in one.town.touched)


async def test_every_route_is_in_these_tables(database_url: str) -> None:
    async with keycloak() as realm, pages(database_url, realm) as one:
        found = {
            (route.method, route.path) if isinstance(route, web.RouteDef) else ("GET", route.prefix)
            for route in one.portal.routes()
            if isinstance(route, web.RouteDef | web.StaticDef)
        }
    assert found == PUBLIC | {("GET", path) for path in READ} | {("POST", path) for path in FORMS}


@pytest.mark.parametrize("route", sorted(READ))
async def test_who_is_not_logged_in_sees_nothing(database_url: str, route: str) -> None:
    async with two(database_url) as (one, _, bert), citizen(one.url) as nobody:
        path = path_of(one, route)
        assert (await bert.get(path))[0] == 200
        one.town.touched.clear()
        person = str(person_of(one, "Bert Berg"))
        cookies = [{}, {"neuvo": ""}, {"neuvo": "x" * 43}, {"neuvo": person}, {"neuvo": "'"}, {"neuvo_console": "x"}]
        for cookie in cookies:
            nobody.http.cookie_jar.clear()
            nobody.http.cookie_jar.update_cookies(cookie)
            for query in ("", f"?person_id={person}", f"?person={person}"):
                status, text = await nobody.get(path + query)
                assert status == 401
                assert "secret" not in text
                assert "Bert" not in text
        await one.database.pool.execute("UPDATE portal_sessions SET expires_at = now()")
        assert (await bert.get(path))[0] == 401
        assert one.town.touched == []


@pytest.mark.parametrize("loa", ["low", "unknown", ""])
@pytest.mark.parametrize("route", sorted(READ))
async def test_a_session_of_a_lower_level_sees_nothing(database_url: str, route: str, loa: str) -> None:
    """As after the city began to ask for more."""
    async with two(database_url) as (one, _, bert):
        await one.database.pool.execute("UPDATE portal_sessions SET loa = $1", loa)
        assert not reaches(loa, "substantial")
        assert (await bert.get(path_of(one, route)))[0] == 401
        assert one.town.touched == []


@pytest.mark.parametrize("route", sorted(READ))
async def test_who_is_logged_in_sees_nothing_of_another(database_url: str, route: str) -> None:
    async with two(database_url) as (one, anna, _):
        path, person = path_of(one, route), person_of(one, "Bert Berg")
        for query in ("", f"?person_id={person}", f"?person={person}&id={person}"):
            status, text = await anna.get(path + query)
            assert status == (404 if "{id}" in route else 200)
            assert "Bert" not in text
            assert "0042" not in text
        assert untouched(one, "Bert Berg")


@pytest.mark.parametrize("route", sorted(FORMS))
async def test_a_form_of_nobody_of_another_page_or_of_another_session_changes_nothing(
    database_url: str, route: str
) -> None:
    async with two(database_url) as (one, anna, bert), citizen(one.url) as nobody:
        hers, his = await anna.token(), await bert.token()
        assert hers != his
        one.town.touched.clear()
        for token in (hers, "x", "0" * 64):
            assert (await nobody.post(route, token=token, **FORMS[route]))[0] == 401
        for token in (his, "x", "", hers[:-1], "ö" * 64):
            async with anna.http.post(one.url + route, data={"token": token, **FORMS[route]}) as response:
                assert response.status == 403
                assert "could not be accepted" in await response.text()
        async with anna.http.post(one.url + route, data=FORMS[route]) as response:
            assert response.status == 403
        headers = {"Origin": "https://evil.example"}
        async with anna.http.post(one.url + route, data={"token": hers, **FORMS[route]}, headers=headers) as response:
            assert response.status == 403
        async with anna.http.get(one.url + route, params={"token": hers, **FORMS[route]}) as response:
            assert response.status in {200, 405}  # a link does nothing
        assert [what for what, _ in one.town.touched if what not in {"view", "channels", "letters"}] == []
        assert await one.value("SELECT count(*) FROM portal_sessions") == 2


async def test_forms_are_about_the_person_of_the_session_whatever_they_say(database_url: str) -> None:
    async with two(database_url) as (one, anna, _):
        person = str(person_of(one, "Bert Berg"))
        for route in ("/my/correct", "/my/consents"):
            fields = {**FORMS[route], "person_id": person, "person": person}
            assert (await anna.post(route, **fields))[0] == 200
        assert untouched(one, "Bert Berg")
        assert one.town.own[UUID(person)].phone == "+358 40 000 0000"
        assert (await anna.post("/my/erase", sure="yes", person_id=person))[0] == 200
        assert not one.town.own[UUID(person)].erased
        assert one.town.own[person_of(one, "Anna Aalto")].erased


async def test_another_ones_channel_and_made_up_ones_are_not_unlinked(database_url: str) -> None:
    async with two(database_url) as (one, anna, bert):
        channel = one.town.own[person_of(one, "Bert Berg")].channels[0]
        for said in (str(channel.id), str(uuid4()), "", "1", f"{channel.id}x"):
            status, text = await anna.post("/my/channels", conversation=said)
            assert status == 404
            assert "It is not there, or it is not yours" in text
        assert "ends with 0042" in (await bert.get("/my/channels"))[1]
        status, text = await bert.post("/my/channels", conversation=str(channel.id))
        assert status == 200
        assert "no longer linked" in text
        assert "0042" not in text


async def test_what_is_not_asked_is_not_decided(database_url: str) -> None:
    async with two(database_url) as (one, anna, _):
        right = FORMS["/my/consents"]
        for change in ({"purpose": "other"}, {"channel": "fax"}, {"version": "x"}, {"version": ""}, {"given": "maybe"}):
            assert (await anna.post("/my/consents", **{**right, **change}))[0] == 404
        status, text = await anna.post("/my/consents", **{**right, "version": "1"})
        assert status == 409
        assert "its text has changed" in text
        assert one.town.own[person_of(one, "Anna Aalto")].given == {}
        assert (await anna.post("/my/correct", name="other", value="+1"))[0] == 404


async def test_a_decision_is_stated_back_with_a_receipt(database_url: str) -> None:
    async with two(database_url) as (one, anna, _):
        status, text = await anna.post("/my/consents", **FORMS["/my/consents"])
        assert status == 200
        assert "Your decision is saved. This is your receipt." in text
        receipt = receipt_of(one, "Anna Aalto")
        async with anna.http.get(f"{one.url}/my/receipts/{receipt}/record.jsonld") as response:
            assert response.content_type == "application/ld+json"
            assert "attachment" in response.headers["Content-Disposition"]
            assert json.loads(await response.text())["whose"] == "Anna Aalto"
        _, text = await anna.get("/my/consents")
        assert "Given" in text
        assert f"/my/receipts/{receipt}" in text
        await anna.post("/my/consents", **{**FORMS["/my/consents"], "given": "no"})
        assert "Withdrawn" in (await anna.get("/my/consents"))[1]


async def test_data_is_taken_along_corrected_and_erased(database_url: str) -> None:
    async with two(database_url) as (one, anna, _):
        async with anna.http.get(f"{one.url}/my/copy/data.json") as response:
            assert await response.json() == {"name": "Anna Aalto"}
            assert response.headers["Content-Disposition"] == 'attachment; filename="neuvo.json"'
            assert response.headers["Cache-Control"] == "no-store"
        _, text = await anna.get("/my/data")
        assert "&lt;b&gt;secret of Anna Aalto&lt;/b&gt;" in text
        status, text = await anna.post("/my/correct", name="phone", value="040 <1>")
        assert status == 422
        assert "Begin with a plus." in text
        assert 'value="040 &lt;1&gt;"' in text
        status, text = await anna.post("/my/correct", name="phone", value="+358 50 1")
        assert "The correction is saved." in text
        assert one.town.own[person_of(one, "Anna Aalto")].phone == "+358 50 1"
        status, text = await anna.get("/my/erase")
        assert "That you want no messages." in text
        assert (await anna.post("/my/erase"))[0] == 422  # without the tick
        own = one.town.own[person_of(one, "Anna Aalto")]
        own.obstacles.append({"en": "A case is open.", "fi": "x", "sv": "y"})
        token = await anna.token()
        assert "A case is open." in (await anna.get("/my/erase"))[1]
        status, text = await anna.post("/my/erase", token=token, sure="yes")
        assert (status, own.erased) == (409, False)
        own.obstacles.clear()
        status, text = await anna.post("/my/erase", token=token, sure="yes")
        assert (status, own.erased) == (200, True)
        assert "logged out everywhere" in text
        assert (await anna.get("/my/data"))[0] == 401


async def test_pages_are_kept_by_nobody_and_framed_by_nobody(database_url: str) -> None:
    async with two(database_url) as (one, anna, _):
        for path in ("/my", "/my/data", "/my/copy/data.json", "/transparency", "/my/link/x"):
            async with anna.http.get(one.url + path) as response:
                assert response.headers["Cache-Control"] == "no-store"
                assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
                assert "script-src" not in response.headers["Content-Security-Policy"]
                assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_everybody_reads_how_it_works_in_their_language(database_url: str, language: str) -> None:
    async with two(database_url) as (one, _, _), citizen(one.url, language) as nobody:
        for path in ("/my", "/transparency", "/privacy"):
            status, text = await nobody.get(path)
            assert status == 200
            assert f'<html lang="{language}">' in text
            assert not re.findall(r">\s*[a-z_]+\.[a-z_]+\s*<", text)  # no key in the place of its words


async def test_a_language_that_was_chosen_stays_and_leads_nowhere_else(database_url: str) -> None:
    async with two(database_url) as (one, anna, _):
        status, text = await anna.get("/my/language?language=sv&back=/my/data")
        assert status == 200
        assert "Vad som finns sparat om dig" in text
        for back in (
            "https://evil.example/",
            "//evil.example/my",
            "/my//evil.example",
            "/other",
            "/my\\x",
            "",
            "/my\n",
        ):
            query = {"language": "fi", "back": back}
            async with anna.http.get(
                URL(f"{one.url}/my/language").with_query(query), allow_redirects=False
            ) as response:
                assert response.headers["Location"] == "/my"
        assert "Mitä sinusta on tallessa" in (await anna.get("/my/data"))[1]


async def test_without_the_database_a_page_says_so() -> None:
    async with (
        keycloak() as realm,
        pages("postgresql://nobody@127.0.0.1:1/none", realm) as one,
        citizen(one.url) as anna,
    ):
        anna.http.cookie_jar.update_cookies({"neuvo": "x"})
        for path in ("/my/data", "/my/login", "/my/link/x"):
            status, text = await anna.get(path)
            assert status == 503
            assert "Nothing is lost" in text
        assert (await anna.get("/transparency"))[0] == 200


async def test_a_letter_is_answered_by_whose_it_is_alone(database_url: str) -> None:
    async with two(database_url) as (one, anna, bert):
        hers, his = (str(person_of(one, name)) for name in ("Anna Aalto", "Bert Berg"))
        for letter, answer in ((his, "refused"), (hers, "paid"), ("x", "nurse"), (hers, "")):
            assert (await anna.post("/my/health", letter=letter, answer=answer))[0] == 404
        assert not [what for what, _ in one.town.touched if what.startswith("answered")]
        for answer, words in (("time", "I have booked a time"), ("refused", "Your consent has been taken back")):
            status, text = await anna.post("/my/health", letter=hers, answer=answer)
            assert status == 200
            assert words in text
        assert 'name="answer"' not in text, "who refused is asked nothing more"
        assert "Blood pressure of Bert" in (await bert.get("/my/health"))[1]


@pytest.mark.parametrize(
    ("language", "lead"), [("fi", "Viestit terveyspalveluilta"), ("sv", "Meddelanden från"), ("en", "Messages from")]
)
async def test_a_letter_is_read_in_every_language(database_url: str, language: str, lead: str) -> None:
    async with two(database_url) as (_, anna, _):
        _, text = await anna.get(f"/my/health?language={language}")
        assert lead in text
        assert f"A time in {language}" in text
        assert "&lt;secret of Anna Aalto&gt;" in text
