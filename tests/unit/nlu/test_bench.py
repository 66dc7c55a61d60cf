"""``neuvo bench intents`` on the files of several languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main

SAID = {
    "fi": {"library": ("lainaa kirja", "palauta kirja"), "parking": ("auton pysäköinti", "minne pysäköin")},
    "sv": {"library": ("låna en bok", "lämna en bok"), "parking": ("parkera bilen", "var kan jag parkera")},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Like MASSIVE: a folder a language, in each of them the partitions."""
    for code, intents in SAID.items():
        rows = [json.dumps({"text": text, "intent": intent}) for intent, texts in intents.items() for text in texts]
        (tmp_path / code).mkdir()
        for part in ("train", "dev"):
            (tmp_path / code / f"{part}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["bench", "intents", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_folder_has_the_files_of_each_language(folder: Path) -> None:
    code, out, _ = run("--lang", "fi,sv", "--train", str(folder), "--test", str(folder))
    found = json.loads(out)
    assert code == 0
    assert {language: of["accuracy"] for language, of in found["languages"].items()} == {"fi": 1, "sv": 1}


def test_files_can_be_given_one_by_one(folder: Path) -> None:
    files = [f"{code}={folder / code / 'train.jsonl'}" for code in SAID]
    code, out, _ = run("--lang", "sv", "--train", files[0], "--train", files[1], "--test", files[1])
    assert code == 0
    assert json.loads(out)["accuracy"] == 1


def test_a_language_without_a_file_is_said(folder: Path) -> None:
    one = str(folder / "fi" / "train.jsonl")
    assert "no --train of sv" in run("--lang", "fi,sv", "--train", f"fi={one}", "--test", str(folder))[2]
    assert "write a language and a file" in run("--lang", "fi,sv", "--train", one, "--test", str(folder))[2]
    assert "xx is not one of fi, sv, en" in run("--lang", "xx", "--train", one, "--test", one)[2]
