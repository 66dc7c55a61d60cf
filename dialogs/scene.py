"""One turn in the making: the state as it changes, what is said, and the replay of the run that the citizen is in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.messages import JSON, Choice, Effect, Entity, Match, Outcome, Rating, Reply, Safety, Turn
from dialogs import buttons, consents_words, nudge_effects, nudged
from dialogs.errors import RunFailed, StateTooLarge
from dialogs.house import House
from dialogs.play import FINAL, Played, play
from dialogs.prompt_choices import key
from dialogs.prompts import Again
from dialogs.speech import Voice
from dialogs.state import DEPTH, Run, State, opening_of
from dialogs.steps import Asking, Edge, Waiting

MISSES = 2
"""Answers not understood in a row, after which a way out is offered beside the question."""
QUIET = timedelta(hours=1)
"""How long a line said out of doubt is not said again."""
TALKED_OF = frozenset(("unit", "listed", "day", "wish"))
"""What is remembered only until something else is shown."""
PHOTOS = 5
"""Pictures that one run of a dialog takes."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """The turn. ``language`` is that of everything said in it; ``came`` are the nudges since the last one."""

    house: House
    turn: Turn
    state: State
    language: str
    now: datetime
    replies: list[Reply] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    intent: str | None = None
    release: bool = False
    missed: Match | None = None
    rating: Rating | None = None
    concern: Safety | None = None
    came: list[str] = field(default_factory=list)
    carried: list[str] = field(init=False)
    doubted: list[JSON] = field(init=False)

    def __post_init__(self) -> None:
        # Pictures that were sent just before the dialog that they are for.
        self.carried, self.state.photos = self.state.photos, []
        self.doubted, self.state.doubted = self.state.doubted, []

    @property
    def sent(self) -> list[str]:
        """Ids of the pictures of this message that came through."""
        return [photo.id for photo in self.turn.incoming.photos if photo.id]

    @property
    def voice(self) -> Voice:
        """The texts in the language of now."""
        return Voice(self.house.texts, self.language)

    @property
    def stamp(self) -> str:
        """The turn's time as it is kept."""
        return self.turn.now.isoformat(timespec="seconds")

    def say(self, name: str, *, choices: Sequence[Choice] = (), **values: object) -> None:
        """Say a sentence."""
        self.replies.append(self.voice.reply(name, values, choices=choices))

    def button(self, name: str) -> Choice:
        """The button of a command."""
        return Choice(self.voice.text(f"button.{name}"), buttons.command_payload(name))

    def speak(self, language: str, *, chosen: bool) -> None:
        """Go on in a language. One that was asked for is kept until another is."""
        if language in self.house.languages:
            self.language = self.state.language = language
            self.state.chosen = self.state.chosen or chosen

    async def open(self, intent: str, match: Match, entities: tuple[Entity, ...] = ()) -> None:
        """Begin a dialog inside the one that is open, or anew if it is the same one."""
        dialog = self.house.dialogs[intent]
        top = self.state.top
        if top is not None and top.dialog == dialog.name:
            self.state.drop(top)
        if len(self.state.runs) >= DEPTH:
            self.say("engine.deep")
            return
        opening = opening_of(replace(match, entities=(*match.entities, *entities)))
        photos = [*self.carried, *self.sent][:PHOTOS] if dialog.photos else []
        run = Run(id=self._run_id(intent), dialog=dialog.name, at=self.stamp, opening=opening, photos=photos)
        self.state.runs.append(run)

    async def play(self, run: Run) -> Played:
        """Replay a run; what it says and asks for joins the turn. Raises ``RunFailed``."""
        edge = Edge(
            language=self.language,
            now=self.now,
            channel=self.turn.channel,
            texts=self.house.texts,
            words=self.house.words,
            services=self.house.services,
            run=f"{self.turn.conversation_id}:{run.id}",
            photos=tuple(run.photos),
        )
        try:
            played = await play(run, self.house.named[run.dialog], edge)
        except Exception as error:
            raise RunFailed(run.id, run.dialog, final=isinstance(error, FINAL)) from error
        run.journal = played.journal.dump()
        run.at = self.stamp
        self.replies += played.said
        self.effects += played.effects
        return played

    async def advance(self, lead: str = "", again: Again | None = None) -> None:
        """Go on with what is open until it asks or waits. ``lead`` and ``again`` are said before the question."""
        while (run := self.state.top) is not None:
            played = await self.play(run)
            if isinstance(played.stop, Asking):
                self.prompt(run, played.stop, lead, again)
                return
            if isinstance(played.stop, Waiting):
                self.sending(run, played.stop, lead)
                return
            self.end(run, played.value)
            lead, again = self.voice.text("engine.resume"), None

    def prompt(self, run: Run, asking: Asking, lead: str = "", again: Again | None = None) -> None:
        """Show a question. A question other than the last one gets a new number, which its buttons carry."""
        shown = [asking.path, asking.prompt.signature()]
        if run.waiting != shown:
            run.waiting, run.misses = shown, 0
            run.serial += 1
        try:
            reply = self._question(run, asking, again)
        except Exception as error:
            raise RunFailed(run.id, run.dialog, final=False) from error
        text = f"{lead}\n\n{reply.text}" if lead else reply.text
        self.replies.append(
            replace(reply, text=text, short=f"{lead} {reply.short}" if lead and reply.short else reply.short)
        )

    def sending(self, run: Run, waiting: Waiting, lead: str = "") -> None:
        """Say that something is being done."""
        name = self.house.named[run.dialog].name
        own = f"{name}.{waiting.path.rpartition('.')[2]}" if waiting.new else ""
        known = bool(own) and self.voice.maybe(own) is not None
        self.say(own if known else "engine.sending" if waiting.new else "engine.still_sending")
        if lead:
            self.replies[-1] = replace(self.replies[-1], text=f"{lead}\n\n{self.replies[-1].text}", short=None)

    def end(self, run: Run, value: JSON) -> None:
        """A dialog has ended; what it returned may mark the conversation, or be remembered for what is said next."""
        self.state.runs = [other for other in self.state.runs if other is not run]
        mark = value.get("mark") if isinstance(value, dict) else None
        if mark == "opted_out":
            self.opt_out("", self.language)
        if mark == "human":
            self.state.human = self.stamp
        nudge_effects.marked(self, mark)
        kept = (value.get("recent") if isinstance(value, dict) else None) or {}
        # One of the places that were shown is still one of them.
        listed = self.state.recent.get("listed", [{"units": []}])
        same = "listed" not in kept and kept.get("unit") in listed[0]["units"]
        self.forget()
        self.state.recent |= {name: [item, self.stamp, run.dialog] for name, item in kept.items()}
        if same:
            self.state.recent["listed"] = [*listed]

    def opt_out(self, purpose: str, language: str) -> None:
        """No more messages on this channel (with a purpose: of that alone); what was agreed to ends with it."""
        if not purpose:
            self.state.opted_out = self.stamp
        if consents_words.SERVICE in self.house.services:
            self.effects.append(consents_words.ending(self.turn, purpose, language))

    def remember(self, name: str) -> None:
        """Something that holds from now on, whatever is shown."""
        self.state.recent = self.state.recent | {name: [True, self.stamp, ""]}

    def forget(self) -> None:
        """What was shown is no longer what is being talked of."""
        self.state.recent = {name: item for name, item in self.state.recent.items() if name not in TALKED_OF}

    def outcome(self) -> Outcome:
        """All that was decided. Raises ``RunFailed`` where the state has grown too large."""
        if self.replies:
            self.state.offered = nudged.offered(self, self.replies[-1])
            self._introduce()
            self._care()
        try:
            state = self.state.dump()
        except StateTooLarge as error:
            top = self.state.top
            raise RunFailed(top.id if top else "", top.dialog if top else "", final=True) from error
        return Outcome(
            state=state,
            language=self.state.language,
            replies=tuple(self.replies),
            effects=tuple(self.effects),
            intent=self.intent,
            release=self.release,
            missed=self.missed,
            rating=self.rating,
            shown=self.turn.owned or self.state.human is not None,
        )

    def _introduce(self) -> None:
        """The first thing said tells that nobody is there to write it (Finnish act 306/2019, section on chatbots)."""
        if self.state.introduced:
            return
        self.state.introduced = True
        line, first = self.voice.text("talk.automatic"), self.replies[0]
        short = f"{line} {first.short}" if first.short else None
        self.replies[0] = replace(first, text=f"{line}\n\n{first.text}", short=short)

    def _care(self) -> None:
        """Out of a doubt about safety one line comes before everything, and not again for a while."""
        line, last = self.house.safety_line, self.state.concerned
        quiet = last is not None and datetime.fromisoformat(last) + QUIET > self.turn.now
        if self.concern is None or line is None or quiet:
            return
        self.state.concerned = self.stamp
        words, first = line(self.concern, self.language, self.now), self.replies[0]
        short = f"{words} {first.short}" if first.short else None
        self.replies[0] = replace(first, text=f"{words}\n\n{first.text}", short=short)

    def _question(self, run: Run, asking: Asking, again: Again | None) -> Reply:
        voice = self.voice
        choices = [
            Choice(voice.label(option), buttons.answer_payload(run.id, run.serial, key(option.id)))
            for option in asking.prompt.options()
        ]
        if run.misses >= MISSES:
            choices += [self.button("cancel"), self.button("human")]
        reply = voice.reply(asking.key, asking.values, choices=choices)
        if again is None:
            return reply
        own = voice.maybe(f"{asking.key}_again", asking.values)
        line = own if own and again.key.endswith(".again") else voice.text(again.key, again.values)
        return replace(reply, text=f"{line}\n\n{reply.text}", short=None)

    def _run_id(self, intent: str) -> str:
        seed = f"{self.turn.conversation_id}|{self.turn.incoming.message_id}|{intent}|{len(self.state.runs)}"
        return hashlib.blake2s(seed.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
