"""What the API takes and gives, as its OpenAPI document shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, FiniteFloat, StringConstraints, Tag

from proactive.nudge import Event, Nudge
from proactive.template import Template
from proactive.wanted import Ending, ToAddress, ToPerson, ToPhone, Wanted

ROWS = 10_000
Status = Literal[
    "created",
    "held",
    "sending",
    "sent",
    "delivered",
    "permanent-failure",
    "temporary-failure",
    "technical-failure",
    "cancelled",
    "expired",
]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$")]
ByLanguage = dict[str, str]
Text = Annotated[str, StringConstraints(max_length=2000)]


def _kind(value: Any) -> str | None:
    if isinstance(value, str):
        return "@text"
    if isinstance(value, Mapping):
        return "@by_language"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return "@integer" if isinstance(value, int) else "@number"


Value = Annotated[
    Annotated[Text, Tag("@text")]
    | Annotated[int, Field(ge=-(10**15), le=10**15), Tag("@integer")]
    | Annotated[FiniteFloat, Tag("@number")]
    | Annotated[dict[str, Text], Tag("@by_language")],
    Discriminator(_kind, custom_error_type="value", custom_error_message="Give a text, a number, or texts by language"),
]


class Taken(BaseModel):
    """What is sent to us: nothing that is not described, and no type for another."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Given(BaseModel):
    """What is sent by us."""

    model_config = ConfigDict(frozen=True)


class Person(Taken):
    """Somebody by their id here: written to on the channels that suit them."""

    person: UUID

    def to(self) -> ToPerson:
        """The recipient."""
        return ToPerson(self.person)


class Phone(Taken):
    """Whoever has a mobile number, by text message. Written as people write it; Finnish without a country code."""

    phone: Annotated[str, StringConstraints(min_length=3, max_length=40), Field(examples=["+358401234567"])]

    def to(self) -> ToPhone:
        """The recipient."""
        return ToPhone(self.phone)


class Place(Taken):
    """A channel's name and the channel's own key of a conversation."""

    channel: Name
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Address(Taken):
    """A conversation that there is."""

    address: Place

    def to(self) -> ToAddress:
        """The recipient."""
        return ToAddress(self.address.channel, self.address.key)


def _which(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return next((f"@{name}" for name in ("person", "phone", "address") if hasattr(value, name)), None)
    named = [f"@{name}" for name in ("person", "phone", "address") if name in value]
    return named[0] if len(named) == 1 else None


Recipient = Annotated[
    Annotated[Person, Tag("@person")] | Annotated[Phone, Tag("@phone")] | Annotated[Address, Tag("@address")],
    Discriminator(_which, custom_error_type="recipient", custom_error_message="Give one of person, phone and address"),
]


class NewNudge(Taken):
    """One message that the city writes first, from a template."""

    template: Annotated[Name, Field(examples=["appointment_reminder"])]
    version: Annotated[int, Field(ge=1, le=2**31 - 1, description="The newest where it is left out.")] | None = None
    to: Recipient
    values: Annotated[
        dict[Name, Value],
        Field(
            max_length=50,
            description="By placeholder of the template; dates as ISO 8601.",
            json_schema_extra={"additionalProperties": False},
        ),
    ] = {}
    language: Annotated[Name | None, Field(description="That of the conversation where it is left out.")] = None
    channels: Annotated[
        list[Name] | None,
        Field(max_length=10, description="For a person alone: in this order, instead of the person's own."),
    ] = None
    due_at: Annotated[AwareDatetime | None, Field(description="Now where it is left out.")] = None
    expires_at: Annotated[AwareDatetime | None, Field(description="As the template says where it is left out.")] = None
    dedupe_key: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=200)] | None,
        Field(description="Your own name of it: the same one makes no second message, however often it is sent."),
    ] = None
    ends_as: Annotated[Ending | None, Field(description="For test keys alone: how it is to end.")] = None

    def wanted(self) -> Wanted:
        """As the store takes it."""
        return Wanted(
            template=self.template,
            version=self.version,
            to=self.to.to(),
            values=self.values,
            language=self.language,
            channels=self.channels,
            due_at=self.due_at,
            expires_at=self.expires_at,
            dedupe=self.dedupe_key,
            ends_as=self.ends_as,
        )


class Fault(Given):
    """What is wrong with one field, and what to do."""

    code: str
    field: str
    message: str


class Made(Given):
    """A message that there is; a ``duplicate`` was there before."""

    id: UUID
    status: Status
    duplicate: bool


class MadeRow(Made):
    """One that was taken, by its place in the batch from 0."""

    index: int


class RefusedRow(Given):
    """One that was not taken, by its place in the batch from 0, and the first thing that is wrong with it."""

    index: int
    error: Fault


class BatchMade(Given):
    """What became of a batch, row by row: those that are right are taken, whatever is wrong with others."""

    created: int
    duplicates: int
    refused: int
    nudges: list[MadeRow | RefusedRow]


class EventGiven(Given):
    """A change of status. ``until`` is when it is looked at again; ``skipped`` are channels passed over, and why."""

    at: datetime
    status: Status
    reason: str | None
    channel: str | None
    until: datetime | None
    skipped: list[tuple[str, str]]

    @classmethod
    def of(cls, event: Event) -> EventGiven:
        """As it is shown."""
        return cls.model_validate(event, from_attributes=True)


class NudgeGiven(Given):
    """A message as it stands. ``reason`` says why it is held or has ended, with its ``explanation`` by language."""

    id: UUID
    template: str
    version: int
    purpose: str
    urgency: Literal["routine", "timely", "urgent"]
    language: str | None
    channels: list[str] | None
    status: Status
    reason: str | None
    explanation: ByLanguage | None
    channel: Annotated[str | None, Field(description="That it went out on.")]
    answer: Annotated[str | None, Field(description="The id of the choice that the citizen took.")]
    answered_at: datetime | None
    created_at: datetime
    scheduled_at: datetime
    due_at: Annotated[datetime, Field(description="When it is looked at next, while it waits.")]
    expires_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, nudge: Nudge, explanation: ByLanguage | None) -> NudgeGiven:
        """As it is shown."""
        fields = {name: getattr(nudge, name) for name in cls.model_fields if name != "explanation"}
        return cls(**fields, explanation=explanation)


class NudgeWithEvents(NudgeGiven):
    """A message with its history, the first change first."""

    events: list[EventGiven]


class Page(Given):
    """Some messages, the newest first; ``next`` is the cursor of those that follow."""

    nudges: list[NudgeGiven]
    next: str | None


class PlaceholderGiven(Given):
    """A value that a template is filled with."""

    kind: str
    example: Any
    max: int
    hosts: list[str]


class TemplateGiven(Given):
    """A template in its newest version."""

    id: str
    version: int
    purpose: str
    urgency: str
    title: ByLanguage
    text: ByLanguage
    values: dict[str, PlaceholderGiven]
    choices: list[str]
    expires_after_seconds: int

    @classmethod
    def of(cls, template: Template) -> TemplateGiven:
        """As it is shown."""
        return cls(
            id=template.id,
            version=template.version,
            purpose=template.purpose,
            urgency=template.urgency,
            title=dict(template.title),
            text=dict(template.text),
            values={
                name: PlaceholderGiven(kind=one.kind, example=one.example, max=one.max, hosts=list(one.hosts))
                for name, one in template.values.items()
            },
            choices=[choice.id for choice in template.choices],
            expires_after_seconds=int(template.expires_after.total_seconds()),
        )


class TemplatesGiven(Given):
    """All templates."""

    templates: list[TemplateGiven]


class Problem(Given):
    """Why a request was not done (RFC 9457). ``detail`` says what to do; ``errors`` names the fields."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = []
