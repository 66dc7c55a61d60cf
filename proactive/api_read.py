"""A request's body and query, read once into values; what is wrong is told by field."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from proactive.api_models import ROWS, Name, NewNudge, Status, Taken
from proactive.wanted import Fault

LONGEST = 200
"""Characters of a fault's path and words: a path may hold a name of the sender's."""


class Unreadable(Exception):
    """The request is not what it should be; ``faults`` say where."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


def _row(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """A row of a batch: what is wrong with it is its own affair."""
    try:
        return handler(value)
    except ValidationError as error:
        return faults_of(error)[0]


class Batch(Taken):
    """Many messages at once, each on its own: what is wrong with one does not stop the others."""

    nudges: Annotated[list[Annotated[NewNudge, WrapValidator(_row)]], Field(min_length=1, max_length=ROWS)]


def _form(value: Any) -> str:
    return "@batch" if isinstance(value, dict) and "nudges" in value else "@one"


Body = Annotated[Annotated[NewNudge, Tag("@one")] | Annotated[Batch, Tag("@batch")], Discriminator(_form)]
BODY: TypeAdapter[NewNudge | Batch] = TypeAdapter(Body)


class Query(BaseModel):
    """Which messages are listed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Status | None = None
    template: Name | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[str | None, Field(max_length=200, description="``next`` of the page before.")] = None


def read_body(data: bytes) -> NewNudge | Sequence[NewNudge | Fault]:
    """One message, or the rows of a batch. Raises ``Unreadable``."""
    try:
        body = BODY.validate_json(data)
    except ValidationError as error:
        raise Unreadable(faults_of(error)) from None
    return body if isinstance(body, NewNudge) else body.nudges


def read_name(header: str | None) -> str | None:
    """The sender's own name of a request. Raises ``Unreadable``."""
    if header is not None and not (0 < len(header) <= LONGEST and all("!" <= sign <= "~" for sign in header)):
        message = "Give 1 to 200 characters of ASCII without spaces."
        raise Unreadable([Fault(code="idempotency_key", field="Idempotency-Key", message=message)])
    return header


def read_query(query: Sequence[tuple[str, str]]) -> Query:
    """The query of a list. Raises ``Unreadable``."""
    names = [name for name, _ in query]
    if len(set(names)) < len(names):
        raise Unreadable([Fault(code="query", field="query", message="Give each parameter once.")])
    try:
        return Query.model_validate(dict(query))
    except ValidationError as error:
        raise Unreadable(faults_of(error)) from None


def cursor_of(at: datetime, nudge_id: UUID) -> str:
    """What stands for the last one of a page."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {nudge_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """The time and id of the last one of a page. Raises ``Unreadable``."""
    try:
        said = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
        at, _, nudge_id = said.partition(" ")
        found = datetime.fromisoformat(at), UUID(nudge_id)
    except (ValueError, binascii.Error):
        found = None
    if found is None or cursor_of(*found) != cursor:
        raise Unreadable([Fault(code="cursor", field="cursor", message="Give the next of a page as it is.")])
    return found


def faults_of(error: ValidationError) -> list[Fault]:
    """What is wrong, by field, without what was sent."""
    return [
        Fault(code=fault["type"], field=_path(fault["loc"]), message=f"{fault['msg']}."[:LONGEST])
        for fault in error.errors(include_url=False, include_context=False, include_input=False)[:20]
    ]


def _path(loc: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in loc if not str(part).startswith("@"))[:LONGEST] or "body"
