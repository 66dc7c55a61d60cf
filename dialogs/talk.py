"""What a dialog speaks through. Each step returns what the journal holds, or is taken now, or suspends the dialog.

A dialog is run from its start at every message; the rules that make this safe (``shared/design/DIALOGS.md``) are kept
here and in ``journal.py``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from bot.messages import JSON, Card, Choice, Effect, Link, Reply
from dialogs import journal as kinds
from dialogs.dialog import Dialog
from dialogs.errors import DialogFault, EffectFailed, NameUsedTwice, StepAfterSuspension, Suspension, TooManySteps
from dialogs.journal import Entry, Journal, fingerprint, fresh, plain
from dialogs.prompt_choices import Choose, Confirm
from dialogs.prompts import Opening, Prompt, Valid
from dialogs.services import ServiceUnavailable
from dialogs.speech import Option, Voice, bound
from dialogs.steps import READ_SECONDS, Asking, Edge, Frame, Waiting, look_up

STEP_BUDGET = 500
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_T = TypeVar("_T")


@dataclass(slots=True)
class Talk:
    """One replay of one run. A dialog gets it as its first argument and uses the calls that have docstrings here."""

    dialog: Dialog
    journal: Journal
    edge: Edge
    opening: Opening | None = None
    skip: frozenset[str] = frozenset()
    said: list[Reply] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    stop: Asking | Waiting | None = None
    fault: DialogFault | None = None
    _names: set[str] = field(default_factory=set)
    _frame: Frame = field(init=False)
    _task: asyncio.Task[Any] | None = field(default_factory=asyncio.current_task)

    def __post_init__(self) -> None:
        self._frame = Frame(self.dialog)

    @property
    def language(self) -> str:
        """The language of now. Give it to look-ups, never to a branch: a replay may be in another one."""
        return self.edge.language

    @property
    def voice(self) -> Voice:
        """The texts in the language of now, for what is said and labelled; never for a branch."""
        return self.edge.voice

    @property
    def photos(self) -> list[str]:
        """Ids of the pictures sent so far. More may come until something is done: never branch on them."""
        return list(self.edge.photos)

    async def ask(self, name: str, prompt: Prompt, **values: object) -> Any:
        """The citizen's answer; the question is the text ``<dialog>.<name>`` with the values in it."""
        return self._answer(self._begin(name), name, prompt, values, None)

    async def choose(self, name: str, options: Sequence[Option], *, shown: int | None = None, **values: object) -> Any:
        """The id of the option that the citizen chose."""
        prompt = Choose(tuple(options), self.voice.label, shown)
        return self._answer(self._begin(name), name, prompt, values, None)

    async def confirm(self, name: str, **values: object) -> bool:
        """Whether the citizen agrees to exactly these values; asked again when they are no longer the same."""
        holds = fingerprint(plain(bound(values)))
        prompt = Confirm(bound=holds, key=self._key(name), label=self.voice.label)
        return bool(self._answer(self._begin(name), name, prompt, values, holds))

    async def read(self, name: str, fn: Callable[..., Any], *args: object, seconds: float = READ_SECONDS) -> Any:
        """What a look-up gives, as JSON; kept for these arguments. Raises ``ServiceUnavailable``, also when late."""
        path = self._begin(name)
        holds = fingerprint(plain(args))
        entry = self._take(kinds.READ, path)
        if entry is None:
            entry = Entry(kinds.READ, path, None, self.journal.code)
            self.journal.add(entry)
        if entry.bound != holds:
            entry.value, entry.bound = await look_up(fn, args, seconds), holds
        if "error" in entry.value:
            raise ServiceUnavailable(entry.value["error"])
        return fresh(entry.value["value"])

    async def do(
        self, name: str, effect: Callable[..., Any] | str, *args: object, key: str = "", was: Sequence[str] = ()
    ) -> Any:
        """The result of something done elsewhere, once. ``effect`` is a service's method or its registered name.

        The id is made of ``key`` (else the step's path); ``was`` lists the step's earlier names. Suspends until there
        is a result; raises ``EffectFailed`` where it is a failure.
        """
        path = self._begin(name)
        entry = self._take(kinds.EFFECT, path, [self._frame.prefix + old for old in was])
        new = entry is None
        if entry is None:
            effect_id = f"{self.edge.run}:{key or path}"
            arguments = tuple(plain(list(args)))
            self.effects.append(Effect(id=effect_id, name=self._effect(effect), arguments=arguments))
            entry = Entry(kinds.EFFECT, path, {"id": effect_id, "done": False}, self.journal.code)
            self.journal.add(entry)
        if not entry.value["done"]:
            self._suspend(Waiting(path=path, new=new))
        if entry.value.get("error") is not None:
            raise EffectFailed(entry.value["error"])
        return fresh(entry.value.get("value"))

    async def say(
        self,
        name: str,
        *,
        links: Sequence[Link] = (),
        cards: Sequence[Card] = (),
        choices: Sequence[Choice] = (),
        **values: object,
    ) -> None:
        """Speak the text ``<dialog>.<name>``, once; ``choices`` open other dialogs, where this one ends by it."""
        path = self._begin(name)
        if self._take(kinds.SAID, path) is None:
            self.said.append(self.voice.reply(self._key(name), values, choices=choices, links=links, cards=cards))
            self.journal.add(Entry(kinds.SAID, path, None, self.journal.code))

    def each(self, name: str, items: Sequence[_T]) -> Iterator[_T]:
        """The items, each with a scope of its own for the names of steps."""
        base = self._begin(name)
        frame, outer = self._frame, self._frame.prefix
        for place, item in enumerate(items):
            frame.prefix = f"{base}.{place}."
            try:
                yield item
            finally:
                frame.prefix = outer

    async def call(self, name: str, dialog: Dialog, **arguments: object) -> Any:
        """What another dialog returns, run inside this one with a scope and texts of its own."""
        frame = self._frame
        self._frame = Frame(dialog, f"{self._begin(name)}.")
        try:
            return plain(await dialog.run(self, *self.bind(dialog), **arguments))
        finally:
            self._frame = frame

    def given(self, name: str, prompt: Prompt) -> Any:
        """What the opening message says of something that is never asked for, or ``None``."""
        return fresh(self._taken(kinds.GIVEN, name, lambda: self._first_words(prompt)).value)

    def opened(self, name: str) -> bool:
        """Whether the answer to a step of this scope came from the opening message."""
        path = self._frame.prefix + name
        return any(entry.path == path and entry.opening is not None for entry in self.journal.done)

    def now(self, name: str = "now") -> datetime:
        """The local time at which this step was first taken."""
        entry = self._taken(kinds.CLOCK, name, self.edge.now.isoformat)
        return datetime.fromisoformat(entry.value).astimezone(self.edge.now.tzinfo)

    def random(self, name: str = "random") -> float:
        """A number from 0 up to 1, the same at each replay."""
        entry = self._taken(kinds.CHANCE, name, lambda: int(fingerprint([self.edge.run, name]), 16) / 2**32)
        return float(entry.value)

    def bind(self, dialog: Dialog) -> list[object]:
        """The services that a dialog asks for."""
        return [self.edge.services[name] for name in dialog.services]

    def _taken(self, kind: str, name: str, make: Callable[[], JSON]) -> Entry:
        path = self._begin(name)
        entry = self._take(kind, path)
        if entry is None:
            entry = Entry(kind, path, make(), self.journal.code)
            self.journal.add(entry)
        return entry

    def _answer(self, path: str, name: str, prompt: Prompt, values: Mapping[str, object], holds: str | None) -> JSON:
        entry = self._take(kinds.ANSWER, path)
        if entry is not None:
            if entry.bound == holds and prompt.accepts(entry.value):
                return fresh(entry.value)
            self.journal.reject(entry)
        elif (found := self._opened(path, prompt)) is not None:
            return found
        self._suspend(Asking(path=path, key=self._key(name), prompt=prompt, values=values, bound=holds))

    def _opened(self, path: str, prompt: Prompt) -> JSON:
        """The answer that the opening message gave: never a confirmation, and never again after "back"."""
        if self.opening is None or path in self.skip or isinstance(prompt, Confirm):
            return None
        found = self._find(self.opening, prompt)
        if found is None:
            return None
        value = plain(found.value)
        self.journal.add(Entry(kinds.ANSWER, path, value, self.journal.code, None, found.opening))
        return fresh(value)

    def _find(self, opening: Opening, prompt: Prompt) -> Valid | None:
        used = frozenset(entry.opening for entry in self.journal.done if entry.opening is not None)
        return prompt.opened(Opening(match=opening.match, used=used), self.edge.context)

    def _first_words(self, prompt: Prompt) -> JSON:
        found = self._find(self.opening, prompt) if self.opening is not None else None
        return None if found is None else plain(found.value)

    def _take(self, kind: str, path: str, aliases: Sequence[str] = ()) -> Entry | None:
        try:
            return self.journal.take(kind, path, aliases)
        except DialogFault as fault:
            self._fail(fault)

    def _begin(self, name: str) -> str:
        """The path of a step that may be taken now."""
        path = self._frame.prefix + name
        if self.stop is not None or self.fault is not None or asyncio.current_task() is not self._task:
            self._fail(StepAfterSuspension(f"step {path!r} was taken after a suspension, or beside another step"))
        if not _NAME.fullmatch(name):
            self._fail(DialogFault(f"{name!r} is no name of a step: small letters, digits and _"))
        if path in self._names:
            self._fail(NameUsedTwice(f"step {path!r} is taken twice in one run"))
        if len(self._names) >= STEP_BUDGET:
            self._fail(TooManySteps(f"more than {STEP_BUDGET} steps in one run"))
        self._names.add(path)
        return path

    def _fail(self, fault: DialogFault) -> NoReturn:
        # Kept as well as raised: a dialog that catches it fails all the same.
        self.fault = self.fault or fault
        raise fault

    def _suspend(self, stop: Asking | Waiting) -> NoReturn:
        self.stop = stop
        raise Suspension

    def _key(self, name: str) -> str:
        return f"{self._frame.dialog.name}.{name}"

    def _effect(self, effect: Callable[..., Any] | str) -> str:
        if isinstance(effect, str):
            return effect
        owner = getattr(effect, "__self__", None)
        name = next((name for name, service in self.edge.services.items() if service is owner), None)
        if name is None:
            self._fail(DialogFault("an effect must be a method of a registered service, or its name"))
        return f"{name}.{getattr(effect, '__name__', '')}"
