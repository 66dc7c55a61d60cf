"""Words at the edge: a dialog hands over ids, and they become words when they are spoken, in the language of then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.messages import JSON, Card, Choice, Link, Reply
from dialogs.services import Texts

ByLanguage = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A value with its words: ``value`` is what it is, ``words`` what it is called in a language."""

    value: JSON
    words: ByLanguage


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose: its id, and what it is called (a function of the language, or a key of the texts)."""

    id: str
    label: ByLanguage | str


@dataclass(frozen=True, slots=True)
class Voice:
    """The texts in one language."""

    texts: Texts
    language: str

    def text(self, key: str, values: Mapping[str, object] | None = None) -> str:
        """The sentence under a key. Raises ``KeyError``."""
        return self.texts(key, self.language, **self.spoken(values or {}))

    def maybe(self, key: str, values: Mapping[str, object] | None = None) -> str | None:
        """The sentence under a key, if the texts have it."""
        try:
            return self.text(key, values)
        except KeyError:
            return None

    def spoken(self, values: Mapping[str, object]) -> dict[str, object]:
        """The values as words."""
        return {name: self._word(value) for name, value in values.items()}

    def label(self, option: Option) -> str:
        """What an option is called."""
        if not isinstance(option.label, str):
            return option.label(self.language)
        # A dialog may word its own "yes" and "no": "report_fault.send_yes".
        return self.maybe(option.label) or self.text(f"prompt.confirm.{option.label.rsplit('_', 1)[-1]}")

    def reply(
        self,
        key: str,
        values: Mapping[str, object] | None = None,
        *,
        choices: Sequence[Choice] = (),
        links: Sequence[Link] = (),
        cards: Sequence[Card] = (),
    ) -> Reply:
        """The sentence under a key as a reply; ``<key>_short`` is its form for channels that count characters."""
        return Reply(
            text=self.text(key, values),
            short=self.maybe(f"{key}_short", values),
            language=self.language,
            choices=tuple(choices),
            links=tuple(links),
            cards=tuple(cards),
        )

    def _word(self, value: object) -> object:
        if isinstance(value, Spoken):
            return value.words(self.language)
        return value(self.language) if callable(value) else value


def bound(values: Mapping[str, object]) -> dict[str, JSON]:
    """The values as ids: what a confirmation confirms, whatever the language."""
    ids: dict[str, JSON] = {}
    for name, value in values.items():
        if isinstance(value, Spoken):
            ids[name] = value.value
        elif not callable(value):
            ids[name] = value
    return ids
