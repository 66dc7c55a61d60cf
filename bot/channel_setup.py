"""``neuvo channels``: what state each channel is in, and its set-up at its provider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.channels import CHANNELS, variables
from bot.settings import ENV_FILE, NOT_SET, Settings, SettingsFault, SettingsFaults, load_channels
from channels.kind import ChannelSettings, Kind, SetUpFailed, Step

_INDENT = " " * 11


def states(settings: Settings) -> Iterator[str]:
    """A line for each channel: on, off and how to turn it on, or what is missing."""
    faults = _faults(settings)
    for kind in CHANNELS:
        wrong = [fault for fault in faults if _is_of(fault, kind)]
        yield f"{kind.name:<10} {_state(kind, wrong)}"
        yield from (f"{_INDENT}{fault}" for fault in wrong)


async def connect(settings: Settings, name: str) -> Sequence[Step]:
    """Set a channel up at its provider. Raises ``SetUpFailed``, or ``SettingsFaults`` with the channel's own."""
    kind = next(kind for kind in CHANNELS if kind.name == name)
    wrong = tuple(fault for fault in _faults(settings) if _is_of(fault, kind))
    if wrong:
        raise SettingsFaults(wrong)
    chosen = _chosen(kind)
    if not chosen.on:
        raise SetUpFailed(f"the channel {name} is off: set {_needed(kind)}")
    if kind.connect is None:
        return (Step(done=True, words="There is nothing to set up"),)
    return await kind.connect(chosen, settings.address)


def _faults(settings: Settings) -> tuple[SettingsFault, ...]:
    try:
        load_channels(settings)
    except SettingsFaults as error:
        return error.faults
    return ()


def _is_of(fault: SettingsFault, kind: Kind[Any]) -> bool:
    """Whether a fault is of this channel: of a variable of its own, or one of the server's that this channel needs."""
    return fault.variable in variables(kind).values() or fault.channel == kind.name


def _chosen(kind: Kind[Any]) -> ChannelSettings:
    found: ChannelSettings = kind.settings(_env_file=ENV_FILE)
    return found


def _state(kind: Kind[Any], wrong: Sequence[SettingsFault]) -> str:
    if wrong and all(_is_made(fault, kind) for fault in wrong):
        return "on with `neuvo dev`, which makes its own secret; `neuvo serve` and `neuvo worker` do not start without:"
    if wrong:
        return "not ready; the server does not start before this is put right:"
    if not _chosen(kind).on:
        return f"off; to turn it on, set {_needed(kind)}"
    return "on" if kind.connect is None else f"on; `neuvo channels connect {kind.name}` sets up its provider"


def _is_made(fault: SettingsFault, kind: Kind[Any]) -> bool:
    """Whether what is missing is made by the channel itself in development."""
    made = {variables(kind)[name] for name in kind.settings.made_in_development}
    return fault.where == NOT_SET and fault.variable in made


def _needed(kind: Kind[Any]) -> str:
    names = variables(kind)
    return ", ".join(names[name] for name in kind.settings.needed)
