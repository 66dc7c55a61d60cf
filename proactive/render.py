"""A template filled with its values, as a reply for every channel; and several as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from bot import messages
from bot.markdown import escape
from bot.messages import JSON, Reply
from proactive.placeholder import fault
from proactive.template import ByLanguage, Choice, Template
from proactive.written import written

DIGEST_MOST = 10
"""So many nudges may go out as one message."""

Payload = Callable[[Choice], str]
"""What a choice's button carries."""


class Unfit(ValueError):
    """The values do not fill the template: the message has their names, never the values."""


class Texts(Protocol):
    """The city's sentences."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key."""


def names(text: str) -> frozenset[str]:
    """The names of a text's places, ``{name}``. Raises ``ValueError`` for anything else in braces, or a lone brace."""
    found = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is not None and (not name.isidentifier() or spec or conversion):
            raise ValueError(name)
        found.add(name)
    return frozenset(name for name in found if name is not None)


def render(
    template: Template, values: Mapping[str, JSON], *, language: str, channel: str, zone: ZoneInfo, payload: Payload
) -> Reply:
    """The message in a language (the template's first one, where it is not in it). Raises ``Unfit``."""
    said = template.variants.get(channel, template.text)
    code = language if language in said else next(iter(said))
    words = worded(template, values, code, zone)
    choices = (messages.Choice(_in(choice.label, code), payload(choice)) for choice in template.choices)
    return Reply(
        text=fill(_in(said, code), {name: _marked(template, name, word) for name, word in words.items()}),
        language=code,
        short=None if template.short is None else fill(_in(template.short, code), words),
        choices=tuple(choices),
    )


def title(template: Template, values: Mapping[str, JSON], *, language: str, zone: ZoneInfo) -> str:
    """Its one line for lists, plain. Raises ``Unfit``."""
    return line(template, template.title, values, language=language, zone=zone)


def line(template: Template, said: ByLanguage, values: Mapping[str, JSON], *, language: str, zone: ZoneInfo) -> str:
    """One of a template's other sentences, such as a choice's ``confirm``, plain. Raises ``Unfit``."""
    code = language if language in said else next(iter(said))
    return fill(said[code], worded(template, values, code, zone))


class Part(NamedTuple):
    """One nudge of a digest."""

    title: str
    reply: Reply


def digest(parts: Sequence[Part], *, language: str, texts: Texts) -> Reply:
    """Several nudges without choices as one message, at most ``DIGEST_MOST``."""
    lead = texts("digest.lead", language, count=len(parts))
    long = (f"**{escape(part.title)}**\n{part.reply.text}" for part in parts)
    short = (f"- {part.reply.short or f'{part.title}: {part.reply.text}'}" for part in parts)
    links = tuple(link for part in parts for link in part.reply.links)
    return Reply(text="\n\n".join((lead, *long)), short="\n".join((lead, *short)), language=language, links=links)


def fill(text: str, words: Mapping[str, str]) -> str:
    """A text with its places filled; nothing that stands in a word is read as a place."""
    return text.format_map(words)


def worded(template: Template, values: Mapping[str, JSON], language: str, zone: ZoneInfo) -> dict[str, str]:
    """The values as they are written in a language, by name. Raises ``Unfit``."""
    found = {}
    for name, placeholder in template.values.items():
        value = values.get(name)
        if fault(placeholder, value, tuple(value) if isinstance(value, Mapping) else ()) is not None:
            raise Unfit(f"{name} is missing, or is no {placeholder.kind}")
        found[name] = written(placeholder.kind, value, language=language, zone=zone)
    return found


def _in(said: ByLanguage, language: str) -> str:
    return said.get(language) or next(iter(said.values()))


def _marked(template: Template, name: str, word: str) -> str:
    """A word for a text in Markdown; an address stays as it is, to be recognised."""
    return word if template.values[name].kind == "link" else escape(word)
