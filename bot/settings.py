"""What the operator sets: the environment and ``.env``, read once at the start into a frozen ``Settings``.

Every variable begins with ``NEUVO_``, but for ``DATABASE_URL``, which hosting platforms set under that name. The
environment wins over ``.env``; an empty value counts as not set. ``.env.example`` explains each.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from bot.settings_fields import PREFIX, Settings, variables

__all__ = ["Settings", "SettingsFault", "SettingsFaults", "load_settings", "variables", "webchat_secret"]

ENV_FILE = Path(".env")
"""In the working directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFault:
    """One fault: the variable, where it is set (``.env, line 3`` or ``environment``), what is wrong and what to do."""

    variable: str
    where: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.variable} ({self.where}): {self.message}. {self.remedy}"


class SettingsFaults(Exception):
    """Every fault of the settings at once."""

    def __init__(self, faults: tuple[SettingsFault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def load_settings(**changes: object) -> Settings:
    """Read all settings; ``changes`` (from the command line) win. Raises ``SettingsFaults``."""
    faults = _unknown()
    values: dict[str, Any] = {"_env_file": ENV_FILE, **changes}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsFaults((*_faults(error, changes), *faults)) from None
    except UnicodeDecodeError:
        fault = SettingsFault(
            variable=str(ENV_FILE), where="file", message="it is not UTF-8 text", remedy="Save it as UTF-8"
        )
        raise SettingsFaults((fault,)) from None
    if faults:
        raise SettingsFaults(faults)
    return settings


SHORTEST_SECRET = 32
"""Characters of a secret that nobody guesses."""


def webchat_secret(settings: Settings, *, development: bool) -> str:
    """The secret that signs web chat tokens.

    In development one is made at the first start and kept in ``var_dir``, so that a chat survives a restart; elsewhere
    it must be set, since all processes must share it. Raises ``SettingsFaults``.
    """
    if settings.webchat_secret is not None:
        return settings.webchat_secret.get_secret_value()
    variable = variables()["webchat_secret"]
    if not development:
        remedy = f"{Settings.model_fields['webchat_secret'].description}, the same for every process"
        fault = SettingsFault(variable=variable, where="not set", message="serving needs it", remedy=remedy)
        raise SettingsFaults((fault,))
    path = settings.var_dir / "webchat.secret"
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Whole or not at all: a process that is killed here must not leave half a secret.
        with NamedTemporaryFile("w", dir=settings.var_dir, encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < SHORTEST_SECRET:
        message = f"has fewer than {SHORTEST_SECRET} characters"
        remedy = "Remove the file: a new one is made"
        fault = SettingsFault(variable=variable, where=str(path), message=message, remedy=remedy)
        raise SettingsFaults((fault,))
    return secret


def _faults(error: ValidationError, changes: dict[str, object]) -> tuple[SettingsFault, ...]:
    """Pydantic's errors in our words, one for each variable."""
    names = variables()
    fields = {variable: name for name, variable in names.items()}
    found: dict[str, SettingsFault] = {}
    for item in error.errors(include_url=False, include_input=False):
        place = str(item["loc"][0])
        name = fields.get(place, place)
        found[name] = SettingsFault(
            variable=names[name],
            where="command line" if name in changes else _where(names[name]),
            message=item["msg"].removeprefix("Value error, ")[:1].lower()
            + item["msg"].removeprefix("Value error, ")[1:],
            remedy=Settings.model_fields[name].description or "",
        )
    return tuple(found.values())


def _unknown() -> tuple[SettingsFault, ...]:
    """Variables with our prefix that are not ours: most likely misspelt."""
    known = list(variables().values())
    try:
        in_file = dotenv_values(ENV_FILE) if ENV_FILE.is_file() else {}
    except UnicodeDecodeError:
        in_file = {}
    found = sorted(name for name in {*os.environ, *in_file} if name.upper().startswith(PREFIX))
    faults = []
    for name in (name for name in found if name.upper() not in known):
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)[0]
        faults.append(
            SettingsFault(
                variable=name,
                where=_where(name),
                message="there is no such setting",
                remedy=f"Did you mean {near}? Otherwise remove it",
            )
        )
    return tuple(faults)


def _where(variable: str) -> str:
    if any(name.upper() == variable.upper() for name in os.environ):
        return "environment"
    pattern = re.compile(rf"\s*(export\s+)?{re.escape(variable)}\s*=", re.IGNORECASE)
    for number, line in enumerate(ENV_FILE.read_text(encoding="utf-8").splitlines(), 1) if ENV_FILE.is_file() else ():
        if pattern.match(line):
            return f"{ENV_FILE}, line {number}"
    return "default"
