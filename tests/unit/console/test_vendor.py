"""What others made is there as they released it: each file's digest stands in NOTICE beside its version."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VENDOR = ROOT / "console" / "static" / "vendor"


def test_every_vendored_file_is_the_one_that_notice_names() -> None:
    said = dict(
        re.findall(r"(?m)^  (\S+)  \S+\n    sha256 ([0-9a-f]{64})$", (ROOT / "NOTICE").read_text(encoding="utf-8"))
    )
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    del found["hds-licence.txt"]
    assert found == said


def test_every_page_loads_what_is_there_and_nothing_from_elsewhere() -> None:
    text = (ROOT / "console" / "templates" / "base.html").read_text(encoding="utf-8")
    sheets = re.findall(r'"([a-z-]+)"', re.findall(r"for sheet in \((.*)\) %", text)[0])
    assert {f"hds-{sheet}.min.css" for sheet in sheets} | {"htmx.min.js", "hds-licence.txt"} == {
        path.name for path in VENDOR.iterdir()
    }
    styles = "".join(path.read_text(encoding="utf-8") for path in VENDOR.glob("*.css"))
    assert not re.findall(r"""@import|url\((?!["']?data:)""", styles)
    assert "http" not in re.sub(r"http://www\.w3\.org", "", text)
