"""Findings of a programme over patients in a database, and the review of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from health.evaluation import Evaluation
from health.generator import generate
from health.generator_fhir import write
from health.programme import Programme
from health.proposing import Proposing
from health.review import Review, Reviewer
from tests.unit.health.programmes import content
from tests.unit.health.records import ISSUER, TODAY, Known, files, imported

HBA1C = "hba1c_overdue"
ANNA, BERT = Reviewer("dev:Anna", "Anna"), Reviewer("dev:Bert", "Bert")


@dataclass(frozen=True, kw_only=True)
class Ward:
    """Findings of a programme, and the review of them."""

    pool: Any
    known: Known
    review: Review
    programme: Programme

    async def ids(self, *, selected: bool = True) -> list[UUID]:
        """What waits."""
        return [row["id"] for row in await self.review.queue(TODAY) if row["selected"] is selected]

    async def approved(self) -> None:
        """Let two people begin the programme."""
        assert await self.review.propose(HBA1C, ANNA) == "done"
        assert await self.review.approve(HBA1C, BERT) == "done"

    async def row(self, finding: UUID) -> Any:
        return await self.pool.fetchrow("SELECT * FROM health.findings WHERE id = $1", finding)

    async def evaluated(self) -> int:
        """Evaluate again."""
        async with self.pool.acquire() as connection:
            evaluation = Evaluation(connection, self.known, content().sets)
            run = await evaluation.run(self.programme, TODAY)
            return await Proposing(connection, evaluation).findings(self.programme, run, TODAY)


@asynccontextmanager
async def warded(url: str, folder: Any, patients: int = 200) -> AsyncIterator[Ward]:
    known = Known()
    write(folder, list(generate(patients, seed=7, as_of=TODAY)), issuer=ISSUER, as_of=TODAY)
    async with asyncpg.create_pool(url, min_size=1, max_size=4) as pool:
        connection = await asyncpg.connect(url)
        await imported(connection, files(folder), known)
        await connection.close()
        found = content()
        review = Review(lambda: pool, lambda _: known, found.programmes, found.sets)
        programme = found.programmes[HBA1C]
        ward = Ward(pool=pool, known=known, review=review, programme=programme)
        assert await ward.evaluated() > 10
        yield ward
