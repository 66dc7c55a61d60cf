"""What helps who answers: every sentence in every language, and skills of intents that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.desk import load_desk
from knowledge.faults import ContentFaults
from tests.conftest import KNOWLEDGE

WHOLE = """\
skills:
  books:
    title: {fi: "Kirjat", sv: "Böcker"}
    intents: [library]
canned:
  wait:
    title: {fi: "Odota", sv: "Vänta"}
    text: {fi: "Hetki.", sv: "Ett ögonblick."}
"""


def faults(folder: Path, text: str) -> list[str]:
    (folder / "desk.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentFaults) as raised:
        load_desk(folder, ("fi", "sv"), frozenset(("library",)))
    return [str(fault) for fault in raised.value.faults]


def test_a_skill_has_its_intents_and_a_city_need_not_have_any(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(WHOLE, encoding="utf-8")
    desk = load_desk(tmp_path, ("fi", "sv"), frozenset(("library",)))
    assert (desk.skill_of("library"), desk.skill_of("sun")) == ("books", None)
    assert desk.canned["wait"].text["sv"] == "Ett ögonblick."
    (tmp_path / "desk.yaml").unlink()
    assert not load_desk(tmp_path, ("fi",), frozenset()).skills


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (', sv: "Böcker"', "", "desk.yaml:3: skills.books.title: has no “sv”"),
        (', sv: "Ett ögonblick."', "", "desk.yaml:8: canned.wait.text: has no “sv”"),
        ("[library]", "[library, sun]", "desk.yaml:4: there is no intent “sun”"),
        ("    text:", "    txt:", "txt: is a field that nobody knows"),
        ("skills:", "- skills", "desk.yaml"),
    ],
)
def test_what_is_missing_or_unknown_is_told_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert any(expected in fault for fault in faults(tmp_path, WHOLE.replace(old, new, 1)))


def test_the_citys_own_is_whole() -> None:
    stems = frozenset(path.stem for part in ("topics", "phrases") for path in (KNOWLEDGE / part).glob("*.yaml"))
    desk = load_desk(KNOWLEDGE, ("fi", "sv", "en"), stems)
    assert len(desk.skills) >= 4
    assert len(desk.canned) >= 4
    assert len({intent for skill in desk.skills.values() for intent in skill.intents}) == sum(
        len(skill.intents) for skill in desk.skills.values()
    )
