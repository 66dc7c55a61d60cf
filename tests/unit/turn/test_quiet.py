"""No words, no address and no identity code of a person in a log or a metric, whatever goes wrong."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs, metrics
from bot.messages import Effect, Incoming, Outcome, Reply, Turn
from bot.outbox import SendPolicy
from channels.base import Unreachable
from tests.unit.turn.house import answer, house

SECRETS = ("131052-308T", "+358401234567", "salaisuus")
WORDS = " ".join(SECRETS)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(level="debug", form="json", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


class Desk:
    async def submit(self, _key: str, words: str) -> None:
        raise RuntimeError(words)


async def tells(turn: Turn) -> Outcome:
    if turn.incoming.result is not None:
        return answer(WORDS, state={"said": WORDS})
    if "fail" in turn.incoming.text:
        raise ValueError(turn.incoming.text)
    if "date" in turn.incoming.text:
        return answer(state={WORDS: {WORDS}})
    effects = (Effect(id=f"{WORDS} {turn.incoming.text}", name="desk.submit", arguments=(WORDS,)),)
    return answer(WORDS, state={"said": WORDS}, effects=effects, intent="library")


def guard(message: Incoming) -> Reply | None:
    if "help" in message.text:
        raise LookupError(message.text)
    return None


async def test_nothing_of_a_person_is_logged_or_counted(database_url: str, log: io.StringIO) -> None:
    services = {"desk": Desk()}
    policy = SendPolicy(unknown_attempts=1)
    async with house(database_url, tells, guard=guard, services=services, sending=policy) as one:
        one.wire.trouble += [RuntimeError(WORDS), Unreachable(WORDS), None]
        for text in ("hei", "fail", "date", "help", "again"):
            await one.say(f"{text} {WORDS}", by=SECRETS[1], message_id=f"{text} {WORDS}")
        await one.engine.idle()
        for _ in range(6):
            await one.run_effects()
            await one.rows("UPDATE effects SET due_at = now() WHERE ended_at IS NULL")
        await one.engine.measure()
        await one.effects.measure()
        assert set(one.wire.addresses) == {SECRETS[1]}
    written = log.getvalue()
    for event in ("turn_failed", "parked", "not_sent", "guard_failed", "effect_failed"):
        assert event in written  # it was told, and without the words
    for secret in SECRETS:
        assert secret not in written
        assert secret not in metrics.exposition().decode()
