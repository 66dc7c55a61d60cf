"""The telephone on which a member of staff tries campaigns: their own, shown to be so by a code that was sent there."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg

from bot.messages import Reply
from proactive.campaign import Sealer
from proactive.phones import mobile
from proactive.recipients import TEXTING, People

DIGITS = 6
TRIES = 5
LASTS = timedelta(minutes=10)
WITHIN = timedelta(hours=1)
MOST = 3
"""Codes that one member of staff has sent within ``WITHIN``."""

ASK = """
INSERT INTO campaign_testers (agent, person_id, number, digest) VALUES ($1, $2, $3, $4)
ON CONFLICT (agent) DO UPDATE SET
    person_id = $2, number = $3, digest = $4, tries = 0, asked_at = now(), confirmed_at = NULL,
    sent = CASE WHEN campaign_testers.first_at < now() - $5::interval THEN 1 ELSE campaign_testers.sent + 1 END,
    first_at = CASE
        WHEN campaign_testers.first_at < now() - $5::interval THEN now() ELSE campaign_testers.first_at
    END
WHERE campaign_testers.first_at < now() - $5::interval OR campaign_testers.sent < $6
RETURNING agent
"""
"""agent, person, sealed number, digest, within which time, how many."""

TRY = """
UPDATE campaign_testers SET tries = tries + 1
WHERE agent = $1 AND confirmed_at IS NULL AND asked_at > now() - $2::interval AND tries < $3 RETURNING digest
"""
"""agent, how long a code lasts, how many tries. Counted before the code is looked at."""

CONFIRM = "UPDATE campaign_testers SET confirmed_at = now() WHERE agent = $1 AND digest = $2 AND confirmed_at IS NULL"
"""agent, digest."""

OF = "SELECT person_id, number, confirmed_at IS NOT NULL AS confirmed FROM campaign_testers WHERE agent = $1"
"""agent."""

FORGET = "DELETE FROM campaign_testers WHERE agent = $1"
"""agent."""

Asked = Literal["sent", "limited", "stopped"]
"""``stopped``: the number wants no messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A message, and where it goes."""

    number: str
    conversation_id: UUID
    person_id: UUID
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Tester:
    """A member of staff's telephone. ``ending`` is the end of its number."""

    number: str
    confirmed: bool

    @property
    def ending(self) -> str:
        """Enough to know it by."""
        return self.number[-3:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Testers:
    """The table ``campaign_testers``. Methods raise what asyncpg raises when the database is away.

    ``words`` is the message with a code in a language; ``say`` sends a message at once, past the gate, since whoever
    gets it has asked for it, and tells whether its address takes messages.
    """

    pool: Callable[[], asyncpg.Pool[Any]]
    sealer: Sealer
    people: People
    key: bytes
    words: Callable[[str, str], Reply]
    say: Callable[[Spoken], Awaitable[bool]]

    async def ask(self, agent: str, number: str, language: str) -> Asked:
        """Send a code to a number. Raises ``NoMobile``."""
        plain = mobile(number)
        conversation, person = (await self.people.at(TEXTING, [plain], language))[plain]
        digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        sealed = (await self.sealer.of(person)).text(plain)
        values = (agent, person, sealed, self._digest(agent, digits), WITHIN, MOST)
        if await self.pool().fetchval(ASK, *values) is None:
            return "limited"
        message = Spoken(
            number=plain, conversation_id=conversation, person_id=person, reply=self.words(digits, language)
        )
        return "sent" if await self.say(message) else "stopped"

    async def confirm(self, agent: str, code: str) -> bool:
        """Hold a code against the last one that was sent."""
        digest = await self.pool().fetchval(TRY, agent, LASTS, TRIES)
        given = self._digest(agent, "".join(code.split()))
        if digest is None or not hmac.compare_digest(digest, given):
            return False
        done: str = await self.pool().execute(CONFIRM, agent, digest)
        return done == "UPDATE 1"

    async def of(self, agent: str) -> Tester | None:
        """A member of staff's telephone, if there is one."""
        row = await self.pool().fetchrow(OF, agent)
        if row is None:
            return None
        number = (await self.sealer.of(row["person_id"])).open_text(row["number"])
        return Tester(number=number, confirmed=row["confirmed"])

    async def send(self, agent: str, reply: Reply) -> bool:
        """Send a message to a member of staff's own telephone; false where there is none that was shown to be so."""
        tester = await self.of(agent)
        if tester is None or not tester.confirmed:
            return False
        conversation, person = (await self.people.at(TEXTING, [tester.number], reply.language))[tester.number]
        return await self.say(Spoken(number=tester.number, conversation_id=conversation, person_id=person, reply=reply))

    async def forget(self, agent: str) -> None:
        """The telephone is another's, or is not to be used any more."""
        await self.pool().execute(FORGET, agent)

    def _digest(self, agent: str, code: str) -> bytes:
        return hmac.digest(self.key, f"{agent}\0{code}".encode(errors="surrogatepass"), "sha256")
