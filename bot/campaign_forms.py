"""What is the same for all in a campaign, as fields of a form and back; and messages as pages draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.city import City
from bot.messages import JSON
from channels.telegram.markup import read
from proactive.audience_cells import CellFault, checked, value
from proactive.campaign_views import Shown
from proactive.placeholder import Placeholder
from proactive.render import fill
from proactive.template import Template

Row = Mapping[str, Any]
BY_LANGUAGE = ("text", "link")
"""Kinds of values that may be another one in each language."""


def heading(template: Template, language: str) -> str:
    """The name of a template for staff: its title, without what each message fills in."""
    return fill(template.title[language], dict.fromkeys(template.values, "…"))


def fields(template: Template, values: Mapping[str, JSON], languages: Sequence[str]) -> list[Row]:
    """Fields of a form: ``name`` and ``kind`` of the placeholder, and its ``inputs`` with what is written there."""
    return [
        {
            "name": name,
            "kind": placeholder.kind,
            "example": _example(placeholder, languages[0]),
            "inputs": [
                {
                    "field": _field(name, language),
                    "language": language,
                    "value": _written(values.get(name), language),
                    "longest": placeholder.max if placeholder.kind == "text" else 300,
                }
                for language in (languages if placeholder.kind in BY_LANGUAGE else (None,))
            ],
        }
        for name, placeholder in template.values.items()
    ]


def parsed(template: Template, form: Row, city: City) -> tuple[dict[str, JSON], dict[str, str]]:
    """The values of a form, and what is wrong, by field: nothing need be filled in, but then in no language."""
    values: dict[str, JSON] = {}
    wrong: dict[str, str] = {}
    for name, placeholder in template.values.items():
        languages = tuple(city.languages) if placeholder.kind in BY_LANGUAGE else (None,)
        said = {language: str(form.get(_field(name, language), "")).strip() for language in languages}
        if not any(said.values()):
            continue
        found: dict[str | None, JSON] = {}
        for language, cell in said.items():
            try:
                found[language] = value(checked(cell), placeholder, city.languages, city.zone)
            except CellFault as error:
                wrong[_field(name, language)] = error.code
        values[name] = found[None] if None in found else dict(found)
    return values, wrong


def drawn(shown: Shown) -> Row:
    """A message as a page draws it: runs of text, bold or with an address, its choices, and its cost in parts."""
    return {
        "channel": shown.channel,
        "language": shown.language,
        "runs": [{"text": run.text, "bold": run.bold, "url": run.url} for run in read(shown.reply.text)],
        "choices": [choice.label for choice in shown.reply.choices if not choice.aside],
        "bodies": list(shown.bodies),
        "parts": shown.parts,
    }


def _field(name: str, language: str | None) -> str:
    return f"value-{name}" if language is None else f"value-{name}-{language}"


def _written(found: JSON, language: str | None) -> str:
    if isinstance(found, Mapping):
        found = found.get(language or "")
    return "" if found is None else str(found)


def _example(placeholder: Placeholder, language: str) -> str:
    example = placeholder.example
    return str(example.get(language, "")) if isinstance(example, Mapping) else str(example)
