"""An effect is a row: run under its key, again until it works or is given up, and its end is a turn."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from bot.effects import EffectPolicy
from bot.jobs import Sweep, Worker
from bot.messages import Effect, EffectResult, Outcome, Turn
from tests.unit.turn.house import House, answer, house, until

DUE = "UPDATE effects SET due_at = now(), woken_at = now() - interval '1 hour' WHERE ended_at IS NULL"
STATUS = "SELECT status, attempts, reason FROM effects"


class Desk:
    """The service: notes the calls, and fails as often as it is told to."""

    def __init__(self, *errors: Exception) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.errors = list(errors)
        self.value: Any = {"ticket": 7}
        self.open = asyncio.Event()
        self.open.set()
        self.called = asyncio.Event()

    async def submit(self, key: str, *arguments: Any) -> Any:
        self.calls.append((key, *arguments))
        self.called.set()
        await self.open.wait()
        if self.errors:
            raise self.errors.pop(0)
        return self.value


class Asking:
    """Asks for an effect at each message, and remembers the results."""

    def __init__(self, name: str = "desk.submit") -> None:
        self.name = name
        self.results: list[EffectResult] = []

    async def __call__(self, turn: Turn) -> Outcome:
        if turn.incoming.result is not None:
            self.results.append(turn.incoming.result)
            return answer("told", state={})
        return answer(state={}, effects=(Effect(id="run1:send", name=self.name, arguments=("hole", {"at": None})),))


async def _asked(one: House) -> None:
    await one.say("please")
    await one.engine.idle()


async def test_an_effect_is_called_once_with_its_key_and_its_result_is_a_turn(database_url: str) -> None:
    desk, respond = Desk(), Asking()
    async with house(database_url, respond, services={"desk": desk}) as one:
        await _asked(one)
        assert desk.calls == []  # nothing before the commit, and nothing in the turn
        for _ in range(3):
            await one.run_effects()
        assert desk.calls == [("run1:send", "hole", {"at": None})]
        assert respond.results == [EffectResult(effect_id="run1:send", value={"ticket": 7})]
        assert one.wire.sent == ["told"]
        assert await one.rows("SELECT status, attempts, arguments FROM effects") == [("done", 1, None)]


async def test_an_effect_that_is_asked_for_again_under_its_id_is_the_same(database_url: str) -> None:
    desk = Desk()
    async with house(database_url, Asking(), services={"desk": desk}) as one:
        await _asked(one)
        await _asked(one)
        assert await one.rows("SELECT status FROM inbox") == [("done",), ("done",)]
        await one.run_effects()
        assert len(desk.calls) == 1


async def test_two_workers_at_once_make_one_call(database_url: str) -> None:
    desk, respond = Desk(), Asking()
    desk.open.clear()
    services = {"desk": desk}
    async with (
        house(database_url, respond, services=services) as one,
        house(database_url, respond, services=services, wire=one.wire) as other,
    ):
        await _asked(one)
        (number,) = (await one.rows("SELECT id FROM effects"))[0]
        runs = [asyncio.create_task(each.effects.run(number)) for each in (one, other, one, other)]
        await desk.called.wait()
        await until(lambda: sum(run.done() for run in runs) == 3)
        desk.open.set()
        await asyncio.gather(*runs)
        await one.engine.idle()
        await other.engine.idle()
        assert len(desk.calls) == 1
        assert one.wire.sent == ["told"]


async def test_a_failure_is_tried_again_later_and_later(database_url: str) -> None:
    desk, respond = Desk(OSError(), RuntimeError(), TimeoutError()), Asking()
    async with house(database_url, respond, services={"desk": desk}, effects=EffectPolicy(first_delay=10)) as one:
        await _asked(one)
        delays = []
        for _ in range(3):
            await one.run_effects()
            delays.append(float(await one.value("SELECT extract(epoch FROM due_at - now()) FROM effects")))
            jobs = await one.rows("SELECT execute_after > now() + interval '1 s' FROM pgqueuer ORDER BY id DESC")
            assert jobs[0] == (True,)  # its next job comes with the same delay
            await one.rows(DUE)
        assert [round(delay, -1) for delay in delays] == [0, 20, 30]  # half of 10, 40 and the longest, 60
        await one.run_effects()
        assert {call[0] for call in desk.calls} == {"run1:send"}
        assert respond.results == [EffectResult(effect_id="run1:send", value={"ticket": 7})]


async def test_an_effect_that_is_given_up_is_told(database_url: str) -> None:
    desk, respond = Desk(*[OSError()] * 9), Asking()
    async with house(database_url, respond, services={"desk": desk}) as one:
        await _asked(one)
        for _ in range(9):
            await one.run_effects()
            await one.rows(DUE)
        assert len(desk.calls) == 5
        assert respond.results == [EffectResult(effect_id="run1:send", error="OSError")]
        assert await one.rows(STATUS) == [("failed", 5, "OSError")]


@pytest.mark.parametrize(
    ("desk", "name", "error", "attempts"),
    [
        (Desk(ValueError()), "desk.submit", "ValueError", 1),  # another attempt would not mend it
        (Desk(), "desk.gone", "AttributeError", 5),
        (Desk(), "nobody.submit", "KeyError", 5),
    ],
)
async def test_errors_that_end_an_effect(database_url: str, desk: Desk, name: str, error: str, attempts: int) -> None:
    respond = Asking(name)
    async with house(database_url, respond, services={"desk": desk}, final=(ValueError,)) as one:
        await _asked(one)
        for _ in range(6):
            await one.run_effects()
            await one.rows(DUE)
        assert respond.results == [EffectResult(effect_id="run1:send", error=error)]
        assert await one.rows(STATUS) == [("failed", attempts, error)]


async def test_a_value_that_is_no_json_is_a_failure_and_no_second_call(database_url: str) -> None:
    desk, respond = Desk(), Asking()
    desk.value = (1, 2)
    async with house(database_url, respond, services={"desk": desk}) as one:
        await _asked(one)
        await one.run_effects()
        assert respond.results == [EffectResult(effect_id="run1:send", error="NotJSON")]
        assert len(desk.calls) == 1


async def test_a_service_without_an_end_is_cut_off(database_url: str) -> None:
    desk, respond = Desk(), Asking()
    desk.open.clear()
    policy = EffectPolicy(timeout=0.05, attempts=1)
    async with house(database_url, respond, services={"desk": desk}, effects=policy) as one:
        await _asked(one)
        await one.run_effects()
        assert respond.results == [EffectResult(effect_id="run1:send", error="TimeoutError")]


async def test_a_slow_call_keeps_its_lease(database_url: str) -> None:
    desk, respond = Desk(), Asking()
    desk.open.clear()
    policy = EffectPolicy(lease=0.15)
    async with house(database_url, respond, services={"desk": desk}, effects=policy) as one:
        await _asked(one)
        running = asyncio.create_task(one.run_effects())
        await desk.called.wait()
        for _ in range(3):
            since = await one.value("SELECT due_at FROM effects")
            await until(partial(_renewed, one, since))
        desk.open.set()
        await running
        assert len(desk.calls) == 1
        assert await one.rows(STATUS) == [("done", 1, None)]


async def _renewed(one: House, since: object) -> bool:
    return bool(await one.value("SELECT due_at > $1 FROM effects", since))


async def test_the_effect_of_a_lost_worker_is_run_again_and_ends_once(database_url: str) -> None:
    slow, desk, respond = Desk(ValueError()), Desk(), Asking()
    slow.open.clear()
    async with (
        house(database_url, respond, services={"desk": slow}, final=(ValueError,)) as lost,
        house(database_url, respond, services={"desk": desk}) as one,
    ):
        await _asked(lost)
        late = asyncio.create_task(lost.run_effects())
        await slow.called.wait()
        await one.rows(DUE)
        assert await one.effects.sweep() == 1  # a new job, since the old one has gone with its worker
        await one.run_effects()
        slow.open.set()  # the lost one comes to itself, and its word counts no more
        await late
        assert slow.calls == desk.calls
        assert respond.results == [EffectResult(effect_id="run1:send", value={"ticket": 7})]
        assert await one.rows(STATUS) == [("done", 2, None)]


async def test_an_effect_that_takes_every_worker_along_is_told(database_url: str) -> None:
    desk, respond = Desk(), Asking()
    async with house(database_url, respond, services={"desk": desk}) as one:
        await _asked(one)
        await one.rows("UPDATE effects SET status = 'running', attempts = 5")
        await one.run_effects()
        assert desk.calls == []
        assert respond.results == [EffectResult(effect_id="run1:send", error="WorkerLost")]


async def test_an_effect_that_a_later_release_wrote_waits_for_one(database_url: str) -> None:
    desk, respond = Desk(), Asking()
    async with house(database_url, respond, services={"desk": desk}) as one:
        await _asked(one)
        await one.rows("UPDATE effects SET arguments = '2:' || substr(arguments, 3)")
        for _ in range(9):  # however often it is met, no attempt counts
            await one.run_effects()
            assert await one.rows(STATUS) == [("waiting", 0, "NewerContent")]
            assert await one.value("SELECT due_at > now() FROM effects")
            await one.rows(DUE)
        await one.rows("UPDATE effects SET arguments = '1:' || substr(arguments, 3)")
        await one.run_effects()
        assert respond.results == [EffectResult(effect_id="run1:send", value={"ticket": 7})]


async def test_the_queue_runs_effects_and_the_sweep_mends_a_lost_job(database_url: str) -> None:
    desk, respond = Desk(RuntimeError()), Asking()
    policy = EffectPolicy(first_delay=0.01)
    async with house(database_url, respond, services={"desk": desk}, effects=policy) as one:
        await _asked(one)
        await one.rows("DELETE FROM pgqueuer")
        await one.rows(DUE)
        worker = Worker(one.database, one.effects, Sweep(one.engine, one.effects))
        working = asyncio.create_task(worker.run())
        assert await one.effects.sweep() == 1
        assert await one.effects.sweep() == 0  # one job is enough
        await until(lambda: respond.results)
        worker.stop()
        await asyncio.wait_for(working, 20)
        assert len(desk.calls) == 2
        assert await one.value("SELECT count(*) FROM pgqueuer") == 0
