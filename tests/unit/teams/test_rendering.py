"""Replies as activities: Markdown that Teams reads, and one card for what can be pressed."""

from __future__ import annotations

from typing import Any

from bot.messages import Card, Choice, Image, Link, Reply
from channels.teams.outbound import Look, shown
from tests.sentences import TEXTS

LOOK = Look(texts=TEXTS)


def one(**parts: Any) -> dict[str, Any]:
    (activity,) = shown(Reply(**{"text": "Hei", "language": "fi", **parts}), LOOK)
    return activity


def body_of(activity: dict[str, Any]) -> list[dict[str, Any]]:
    (attachment,) = activity["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    found: list[dict[str, Any]] = card["body"]
    return found


def test_text_alone_has_no_card() -> None:
    assert one() == {"type": "message", "text": "Hei", "textFormat": "markdown", "locale": "fi"}


def test_a_choice_shows_its_label_and_brings_its_payload_back() -> None:
    (actions,) = body_of(one(choices=(Choice("Kyllä", "d|r|1|yes"),)))
    (action,) = actions["actions"]
    assert action == {
        "type": "Action.Submit",
        "title": "Kyllä",
        "data": {
            "payload": "d|r|1|yes",
            "msteams": {
                "type": "messageBack",
                "text": "Kyllä",
                "displayText": "Kyllä",
                "value": {"payload": "d|r|1|yes"},
            },
        },
    }


def test_many_choices_are_all_there_in_order() -> None:
    choices = tuple(Choice(f"Vaihtoehto {number}", str(number)) for number in range(15))
    sets = body_of(one(choices=choices))
    assert [len(each["actions"]) for each in sets] == [6, 6, 3]
    titles = [action["title"] for each in sets for action in each["actions"]]
    assert titles == [choice.label for choice in choices]


def test_a_place_has_its_lines_as_they_are_and_a_map() -> None:
    card = Card(
        title="Oodi *keskusta*",
        lines=("Töölönlahdenkatu 4 (sisäpiha)", "8-21 [ma]"),
        latitude=60.17,
        longitude=24.94,
        url="https://oodi.fi",
    )
    (place,) = body_of(one(cards=(card,)))
    *lines, buttons = place["items"]
    assert [line["inlines"][0]["text"] for line in lines] == [card.title, *card.lines]
    assert [(action["title"], action["url"][:24]) for action in buttons["actions"]] == [
        ("Näytä kartalla", "https://www.openstreetma"),
        ("Lisätietoja", "https://oodi.fi"),
    ]


def test_links_are_buttons_and_a_bad_one_is_words() -> None:
    links = (
        Link("Lomake", "https://hel.fi/x"),
        Link("Soita", "tel:+358931010023"),
        Link("Paha", "javascript:alert(1)"),
    )
    actions, words = body_of(one(links=links))
    assert [action["url"] for action in actions["actions"]] == ["https://hel.fi/x", "tel:+358931010023"]
    assert words["inlines"][0]["text"] == "Paha"


def test_a_picture_has_its_words() -> None:
    (image,) = body_of(one(image=Image("https://hel.fi/a.png", "Kartta")))
    assert image == {"type": "Image", "url": "https://hel.fi/a.png", "altText": "Kartta"}
    assert "attachments" not in one(image=Image("http://hel.fi/a.png", "Kartta"))


def test_markup_of_others_is_words_and_lines_stay_apart() -> None:
    text = "Hei <at>Maija</at> <b>x</b>\nToinen rivi\n- yksi\n- kaksi\n\n[paha](javascript:x) [hyvä](https://hel.fi)"
    assert one(text=text)["text"] == (
        "Hei &lt;at>Maija&lt;/at> &lt;b>x&lt;/b>\n\nToinen rivi\n- yksi\n- kaksi\n\npaha [hyvä](https://hel.fi)"
    )


def test_a_card_without_text_stands_alone() -> None:
    activity = one(text="", choices=(Choice("Kyllä", "y"),))
    assert "text" not in activity
    assert body_of(activity)


def test_a_large_card_does_not_share_the_message_of_a_long_text() -> None:
    cards = tuple(Card(title="Paikka " + "x" * 100, lines=("y" * 200,)) for _ in range(20))
    first, second = shown(Reply(text="sana " * 1_900, language="fi", cards=cards), LOOK)
    assert "attachments" not in first
    assert "text" not in second
    assert body_of(second)
