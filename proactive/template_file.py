"""A template as an editor writes it: the shape of ``nudges/<id>.yaml``.

Older versions stay in the file under ``versions``, whole, so that a stored nudge says what it was made to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field

from bot.messages import JSON
from proactive.placeholder import Kind, Placeholder
from proactive.rules import Count, Model, Span, YesNo, fault
from proactive.template import Choice, Ladder, Template, Urgency

_T = TypeVar("_T")
_NAME = r"^[a-z][a-z0-9_]{0,39}$"


def _not_blank(value: str) -> str:
    if not value.strip():
        raise fault("is empty", "Write its text")
    return value.strip()


Text = Annotated[str, AfterValidator(_not_blank)]
Name = Annotated[str, Field(pattern=_NAME)]
ByLanguage = Mapping[str, _T]


class PlaceholderFile(Model):
    """One value and its example."""

    kind: Kind
    example: Any
    max: Annotated[int, Field(ge=1, le=500)] = 100
    hosts: tuple[Text, ...] = ()

    def value(self) -> Placeholder:
        """The placeholder; a date that YAML reads as one is a text again."""
        return Placeholder(kind=self.kind, example=_json(self.example), max=self.max, hosts=self.hosts)


def _json(value: Any) -> JSON:
    if isinstance(value, Mapping):
        return {str(key): _json(part) for key, part in value.items()}
    return value if isinstance(value, str | int | float) else getattr(value, "isoformat", lambda: str(value))()


class ChoiceFile(Model):
    """One answer."""

    id: Name
    label: ByLanguage[Text]
    words: ByLanguage[tuple[Text, ...]] = Field(default_factory=dict)
    opens: Name | None = None
    entities: ByLanguage[Name] = Field(default_factory=dict)
    confirm: ByLanguage[Text] | None = None
    thanks: ByLanguage[Text] | None = None
    alarm: YesNo = False

    def value(self) -> Choice:
        """The choice."""
        return Choice(**dict(self))


class LadderFile(Model):
    """What follows a silence."""

    again: Name
    again_after: Span
    handoff_after: Span
    skill: Name

    def value(self) -> Ladder:
        """The ladder."""
        return Ladder(**dict(self))


class Body(Model):
    """All that may differ from version to version."""

    version: Count
    purpose: Name
    urgency: Urgency
    values: Mapping[Name, PlaceholderFile] = Field(default_factory=dict)
    title: ByLanguage[Text]
    text: ByLanguage[Text]
    short: ByLanguage[Text] | None = None
    variants: Mapping[str, ByLanguage[Text]] = Field(default_factory=dict)
    choices: tuple[ChoiceFile, ...] = ()
    expires_after: Span = timedelta(days=1)
    digest: YesNo = False
    fallback_after: Span | None = None
    ladder: LadderFile | None = None

    def template(self, template_id: str) -> Template:
        """The template of this version."""
        plain = {name: getattr(self, name) for name in Body.model_fields}
        return Template(
            **{
                **plain,
                "id": template_id,
                "values": {name: placeholder.value() for name, placeholder in self.values.items()},
                "choices": tuple(choice.value() for choice in self.choices),
                "ladder": None if self.ladder is None else self.ladder.value(),
            }
        )


class TemplateFile(Body):
    """One file: the newest version, and the older ones that stored nudges may still be of."""

    id: Name
    versions: tuple[Body, ...] = ()

    def templates(self) -> Iterator[Template]:
        """Every version, the newest one first."""
        for body in (self, *self.versions):
            yield body.template(self.id)
