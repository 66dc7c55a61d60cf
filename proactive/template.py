"""What the city writes first, as values: a template, its choices, and whether values fit it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, NamedTuple

from bot.messages import JSON
from proactive.placeholder import Placeholder, fault

Urgency = Literal["routine", "timely", "urgent"]
ByLanguage = Mapping[str, str]
REVIEWED = frozenset({"health_outreach"})
"""Purposes for which nobody is written to before a person has decided on that one message."""


class UnknownTemplate(KeyError):
    """There is no template of this id, or not in this version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to a nudge.

    ``words`` say it too, besides its label and number. ``opens`` is the intent of a dialog, which gets ``entities`` (a
    placeholder's name by entity kind); without it the answer itself is recorded, after a yes to ``confirm`` where
    there is one, and ``thanks`` is said. An ``alarm`` asks for help: people are told at once, and its words go before
    commands.
    """

    id: str
    label: ByLanguage
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    opens: str | None = None
    entities: ByLanguage = field(default_factory=dict)
    confirm: ByLanguage | None = None
    thanks: ByLanguage | None = None
    alarm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What follows a check-in that is not answered, counted from its sending.

    After ``again_after`` the template ``again`` is sent; after ``handoff_after`` people with ``skill`` are told.
    """

    again: str
    again_after: timedelta
    handoff_after: timedelta
    skill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A message that the city writes first, in every language of the city.

    ``text`` is light Markdown; ``short`` is plain text for text messages; ``variants`` stand for ``text`` on a
    channel; ``title`` is one line for lists and digests. ``digest``: several may go out as one message. Without a
    receipt in ``fallback_after`` the next channel is tried.
    """

    id: str
    version: int
    purpose: str
    urgency: Urgency
    values: Mapping[str, Placeholder]
    text: ByLanguage
    title: ByLanguage
    short: ByLanguage | None = None
    variants: Mapping[str, ByLanguage] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    expires_after: timedelta
    digest: bool = False
    fallback_after: timedelta | None = None
    ladder: Ladder | None = None

    def choice(self, choice_id: str) -> Choice | None:
        """The choice of this id."""
        return next((choice for choice in self.choices if choice.id == choice_id), None)

    @property
    def reviewed(self) -> bool:
        """Whether a person decides on each message: no program, campaign, command or order of a citizen makes one."""
        return self.purpose in REVIEWED

    @property
    def alarm(self) -> str | None:
        """The id of the choice that asks for help."""
        return next((choice.id for choice in self.choices if choice.alarm), None)

    @property
    def examples(self) -> dict[str, JSON]:
        """The example of every value."""
        return {name: placeholder.example for name, placeholder in self.values.items()}


class Templates:
    """All of a city's templates. Iterating gives the newest version of each, by id."""

    def __init__(self, templates: Iterable[Template] = ()) -> None:
        self._versions = {(template.id, template.version): template for template in templates}
        newest = sorted(self._versions.values(), key=lambda template: template.version)
        self._newest = {template.id: template for template in newest}

    def get(self, template_id: str, version: int | None = None) -> Template:
        """The newest version, or a pinned one. Raises ``UnknownTemplate``."""
        found = self._newest.get(template_id) if version is None else self._versions.get((template_id, version))
        if found is None:
            raise UnknownTemplate(template_id)
        return found

    def __iter__(self) -> Iterator[Template]:
        return (self._newest[template_id] for template_id in sorted(self._newest))

    def __len__(self) -> int:
        return len(self._newest)

    def __contains__(self, template_id: object) -> bool:
        return template_id in self._newest

    def versions(self) -> Iterator[Template]:
        """Every version of every template, by id and number."""
        return (self._versions[key] for key in sorted(self._versions))


class ValueFault(NamedTuple):
    """What is wrong with one value, by its name. The message never holds the value."""

    name: str
    message: str


def check_values(template: Template, values: Mapping[str, JSON], languages: Sequence[str]) -> tuple[ValueFault, ...]:
    """Everything that is wrong with values for a template: missing, unknown, of another kind, too long."""
    found = [ValueFault(name, "is missing") for name in template.values if name not in values]
    for name, value in values.items():
        placeholder = template.values.get(name)
        message = "is not in the template" if placeholder is None else fault(placeholder, value, languages)
        if message is not None:
            found.append(ValueFault(name, message))
    return tuple(found)
