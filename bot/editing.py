"""What editors ask of the city in the staff's pages: try a phrase, and begin a topic."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TypedDict

from bot.city import City
from bot.trial import Tried, title, tried
from knowledge.drafts import asked, write


class Drafted(TypedDict):
    """A draft of a topic: its file's text, and the file where it could be written."""

    yaml: str
    file: str | None


class Editing:
    """The city, as editors see it. ``folder`` is where its content is."""

    def __init__(self, city: City, folder: Path) -> None:
        self._city = city
        self._folder = folder

    async def tried(self, text: str, language: str | None) -> Tried:
        """What is understood of a text, and why."""
        return tried(self._city, text, language)

    async def draft(self, text: str, language: str) -> Drafted:
        """A draft of a topic that begins with a citizen's masked words; a file that is there already stays."""
        today = datetime.now(self._city.zone).date()
        draft = asked(text, language, self._city.languages)
        path = self._folder / "drafts" / f"{draft.intent}.yaml"
        try:
            write([draft], path.parent, today)
        except OSError:  # a server's content is often read-only: the page shows the text all the same
            return Drafted(yaml=draft.written(today), file=None)
        return Drafted(yaml=path.read_text(encoding="utf-8"), file=f"drafts/{path.name}")

    def title(self, intent: str, language: str) -> str:
        """The name of an intent for people."""
        return title(self._city, intent, language)
