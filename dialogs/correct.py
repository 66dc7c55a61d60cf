"""Another answer to an earlier question, said at the confirmation: "no, Hämeentie 5"."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import JSON, Match
from dialogs import journal as kinds
from dialogs.errors import RunFailed
from dialogs.journal import Entry, plain
from dialogs.prompt_choices import Choose, Confirm
from dialogs.prompt_entities import PLACES, Place
from dialogs.prompt_report import reachable
from dialogs.prompts import Again, Context, Opening, Prompt, Text, Valid
from dialogs.scene import Scene
from dialogs.state import Run
from dialogs.steps import Asking
from dialogs.words import named_words, word_count

_EXACT, _FREE = False, True


async def correct(scene: Scene, run: Run, text: str, match: Match, context: Context) -> bool:
    """Put the new answer in the place of the old one and ask for the confirmation again. False where it is none."""
    rest = scene.house.words.corrected(text)
    if run.acted or (rest is None and not _place_alone(text, match) and not reachable(text)):
        return False
    rows = list(run.journal)
    places = [place for place in reversed(range(len(rows))) if rows[place]["k"] == kinds.ANSWER]
    context = replace(context, side=False)
    for free in (_EXACT, _FREE) if rest is not None else (_EXACT,):
        for place in places:
            asking = await _asked(scene, run, rows, place)
            prompt = _readable(asking.prompt, free=free) if asking is not None else None
            if asking is None or prompt is None:
                continue
            found = _read(prompt, rest if rest is not None else text, match, context)
            if isinstance(found, Valid) and plain(found.value) != rows[place]["v"]:
                return await _put(scene, run, rows, place, plain(found.value))
    return False


def _read(prompt: Prompt, text: str, match: Match, context: Context) -> Valid | Again:
    found = prompt.parse(text, None, match, context)
    if isinstance(found, Again) and isinstance(prompt, Choose):
        # A word of its label will do, as in a first message.
        return prompt.opened(Opening(match=replace(match, text=text, entities=())), context) or found
    return found


def _place_alone(text: str, match: Match) -> bool:
    return named_words(match, PLACES) * 2 >= max(word_count(text), 1)


def _readable(prompt: Prompt, *, free: bool) -> Prompt | None:
    """A prompt that knows its answers: words of one's own could be anything, so a free place comes last."""
    if isinstance(prompt, (Text, Confirm)):
        return None
    if isinstance(prompt, Place):
        return prompt if free else _Exact(prompt.directory, free=prompt.free, kinds=prompt.kinds)
    return None if free else prompt


class _Exact(Place):
    """A place that must be one that is known; more words than its name are kept all the same."""

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """As the place, without words that name none."""
        if not any(entity.kind in self.kinds for entity in match.entities):
            return self.again()
        return super().parse(text, payload, match, context)


async def _asked(scene: Scene, run: Run, rows: list[JSON], place: int) -> Asking | None:
    """The question whose answer stands at a place of the journal."""
    path = rows[place]["p"]
    played = await scene.play(replace(run, journal=rows[:place], skip=[*run.skip, path]))
    return played.stop if isinstance(played.stop, Asking) and played.stop.path == path else None


async def _put(scene: Scene, run: Run, rows: list[JSON], place: int, value: JSON) -> bool:
    """Replay with the new answer and the later ones, or without those where they no longer belong."""
    row = rows[place]
    entry = Entry(kinds.ANSWER, row["p"], value, row["c"], row.get("b")).dump()
    skip = list(dict.fromkeys((*run.skip, row["p"])))
    for later in (rows[place + 1 :], []):
        trial = replace(run, journal=[*rows[:place], entry, *later], skip=skip)
        try:
            await scene.play(trial)
        except RunFailed:
            continue
        run.journal, run.skip, run.misses = trial.journal, skip, 0
        await scene.advance(scene.voice.text("engine.corrected"))
        return True
    return False
