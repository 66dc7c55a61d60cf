"""``neuvo test``: hold written conversations over the real engine, database, understanding and sandbox.

A file is a list of conversations. Each has a ``name`` and a ``talk``, a list of steps:

- ``say: text`` the citizen writes; ``press: label`` the citizen presses that button of the last message
- ``photo: true`` a picture goes with what is said, or alone; ``share: [60.18, 24.95]`` a location does
- ``expect: text or list`` each must be found in what the city answered to the step, in any case of letters
- ``never: text or list`` none may be found in it
- ``language: fi`` the language of every message of that answer
- ``restart: true`` another process carries on from the database
- ``wait: 3d`` the citizen comes back later (``m``, ``h`` or ``d``)
- ``nudge: template`` the city writes first, with the template's examples, and ``values`` in their place where given

``at`` on a conversation is the local time at its beginning (Thursday 2026-11-26 12:00 where absent). What was said is
answered when its turn, the effects that it asked for and their turns have ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from bot.city import City
from bot.messages import Location, Photo, Reply
from bot.rig import Rig

BEGINNING = datetime(2026, 11, 26, 12, 0)  # noqa: DTZ001 - local time of the city; the rig adds its zone
PICTURE = Photo(content_type="image/png", data=b"\x89PNG\r\n\x1a\n")
"""What a citizen of a written conversation sends; nobody looks at it."""
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One written conversation. ``lines`` are where its steps stand in the file, from 1."""

    file: Path
    name: str
    language: str
    at: datetime
    steps: tuple[dict[str, Any], ...]

    @property
    def title(self) -> str:
        """A name that is unique in the run."""
        return f"{self.language}/{self.file.stem}: {self.name}"


def read_scripts(folder: Path) -> list[Script]:
    """All conversations under a folder, whose subfolders are languages; or of one file."""
    files = [folder] if folder.is_file() else sorted(folder.glob("*/*.yaml"))
    scripts = []
    for file in files:
        for item in yaml.safe_load(file.read_text(encoding="utf-8")):
            at = datetime.fromisoformat(item["at"]) if "at" in item else BEGINNING
            steps = tuple(item["talk"])
            scripts.append(Script(file=file, name=item["name"], language=file.parent.name, at=at, steps=steps))
    return scripts


async def hold_all(city: City, database_url: str, folder: Path) -> list[str]:
    """Hold all conversations of a folder, with a progress bar; the faults found."""
    faults: list[str] = []
    async with Rig(city, database_url) as rig:
        for script in tqdm(read_scripts(folder), unit="conversation", disable=None):
            faults += await hold(rig, script)
    return faults


async def hold(rig: Rig, script: Script) -> list[str]:
    """Hold one conversation; the faults found, in words."""
    talk = rig.begin(script.at.replace(tzinfo=rig.zone))
    faults: list[str] = []
    for number, step in enumerate(script.steps, start=1):
        if "wait" in step:
            await talk.wait(int(step["wait"][:-1]) * UNITS[step["wait"][-1]])
        if step.get("restart"):
            await rig.restart()
        if "nudge" in step:
            await talk.nudge(step["nudge"], step.get("values", {}), script.language)
        if {"say", "photo", "share"} & step.keys():
            location = Location(*step["share"]) if "share" in step else None
            await talk.say(str(step.get("say", "")), photos=(PICTURE,) if step.get("photo") else (), location=location)
        elif "press" in step and not await talk.press(str(step["press"])):
            faults.append(f"step {number}: no button {step['press']!r} among {talk.labels()}")
            break
        faults += [f"step {number}: {fault}" for fault in judge(step, talk.answer)]
    return [f"{script.title}: {fault}" for fault in faults]


def judge(step: dict[str, Any], answer: Iterable[Reply]) -> list[str]:
    """What of a step's expectations the answer does not meet."""
    replies = list(answer)
    said = "\n".join(map(words, replies))
    folded = said.casefold()
    faults = [f"expected {text!r} in {said!r}" for text in listed(step.get("expect")) if text.casefold() not in folded]
    faults += [f"did not want {text!r} in {said!r}" for text in listed(step.get("never")) if text.casefold() in folded]
    if "language" in step and (others := {reply.language for reply in replies} - {step["language"]}):
        faults.append(f"expected language {step['language']}, not {', '.join(sorted(others))}: {said!r}")
    if {"expect", "language"} & step.keys() and not replies:
        faults.append("no answer at all")
    return faults


def words(reply: Reply) -> str:
    """All that a citizen reads of a reply."""
    cards = [line for card in reply.cards for line in (card.title, *card.lines, card.url or "")]
    links = [f"{link.label} {link.url}" for link in reply.links]
    return "\n".join([reply.text, reply.short or "", *cards, *links, *(choice.label for choice in reply.choices)])


def listed(value: object) -> list[str]:
    """One text or many."""
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
