"""Thousands of requests that are not Twilio's: none is kept, none breaks anything, none leaves a trace of its words."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.logs import configure
from tests.contract.twilio_stand import CITIZEN, PUBLIC, message, signature, signed, status
from tests.unit.sms.rig import Rig

SECRET_WORD = "Salaisuus"
ON_ONE_SERVER = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
PATHS = ["/sms/twilio", "/sms/twilio/status"]

line = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=60)
methods = st.one_of(st.just("POST"), st.just("POST"), st.sampled_from(["GET", "PUT", "HEAD", "OPTIONS", "TRACE", "P"]))
kinds = st.one_of(
    st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=UTF-8",
            "application/x-www-form-urlencoded; charset=utf-7",
            "application/x-www-form-urlencoded; charset=no-such-thing",
            "APPLICATION/X-WWW-FORM-URLENCODED;;;=",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "text/plain",
            "",
        ]
    ),
    line,
)
encodings = st.one_of(st.just(""), st.sampled_from(["gzip", "deflate", "br", "zstd", "identity", "x"]), line)
algorithms = st.one_of(
    st.just(""), st.sampled_from(["algorithm=NONE", "algorithm=HMAC_SHA256", "key=,algorithm=", "=,=,"]), line
)
words = st.one_of(st.just(SECRET_WORD), st.text(max_size=30))
bodies = st.one_of(
    st.binary(max_size=300),
    st.lists(st.tuples(words, words), max_size=8).map(lambda pairs: urlencode(pairs, errors="replace").encode()),
    words.map(lambda text: urlencode(message(1, text), errors="replace").encode()),
    words.map(lambda text: urlencode(status("SM" + "0" * 32, text), errors="replace").encode()),
)
signatures = st.one_of(
    st.just(""),
    line,
    st.just(signature(PUBLIC + "/sms/twilio", message(2, "another message"))),
    st.just(signature(PUBLIC + "/sms/twilio", message(1, SECRET_WORD), "another secret")),
)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the house's own logging writes, libraries' lines with it."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers[:], root.level)
    configure(level="debug", form="json", stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        logging.captureWarnings(False)


async def asked(rig: Rig, request: bytes) -> int:
    """The status of the answer to these bytes; 0 when we hung up."""
    host, port = rig.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        first = await asyncio.wait_for(reader.readline(), 10)
    except ConnectionError:
        return 0
    finally:
        writer.close()
    return int(first.split()[1]) if first else 0


def wired(method: str, path: str, body: bytes, headers: dict[str, str], *, chunked: bool) -> bytes:
    head = [f"{method} {path} HTTP/1.1", "Host: neuvo.example.test", "Connection: close"]
    head.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}")
    head += [f"{name}: {value}" for name, value in headers.items() if value]
    whole = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked and body else body or (b"0\r\n\r\n" * chunked)
    return "\r\n".join([*head, "", ""]).encode("latin-1") + whole


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=1000, deadline=None, suppress_health_check=ON_ONE_SERVER)
@given(methods, bodies, kinds, encodings, algorithms, signatures, st.booleans(), st.sampled_from(["", "?", "?a=%ff"]))
async def test_forged_and_malformed_requests(
    rig: Rig,
    path: str,
    method: str,
    body: bytes,
    kind: str,
    encoding: str,
    algorithm: str,
    signed_as: str,
    chunked: bool,
    query: str,
) -> None:
    headers = {
        "Content-Type": kind,
        "Content-Encoding": encoding,
        "X-Twilio-Signature": signed_as,
        "X-Twilio-Webhooks-Signature-Settings": algorithm,
    }
    with logged() as stream:
        found = await asked(rig, wired(method, path + query, body, headers, chunked=chunked))
    assert found == 0 or 400 <= found < 500, found
    assert rig.received.events == []
    assert SECRET_WORD not in stream.getvalue()
    assert CITIZEN[1:] not in stream.getvalue()


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=300, deadline=None, suppress_health_check=ON_ONE_SERVER)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.sampled_from([name for name, _ in message(1, "")] + ["MessageStatus", "ErrorCode"]), words),
            words,
        ),
        max_size=6,
    )
)
async def test_genuine_signatures_over_nonsense(rig: Rig, path: str, pairs: list[tuple[str, str]]) -> None:
    usual = dict(message(1, "moi") if path == PATHS[0] else status("SM" + "0" * 32, "sent"))
    chosen = [
        (name.encode(errors="replace").decode(), value.encode(errors="replace").decode()) for name, value in pairs
    ]
    with logged() as stream:
        found = await rig.post(signed(path, [*chosen, *usual.items()]))
        await rig.post(signed(path, chosen))
    assert found in (200, 400)
    assert SECRET_WORD not in stream.getvalue()
