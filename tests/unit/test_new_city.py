"""Another city, made by ``neuvo new-city`` with one language fewer: it is checked, trained, and talked with."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp
import pytest
import yaml

from bot.bench import WebVisitor, free_port, process
from bot.check import findings
from bot.city import City
from bot.conversations import BEGINNING, judge, words
from bot.new_city import NotNew, new_city
from bot.rig import Rig
from tests.conftest import KNOWLEDGE

WEBSITE = "https://www.koivula.example"
LEAK = re.compile(r"helsin|hel\.fi|helmet|\b310 \d", re.IGNORECASE)
TALKS: dict[str, list[dict[str, Any]]] = {
    "fi": [
        {"say": "moi", "expect": "automaattinen", "language": "fi"},
        {"say": "kaupungin puhelinnumero", "expect": ["koivula.example", "Lähde:"]},
        {"say": "haluan ihmisen"},
        {"say": "missä on lähin kirjasto"},
        {"say": "onko kirjasto auki"},
        {"say": "mitä tapahtumia viikonloppuna"},
        {"say": "haluan tehdä vikailmoituksen", "expect": "Millainen"},
        {"say": "anna olla"},
        {"say": "apua täällä palaa", "expect": "112"},
        {"say": "qwerty asdf zxcv"},
        {"say": "ruotsiksi"},
    ],
    "en": [
        {"say": "hello", "expect": "automatic", "language": "en"},
        {"say": "how do I reach the city", "expect": ["koivula.example", "Source:"]},
        {"say": "I want to talk to a human"},
        {"say": "help"},
        {"say": "what is the state of my report"},
        {"say": "never mind"},
        {"say": "your service is bad"},
        {"say": "suomeksi", "language": "fi"},
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("cities") / "koivula"
    new_city(KNOWLEDGE, found, "Koivula", ["fi", "en"], website=WEBSITE, today="2026-11-26")
    return found


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def koivula(folder: Path, var_dir: Path) -> City:
    return City.load(folder, var_dir / "models")


def test_the_folder_has_no_faults_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_CITY", str(folder))
    assert findings().faults == ()


def test_no_sentence_and_no_line_of_safety_is_another_city_s(folder: Path) -> None:
    said = [*_texts(yaml.safe_load((folder / "texts" / "fi.yaml").read_text("utf-8")))]
    said += _texts(yaml.safe_load((folder / "texts" / "en.yaml").read_text("utf-8")))
    lines = yaml.safe_load((folder / "safety" / "lines.yaml").read_text("utf-8"))["lines"]
    said += [text for line in lines for text in (line["number"], *line["label"].values())]
    assert len(said) > 500
    assert [text for text in said if LEAK.search(text)] == []
    assert not (folder / "texts" / "sv.yaml").exists()


@pytest.mark.parametrize("language", ["fi", "en"])
async def test_it_answers_in_its_languages_and_speaks_of_no_other_city(
    koivula: City, database_url: str, language: str
) -> None:
    assert list(koivula.languages) == ["fi", "en"]
    async with Rig(koivula, database_url) as rig:
        talk = rig.begin(BEGINNING.replace(tzinfo=rig.zone))
        for step in TALKS[language]:
            replies = await talk.say(str(step["say"]))
            assert judge(step, replies) == []
            assert replies
            assert [text for text in map(words, replies) if LEAK.search(text)] == []


async def test_no_page_that_is_served_speaks_of_another_city(
    koivula: City, folder: Path, var_dir: Path, database_url: str
) -> None:
    assert koivula.content.city.website["fi"] == WEBSITE
    secret, port = "s" * 48, free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {
        "NEUVO_CITY": str(folder),
        "NEUVO_VAR_DIR": str(var_dir),
        "NEUVO_WEBCHAT_SECRET": secret,
        "DATABASE_URL": database_url,
    }
    async with (
        process("-m", "bot.cli", "dev", "--port", str(port), ready=f"{base}/readyz", environment=environment),
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
    ):
        visitor = WebVisitor(http, base, secret, ["moi"])
        await visitor.open()
        await visitor.exchange()
        await visitor.close()
        form = {"name": "Anna", "language": "fi"}
        pages = await crawled(http, base, ["/", "/?lang=en", "/console/login", "/console/login?language=en"])
        async with http.post(f"{base}/console/login", data=form) as response:
            assert response.status == 200
        pages |= await crawled(http, base, ["/console", "/console/inbox"])
    assert len(pages) > 12
    assert {path: LEAK.findall(text) for path, text in pages.items() if LEAK.search(text)} == {}


async def crawled(http: aiohttp.ClientSession, base: str, paths: list[str]) -> dict[str, str]:
    """The texts of these paths and of all that they lead to at the same server; style sheets without fonts' names."""
    found: dict[str, str] = {}
    while paths:
        path = paths.pop()
        if path in found or "/vendor/" in path or path.endswith("/events"):
            continue
        async with http.get(base + path) as response:
            if response.content_type.startswith(("image/", "font/")) and response.content_type != "image/svg+xml":
                continue
            text = await response.text()
        found[path] = re.sub(r"(?m)font(-family)?:[^;]*;|/\*.*?\*/", "", text) if path.endswith(".css") else text
        if response.content_type == "text/html":
            led = [urljoin(path, html.unescape(to)) for to in re.findall(r'(?:href|src)="([^"#]+)"', text)]
            paths += [to for to in led if to.startswith("/") and not to.startswith("//")]
        if response.content_type.endswith("javascript"):
            paths += [urljoin(path, to) for to in re.findall(r"from '(\./[^']+)'", text)]
    return found


def test_a_folder_with_something_in_it_is_left_alone(folder: Path) -> None:
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(NotNew):
        new_city(KNOWLEDGE, folder, "Muu", ["fi"], website=WEBSITE, today="2026-11-26")
    assert sorted(path.name for path in folder.iterdir()) == before


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
