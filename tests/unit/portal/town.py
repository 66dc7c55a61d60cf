"""The citizen's pages of one process over a real database and a provider, with services that record what is asked.

The services keep each person's things apart as the real ones do, so that a page that asked about another person would
show it.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port

from bot.database import DOWN, Database
from bot.http import listen
from bot.oidc import Client, Provider
from bot.texts import Texts
from portal.links import Links
from portal.local import CLIENT as LOCAL_CLIENT
from portal.local import PEOPLE, LocalProvider
from portal.local import SECRET as LOCAL_SECRET
from portal.mine import Services
from portal.pages import Frame
from portal.services import (
    About,
    Changed,
    Choice,
    Heading,
    Letter,
    Part,
    Purpose,
    Receipt,
    Refused,
    Row,
    Section,
    Standing,
    Words,
)
from portal.sessions import Sessions
from portal.site import Portal
from tests.unit.console.keycloak import CLIENT, SECRET, Keycloak

ROOT = Path(__file__).resolve().parents[3]
DESIGN = ROOT / "console" / "static" / "vendor"
LANGUAGES = ("fi", "sv", "en")
TEXTS = Texts.load(ROOT / "portal" / "texts", LANGUAGES)
NAMES = {**PEOPLE, "anna": "Anna Aalto", "bert": "Bert Berg"}
THEN = datetime(2026, 11, 20, 8, 5, tzinfo=UTC)


def words(fi: str, sv: str, en: str) -> Words:
    return {"fi": fi, "sv": sv, "en": en}


def said(text: str) -> Words:
    """The same in all languages."""
    return words(text, text, text)


REMINDER = Purpose(
    id="appointment-reminders",
    version=2,
    basis="consent",
    title=words("Muistutukset varatuista ajoista", "Påminnelser om bokade tider", "Reminders of appointments"),
    ask=words("Saako ajasta muistuttaa?", "Får staden påminna om en bokad tid?", "May it remind you?"),
    for_me=words("Aika ei unohdu.", "Du glömmer inte tiden.", "You do not forget the time."),
    for_city=words("Vähemmän perumattomia aikoja.", "Färre missade tider.", "Fewer missed appointments."),
    controller=words("Helsingin kaupunki", "Helsingfors stad", "City of Helsinki"),
    data=(words("varattu aika", "bokad tid", "booked time"),),
    recipients=(words("viestien välittäjä", "meddelandeförmedlaren", "the carrier of messages"),),
    retention=words("30 päivää ajan jälkeen", "30 dagar efter tiden", "30 days after the appointment"),
)
RULE = words("Laki estää sen.", "Lagen hindrar det.", "The law does not allow it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation."""

    id: UUID
    channel: str
    ending: str
    level: str = "claimed"
    since: datetime = THEN
    used: datetime | None = THEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A reading."""

    at: datetime
    actor: Words
    purpose: Words
    what: Words


@dataclass
class Own:
    """What one person has."""

    name: str
    channels: list[Channel] = field(default_factory=list)
    phone: str = "+358 40 000 0000"
    given: dict[str, bool] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    obstacles: list[Words] = field(default_factory=list)
    erased: bool = False
    letter: str | None = None


@dataclass
class Town:
    """Everybody, and all protocols of the pages."""

    subjects: dict[tuple[str, str], UUID] = field(default_factory=dict)
    own: dict[UUID, Own] = field(default_factory=dict)
    conversations: dict[UUID, Channel] = field(default_factory=dict)
    identified_as: list[str] = field(default_factory=list)
    """The level of each login."""
    linked_to: dict[UUID, UUID] = field(default_factory=dict)
    touched: list[tuple[str, UUID]] = field(default_factory=list)
    """What was asked, about whom."""

    def talk(self, channel: str = "telegram", ending: str = "4567") -> UUID:
        """A conversation that is nobody's yet."""
        found = uuid4()
        self.conversations[found] = Channel(id=found, channel=channel, ending=ending)
        return found

    async def identified(self, issuer: str, subject: str, loa: str) -> UUID:
        self.identified_as.append(loa)
        person = self.subjects.setdefault((issuer, subject), uuid4())
        self.own.setdefault(person, Own(NAMES.get(subject, subject)))
        return person

    async def linked(self, conversation_id: UUID, person_id: UUID) -> bool:
        if conversation_id not in self.conversations:
            return False
        self.linked_to[conversation_id] = person_id
        mine = self.own[person_id].channels
        if all(one.id != conversation_id for one in mine):
            mine.append(self.conversations[conversation_id])
        return True

    async def conversation(self, conversation_id: UUID) -> Channel | None:
        return self.conversations.get(conversation_id)

    async def places(self, person_id: UUID) -> Sequence[Channel]:
        self.touched.append(("channels", person_id))
        return self.own[person_id].channels

    async def unlink(self, person_id: UUID, conversation_id: UUID) -> bool:
        self.touched.append(("unlink", person_id))
        mine = self.own[person_id].channels
        kept = [one for one in mine if one.id != conversation_id]
        found = len(kept) < len(mine)
        mine[:] = kept
        return found

    async def view(self, person_id: UUID) -> Sequence[Section]:
        self.touched.append(("view", person_id))
        own = self.own[person_id]
        contact = Row(label=words("Puhelin", "Telefon", "Phone"), value=own.phone, correct="phone")
        talk = Row(label=words("Sinä", "Du", "You"), value=f"<b>secret of {own.name}</b>", at=THEN)
        return (
            Section(
                name="contact",
                title=words("Yhteystiedot", "Kontaktuppgifter", "Contact"),
                why=words("Jotta sinulle voi vastata.", "För att kunna svara dig.", "To answer you."),
                rows=(contact,),
            ),
            Section(
                name="messages",
                title=words("Viestit", "Meddelanden", "Messages"),
                why=words("Jotta keskustelu jatkuu.", "För att samtalet ska fortsätta.", "To go on with the talk."),
                rows=(talk,),
                more=12,
            ),
            Section(
                name="pictures",
                title=words("Kuvat", "Bilder", "Pictures"),
                why=words("Vikailmoituksiin.", "För anmälan.", "For reports."),
            ),
        )

    async def export(self, person_id: UUID) -> AsyncIterator[bytes]:
        self.touched.append(("export", person_id))
        text = json.dumps({"name": self.own[person_id].name}).encode()
        yield text[:5]
        yield text[5:]

    async def correct(self, person_id: UUID, name: str, value: str) -> None:
        if name != "phone":
            raise KeyError(name)
        if not value.startswith("+"):
            raise Refused(words("Aloita plusmerkillä.", "Börja med ett plustecken.", "Begin with a plus."))
        self.touched.append(("correct", person_id))
        self.own[person_id].phone = value

    async def obstacles(self, person_id: UUID) -> Sequence[Words]:
        return self.own[person_id].obstacles

    async def remains(self, person_id: UUID) -> Sequence[Words]:
        return (
            words("Kieltosi: ettei sinulle kirjoiteta.", "Ditt förbud mot meddelanden.", "That you want no messages."),
        )

    async def erase(self, person_id: UUID) -> None:
        if self.own[person_id].obstacles:
            raise Refused(RULE)
        self.touched.append(("erase", person_id))
        self.own[person_id].erased = True

    async def standing(self, person_id: UUID) -> Sequence[Standing]:
        own = self.own[person_id]
        receipts = {channel: next(reversed(own.receipts), None) for channel in own.given}
        choices = tuple(
            Choice(
                channel=name,
                given=own.given.get(name),
                at=THEN if name in own.given else None,
                receipt=receipts.get(name),
            )
            for name in ("sms", "telegram")
        )
        return (Standing(purpose=REMINDER, choices=choices),)

    async def decide(
        self, person_id: UUID, purpose: str, version: int, channel: str, *, given: bool, language: str
    ) -> str:
        if purpose != REMINDER.id or channel not in {"sms", "telegram"}:
            raise KeyError(purpose)
        if version != REMINDER.version:
            raise Changed
        self.touched.append(("decide", person_id))
        own = self.own[person_id]
        own.given[channel] = given
        name = f"r{len(own.receipts)}-{person_id.hex[:6]}"
        record = {"@context": "https://w3id.org/dpv", "given": given, "language": language, "whose": own.name}
        lines = (("Purpose", purpose), ("Decision", "given" if given else "withdrawn"))
        part = Part(title="Decision", lines=lines)
        own.receipts[name] = Receipt(id=name, document=json.dumps(record).encode(), parts=(part,))
        return name

    async def receipt(self, person_id: UUID, receipt_id: str, language: str) -> Receipt | None:
        return self.own[person_id].receipts.get(receipt_id)

    async def of(self, person_id: UUID) -> Sequence[Use]:
        self.touched.append(("uses", person_id))
        what = said(f"talk of {self.own[person_id].name}")
        staff = words("Neuvonnan työntekijä", "Anställd på rådgivningen", "A member of the advice staff")
        why = words("Vastaaminen sinulle", "För att svara dig", "To answer you")
        return (Use(at=THEN, actor=staff, purpose=why, what=what),)

    async def letters(self, person_id: UUID, language: str) -> Sequence[Letter]:
        self.touched.append(("letters", person_id))
        name = self.own[person_id].name
        letter = Letter(
            id=person_id,
            title=f"Blood pressure of {name}",
            reason="It has not been measured.",
            facts=(f"1 March 2026, diagnosed: <secret of {name}>",),
            steps=("It was looked for.",),
            offer=f"A time in {language}",
            ground=REMINDER,
            at=THEN,
            answer=self.own[person_id].letter,
        )
        return (letter,)

    async def answered(self, person_id: UUID, letter: UUID, answer: str, language: str) -> bool:
        if letter != person_id or answer not in {"time", "nurse", "booked", "refused"}:
            return False
        self.touched.append((f"answered in {language}", person_id))
        self.own[person_id].letter = answer
        return True

    def about(self) -> About:
        text = words("Neuvo, Helsingin kaupungin neuvonta", "Neuvo, Helsingfors stads rådgivning", "Neuvo, advice")
        names = ("overview", "datasets", "processing", "fairness", "oversight", "risks")
        return About(
            service=text,
            organisation=words("Helsingin kaupunki", "Helsingfors stad", "City of Helsinki"),
            authority=words("Tietosuojavaltuutettu", "Dataombudsmannen", "Data Protection Ombudsman"),
            contact=("kirjaamo@example.fi",),
            privacy_page=said("https://www.example.fi/privacy"),
            authority_page="https://authority.example",
            headings=tuple(Heading(name=name, paragraphs=(text,), facts=((text, said("3")),)) for name in names),
            purposes=(REMINDER,),
            kept=((words("Viestit", "Meddelanden", "Messages"), words("365 päivää", "365 dagar", "365 days")),),
        )


@dataclass
class Pages:
    """A process with its pages."""

    town: Town
    database: Database
    links: Links
    portal: Portal
    url: str
    realm: Keycloak | None = None

    async def value(self, query: str, *arguments: Any) -> Any:
        return await self.database.pool.fetchval(query, *arguments)


@asynccontextmanager
async def pages(
    database_url: str, realm: Keycloak | None = None, *, needed: str = "substantial", home: str | None = None
) -> AsyncIterator[Pages]:
    """The pages until the block ends; without a realm they bring the local provider. ``home``: another address."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    town = Town()
    async with Database(database_url) as database:
        sessions = Sessions(lambda: database.pool, secure=(home or url).startswith("https://"))
        links = Links(lambda: database.pool, town, home or url)
        local = LocalProvider(url, TEXTS, LANGUAGES)
        issuer, name, secret = (
            (local.issuer, LOCAL_CLIENT, LOCAL_SECRET) if realm is None else (realm.issuer, CLIENT, SECRET)
        )
        client = Client(
            issuer=issuer, client_id=name, client_secret=secret, redirect_uri=f"{home or url}/my/login/done"
        )
        frame = Frame(
            texts=TEXTS,
            languages=LANGUAGES,
            sessions=sessions,
            zone=ZoneInfo("Europe/Helsinki"),
            needed=needed,
            city=words("Helsinki", "Helsingfors", "Helsinki"),
            home=home or url,
            provider=realm.url if realm is not None else "",
            down=DOWN,
        )
        portal = Portal(
            frame=frame,
            provider=Provider(client, timeout=1),
            links=links,
            services=Services(people=town, data=town, consents=town, uses=town, letters=town),
            transparency=town,
            design=DESIGN,
        )
        site = web.Application()
        site.add_routes([*portal.routes(), *(local.routes() if realm is None else ())])
        _, close = await listen(site, "127.0.0.1", port, wait=0.1)
        try:
            yield Pages(town, database, links, portal, url, realm)
        finally:
            await close()


class Citizen:
    """One browser."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url = http, url

    async def get(self, path: str, **options: Any) -> tuple[int, str]:
        async with self.http.get(self.url + path, **options) as response:
            return response.status, await response.text()

    async def post(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a form; its token is that of ``/my/correct``, unless another is given."""
        token = fields.pop("token", None) or await self.token()
        async with self.http.post(self.url + path, data={"token": token, **fields}) as response:
            return response.status, await response.text()

    async def token(self) -> str:
        _, text = await self.get("/my/correct")
        found = re.search(r'name="token" value="(\w+)"', text)
        return found[1] if found else ""


@asynccontextmanager
async def citizen(url: str, language: str = "en") -> AsyncIterator[Citizen]:
    """A browser of its own, which keeps cookies of this machine."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, headers={"Accept-Language": language}) as http:
        yield Citizen(http, url)
