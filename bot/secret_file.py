"""Secrets of a developer's machine, where nobody has set any: made at the first start, and kept in a file."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

SHORTEST = 32
"""The fewest characters of a secret that signs tokens (HMAC with SHA-256: no shorter than its output)."""


class UnusableSecret(Exception):
    """The file of the secret cannot be used. The words name it and say what to do; they hold nothing of it."""


def kept_secret(folder: Path, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """The secret of that name in a folder of this machine's own, so that what it was used for survives a restart.

    Raises ``UnusableSecret``.
    """
    path = folder / f"{name}.secret"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Whole or not at all: a process that is killed here must not leave half a secret.
        with NamedTemporaryFile("w", dir=folder, encoding="ascii") as file:
            file.write(make())
            file.flush()
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    secret = path.read_text(encoding="ascii", errors="replace").strip()
    if len(secret) < SHORTEST:
        raise UnusableSecret(f"{path} has fewer than {SHORTEST} characters. Remove the file: a new one is made")
    return secret
