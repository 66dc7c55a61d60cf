"""What is wrong with a template's choices: words that mean something else, answers that lead nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from proactive.around import Around, Finding, Purpose
from proactive.lint_texts import untranslated
from proactive.template import Choice, Template

MOST = 9
"""Choices of one template: where they are numbered, one digit answers."""
_OURS = frozenset(("cancel", "cancel_which"))
"""Commands of an open dialog, which mean the nudge where none is open."""
_ALARMING = frozenset(("help", "human"))
"""Commands that an alarm does more than."""


def choice_findings(template: Template, around: Around, purpose: Purpose | None) -> Iterator[Finding]:
    """Every fault of the choices."""
    if len(template.choices) > MOST:
        yield ("choices",), f"are {len(template.choices)}", f"Take at most {MOST}"
    if template.digest and template.choices:
        yield ("digest",), "is of a template with choices, which need a message of their own", "Take one of the two out"
    yield from _twice(template)
    for number, choice in enumerate(template.choices):
        for where, message, remedy in _choice(template, choice, around):
            yield ("choices", number, *where), message, remedy
        for where, message, remedy in _meanings(choice, around, () if purpose is None else purpose.channels):
            yield ("choices", number, *where), message, remedy


def _choice(template: Template, choice: Choice, around: Around) -> Iterator[Finding]:
    for language in choice.words.keys() - set(around.languages):
        yield ("words", language), f"“{language}” is no language of the city", "Take it out"
    if choice.words:
        yield from untranslated(("words",), choice.words, around.languages)
    if choice.opens is None:
        if choice.thanks is None:
            yield (), "opens no dialog, and has no “thanks” to say", "Write what is said after it"
        if choice.entities:
            yield ("entities",), "are for a dialog, but it opens none", "Say which one under “opens”, or take them out"
        return
    if choice.opens not in around.dialogs:
        yield ("opens",), f"there is no dialog “{choice.opens}”", f"Take one of {', '.join(sorted(around.dialogs))}"
    if choice.confirm is not None or choice.thanks is not None:
        yield (), "opens a dialog, which asks and thanks by itself", "Take “confirm” and “thanks” out"
    for kind, name in choice.entities.items():
        if name not in template.values:
            yield ("entities", kind), f"there is no value “{name}”", "Name one of the template's values"


def _twice(template: Template) -> Iterator[Finding]:
    """Ids, and labels and words in one language, that two choices share."""
    ids = Counter(choice.id for choice in template.choices)
    first: dict[tuple[str, str], int] = {}
    for number, choice in enumerate(template.choices):
        if ids[choice.id] > 1:
            yield ("choices", number, "id"), f"“{choice.id}” is the id of two choices", "Give each its own"
        for field, language, word in _said(choice):
            if first.setdefault((language, word.casefold()), number) != number:
                yield ("choices", number, field, language), f"“{word}” is another choice's too", "Take other words"


def _said(choice: Choice) -> Iterator[tuple[str, str, str]]:
    for language, label in choice.label.items():
        yield "label", language, label
    for language, words in choice.words.items():
        for word in words:
            yield "words", language, word


def _meanings(choice: Choice, around: Around, channels: Sequence[str]) -> Iterator[Finding]:
    """What a choice is answered by must mean nothing else on any channel that it may go out on."""
    for field, language, word in _said(choice):
        if word.isdecimal():
            yield (field, language), f"“{word}” is the number of a choice", "Take a word: numbers work by themselves"
        for channel in channels:
            command = around.command(word, channel)
            if command is not None and command not in (_OURS | _ALARMING if choice.alarm else _OURS):
                message = f"“{word}” is the command {command} on {channel}"
                yield (field, language), message, "Take another word: the command would be obeyed"
                break
