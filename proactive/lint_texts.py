"""What is wrong with a template's sentences: a language or a place that is missing, a text message that is dear."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.gsm import count, foreign
from proactive.around import Around, Finding, Purpose, Where
from proactive.render import fill, names, render, worded
from proactive.template import ByLanguage, Template, check_values

MOST_PARTS = 2
"""Parts that one text message may take."""


def text_findings(template: Template, around: Around, purpose: Purpose | None) -> Iterator[Finding]:
    """Every fault of the sentences."""
    said = dict(_sentences(template))
    for where, by_language in said.items():
        yield from untranslated(where, by_language, around.languages)
    faults = [*_places(template, said)]
    yield from faults
    if faults or check_values(template, template.examples, around.languages):
        return
    yield from _full_stops(template, said)
    if purpose is None or any(language not in template.text for language in around.languages):
        return
    if "sms" in purpose.channels:
        yield from _text_message(template, around)
    yield from _ending(template, purpose, around.languages)


def untranslated(where: Where, said: Mapping[str, object], languages: Sequence[str]) -> Iterator[Finding]:
    """The languages that a mapping by language lacks, and those that the city does not speak."""
    for language in languages:
        if not said.get(language):
            yield where, f"has no “{language}”", f"Write it in “{language}” too"
    for language in said.keys() - set(languages):
        yield (*where, language), f"“{language}” is no language of the city", "Take it out"


def _sentences(template: Template) -> Iterator[tuple[Where, ByLanguage]]:
    """What is said, by its place in the file."""
    yield ("title",), template.title
    yield ("text",), template.text
    if template.short is not None:
        yield ("short",), template.short
    for channel, variant in template.variants.items():
        yield ("variants", channel), variant
    for number, choice in enumerate(template.choices):
        for name in ("label", "confirm", "thanks"):
            if (sentence := getattr(choice, name)) is not None:
                yield ("choices", number, name), sentence


def _places(template: Template, said: Mapping[Where, ByLanguage]) -> Iterator[Finding]:
    """Every place has a value, and the same places are in every language and on every channel."""
    found: dict[Where, frozenset[str]] = {}
    for where, by_language in said.items():
        for language, text in by_language.items():
            try:
                found[*where, language] = names(text)
            except ValueError:
                remedy = "A place is a name in braces, {name}; a brace that is meant is written twice"
                yield (*where, language), "has braces that are no place", remedy
    for where, places in found.items():
        for name in sorted(places - template.values.keys()):
            yield where, f"there is no value “{name}”", "Describe it under “values”, or take the place out"
        yield from _same(where, places, _compared(where, found))
    used = frozenset().union(*found.values(), *(choice.entities.values() for choice in template.choices))
    for name in sorted(template.values.keys() - used):
        yield ("values", name), "is used nowhere", "Put it into the text, or take the value out"


def _compared(where: Where, found: Mapping[Where, frozenset[str]]) -> frozenset[str]:
    """The places that a sentence should have: those of “text” where it stands for it, else of its first language."""
    whole = ("text",) if where[0] in {"short", "variants"} else where[:-1]
    return next((places for other, places in found.items() if other[:-1] == whole), found[where])


def _same(where: Where, places: frozenset[str], wanted: frozenset[str]) -> Iterator[Finding]:
    for name in sorted(wanted - places):
        yield where, f"lacks {{{name}}}, which the others have", "Put the same places into every language and channel"
    for name in sorted(places - wanted):
        yield where, f"has {{{name}}}, which the others lack", "Put the same places into every language and channel"


def _full_stops(template: Template, said: Mapping[Where, ByLanguage]) -> Iterator[Finding]:
    """A day ends with a full stop in Finnish: none may follow it."""
    for where, by_language in said.items():
        for language, text in by_language.items():
            filled = fill(text, worded(template, template.examples, language, ZoneInfo("UTC")))
            if ".." in filled.replace("*", "").replace("...", ""):
                yield (*where, language), "has two full stops with the examples", "Put words behind the date"


def _text_message(template: Template, around: Around) -> Iterator[Finding]:
    """What one text message costs with the examples, and which characters make it dearer."""
    for language in around.languages:
        where: Where = ("short", language) if template.short is not None else ("text", language)
        own = [choice.label.get(language, "") for choice in template.choices]
        if template.short is not None:
            own.append(template.short.get(language, ""))
        if odd := foreign("".join(own)):
            message = "has characters that make a text message dearer: " + " ".join(map(_shown, odd))
            yield where, message, "Use plain hyphens, straight quotes and letters of the GSM alphabet"
        yield from _parts(template, around, where, language)


def _shown(character: str) -> str:
    return f"{character} (U+{ord(character):04X} {unicodedata.name(character, '')})"


def _parts(template: Template, around: Around, where: Where, language: str) -> Iterator[Finding]:
    reply = render(
        template, template.examples, language=language, channel="sms", zone=ZoneInfo("UTC"), payload=lambda _: ""
    )
    costs = [count(body) for body in around.bodies(reply)]
    parts = sum(cost.parts for cost in costs)
    if parts > MOST_PARTS:
        units = sum(cost.units for cost in costs)
        message = f"takes {parts} parts as a text message with the examples ({units} {costs[0].encoding} units)"
        yield (
            where,
            message,
            f"Cut it to {MOST_PARTS} parts; “text” has room for the rest, “short” is for text messages",
        )


def _ending(template: Template, purpose: Purpose, languages: Sequence[str]) -> Iterator[Finding]:
    """Whoever can end such messages is told how, by words that do."""
    sentences = {"text": template.text} if template.short is None else {"text": template.text, "short": template.short}
    for name, said in sentences.items():
        for language in languages:
            words = purpose.withdraw.get(language, ())
            if words and not any(word.casefold() in said.get(language, "").casefold() for word in words):
                remedy = f"Say that {' or '.join(word.upper() for word in words)} ends them"
                yield (name, language), "does not say how to end such messages", remedy
