from __future__ import annotations

from pathlib import Path

from bot.messages import Link
from knowledge.load import load_content
from knowledge.topics import Topics


def test_answer_has_a_long_and_a_short_form_and_says_where_it_is_from(village: Path) -> None:
    reply = Topics(load_content(village)).answer("sauna", "fi")
    assert reply is not None
    assert reply.text == "Sauna **lämpiää**.\n\nLähde: kyla.example, tarkistettu 1.11.2026"
    assert reply.short == "Sauna lämpiää."
    assert reply.links == (Link("Sauna", "https://kyla.example/s"),)
    assert reply.language == "fi"


def test_short_stands_in_for_the_long_form(village: Path) -> None:
    reply = Topics(load_content(village)).answer("sauna", "en")
    assert reply is not None
    assert reply.text == "The sauna is warm.\n\nSource: kyla.example, reviewed 1.11.2026"


def test_language_without_an_answer_says_in_which_it_answers(village: Path) -> None:
    reply = Topics(load_content(village)).answer("sauna", "sv")
    assert reply is not None
    assert reply.language == "fi"


def test_titles_of_topics_and_dialogs(village: Path) -> None:
    (village / "phrases" / "help.yaml").write_text(
        "intent: help\ntitle: {fi: Apua, en: Help}\nphrases: {fi: [apua], en: [help]}\n", encoding="utf-8"
    )
    topics = Topics(load_content(village))
    assert topics.title("help", "en") == "Help"
    assert topics.title("sauna", "fi") == "Sauna"
    assert topics.title("OUT_OF_SCOPE", "fi") is None
    assert topics.answer("help", "fi") is None
