"""The GDPR API, bound to the server: whom a token is about, and what is held on them as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from bot.data import Data
from bot.issuer import Issuer
from bot.settings import Settings
from bot.texts import Texts
from mydata.accesses import Actor
from mydata.gdpr_api import GdprApi, Node, Obstacle, Terms
from mydata.people import People

PROFILE = "profile"
"""Who asks, in the log of accesses, and how an erasure was asked for."""
AGAIN = 10.0
"""Seconds between two readings of the issuer's keys."""


class Subjects:
    """``mydata.gdpr_api.Subjects``."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def person(self, issuer: str, subject: str) -> UUID | None:
        """Who has logged in to us by this subject."""
        return await self._people.of_subject(issuer, subject)


class Records:
    """``mydata.gdpr_api.Records``."""

    def __init__(self, data: Data, needed: str) -> None:
        """``needed`` is the level of assurance that a person's own data asks for."""
        self._data = data
        self._needed = needed

    async def tree(self, person_id: UUID) -> Node | None:
        """The export as a tree; that it was read is written down before."""
        await self._data.accesses.note(person_id, Actor(kind="interface", name=PROFILE), purpose="profile", what="all")
        levels: list[list[Node]] = [[]]
        keys: list[str] = []
        async for event in self._data.exports.walk(person_id):
            name = event.name or "neuvo"
            if event.what in {"begin", "open"}:
                levels.append(list(nodes(event.value)))
                keys.append(one_of(name) if event.what == "open" else name)
            elif event.what in {"end", "close"}:
                children = levels.pop()
                levels[-1].append(self._node(keys.pop(), children, depth=len(keys)))
            else:
                levels[-1].append(Node(key=upper(one_of(name)), children=tuple(nodes(event.value))))
        return levels[0][0] if levels[0] else None

    def _node(self, key: str, children: list[Node], depth: int) -> Node:
        return Node(key=upper(key), children=tuple(children), needs=self._needed if depth == 1 else "")

    async def obstacles(self, person_id: UUID) -> Sequence[Obstacle]:
        """What the law holds."""
        refusals = await self._data.erasures.may_erase(person_id)
        return [Obstacle(code=refusal.code.upper(), message=refusal.message) for refusal in refusals]

    async def erase(self, person_id: UUID) -> None:
        """Erase, as far as nothing stands against it now."""
        await self._data.erasures.ask(person_id, PROFILE)


def nodes(value: dict[str, Any]) -> Iterator[Node]:
    """A JSON object's members; what is not there is left out, and every value is a text."""
    for name, member in value.items():
        if member is not None:
            yield node(name, member)


def node(name: str, value: Any) -> Node:
    """One JSON value."""
    if isinstance(value, dict):
        return Node(key=upper(name), children=tuple(nodes(value)))
    if isinstance(value, list | tuple):
        items = [item if isinstance(item, Node) else node(one_of(name), item) for item in value if item is not None]
        return Node(key=upper(name), children=tuple(items))
    if isinstance(value, bool):
        return Node(key=upper(name), value="true" if value else "false")
    return Node(key=upper(name), value=str(value))


def upper(name: str) -> str:
    """A name as the interface wants keys."""
    return "".join(sign if sign.isalnum() else "_" for sign in name).upper()


def one_of(name: str) -> str:
    """What one item of a list is called."""
    return name.removesuffix("es") if name.endswith("sses") else name.removesuffix("s")


def gdpr_api(settings: Settings, texts: Texts, languages: Sequence[str], people: People, data: Data) -> GdprApi | None:
    """The interface, where an issuer is set. ``texts`` are those of the citizens' pages."""
    if settings.gdpr_issuer is None or settings.gdpr_audience is None:
        return None
    terms = Terms(
        audience=settings.gdpr_audience,
        query_scope=settings.gdpr_query_scope,
        delete_scope=settings.gdpr_delete_scope,
        needed=settings.login_loa,
        too_low={language: texts("gdpr.too_low", language) for language in languages},
    )
    issuer = Issuer(settings.gdpr_issuer, again=AGAIN)
    return GdprApi(issuer, terms, Subjects(people), Records(data, settings.login_loa))
