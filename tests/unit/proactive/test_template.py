"""Templates by version, and values that fit them or not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import JSON
from proactive.placeholder import Kind, Placeholder, fault
from proactive.template import Templates, UnknownTemplate, ValueFault, check_values
from tests.unit.proactive.templates import LANGUAGES, TEMPLATE

GOOD: dict[Kind, tuple[JSON, ...]] = {
    "text": ("Kallion terveysasema", "a", "50 % & {braces} *stars*", {"fi": "a", "sv": "b", "en": "c"}),
    "date": ("2027-08-03", "2028-02-29"),
    "time": ("14:30", "00:00"),
    "moment": ("2027-08-03T14:30:00+03:00", "2027-08-03T11:30:00Z"),
    "number": (0, 3, -2.5, "12", "-0.5"),
    "money": ("12.50 EUR", "1200 SEK", "-3.00 EUR"),
    "code": ("ABCD-EFGH-2345", "7"),
    "link": (
        "https://www.hel.fi/a?b=c",
        {"fi": "https://hel.fi", "sv": "https://hel.fi/sv", "en": "https://hel.fi/en"},
    ),
    "phone": ("+358401234567", "+46701234567"),
}
BAD: dict[Kind, tuple[JSON, ...]] = {
    "text": ("", "  ", "a\nb", "a\x00", "a\u202eb", "x" * 41, 7, None, True, ["a"], {"fi": "a"},
             {"fi": 1, "sv": "", "en": ""}),
    "date": ("2027-02-29", "3.8.2027", "2027-08-03T10:00",
             "", 20270803, "20270803", "2027-W31-2", {"fi": "2027-01-01"}),
    "time": ("25:00", "14.30", "14:30+02:00", "9:00", "klo 9"),
    "moment": ("2031-05-06T14:30:00", "2031-05-06", "tomorrow", "2031-05-06T14.30+03:00", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00"),
    "number": ("kolme", "1,5", "", True, float("nan"), float("inf"), "1" * 16, "٣"),
    "money": ("12,50 EUR", "12.5 EUR", "EUR 12", "12.50 eur", 12.5),
    "code": ("", "ab cd", "a|b", "-a", "ä", "x" * 41),
    "link": (
        "http://hel.fi", "javascript:alert(1)", "https:///", "https://localhost", "https://u@hel.fi",
        "https://hel.fi/a b", "https://hel.fi/)", "https://hel.fi/" + "a" * 300, "hel.fi", "https://[::1", "https://evil.example\\.hel.fi",
    ),
    "phone": ("0401234567", "+3580", "+358 40 1234567", "18018", "+35850", "numero"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in GOOD.items() for value in values])
def test_a_value_of_its_kind(kind: Kind, value: JSON) -> None:
    assert fault(Placeholder(kind=kind, example="", max=40), value, LANGUAGES) is None


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in BAD.items() for value in values])
def test_a_value_of_another_kind_is_told_without_itself(kind: Kind, value: JSON) -> None:
    message = fault(Placeholder(kind=kind, example="", max=40), value, LANGUAGES)
    assert message is not None
    assert not isinstance(value, str) or len(value) < 6 or value not in message


def test_a_link_is_on_one_of_its_hosts() -> None:
    link = Placeholder(kind="link", example="", hosts=("hel.fi",))
    assert fault(link, "https://www.hel.fi/x", LANGUAGES) is None
    assert fault(link, "https://hel.fi", LANGUAGES) is None
    for other in ("https://hel.fi.example", "https://nothel.fi", "https://example.com/hel.fi"):
        assert fault(link, other, LANGUAGES) == "is not on hel.fi"


@given(
    st.sampled_from(sorted(GOOD)),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    ),
)
def test_no_json_whatever_is_more_than_a_fault(kind: Kind, value: JSON) -> None:
    found = fault(Placeholder(kind=kind, example=""), json.loads(json.dumps(value)), LANGUAGES)
    assert found is None or found


def test_every_fault_of_the_values_is_named() -> None:
    values = {"when": "2027-08-03", "code": "A1", "name": "Aino"}
    assert {found.name: found.message.split()[-1] for found in check_values(TEMPLATE, values, LANGUAGES)} == {
        "place": "missing",
        "when": "2027-08-03T14:30:00+03:00",
        "name": "template",
    }
    assert check_values(TEMPLATE, TEMPLATE.examples, LANGUAGES) == ()
    late = {**TEMPLATE.examples, "place": "x" * 41}
    assert check_values(TEMPLATE, late, LANGUAGES) == (ValueFault("place", "is longer than 40 characters"),)


def test_a_pinned_version_stays_and_the_newest_is_given_otherwise() -> None:
    newer, other = replace(TEMPLATE, version=2), replace(TEMPLATE, id="another")
    templates = Templates([newer, TEMPLATE, other])
    assert templates.get("visit") is newer
    assert templates.get("visit", 1) is TEMPLATE
    assert [*templates] == [other, newer]
    assert [*templates.versions()] == [other, TEMPLATE, newer]
    assert len(templates) == 2
    assert "visit" in templates
    for wanted in (("visit", 3), ("nothing", None)):
        with pytest.raises(UnknownTemplate):
            templates.get(*wanted)


def test_choices_by_id_and_the_one_that_asks_for_help() -> None:
    assert TEMPLATE.choice("cancel") is TEMPLATE.choices[1]
    assert TEMPLATE.choice("other") is None
    assert TEMPLATE.alarm is None
    alarming = replace(TEMPLATE, choices=(TEMPLATE.choices[0], replace(TEMPLATE.choices[1], alarm=True)))
    assert alarming.alarm == "cancel"
