"""The model's file: a zip of JSON and plain arrays, the same bytes for the same content, and nothing that runs code."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.features import Features
from nlu.linear import Linear

_EPOCH = (1980, 1, 1, 0, 0, 0)


class BrokenModelError(Exception):
    """The file is not a model of ours, or not a whole one: delete it, and it is trained again."""


def save(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write the parts, sorted, without times, and put the file in its place at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(parts):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), parts[name], zipfile.ZIP_DEFLATED, 6)
    partial.replace(path)


def read(path: Path) -> dict[str, bytes]:
    """All parts of a file. Raises ``BrokenModelError``."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise BrokenModelError(f"{path.name}: {error}") from error


def dump_json(value: Any) -> bytes:
    """JSON in one spelling."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def linear_parts(prefix: str, model: Linear) -> dict[str, bytes]:
    """A model as parts."""
    features = model.features
    return {
        f"{prefix}/model.json": dump_json(
            {
                "intents": model.intents,
                "blocks": [list(index) for index in features.indices],
                "lemmas": features.lemmas,
                "weights": features.weights,
            }
        ),
        f"{prefix}/idf.npy": array(features.idf),
        **_weights(prefix, model),
    }


def linear_from(prefix: str, parts: Mapping[str, bytes]) -> Linear:
    """The model that was saved under a prefix. Raises ``BrokenModelError``."""
    try:
        data = json.loads(parts[f"{prefix}/model.json"])
        arrays = {name: load_array(parts[f"{prefix}/{name}.npy"]) for name in ("idf", "bias", "scales")}
        steps = load_steps(parts[f"{prefix}/steps.npy"])
    except (KeyError, ValueError) as error:
        raise BrokenModelError(f"{prefix}: {error}") from error
    indices, start = [], 0
    for block in data["blocks"]:
        indices.append({name: start + place for place, name in enumerate(block)})
        start += len(block)
    characters, lexical, pairs, meaning, gist = data["weights"]
    weights = (characters, lexical, pairs, meaning, gist)
    # The forms of a lemma share it, in memory too.
    lemmas = {form: sys.intern(lemma) for form, lemma in data["lemmas"].items()}
    features = Features.of_blocks(indices, arrays["idf"], lemmas, weights)
    return Linear(features, tuple(data["intents"]), steps, arrays["scales"], arrays["bias"])


def columns_parts(prefix: str, model: Linear) -> dict[str, bytes]:
    """A model over the features of another one, as parts beside those of that one."""
    return {f"{prefix}/labels.txt": "\n".join(model.intents).encode(), **_weights(prefix, model)}


def columns_from(prefix: str, parts: Mapping[str, bytes], features: Features) -> Linear | None:
    """The model of :func:`columns_parts`, if there is one. Raises ``BrokenModelError``."""
    if f"{prefix}/labels.txt" not in parts:
        return None
    try:
        labels = parts[f"{prefix}/labels.txt"].decode().split("\n")
        scales, bias = (load_array(parts[f"{prefix}/{name}.npy"]) for name in ("scales", "bias"))
        steps = load_steps(parts[f"{prefix}/steps.npy"])
    except (KeyError, ValueError) as error:
        raise BrokenModelError(f"{prefix}: {error}") from error
    if steps.shape != (len(features), len(labels)):
        raise BrokenModelError(f"{prefix}: the weights are not of these features")
    return Linear(features, tuple(labels), steps, scales, bias)


def _weights(prefix: str, model: Linear) -> dict[str, bytes]:
    return {
        f"{prefix}/bias.npy": array(model.bias),
        f"{prefix}/steps.npy": array(model.steps),
        f"{prefix}/scales.npy": array(model.scales),
    }


def array(values: NDArray[Any]) -> bytes:
    """An array as a part."""
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(values), allow_pickle=False)
    return buffer.getvalue()


def load_array(data: bytes) -> NDArray[np.float32]:
    """The array of a part, in single precision."""
    values: NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    return values.astype(np.float32)


def load_steps(data: bytes) -> NDArray[np.int8]:
    """The steps of a model's weights."""
    values: NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    return values.astype(np.int8, copy=False)
