"""Citizens log in by the provider, and a conversation becomes a person's only by that person's own hand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from tests.unit.console.keycloak import Keycloak, keycloak
from tests.unit.portal.town import Citizen, Pages, citizen, pages

ANNA = {"sub": "anna", "name": "Anna Aalto", "loa": "substantial"}
BERT = {"sub": "bert", "name": "Bert Berg", "loa": "high"}


@asynccontextmanager
async def portal(database_url: str, **options: str) -> AsyncIterator[tuple[Keycloak, Pages]]:
    async with keycloak() as realm, pages(database_url, realm, **options) as one:
        realm.claims = ANNA
        yield realm, one


async def sessions(one: Pages) -> int:
    return int(await one.value("SELECT count(*) FROM portal_sessions"))


async def link(one: Pages, conversation: UUID, language: str = "en") -> str:
    """The path of a link that the bot gives."""
    return (await one.links.begin(conversation, language)).removeprefix(one.url)


def login_of(path: str) -> str:
    return f"{path.partition('?')[0]}/login"


def code_of(text: str) -> str:
    return "".join(re.findall(r'class="code"[^>]*>(\d{3}) (\d{3})<', text)[0])


async def follow_to_provider(browser: Citizen, path: str) -> str:
    """Where the browser is sent, without going there."""
    async with browser.http.get(browser.url + path, allow_redirects=False) as response:
        assert response.status == 303
        return response.headers["Location"]


async def back_of(browser: Citizen, provider: str) -> str:
    """What the provider sends the browser back to."""
    async with browser.http.get(provider, allow_redirects=False) as response:
        return response.headers["Location"].removeprefix(browser.url)


async def test_a_citizen_logs_in_and_out(database_url: str) -> None:
    async with portal(database_url) as (realm, one), citizen(one.url) as anna:
        assert "Log in" in (await anna.get("/my"))[1]
        status, text = await anna.get("/my/login")
        assert status == 200
        assert "secret of Anna Aalto" in text
        assert one.town.identified_as == ["substantial"]
        token = await anna.token()
        async with anna.http.post(f"{one.url}/my/logout", data={"token": token}, allow_redirects=False) as response:
            assert response.headers["Location"].startswith(realm.url)
            assert "id_token_hint" not in response.headers["Location"]
        assert await sessions(one) == 0
        assert (await anna.get("/my/data"))[0] == 401


async def test_nothing_of_a_login_is_readable_in_the_database(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna:
        talk = one.town.talk()
        path = await link(one, talk)
        _, text = await anna.get(login_of(path))
        cookie = next(iter(anna.http.cookie_jar)).value
        kept = ""
        for table in ("portal_sessions", "portal_logins", "portal_links"):
            kept += str(await one.database.pool.fetch(f"SELECT {table}::text FROM {table}"))
        assert kept
        for secret in (cookie, code_of(text), path.split("/")[3].partition("?")[0], "Anna", "anna"):
            assert secret not in kept


@pytest.mark.parametrize(
    "trouble",
    [
        *("nonce", "audience", "azp", "two audiences", "expired", "no end", "signature", "unsigned", "state", "code"),
        *("signed with the secret", "unknown key", "token of another issuer", "no token", "cancelled"),
    ],
)
async def test_a_token_that_is_not_right_logs_nobody_in(database_url: str, trouble: str) -> None:
    async with portal(database_url) as (realm, one), citizen(one.url) as anna:
        realm.trouble = trouble
        status, text = await anna.get("/my/login")
        assert status == 403
        assert "The login did not succeed" in text
        assert await sessions(one) == 0
        assert one.town.own == {}
        realm.trouble = ""
        assert (await anna.get("/my/login"))[0] == 200


@pytest.mark.parametrize("trouble", ["down", "other issuer", "token in the clear", "token service fails"])
async def test_without_the_provider_a_page_says_so(database_url: str, trouble: str) -> None:
    async with portal(database_url) as (realm, one), citizen(one.url) as anna:
        realm.trouble = trouble
        status, text = await anna.get("/my/login")
        assert status == 503
        assert "does not answer" in text
        realm.trouble = ""
        assert (await anna.get("/my/login"))[0] == 200


@pytest.mark.parametrize(
    ("needed", "claims", "let_in"),
    [
        ("substantial", {"loa": "low"}, False),
        ("substantial", {"loa": "unknown"}, False),
        ("substantial", {}, False),
        ("substantial", {"loa": None, "acr": "1"}, False),
        ("substantial", {"loa": ["high"]}, False),
        ("substantial", {"loa": "low", "acr": "high"}, False),
        ("substantial", {"acr": "substantial"}, True),
        ("substantial", {"loa": "high"}, True),
        ("high", {"loa": "substantial"}, False),
        ("low", {"loa": "low"}, True),
        ("low", {}, False),
    ],
    ids=str,
)
async def test_the_level_of_the_login_must_be_high_enough(
    database_url: str, needed: str, claims: dict[str, object], let_in: bool
) -> None:
    async with portal(database_url, needed=needed) as (realm, one), citizen(one.url) as anna:
        realm.claims = {"sub": "anna", **claims}
        path = login_of(await link(one, one.town.talk()))
        for start in (path, "/my/login"):
            status, text = await anna.get(start)
            assert status == (200 if let_in else 403)
            if not let_in:
                assert "Stronger identification is needed" in text
                assert await sessions(one) == 0
                assert one.town.own == {}


async def test_a_conversation_is_linked_when_its_code_is_said_in_it(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna:
        talk = one.town.talk("sms", "4567")
        path = await link(one, talk, "sv")
        assert await one.links.finish(talk, "123456") == "early"
        status, text = await anna.get(path)
        assert status == 200
        assert "textmeddelanden, adressen slutar på 4567" in text  # in the conversation's language
        assert 'lang="sv"' in text
        _, text = await anna.get(login_of(path))
        code = code_of(text)
        assert code_of((await anna.get("/my/join"))[1]) == code  # a telephone may have forgotten the page
        assert one.town.linked_to == {}
        assert await one.links.finish(talk, f"{code[:3]} {code[3:]}") == "linked"
        assert one.town.linked_to == {talk: next(iter(one.town.own))}
        assert await one.links.finish(talk, code) == "linked"  # the same turn, held again after a crash
        assert await one.links.finish(talk, "000000") == "expired"
        assert "Det finns ingen kod" in (await anna.get("/my/join"))[1]


async def test_a_link_that_was_sent_to_somebody_else_links_nothing(database_url: str) -> None:
    """Mallory asks for a link in her chat and sends it to Anna, who logs in by it."""
    async with portal(database_url) as (realm, one), citizen(one.url) as anna, citizen(one.url) as mallory:
        talk = one.town.talk()
        path = await link(one, talk)
        _, text = await anna.get(path)
        assert "If somebody sent you this link, close the page" in text
        _, text = await anna.get(login_of(path))
        code = code_of(text)
        assert one.town.linked_to == {}
        wrong = next(number for number in ("000000", "111111") if number != code)
        for _ in range(5):
            assert await one.links.finish(talk, wrong) == "wrong"
        assert await one.links.finish(talk, code) == "spent"  # even the right one, after so many
        assert "There is no code" in (await anna.get("/my/join"))[1]
        realm.claims = BERT
        assert (await mallory.get(login_of(path)))[0] == 403  # nor can she use it after Anna
        assert one.town.linked_to == {}


async def test_a_code_is_good_in_its_own_conversation_alone(database_url: str) -> None:
    async with portal(database_url) as (realm, one), citizen(one.url) as anna, citizen(one.url) as bert:
        hers, his = one.town.talk(), one.town.talk()
        _, text = await anna.get(login_of(await link(one, hers)))
        code = code_of(text)
        realm.claims = BERT
        await bert.get(login_of(await link(one, his)))
        assert await one.links.finish(his, code) == "wrong"
        assert await one.links.finish(one.town.talk(), code) == "expired"
        assert await one.links.finish(hers, code) == "linked"


async def test_codes_said_at_once_count_each(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna:
        talk = one.town.talk()
        _, text = await anna.get(login_of(await link(one, talk)))
        code = int(code_of(text))
        guesses = [f"{(code + 1 + number) % 10**6:06}" for number in range(20)]
        endings = await asyncio.gather(*(one.links.finish(talk, guess) for guess in guesses))
        assert sorted(endings) == ["spent"] * 15 + ["wrong"] * 5
        assert await one.value("SELECT tries FROM portal_links") == 5


async def test_an_old_link_a_used_one_and_one_that_was_never_given_open_nothing(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna:
        talk = one.town.talk()
        older, newer = await link(one, talk), await link(one, talk)
        assert (await anna.get(newer))[0] == 200
        assert (await anna.get(newer))[0] == 200  # looking at it ends nothing: chats do so
        for path in (older, "/my/link/x", "/my/link/%00", f"/my/link/{'x' * 43}"):
            for start in (path, login_of(path)):
                status, text = await anna.get(start)
                assert status == 403
                assert "cannot be used any more" in text
        await one.database.pool.execute("UPDATE portal_links SET expires_at = now()")
        assert (await anna.get(newer))[0] == 403
        assert (await anna.get(login_of(newer)))[0] == 403
        used = await link(one, talk)
        assert (await anna.get(login_of(used)))[0] == 200
        assert (await anna.get(used))[0] == 403
        assert (await anna.get(login_of(used)))[0] == 403


async def test_a_link_that_ended_during_the_login_logs_nobody_in(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna:
        path = await link(one, one.town.talk())
        back = await back_of(anna, await follow_to_provider(anna, login_of(path)))
        await one.database.pool.execute("UPDATE portal_links SET expires_at = now()")
        assert (await anna.get(back))[0] == 403
        assert await sessions(one) == 0


async def test_of_two_who_log_in_by_one_link_the_second_is_refused(database_url: str) -> None:
    async with portal(database_url) as (realm, one), citizen(one.url) as anna, citizen(one.url) as bert:
        path = login_of(await link(one, one.town.talk()))
        hers = await back_of(anna, await follow_to_provider(anna, path))
        his = await back_of(bert, await follow_to_provider(bert, path))
        assert (await anna.get(hers))[0] == 200
        realm.claims = BERT
        assert (await bert.get(his))[0] == 403
        assert await sessions(one) == 1


async def test_a_code_that_came_too_late_links_nothing(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna:
        talk = one.town.talk()
        _, text = await anna.get(login_of(await link(one, talk)))
        await one.database.pool.execute("UPDATE portal_links SET expires_at = now()")
        assert await one.links.finish(talk, code_of(text)) == "expired"
        assert "There is no code" in (await anna.get("/my/join"))[1]


async def test_a_conversation_that_is_gone_is_not_linked(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna:
        talk = one.town.talk()
        path = await link(one, talk)
        _, text = await anna.get(login_of(path))
        one.town.conversations.clear()
        assert await one.links.finish(talk, code_of(text)) == "another"
        assert (await anna.get(await link(one, talk)))[0] == 403


async def test_an_answer_is_good_once_and_in_the_browser_that_asked(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna, citizen(one.url) as other:
        back = await back_of(anna, await follow_to_provider(anna, "/my/login"))
        assert (await other.get(back))[0] == 403  # a stranger's login, pushed on somebody
        await follow_to_provider(other, "/my/login")
        assert (await other.get(back))[0] == 403  # nor where another login has begun
        assert await sessions(one) == 0
        assert (await anna.get(back))[0] == 200
        assert (await anna.get(back))[0] == 403
        assert await sessions(one) == 1


async def test_a_login_that_took_too_long_begins_again(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna:
        back = await back_of(anna, await follow_to_provider(anna, "/my/login"))
        await one.database.pool.execute("UPDATE portal_logins SET expires_at = now()")
        assert (await anna.get(back))[0] == 403


async def test_the_login_begins_under_our_own_name(database_url: str) -> None:
    """Else the cookie would be of another name than the one that the provider sends the browser back to."""
    async with portal(database_url) as (_, one), citizen(one.url.replace("127.0.0.1", "localhost")) as anna:
        assert await follow_to_provider(anna, "/my/login") == f"{one.url}/my/login"


async def test_over_https_the_cookies_are_bound_to_the_host(database_url: str) -> None:
    async with portal(database_url, home="https://chat.example.fi") as (_, one), citizen(one.url) as anna:
        named = {"Host": "chat.example.fi"}
        async with anna.http.get(f"{one.url}/my/login", headers=named, allow_redirects=False) as response:
            cookie = response.headers["Set-Cookie"]
        assert cookie.startswith("__Host-neuvo-login=")
        for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie


async def test_a_session_ends_when_it_is_not_used_and_at_last_in_any_case(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna:
        await anna.get("/my/login")
        left = "SELECT expires_at - now() FROM portal_sessions"
        await one.database.pool.execute("UPDATE portal_sessions SET expires_at = now() + interval '1 minute'")
        assert (await anna.get("/my/data"))[0] == 200
        assert (await one.value(left)).total_seconds() > 1700
        await one.database.pool.execute("UPDATE portal_sessions SET begun_at = now() - interval '8 hours'")
        assert (await anna.get("/my/data"))[0] == 401
        await one.database.pool.execute("UPDATE portal_sessions SET begun_at = now(), expires_at = now()")
        assert (await anna.get("/my/data"))[0] == 401


async def test_a_stolen_cookie_is_of_no_use_after_the_logout(database_url: str) -> None:
    async with portal(database_url) as (_, one), citizen(one.url) as anna, citizen(one.url) as thief:
        await anna.get("/my/login")
        stolen = {cookie.key: cookie.value for cookie in anna.http.cookie_jar}
        async with anna.http.post(
            f"{one.url}/my/logout", data={"token": await anna.token()}, allow_redirects=False
        ) as response:
            assert response.status == 303
        thief.http.cookie_jar.update_cookies(stolen)
        assert (await thief.get("/my/data"))[0] == 401
