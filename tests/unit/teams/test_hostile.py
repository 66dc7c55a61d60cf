"""A thousand forged or malformed requests: no error of ours, nothing handed on, nobody known from the log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from bot import logs
from tests.contract.teams_stand import BOT, CHAT, TEAM, Stand
from tests.unit.teams.server import serving

PRIVATE = ("Maija", "29:maija", "salaisuus", "040 1234567")
REQUESTS = 1_000

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
CHANGED = ("type", "id", "serviceUrl", "channelId", "conversation", "recipient", "from", "text", "value", "entities")
names = st.sampled_from(CHANGED)
claims = st.sampled_from(
    [
        {"signed_by": "other", "kid": "first"},
        {"signed_by": "other"},
        {"algorithm": "none"},
        {"algorithm": "HS256", "kid": "first"},
        {"exp": 1_600_000_000},
        {"aud": "x"},
        {"iss": "https://evil.test"},
        {"serviceurl": "https://evil.test/"},
        {"serviceurl": {"x": 1}},
    ]
)
headers = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60)


@st.composite
def forged(draw: st.DrawFn) -> tuple[Any, Any]:
    """A body of any kind, with a header that nobody of Microsoft's signed."""
    changes = draw(st.dictionaries(names, trees, max_size=4))
    body = draw(st.sampled_from(["whole", "changed", "tree", "bytes"]))
    return {"body": body, "changes": changes, "tree": draw(trees), "bytes": draw(st.binary(max_size=60))}, draw(
        claims | headers | st.none()
    )


@st.composite
def malformed(draw: st.DrawFn) -> Any:
    """A genuine request whose body is none, or an activity that lacks what it must have."""
    broken: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"type": None},
                {"type": 7},
                {"channelId": "x"},
                {"conversation": {"id": ""}},
                {"conversation": {"id": f"{CHAT}|x"}},
                {"recipient": []},
                {"recipient": {}},
                {"id": None},
                {"id": {}},
                {"serviceUrl": ""},
                {"text": []},
                {"entities": 1},
                {"attachments": "x"},
                {"value": "x" * 5_000},
            ]
        )
    )
    return (
        draw(st.binary(max_size=60).filter(lambda data: not data.strip().startswith(b"{")))
        if draw(st.booleans())
        else {**draw(st.dictionaries(st.sampled_from(["replyToId", "name", "x"]), st.text(max_size=9))), **broken}
    )


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    stream = io.StringIO()
    logs.configure(level="debug", form="json", stream=stream)
    yield stream
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def samples(strategy: Any, count: int) -> list[Any]:
    found: list[Any] = []

    @seed(3)
    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


def person(stand: Stand, **changes: Any) -> dict[str, Any]:
    """A message whose every part tells of a person."""
    told = {"text": "salaisuus, 040 1234567", "from": {"id": "29:maija", "name": "Maija"}}
    return stand.activity(**{**told, **changes})


def body_of(stand: Stand, drawn: dict[str, Any]) -> Any:
    match drawn["body"]:
        case "whole":
            return person(stand)
        case "changed":
            return {**person(stand), **drawn["changes"]}
        case "tree":
            return json.dumps(drawn["tree"]).encode()
    return drawn["bytes"]


async def test_a_thousand_hostile_requests(database_url: str, log: io.StringIO) -> None:
    statuses: dict[int, int] = {}
    async with serving(database_url) as server:
        for drawn, caller in samples(forged(), REQUESTS // 2):
            header = f"Bearer {server.stand.token(**caller)}" if isinstance(caller, dict) else caller
            body = body_of(server.stand, drawn)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent = {} if header is None else {"Authorization": header}
            async with server.http.post(server.url, data=io.BytesIO(data), headers=sent) as response:
                status = response.status
            # A claim may be for another service than a broken body names; with none named it is the body that is bad.
            assert status in ((401,) if not isinstance(caller, dict) or "serviceurl" not in caller else (400, 401))
            statuses[status] = statuses.get(status, 0) + 1
        for changes in samples(malformed(), REQUESTS // 2):
            body = changes if isinstance(changes, bytes) else person(server.stand, **changes)
            status, _ = await server.post(body)
            assert status == 400, changes
            statuses[status] = statuses.get(status, 0) + 1
        assert server.neighbour.calls == 0
        assert await server.rows() == 0
        assert server.stand.sent == []
        assert server.stand.key_requests == 1
    assert sum(statuses.values()) >= REQUESTS * 0.9
    written = log.getvalue()
    for part in (*PRIVATE, CHAT, TEAM, BOT, "eyJ"):
        assert part not in written
