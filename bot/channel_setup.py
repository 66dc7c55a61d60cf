"""``neuvo channels``: what state each channel is in, and its set-up at its provider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.channels import CHANNELS, variables
from bot.settings import Settings, SettingsFaults, load_channels
from channels.kind import ChannelSettings, Kind, SetUpFailed, Step


def states(settings: Settings) -> Iterator[str]:
    """A line for each channel: on, off and how to turn it on, or what is missing."""
    faults = _faults(settings)
    for kind in CHANNELS:
        own = set(variables(kind).values())
        wrong = [line for variable, line in faults if variable in own or f"channel {kind.name} " in line]
        if wrong:
            yield f"{kind.name:<10} not ready"
            yield from (f"           {line}" for line in wrong)
        else:
            yield f"{kind.name:<10} {_state(kind)}"


async def connect(settings: Settings, name: str) -> Sequence[Step]:
    """Set a channel up at its provider. Raises ``SetUpFailed`` or ``SettingsFaults``."""
    kind = next(kind for kind in CHANNELS if kind.name == name)
    chosen = load_channels(settings)[name]
    if not chosen.on:
        raise SetUpFailed(f"the channel is off: set {_needed(kind)}")
    if settings.public_url is None:
        raise SetUpFailed("set NEUVO_PUBLIC_URL to the address that the provider shall call")
    if kind.connect is None:
        return (Step(done=True, words="There is nothing to set up"),)
    return await kind.connect(chosen, settings.public_url)


def _faults(settings: Settings) -> list[tuple[str, str]]:
    try:
        load_channels(settings)
    except SettingsFaults as error:
        return [(fault.variable, str(fault)) for fault in error.faults]
    return []


def _state(kind: Kind[Any]) -> str:
    chosen: ChannelSettings = kind.settings(_env_file=".env")
    if chosen.on:
        return "on" if kind.connect is None else f"on; `neuvo channels connect {kind.name}` sets up its provider"
    return f"off; to turn it on, set {_needed(kind)}"


def _needed(kind: Kind[Any]) -> str:
    names = variables(kind)
    return ", ".join(names[name] for name in kind.settings.needed)
