"""Templates filled as people of each language write, for each channel, and several as one."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import messages
from bot.gsm import count
from bot.messages import JSON
from channels.sms.render import bodies
from proactive.placeholder import Kind, Placeholder
from proactive.render import Part, Unfit, digest, line, names, render, title
from proactive.template import Choice
from proactive.written import written
from tests.unit.proactive.templates import CONFIRM, TEMPLATE, changed, each

HELSINKI = ZoneInfo("Europe/Helsinki")


def pressed(choice: Choice) -> str:
    return f"n|7|{choice.id}"


@pytest.mark.parametrize(
    ("kind", "value", "fi", "sv", "en"),
    [
        ("moment", "2027-08-03T11:05:00Z", "ti 3.8. klo 14.05", "tis 3.8 kl. 14.05", "Tue 3 Aug at 14:05"),
        ("moment", "2027-01-10T22:30:00Z", "ma 11.1. klo 0.30", "mån 11.1 kl. 0.30", "Mon 11 Jan at 0:30"),
        ("moment", "2027-10-31T00:30:00Z", "su 31.10. klo 3.30", "sön 31.10 kl. 3.30", "Sun 31 Oct at 3:30"),
        ("moment", "2027-10-31T01:30:00Z", "su 31.10. klo 3.30", "sön 31.10 kl. 3.30", "Sun 31 Oct at 3:30"),
        ("date", "2028-02-29", "ti 29.2.", "tis 29.2", "Tue 29 Feb"),
        ("time", "09:00", "9.00", "9.00", "9:00"),
        ("number", 12345.5, "12\xa0345,5", "12\xa0345,5", "12,345.5"),
        ("number", "3", "3", "3", "3"),
        ("money", "12.50 EUR", "12,50\xa0€", "12,50\xa0€", "€12.50"),
        ("code", "ABCD-2345", "ABCD-2345", "ABCD-2345", "ABCD-2345"),
        ("phone", "+358401234567", "+358 40 1234567", "+358 40 1234567", "+358 40 1234567"),
        ("text", {"fi": "a", "sv": "b", "en": "c"}, "a", "b", "c"),
    ],
)
def test_values_as_they_are_written(kind: Kind, value: JSON, fi: str, sv: str, en: str) -> None:
    said = [written(kind, value, language=language, zone=HELSINKI) for language in ("fi", "sv", "en")]
    assert said == [fi, sv, en]


def test_a_template_on_a_channel_of_words_and_on_one_that_counts_them() -> None:
    reply = render(TEMPLATE, TEMPLATE.examples, language="sv", channel="sms", zone=HELSINKI, payload=pressed)
    assert reply.text == "**tis 3.8 kl. 14.30**, Berghäll. SLUTA TIDER"
    assert reply.short == "tis 3.8 kl. 14.30, Berghäll. SLUTA TIDER"
    assert reply.language == "sv"
    assert reply.choices == (messages.Choice("Jag kommer", "n|7|confirm"), messages.Choice("Avboka", "n|7|cancel"))
    assert bodies(reply) == ["tis 3.8 kl. 14.30, Berghäll. SLUTA TIDER\n1 Jag kommer\n2 Avboka"]


def test_a_variant_stands_for_the_text_on_its_channel() -> None:
    other = changed(variants={"telegram": each("Aika {when} {place}")})
    for channel, begins in (("telegram", "Aika"), ("webchat", "**ti")):
        reply = render(other, TEMPLATE.examples, language="fi", channel=channel, zone=HELSINKI, payload=pressed)
        assert reply.text.startswith(begins)


def test_a_language_that_the_template_lacks_is_its_first_one() -> None:
    reply = render(TEMPLATE, TEMPLATE.examples, language="et", channel="sms", zone=HELSINKI, payload=pressed)
    assert reply.language == "fi"
    assert "LOPETA AJAT" in reply.text
    assert title(TEMPLATE, TEMPLATE.examples, language="et", zone=HELSINKI) == "Aika ti 3.8. klo 14.30"


def test_other_sentences_are_filled_too() -> None:
    assert CONFIRM.thanks is not None
    said = line(TEMPLATE, CONFIRM.thanks, TEMPLATE.examples, language="en", zone=HELSINKI)
    assert said == "See you Tue 3 Aug at 14:30!"


def test_what_stands_in_a_value_is_neither_a_place_nor_markup() -> None:
    values = {**TEMPLATE.examples, "place": "{code} *x* [a](https://b.example) <b>"}
    reply = render(TEMPLATE, values, language="fi", channel="webchat", zone=HELSINKI, payload=pressed)
    assert r"\{code\} \*x\* \[a\]\(https://b.example\) \<b\>" in reply.text
    assert reply.short is not None
    assert "{code} *x* [a](https://b.example) <b>" in reply.short


def test_an_address_stays_as_it_is() -> None:
    linked = changed(values={"link": Placeholder(kind="link", example="https://hel.fi/a_b_c")}, text=each("{link}"))
    reply = render(
        replace(linked, short=None, choices=()),
        linked.examples,
        language="fi",
        channel="webchat",
        zone=HELSINKI,
        payload=pressed,
    )
    assert (reply.text, reply.short) == ("https://hel.fi/a_b_c", None)


@pytest.mark.parametrize("values", [{}, {"when": "2027-08-03", "place": "a", "code": "b"}, {"when": None}])
def test_values_that_do_not_fit_are_refused_by_name_alone(values: dict[str, JSON]) -> None:
    with pytest.raises(Unfit, match="when") as refused:
        render(TEMPLATE, values, language="fi", channel="sms", zone=HELSINKI, payload=pressed)
    assert "2027" not in str(refused.value)


def test_a_value_that_the_template_has_no_longer_changes_nothing() -> None:
    more = {**TEMPLATE.examples, "gone": object()}
    one = render(TEMPLATE, more, language="fi", channel="sms", zone=HELSINKI, payload=pressed)
    assert one == render(TEMPLATE, TEMPLATE.examples, language="fi", channel="sms", zone=HELSINKI, payload=pressed)


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=40).filter(str.strip))
def test_any_text_comes_out_in_the_text_message_as_it_went_in(place: str) -> None:
    reply = render(
        TEMPLATE, {**TEMPLATE.examples, "place": place}, language="fi", channel="sms", zone=HELSINKI, payload=pressed
    )
    assert reply.short == f"ti 3.8. klo 14.30, {place}. LOPETA AJAT"


@pytest.mark.parametrize("text", ["{", "}", "{}", "{0}", "{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{a b}"])
def test_only_names_are_places(text: str) -> None:
    with pytest.raises(ValueError):
        names(text)


def test_the_names_of_a_text() -> None:
    assert names("{a} {b_2} {{c}} {a}") == {"a", "b_2"}
    assert names("no place") == frozenset()


def said(key: str, language: str, **values: object) -> str:
    return f"{key} {language} {values['count']}"


def test_several_are_one_message_with_a_line_each() -> None:
    parts = [
        Part(f"Title {n} *", messages.Reply(text=f"**text** {n}", short=f"short {n}", language="sv")) for n in (1, 2)
    ]
    reply = digest(parts, language="sv", texts=said)
    assert reply.text == "digest.lead sv 2\n\n**Title 1 \\***\n**text** 1\n\n**Title 2 \\***\n**text** 2"
    assert reply.short == "digest.lead sv 2\n- short 1\n- short 2"
    assert (reply.language, reply.choices) == ("sv", ())
    [body] = bodies(reply)
    assert count(body).encoding == "GSM-7"
