"""A reply as text messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gsm import count, units
from bot.messages import Card, Choice, Image, Link, Reply
from channels.sms.plain import plain
from channels.sms.render import LONGEST, MOST, bodies


def one(**parts: object) -> str:
    values: dict[str, object] = {"text": "", "language": "fi", **parts}
    (body,) = bodies(Reply(**values))  # type: ignore[arg-type]
    return body


def test_the_short_form_is_complete_but_for_the_choices() -> None:
    reply = Reply(
        text="**Pitkä** teksti",
        short="Lyhyt teksti: hel.fi",
        language="fi",
        choices=(Choice("Kyllä", "y"), Choice("Ei", "n")),
        links=(Link("Sivu", "https://hel.fi"),),
        cards=(Card(title="Oodi"),),
    )
    assert bodies(reply) == ["Lyhyt teksti: hel.fi\n1 Kyllä\n2 Ei"]


def test_without_a_short_form_all_is_written_out_in_one_message() -> None:
    body = one(
        text="Tässä **kaksi** paikkaa:\n\n- [Oodi](https://oodi.fi)\n- Rikhardinkatu",
        links=(Link("Varaa", "https://varaamo.hel.fi"), Link("Soita 09 310 5015", "tel:+35893105015")),
        cards=(
            Card(title="Oodi", lines=("Töölönlahdenkatu 4", "09 310 85000"), latitude=60.1739, longitude=24.9382),
            Card(title="Rikhardinkatu", url="https://rikhardinkatu.fi"),
        ),
        image=Image("https://hel.fi/kartta.png", "Kartta"),
        choices=(Choice("Näytä lisää", "more"),),
    )
    assert body.split("\n") == [
        "Tässä kaksi paikkaa:",
        "- Oodi: https://oodi.fi",
        "- Rikhardinkatu",
        "Kartta: https://hel.fi/kartta.png",
        "Oodi",
        "Töölönlahdenkatu 4",
        "09 310 85000",
        "https://www.openstreetmap.org/?mlat=60.173900&mlon=24.938200",
        "Rikhardinkatu",
        "https://rikhardinkatu.fi",
        "Varaa: https://varaamo.hel.fi",
        "Soita 09 310 5015: +35893105015",
        "1 Näytä lisää",
    ]


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("**a** *b* __c__ _d_ `e`", "a b c d e"),
        ("# Otsikko\n\nteksti", "Otsikko\nteksti"),
        ("* yksi\n+ kaksi\n  - kolme", "- yksi\n- kaksi\n- kolme"),
        ("> lainaus\n\n---\n\nloppu", "lainaus\nloppu"),
        ("2 * 3 * 4 ja snake_case_sana", "2 * 3 * 4 ja snake_case_sana"),
        (r"\*tähti\* \[ei linkki\]", "*tähti* [ei linkki]"),
        ("[**lihava** linkki](https://hel.fi/a_b_c)", "lihava linkki: https://hel.fi/a_b_c"),
        ("[hel.fi](https://www.hel.fi/)", "https://www.hel.fi/"),
        ("[sulut](https://mobi.helmet.fi/a(37616))", "sulut: https://mobi.helmet.fi/a(37616)"),
        ("[paha](javascript:alert(1))", "paha"),
        ("![kuva](https://hel.fi/k.png)", "kuva: https://hel.fi/k.png"),
        ("<https://hel.fi> <mailto:a@hel.fi>", "https://hel.fi a@hel.fi"),
        ("https://hel.fi/__init__/*x*", "https://hel.fi/__init__/*x*"),
        ("a &amp; b &lt; c &#228;", "a & b < c ä"),
        ("rivi  \ntoinen\\\nkolmas", "rivi\ntoinen\nkolmas"),
        ("[k](https://hel.fi/käyttö)", "k: https://hel.fi/k%C3%A4ytt%C3%B6"),
        ("[Soita 112](tel:112)", "Soita 112"),
        ("[Kirjoita](mailto:a@hel.fi)", "Kirjoita: a@hel.fi"),
    ],
)
def test_markup_is_taken_away_and_what_it_meant_is_kept(markdown: str, words: str) -> None:
    assert plain(markdown) == words


def test_one_dash_does_not_double_the_price() -> None:
    assert count(one(short="klo 9–10, ”Šiška”")).encoding == "GSM-7"


def test_a_reply_without_words_has_no_message() -> None:
    assert bodies(Reply(text=" ", language="fi")) == []


def test_a_long_reply_is_a_few_messages_that_tell_their_order() -> None:
    text = "\n\n".join(f"Kappale {number}. " + "sana " * 60 for number in range(8))
    found = bodies(Reply(text=text, language="fi"))
    assert len(found) == 2
    assert [body[:6] for body in found] == ["(1/2) ", "(2/2) "]
    assert all(units(body) <= LONGEST for body in found)
    words = " ".join(body[6:] for body in found).split()
    assert words == text.split()


def test_what_would_never_end_is_cut_and_says_so() -> None:
    found = bodies(Reply(text="sana " * 5000, language="fi"))
    assert len(found) == MOST
    assert found[-1].endswith("sana...")
    assert all(units(body) <= LONGEST for body in found)


@given(st.text(max_size=4000), st.sampled_from(["", "x" * 1600, "€" * 800, "😀" * 900]))
def test_no_body_is_longer_than_twilio_takes(text: str, more: str) -> None:
    assert all(0 < units(body) <= LONGEST for body in bodies(Reply(text=text + more, language="fi")))
