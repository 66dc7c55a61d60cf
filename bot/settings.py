"""What the operator sets: the environment and ``.env``, read once at the start into a frozen ``Settings``.

Every variable begins with ``NEUVO_``, but for ``DATABASE_URL``, which hosting platforms set under that name. The
environment wins over ``.env``; an empty value counts as not set. ``.env.example`` explains each.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from bot.channels import CHANNELS
from bot.channels import variables as channel_variables
from bot.settings_fields import PREFIX, Settings, variables
from channels.kind import ChannelSettings

__all__ = ["Settings", "SettingsFault", "SettingsFaults", "load_channels", "load_settings", "not_set", "variables"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Names of this machine that no other one reaches."""
ENV_FILE = Path(".env")
"""In the working directory."""
NOT_SET = "not set"
"""The place of a fault that is a variable's absence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFault:
    """One fault: the variable, where it is set (``.env, line 3`` or ``environment``), what is wrong and what to do.

    ``channel`` is the channel that cannot do without the variable, where that is why it is a fault.
    """

    variable: str
    where: str
    message: str
    remedy: str
    channel: str | None = None

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
        raise SettingsFaults((*_faults(error, Settings, variables(), changes), *faults)) from None
    except UnicodeDecodeError:
        fault = SettingsFault(
            variable=str(ENV_FILE), where="file", message="it is not UTF-8 text", remedy="Save it as UTF-8"
        )
        raise SettingsFaults((fault,)) from None
    faults = (*faults, *_logins(settings))
    if faults:
        raise SettingsFaults(faults)
    return settings


def load_channels(settings: Settings, *, development: bool = False) -> dict[str, ChannelSettings]:
    """The settings of each channel, by its name. Raises ``SettingsFaults``.

    In ``development`` a channel makes some of what it needs for itself.
    """
    found: dict[str, ChannelSettings] = {}
    faults: list[SettingsFault] = []
    for kind in CHANNELS:
        names = channel_variables(kind)
        try:
            chosen = kind.settings(**{"_env_file": ENV_FILE})
        except ValidationError as error:
            faults += _faults(error, kind.settings, names, {})
            continue
        lacking = [name for name in chosen.missing() if not (development and name in chosen.made_in_development)]
        faults += [_not_set(names[name], kind.name, _remedy(kind.settings, name)) for name in lacking]
        if chosen.on and chosen.needs_public_url and settings.public_url is None:
            faults.append(_not_set(variables()["public_url"], kind.name, _remedy(Settings, "public_url")))
        found[kind.name] = chosen
    if faults:
        raise SettingsFaults(tuple(dict.fromkeys(faults)))
    return found


WHOLE = (
    (
        "the staff's login",
        ("console_oidc_issuer", "console_oidc_client_id", "console_oidc_client_secret", "public_url"),
    ),
    ("the citizens' login", ("login_oidc_issuer", "login_oidc_client_id", "login_oidc_client_secret", "public_url")),
    ("the GDPR API", ("gdpr_issuer", "gdpr_audience")),
)
"""What is there whole or not at all, with what it needs; the first is who issues its tokens."""


def _logins(settings: Settings) -> tuple[SettingsFault, ...]:
    """What the logins lack where part of one is set: half a login would be none."""
    faults: list[SettingsFault] = []
    for what, names in WHOLE:
        parts = [name for name in names if name != "public_url"]
        roles = what == WHOLE[0][0] and settings.console_oidc_roles
        if roles or any(getattr(settings, name) is not None for name in parts):
            faults += _in_the_clear(settings, names[0]) or [
                not_set(name, f"{what} needs it") for name in names if getattr(settings, name) is None
            ]
    return tuple(faults)


def _in_the_clear(settings: Settings, issuer: str) -> list[SettingsFault]:
    address = getattr(settings, issuer) or ""
    if not address.startswith("http://") or urlsplit(address).hostname in LOOPBACK:
        return []
    name, said = variables()[issuer], "a login over plain http can be read and changed on the way"
    return [SettingsFault(variable=name, where=_where(name), message=said, remedy=_remedy(Settings, issuer))]


def not_set(name: str, message: str) -> SettingsFault:
    """The fault that a field's variable is absent."""
    return SettingsFault(variable=variables()[name], where=NOT_SET, message=message, remedy=_remedy(Settings, name))


def _not_set(variable: str, channel: str, remedy: str) -> SettingsFault:
    message = f"the channel {channel} needs it"
    return SettingsFault(variable=variable, where=NOT_SET, message=message, remedy=remedy, channel=channel)


def _remedy(model: type[BaseSettings], name: str) -> str:
    return model.model_fields[name].description or ""


def _faults(
    error: ValidationError, model: type[BaseSettings], names: Mapping[str, str], changes: Mapping[str, object]
) -> tuple[SettingsFault, ...]:
    """Pydantic's errors in our words, one for each variable."""
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
            remedy=_remedy(model, name),
        )
    return tuple(found.values())


def _unknown() -> tuple[SettingsFault, ...]:
    """Variables with our prefix that are not ours: most likely misspelt."""
    known = [*variables().values(), *(name for kind in CHANNELS for name in channel_variables(kind).values())]
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
