"""What is stored is read back equal, by the person that it is of, and a later form is told from ours."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.codec import Message, NewerContent, NotJSON, Plain, Sealer, clean
from bot.messages import Address, Card, Choice, EffectResult, Incoming, Link, Reply

SEALER = Sealer(Plain())
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
    assert SEALER.open_message("p", SEALER.message("p", message)) == message
    bare = Message(incoming=Incoming(address=Address("a", "b"), message_id="m", received_at=WHEN))
    assert SEALER.open_message("p", SEALER.message("p", bare)) == bare
    assert SEALER.open_incoming("p", SEALER.incoming("p", INCOMING)) == INCOMING
    assert SEALER.open_reply("p", SEALER.reply("p", REPLY)) == REPLY
    assert SEALER.open_text("p", SEALER.text("p", "+358 40 \ud800")) == "+358 40 \ud800"


@given(JSON)
def test_json_is_read_back_equal_and_of_the_same_types(value: Any) -> None:
    found = SEALER.open_json("p", SEALER.json("p", value))
    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    "value",
    [(1, 2), {"a": (1,)}, date(2026, 1, 1), WHEN, {1: "a"}, float("nan"), float("inf"), {1, 2}, REPLY, 2**80, "\ud800"],
)
def test_what_json_would_change_is_an_error_at_once(value: Any) -> None:
    with pytest.raises(NotJSON):
        SEALER.json("p", value)


@pytest.mark.parametrize("data", [b"2:{}", b"10:{}", b"", b"{}", b"x" * 1000])
def test_another_form_is_left_alone(data: bytes) -> None:
    for read in (SEALER.open_text, SEALER.open_json, SEALER.open_message, SEALER.open_incoming, SEALER.open_reply):
        with pytest.raises(NewerContent) as found:
            read("p", data)
        assert len(str(found.value)) <= 8


class Keys:
    """A codec with a key for each person."""

    def encode(self, person_id: str, data: bytes, /) -> bytes:
        return person_id.encode() + data[::-1]

    def decode(self, person_id: str, data: bytes, /) -> bytes:
        assert data.startswith(person_id.encode())
        return data[len(person_id.encode()) :][::-1]

    def lookup(self, value: str) -> bytes:
        return Plain().lookup(value)


def test_every_value_is_sealed_by_its_person_with_its_form_inside() -> None:
    sealer = Sealer(Keys())
    assert sealer.json("p1", {"a": 1}) == b'p1}1:"a"{:1'
    assert sealer.open_json("p1", sealer.json("p1", {"a": 1})) == {"a": 1}
    assert sealer.open_reply("p2", sealer.reply("p2", REPLY)) == REPLY


def test_a_whole_message_is_not_touched_and_a_broken_one_is_mended() -> None:
    assert clean(INCOMING) is INCOMING
    broken = Incoming(address=Address("a", "b"), message_id="m", received_at=WHEN, text="a\ud83d", payload="\ude00")
    assert (clean(broken).text, clean(broken).payload) == ("a�", "�")
    pair = Incoming(address=Address("a", "b"), message_id="m", received_at=WHEN, text="\ud83d\ude00")
    assert clean(pair).text == "😀"
