from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import structlog

from bot.messages import Session
from nlu import linear
from nlu.bench import TierError, bench, sample
from nlu.data import OUT_OF_SCOPE, Phrase, TrainingData
from nlu.features import WEIGHTS, blocks
from nlu.linear import train_linear
from nlu.pipeline import load
from nlu.rejection import rounds
from nlu.store import BrokenModelError
from nlu.train import train

SAID = {
    "library": ("where is the library", "borrow a book", "library opening times", "return my books"),
    "parking": ("where can I park", "parking permit for my car", "park the car overnight", "parking zones"),
}
DATA = TrainingData(
    phrases=[Phrase("en", intent, text) for intent, texts in SAID.items() for text in texts],
    negatives=[("en", "play some music"), ("en", "who won the match")],
    languages=("en",),
)
ONCE = (
    "import sys; from pathlib import Path; from tests.unit.nlu.test_train import DATA; from nlu.train import train; "
    + ("print(train(DATA, Path(sys.argv[1])))")
)


def test_the_same_bytes_whatever_the_seed_of_hashes(tmp_path: Path) -> None:
    made = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[3])}
        subprocess.run([sys.executable, "-c", ONCE, str(folder)], check=True, env=environment)
        made += [(path.name, path.read_bytes()) for path in folder.iterdir()]
    assert len(made) == 2
    assert made[0] == made[1]


def test_other_content_is_another_file(tmp_path: Path) -> None:
    more = TrainingData(phrases=[*DATA.phrases, Phrase("en", "library", "audiobooks")], languages=("en",))
    assert train(DATA, tmp_path) != train(more, tmp_path)


def test_a_training_that_nobody_watches_says_how_long_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structlog, "is_configured", lambda: False)
    train(DATA, tmp_path)
    assert re.fullmatch(r"training, about \d+ s\n", capsys.readouterr().err)
    train(DATA, tmp_path)
    assert capsys.readouterr().err == ""


def test_nothing_to_tell_apart_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to train on"):
        train(TrainingData(phrases=[Phrase("en", "library", "books")]), tmp_path)


def test_a_broken_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    path.write_bytes(b"PK no zip")
    with pytest.raises(BrokenModelError):
        load(path)


def test_words_that_no_phrase_has_fit_nothing(tmp_path: Path) -> None:
    match = load(train(DATA, tmp_path)).understand("qqqq xxxx", Session(now=datetime(2026, 11, 26)))  # noqa: DTZ001
    assert match.intent == OUT_OF_SCOPE


def test_bench_measures_all_that_it_promises(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    rows = [f'{{"text": "{text}", "intent": "{intent}"}}' for intent, texts in SAID.items() for text in texts]
    file.write_text("\n".join(rows), encoding="utf-8")
    found = bench({"en": file}, {"en": file}, shots=4)
    assert set(found) == {"accuracy", "p50_ms", "p99_ms", "mean_ms", "cpu_ms", "train_s", "model_bytes", "rss_mb"}
    assert found["accuracy"] == 1
    assert found["rss_mb"] > 0


def test_bench_trains_the_languages_together_and_tests_each(tmp_path: Path) -> None:
    said = {
        "en": {"library": ("borrow a book", "return a book"), "parking": ("park the car", "where to park")},
        "sv": {"library": ("låna en bok", "lämna en bok"), "parking": ("parkera bilen", "var kan jag parkera")},
    }
    files = {}
    for code, intents in said.items():
        files[code] = tmp_path / f"{code}.jsonl"
        rows = [json.dumps({"text": text, "intent": intent}) for intent, texts in intents.items() for text in texts]
        files[code].write_text("\n".join(rows), encoding="utf-8")
    found = bench(files, files, shots=2)
    assert set(found["languages"]) == {"en", "sv"}
    assert found["accuracy"] == found["languages"]["sv"]["accuracy"] == 1
    with pytest.raises(ValueError, match="nothing to train on in sv"):
        bench({"en": files["en"]}, files)


def test_bench_knows_its_tiers(tmp_path: Path) -> None:
    with pytest.raises(TierError, match="no tier"):
        bench({"en": tmp_path}, {"en": tmp_path}, tier="slow")


def test_a_line_at_fault_is_named(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "a", "intent": "b"}\n[]\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"rows\.jsonl:2"):
        bench({"en": file}, {"en": file})


def test_a_sample_is_the_same_for_a_seed() -> None:
    rows = [(text, intent) for intent, texts in SAID.items() for text in texts]
    assert sample(rows, 2, 0) == sample(list(reversed(rows)), 2, 0)
    assert len(sample(rows, 2, 1)) == 4


def test_pairs_stand_in_the_order_of_the_text() -> None:
    """Sums in another order have another last bit, and the order of a set is another in each process."""
    said = ["one", "two", "three", "four"]
    assert blocks(said, said, {}, WEIGHTS)[2][:6] == [
        *("one_two", "one_three", "one_four"),
        *("two_three", "two_four", "three_four"),
    ]


def test_many_texts_are_told_from_what_is_near_them(monkeypatch: pytest.MonkeyPatch) -> None:
    things = [
        f"{first}{second}na"
        for first in ("ki", "lo", "mu", "pe", "ra", "su")
        for second in ("ba", "do", "gu", "he", "ji")
    ]
    rows = [(f"{start} {thing}", thing) for thing in things for start in ("where is the", "I want a", "show my")]
    texts, intents = [text for text, _ in rows], [intent for _, intent in rows]
    whole = train_linear(texts, intents, {})
    for name, value in (("_MANY", 10), ("_FEW", 20), ("_NEAR", 12), ("_FAR", 0.05)):
        monkeypatch.setattr(linear, name, value)
    part = train_linear(texts, intents, {})
    assert not (whole.steps == part.steps).all()
    assert [part.intents[part.scores(text).argmax()] for text in texts] == intents


@pytest.mark.parametrize(("texts", "tried"), [(0, 4), (1_200, 4), (6_000, 2), (16_000, 1), (10**6, 1)])
def test_the_curves_are_fitted_on_texts_enough_and_no_more(texts: int, tried: int) -> None:
    assert rounds(texts) == tried
