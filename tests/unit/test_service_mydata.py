"""What the dialogs about one's own data do, over the real ledger, keys, people and erasure of one process."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

import pytest

from bot.hearing import CODE
from bot.rig import HOME, Rig, Talk
from bot.service_mydata import MyDataDesk
from bot.service_mydata_consents import ConsentDesk
from bot.service_mydata_login import LoginDesk
from dialogs.services import ServiceUnavailable
from mydata.accesses import Actor
from portal.links import digest_of

if TYPE_CHECKING:
    from bot.city import City

ISSUER = "https://login.example.fi"
PHONE = "+358401234567"
EVERY = "SELECT purpose, kind, channel, through FROM consent_ledger ORDER BY at, seq"


@dataclass
class Here:
    """A citizen in a web chat, and the services as dialogs ask them."""

    rig: Rig
    talk: Talk
    id: str

    @property
    def consents(self) -> ConsentDesk:
        return cast(ConsentDesk, self.rig.app.known["consents"])

    @property
    def mydata(self) -> MyDataDesk:
        return cast(MyDataDesk, self.rig.app.known["mydata"])

    @property
    def login(self) -> LoginDesk:
        return cast(LoginDesk, self.rig.app.known["login"])

    async def value(self, statement: str, *values: Any) -> Any:
        return await self.rig.app.database.pool.fetchval(statement, *values)

    async def ledger(self) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.rig.app.database.pool.fetch(EVERY)]

    async def person(self) -> UUID:
        return UUID(str(await self.value("SELECT person_id FROM conversations WHERE id = $1", UUID(self.id))))

    async def log_in(self, subject: str = "s") -> UUID:
        """As the page does after a login by a link of this conversation."""
        person = await self.rig.app.personal.people.identified(ISSUER, subject, "substantial")
        assert await self.rig.app.personal.people.linked(UUID(self.id), person)
        return person

    async def state(self, purpose: str) -> str:
        return next(one["state"] for one in await self.consents.standings(self.id, "en") if one["id"] == purpose)

    def code(self) -> str:
        """The newest code that the telephone was sent."""
        texts = [reply.text for reply in self.rig.telephones.sent[PHONE].values()]
        return next(found[0] for text in reversed(texts) if (found := re.search(r"\d{6}", text)))


@asynccontextmanager
async def citizen(city: City, url: str) -> AsyncIterator[Here]:
    async with Rig(city, url) as rig:
        yield await another(rig)


async def another(rig: Rig) -> Here:
    """Somebody else, who has said hello."""
    known = set(await rig.app.database.pool.fetch("SELECT id FROM conversations"))
    talk = rig.begin()
    await talk.say("moi")
    rows = await rig.app.database.pool.fetch("SELECT id FROM conversations ORDER BY created_at DESC")
    return Here(rig, talk, str(next(row["id"] for row in rows if row not in known)))


async def test_consents_stand_in_the_ledger_of_this_person_on_this_channel(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        assert await here.state("waste_reminders") == "never"
        made = await here.consents.give("k", here.id, "waste_reminders", 1, "en")
        assert made["outcome"] == "done"
        again = await here.consents.give("k", here.id, "waste_reminders", 1, "en")
        assert again["receipt"] == made["receipt"]
        assert await here.state("waste_reminders") == "given"
        assert await (await another(here.rig)).state("waste_reminders") == "never"
        assert await here.ledger() == [("waste_reminders", "given", "webchat", "webchat")]
        ended = await here.consents.withdraw("k2", here.id, "waste_reminders", "en")
        assert ended["receipt"] != made["receipt"]
        assert await here.state("waste_reminders") == "withdrawn"


async def test_what_was_decided_before_it_was_known_by_whom_comes_along(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await here.consents.give("k", here.id, "waste_reminders", 1, "en")
        ended = await here.consents.withdraw("k2", here.id, "waste_reminders", "en")
        person = await here.log_in()
        exports = here.rig.app.personal.data.exports
        document = json.loads(b"".join([piece async for piece in exports.document(person)]))
        assert [one["kind"] for one in document["consents"][:2]] == ["given", "withdrawn"]
        assert document["consents"][1]["receipt"] == ended["receipt"]


async def test_a_version_that_was_not_read_is_not_agreed_to(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        made = await here.consents.give("k", here.id, "waste_reminders", 99, "en")
        assert made["outcome"] == "changed"
        assert await here.ledger() == []


async def test_the_level_is_held_whatever_a_dialog_thought(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        needs = {one["id"]: one["needs"] for one in await here.consents.standings(here.id, "en")}
        assert (needs["waste_reminders"], needs["library_reminders"]) == ("", "strong")
        for purpose in ("library_reminders", "health_outreach", "proof_of_consent", "no_such"):
            assert (await here.consents.give("k", here.id, purpose, 1, "en"))["outcome"] == "refused"
        assert await here.ledger() == []
        await here.log_in()
        assert (await here.consents.give("k", here.id, "health_outreach", 1, "en"))["outcome"] == "done"


async def test_a_word_ends_one_and_stop_ends_all_that_was_allowed(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        for purpose in ("waste_reminders", "events_nearby", "street_notices"):
            await here.consents.give("k", here.id, purpose, 1, "fi")
        replies = await here.talk.say("lopeta jätteet")
        assert "kuitti" in replies[-1].text
        assert await here.state("waste_reminders") == "withdrawn"
        assert await here.state("events_nearby") == "given"
        assert await here.value("SELECT count(*) FROM outbox WHERE status <> 'sent'") == 0
        replies = await here.talk.say("STOP")
        assert replies[-1].text.count("receipt") + replies[-1].text.count("kuitti") == 2
        assert await here.state("events_nearby") == await here.state("street_notices") == "withdrawn"
        count = len(await here.ledger())
        await here.talk.say("lopeta")
        assert len(await here.ledger()) == count


async def test_what_was_allowed_before_a_login_stands_after_it_and_can_be_ended(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await here.consents.give("k", here.id, "waste_reminders", 1, "en")
        await here.log_in()
        assert await here.state("waste_reminders") == "given"
        assert len(await here.consents.end("k2", here.id, "", "en")) == 1
        assert await here.state("waste_reminders") == "withdrawn"


async def test_counts_are_of_this_conversation_alone(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        other = await another(here.rig)
        for _ in range(3):
            await other.talk.say("moi")
        held = await here.mydata.held(here.id)
        assert (held["messages"], held["channel"], held["level"], held["linked"]) == (1, "webchat", "claimed", False)
        assert held["answers"] >= 1
        assert held["services"] == 0
        await here.log_in()
        await other.log_in()
        held = await here.mydata.held(here.id)
        assert (held["messages"], held["linked"], held["fresh"]) == (1, True, True)
        assert held["pages"] == f"{HOME}/my/data"
        await here.value("UPDATE conversations SET level_at = now() - interval '31 minutes' RETURNING 1")
        assert not (await here.mydata.held(here.id))["fresh"]


async def test_nobody_asks_about_a_conversation_that_there_is_not(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        nobody = str(uuid4())
        for asking in (here.mydata.private(nobody), here.mydata.held(nobody), here.consents.standings(nobody, "fi")):
            with pytest.raises(ServiceUnavailable):
                await asking
        assert await here.mydata.erase("k", nobody, "fi") == []
        assert await here.consents.end("k", nobody, "", "fi") == []


async def test_a_group_is_no_private_place(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        assert await here.mydata.private(here.id)
        content = await here.rig.app.engine.sealer.of(await here.person())
        for key, private in (("tenant|19:chat", True), ("tenant|19:team|1700", False)):
            await here.value(
                "UPDATE conversations SET channel = 'teams', address = $2 WHERE id = $1 RETURNING 1",
                UUID(here.id),
                content.text(key),
            )
            assert await here.mydata.private(here.id) is private


async def test_uses_are_those_of_this_conversation_until_a_login(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        other = await another(here.rig)
        accesses = here.rig.app.personal.data.accesses
        staff = Actor(kind="staff", name="virkailija-1")
        await accesses.note_conversation(UUID(here.id), staff, purpose="desk")
        await accesses.note_conversation(UUID(other.id), staff, purpose="control")
        (use,) = await here.mydata.uses(here.id, "fi", 5)
        assert "virkailija-1" not in str(use)
        assert use["purpose"] == city.texts("data.purpose.desk", "fi")
        await other.log_in()
        await here.log_in()
        assert len(await here.mydata.uses(here.id, "fi", 5)) == 2
        await here.value("UPDATE conversations SET level_at = now() - interval '31 minutes' RETURNING 1")
        assert len(await here.mydata.uses(here.id, "fi", 5)) == 1


async def test_an_unlinked_conversation_is_erased_with_one_last_message(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await here.consents.give("k", here.id, "waste_reminders", 1, "fi")
        await here.talk.say("poista tietoni")
        assert await here.talk.press("Poista tietoni")
        assert await here.talk.press("Kyllä, poista")
        for _ in range(5):
            await here.rig.app.personal.data.erasures.sweep()
            await here.rig.app.engine.sweep()
            await here.rig.settle()
        said = [reply.text for reply in here.talk.answer]
        assert said.count(city.texts("data.erased", "fi")) == 1
        assert await here.value("SELECT count(*) FROM transcript WHERE kind <> 'reply'") == 0
        assert await here.value("SELECT count(*) FROM effects") == 0
        assert len(await here.ledger()) == 1
        await here.talk.say("moi")
        assert await here.value("SELECT count(*) FROM conversations WHERE id = $1", UUID(here.id)) == 0


async def test_somebody_linked_is_not_erased_without_a_login_just_now(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await here.log_in()
        await here.value("UPDATE conversations SET level_at = now() - interval '31 minutes' RETURNING 1")
        with pytest.raises(PermissionError):
            await here.mydata.erase("k", here.id, "fi")
        assert await here.value("SELECT count(*) FROM conversations") == 1
        await here.log_in()
        assert await here.mydata.erase("k", here.id, "fi") == []
        assert await here.value("SELECT count(*) FROM conversations WHERE id = $1", UUID(here.id)) == 0


async def test_a_legal_hold_refuses_in_its_words(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        reason = next(iter(city.retention.holds))
        await here.rig.app.personal.data.holds.place(await here.person(), reason, by="jurist")
        words = [city.retention.holds[reason]["en"]]
        assert await here.mydata.obstacles(here.id, "en") == words
        assert await here.mydata.erase("k", here.id, "en") == words
        assert await here.value("SELECT count(*) FROM conversations") == 1


async def test_a_login_link_and_its_code_link_the_conversation(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        page = await here.login.begin("k", here.id, "sv")
        assert page.startswith(f"{HOME}/my/link/")
        assert page.endswith("?language=sv")
        assert await here.login.finish("k2", here.id, "123456") == "early"
        links = here.login.links
        assert links is not None
        person = await here.rig.app.personal.people.identified(ISSUER, "s", "substantial")
        token = page.split("/")[-1].partition("?")[0]
        assert await links.use(digest_of(token), person, "substantial", "cookie")
        used = await links.used(person, "cookie")
        assert used is not None
        assert await here.login.finish("k3", here.id, used.code) == "linked"
        assert await here.person() == person
        assert (await here.mydata.held(here.id))["level"] == "strong"
        assert "yhdistetty" in (await here.talk.say("moi"))[-1].text or here.talk.answer


async def test_a_code_to_a_telephone_makes_both_one_persons(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        assert await here.login.send("k", here.id, PHONE, "fi") == "sent"
        assert await here.login.send("k", here.id, PHONE, "fi") == "sent"
        await here.rig.settle()
        assert len(here.rig.telephones.sent[PHONE]) == 1
        assert await here.login.check("c", here.id, "000000" if here.code() != "000000" else "111111") == "wrong"
        assert await here.login.check("c", here.id, here.code()) == "right"
        links = await here.mydata.links(here.id)
        assert [(one["channel"], one["here"]) for one in links] == [("webchat", True), ("sms", False)]
        assert links[1]["ending"] == PHONE[-3:]
        assert not await here.mydata.unlink("u", here.id, links[1]["id"])
        assert await here.mydata.unlink("u", here.id, here.id)
        assert await here.mydata.unlink("u", here.id, here.id)
        assert await here.value("SELECT count(*) FROM conversations WHERE detached_at IS NOT NULL") == 1


async def test_codes_are_limited_and_a_number_that_stopped_is_left_alone(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        for number in range(3):
            assert await here.login.send(f"k{number}", here.id, PHONE, "fi") == "sent"
        assert await here.login.send("k9", here.id, PHONE, "fi") == "limited"
        other = await another(here.rig)
        await here.value(
            "INSERT INTO reach (channel, address_lookup, opted_out) VALUES ('sms', $1, true) RETURNING 1",
            here.rig.app.keys.lookup("+358409999999"),
        )
        assert await other.login.send("k", other.id, "+358409999999", "fi") == "stopped"
        assert await other.login.send("k", other.id, "", "fi") == "not_here"


async def test_the_city_has_not_written_first(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        assert await here.mydata.last_nudge(here.id, "fi") is None


async def test_a_linked_conversation_goes_on_from_the_dialog_that_linked_it(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await here.talk.say("omat tietoni")
        await here.talk.press("Tunnistaudu vahvasti")
        await here.talk.press("Kyllä, anna linkki")
        page = next(found[0] for reply in here.talk.answer if (found := re.search(r"https://\S+", reply.text)))
        links, people = here.login.links, here.rig.app.personal.people
        assert links is not None
        person = await people.identified(ISSUER, "s", "substantial")
        assert await links.use(digest_of(page.split("/")[-1].partition("?")[0]), person, "substantial", "cookie")
        used = await links.used(person, "cookie")
        assert used is not None
        wrong = "000000" if used.code != "000000" else "111111"
        assert "ei täsmää" in "".join(reply.text for reply in await here.talk.say(wrong))
        said = await here.talk.say(used.code)
        assert "yhdistetty sinuun" in said[-1].text
        assert used.code not in "".join(reply.text for reply in said)
        assert said[-1].links[0].url == f"{HOME}/my/data"
        await here.rig.wait(timedelta(minutes=1))
        assert await here.talk.press("Mitä minusta tiedetään")
        assert "yhdistetty sinuun" in here.talk.answer[-1].text


@pytest.mark.parametrize("code", ["123456", " 123 456 ", "12-34-56"])
async def test_a_code_is_not_kept_of_what_was_said(city: City, database_url: str, code: str) -> None:
    async with citizen(city, database_url) as here:
        await here.talk.say(code)
        rows = await here.rig.app.database.pool.fetch("SELECT person_id, body FROM transcript WHERE kind = 'message'")
        contents = [(await here.rig.app.engine.sealer.of(row["person_id"]), row["body"]) for row in rows]
        kept = [content.open_incoming(body).text for content, body in contents]
        assert CODE in kept
        assert code not in kept
        await here.rig.app.tally.write()
        assert not await here.value("SELECT count(*) FROM misses WHERE text LIKE '%' || $1 || '%'", code.strip())
