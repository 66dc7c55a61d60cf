"""What a text costs as a text message (Twilio's calculator is the model), and how it is made cheaper."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gsm import Count, count, downgrade, units

GSM, UCS = "GSM-7", "UCS-2"
FLAG, RAINBOW, FAMILY = "🇫🇮", "🏳\ufe0f🌈", "👨\u200d👩\u200d👧\u200d👦"
REMINDER = (
    "Muistutus: ajanvarauksenne Kallion terveysasemalle ti 3.3. klo 9–10. Peruuta vastaamalla PERU. "
    "Lisätietoja: https://hel.fi"
)
EVERY_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

COUNTS = [
    # The borders of both encodings.
    ("", GSM, 0, 1),
    ("a", GSM, 1, 1),
    ("a" * 160, GSM, 160, 1),
    ("a" * 161, GSM, 161, 2),
    ("a" * 306, GSM, 306, 2),
    ("a" * 307, GSM, 307, 3),
    ("a" * 459, GSM, 459, 3),
    ("a" * 460, GSM, 460, 4),
    ("ж" * 70, UCS, 70, 1),
    ("ж" * 71, UCS, 71, 2),
    ("ж" * 134, UCS, 134, 2),
    ("ж" * 135, UCS, 135, 3),
    ("ж" * 201, UCS, 201, 3),
    ("ж" * 202, UCS, 202, 4),
    (EVERY_BASIC, GSM, 127, 1),
    ("åäöÅÄÖÉé" * 20, GSM, 160, 1),
    # SE-01: characters of the extension table count twice.
    ("a" * 159 + "€", GSM, 161, 2),
    ("a" * 158 + "€", GSM, 160, 1),
    ("]" * 77, GSM, 154, 1),
    ("]" * 80, GSM, 160, 1),
    ("]" * 81, GSM, 162, 2),
    *[(each + "1" * 158, GSM, 160, 1) for each in "|^€{}[]~\\\f"],
    *[(each + "1" * 159, GSM, 161, 2) for each in "|^€{}[]~\\\f"],
    # An escape and its character stay together: a part of 153 holds 76 of them.
    ("]" * 152, GSM, 304, 2),
    ("]" * 153, GSM, 306, 3),
    ("a" + "]" * 76 + "]" * 76, GSM, 305, 2),
    ("a" * 152 + "€" + "a" * 151, GSM, 305, 2),
    ("a" * 152 + "€" + "a" * 152, GSM, 306, 3),
    ("a" * 153 + "€" + "a" * 151, GSM, 306, 2),
    # SE-02: nothing counts twice once the text is UCS-2.
    ("|" * 69 + "∞", UCS, 70, 1),
    ("😀" + "]" * 68, UCS, 70, 1),
    ("😀" + "]" * 69, UCS, 71, 2),
    # SE-03: a line that ends in CRLF costs one more.
    ("a" * 80 + "\r\n" + "a" * 79, GSM, 161, 2),
    ("a" * 80 + "\n" + "a" * 79, GSM, 160, 1),
    ("\rabcde\r\n123", GSM, 11, 1),
    ("ж" * 66 + "\r\n" + "ж" * 66, UCS, 134, 2),
    # SE-04: decomposed letters are no letters of the alphabet.
    (unicodedata.normalize("NFD", "ä" * 70), UCS, 140, 3),
    ("ä" * 70, GSM, 70, 1),
    # SE-05: one dash turns the whole message.
    (REMINDER, UCS, 122, 2),
    (REMINDER.replace("–", "-"), GSM, 122, 1),
    # SE-06: what is one character to the reader is not split.
    ("a" * 66 + "😀" + "a" * 10, UCS, 78, 2),
    ("a" * 66 + "😀" + "a" * 64 + "b", UCS, 133, 2),
    ("a" * 66 + "😀" + "a" * 65 + "b", UCS, 134, 3),
    ("a" * 65 + "😀" + "a" * 67, UCS, 134, 2),
    ("😜" + "2" * 68, UCS, 70, 1),
    ("😜" + "2" * 69, UCS, 71, 2),
    ("😜" + "2" * 133, UCS, 135, 3),
    (FLAG + "2" * 66, UCS, 70, 1),
    (FLAG + "2" * 67, UCS, 71, 2),
    ("a" * 64 + FLAG + "a" * 66, UCS, 134, 3),
    (RAINBOW + "2" * 65, UCS, 70, 1),
    (FAMILY * 6, UCS, 66, 1),
    (FAMILY * 7, UCS, 77, 2),
    (FAMILY * 12, UCS, 132, 2),
    (FAMILY * 13, UCS, 143, 3),
    ("e\u0301\u0301\u0301" + "a" * 66, UCS, 70, 1),
    ("e\u0301\u0301\u0301" + "a" * 67, UCS, 71, 2),
    # Letters of other languages that look as if they were in it.
    *[(each * 70, UCS, 70, 1) for each in "ÁÚúçíÍóÓšžŠŽ"],
    *[(each * 71, UCS, 71, 2) for each in "ÁÚúçíÍóÓšžŠŽ"],
]


@pytest.mark.parametrize(("text", "encoding", "size", "parts"), COUNTS)
def test_what_a_text_costs(text: str, encoding: str, size: int, parts: int) -> None:
    found = count(text)
    assert (found.encoding, found.units, found.parts) == (encoding, size, parts)
    assert units(text) == size


def test_there_are_enough_vectors() -> None:
    assert len(COUNTS) >= 60


DOWNGRADES = [
    ("åäöÅÄÖÉé", "åäöÅÄÖÉé"),
    ("klo 9–10", "klo 9-10"),
    ("klo 9—10 − 1‑2", "klo 9-10 - 1-2"),
    ("”Hei” “hej” „hi‟ «moi»", '"Hei" "hej" "hi" "moi"'),
    ("it’s ‘so’ ´x` ′", "it's 'so' 'x' '"),
    ("a\u00a0b\u2009c\u202fd\u3000e", "a b c d e"),
    ("Šiška, žurnalisti, tšekki", "Siska, zurnalisti, tsekki"),
    ("čáđŧŋ ÁČĐŦŊ", "cadtn ACDTN"),
    ("Wałęsa, Łódź, Dvořák, ő ű", "Walesa, Lódz, Dvorák, o u".replace("ó", "o").replace("á", "a")),
    ("œuvre, Þór, straẞe", "oeuvre, Thor, straße"),
    ("odota…", "odota..."),
    ("• yksi\n· kaksi", "- yksi\n- kaksi"),
    ("20 °C, ½ m², 3×4, 5 µm", "20 C, 1/2 m2, 3x4, 5 um"),
    ("→ Oodi ™", "-> Oodi TM"),
    ("a\r\nb\rc\n", "a\nb\nc\n"),
    ("a\tb\x0cc\u2028d", "a b\nc\nd"),
    ("pu\u00adhe\u200blin\ufeff\u2060", "puhelin"),
    ("a\x00\x1b\x07b\x9f", "ab"),
    ("e\u0301", "é"),
    ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
    ("maksaa 5 €", "maksaa 5 €"),
    ("x̌", "x"),
    ("puoli \ud800 paria", "puoli ? paria"),
]


@pytest.mark.parametrize(("text", "wanted"), DOWNGRADES)
def test_look_alikes_make_a_message_cheap(text: str, wanted: str) -> None:
    assert downgrade(text) == wanted
    assert count(downgrade(text)).encoding == GSM


@pytest.mark.parametrize("text", ["Привет – “мир”", "Kiitos 😀 – “Šiška”", "مرحبا…", "नमस्ते"])
def test_what_costs_the_full_price_anyway_keeps_its_spelling(text: str) -> None:
    assert downgrade(text) == text
    assert count(text).encoding == UCS


def test_the_reminder_of_the_field_case_fits_in_one_message() -> None:
    assert count(downgrade(REMINDER)) == Count(encoding="GSM-7", units=122, parts=1)
    assert count(downgrade(unicodedata.normalize("NFD", "ä" * 70))).parts == 1
    assert count(downgrade("a" * 80 + "\r\n" + "a" * 79)).parts == 1


@given(st.text(st.characters(exclude_categories=[])))
def test_no_text_is_made_dearer_or_unsendable(text: str) -> None:
    found = downgrade(text)
    assert downgrade(found) == found
    assert "\r" not in found
    found.encode("utf-16-le")  # no half of a pair


@given(st.text("aä€]жшㅎ😀\u0301\u200d\n", max_size=400))
def test_parts_are_never_fewer_than_their_units_need(text: str) -> None:
    found = count(text)
    whole, part = (160, 153) if found.encoding == GSM else (70, 67)
    least = 1 if found.units <= whole else -(-found.units // part)
    assert least <= found.parts <= 2 * least
