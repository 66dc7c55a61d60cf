"""Setting Teams up: settings, the app package against Microsoft's own schema, and the steps."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator  # type: ignore[import-untyped]
from PIL import Image
from pydantic import ValidationError

from channels.kind import SetUpFailed
from channels.teams.kind import KIND, TeamsSettings, connect
from channels.teams.package import MANIFEST_VERSION, AppWords, app_package
from tests.contract.teams_stand import APP_ID, PASSWORD, Stand, standing
from tests.unit.teams.server import settings_for

SCHEMAS = Path("node_modules/@microsoft/app-manifest/build/json-schemas/teams") / f"v{MANIFEST_VERSION}"
APP = AppWords(
    app_id=APP_ID,
    name="Helsinki-botti",
    publisher="Helsingin kaupunki",
    website="https://chat.example.fi",
    privacy="https://chat.example.fi/privacy",
    terms="https://chat.example.fi/terms",
)


def files_of(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def schema(root: Path, name: str) -> Draft4Validator:
    path = root / SCHEMAS / f"MicrosoftTeams{name}.schema.json"
    if not path.is_file():
        raise FileNotFoundError("no @microsoft/app-manifest: run `make node`")
    return Draft4Validator(json.loads(path.read_text(encoding="utf-8-sig")))


def test_the_package_is_what_microsofts_schema_asks_for(pytestconfig: pytest.Config) -> None:
    files = files_of(app_package(APP))
    assert set(files) == {"manifest.json", "color.png", "outline.png", "sv.json", "en.json"}
    manifest = json.loads(files["manifest.json"])
    schema(pytestconfig.rootpath, "").validate(manifest)
    assert manifest["bots"][0]["botId"] == APP_ID
    for language in ("sv", "en"):
        words = json.loads(files[f"{language}.json"])
        schema(pytestconfig.rootpath, ".Localization").validate(words)
        assert "{name}" not in str(words)


def test_every_language_has_all_words(pytestconfig: pytest.Config) -> None:
    files = files_of(app_package(APP))
    manifest = json.loads(files["manifest.json"])
    places = {
        f"bots[0].commandLists[{number}].commands[{at}].{part}"
        for number, found in enumerate(manifest["bots"][0]["commandLists"])
        for at, _ in enumerate(found["commands"])
        for part in ("title", "description")
    } | {"name.short", "name.full", "description.short", "description.full"}
    for language in ("sv", "en"):
        words = json.loads(files[f"{language}.json"])
        assert set(words) - {"$schema"} == places
        longest = {"description.short": 80, "name.short": 30, "name.full": 100}
        for place, text in words.items():
            limit = 32 if place.endswith(".title") else longest.get(place, 4000 if "full" in place else 128)
            assert len(text) <= limit or place == "$schema"


def test_the_icons_have_the_sizes_that_teams_wants() -> None:
    files = files_of(app_package(APP))
    for name, side in (("color.png", 192), ("outline.png", 32)):
        with Image.open(io.BytesIO(files[name])) as image:
            assert image.size == (side, side)
            if side == 32:  # white on nothing
                colours = {pixel[:3] for _, pixel in image.getcolors(4096) or () if pixel[3]}  # type: ignore[index]
                assert colours == {(255, 255, 255)}


def test_the_same_app_gives_the_same_bytes() -> None:
    assert app_package(APP) == app_package(APP)


async def test_connect_tries_the_credentials_writes_the_package_and_says_the_rest(tmp_path: Path) -> None:
    async with standing() as stand:
        target = tmp_path / "new" / "teams.zip"
        steps = await connect(settings_for(stand, package=target), "https://chat.example.fi")
        assert json.loads(files_of(target.read_bytes())["manifest.json"])["id"] == APP_ID
        assert [step.done for step in steps[:3]] == [True, True, False]
        words = " ".join(step.words for step in steps)
        assert "https://chat.example.fi/teams/messages" in words
        assert str(target) in words
        assert PASSWORD not in words
        assert stand.token_requests[0]["grant_type"] == "client_credentials"
        again = await connect(settings_for(stand, package=target), "https://chat.example.fi")
        assert again == steps


@pytest.mark.parametrize(
    ("changes", "url", "words"),
    [
        ({}, "http://chat.example.fi", "https"),
        ({"app_password": "wrong"}, "https://chat.example.fi", "NEUVO_TEAMS_APP_PASSWORD"),
        ({"tenant_id": "other.example"}, "https://chat.example.fi", "NEUVO_TEAMS_TENANT_ID"),
        ({"login_url": "http://127.0.0.1:1"}, "https://chat.example.fi", "127.0.0.1"),
        ({"package": Path("/dev/null/x.zip")}, "https://chat.example.fi", "NEUVO_TEAMS_PACKAGE"),
    ],
)
async def test_a_set_up_that_fails_says_what_to_do(changes: dict[str, Any], url: str, words: str) -> None:
    async with standing() as stand:
        with pytest.raises(SetUpFailed, match=words) as caught:
            await connect(settings_for(stand, **changes), url)
        assert PASSWORD not in str(caught.value)


def test_the_channel_is_off_until_it_is_wanted_and_then_needs_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not TeamsSettings().on
    monkeypatch.setenv("NEUVO_TEAMS_APP_ID", APP_ID)
    assert TeamsSettings().missing() == ("app_password", "tenant_id")
    assert KIND.settings is TeamsSettings


@pytest.mark.parametrize(
    "changes",
    [
        {"app_id": "x"},
        {"tenant_id": "a/b"},
        {"openid_url": "http://login.example.com"},
        {"login_url": "ftp://x"},
        {"service_hosts": ("https://x",)},
        {"service_hosts": ("*",)},
        {"app_name": ""},
    ],
)
def test_settings_that_are_wrong_are_faults(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings_for(Stand(url="http://127.0.0.1:1"), **changes)


def test_hosts_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_TEAMS_SERVICE_HOSTS", "smba.infra.gcc.teams.microsoft.com, *.Example.com")
    assert TeamsSettings().service_hosts == ("smba.infra.gcc.teams.microsoft.com", "*.example.com")
