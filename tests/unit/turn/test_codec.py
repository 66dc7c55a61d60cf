"""What is stored is read back equal, by the person that it is of, and a later form is told from ours."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.codec import Content, Message, NewerContent, NotJSON, Plain, Sealer, clean
from bot.messages import Address, Card, Choice, EffectResult, Incoming, Link, Reply
from mydata.vault import Masters, Own, Undecipherable, Vault

CONTENT = Content(Plain())
WHEN = datetime(2026, 11, 26, 12, 0, 0, 123456, tzinfo=UTC)
REPLY = Reply(
    text="Ähtäri 🚲\n\n- a",
    language="sv",
    short="a",
    choices=(Choice("Kyllä", "run:1"), Choice("", "")),
    links=(Link("a", "https://www.hel.fi"),),
    cards=(Card(title="Oodi", lines=("Töölönlahdenkatu 4",), latitude=60.1738, longitude=24.938, url=None),),
)
INCOMING = Incoming(
    address=Address("webchat", "k"),
    message_id="m",
    received_at=WHEN,
    text="å\0",
    payload="",
    language="fi",
    result=EffectResult(effect_id="e", value={"a": [1, 1.5, None, True, "ö"]}),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def test_values_are_read_back_equal() -> None:
    message = Message(incoming=INCOMING, safety=REPLY, safety_id="s")
    assert CONTENT.open_message(CONTENT.message(message)) == message
    bare = Message(incoming=Incoming(address=Address("a", "b"), message_id="m", received_at=WHEN))
    assert CONTENT.open_message(CONTENT.message(bare)) == bare
    assert CONTENT.open_incoming(CONTENT.incoming(INCOMING)) == INCOMING
    assert CONTENT.open_reply(CONTENT.reply(REPLY)) == REPLY
    assert CONTENT.open_text(CONTENT.text("+358 40 \ud800")) == "+358 40 \ud800"


@given(JSON)
def test_json_is_read_back_equal_and_of_the_same_types(value: Any) -> None:
    found = CONTENT.open_json(CONTENT.json(value))
    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    "value",
    [(1, 2), {"a": (1,)}, date(2026, 1, 1), WHEN, {1: "a"}, float("nan"), float("inf"), {1, 2}, REPLY, 2**80, "\ud800"],
)
def test_what_json_would_change_is_an_error_at_once(value: Any) -> None:
    with pytest.raises(NotJSON):
        CONTENT.json(value)


@pytest.mark.parametrize("data", [b"2:{}", b"10:{}", b"", b"{}", b"x" * 1000])
def test_another_form_is_left_alone(data: bytes) -> None:
    for read in (CONTENT.open_text, CONTENT.open_json, CONTENT.open_message, CONTENT.open_incoming, CONTENT.open_reply):
        with pytest.raises(NewerContent) as found:
            read(data)
        assert len(str(found.value)) <= 8


async def test_every_value_is_sealed_by_its_person_with_its_form_inside() -> None:
    vault = Vault(_no_pool, Masters(bytes(32)), bytes(32))
    own = Own.of("p1", b"1" * 32)
    content = Content(own)
    sealed = content.json({"a": 1})
    assert own.decode(sealed) == b'1:{"a":1}'
    assert content.open_json(sealed) == {"a": 1}
    assert sealed != content.json({"a": 1})  # the same twice tells nobody that it is the same
    with pytest.raises(Undecipherable):
        Content(Own.of("p2", b"2" * 32)).open_json(sealed)
    assert Sealer(vault).lookup("+358401234567") == vault.lookup("+358401234567") != Plain().lookup("+358401234567")


def _no_pool() -> Any:
    raise AssertionError("no database is needed")


def test_a_whole_message_is_not_touched_and_a_broken_one_is_mended() -> None:
    assert clean(INCOMING) is INCOMING
    broken = Incoming(address=Address("a", "b"), message_id="m", received_at=WHEN, text="a\ud83d", payload="\ude00")
    assert (clean(broken).text, clean(broken).payload) == ("a�", "�")
    pair = Incoming(address=Address("a", "b"), message_id="m", received_at=WHEN, text="\ud83d\ude00")
    assert clean(pair).text == "😀"
