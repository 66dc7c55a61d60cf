"""What is wrong with what a command was given ends in plain words, not in a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from nlu.bench import read_rows

if TYPE_CHECKING:
    from pathlib import Path

GOOD = b'{"text": "park the car", "intent": "parking"}\n{"text": "borrow a book", "intent": "library"}\n'


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.jsonl"
    file.write_bytes(GOOD)
    return file


def bench(train: Path, test: Path, *more: str) -> Result:
    return CliRunner().invoke(
        main, ["bench", "intents", "--lang", "en", "--train", str(train), "--test", str(test), *more]
    )


def assert_plain(result: Result, said: str) -> None:
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_tier_that_is_not_installed_is_said(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlu.semantic.PACKAGE", "a-package-that-nobody-has")
    assert_plain(bench(good, good, "--tier", "semantic"), "pip install 'neuvo[semantic]'")


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"no json",
        b"",
        b"[]",
        b"1",
        b'"text and intent"',
        b'{"text": "an intent is missing"}',
        b'{"text": "\xff", "intent": "parking"}',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("at_fault", ["train", "test"])
def test_a_bad_line_is_named_with_its_file(tmp_path: Path, good: Path, line: bytes, at_fault: str) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(GOOD + line + b"\n" + GOOD)
    files = (bad, good) if at_fault == "train" else (good, bad)
    assert_plain(bench(*files), f"{bad}:3: not a JSON object with text and intent")


def test_an_empty_file_is_named(tmp_path: Path, good: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    assert_plain(bench(good, empty), f"{empty} is empty")


def test_one_intent_alone_is_nothing_to_train_on(tmp_path: Path, good: Path) -> None:
    alone = tmp_path / "alone.jsonl"
    alone.write_bytes(GOOD.splitlines(keepends=True)[0])
    assert_plain(bench(alone, good), "nothing to train on")


def test_a_separator_of_unicode_ends_no_line(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    text = "park\u2028the\u0085car"
    file.write_text(json.dumps({"text": text, "intent": "parking"}, ensure_ascii=False), encoding="utf-8")
    assert read_rows(file) == [(text, "parking")]
