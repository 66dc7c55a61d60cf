"""What the staff's pages ask of campaigns: each in the words of a language, and each act written down."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from bot.campaign_forms import drawn, fields, heading, parsed
from bot.campaigns import Campaigning
from bot.city import City
from bot.database import Database
from mydata import audit
from mydata.audit import Event, Operation
from proactive.audience_file import FileRefused
from proactive.campaign import Act, Campaign, Who
from proactive.campaign_audience import Filled, Filter, NotDraft
from proactive.phones import NoMobile
from proactive.render import Unfit
from proactive.template import Template, UnknownTemplate
from proactive.written import written

Row = Mapping[str, Any]
_OPERATIONS: Mapping[str, Operation] = {"new": "CREATE", "report": "READ", "try": "CREATE"}


class CampaignDesk:
    """Campaigns as pages show them. Methods raise what asyncpg raises when the database is away."""

    def __init__(self, city: City, database: Database, parts: Campaigning) -> None:
        self._city = city
        self._database = database
        self._parts = parts

    async def recorded(self, campaign_id: UUID | None, act: str, who: Row, *, done: bool) -> None:
        """Write down what a member of staff (``actor``, ``role``, ``ip_address``) did, or was too late to do."""
        event = Event(
            **who,
            operation=_OPERATIONS.get(act, "UPDATE"),
            target_type="campaign",
            target_id="" if campaign_id is None else str(campaign_id),
            status="SUCCESS" if done else "FAILED",
            information=act,
        )
        await audit.write(self._database.pool, event)

    def templates(self, language: str) -> Sequence[Row]:
        """What can be sent: ``id``, ``title`` and the title of its ``purpose``."""
        return [
            {"id": one.id, "title": heading(one, language), "purpose": self._purpose(one.purpose, language)}
            for one in self._city.nudges
            if not one.reviewed
        ]

    async def every(self, language: str) -> Sequence[Row]:
        """All campaigns, the newest first."""
        found = await self._parts.campaigns.list()
        templates = [self._template(row["template"]) for row in found]
        return [
            {**row, "title": row["template"] if template is None else heading(template, language)}
            for row, template in zip(found, templates, strict=True)
        ]

    async def new(self, name: str, template: str, agent: str, by: str) -> UUID | None:
        """A draft; ``None`` where there is no such template."""
        try:
            return await self._parts.campaigns.new(name, template, Who(agent, by))
        except UnknownTemplate:
            return None

    async def page(self, campaign_id: UUID, language: str, agent: str) -> Row | None:
        """All that the page of a campaign shows."""
        found = await self._parts.campaigns.get(campaign_id)
        if found is None:
            return None
        template, views = self._template(found.template, found.version), self._parts.views
        of_template: Row = {"title": found.template, "purpose": "", "channels": [], "fields": [], "samples": []}
        if template is not None:
            channels = self._channels(template)
            of_template = {
                "title": heading(template, language),
                "purpose": self._purpose(template.purpose, language),
                "channels": channels,
                "fields": fields(template, found.values, self._city.languages),
                "samples": await self._samples(found, template, channels),
            }
        return {
            **of_template,
            "campaign": found,
            "acts": found.acts(agent),
            "own": agent in found.authors,
            "programmes": [(name, one.title(language)) for name, one in self._parts.audiences.programmes.items()],
            "counts": await views.counts(campaign_id),
            "groups": await views.groups(campaign_id),
            "skipped": await views.skipped(campaign_id),
            "faults": await views.faults(campaign_id),
            "statuses": await views.statuses(campaign_id),
            "tester_phone": await self._parts.testers.of(agent),
        }

    def reason(self, code: str, language: str) -> str:
        """Why a message waits or is not sent, in words; a code that has none stays one."""
        try:
            return self._city.texts(f"nudge.reason.{code}", language)
        except KeyError:
            return code

    def euros(self, cost: float, language: str) -> str:
        """A sum as a language writes it."""
        return written("money", f"{cost:.2f} EUR", language=language, zone=self._city.zone)

    async def hours(self, campaign_id: UUID) -> Sequence[Row]:
        """What came of it, by hour of the city's clock and channel."""
        return await self._parts.views.hours(campaign_id, self._city.zone.key)

    async def change(
        self, campaign_id: UUID, form: Row, agent: str, by: str, send_at: datetime | None
    ) -> Mapping[str, str]:
        """Write the ``name`` and the values (``value-NAME``, ``value-NAME-LANGUAGE``) of a form.

        What is wrong, by the field of the form; ``late`` where it is no draft any more.
        """
        found = await self._parts.campaigns.get(campaign_id)
        template = None if found is None else self._template(found.template, found.version)
        if found is None or template is None:
            return {"late": "late"}
        values, wrong = parsed(template, form, self._city)
        if wrong:
            return wrong
        channels = [name for name in self._channels(template) if form.get(f"channel-{name}")] or None
        done = await self._parts.campaigns.change(
            campaign_id,
            Who(agent, by),
            name=form.get("name") or found.name,
            values=values,
            channels=channels,
            send_at=send_at,
        )
        return {} if done else {"late": "late"}

    async def fill(self, campaign_id: UUID, source: BinaryIO | Row, agent: str, by: str) -> tuple[str, Sequence[str]]:
        """Take an audience: a table, or a filter (``channels``, ``languages``, ``level``), or a ``programme``.

        Gives what is wrong with it as a whole, as a code and the columns in question; nothing where it was taken.
        """
        found = await self._parts.campaigns.get(campaign_id)
        if found is None:
            return "late", ()
        try:
            await self._filled(found, source, Who(agent, by))
        except FileRefused as error:
            return error.code, error.columns
        except NotDraft:
            return "late", ()
        except UnknownTemplate:
            return "template_gone", ()
        except KeyError:
            return "no_programme", ()
        return "", ()

    async def _filled(self, found: Campaign, source: BinaryIO | Row, by: Who) -> Filled:
        audiences = self._parts.audiences
        if not isinstance(source, Mapping):
            return await audiences.from_file(found, source, by)
        template = self._city.nudges.get(found.template, found.version)
        if missing := sorted(template.values.keys() - found.values.keys()):
            raise FileRefused("values_missing", missing)
        if "programme" in source:
            return await audiences.from_programme(found, source["programme"], by)
        return await audiences.from_filter(found, Filter(**source), by)

    async def act(self, campaign_id: UUID, act: Act, agent: str, by: str) -> str:
        """``done``, or why not."""
        return await self._parts.campaigns.act(campaign_id, act, Who(agent, by))

    async def look_again(self, campaign_id: UUID) -> None:
        """Let the dry run look at everybody anew."""
        await self._parts.campaigns.look_again(campaign_id)

    async def fault_lines(self, campaign_id: UUID) -> AsyncIterator[Row]:
        """The lines of the file that cannot be used: ``line``, ``fault`` and ``field``."""
        async for row in self._parts.views.fault_lines(campaign_id):
            yield row

    async def try_on(self, campaign_id: UUID, language: str, agent: str) -> bool:
        """Send the message to the member of staff's own telephone; false where there is none."""
        found = await self._parts.campaigns.get(campaign_id)
        template = None if found is None else self._template(found.template, found.version)
        if found is None or template is None:
            return False
        shown = await self._parts.views.samples(found, template, ["sms"])
        reply = next(one.reply for one in shown if one.language == language)
        return await self._parts.testers.send(agent, reply)

    async def ask_code(self, number: str, agent: str, language: str) -> str:
        """Send a code to a telephone; ``sent``, or why not."""
        try:
            return await self._parts.testers.ask(agent, number, language)
        except NoMobile as error:
            return error.code

    async def confirm_code(self, code: str, agent: str) -> bool:
        """Hold a code against the one that was sent."""
        return await self._parts.testers.confirm(agent, code)

    async def forget_phone(self, agent: str) -> None:
        """Use no telephone any more."""
        await self._parts.testers.forget(agent)

    def _template(self, name: str, version: int | None = None) -> Template | None:
        try:
            found = self._city.nudges.get(name, version)
        except UnknownTemplate:
            return None
        return None if found.reviewed else found

    def _purpose(self, name: str, language: str) -> str:
        purpose = self._city.purposes.purposes.get(name)
        return name if purpose is None else purpose.title[language]

    def _channels(self, template: Template) -> Sequence[str]:
        purpose = self._city.purposes.purposes.get(template.purpose)
        return () if purpose is None else purpose.channels

    async def _samples(self, found: Campaign, template: Template, channels: Sequence[str]) -> list[Row]:
        """The messages as they will be; none where what is the same for all does not fill them."""
        try:
            return [drawn(one) for one in await self._parts.views.samples(found, template, channels)]
        except Unfit:
            return []
