"""The city's own tester of GDPR APIs, unmodified, against ours."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.unit.portal.profile import ANNA, AUDIENCE, BERT, BILL, NOBODY, PERSON_ANNA, PERSON_BERT, Held, gdpr_api

TESTER = Path(sys.prefix) / "gdpr-api-tester" / "bin" / "gdpr_api_tester"
ISSUER = "http://127.0.0.1:8888/"
"""Where the tester plays the issuer; its port is not to be chosen."""


class Program:
    """The running program, as somebody types into it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def says(self, command: str = "") -> str:
        """What it prints until it waits for the next command."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if command:
            self._process.stdin.write(f"{command}\n".encode())
        said = await asyncio.wait_for(self._process.stdout.readuntil(b"> "), 30)
        return re.sub(r"\x1b\[[0-9;]*m", "", said.decode())


@pytest.fixture
def alone() -> Iterator[None]:
    """The tester's port is one for the whole machine."""
    with (Path(tempfile.gettempdir()) / "neuvo-gdpr-api-tester.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


@asynccontextmanager
async def running(address: str, folder: Path, kind: str) -> AsyncIterator[Program]:
    if not TESTER.is_file():
        raise FileNotFoundError("no gdpr-api-tester: run `make tester`")
    own = {
        "ISSUER": ISSUER,
        "ISSUER_TYPE": kind,
        "GDPR_API_AUDIENCE": AUDIENCE,
        "GDPR_API_AUTHORIZATION_FIELD": "authorization",
        "GDPR_API_QUERY_SCOPE": "neuvo.gdprquery",
        "GDPR_API_DELETE_SCOPE": "neuvo.gdprdelete",
        "GDPR_API_URL": f"{address}/$user_uuid",
        "USER_UUID": ANNA,
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        TESTER, cwd=folder, env={**os.environ, **own}, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    try:
        found = Program(process)
        assert "OIDC simulator" in await found.says()
        yield found
    finally:
        process.kill()
        await process.communicate()


async def test_the_citys_tester_finds_no_fault(alone: None, tmp_path: Path) -> None:
    held = Held()
    held.obstacles_of[PERSON_BERT] = [BILL]
    async with gdpr_api(ISSUER, held) as address, running(address, tmp_path, "keycloak") as program:
        said = await program.says("query")
        assert "Response status code: 200" in said
        assert "Success." in said
        assert '"value": "of person 1"' in said
        assert "status code: 204" in await program.says("delete dryrun")
        assert held.erased == []
        assert "status code: 204" in await program.says("delete")
        assert held.erased == [PERSON_ANNA]
        assert "There is no personal data related to the profile" in await program.says("query")
        await program.says(f"set USER_UUID={NOBODY}")
        assert "There is no personal data related to the profile" in await program.says("query")
        assert "status code: 204" in await program.says("delete")
        await program.says(f"set USER_UUID={BERT}")
        for command in ("delete dryrun", "delete"):
            said = await program.says(command)
            assert "Deletion denied." in said
            assert "(The errors are in the correct format)" in said
        assert held.erased == [PERSON_ANNA]


async def test_the_citys_tester_is_told_what_its_level_withholds(alone: None, tmp_path: Path) -> None:
    held = Held()
    async with gdpr_api(ISSUER, held) as address, running(address, tmp_path, "keycloak") as program:
        await program.says("set LOA=low")
        said = await program.says("query")
        assert "Success." in said
        assert '"error": "Insufficient authentication level to read data"' in said
        assert "of person" not in said
        said = await program.says("delete")
        assert "Deletion denied." in said
        assert "(The errors are in the correct format)" in said


@pytest.mark.parametrize("wrong", ["GDPR_API_AUDIENCE=another", "GDPR_API_QUERY_SCOPE=gdprdelete"])
async def test_the_citys_tester_is_refused_with_a_token_that_is_not_for_this(
    alone: None, tmp_path: Path, wrong: str
) -> None:
    held = Held()
    async with gdpr_api(ISSUER, held) as address, running(address, tmp_path, "keycloak") as program:
        await program.says(f"set {wrong}")
        assert "Credentials in the request were missing or were invalid." in await program.says("query")
        assert held.read == []
