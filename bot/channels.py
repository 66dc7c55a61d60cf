"""The channels that there are. To add one, write its package and name it here; ``docs/channel.md`` says how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.base import Channel
from channels.kind import ChannelSettings, House, Kind
from channels.sms.kind import KIND as SMS
from channels.teams.kind import KIND as TEAMS
from channels.telegram.kind import KIND as TELEGRAM
from channels.webchat.kind import KIND as WEBCHAT

CHANNELS: tuple[Kind[Any], ...] = (WEBCHAT, SMS, TELEGRAM, TEAMS)


def variables(kind: Kind[Any]) -> dict[str, str]:
    """The name of each setting's variable."""
    prefix = kind.settings.model_config.get("env_prefix", "")
    return {name: f"{prefix}{name.upper()}" for name in kind.settings.model_fields}


def make_channels(settings: Mapping[str, ChannelSettings], house: House) -> tuple[Channel, ...]:
    """The channels that are on; ``settings`` by name, as ``bot.settings.load_channels`` gives them."""
    return tuple(kind.make(settings[kind.name], house) for kind in CHANNELS if settings[kind.name].on)
