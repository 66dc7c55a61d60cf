"""Prism with Twilio's own description of its API: a request of ours that breaks the description is rejected."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from bot.messages import Address, Card, Choice, Link, Reply
from channels.kind import SetUpFailed
from channels.sms.calls import Calls, basic_auth
from channels.sms.kind import KIND
from channels.sms.making import account_of
from channels.sms.twilio import client
from tests.contract.twilio_stand import ACCOUNT, CITIZEN, PUBLIC, SERVICE, TOKEN
from tests.unit.sms.rig import house, settings

CLI = Path("node_modules/@stoplight/prism-cli/dist/index.js")
DESCRIPTIONS = Path("node_modules/@twilio/cli-core/src/services/twilio-api")
GUARD = Path(__file__).with_name("stay_home.cjs")
OURS = ("/2010-04-01/Accounts/{AccountSid}/Messages", "/v1/Services/{Sid}", "/v1/Services/{ServiceSid}/PhoneNumbers")
"""How the paths begin that we call; the whole description would take Prism long to read."""
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
EXAMPLE = "SM" + "a" * 32
"""The id of the message in the description's examples, with which Prism answers."""
HERE = Address("sms", CITIZEN)
FORM = {
    "To": CITIZEN,
    "Body": "Hei!",
    "MessagingServiceSid": SERVICE,
    "StatusCallback": f"{PUBLIC}/sms/twilio/status",
}


@dataclass(frozen=True, slots=True)
class Prism:
    """The running peer: its address, and where it writes what it was asked."""

    url: str
    log: Path

    def requests(self, method: str, path: str) -> int:
        """How many requests it got."""
        return self.log.read_text().count(f"{method} {path} ℹ  info      Request received")


def described(root: Path) -> dict[str, Any]:
    """Twilio's descriptions of the two services that we call, as one."""
    found: dict[str, Any] = {"openapi": "3.0.1", "info": {"title": "Twilio", "version": "1"}, "paths": {}}
    found["components"] = {"schemas": {}, "securitySchemes": {}}
    for name in ("twilio_api_v2010.json", "twilio_messaging_v1.json"):
        one = json.loads((root / DESCRIPTIONS / name).read_text(encoding="utf-8"))
        found["paths"] |= {path: item for path, item in one["paths"].items() if path.startswith(OURS)}
        for kind in ("schemas", "securitySchemes"):
            found["components"][kind] |= one["components"][kind]
    return found


@pytest.fixture(scope="module")
def prism(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    """Prism, which checks requests and answers with the description's examples."""
    root, folder, port = pytestconfig.rootpath, tmp_path_factory.mktemp("prism"), unused_port()
    if not (root / CLI).is_file():
        raise FileNotFoundError("no Prism: run `make node`")
    (folder / "twilio.json").write_text(json.dumps(described(root)), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(  # one process for the whole file, which outlasts the loops of its tests
            [
                *("node", "--require", str(GUARD), str(root / CLI), "mock", "--errors"),
                *("--host", "127.0.0.1", "--port", str(port), str(folder / "twilio.json")),
            ],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "NO_COLOR": "1"},
            stdout=log,
            stderr=log,
        )
    found = Prism(f"http://127.0.0.1:{port}", folder / "log")
    try:
        _wait(child, port, found.log)
        yield found
        assert child.poll() is None, found.log.read_text()
    finally:
        child.kill()
        child.wait()


def _wait(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"Prism does not start: {log.read_text()}")


@asynccontextmanager
async def channel(prism: Prism) -> AsyncIterator[Any]:
    found = KIND.make(settings(twilio_api_url=prism.url), house())
    await found.start()
    try:
        yield found
    finally:
        await found.close()


REPLIES = {
    "plain": Reply(text="Kirjasto on auki klo 8–20. Är du säker?", language="fi"),
    "beyond the alphabet": Reply(text="Hei 👍 Добрый день, %C3%A4 & a=b", language="fi"),
    "choices": Reply(text="Lähetetäänkö?", language="fi", choices=(Choice("Kyllä", "d|1|y"), Choice("Ei", "d|1|n"))),
    "card": Reply(
        text="Lähin kirjasto:",
        language="fi",
        links=(Link("Kaikki", "https://example.fi/kaikki?a=1&b=2"),),
        cards=(Card(title="Kallion kirjasto", lines=("Viides linja 11",), latitude=60.18, longitude=24.95),),
    ),
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
async def test_a_message_is_as_twilio_describes_it(prism: Prism, reply: Reply) -> None:
    async with channel(prism) as sms:
        assert await sms.send(HERE, reply, key="1") == EXAMPLE


async def test_a_long_reply_goes_out_in_messages_that_twilio_takes(prism: Prism) -> None:
    before = prism.requests("post", MESSAGES)
    async with channel(prism) as sms:
        assert await sms.send(HERE, Reply(text="sanaä " * 500, language="fi"), key="1") == EXAMPLE
    assert prism.requests("post", MESSAGES) - before > 1
    asked = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{EXAMPLE}.json"
    assert prism.requests("get", asked) >= 1  # whether the part before has left


async def test_the_set_up_is_as_twilio_describes_it(prism: Prism) -> None:
    assert KIND.connect is not None
    steps = await KIND.connect(settings(twilio_api_url=prism.url), PUBLIC)
    assert [step.done for step in steps] == [True, True, False]
    assert prism.requests("post", f"/v1/Services/{SERVICE}") == 1
    assert prism.requests("get", f"/v1/Services/{SERVICE}/PhoneNumbers") == 1


async def test_a_set_up_that_is_not_as_described_is_told(prism: Prism) -> None:
    assert KIND.connect is not None
    with pytest.raises(SetUpFailed, match="refused the set-up"):
        await KIND.connect(settings(twilio_api_url=prism.url), "no address")


WRONG = {
    "no receiver": {"To": None},
    "a service that is none": {"MessagingServiceSid": "MG1"},
    "an address that is none": {"StatusCallback": "sms/twilio/status"},
    "a misspelt name": {"To": None, "to": CITIZEN},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
async def test_what_is_not_as_described_is_rejected(prism: Prism, change: dict[str, str | None]) -> None:
    """Without this, the cases above could not fail."""
    form = {name: value for name, value in {**FORM, **change}.items() if value is not None}
    async with aiohttp.ClientSession(headers={"Authorization": basic_auth(ACCOUNT, TOKEN)}) as http:
        async with http.post(prism.url + MESSAGES, data=FORM) as response:
            assert response.status == 201
        async with http.post(prism.url + MESSAGES, data=form) as response:
            assert response.status == 422


async def test_a_wrong_request_by_our_client_is_an_error(prism: Prism) -> None:
    calls = Calls()
    messages = client(account_of(settings(twilio_api_url=prism.url)), calls).messages
    try:
        with pytest.raises(Exception, match="422"):
            await messages.create_async(to=CITIZEN, body="Hei!", messaging_service_sid="MG1")
    finally:
        await calls.close()


async def test_without_credentials_nothing_is_taken(prism: Prism) -> None:
    async with aiohttp.ClientSession() as http, http.post(prism.url + MESSAGES, data=FORM) as response:
        assert response.status == 401
