"""Staff log in by the city's provider: whoever it did not send, for us, now, and once, stays outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from yarl import URL

from bot.oidc import Client, Provider
from console.login import ByProvider
from tests.unit.console.keycloak import CLIENT, SECRET, Keycloak, keycloak
from tests.unit.console.staff import browser, console
from tests.unit.turn.house import House, house
from tests.unit.turn.test_handoff import quiet_when_owned

START = "/console/login/start?language=en"


@asynccontextmanager
async def login(database_url: str, roles: dict[str, str] | None = None) -> AsyncIterator[tuple[Keycloak, House, str]]:
    """A realm and the pages that it logs in to."""
    async with (
        house(database_url, quiet_when_owned) as one,
        keycloak() as realm,
        console(one, database_url, by=provided(realm, roles)) as url,
    ):
        yield realm, one, url


def provided(realm: Keycloak, roles: dict[str, str] | None = None) -> Callable[[str], ByProvider]:
    """Makes the login of pages at an address by a realm."""

    def by(url: str) -> ByProvider:
        client = Client(
            issuer=realm.issuer,
            client_id=CLIENT,
            client_secret=SECRET,
            redirect_uri=f"{url}/console/login/done",
        )
        return ByProvider(provider=Provider(client, timeout=1), client_id=CLIENT, roles=roles or {}, home=url)

    return by


async def sessions(one: House) -> int:
    return int(await one.value("SELECT count(*) FROM console_sessions"))


@pytest.mark.parametrize("basic", [True, False], ids=["basic", "post"])
async def test_an_agent_logs_in_and_out_at_the_provider_too(database_url: str, basic: bool) -> None:
    async with login(database_url) as (realm, one, url), browser(url) as anna:
        realm.basic = basic
        assert START.replace("=en", "=fi") in (await anna.get("/console"))[1]
        status, text = await anna.get(START)
        assert status == 200
        assert "Anna" in text
        assert "Aalto" not in text  # citizens are told the given name
        assert await one.rows("SELECT agent, roles, language FROM console_sessions") == [("staff-1", ["agent"], "en")]
        stolen = anna.http.cookie_jar.filter_cookies(URL(f"{url}/console"))["neuvo_console"].value
        await anna.form("/console/logout")
        assert realm.seen == ["logout staff-1"]
        async with browser(url) as thief:
            thief.http.cookie_jar.update_cookies({"neuvo_console": stolen})
            assert "/console/login/start" in (await thief.get("/console"))[1]  # ended at the server too


@pytest.mark.parametrize(
    "trouble",
    [
        *("nonce", "audience", "azp", "two audiences", "expired", "no end", "signature", "unsigned", "state", "code"),
        *(
            "signed with the secret",
            "unknown key",
            "token of another issuer",
            "no token",
            "no keys",
            "keys broken",
            "cancelled",
        ),
    ],
)
async def test_a_token_that_is_not_right_logs_nobody_in(database_url: str, trouble: str) -> None:
    async with login(database_url) as (realm, one, url), browser(url) as anna:
        realm.trouble = trouble
        status, text = await anna.get(START)
        assert status == 403
        assert "could not be accepted" in text
        assert await sessions(one) == 0
        realm.trouble = ""
        assert (await anna.get(START))[0] == 200  # and the next login is as good as any


@pytest.mark.parametrize(
    "trouble",
    ["down", "description broken", "description moved", "other issuer", "token in the clear", "token service fails"],
)
async def test_without_the_provider_a_page_says_so(database_url: str, trouble: str) -> None:
    async with login(database_url) as (realm, one, url), browser(url) as anna:
        realm.trouble = trouble
        status, text = await anna.get(START)
        assert status == 503
        assert "cannot be reached" in text
        assert await sessions(one) == 0
        realm.trouble = ""
        assert (await anna.get(START))[0] == 200


async def test_a_provider_that_is_not_there_is_told_soon(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one:
        client = Client(issuer="http://127.0.0.1:9/realms/x", client_id="a", client_secret="b", redirect_uri="c")
        by = ByProvider(provider=Provider(client), client_id="a", roles={}, home="")
        async with console(one, database_url, by=lambda _: by) as url, browser(url) as anna:
            assert (await anna.get(START))[0] == 503


async def test_a_key_that_is_new_and_of_another_kind_is_fetched(database_url: str) -> None:
    async with login(database_url) as (realm, _, url), browser(url) as anna:
        realm.trouble = "no keys"
        assert (await anna.get(START))[0] == 403
        realm.trouble = "curve"
        assert (await anna.get(START))[0] == 200


@pytest.mark.parametrize(
    ("claims", "roles", "expected"),
    [
        ({"realm_access": {"roles": ["neuvo-agents"]}}, {"agent": "neuvo-agents"}, ["agent"]),
        ({"groups": ["/neuvo-agents", "editor"]}, {"agent": "neuvo-agents"}, ["agent", "editor"]),
        ({"resource_access": {CLIENT: {"roles": ["agent"]}}}, {}, ["agent"]),
        ({"resource_access": {"other": {"roles": ["agent"]}}}, {}, None),
        ({"realm_access": {"roles": ["agent"]}}, {"agent": "neuvo-agents"}, None),
        ({"realm_access": {"roles": "agent"}, "groups": "agent", "resource_access": []}, {}, None),
        ({"realm_access": None, "groups": [1, None]}, {}, None),
    ],
)
async def test_roles_come_from_the_provider_under_its_names(
    database_url: str, claims: dict[str, object], roles: dict[str, str], expected: list[str] | None
) -> None:
    async with login(database_url, roles) as (realm, one, url), browser(url) as anna:
        realm.roles, realm.claims = [], claims
        status, text = await anna.get(START)
        assert status == (403 if expected is None else 200)
        if expected is None:
            assert "no role" in text
            assert await sessions(one) == 0
        else:
            assert await one.value("SELECT roles FROM console_sessions") == expected


async def test_an_answer_is_good_once_and_in_the_browser_that_asked(database_url: str) -> None:
    async with login(database_url) as (_, one, url), browser(url) as anna, browser(url) as other:
        async with anna.http.get(url + START, allow_redirects=False) as response:
            provider = response.headers["Location"]
            cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        async with anna.http.get(provider, allow_redirects=False) as response:
            back = response.headers["Location"].removeprefix(url)
        assert (await other.get(back))[0] == 403  # a stranger's login, pushed on somebody
        assert await sessions(one) == 0
        assert (await anna.get(back))[0] == 200
        assert (await anna.get(back))[0] == 403
        assert await sessions(one) == 1


async def test_a_login_that_took_too_long_begins_again(database_url: str) -> None:
    async with login(database_url) as (_, one, url), browser(url) as anna:
        async with anna.http.get(url + START, allow_redirects=False) as response:
            provider = response.headers["Location"]
        await one.database.pool.execute("UPDATE console_logins SET expires_at = now()")
        async with anna.http.get(provider) as response:
            assert response.status == 403


async def test_logins_that_nobody_ended_are_forgotten(database_url: str) -> None:
    async with login(database_url) as (_, one, url), browser(url) as anna:
        async with anna.http.get(url + START, allow_redirects=False):
            pass
        await one.database.pool.execute("UPDATE console_logins SET expires_at = now() - interval '1 second'")
        async with anna.http.get(url + START, allow_redirects=False):
            pass
        assert await one.value("SELECT count(*) FROM console_logins") == 1


async def test_a_session_ends_by_itself(database_url: str) -> None:
    async with login(database_url) as (_, one, url), browser(url) as anna:
        await anna.get(START)
        await one.database.pool.execute("UPDATE console_sessions SET expires_at = now()")
        assert "/console/login/start" in (await anna.get("/console"))[1]


async def test_a_name_is_no_login_where_there_is_a_provider(database_url: str) -> None:
    async with login(database_url) as (_, one, url), browser(url) as anna:
        async with anna.http.post(f"{url}/console/login", data={"name": "A", "language": "en"}) as response:
            assert response.status == 405
        assert await sessions(one) == 0
