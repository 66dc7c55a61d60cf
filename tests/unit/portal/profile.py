"""The GDPR API over real HTTP, with people and data that record what is asked of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from aiohttp import web

from bot.http import listen
from bot.issuer import Issuer
from mydata.gdpr_api import GdprApi, Node, Obstacle, Terms

AUDIENCE = "https://neuvo.example/gdpr"
ANNA, BERT, NOBODY = (f"9e14df7c-81f6-4c41-8578-6aa7b9d0e5c{number}" for number in range(3))
"""Subjects at the issuer: two whom we know, and one whom we do not."""
PERSON_ANNA, PERSON_BERT = UUID(int=1), UUID(int=2)
TOO_LOW = {
    "fi": "Tunnistaudu vahvasti.",
    "sv": "Identifiera dig starkt.",
    "en": "Identify yourself strongly.",
}
BILL = Obstacle(code="OPEN_CASE", message={"fi": "Avoin asia", "sv": "Öppet ärende", "en": "Open case"})


@dataclass
class Held:
    """What is held on two people; both protocols of the interface."""

    issuer: str = ""
    people: dict[str, UUID] = field(default_factory=lambda: {ANNA: PERSON_ANNA, BERT: PERSON_BERT})
    obstacles_of: dict[UUID, list[Obstacle]] = field(default_factory=dict)
    erased: list[UUID] = field(default_factory=list)
    read: list[UUID] = field(default_factory=list)

    async def person(self, issuer: str, subject: str) -> UUID | None:
        return self.people.get(subject) if issuer == self.issuer else None

    async def tree(self, person_id: UUID) -> Node | None:
        self.read.append(person_id)
        if person_id in self.erased:
            return None
        talk = Node(
            key="CONVERSATION", needs="substantial", children=(Node(key="TEXT", value=f"of person {person_id.int}"),)
        )
        return Node(key="NEUVO", children=(Node(key="LANGUAGE", value="fi"), talk))

    async def obstacles(self, person_id: UUID) -> Sequence[Obstacle]:
        return self.obstacles_of.get(person_id, [])

    async def erase(self, person_id: UUID) -> None:
        self.erased.append(person_id)


@asynccontextmanager
async def gdpr_api(issuer: str, held: Held) -> AsyncIterator[str]:
    """The interface for tokens of an issuer; its address."""
    held.issuer = issuer
    terms = Terms(
        audience=AUDIENCE,
        query_scope="gdprquery",
        delete_scope="gdprdelete",
        needed="substantial",
        too_low=TOO_LOW,
    )
    site = web.Application()
    site.add_routes(GdprApi(Issuer(issuer.rstrip("/"), timeout=2, again=3600), terms, held, held).routes())
    port, close = await listen(site, "127.0.0.1", 0, wait=0.1)
    try:
        yield f"http://127.0.0.1:{port}/gdpr-api/v1"
    finally:
        await close()
