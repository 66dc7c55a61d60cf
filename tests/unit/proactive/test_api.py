"""The API over HTTP: who is let in, what is taken, what is answered, and that nothing is made twice."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.unit.proactive.service import sent, service
from tests.unit.proactive.store import PHONE, VALUES


async def test_one_is_made_and_seen_with_its_history(database_url: str) -> None:
    async with service(database_url) as api:
        status, made, headers = await api.post(sent())
        assert (status, made["status"], made["duplicate"]) == (201, "created", False)
        assert headers["Cache-Control"] == "no-store"
        status, seen, _ = await api.call("GET", f"/nudges/{made['id']}")
        assert status == 200
        assert (seen["template"], seen["version"], seen["status"], seen["reason"]) == (
            "appointment_reminder",
            1,
            "created",
            None,
        )
        assert [event["status"] for event in seen["events"]] == ["created"]
        assert PHONE not in str(seen)
        assert VALUES["name"] not in str(seen)


async def test_a_bad_row_of_a_batch_is_told_by_its_place_and_the_others_are_made(database_url: str) -> None:
    async with service(database_url) as api:
        rows = [sent(), sent(values={"name": "Aino"}), sent(to={"phone": "18018"}), {"template": "x"}, sent()]
        status, answer, _ = await api.post({"nudges": rows})
        assert status == 200
        assert (answer["created"], answer["duplicates"], answer["refused"]) == (2, 0, 3)
        assert [row["index"] for row in answer["nudges"]] == [0, 1, 2, 3, 4]
        errors = {
            row["index"]: (row["error"]["code"], row["error"]["field"]) for row in answer["nudges"] if "error" in row
        }
        assert errors == {1: ("values", "values.time"), 2: ("phone", "to.phone"), 3: ("missing", "to")}
        assert await api.store.value("SELECT count(*) FROM nudges") == 2


async def test_a_batch_of_which_nothing_is_right_is_refused_whole(database_url: str) -> None:
    async with service(database_url) as api:
        rows = [sent(to={"phone": "18018"}), {"template": "x"}]
        status, problem, _ = await api.post({"nudges": rows}, name="again")
        assert status == 422
        assert [error["field"] for error in problem["errors"]] == ["nudges.0.to.phone", "nudges.1.to"]
        assert (await api.post({"nudges": [sent()]}, name="again"))[0] == 200


NOBODY = "00000000-0000-4000-8000-000000000000"
"""The same in every process of the tests."""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"template": "unknown"}, "template"),
        ({"template": "Not A Name"}, "template"),
        ({"values": {"name": "Aino"}}, "values.time"),
        ({"values": {**VALUES, "name": True}}, "values.name"),
        ({"values": {**VALUES, "name": 10**30}}, "values.name"),
        ({"values": {**VALUES, "name": {"fi": "Aino", "sv": 5, "en": "Aino"}}}, "values.name.sv"),
        ({"to": {"phone": "+3580"}}, "to.phone"),
        ({"to": {"person": NOBODY}}, "to"),
        ({"to": {"person": "aino"}}, "to.person"),
        ({"to": {"person": NOBODY, "phone": PHONE}}, "to"),
        ({"to": PHONE}, "to"),
        ({"to": {"phone": PHONE, "name": "Aino"}}, "to.name"),
        ({"version": 1.5}, "version"),
        ({"due_at": "2027-08-03T14:30:00"}, "due_at"),
        ({"due_at": 5}, "due_at"),
        ({"due_at": "9999-12-31T23:59:59-14:00"}, "due_at"),
        ({"language": "de"}, "language"),
        ({"ends_as": "delivered"}, "ends_as"),
        ({"colour": "blue"}, "colour"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_by_field_without_what_was_sent(
    database_url: str, changes: dict[str, Any], field: str
) -> None:
    async with service(database_url) as api:
        status, problem, headers = await api.post(sent(**changes))
        assert status == problem["status"] == 422
        assert headers["Content-Type"].startswith("application/problem+json")
        assert [error["field"] for error in problem["errors"]] == [field]
        assert PHONE not in str(problem)
        assert await api.store.value("SELECT count(*) FROM nudges") == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"nudges": []}',
        b'{"nudges": [' + b"{}," * 10_000 + b"{}]}",
        b'{"template": "a", "to": {"phone": "\\ud800abc"}}',
        b'{"template": "a", "to": {"phone": "0401234567"}, "values": {"a": NaN}}',
    ],
    ids=lambda body: body[:20].decode(errors="replace"),
)
async def test_a_body_that_is_none_is_refused(database_url: str, body: bytes) -> None:
    async with service(database_url) as api:
        headers = {"Content-Type": "application/json"}
        status, problem, _ = await api.call("POST", "/nudges", data=body, headers=headers)
        assert (status, problem["title"]) == (422, "Not as described")


async def test_a_body_that_is_too_long_or_no_json_is_refused_before_it_is_read(database_url: str) -> None:
    async with service(database_url) as api:
        headers = {"Content-Type": "application/json"}
        assert (await api.call("POST", "/nudges", data=b" " * (8 * 2**20 + 1), headers=headers))[0] == 413
        assert (await api.call("POST", "/nudges", data=b"{}", headers={"Content-Type": "text/plain"}))[0] == 415
        headers["Content-Encoding"] = "gzip"
        assert (await api.call("POST", "/nudges", data=b"{}", headers=headers))[0] == 415


async def test_ten_thousand_are_one_request(database_url: str) -> None:
    async with service(database_url) as api:
        rows = [sent(dedupe_key=f"order-{number}") for number in range(10_000)]
        status, answer, _ = await api.post({"nudges": rows}, name="all-of-them")
        assert (status, answer["created"]) == (200, 10_000)
        _, again, headers = await api.post({"nudges": rows}, name="all-of-them")
        assert again == answer
        assert headers["Idempotent-Replayed"] == "true"
        assert await api.store.value("SELECT count(*) FROM nudges") == 10_000


async def test_the_same_request_again_is_answered_the_same_and_makes_nothing(database_url: str) -> None:
    async with service(database_url) as api:
        answers = await asyncio.gather(*(api.post(sent(), name="once") for _ in range(8)))
        assert {status for status, _, _ in answers} == {201}
        assert len({answer["id"] for _, answer, _ in answers}) == 1
        status, problem, _ = await api.post(sent(language="sv"), name="once")
        assert (status, problem["type"]) == (422, "tag:neuvo,2026:reused")
        assert await api.store.value("SELECT count(*) FROM nudges") == 1
        other = await api.new_key()
        assert (await api.post(sent(), name="once", key=other))[1]["id"] != answers[0][1]["id"]


async def test_a_request_whose_answer_was_never_kept_makes_nothing_twice(database_url: str) -> None:
    """As when the process was killed between the two."""
    async with service(database_url) as api:
        body = {"nudges": [sent(), sent(), sent(dedupe_key="mine")]}
        _, first, _ = await api.post(body, name="torn")
        await api.store.database.pool.execute("DELETE FROM api_requests")
        _, second, _ = await api.post(body, name="torn")
        assert [row["id"] for row in second["nudges"]] == [row["id"] for row in first["nudges"]]
        assert (second["created"], second["duplicates"]) == (0, 3)
        assert await api.store.value("SELECT count(*) FROM nudges") == 3


async def test_a_request_that_made_nothing_may_be_corrected_under_its_name(database_url: str) -> None:
    async with service(database_url) as api:
        assert (await api.post(sent(values={}), name="try"))[0] == 422
        assert (await api.post(sent(), name="try"))[0] == 201


async def test_an_own_name_never_meets_that_of_a_request(database_url: str) -> None:
    async with service(database_url) as api:
        await api.post(sent(), name="n")
        for name in ("n", "request 0 n", "own n"):
            assert (await api.post(sent(dedupe_key=name)))[0] == 201
        assert (await api.post(sent(dedupe_key="n")))[0] == 200


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 201])
async def test_a_name_that_cannot_be_kept_is_refused(database_url: str, name: str) -> None:
    async with service(database_url) as api:
        status, problem, _ = await api.post(sent(), name=name)
        assert (status, problem["errors"][0]["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer neuvo_live_x", "bearer ö", "Bearer a b"]
)
async def test_without_a_key_nothing_is_said(database_url: str, header: str) -> None:
    async with service(database_url) as api:
        for method, path in (
            ("POST", "/nudges"),
            ("GET", "/nudges"),
            ("GET", f"/nudges/{uuid4()}"),
            ("GET", "/templates"),
        ):
            status, problem, headers = await api.call(method, path, headers={"Authorization": header})
            assert (status, problem["status"]) == (401, 401)
            assert headers["WWW-Authenticate"] == "Bearer"


async def test_each_operation_wants_its_scope(database_url: str) -> None:
    async with service(database_url) as api:
        made = (await api.post(sent()))[1]["id"]
        wants = {
            ("POST", "/nudges"): "nudges:write",
            ("POST", f"/nudges/{made}/cancel"): "nudges:write",
            ("GET", "/nudges"): "nudges:read",
            ("GET", f"/nudges/{made}"): "nudges:read",
            ("GET", "/templates"): "templates:read",
        }
        for scope in ("nudges:write", "nudges:read", "templates:read"):
            key = await api.new_key(scopes=[scope])
            for (method, path), wanted in wants.items():
                status = (await api.call(method, path, key=key, json={}))[0]
                assert (status == 403) == (scope != wanted), (scope, method, path)


async def test_a_key_sees_its_own_alone(database_url: str) -> None:
    async with service(database_url) as api:
        made = (await api.post(sent()))[1]["id"]
        other = await api.new_key()
        assert (await api.call("GET", f"/nudges/{made}", key=other))[0] == 404
        assert (await api.call("POST", f"/nudges/{made}/cancel", key=other))[0] == 404
        assert (await api.call("GET", "/nudges", key=other))[1]["nudges"] == []
        for unknown in (str(uuid4()), "aino", "%00"):
            assert (await api.call("GET", f"/nudges/{unknown}"))[0] == 404


async def test_one_is_cancelled_before_it_is_sent(database_url: str) -> None:
    async with service(database_url) as api:
        made = (await api.post(sent()))[1]["id"]
        status, seen, _ = await api.call("POST", f"/nudges/{made}/cancel")
        assert (status, seen["status"], seen["explanation"]["sv"]) == (200, "cancelled", "avbruten")
        status, problem, _ = await api.call("POST", f"/nudges/{made}/cancel")
        assert (status, problem["type"]) == (409, "tag:neuvo,2026:too-late")


async def test_a_list_goes_on_by_its_cursor_without_gaps(database_url: str) -> None:
    async with service(database_url) as api:
        made = [(await api.post(sent()))[1]["id"] for _ in range(7)]
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
            _, page, _ = await api.call("GET", "/nudges", params=query)
            seen += [nudge["id"] for nudge in page["nudges"]]
            cursor = page["next"]
        assert seen == made[::-1]
        await api.call("POST", f"/nudges/{made[2]}/cancel")
        _, page, _ = await api.call("GET", "/nudges", params={"status": "cancelled"})
        assert [nudge["id"] for nudge in page["nudges"]] == [made[2]]
        for wrong in (
            "limit=0",
            "limit=501",
            "limit=x",
            "status=done",
            "cursor=x",
            "cursor=",
            "template=%00",
            "a=b",
            "limit=1&limit=2",
        ):
            assert (await api.call("GET", f"/nudges?{wrong}"))[0] == 422, wrong


async def test_who_asks_too_often_is_told_when_to_come_back(database_url: str) -> None:
    async with service(database_url, per_minute=3) as api:
        statuses = [(await api.call("GET", "/templates"))[0] for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        _, problem, headers = await api.call("GET", "/templates")
        assert 0 < int(headers["Retry-After"]) <= 20
        assert problem["type"] == "tag:neuvo,2026:too-often"
        assert (await api.call("GET", "/templates", key=await api.new_key()))[0] == 200


async def test_a_teams_key_writes_to_its_list_and_a_test_key_to_nobody(database_url: str) -> None:
    async with service(database_url) as api:
        team = await api.new_key(mode="team", recipients=[PHONE])
        assert (await api.post(sent(), key=team))[0] == 201
        status, problem, _ = await api.post(sent(to={"phone": "0501234567"}), key=team)
        assert (status, problem["errors"][0]["code"]) == (422, "not_on_the_list")
        empty = await api.new_key(mode="team")
        assert (await api.post(sent(), key=empty))[0] == 422
        test = await api.new_key(mode="test")
        assert (await api.post(sent(to={"phone": "0509876543"}, ends_as="permanent-failure"), key=test))[0] == 201
        assert await api.store.rows("SELECT mode, ends_as FROM nudges ORDER BY created_at") == [
            ("team", None),
            ("test", "permanent-failure"),
        ]
        assert await api.store.value("SELECT count(*) FROM conversations") == 1


async def test_templates_tell_what_they_are_filled_with(database_url: str) -> None:
    async with service(database_url) as api:
        _, found, _ = await api.call("GET", "/templates")
        (template,) = found["templates"]
        assert template["values"]["time"]["kind"] == "moment"
        assert template["title"].keys() == {"fi", "sv", "en"}


async def test_while_the_database_is_away_it_says_when_to_try_again(database_url: str) -> None:
    async with service(database_url) as api:
        await api.store.database.pool.execute("ALTER TABLE nudges RENAME TO away")
        status, problem, headers = await api.post(sent())
        assert (status, problem["type"], headers["Retry-After"]) == (503, "tag:neuvo,2026:down", "5")
