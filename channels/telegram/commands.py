"""The commands in Telegram's menu, by language: words that the dialogs know, without the letters Telegram refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

COMMANDS: Mapping[str, Sequence[tuple[str, str]]] = {
    "fi": (
        ("ohje", "Mitä voin kysyä?"),
        ("ihminen", "Haluan asioida ihmisen kanssa"),
        ("alusta", "Aloita alusta"),
        ("svenska", "På svenska"),
        ("english", "In English"),
        ("lopeta", "Älä lähetä minulle enää viestejä"),
    ),
    "sv": (
        ("hjalp", "Vad kan jag fråga?"),
        ("kundtjanst", "Jag vill tala med en människa"),
        ("omstart", "Börja från början"),
        ("suomeksi", "Suomeksi"),
        ("english", "In English"),
        ("sluta", "Skicka mig inga fler meddelanden"),
    ),
    "en": (
        ("help", "What can I ask?"),
        ("human", "I want a human"),
        ("restart", "Start over"),
        ("suomeksi", "Suomeksi"),
        ("svenska", "På svenska"),
        ("stop", "Stop messaging me"),
    ),
}
ELSE = "en"
"""The language for people whose Telegram speaks none of these."""
