"""Who it is that something is written to: persons, and conversations at addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from proactive import recipients_sql as sql
from proactive.wanted import Draft, Fault, Limits, ToAddress, ToPerson, ToPhone

TEXTING = "sms"
"""The channel of telephone numbers."""
UNKNOWN = Fault(code="unknown_recipient", field="to", message="There is nobody to write to: check the id or address.")
NOT_LISTED = Fault(
    code="not_on_the_list", field="to", message="A team key writes to the addresses on its list alone: add it there."
)
NO_TEXTING = Fault(code="channels", field="to.phone", message="Text messages are not in use: name a person instead.")


class People(Protocol):
    """Who is at an address."""

    async def at(self, channel: str, keys: Collection[str], language: str) -> Mapping[str, tuple[UUID, UUID]]:
        """The conversation at each address and its person, begun in a language where there was none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose one is, and the conversation that it was written to, if it was to one."""

    person_id: UUID
    conversation_id: UUID | None = None


Found = dict[int, Place | Fault]


class Recipients:
    """Finds persons and conversations for a batch, by few statements. Raises what asyncpg raises when it is away."""

    def __init__(
        self, pool: Callable[[], asyncpg.Pool[Any]], lookup: Callable[[str], bytes], people: People, limits: Limits
    ) -> None:
        self._pool = pool
        self._lookup = lookup
        self._people = people
        self._limits = limits

    async def find(self, drafts: Mapping[int, Draft], only: Collection[bytes] | None = None) -> Found:
        """The place of each, or why there is none; ``only`` are lookups of the addresses that may be written to."""
        found: Found = {}
        real: dict[int, Draft] = {}
        for index, draft in drafts.items():
            if draft.wanted.mode == "test" and draft.wanted.key_id is not None:
                # Theirs who test: nobody is looked up, and nothing is kept of whom they named.
                found[index] = Place(draft.wanted.key_id)
            else:
                real[index] = draft
        return (
            found | await self._phones(real, only) | await self._addresses(real, only) | await self._persons(real, only)
        )

    async def _phones(self, drafts: Mapping[int, Draft], only: Collection[bytes] | None) -> Found:
        found: Found = {}
        wanted: dict[str, dict[int, str]] = defaultdict(dict)
        for index, draft in drafts.items():
            if not isinstance(draft.to, ToPhone):
                continue
            if TEXTING not in self._limits.channels:
                found[index] = NO_TEXTING
            elif only is not None and self._lookup(draft.to.number) not in only:
                found[index] = NOT_LISTED
            else:
                wanted[draft.wanted.language or self._limits.languages[0]][index] = draft.to.number
        for language, numbers in wanted.items():
            there = await self._people.at(TEXTING, set(numbers.values()), language)
            for index, number in numbers.items():
                conversation, person = there[number]
                found[index] = Place(person, conversation)
        return found

    async def _addresses(self, drafts: Mapping[int, Draft], only: Collection[bytes] | None) -> Found:
        wanted = {
            index: (draft.to.channel, self._lookup(draft.to.key))
            for index, draft in drafts.items()
            if isinstance(draft.to, ToAddress)
        }
        rows = await self._pool().fetch(sql.AT, list({lookup for _, lookup in wanted.values()})) if wanted else []
        there = {(row["channel"], row["address_lookup"]): Place(row["person_id"], row["id"]) for row in rows}
        return {
            index: NOT_LISTED if only is not None and place[1] not in only else there.get(place, UNKNOWN)
            for index, place in wanted.items()
        }

    async def _persons(self, drafts: Mapping[int, Draft], only: Collection[bytes] | None) -> Found:
        wanted = {index: draft.to.id for index, draft in drafts.items() if isinstance(draft.to, ToPerson)}
        if not wanted:
            return {}
        rows = await self._pool().fetch(sql.PERSONS, list(set(wanted.values())))
        there = {row["id"]: row["person_id"] for row in rows}
        if only is None:
            return {index: Place(there[person]) if person in there else UNKNOWN for index, person in wanted.items()}
        # Whether there is such a person is none of the business of who may write to a few alone.
        rows = await self._pool().fetch(sql.LISTED, list(there.values()), list(only))
        listed = {row["person_id"] for row in rows}
        return {
            index: Place(there[person]) if there.get(person) in listed else NOT_LISTED
            for index, person in wanted.items()
        }
