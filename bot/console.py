"""The staff's pages, bound to the server and its city."""

from __future__ import annotations

from bot.app import App
from bot.campaign_desk import CampaignDesk
from bot.city import City
from bot.database import DOWN
from bot.editing import Editing
from bot.handoff_views import Views
from bot.health_console import HealthDesk, review_of
from bot.health_content import load_health
from bot.insight import Insight
from bot.issuer import origin
from bot.oidc import Client, Provider
from bot.services import CitySearch
from bot.settings import Settings
from bot.suggest import Suggestions
from console.desk import Ready
from console.live import Live
from console.login import ByProvider
from console.pages import Frame
from console.sessions import Sessions
from console.site import Console
from knowledge.search import Search


def console(app: App, city: City, settings: Settings, database_url: str) -> Console:
    """The staff's pages: with the provider's login where one is set, else for development."""
    by = _provider(settings)
    search = CitySearch(Search(city.content, lambda: app.database.pool, lemma=city.lemma))
    frame = Frame(
        texts=city.texts,
        languages=city.languages,
        sessions=Sessions(lambda: app.database.pool, secure=settings.address.startswith("https://")),
        zone=city.zone,
        home=settings.address,
        down=DOWN,
        provider=origin(settings.console_oidc_issuer),
    )
    return Console(
        frame=frame,
        people=app.handoffs,
        views=Views(app.database, app.engine.sealer),
        ready=ready(city, Suggestions(city, search)),
        insights=Insight(app.database, app.misses),
        editing=Editing(city, settings.city),
        campaigns=CampaignDesk(city, app.database, app.campaigning),
        health=_health(app, city, settings),
        live=Live(database_url),
        by=by,
    )


def _health(app: App, city: City, settings: Settings) -> HealthDesk:
    content = load_health(settings.city, city.languages, city.purposes.purposes, city.nudges)
    review = review_of(app.database, app.personal, app.keys, content)
    return HealthDesk(city, settings.city, content, app.database, review)


def ready(city: City, suggestions: Suggestions) -> Ready:
    """What the city's editors have made ready for who answers."""
    desk = city.desk
    return Ready(
        skills={name: skill.title for name, skill in desk.skills.items()},
        canned={
            name: {language: (said.title[language], said.text[language]) for language in city.languages}
            for name, said in desk.canned.items()
        },
        suggest=suggestions.find,
    )


def _provider(settings: Settings) -> ByProvider | None:
    issuer, client_id, secret = (
        settings.console_oidc_issuer,
        settings.console_oidc_client_id,
        settings.console_oidc_client_secret,
    )
    if issuer is None or client_id is None or secret is None:
        return None
    client = Client(
        issuer=issuer,
        client_id=client_id,
        client_secret=secret.get_secret_value(),
        redirect_uri=f"{settings.address}/console/login/done",
    )
    return ByProvider(
        provider=Provider(client),
        client_id=client_id,
        roles={str(role): name for role, name in settings.console_oidc_roles.items()},
        home=settings.address,
    )
