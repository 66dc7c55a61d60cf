"""Which numbers text messages are sent to (PA-11)."""

from __future__ import annotations

import pytest

from proactive.phones import NoMobile, mobile


@pytest.mark.parametrize(
    "text",
    [
        "0401234567",
        "040 123 4567",
        "040-1234567",
        "00358401234567",
        "+358401234567",
        "+358 (0)40 1234567",
        "٠٤٠١٢٣٤٥٦٧",
        "\u202a040 123\u00a04567\u202c",
        "'0401234567",
        "0401234567,",
    ],
)
def test_one_number_in_every_spelling_is_one(text: str) -> None:
    assert mobile(text) == "+358401234567"


def test_numbers_of_other_countries_are_kept() -> None:
    assert mobile("+46 70 123 45 67") == "+46701234567"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("18018", "no such"),
        ("112", "no such"),
        ("+3580", "not a telephone number"),
        ("", "not a telephone number"),
        ("aino@example.fi", "not a telephone number"),
        ("0401234567 ext 3", "not a telephone number"),
        ("040 123 4567, 050 123 4567", "not a telephone number"),
        ("0401234567.0", "not a telephone number"),  # of somebody else, if the dot were nothing
        ("401234567,0", "not a telephone number"),
        ("0401234567;0501234567", "not a telephone number"),
        ("0401234567#5", "not a telephone number"),
        ("0401234567,5", "not a telephone number"),
        ("\x000401234567", "not a telephone number"),
        ("09 310 1691", "not a mobile"),
        ("0800 123 45", "not a mobile"),
        ("+35840123456789012", "no such"),
    ],
)
def test_what_takes_no_text_messages_is_refused_and_not_repeated(text: str, why: str) -> None:
    with pytest.raises(NoMobile, match=why) as refused:
        mobile(text)
    assert not text or text not in str(refused.value)
