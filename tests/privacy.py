"""Nothing that a test says, and nobody it says it as, is in what the program writes while the test runs.

The whole of each test's output is looked through, that of the servers it starts included. Logs are written as in
production: a line that holds an address or a text there holds it here, and fails the test that wrote it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator

import pytest

from bot import logs
from bot.messages import Incoming

SHORTEST = 9
"""Characters of a text that is looked for: shorter ones are words that a log line may have for other reasons."""
_NUMBER = re.compile(r"\+?\d{7,}")
_used: set[str] = set()
_original = Incoming.__init__


def _noted(self: Incoming, *values: object, **named: object) -> None:
    """Every message of the run passes here, whichever channel or test made it."""
    _original(self, *values, **named)  # type: ignore[arg-type]
    if len(self.text.strip()) >= SHORTEST:
        _used.add(self.text.strip())
    if _NUMBER.fullmatch(self.address.key):
        _used.add(self.address.key)


Incoming.__init__ = _noted  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def logs_as_in_production() -> Iterator[None]:
    """Logs go where the output of the test is captured, in the form of production."""
    _used.clear()
    with os.fdopen(os.dup(2), "w", encoding="utf-8") as stream:
        logs.configure(form="json", stream=stream)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test whose output holds what it said."""
    report = yield
    if call.when != "teardown" or report.failed:
        return report
    # What pytest itself takes of the logs has not been through the program's form of them.
    written = "\n".join(text for name, text in report.sections if "log" not in name)
    found = [text for text in _used if text in written or text.encode("unicode_escape").decode() in written]
    if found:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: its output holds {found[0]!r}\n{_around(written, found[0])}"
    return report


def _around(written: str, text: str) -> str:
    return "\n".join(line[:400] for line in written.splitlines() if text in line)[:2000]
