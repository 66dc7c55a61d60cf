"""The breaker, by a clock of the test's own."""

from __future__ import annotations

from knowledge.circuit import Circuit


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_row_of_failures_opens_and_one_call_tries_again() -> None:
    clock = Clock()
    circuit = Circuit(failures=2, rest=30, clock=clock)
    circuit.failed()
    assert circuit.may_pass()
    circuit.failed()
    assert not circuit.may_pass()
    clock.now += 31
    assert circuit.may_pass()
    assert not circuit.may_pass()  # the others wait for the one that tries
    circuit.failed()
    clock.now += 29
    assert not circuit.may_pass()
    clock.now += 2
    assert circuit.may_pass()
    circuit.passed()
    assert circuit.may_pass()
    circuit.failed()
    assert circuit.may_pass()


def test_retry_after_shuts_at_once() -> None:
    clock = Clock()
    circuit = Circuit(failures=5, rest=30, clock=clock)
    circuit.failed(12.0)
    assert not circuit.may_pass()
    clock.now += 12
    assert circuit.may_pass()
