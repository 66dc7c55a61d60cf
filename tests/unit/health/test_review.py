"""Review: from an evaluation to decisions, each by one trained person, once, and never of whom nobody may write to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from health.explain import Explainer
from health.review import REASONS, Review, Reviewer
from health.small_counts import Group, told
from tests.unit.health.programmes import content
from tests.unit.health.records import TODAY
from tests.unit.health.ward import ANNA, BERT, HBA1C, Ward, warded


@pytest.fixture
async def ward(database_url: str, tmp_path: Any) -> AsyncIterator[Ward]:
    async with warded(database_url, tmp_path) as found:
        yield found


async def test_all_selected_and_a_sample_of_the_others_wait(ward: Ward) -> None:
    counts = await ward.pool.fetchval("SELECT counts FROM health.runs")
    selected = int(counts.partition('"gap not_done":')[2].partition(",")[0].rstrip("}"))
    assert len(await ward.ids()) == selected > 0
    assert len(await ward.ids(selected=False)) == -(-(200 - selected) // 20)  # one in twenty, rounded up
    assert await ward.review.waiting(TODAY) == {HBA1C: len(await ward.review.queue(TODAY))}


async def test_a_finding_explains_itself_in_every_language(ward: Ward) -> None:
    for row in await ward.review.queue(TODAY):
        found = await ward.review.finding(row["id"])
        assert found is not None
        for language in ("fi", "sv", "en"):
            explainer = Explainer(content().sets, language)
            assert explainer.steps(found.steps)
            assert all(explainer.facts(found.facts)) or not found.facts


async def test_nothing_is_accepted_of_a_programme_that_two_people_have_not_approved(ward: Ward) -> None:
    [finding, *_] = await ward.ids()
    assert await ward.review.accept(finding, ANNA, TODAY) == "unapproved"
    assert await ward.review.approve(HBA1C, ANNA) == "late", "nobody proposed it"
    assert await ward.review.propose(HBA1C, ANNA) == "done"
    assert await ward.review.propose(HBA1C, BERT) == "late"
    assert await ward.review.approve(HBA1C, ANNA) == "own"
    assert await ward.review.accept(finding, ANNA, TODAY) == "unapproved"
    assert await ward.review.approve(HBA1C, BERT) == "done"
    assert await ward.review.approve(HBA1C, Reviewer("dev:C", "C")) == "late"
    assert await ward.review.accept(finding, ANNA, TODAY) == "done"
    with pytest.raises(asyncpg.CheckViolationError):
        await ward.pool.execute("UPDATE health.programme_approvals SET approver = author")


async def test_a_rule_that_has_changed_needs_two_people_again(ward: Ward) -> None:
    await ward.approved()
    [finding, *_] = await ward.ids()
    changed = replace(ward.programme, population=replace(ward.programme.population, age_from=19))
    other = Review(lambda: ward.pool, lambda _: ward.known, {HBA1C: changed}, content().sets)
    assert await other.accept(finding, ANNA, TODAY) == "unapproved"
    name = min(ward.programme.value_sets())
    sets = {**content().sets, name: replace(content().sets[name], codes={"icd-10": ("Z00",)})}
    other = Review(lambda: ward.pool, lambda _: ward.known, content().programmes, sets)
    assert await other.accept(finding, ANNA, TODAY) == "unapproved"
    assert await ward.review.accept(finding, ANNA, TODAY) == "done"


async def test_each_is_decided_once_by_a_named_person(ward: Ward) -> None:
    await ward.approved()
    [finding, *_] = await ward.ids()
    at_once = [ward.review.accept(finding, ANNA, TODAY), ward.review.reject(finding, BERT, "burden")]
    assert sorted(await asyncio.gather(*at_once)) == ["done", "late"]
    row = await ward.row(finding)
    assert (row["reviewer"], row["reviewer_name"]) in {("dev:Anna", "Anna"), ("dev:Bert", "Bert")}
    assert row["decided_at"] is not None
    assert (row["decision_reason"] == "burden") is (row["status"] == "rejected")
    assert finding not in await ward.ids()
    assert await ward.review.accept(uuid4(), ANNA, TODAY) == "unknown"


async def test_what_is_put_off_comes_back_on_its_day(ward: Ward) -> None:
    await ward.approved()
    [finding, *_] = await ward.ids()
    assert await ward.review.postpone(finding, ANNA, TODAY, 30) == "done"
    assert finding not in await ward.ids()
    later = [row["id"] for row in await ward.review.queue(TODAY + timedelta(days=30))]
    assert finding in later
    assert await ward.review.accept(finding, BERT, TODAY + timedelta(days=30)) == "done"
    assert (await ward.row(finding))["postponed_until"] is None


async def test_who_takes_the_ground_back_is_neither_shown_nor_accepted(ward: Ward) -> None:
    await ward.approved()
    finding, other, *_ = await ward.ids()
    for one in (finding, other):
        del ward.known.remembered[(await ward.row(one))["pseudonym"]]
    assert await ward.review.accept(finding, ANNA, TODAY) == "no_ground"
    assert (await ward.row(finding))["status"] == "waiting"
    assert await ward.review.finding(finding) is None
    assert await ward.row(finding) is None, "nobody may look at it any more"
    add = "INSERT INTO health.grounds VALUES ($1, 'health_outreach', 'law', '2020-01-01', NULL)"
    await ward.pool.execute(add, (await ward.row(other))["pseudonym"])
    assert await ward.review.accept(other, ANNA, TODAY) == "done"


@pytest.mark.parametrize("column", ["deceased_on", "moved_on", "opted_out_on"])
async def test_who_is_to_be_left_alone_cannot_be_accepted(ward: Ward, column: str) -> None:
    await ward.approved()
    [finding, *_] = await ward.ids()
    whose = (await ward.row(finding))["pseudonym"]
    await ward.pool.execute(f"UPDATE health.patients SET {column} = $2 WHERE pseudonym = $1", whose, date(2026, 11, 1))
    assert await ward.review.accept(finding, ANNA, TODAY) == "excluded"
    assert await ward.review.reject(finding, ANNA, "other") == "done"


async def test_one_of_the_sample_can_be_accepted_but_not_whom_the_programme_excludes(ward: Ward) -> None:
    await ward.approved()
    [finding, *_] = await ward.ids(selected=False)
    set_ = "UPDATE health.findings SET standing = $2 WHERE id = $1"
    await ward.pool.execute(set_, finding, "excluded")
    assert await ward.review.accept(finding, ANNA, TODAY) == "excluded"
    await ward.pool.execute(set_, finding, "met")
    whose = (await ward.row(finding))["pseudonym"]
    await ward.pool.execute(
        "UPDATE health.patients SET deceased_on = NULL, moved_on = NULL, opted_out_on = NULL WHERE pseudonym = $1",
        whose,
    )
    assert await ward.review.accept(finding, ANNA, TODAY) == "done"


async def test_the_next_run_renews_what_waits_and_leaves_what_was_decided(ward: Ward) -> None:
    await ward.approved()
    accepted, rejected, postponed, *rest = await ward.ids()
    assert await ward.review.accept(accepted, ANNA, TODAY) == "done"
    assert await ward.review.reject(rejected, ANNA, "in_care") == "done"
    assert await ward.review.postpone(postponed, ANNA, TODAY, 7) == "done"
    await ward.evaluated()
    assert len(await ward.ids()) == len(rest)
    assert not set(rest) & set(await ward.ids())
    assert {(await ward.row(one))["status"] for one in (accepted, rejected, postponed)} == {
        "accepted",
        "rejected",
        "postponed",
    }


@pytest.mark.parametrize(("reason", "days"), [("", 1), ("because", 8)])
async def test_only_reasons_and_delays_that_there_are(ward: Ward, reason: str, days: int) -> None:
    [finding, *_] = await ward.ids()
    with pytest.raises(ValueError, match="rejection"):
        await ward.review.reject(finding, ANNA, reason)
    with pytest.raises(ValueError, match="decision"):
        await ward.review.postpone(finding, ANNA, TODAY, days)
    assert set(REASONS) == {"wrong_data", "in_care", "not_suitable", "burden", "other"}


async def test_decisions_are_counted_by_rule_and_group(ward: Ward) -> None:
    await ward.approved()
    found = await ward.ids()
    for at, finding in enumerate(found):
        act = ward.review.reject(finding, ANNA, "in_care") if at % 3 else ward.review.accept(finding, ANNA, TODAY)
        assert await act == "done"
    rows = await ward.review.decisions(HBA1C)
    for what in ("rule", "age", "sex", "language", "district"):
        own = [row for row in rows if row["what"] == what]
        assert sum(row["decided"] for row in own) == len(found)
        assert sum(row["accepted"] for row in own) == -(-len(found) // 3)
    assert {row["value"] for row in rows if row["what"] == "rule"} == {"not_done"}


@pytest.mark.parametrize(
    ("groups", "shown", "hidden"),
    [
        ([Group("a", 20, 10), Group("b", 30, 0)], ["a", "b"], 0),
        ([Group("a", 20, 10), Group("b", 30, 4)], [], 2),
        ([Group("a", 20, 10), Group("b", 30, 26), Group("c", 40, 20)], ["c"], 2),
        ([Group("a", 4, 0), Group("b", 3, 3), Group("c", 5, 5)], ["c"], 2),
        ([Group("a", 4, 0)], [], 1),
        ([], [], 0),
    ],
)
def test_small_counts_are_hidden_and_never_one_alone(groups: list[Group], shown: list[str], hidden: int) -> None:
    found, count = told(groups)
    assert [group.value for group in found] == shown
    assert count == hidden
