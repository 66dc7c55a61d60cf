"""What the staff's pages ask of health outreach: each in the words of a language, and each act written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from bot.city import City
from bot.database import Database
from bot.health import Persons
from bot.health_content import PROGRAMMES, HealthContent
from bot.keys import KeyStore
from bot.personal import Personal
from health.explain import Explainer, reason
from health.facts import age_on
from health.programme import Programme
from health.review import DELAYS, REASONS, Review, Reviewer
from health.small_counts import Group, told
from mydata import audit
from mydata.audit import Event
from proactive.render import render

Row = Mapping[str, Any]
OPEN = ("waiting", "postponed")
_SHOWN = ("id", "programme", "selected", "reviewer_name", "decided_at", "decision_reason", "district")
_AGES = {"0-39": "–39", "40-64": "40–64", "65-79": "65–79", "80-": "80–"}


def review_of(database: Database, personal: Personal, keys: KeyStore, content: HealthContent) -> Review:
    """The review of a process."""
    return Review(
        lambda: database.pool,
        lambda connection: Persons(connection, personal, keys, ""),
        content.programmes,
        content.sets,
    )


class HealthDesk:
    """Findings and programmes as pages show them. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self,
        city: City,
        folder: Path,
        content: HealthContent,
        database: Database,
        review: Review,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``folder`` is where the city's content is read from."""
        self._city = city
        self._folder = folder
        self._content = content
        self._database = database
        self._review = review
        self._now = now

    async def recorded(self, target: tuple[str, str], act: str, who: Row, *, done: bool) -> None:
        """Write down what a member of staff (``actor``, ``role``, ``ip_address``) did, or could not do."""
        event = Event(
            **who,
            operation="READ" if act == "read" else "UPDATE",
            target_type=f"health_{target[0]}",
            target_id=target[1],
            status="SUCCESS" if done else "FAILED",
            information=act,
        )
        await audit.write(self._database.pool, event)

    async def queue(self, language: str, programme: str | None) -> Sequence[Row]:
        """What waits for a decision."""
        return [
            {**row, "title": self._title(row["programme"], language), "reason": reason(row["reason"], language)}
            for row in await self._review.queue(self._today, programme)
        ]

    async def programmes(self, language: str) -> Sequence[Row]:
        """All programmes."""
        waiting = await self._review.waiting(self._today)
        return [
            {
                "id": name,
                "title": one.title[language],
                "waiting": waiting.get(name, 0),
                "approval": _approval(await self._review.approval(name)),
            }
            for name, one in self._content.programmes.items()
        ]

    async def finding(self, finding_id: UUID, language: str) -> Row | None:
        """All that the page of a finding shows."""
        found = await self._review.finding(finding_id)
        if found is None:
            return None
        row, programme = found.row, self._content.programmes[found.row["programme"]]
        explainer = Explainer(self._content.sets, language)
        return {
            **{name: row[name] for name in _SHOWN},
            "title": programme.title[language],
            "description": programme.description[language],
            "evidence": programme.evidence,
            "state": row["status"],
            "open": row["status"] in OPEN,
            "as_of": explainer.day(row["as_of"]),
            "reason": reason(row["reason"], language),
            "steps": explainer.steps(found.steps),
            "facts": explainer.facts(found.facts),
            "age": age_on(row["birth_date"], row["as_of"]),
            "sex": row["sex"],
            "spoken": row["language"],
            "approval": _approval(await self._review.approval(programme.id)),
            "reasons": [(one, self._words(f"reasons.{one}", language)) for one in REASONS],
            "delays": [(days, self._words("days", language, days=days)) for days in DELAYS],
            **self._sent(programme, row),
        }

    async def programme(self, name: str, language: str, agent: str) -> Row | None:
        """All that the page of a programme shows."""
        programme = self._content.programmes.get(name)
        if programme is None:
            return None
        approval = await self._review.approval(name)
        columns: Row = {} if approval is None else approval
        return {
            "id": name,
            "version": programme.version,
            "title": programme.title[language],
            "description": programme.description[language],
            "rule": (self._folder / PROGRAMMES / f"{name}.yaml").read_text(encoding="utf-8"),
            "approval": _approval(approval),
            "own": columns.get("author") == agent,
            **{column: columns.get(column) for column in ("author_name", "proposed_at", "approver_name")},
            "approved_at": columns.get("at"),
            "figures": self._figures(await self._review.decisions(name), language),
        }

    async def decide(self, finding_id: UUID, act: str, choice: str, agent: str, by: str) -> str:
        """Accept, reject or postpone: ``done``, or why not."""
        who = Reviewer(agent, by)
        if act == "accept":
            return await self._review.accept(finding_id, who, self._today)
        if act == "reject" and choice in REASONS:
            return await self._review.reject(finding_id, who, choice)
        if act == "postpone" and choice in map(str, DELAYS):
            return await self._review.postpone(finding_id, who, self._today, int(choice))
        return "choice"

    async def settle(self, name: str, act: str, agent: str, by: str) -> str:
        """Propose or approve a programme: ``done``, or why not."""
        who = Reviewer(agent, by)
        return await (self._review.propose(name, who) if act == "propose" else self._review.approve(name, who))

    @property
    def _today(self) -> date:
        return self._now().astimezone(self._city.zone).date()

    def _words(self, key: str, language: str, **values: object) -> str:
        return self._city.texts(f"console.health.{key}", language, **values)

    def _title(self, programme: str, language: str) -> str:
        return self._content.programmes[programme].title[language]

    def _sent(self, programme: Programme, row: Row) -> Row:
        """What will be sent, with the example of its link, and what stands behind it, in the person's language."""
        spoken = row["language"] if row["language"] in self._city.languages else self._city.languages[0]
        template = self._city.nudges.get(programme.template)
        reply = render(
            template,
            template.examples,
            language=spoken,
            channel="sms",
            zone=self._city.zone,
            payload=lambda choice: choice.id,
        )
        return {
            "written_in": spoken,
            "message": reply.text,
            "to_person": reason(row["reason"], spoken, to_person=True),
            "offer": programme.offer[spoken],
        }

    def _figures(self, rows: Sequence[Row], language: str) -> Sequence[Row]:
        """Decisions by division, without groups in which somebody could be made out."""
        found = []
        for (selected, what), own in groupby(rows, key=lambda row: (row["selected"], row["what"])):
            groups, hidden = told(Group(row["value"], row["decided"], row["accepted"]) for row in own)
            named = [
                {"name": self._group(what, one.value, language), "decided": one.decided, "accepted": one.accepted}
                for one in groups
            ]
            of = "selected" if selected else "sample"
            found.append({"of": of, "what": what, "groups": named, "hidden": hidden})
        return found

    @staticmethod
    def _group(what: str, value: str, language: str) -> str:
        return reason(value, language) if what == "rule" else _AGES.get(value, value)


def _approval(row: Row | None) -> str:
    if row is None:
        return "none"
    return "proposed" if row["at"] is None else "approved"
