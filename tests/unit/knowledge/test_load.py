from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pydantic
import pytest

from knowledge.load import Content, ContentFaults, Fault, load_content

Change = Callable[[str, str], int]
TODAY = date(2026, 11, 26)


def load(folder: Path) -> Content:
    return load_content(folder, today=TODAY)


def faults(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ContentFaults) as caught:
        load(folder)
    return caught.value.faults


def only(folder: Path) -> Fault:
    (fault,) = faults(folder)
    assert fault.remedy
    return fault


def second(village: Path, text: str, name: str = "topics/avanto.yaml") -> None:
    (village / name).write_text(text, encoding="utf-8")


def test_reads_a_topic(village: Path) -> None:
    (topic,) = load(village).topics
    assert topic.intent == "sauna"
    assert topic.phrases["fi"] == ("milloin sauna lämpiää", "saunavuoro")
    assert topic.reviewed == date(2026, 11, 1)
    assert topic.answer["fi"].links[0].url == "https://kyla.example/s"
    assert topic.answer["en"].long is None


def test_content_is_frozen(village: Path) -> None:
    content = load(village)
    with pytest.raises(FrozenInstanceError):
        content.topics = ()  # type: ignore[misc]
    with pytest.raises(pydantic.ValidationError):
        content.topics[0].intent = "x"
    with pytest.raises(TypeError):
        content.topics[0].phrases["fi"] = ()  # type: ignore[index]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("owner: Kylätoimikunta\n", "", "owner: is missing"),
        ("source: https://www.kyla.example/sauna\n", "", "source: is missing"),
        ("reviewed: 2026-11-01\n", "", "reviewed: is missing"),
        ("reviewed: 2026-11-01", "reviewed: 2026-13-01", "not a date"),
        ("reviewed: 2026-11-01", "reviewed: soon", "not a date"),
        ("owner: Kylätoimikunta", "owner: no", "“no” without quotes means false"),
        ("owner: Kylätoimikunta", "owner: 112", "112 is a number"),
        ("owner: Kylätoimikunta", "owner:", "nothing after it"),
        ("owner: Kylätoimikunta", 'owner: " "', "is empty"),
        ("owner: Kylätoimikunta", "owner: {a: b}", "string"),
        ("owner: Kylätoimikunta", "ovner: x\nowner: y", "ovner: is a field that nobody knows"),
        ("owner: Kylätoimikunta", "owner: x\nowner: y", "has the key “owner” twice"),
        ("owner: Kylätoimikunta", "owner: !!python/name:os.system x", "has the tag"),
        ("owner: Kylätoimikunta", "owner: &o {a: *o}", "alias"),
        ("source: https://www", "source: http://www", "is not https"),
        ("intent: sauna", "intent: saunat", "“saunat” is not the file's name"),
        ("saunavuoro", "no", "“no” without quotes"),
        ("[milloin sauna lämpiää, saunavuoro]", "[]", "is an empty list"),
        ('url: "https://kyla.example/s"', 'url: "http://kyla.example/s"', "is not https"),
        ("Sauna **lämpiää**.", "[Sauna](http://kyla.example)", "is not https"),
        ('short: "Sauna lämpiää."', 'short: "Sauna – kuuma."', "–"),
        ('short: "Sauna lämpiää."', 'short: "”Sauna”"', "”"),
        ("saunavuoro", '"MILLOIN, sauna lämpiää?!"', "is there already"),
        ("[löylyt]", "[Saunavuoro!]", "is trained on"),
        ("[löylyt]", "[löylyt, löylyt]", "is there already"),
    ],
)
def test_fault_with_its_line(village: Path, change: Change, old: str, new: str, message: str) -> None:
    line = change(old, new)
    found = faults(village)
    assert any(message in fault.message for fault in found), found
    fault = next(fault for fault in found if message in fault.message)
    assert fault.file == "knowledge/topics/sauna.yaml"
    if new:  # a field that is missing has no line of its own
        assert fault.line in {line, line + new.count("\n")}
    assert fault.remedy


@pytest.mark.parametrize("field", ["title", "phrases", "held_out", "answer"])
def test_missing_translation(village: Path, change: Change, field: str) -> None:
    pieces = {
        "title": (", en: Sauna}", "}"),
        "phrases": ("  en: [when is the sauna warm]\n", ""),
        "held_out": ("  en: [steam bath]\n", ""),
        "answer": ('  en: {short: "The sauna is warm."}\n', ""),
    }
    change(*pieces[field])
    assert only(village).message == f"{field} has no “en”"


def test_language_that_the_city_does_not_speak(village: Path, change: Change) -> None:
    change("en: Sauna}", "en: Sauna, et: Saun}")
    assert "“et”" in only(village).message


def test_yaml_syntax(village: Path) -> None:
    second(village, 'intent: avanto\ntitle: {fi: "Avanto\n')
    fault = only(village)
    assert (fault.file, fault.message[:13]) == ("knowledge/topics/avanto.yaml", "is not YAML (")
    assert fault.line >= 2


@pytest.mark.parametrize(
    ("raw", "message", "line"),
    [
        (lambda topic: codecs.BOM_UTF8 + topic.encode(), "byte order mark", 1),
        (lambda topic: topic.encode("latin-1"), "not UTF-8", 3),
        (lambda topic: b"", "is empty", 1),
        (lambda topic: b"- sauna\n", "not a mapping", 1),
        (lambda topic: b"a: " + b"[" * 20_000, "is n", 1),
        (lambda topic: b"intent: \x07\n", "is not YAML", 1),
        (lambda topic: b"? [a]\n: b\n", "for a key", 1),
    ],
)
def test_bytes_that_are_no_topic(village: Path, raw: Callable[[str], bytes], message: str, line: int) -> None:
    path = village / "topics" / "sauna.yaml"
    path.write_bytes(raw(path.read_text(encoding="utf-8")))
    found = faults(village)
    assert any(message in fault.message and fault.line == line for fault in found), found


def test_phrase_of_two_topics_in_any_spelling(village: Path) -> None:
    topic = (village / "topics" / "sauna.yaml").read_text(encoding="utf-8")
    other = topic.replace("intent: sauna", "intent: avanto").replace("löylyt", "jää").replace("steam bath", "ice")
    other = other.replace("saunavuoro", "pulahdus").replace("when is the sauna warm", "cold water")
    twin = unicodedata.normalize("NFD", "Milloin — SAUNA lämpiää?")
    second(village, other.replace("milloin sauna lämpiää", f'"{twin}"'))
    fault = only(village)
    assert fault.file == "knowledge/topics/sauna.yaml"
    assert "knowledge/topics/avanto.yaml:7" in fault.message


def test_same_phrase_in_two_languages_is_no_fault(village: Path, change: Change) -> None:
    change("[when is the sauna warm]", "[saunavuoro]")
    assert load(village).topics


def test_held_out_is_never_trained_by_another_topic(village: Path) -> None:
    second(
        village,
        "intent: loyly\ntitle: {fi: a, en: b}\nphrases: {fi: [löylyt], en: [x]}\nheld_out: {fi: [p], en: [q]}\n",
        "phrases/loyly.yaml",
    )
    assert "is trained on (knowledge/phrases/loyly.yaml:3)" in only(village).message


def test_short_counts_septets(village: Path, change: Change) -> None:
    change("Sauna lämpiää.", "€" * 150)
    assert load(village).topics
    change("€" * 150, "€" * 150 + "a")
    assert "301 characters" in only(village).message


def test_short_is_composed_before_it_is_judged(village: Path, change: Change) -> None:
    change("Sauna lämpiää.", unicodedata.normalize("NFD", "Sauna lämpiää."))
    assert load(village).topics[0].answer["fi"].short == "Sauna lämpiää."


def test_intent_is_topic_or_dialog(village: Path) -> None:
    second(village, "intent: sauna\ntitle: {fi: a, en: b}\nphrases: {fi: [c], en: [d]}\n", "phrases/sauna.yaml")
    assert "topics/sauna.yaml too" in only(village).message


def test_out_of_scope_needs_no_title(village: Path) -> None:
    second(village, "intent: OUT_OF_SCOPE\nphrases: {fi: [c], en: [d]}\n", "phrases/out_of_scope.yaml")
    assert load(village).phrases[0].title is None
    second(village, "intent: help\nphrases: {fi: [e], en: [f]}\n", "phrases/help.yaml")
    assert only(village).message == "title: is missing"


def test_every_fault_at_once(village: Path, change: Change) -> None:
    change("owner: Kylätoimikunta\n", "")
    change("  en: [steam bath]\n", "")
    change('short: "Sauna lämpiää."', 'short: "Sauna…"')
    city = (village / "city.yaml").read_text(encoding="utf-8")
    second(village, city.replace("country: FI\n", ""), "city.yaml")
    second(village, "intent: [", "phrases/rikki.yaml")
    found = faults(village)
    assert len(found) == 5
    assert list(found) == sorted(found)
    assert "knowledge/city.yaml:1: country: is missing. Add it." in str(ContentFaults(found))


def test_no_city(village: Path) -> None:
    (village / "city.yaml").unlink()
    assert only(village).file == "knowledge/city.yaml"


def test_old_review_and_few_phrases_only_warn(village: Path, change: Change) -> None:
    line = change("reviewed: 2026-11-01", "reviewed: 2025-11-25")
    warnings = load(village).warnings
    assert any("more than a year" in warning.message and warning.line == line for warning in warnings)
    assert any("phrases.fi has 2" in warning.message for warning in warnings)


def test_review_a_year_ago_is_fresh_enough(village: Path, change: Change) -> None:
    change("reviewed: 2026-11-01", "reviewed: 2025-11-26")
    assert not any("reviewed" in warning.message for warning in load(village).warnings)


def test_sentence_missing_in_a_language(village: Path) -> None:
    (village / "texts").mkdir()
    second(village, "help: {menu: Apu, more: Lisää}\nend: Loppu\n", "texts/fi.yaml")
    assert only(village).message == "is missing"
    second(village, "help:\n  menu: Help\nend: End\n", "texts/en.yaml")
    fault = only(village)
    assert (fault.file, fault.line) == ("knowledge/texts/en.yaml", 1)
    assert "help.more" in fault.message
    second(village, "help:\n  menu: Help\n  more: More\nend: End\n", "texts/en.yaml")
    assert load(village).texts["en"]["help.more"] == "More"


def test_repository_content_has_no_fault() -> None:
    load_content(Path(__file__).parents[3] / "knowledge", today=TODAY)
