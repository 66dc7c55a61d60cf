"""The citizen's pages, bound to the server and its city."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.city import City
from bot.data import Data
from bot.database import DOWN, Database
from bot.gdpr import gdpr_api
from bot.issuer import origin
from bot.oidc import Client, Provider
from bot.portal_services import OwnConsents, OwnData, Pseudonym
from bot.settings import LOOPBACK, Settings
from bot.texts import Texts
from bot.transparency import Running, Transparency
from console.pages import HERE as CONSOLE
from mydata.ledger import Ledger
from mydata.people import People
from mydata.purposes import Purposes
from portal.links import Links
from portal.local import CLIENT, SECRET, LocalProvider
from portal.mine import Services
from portal.pages import HERE, Frame
from portal.services import Letters
from portal.sessions import Sessions
from portal.site import Portal

TEXTS = HERE / "texts"
DESIGN: Path = CONSOLE / "static" / "vendor"
"""The design system's styles, which the staff's pages have too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Whom the pages ask. ``pseudonym`` gives under what a person stands in the ledger."""

    database: Database
    people: People
    data: Data
    ledger: Ledger
    purposes: Purposes
    pseudonym: Pseudonym
    letters: Letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What is served, and the links that a dialog gives and whose codes it takes, where anybody can log in."""

    routes: tuple[web.AbstractRouteDef, ...]
    links: Links | None = None


def links(settings: Settings, database: Database, people: People) -> Links:
    """Those of the dialogs, in processes that serve no pages as well."""
    return Links(lambda: database.pool, people, settings.address)


def reachable(settings: Settings, *, development: bool) -> bool:
    """Whether citizens can log in: at the provider that is set, or in development, on this machine alone, as a test."""
    return settings.login_oidc_issuer is not None or local(settings, development=development)


def local(settings: Settings, *, development: bool) -> bool:
    """Whether the provider of the test is served: it gives anybody any identity, so nobody else may reach it."""
    alone = settings.host in LOOPBACK and settings.public_url is None
    return development and alone and settings.login_oidc_issuer is None


def portal(settings: Settings, city: City, parts: Parts, running: Running, *, development: bool = False) -> Pages:
    """The citizens' pages, where anybody can log in, and the GDPR API, where it is set."""
    texts = Texts.load(TEXTS, city.languages)
    api = gdpr_api(settings, texts, city.languages, parts.people, parts.data)
    routes = [] if api is None else api.routes()
    if not reachable(settings, development=development):
        return Pages(routes=tuple(routes))
    test = None
    if local(settings, development=development):
        test = LocalProvider(settings.address, texts, tuple(city.languages))
        routes += test.routes()
    given = links(settings, parts.database, parts.people)
    site = Portal(
        frame=_frame(settings, city, parts.database, texts),
        provider=Provider(_client(settings, test)),
        links=given,
        services=_services(city, parts),
        transparency=Transparency(city, texts, parts.purposes, running),
        design=DESIGN,
    )
    return Pages(routes=(*routes, *site.routes()), links=given)


def _frame(settings: Settings, city: City, database: Database, texts: Texts) -> Frame:
    return Frame(
        texts=texts,
        languages=city.languages,
        sessions=Sessions(lambda: database.pool, secure=settings.address.startswith("https://")),
        zone=city.zone,
        needed=settings.login_loa,
        city=city.content.city.name,
        home=settings.address,
        provider=origin(settings.login_oidc_issuer),
        down=DOWN,
    )


def _services(city: City, parts: Parts) -> Services:
    return Services(
        people=parts.people,
        data=OwnData(parts.data, city.texts, city.languages),
        consents=OwnConsents(parts.ledger, parts.purposes, parts.people, parts.pseudonym, city.zone),
        uses=parts.data.accesses,
        letters=parts.letters,
    )


def _client(settings: Settings, test: LocalProvider | None) -> Client:
    back = f"{settings.address}/my/login/done"
    if test is not None:
        return Client(issuer=test.issuer, client_id=CLIENT, client_secret=SECRET, redirect_uri=back)
    secret = settings.login_oidc_client_secret
    return Client(
        issuer=settings.login_oidc_issuer or "",
        client_id=settings.login_oidc_client_id or "",
        client_secret=secret.get_secret_value() if secret is not None else "",
        redirect_uri=back,
    )
