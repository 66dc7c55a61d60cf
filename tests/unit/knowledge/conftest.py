"""A small city's content in a folder, for the tests to break."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from knowledge.load import Content, load_content

CITY = """\
name: {fi: Kylä, en: Village}
organisation: {fi: Kylän kunta, en: Village}
languages: [fi, en]
time_zone: Europe/Helsinki
country: FI
holiday_languages: {fi: fi, en: en_US}
website: {fi: "https://kyla.example", en: "https://kyla.example/en"}
feedback_page: {fi: "https://kyla.example/p", en: "https://kyla.example/p"}
feedback_locales: {fi: fi_FI, en: en_GB}
unit_page: {fi: "https://kyla.example/fi/{id}", en: "https://kyla.example/en/{id}"}
area: {south: 59.9, north: 60.3, west: 24.7, east: 25.3}
attribution: {fi: Kylän kartta, en: Village map}
source_line: {fi: "Lähde: {source}, tarkistettu {date}", en: "Source: {source}, reviewed {date}"}
"""

TOPIC = """\
intent: sauna
title: {fi: Sauna, en: Sauna}
owner: Kylätoimikunta
source: https://www.kyla.example/sauna
reviewed: 2026-11-01
phrases:
  fi: [milloin sauna lämpiää, saunavuoro]
  en: [when is the sauna warm]
held_out:
  fi: [löylyt]
  en: [steam bath]
answer:
  fi: {short: "Sauna lämpiää.", long: "Sauna **lämpiää**.", links: [{label: Sauna, url: "https://kyla.example/s"}]}
  en: {short: "The sauna is warm."}
"""


@pytest.fixture
def village(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    for name in ("topics", "phrases"):
        (folder / name).mkdir(parents=True)
    (folder / "city.yaml").write_text(CITY, encoding="utf-8")
    (folder / "topics" / "sauna.yaml").write_text(TOPIC, encoding="utf-8")
    return folder


Change = Callable[[str, str], int]


@pytest.fixture
def change(village: Path) -> Change:
    """Replace a piece of the topic; returns the line on which the new piece begins."""

    def apply(old: str, new: str) -> int:
        path = village / "topics" / "sauna.yaml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return apply


@pytest.fixture(scope="session")
def helsinki(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The city's own names and places, without its topics: their faults are test_load's."""
    root, folder = Path(__file__).parents[3] / "knowledge", tmp_path_factory.mktemp("helsinki")
    shutil.copy(root / "city.yaml", folder)
    shutil.copytree(root / "data", folder / "data")
    return load_content(folder, today=date(2026, 11, 26))
