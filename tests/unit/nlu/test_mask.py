"""What is masked before a text is stored, in the forms in which people write it, and what must stay as it is."""

from __future__ import annotations

import unicodedata

import pytest

from nlu.mask import ACCOUNT, ADDRESS, EMAIL, IDENTITY_CODE, NAME, PHONE, PLATE, mask


@pytest.mark.parametrize(
    "code",
    [
        "010594Y9032",
        "010594-903 2",
        "010594y9032",
        "131052-308T",
        "131052–308T",
        "131052 - 308T",
        "020516C903K",
        "131052-308U",  # the check character is wrong: a slip in a real code
        "010101+9010",
    ],
)
def test_identity_codes(code: str) -> None:
    assert mask(f"tunnus on {code}, kiitos") == f"tunnus on {IDENTITY_CODE}, kiitos"
    assert mask(f"({code.lower()})") == f"({IDENTITY_CODE})"


@pytest.mark.parametrize("number", ["040 123 4567", "0401234567", "+358 40 1234567", "040-1234567", "09 310 10023"])
def test_phone_numbers(number: str) -> None:
    assert mask(f"soita {number} iltapäivällä") == f"soita {PHONE} iltapäivällä"


@pytest.mark.parametrize(
    "email", ["aino.aho@example.fi", "AINO@EXAMPLE.FI", "a+b@sub.example.co.uk", "aino(at)example.fi"]
)
def test_mail_addresses(email: str) -> None:
    assert mask(f"osoite on {email}.") == f"osoite on {EMAIL}."


@pytest.mark.parametrize("plate", ["ABC-123", "abc-12", "XYZ-1"])
def test_plates(plate: str) -> None:
    assert mask(f"auto {plate} tukkii tien") == f"auto {PLATE} tukkii tien"


def test_bank_accounts() -> None:
    assert mask("tilini on FI21 1234 5600 0007 85") == f"tilini on {ACCOUNT}"


@pytest.mark.parametrize(
    "address",
    [
        "Mannerheimintie 112",
        "Mannerheimintie 112 B 34",
        "mannerheimintie 5 a 3",
        "Hämeentiellä 12",
        "Aino Acktén tie 5",
        "Aino Ackténs väg 5",
        "Tavastvägen 12 A",
        "Vuorikatu 14-16",
        "Kolmas linja 5",
        "3. linja 5",
        "10 Downing Street",
        "Siltasaarenkatu 8",
    ],
)
def test_addresses_with_a_house_number(address: str) -> None:
    for written in (address, unicodedata.normalize("NFD", address)):
        assert mask(f"asun: {written}, ovi 2") == f"asun: {ADDRESS}, ovi 2"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("nimeni on Matti Meikäläinen ja asun Kalliossa", f"nimeni on {NAME} ja asun Kalliossa"),
        ("Nimeni on matti meikäläinen ja haluan", f"Nimeni on {NAME} ja haluan"),
        ("mun nimi on Aino", f"mun nimi on {NAME}"),
        ("lapseni nimi on Eero Aho, 5 v", f"lapseni nimi on {NAME}, 5 v"),
        ("nimi: Aino Aho", f"nimi: {NAME}"),
        ("jag heter Anna-Lisa von Troil", f"jag heter {NAME}"),
        ("jag heter anna och bor i Tölö", f"jag heter {NAME} och bor i Tölö"),
        ("mitt namn är Karl af Forselles", f"mitt namn är {NAME}"),
        ("my name is John Smith and I live here", f"my name is {NAME} and I live here"),
        ("My name's Mary O’Brien.", f"My name's {NAME}."),
        ("terveisin Matti Meikäläinen", f"terveisin {NAME}"),
    ],
)
def test_names_after_their_lead(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "bussi 112 ei tullut",
        "112",
        "soittakaa 112",
        "24.12.2026 klo 15.30",
        "ti 3.3. klo 9-10",
        "tilaus 123456-7890",
        "tilausnumero 990011-2233",
        "asiakasnumero 1234567",
        "Y-tunnus 0201256-6",
        "lomake 2024/123",
        "200 euroa",
        "1 200,50 €",
        "00100 Helsinki",
        "Hämeentiellä on kuoppa",
        "Hämeentie 24.12.2026",
        "linja 7 on myöhässä",
        "kantatie 51",
        "uimaranta 5",
        "metrolaituri 2",
        "Hämeentiellä 3 kuoppaa",
        "HSL-20",
        "covid-19",
        "nimeni on kirjoitettu väärin",
        "my name is misspelled on the card",
        "mitt namn är felstavat",
        "kirjaston nimi on Oodi",
        "poika on 5-vuotias ja tyttö 7",
        "kirjasto Oodi, kerros 3",
    ],
)
def test_what_tells_of_nobody_stays(text: str) -> None:
    assert mask(text) == text


def test_several_in_one_text_and_twice_is_once() -> None:
    text = "Olen töissä. Nimeni on Aino Aho, 131052-308T, Vuorikatu 14 B 3, 040 123 4567, aino@example.fi, ABC-123."
    once = mask(text)
    assert once == f"Olen töissä. Nimeni on {NAME}, {IDENTITY_CODE}, {ADDRESS}, {PHONE}, {EMAIL}, {PLATE}."
    assert mask(once) == once


@pytest.mark.parametrize(
    "text", ["", " ", "👍", "\ud800", "a" * 20_000, "nimeni on " * 2_000, "a@" * 5_000, "katu 1 " * 2_000, "‹phone›"]
)
def test_odd_texts_are_borne_and_stay_the_same_the_second_time(text: str) -> None:
    assert mask(mask(text)) == mask(text)
