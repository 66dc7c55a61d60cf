"""The API by which the city's systems have people written to, bound to the server, and its keys."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from bot.app import App
from bot.city import City
from bot.codec import Sealer
from bot.database import DOWN, Database
from bot.keys import KeyStore
from proactive.api import NudgeApi
from proactive.intake import Intake
from proactive.keys import ApiKeys


def api_routes(city: City, app: App) -> list[web.AbstractRouteDef]:
    """The routes under ``/api/v1``. Without a key they say nothing to anybody."""

    def explain(reason: str) -> Mapping[str, str] | None:
        key = f"nudge.reason.{reason}"
        if key not in said:
            return None
        return {language: city.texts(key, language) for language in city.languages}

    said, nudges = city.texts.keys(), app.nudging.store
    keys, intake = api_keys(app.database, app.keys), Intake(lambda: app.database.pool, nudges)
    return NudgeApi(nudges, keys, intake, city.nudges, explain=explain, down=DOWN).routes()


def api_keys(database: Database, keys: KeyStore) -> ApiKeys:
    """Its keys, whose secrets and addresses are sealed and hashed by the store of keys."""
    return ApiKeys(lambda: database.pool, Sealer(keys))
