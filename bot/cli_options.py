"""What the commands share: the languages that can be named, and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.settings import Settings

LANGUAGES = click.Choice(["fi", "sv", "en"])


def read_settings(**changes: object) -> Settings:
    """Read the settings; what the command line says wins."""
    from bot.settings import load_settings

    return load_settings(**{name: value for name, value in changes.items() if value is not None})
