"""``neuvo bench lines`` and ``neuvo bench memory``: the city's own model, measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.bench_lines import bench_lines, read_lines
from bot.city import City
from nlu.memory import measure, random_messages


def test_lines_are_counted_by_intent_language_and_alarm(tmp_path: Path, city: City) -> None:
    file = tmp_path / "lines.tsv"
    rows = [
        "text\tlang\tintent\tnote",
        "missä on kirjasto\tfi\tfind_place\t",
        "ring 112, det brinner!\tsv\temergency\t",
    ]
    rows += ["I want to die\tsv\temergency\ta wrong language and a wrong alarm"]
    file.write_text("\n".join(rows), encoding="utf-8")
    found = bench_lines(city, read_lines(file))
    assert found["lines"] == 3
    assert found["languages"] == round(2 / 3, 4)
    assert found["safety"] == 0.5
    assert 0 < found["p50_ms"] <= found["p99_ms"]


def test_a_file_without_the_columns_is_said(tmp_path: Path) -> None:
    file = tmp_path / "lines.tsv"
    file.write_text("text\tintent\na\tb\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no column 'lang'"):
        read_lines(file)


def test_random_words_leave_no_memory_behind(city: City) -> None:
    found = measure(city.model, Path("knowledge/safety"), 3_000)
    assert found["languages"] == 3
    assert found["rss_mb"] > 50
    assert found["grown_mb"] < 10


def test_random_messages_are_new_words_and_the_same_each_time() -> None:
    first = list(random_messages(300))
    assert first == list(random_messages(300))
    assert len({word for text in first for word in text.split()}) > 900
