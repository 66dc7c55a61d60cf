"""The app package that a Teams administrator uploads: a manifest, its words in three languages, and two icons.

https://learn.microsoft.com/microsoft-365/extensibility/schema/ describes it; the tests hold it against the schema.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

APP = Path(__file__).with_name("app")
MANIFEST_VERSION = "1.19"
SCHEMA = f"https://developer.microsoft.com/json-schemas/teams/v{MANIFEST_VERSION}/MicrosoftTeams"
VERSION = "1.0.0"
DEFAULT = "fi"
OTHERS = ("sv", "en")
COLOUR = "#0000bf"
SUPERSAMPLED = 4
"""An icon is drawn so many times larger and then made smaller, for smooth edges."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The same app gives the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppWords:
    """What the package says about who offers the bot. Addresses are of https."""

    app_id: str
    name: str
    publisher: str
    website: str
    privacy: str
    terms: str


def app_package(app: AppWords) -> bytes:
    """The bytes of the zip file."""
    words = {language: texts(language, app.name) for language in (DEFAULT, *OTHERS)}
    files: dict[str, bytes] = {
        "manifest.json": _json(manifest(app, words[DEFAULT])),
        "color.png": _icon(192, COLOUR, "white", scale=0.6),
        "outline.png": _icon(32, None, "white", scale=1.0),
    }
    for language in OTHERS:
        files[f"{language}.json"] = _json({"$schema": f"{SCHEMA}.Localization.schema.json", **words[language]})
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data)
    return target.getvalue()


def texts(language: str, name: str) -> dict[str, str]:
    """The app's words in a language, by their place in the manifest."""
    found: Mapping[str, str] = json.loads((APP / f"{language}.json").read_text(encoding="utf-8"))
    return {place: words.replace("{name}", name) for place, words in found.items()}


def manifest(app: AppWords, words: Mapping[str, str]) -> dict[str, Any]:
    """The manifest, in the default language."""
    everywhere = ["personal", "team", "groupChat"]
    return {
        "$schema": f"{SCHEMA}.schema.json",
        "manifestVersion": MANIFEST_VERSION,
        "version": VERSION,
        "id": app.app_id,
        "developer": {
            "name": app.publisher,
            "websiteUrl": app.website,
            "privacyUrl": app.privacy,
            "termsOfUseUrl": app.terms,
        },
        "name": {"short": words["name.short"], "full": words["name.full"]},
        "description": {"short": words["description.short"], "full": words["description.full"]},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": COLOUR,
        "localizationInfo": {
            "defaultLanguageTag": DEFAULT,
            "additionalLanguages": [{"languageTag": each, "file": f"{each}.json"} for each in OTHERS],
        },
        "bots": [
            {
                "botId": app.app_id,
                "scopes": everywhere,
                "supportsFiles": True,
                "commandLists": [_commands(words, 0, ["team", "groupChat"]), _commands(words, 1, ["personal"])],
            }
        ],
        "validDomains": [],
        "defaultInstallScope": "personal",
    }


def _commands(words: Mapping[str, str], number: int, scopes: list[str]) -> dict[str, Any]:
    start = f"bots[0].commandLists[{number}].commands"
    count = sum(place.startswith(start) and place.endswith(".title") for place in words)
    commands = [{part: words[f"{start}[{at}].{part}"] for part in ("title", "description")} for at in range(count)]
    return {"scopes": scopes, "commands": commands}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def _icon(side: int, ground: str | None, ink: str, *, scale: float) -> bytes:
    """A speech bubble with two lines of text, as on the web page. Without ``ground`` it is an outline."""
    large = side * SUPERSAMPLED
    image = Image.new("RGBA", (large, large), ground or (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)

    def at(*points: float) -> list[float]:
        """Places of a drawing of 32 by 32, in the middle of the icon."""
        return [large / 2 + (point - 16) * scale * large / 32 for point in points]

    bubble = at(3, 5, 29, 5, 29, 23, 15, 23, 8, 29, 8, 23, 3, 23)
    if ground is None:
        draw.line([*bubble, *bubble[:4]], fill=ink, width=round(large / 16), joint="curve")
    else:
        draw.polygon(bubble, fill=ink)
    for line in (at(9, 10.5, 23, 13), at(9, 15.5, 18, 18)):
        draw.rectangle(line, fill=ground or ink)
    target = io.BytesIO()
    image.resize((side, side), Image.Resampling.LANCZOS).save(target, "PNG", optimize=True)
    return target.getvalue()
