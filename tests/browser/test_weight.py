"""What a phone on a slow network has to fetch."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

STATIC = Path("channels/webchat/static")


def test_the_whole_page_is_light(pytestconfig: pytest.Config) -> None:
    files = [file for file in (pytestconfig.rootpath / STATIC).iterdir() if file.is_file()]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 30_000
    assert sum(file.stat().st_size for file in files if file.suffix == ".css") <= 10_000
