"""The semantic tier: asked only when the fast one is unsure, beside the event loop, and never for long."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.messages import Session
from nlu import semantic
from nlu.data import Phrase, TrainingData
from nlu.pipeline import Understander, load
from nlu.semantic import Semantic, Vector, embed_once, embedder, train_head
from nlu.train import train

NOW = Session(now=datetime(2026, 11, 26, tzinfo=UTC))
SAID = {
    "library": ("where is the library", "borrow a book", "library opening times", "return my books", "read novels"),
    "parking": ("where can I park", "parking permit for my car", "park the car overnight", "parking zones", "a garage"),
}
DATA = TrainingData(
    phrases=[Phrase("en", intent, text) for intent, texts in SAID.items() for text in texts], languages=("en",)
)


def two_fields(texts: Sequence[str]) -> Vector:
    """An embedding that knows cars from books, also by words that no phrase has."""
    rows = np.full((len(texts), semantic.DIMS), 0.01, dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        row[0 if any(word in text for word in ("book", "library", "novel", "literature")) else 1] = 1
    unit: Vector = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@pytest.fixture(scope="module")
def understander(tmp_path_factory: pytest.TempPathFactory) -> Understander:
    return load(train(DATA, tmp_path_factory.mktemp("models"), two_fields))


def test_what_no_phrase_says_is_understood_by_its_meaning(understander: Understander) -> None:
    said = "zorp literature zonk"
    (embedding,) = two_fields([said])
    assert next(iter(understander.intents(said, "en", embedding))) == "library"


def test_it_is_asked_where_the_fast_tier_is_unsure(understander: Understander) -> None:
    assert understander.unsure(understander.understand("zorp literature", NOW))
    assert not understander.unsure(understander.understand("parking zones", NOW))
    assert not understander.unsure(understander.understand("12345", NOW))


def test_a_model_with_a_head_is_another_file(tmp_path: Path) -> None:
    assert train(DATA, tmp_path, two_fields) != train(DATA, tmp_path)


def test_embeddings_are_made_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def counted(texts: Sequence[str]) -> Vector:
        asked.extend(texts)
        return two_fields(texts)

    first = embed_once(["a book", "a car"], counted, tmp_path, lambda _: None)
    again = embed_once(["a car", "a book", "a novel"], counted, tmp_path, lambda _: None)
    assert sorted(asked) == ["a book", "a car", "a novel"]
    assert np.allclose(again[:2], first[::-1])


def test_a_head_tells_two_intents_and_more_apart() -> None:
    for intents in (["a", "b"], ["a", "b", "c"]):
        rows = np.eye(semantic.DIMS, dtype=np.float32)[: len(intents)].repeat(4, axis=0)
        head = train_head(rows, [intent for intent in intents for _ in range(4)])
        for number, intent in enumerate(intents):
            scores = head.scores(rows[4 * number])
            assert head.intents[int(np.argmax(scores))] == intent
            assert np.exp(scores).sum() == pytest.approx(1, abs=1e-4)


async def test_the_event_loop_goes_on_meanwhile() -> None:
    threads = set()

    def slow(texts: Sequence[str]) -> Vector:
        threads.add(threading.current_thread())
        time.sleep(0.2)
        return two_fields(texts)

    tier = Semantic(slow)
    waiting = asyncio.create_task(tier.meaning("a book"))
    turns = 0
    while not waiting.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 5
    assert (await waiting) is not None
    assert threads != {threading.current_thread()}
    tier.close()


async def test_who_would_wait_long_goes_without() -> None:
    go = threading.Event()

    def stuck(texts: Sequence[str]) -> Vector:
        go.wait(10)
        return two_fields(texts)

    tier = Semantic(stuck, waiting=2, seconds=0.05)
    found = await asyncio.gather(*(tier.meaning("a book") for _ in range(5)))
    assert found == [None] * 5
    go.set()
    await asyncio.sleep(0.1)
    assert await tier.meaning("a book") is not None
    tier.close()


def test_the_real_embeddings_know_meanings_across_languages() -> None:
    book, bok, car = embedder()(["haluan lainata kirjan", "jag vill låna en bok", "autoni meni rikki\0"])
    assert book.shape == (semantic.DIMS,)
    assert book @ bok > book @ car + 0.02
