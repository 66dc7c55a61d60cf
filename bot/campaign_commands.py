"""What ``neuvo campaigns`` does: the same as the staff's pages, over the same store, by somebody at the server."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from tqdm import tqdm

from bot.campaign_desk import CampaignDesk
from bot.campaign_forms import BY_LANGUAGE
from bot.campaigns import Campaigning, campaigning
from bot.channels import CHANNELS
from bot.city import City
from bot.database import Database
from bot.keys import key_store
from bot.nudges import nudge_store
from bot.personal import personal
from bot.settings import Settings
from proactive.audience_file import FileRefused
from proactive.campaign import ENDED, Act, Campaign, Who
from proactive.campaign_audience import Filter
from proactive.campaign_views import Counts
from proactive.template import Template

Row = Mapping[str, Any]
WATCH = 1.0
"""Seconds between two looks at one that runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """Campaigns over one database, by one person, in one language."""

    city: City
    parts: Campaigning
    desk: CampaignDesk
    who: Who
    language: str

    async def new(
        self,
        name: str,
        template: str,
        *,
        values: Mapping[str, str],
        file: Path | None,
        wanted: Filter | None,
        send_at: datetime | None,
    ) -> UUID:
        """A draft with its audience. Ends in plain words."""
        campaign_id = await self.desk.new(name, template, self.who.agent, self.who.name)
        await self._recorded(campaign_id, "new", done=campaign_id is not None)
        if campaign_id is None:
            known = ", ".join(one.id for one in self.city.nudges if not one.reviewed)
            raise click.ClickException(f"there is no template {template}; there are {known}")
        form = {"name": name, **self._form(self.city.nudges.get(template), values)}
        wrong = await self.desk.change(campaign_id, form, self.who.agent, self.who.name, send_at)
        if wrong:
            raise click.ClickException("; ".join(f"{field}: {self._fault(code)}" for field, code in wrong.items()))
        if file is not None or wanted is not None:
            await self._filled(await self.found(campaign_id), file, wanted)
        return campaign_id

    async def _filled(self, campaign: Campaign, file: Path | None, wanted: Filter | None) -> None:
        audiences = self.parts.audiences
        if file is None:
            await audiences.from_filter(campaign, wanted or Filter(), self.who)
        else:
            try:
                with file.open("rb") as opened, tqdm(unit=" lines", disable=None, leave=False) as bar:
                    await audiences.from_file(campaign, opened, self.who, progress=bar.update)
            except FileRefused as error:
                raise click.ClickException(f"{file}: {self._wrong(error.code)} {', '.join(error.columns)}") from None
        await self._recorded(campaign.id, "filter" if file is None else "file", done=True)

    def _form(self, template: Template, values: Mapping[str, str]) -> dict[str, str]:
        """``name=value`` for all languages, or ``name:fi=value`` for one, as the fields of the page."""
        form: dict[str, str] = {}
        for key, value in values.items():
            name, _, language = key.partition(":")
            placeholder = template.values.get(name)
            if placeholder is None:
                raise click.ClickException(f"{name} is not in the template; there are {', '.join(template.values)}")
            if placeholder.kind in BY_LANGUAGE:
                form |= {f"value-{name}-{code}": value for code in ([language] if language else self.city.languages)}
            else:
                form[f"value-{name}"] = value
        return form

    async def look(self, campaign_id: UUID) -> list[str]:
        """The dry run, to its end, and what came of it in lines."""
        campaign, views = await self.found(campaign_id), self.parts.views
        with tqdm(total=(await views.counts(campaign_id)).unlooked, unit=" rows", disable=None, leave=False) as bar:
            await self.parts.work.look(campaign_id, bar.update)
        return [
            self._counted(await views.counts(campaign_id)),
            *map(self._group, await views.groups(campaign_id)),
            *map(self._skip, await views.skipped(campaign_id)),
            *map(self._faulty, await views.faults(campaign_id)),
            *await self._shown(campaign),
        ]

    async def _shown(self, campaign: Campaign) -> list[str]:
        template = self.city.nudges.get(campaign.template, campaign.version)
        channels = self.city.purposes.purposes[template.purpose].channels
        found = await self.parts.views.samples(campaign, template, channels)
        return [f"{one.channel} {one.language}: " + " | ".join(one.bodies or (one.reply.text,)) for one in found]

    def _counted(self, counts: Counts) -> str:
        get, skipped, faulty = counts.usable, counts.skipped, counts.faults
        return f"{counts.rows} rows: {get} will get it, {skipped} are skipped, {faulty} are faulty"

    def _group(self, row: Row) -> str:
        abroad = ", abroad" if row["abroad"] else ""
        cost = "" if row["cost"] is None else f", {row['parts']} parts, {row['cost']:.2f} EUR"
        return f"{row['channel']} in {row['spoken']}{abroad}: {row['rows']} messages{cost}"

    def _skip(self, row: Row) -> str:
        return f"skipped: {row['rows']}, {self.desk.reason(row['reason'], self.language)}"

    def _faulty(self, row: Row) -> str:
        lines = ", ".join(map(str, row["lines"]))
        column = f"{row['field']} " if row["field"] else ""
        return f"faulty: {row['rows']}, {column}{self._fault(row['fault'])}; lines {lines}"

    async def act(self, campaign_id: UUID, act: Act) -> None:
        """Take it to its next state. Ends in plain words where that cannot be."""
        outcome = await self.parts.campaigns.act(campaign_id, act, self.who)
        await self._recorded(campaign_id, act, done=outcome == "done")
        if outcome != "done":
            raise click.ClickException(self._wrong(outcome))

    async def show(self, campaign_id: UUID) -> list[str]:
        """How one stands, in lines."""
        found, counts = await self.found(campaign_id), await self.parts.views.counts(campaign_id)
        approved = "" if found.approver_name is None else f", approved by {found.approver_name}"
        sent = f"{counts.ended} of {counts.usable} are done"
        return [
            f"{found.id}  {found.status}  {found.template}  {found.name}: written by {found.author_name}{approved}",
            self._counted(counts),
            f"{sent}: {counts.sent} sent, {counts.delivered} delivered, {counts.answered} answered, "
            f"{counts.failed} failed, {counts.cancelled} not sent, {counts.waiting} waiting",
            *(
                f"{row['status']}: {row['count']} {self.desk.reason(row['reason'], self.language)}"
                for row in await self.parts.views.statuses(campaign_id)
                if row["reason"] is not None
            ),
        ]

    async def every(self) -> list[str]:
        """All of them, in lines, the newest first."""
        rows = await self.parts.campaigns.list()
        return [f"{row['id']}  {row['status']:9} {row['template']}  {row['name']}" for row in rows]

    async def follow(self, campaign_id: UUID) -> None:
        """Watch one that runs until it has ended or is paused; broken off, it goes on all the same."""
        counts = await self.parts.views.counts(campaign_id)
        with tqdm(total=counts.usable, unit=" messages", disable=None) as bar:
            while True:
                counts = await self.parts.views.counts(campaign_id)
                bar.n = counts.ended
                bar.set_postfix(sent=counts.sent, delivered=counts.delivered, failed=counts.failed)
                status = (await self.found(campaign_id)).status
                if status in ENDED or status != "running":
                    return
                await asyncio.sleep(WATCH)

    async def found(self, campaign_id: UUID) -> Campaign:
        """One of them. Ends in plain words where there is none."""
        campaign = await self.parts.campaigns.get(campaign_id)
        if campaign is None:
            raise click.ClickException(f"there is no campaign {campaign_id}")
        return campaign

    async def _recorded(self, campaign_id: UUID | None, act: str, *, done: bool) -> None:
        who = {"actor": self.who.agent, "role": "command", "ip_address": None}
        await self.desk.recorded(campaign_id, act, who, done=done)

    def _wrong(self, code: str) -> str:
        return self.city.texts(f"console.campaigns.wrong.{code}", self.language)

    def _fault(self, code: str) -> str:
        return self.city.texts(f"console.campaigns.fault.{code}", self.language)


def somebody(name: str | None) -> Who:
    """Who gives the command: the user of this machine, unless a name is said."""
    who = name or getpass.getuser()
    return Who(f"command:{who}", who)


@asynccontextmanager
async def commands(settings: Settings, url: str, who: Who, language: str) -> AsyncIterator[Commands]:
    """Bind it until the block ends. The workers of the servers send; here nothing is sent."""
    city, keys = City.read(settings.city), key_store(settings, url)
    await keys.open()
    try:
        async with Database(url, size=4, timeout=60.0) as database:
            own = personal(city, database, keys, keys, _left)
            store = nudge_store(city, database, keys, own, channels=[kind.name for kind in CHANNELS], now=_utc)
            parts = campaigning(city, database, keys, keys, own, resume=_left, nudges=store, now=_utc)
            desk = CampaignDesk(city, database, parts)
            yield Commands(city=city, parts=parts, desk=desk, who=who, language=language)
    finally:
        await keys.close()


async def _left(_conversation_id: UUID) -> None:
    """What waits is found by the sweep of the servers."""


def _utc() -> datetime:
    return datetime.now(UTC)
