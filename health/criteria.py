"""Facts that a rule asks for, and the steps that say whether they are there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from health.assessment import Assessment, Case, Standing, Step
from health.facts import Fact
from health.programme import Criterion


def all_hold(criteria: Iterable[Criterion], case: Case, *, otherwise: Standing, reason: str) -> Assessment:
    """Met where every criterion holds, else where the patient stands otherwise. Of each the newest fact is shown."""
    facts, steps = list[Fact](), list[Step]()
    for criterion in criteria:
        found = case.matching(criterion)
        steps.append(Step("fact" if found else "no_fact", criterion_values(criterion, found)))
        facts += found[-1:]
        if not found:
            return Assessment(standing=otherwise, reason=reason, facts=tuple(facts), steps=tuple(steps))
    return Assessment(standing=Standing.MET, reason="done", facts=tuple(facts), steps=tuple(steps))


def criterion_values(criterion: Criterion, found: tuple[Fact, ...]) -> dict[str, Any]:
    """What was looked for, and the day and code of the newest that was found."""
    values: dict[str, Any] = {"value_set": criterion.value_set, "kind": criterion.kind.value}
    values["days"] = criterion.within_days
    if found:
        values |= {"at": found[-1].at.isoformat(), "code": found[-1].code}
    return values
