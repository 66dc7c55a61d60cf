"""What ``neuvo check`` says of templates, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from proactive.lint import findings
from proactive.placeholder import Placeholder
from proactive.template import Choice, Ladder, Template
from tests.unit.proactive.templates import AROUND, CANCEL, CONFIRM, ENDS, TEMPLATE, changed, each

LADDER = Ladder(again="visit", again_after=timedelta(hours=1), handoff_after=timedelta(hours=2), skill="care")
ALARM = replace(CANCEL, opens=None, entities={"x": "code"}, thanks=each("ok"), alarm=True)


def found(template: Template) -> dict[tuple[str | int, ...], str]:
    return {where: message for where, message, _ in findings(template, {"visit": TEMPLATE}, AROUND)}


def texts(fi: str, sv: str = "", en: str = "") -> dict[str, str]:
    """The texts of the template with others in some languages."""
    return {**TEMPLATE.text, **{code: text for code, text in (("fi", fi), ("sv", sv), ("en", en)) if text}}


def test_the_template_of_these_tests_is_right() -> None:
    assert found(TEMPLATE) == {}


CASES: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({"purpose": "nothing"}, ("purpose",), "there is no purpose “nothing”"),
    ({"title": {"fi": "Aika {when}", "en": "Visit {when}"}}, ("title",), "has no “sv”"),
    ({"title": {**TEMPLATE.title, "et": "Aeg {when}"}}, ("title", "et"), "“et” is no language of the city"),
    ({"text": texts(f"{{when}} {{palce}} {{place}} {ENDS['fi']}")}, ("text", "fi"), "there is no value “palce”"),
    ({"text": texts("", f"{{place}} {ENDS['sv']}")}, ("text", "sv"), "lacks {when}, which the others have"),
    (
        {"text": texts("", f"{{place}} {{when}} {{code}} {ENDS['sv']}")},
        ("text", "sv"),
        "has {code}, which the others lack",
    ),
    (
        {"short": {code: f"{{place}} {word}" for code, word in ENDS.items()}},
        ("short", "fi"),
        "lacks {when}, which the others have",
    ),
    ({"variants": {"webchat": each("{when}")}}, ("variants", "webchat", "fi"), "lacks {place}, which the others have"),
    ({"text": texts("{when!r} {place}")}, ("text", "fi"), "has braces that are no place"),
    ({"text": texts("{when} {place} }")}, ("text", "fi"), "has braces that are no place"),
    (
        {"values": {**TEMPLATE.values, "more": Placeholder(kind="text", example="a")}},
        ("values", "more"),
        "is used nowhere",
    ),
    (
        {"values": {**TEMPLATE.values, "when": Placeholder(kind="moment", example="2027-08-03")}},
        ("values", "when", "example"),
        "the example is not a moment with its offset, such as 2027-08-03T14:30:00+03:00",
    ),
    ({"variants": {"sms": TEMPLATE.text}}, ("variants", "sms"), "is the text of text messages"),
    (
        {"variants": {"telegram": TEMPLATE.text}},
        ("variants", "telegram"),
        "is a channel that the purpose does not have",
    ),
    ({"variants": {"fax": TEMPLATE.text}}, ("variants", "fax"), "there is no channel “fax”"),
    (
        {"short": {**ENDS, "fi": "{when} {place}", **{c: f"{{when}} {{place}} {ENDS[c]}" for c in ("sv", "en")}}},
        ("short", "fi"),
        "does not say how to end such messages",
    ),
    ({"fallback_after": timedelta(days=1)}, ("fallback_after",), "is no shorter than “expires_after”"),
    ({"digest": True}, ("digest",), "is of a template with choices, which need a message of their own"),
    ({"ladder": LADDER}, ("ladder",), "goes with no choice that asks for help"),
    ({"ladder": replace(LADDER, again="gone")}, ("ladder", "again"), "there is no template “gone”"),
    ({"ladder": replace(LADDER, skill="gone")}, ("ladder", "skill"), "there is no skill “gone” in desk.yaml"),
    (
        {"ladder": replace(LADDER, again_after=timedelta(hours=2)), "choices": (CONFIRM, ALARM)},
        ("ladder",),
        "hands over before it asks again",
    ),
]


@pytest.mark.parametrize(("changes", "where", "message"), CASES, ids=[f"{n}-{c[2][:24]}" for n, c in enumerate(CASES)])
def test_a_fault_of_a_template(changes: dict[str, Any], where: tuple[str | int, ...], message: str) -> None:
    assert found(changed(**changes)).get(where) == message


CHOICES: list[tuple[Choice, tuple[str | int, ...], str]] = [
    (replace(CANCEL, opens="nothing"), ("opens",), "there is no dialog “nothing”"),
    (
        replace(CANCEL, entities={"appointment_code": "number"}),
        ("entities", "appointment_code"),
        "there is no value “number”",
    ),
    (replace(CANCEL, confirm=each("Sure?")), (), "opens a dialog, which asks and thanks by itself"),
    (replace(CANCEL, opens=None, entities={}), (), "opens no dialog, and has no “thanks” to say"),
    (replace(ALARM), ("entities",), "are for a dialog, but it opens none"),
    (replace(CANCEL, label=each("TULEN", "x", "y")), ("label", "fi"), "“TULEN” is another choice's too"),
    (
        replace(CANCEL, words={"fi": ("tulen kyllä",), "sv": ("a",), "en": ("b",)}),
        ("words", "fi"),
        "“tulen kyllä” is another choice's too",
    ),
    (replace(CANCEL, words={"fi": ("en tule",)}), ("words",), "has no “en”"),
    (
        replace(CANCEL, words={"fi": ("apua",), "sv": ("a",), "en": ("b",)}),
        ("words", "fi"),
        "“apua” is the command help on webchat",
    ),
    (
        replace(CANCEL, words={"fi": ("a",), "sv": ("b",), "en": ("Yes",)}),
        ("words", "en"),
        "“Yes” is the command opt_in on sms",
    ),
    (
        replace(CANCEL, words={"fi": ("2",), "sv": ("a",), "en": ("b",)}),
        ("words", "fi"),
        "“2” is the number of a choice",
    ),
    (replace(CANCEL, id="confirm"), ("id",), "“confirm” is the id of two choices"),
]


@pytest.mark.parametrize(("choice", "where", "message"), CHOICES)
def test_a_fault_of_a_choice(choice: Choice, where: tuple[str | int, ...], message: str) -> None:
    assert found(changed(choices=(CONFIRM, choice))).get(("choices", 1, *where)) == message


def test_peru_cancels_the_appointment_and_help_is_for_who_asks_for_it() -> None:
    words = {"fi": ("peru",), "sv": ("a",), "en": ("b",)}
    assert found(changed(choices=(CONFIRM, replace(CANCEL, words=words)))) == {}
    alarm = replace(CANCEL, alarm=True, words={**words, "fi": ("apua",)})
    assert found(changed(choices=(CONFIRM, alarm))) == {}
    stop = replace(alarm, words={**words, "fi": ("stop",)})
    assert ("choices", 1, "words", "fi") in found(changed(choices=(CONFIRM, stop)))


def test_more_choices_than_digits() -> None:
    many = tuple(replace(CONFIRM, id=f"c{n}", label=each(f"c{n}"), words={}) for n in range(10))
    assert found(changed(choices=(*many, CANCEL)))["choices",] == "are 11"


def test_a_day_that_ends_a_finnish_sentence_would_have_two_full_stops() -> None:
    day = Placeholder(kind="date", example="2027-08-03")
    said = {code: f"{{place}} **{{when}}**. {word}" for code, word in ENDS.items()}
    wrong = changed(values={**TEMPLATE.values, "when": day}, text=said)
    assert found(wrong) == {("text", "fi"): "has two full stops with the examples"}


REMINDER = "Muistutus: ajanvarauksenne Kallion terveysasemalle ti 3.3. klo 9{}10. Peruuta vastaamalla PERU. LOPETA AJAT"


def alone(fi: str) -> Template:
    """One without values and choices, whose text message in Finnish is this."""
    return changed(values={}, choices=(), title=each("a"), text=ENDS, short={**ENDS, "fi": fi})


def test_one_dash_makes_a_text_message_dear_and_a_hyphen_does_not() -> None:
    assert found(alone(REMINDER.format("-"))) == {}
    [(where, message)] = found(alone(REMINDER.format("–"))).items()
    assert where == ("short", "fi")
    assert "– (U+2013 EN DASH)" in message


@pytest.mark.parametrize("sign", ["“", "\u00a0", "š", "😀", "…"])
def test_characters_that_no_text_message_needs(sign: str) -> None:
    assert "dearer" in found(alone(f"a{sign} LOPETA AJAT"))["short", "fi"]


@pytest.mark.parametrize("text", ["ä ö å Ä Ö Å é €", "a\u0308"])
def test_letters_of_the_country_cost_nothing_more(text: str) -> None:
    assert found(alone(f"{text} LOPETA AJAT")) == {}


@pytest.mark.parametrize(("length", "parts"), [(306, 0), (307, 3), (460, 4)])
def test_a_text_message_takes_two_parts_at_most(length: int, parts: int) -> None:
    ending = " LOPETA AJAT"
    said = found(alone("a" * (length - len(ending)) + ending))
    assert ("short", "fi") in said if parts else said == {}
    assert not parts or f"takes {parts} parts" in said["short", "fi"]


def test_choices_count_into_the_parts() -> None:
    ending = " LOPETA AJAT"
    template = replace(
        alone("a" * (300 - len(ending)) + ending),
        choices=(replace(CONFIRM, thanks=each("Ok"), label=each("Tulen paikalle")),),
    )
    assert "takes 3 parts" in found(template)["short", "fi"]


def test_a_purpose_without_text_messages_needs_no_short_form_that_fits() -> None:
    class Web:
        channels = ("webchat",)
        withdraw: dict[str, tuple[str, ...]] = {}  # noqa: RUF012

    around = replace(AROUND, purposes={"visits": Web()})
    assert [*findings(alone("š" * 900), {}, around)] == []
