"""The pages of health outreach over real HTTP: two people begin a programme, one decides, all of it written down."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from markupsafe import escape

from console.roles import ADMIN, HEALTH, ROLES, may
from health.explain import Explainer
from tests.sentences import LANGUAGES, TEXTS
from tests.unit.console.reviewers import reviewers
from tests.unit.console.staff import browser
from tests.unit.health.programmes import content
from tests.unit.health.ward import HBA1C

QUEUE = "/console/health"
PROGRAMME = f"{QUEUE}/programmes/{HBA1C}"


async def test_two_people_begin_a_programme_and_one_decides(database_url: str, tmp_path: Path) -> None:
    async with reviewers(database_url, tmp_path) as (ward, url), browser(url) as anna, browser(url) as bert:
        first = (await ward.ids())[0]
        page = f"{QUEUE}/findings/{first}"
        assert page in await anna.log_in("Anna", role="health")
        await bert.log_in("Bert", role="health")
        _, text = await anna.get(page)
        assert "two people have to approve" in text
        assert f'action="{page}/accept"' not in text
        assert "two people have to approve" in await anna.form(f"{page}/accept")
        _, text = await anna.post(PROGRAMME, "propose")
        assert "a colleague has to approve it" in text
        assert f'action="{PROGRAMME}/approve"' not in text
        assert "a colleague has to approve it" in await anna.form(f"{PROGRAMME}/approve")
        _, text = await bert.post(PROGRAMME, "approve")
        assert "Approved by Bert" in text
        assert "Proposed by Anna" in text
        _, text = await anna.post(page, "accept")
        assert "The message goes out" in text
        assert page not in text
        _, text = await bert.get(page)
        assert "Decided by Anna" in text
        assert "<select" not in text
        assert "decided already" in await bert.form(f"{page}/reject", choice="burden")
        acts = await ward.pool.fetch("SELECT * FROM audit_events ORDER BY id")
        assert {row["actor_role"] for row in acts} == {"health"}
        told = [(row["actor_id"], row["target_type"], row["information"], row["status"]) for row in acts]
        assert [one for one in told if one[2] != "read"] == [
            ("dev:Anna", "health_finding", "accept", "FAILED"),
            ("dev:Anna", "health_programme", "propose", "SUCCESS"),
            ("dev:Anna", "health_programme", "approve", "FAILED"),
            ("dev:Bert", "health_programme", "approve", "SUCCESS"),
            ("dev:Anna", "health_finding", "accept", "SUCCESS"),
            ("dev:Bert", "health_finding", "reject", "FAILED"),
        ]
        assert ("dev:Bert", "health_finding", "read", "SUCCESS") in told
        assert {row["target_id"] for row in acts} == {str(first), HBA1C}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_same_page_of_selected_and_left_out_in_each_language(
    database_url: str, tmp_path: Path, language: str
) -> None:
    async with reviewers(database_url, tmp_path) as (ward, url), browser(url) as anna:
        await anna.log_in("Anna", role="health", language=language)
        _, queue = await anna.get(QUEUE)
        shape = set()
        for selected in (True, False):
            found = (await ward.ids(selected=selected))[0]
            assert str(found) in queue
            _, text = await anna.get(f"{QUEUE}/findings/{found}")
            of = "selected" if selected else "sample"
            assert TEXTS(f"console.health.of.{of}", language) in text
            for key in ("why", "steps", "data", "message", "behind", "decide", "reasons.in_care"):
                assert TEXTS(f"console.health.{key}", language) in text
            explained = await ward.review.finding(found)
            assert explained is not None
            explainer = Explainer(content().sets, language)
            for line in (*explainer.steps(explained.steps), *explainer.facts(explained.facts)):
                assert f"<li>{escape(line)}</li>" in text
            shape.add(tuple(re.findall(r'<h[123][^>]*>|<form [^>]*action="[^"]*/(\w+)"', text)[1:]))
        assert len(shape) == 1
        row = await ward.row((await ward.ids())[0])
        whose = await ward.pool.fetchrow("SELECT * FROM health.patients WHERE pseudonym = $1", row["pseudonym"])
        _, text = await anna.get(f"{QUEUE}/findings/{row['id']}")
        assert content().programmes[HBA1C].offer[whose["language"]] in text


async def test_reject_with_a_reason_and_postpone(database_url: str, tmp_path: Path) -> None:
    async with reviewers(database_url, tmp_path) as (ward, url), browser(url) as anna:
        await anna.log_in("Anna", role="health")
        first, second, *_ = await ward.ids()
        page = f"{QUEUE}/findings/{first}"
        _, text = await anna.post(page, "reject", choice="because")
        assert "Choose one of the alternatives" in text
        _, text = await anna.post(page, "reject", choice="in_care")
        assert "Nothing is sent" in text
        assert (await ward.row(first))["decision_reason"] == "in_care"
        _, text = await anna.get(page)
        assert "Care is already arranged" in text
        _, text = await anna.post(f"{QUEUE}/findings/{second}", "postpone", choice="30")
        assert "comes back" in text
        assert str(second) not in text


async def test_figures_hide_groups_in_which_somebody_could_be_made_out(database_url: str, tmp_path: Path) -> None:
    async with reviewers(database_url, tmp_path, 600) as (ward, url), browser(url) as anna:
        await anna.log_in("Anna", role="health")
        assert "Nothing has been decided yet" in (await anna.get(PROGRAMME))[1]
        decide = (
            "UPDATE health.findings SET status = $1, decision_reason = $2, reviewer = 'a', reviewer_name = 'A', "
            "decided_at = now() WHERE id = ANY($3)"
        )
        found = await ward.ids()
        await ward.pool.execute(decide, "accepted", None, found[::2])
        await ward.pool.execute(decide, "rejected", "in_care", found[1::2])
        _, text = await anna.get(PROGRAMME)
        assert "<svg" in text
        for row in await ward.review.decisions(HBA1C):
            cells = f"<td>{row['decided']}</td><td>{row['accepted']}</td>"
            small = 0 < row["accepted"] < 5 or 0 < row["decided"] - row["accepted"] < 5
            assert not small or cells not in text
        rule = f"<td>{len(found)}</td><td>{-(-len(found) // 2)}</td>"
        assert rule in text


async def test_who_took_the_consent_back_is_not_shown(database_url: str, tmp_path: Path) -> None:
    async with reviewers(database_url, tmp_path) as (ward, url), browser(url) as anna:
        await anna.log_in("Anna", role="health")
        first = (await ward.ids())[0]
        del ward.known.remembered[(await ward.row(first))["pseudonym"]]
        _, text = await anna.get(f"{QUEUE}/findings/{first}")
        assert "can no longer be looked at" in text
        assert f"/findings/{first}" not in text


async def test_only_those_trained_for_it_see_health_data(database_url: str, tmp_path: Path) -> None:
    async with reviewers(database_url, tmp_path) as (ward, url):
        first = (await ward.ids())[0]
        for role in ROLES:
            async with browser(url) as member:
                await member.log_in("Anna", role=role)
                for path in (QUEUE, PROGRAMME, f"{QUEUE}/findings/{first}"):
                    assert (await member.get(path))[0] == (200 if role == HEALTH else 403), (role, path)
        assert not may({ADMIN}, HEALTH)
        async with browser(url) as nobody:
            assert "name" in (await nobody.get(QUEUE))[1]
        async with browser(url) as member:
            await member.log_in("Anna", role="health")
            assert (await member.get(f"{QUEUE}/programmes/none"))[0] == 404
            assert "can no longer be looked at" in (await member.get(f"{QUEUE}/findings/{uuid4()}"))[1]
