"""What one field of ``purposes.yaml`` cannot show by itself: names that lead nowhere, a text without its version."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from mydata.purposes import Purpose, Purposes

Finding = tuple[tuple[str, ...], str, str]
"""The path of keys to the place, what is wrong, and what to do about it."""


def findings(purposes: Purposes, languages: Sequence[str], channels: Collection[str]) -> Iterator[Finding]:
    """Every fault of a file whose fields are right one by one."""
    if purposes.purposes and (purposes.organisation is None or purposes.authority is None):
        yield (), "has no “organisation” or no “authority”", "Say whose purposes they are, and where one can complain"
    yield from _untranslated((), purposes.model_dump(mode="json"), languages)
    yield from _same_words(purposes)
    for name, recipient in purposes.recipients.items():
        yield from _unknown(("recipients", name, "channels"), recipient.channels, channels, "channel")
    for name, purpose in purposes.purposes.items():
        here = ("purposes", name)
        yield from _unknown((*here, "controller"), (purpose.controller,), purposes.controllers, "controller")
        yield from _unknown((*here, "data"), purpose.data, purposes.data, "kind of data")
        yield from _unknown((*here, "recipients"), purpose.recipients, purposes.recipients, "recipient")
        yield from _unknown((*here, "channels"), purpose.channels, channels, "channel")
        yield from _consent(here, purpose, special=[n for n in purpose.data if n in _special(purposes)])
        yield from _versions(here, purpose)


def _special(purposes: Purposes) -> set[str]:
    return {name for name, data in purposes.data.items() if data.special}


def _unknown(where: tuple[str, ...], names: Sequence[str], known: Collection[str], kind: str) -> Iterator[Finding]:
    for name in names:
        if name not in known:
            yield where, f"there is no {kind} “{name}”", f"Take one of {', '.join(sorted(known))}"


def _consent(here: tuple[str, ...], purpose: Purpose, *, special: Sequence[str]) -> Iterator[Finding]:
    if purpose.basis == "consent":
        if special and not purpose.explicit:
            message = f"uses {', '.join(special)}, which Article 9 of the GDPR protects, without explicit consent"
            yield here, message, "Ask so that the answer is a statement of its own, and write “explicit: true”"
        if purpose.valid_months is None:
            yield here, "has no “valid_months”", "Say after how many months consent is asked for again"
    elif purpose.explicit:
        yield (*here, "explicit"), f"is explicit consent, but its basis is {purpose.basis}", "Take one of the two out"
    if purpose.refusable and not purpose.withdraw:
        yield (*here, "withdraw"), "has no words to end it by", "Write some, in each language"


def _versions(here: tuple[str, ...], purpose: Purpose) -> Iterator[Finding]:
    where, mark = (*here, "versions"), purpose.mark()
    for number in purpose.versions:
        if not number.isdecimal() or number.startswith("0"):
            yield where, f"“{number}” is no number of a version", "Count them: 1, 2, 3 …"
    wanted = list(map(str, range(1, len(purpose.versions) + 1)))
    if list(purpose.versions) != wanted and all(number.isdecimal() for number in purpose.versions):
        yield where, "are not counted from 1 without a gap", f"Count them {', '.join(wanted)}, the newest last"
    elif purpose.versions.get(str(purpose.version)) != mark:
        now = f"the text has changed since version {purpose.version}" if purpose.version else "no version is noted"
        remedy = (
            f'Add {purpose.version + 1}: "{mark}" to its versions (who had agreed is asked again), or undo the change'
        )
        yield where, now, remedy


def _untranslated(where: tuple[str, ...], value: Any, languages: Sequence[str]) -> Iterator[Finding]:
    """A mapping that has one of the city's languages for a key must have them all."""
    if not isinstance(value, Mapping):
        return
    if set(value) & set(languages):
        for language in languages:
            if not value.get(language):
                yield where, f"has no “{language}”", f"Write it in “{language}” too"
    else:
        for name, part in value.items():
            yield from _untranslated((*where, str(name)), part, languages)


def _same_words(purposes: Purposes) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name, purpose in purposes.purposes.items():
        for language, phrases in purpose.withdraw.items():
            for phrase in phrases:
                other = first.setdefault(" ".join(phrase.casefold().split()), name)
                if other != name:
                    where = ("purposes", name, "withdraw", language)
                    yield where, f"“{phrase}” ends {other} already", "Take other words for one of the two"
