"""From an evaluation to findings for review: all whom the rule selects, and a random sample of those it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from math import ceil
from random import SystemRandom

import orjson

from health import review_sql as sql
from health.assessment import Assessment, Standing
from health.evaluation import BATCH, Connection, Evaluation, Run, Stands
from health.programme import Programme
from health.stored import facts_json, steps_json

Draw = Callable[[Sequence[Stands], int], list[Stands]]
_AT_RANDOM = SystemRandom()


class Proposing:
    """Writes findings over the connection that evaluates."""

    def __init__(self, connection: Connection, evaluation: Evaluation, draw: Draw = _AT_RANDOM.sample) -> None:
        """``draw`` takes so many of some, each as likely as another."""
        self._connection = connection
        self._evaluation = evaluation
        self._draw = draw

    async def findings(self, programme: Programme, run: Run, as_of: date) -> int:
        """Put what a run found before reviewers; how many.

        What waits of an earlier run gives way. Of whom somebody decided lately, or whose decision is put off, there is
        nothing new to decide. Raises the database's errors.
        """
        async with self._connection.transaction():
            await self._connection.execute(sql.RENEW, programme.id)
            rows = await self._connection.fetch(sql.DECIDED, programme.id, programme.exclusions.recent_contact_days)
            decided = {row["pseudonym"] for row in rows}
            chosen = [one for one in self._chosen(programme, run) if one.pseudonym not in decided]
            for start in range(0, len(chosen), BATCH):
                await self._add(programme, run, as_of, chosen[start : start + BATCH])
        return len(chosen)

    def _chosen(self, programme: Programme, run: Run) -> list[Stands]:
        left_out = [one for one in run.stands if one.standing is not Standing.GAP]
        sample = self._draw(left_out, ceil(len(left_out) * programme.sample_share))
        return [one for one in run.stands if one.standing is Standing.GAP] + sample

    async def _add(self, programme: Programme, run: Run, as_of: date, chosen: Sequence[Stands]) -> None:
        said = await self._evaluation.assessed(programme, as_of, [one.pseudonym for one in chosen])
        columns = map(list, zip(*_rows(chosen, said), strict=True))
        await self._connection.execute(sql.ADD, programme.id, programme.version, run.id, *columns)


def _rows(
    chosen: Sequence[Stands], said: Mapping[bytes, Assessment]
) -> Iterator[tuple[bytes, bool, str, str, str, str]]:
    for one in chosen:
        explained = said[one.pseudonym]
        facts = orjson.dumps(facts_json(explained.facts)).decode()
        steps = orjson.dumps(steps_json(explained.steps)).decode()
        yield one.pseudonym, one.standing is Standing.GAP, one.standing.value, one.reason, facts, steps
