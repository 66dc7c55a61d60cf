"""How long a provider wants to be left alone."""

from __future__ import annotations

import email.utils
import time

import pytest

from bot.retry_after import seconds_of


@pytest.mark.parametrize(("header", "seconds"), [("0", 0.0), ("17", 17.0), (" 1.5 ", 1.5), ("9" * 30, 3600.0)])
def test_a_number_is_seconds_and_no_more_than_the_longest(header: str, seconds: float) -> None:
    assert seconds_of(header) == seconds


@pytest.mark.parametrize(("ahead", "least", "most"), [(60, 50, 61), (-60, 0, 0), (10_000, 3600, 3600)])
def test_a_date_is_how_far_away_it_is(ahead: int, least: float, most: float) -> None:
    found = seconds_of(email.utils.formatdate(time.time() + ahead, usegmt=True))
    assert found is not None
    assert least <= found <= most


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "٣", "nan", "inf", "1.2.3", ".", "Thu, 99 Nov 2026"])
def test_nonsense_says_nothing(header: str | None) -> None:
    assert seconds_of(header) is None
