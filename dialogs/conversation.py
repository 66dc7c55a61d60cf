"""A conversation's turn: what a message does, in this order.

Safety; opt-out words; back, start over, cancel, help, human, a language; the open question's own parser; a side
question that is clearly understood; a helpful repeat. Where nothing is open: dialogs, topics, "did you mean", help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.messages import EffectResult, Match, Outcome, Safety, Session, Turn
from dialogs import (
    buttons,
    checkin,
    commands,
    consents_words,
    handoff,
    inside,
    intents,
    nudge_told,
    nudged,
    outside,
    shared,
    thumbs,
)  # fmt: skip
from dialogs.dialog import Dialog
from dialogs.errors import RunFailed
from dialogs.house import House, SafetyLine, SafetyReply, Understand, by_name, log_failure
from dialogs.scene import Scene
from dialogs.services import Texts, Topics
from dialogs.state import State
from dialogs.steps import Asking
from dialogs.words import LOST, Command, Words, stripped

EXPIRY = timedelta(hours=24)
UNDERSTOOD = 2000
"""Characters of a message that are understood; a prompt still sees all of it."""
FAILURES = 2
"""Failures in a row after which a run is given up."""


class Conversation:
    """The responder of all conversations; it keeps nothing between turns.

    ``dialogs`` are by intent, ``services`` by the names that dialogs and effects use. ``safety_reply`` answers what
    the engine's guard has not, ``safety_line`` is put before an answer where there is a doubt; ``report`` hears of
    every run that failed.
    """

    def __init__(
        self,
        *,
        dialogs: Mapping[str, Dialog],
        topics: Topics,
        texts: Texts,
        words: Words,
        understand: Understand,
        services: Mapping[str, object],
        zone: ZoneInfo,
        languages: Sequence[str],
        safety_reply: SafetyReply | None = None,
        safety_line: SafetyLine | None = None,
        expiry: timedelta = EXPIRY,
        report: Callable[[RunFailed], None] = log_failure,
    ) -> None:
        @cache
        def house() -> House:
            # What a city has no service for is no dialog of its: its topic answers. Known at the first turn alone:
            # some services speak through the engine that is made with this responder.
            served = {name: dialog for name, dialog in dialogs.items() if dialog.needs <= services.keys()}
            return House(
                dialogs=served,
                topics=topics,
                texts=texts,
                words=words,
                understand=understand,
                services=services,
                zone=zone,
                languages=tuple(languages),
                safety_reply=safety_reply,
                safety_line=safety_line,
                expiry=expiry,
                report=report,
                named=by_name(served),
            )

        self._made = house

    @property
    def _house(self) -> House:
        return self._made()

    async def respond(self, turn: Turn) -> Outcome:
        """Decide all that a message brings about. Raises ``NewerState``; a dialog's failure becomes an apology."""
        scene = self._scene(turn)
        try:
            if turn.incoming.result is not None:
                await _result(scene, turn.incoming.result)
            else:
                await self._message(scene)
            return scene.outcome()
        except RunFailed as failure:
            self._house.report(failure)
            return self._failed(turn, failure)

    def _scene(self, turn: Turn) -> Scene:
        state = State.load(turn.state)
        hint = (turn.incoming.language or "")[:2].lower()
        language = state.language or (hint if hint in self._house.languages else self._house.languages[0])
        now = turn.now.astimezone(self._house.zone)
        scene = Scene(house=self._house, turn=turn, state=state, language=language, now=now)
        nudged.take(scene)
        return scene

    async def _message(self, scene: Scene) -> None:
        text = stripped(scene.turn.incoming.text)
        if scene.turn.safety_answered:
            await self._note_safety(scene, text)
            return
        match = await self._understand(scene, text)
        if match.safety is not None:
            _safety(scene, match, match.safety)
            return
        if scene.turn.owned:
            handoff.joined(scene)
            await _owned(scene, text)
            return
        scene.concern = match.concern
        lead = _tidy(scene)
        if lead:
            scene.say(lead)
            nudged.offer(scene)
        if scene.state.top is not None:
            await inside.respond(scene, text, match)
        else:
            await outside.respond(scene, text, match)
        if scene.intent == LOST and match.text.strip():
            scene.missed = match
        if not scene.replies:
            scene.say("engine.done")  # a dialog that had nothing to say: nobody is left without an answer

    async def _understand(self, scene: Scene, text: str) -> Match:
        # A press is not understood: its words are ours.
        pressed = buttons.read(scene.turn.incoming.payload) is not None
        said = "" if pressed else text[:UNDERSTOOD].strip()
        hint = scene.state.language or ((scene.turn.incoming.language or "")[:2].lower() or None)
        language = hint if hint in self._house.languages else None
        if said:
            answer = self._house.understand(said, Session(now=scene.now, language=language))
            found = answer if isinstance(answer, Match) else await answer
        else:
            found = Match(text="", language=scene.language, intent="OUT_OF_SCOPE", confidence=0.0)
        return shared.with_location(intents.nearest(self._house, found), scene.turn.incoming.location)

    async def _note_safety(self, scene: Scene, text: str) -> None:
        """The answer has been given; what is open is kept, and nothing is added to that answer."""
        try:
            safety = (await self._understand(scene, text)).safety
        except Exception:  # understanding may be down: safety's own rules have spoken already
            safety = None
        scene.intent = str(safety or Safety.CRISIS)
        checkin.endangered(scene, crisis=safety is not Safety.EMERGENCY)
        if safety is not Safety.EMERGENCY:
            scene.state.crisis = scene.stamp
            handoff.request(scene, handoff.CRISIS)

    def _failed(self, turn: Turn, failure: RunFailed) -> Outcome:
        """An apology and a human. The state is that of before the turn; a result that came is kept in it."""
        scene = self._scene(turn)
        result = turn.incoming.result
        for run in list(scene.state.runs):
            if result is not None:
                run.settle(result)
            if run.id == failure.run_id:
                run.failures += 1
                if failure.final or run.failures >= FAILURES:
                    scene.state.runs.remove(run)
                    handoff.request(scene, handoff.FAILED)
        scene.say("engine.failed", choices=[scene.button("human"), scene.button("start_over")])
        return scene.outcome()


def _safety(scene: Scene, match: Match, safety: Safety) -> None:
    checkin.endangered(scene, crisis=safety is Safety.CRISIS)
    if safety is Safety.CRISIS:
        scene.state.crisis = scene.stamp
        handoff.request(scene, handoff.CRISIS)
    scene.intent = str(safety)
    answer = scene.house.safety_reply
    reply = answer(safety, match.language, scene.now) if answer is not None else None
    if reply is not None:
        scene.replies.append(reply)
        scene.state.introduced = True  # nothing comes before the numbers


async def _owned(scene: Scene, text: str) -> None:
    """A message to the person who answers: but for the way back and "no more messages", nothing is said to it."""
    press = buttons.read(scene.turn.incoming.payload)
    if isinstance(press, buttons.Commanded):
        command: Command | None = Command(press.name, None)
    else:
        command = None if press is not None else scene.house.words.command(text, scene.turn.channel)
    if command is not None and (command.name in handoff.HEARD or command.name.startswith(consents_words.ENDS)):
        await commands.obey(scene, command)
    elif not isinstance(press, buttons.Rated) or thumbs.count(scene, press) is None:
        scene.intent = "to_person"


def _tidy(scene: Scene) -> str | None:
    """Put away what was forgotten or has gone; the key of the kind word about it."""
    said = None
    for run in list(scene.state.runs):
        if run.dialog not in scene.house.named:
            scene.state.runs.remove(run)
            said = "engine.gone"
        elif not run.pending and datetime.fromisoformat(run.at) + scene.house.expiry < scene.turn.now:
            scene.state.runs.remove(run)
            said = said or (None if run.parked else "engine.expired")
    return said


async def _result(scene: Scene, result: EffectResult) -> None:
    """The end of an effect: its run goes on, though another may be open above it."""
    if handoff.is_answer(result):
        handoff.told(scene, result)
        return
    if consents_words.is_answer(result):
        consents_words.told(scene, result)
        return
    if nudge_told.is_answer(result):
        nudge_told.told(scene, result)
        return
    run = next((run for run in scene.state.runs if run.settle(result)), None)
    if run is None or run.dialog not in scene.house.named:
        return
    if run is scene.state.top:
        await scene.advance()
        return
    played = await scene.play(run)
    if played.stop is None:
        scene.end(run, played.value)
    elif run.parked and isinstance(played.stop, Asking):
        scene.state.runs.remove(run)
    if scene.replies and scene.state.top is not None:
        await scene.advance(scene.voice.text("engine.resume"))
