"""The city's own sentences, for tests of what shows them."""

from __future__ import annotations

from pathlib import Path

from bot.texts import Texts
from channels.webchat.outbound import Look

LANGUAGES = ("fi", "sv", "en")
TEXTS = Texts.load(Path(__file__).resolve().parent.parent / "knowledge" / "texts", LANGUAGES)
LOOK = Look(name="Neuvo", texts=TEXTS)
"""Of the web chat."""
