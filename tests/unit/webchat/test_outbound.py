"""A reply as an activity."""

from __future__ import annotations

import pytest

from bot.messages import Image, Reply
from channels.webchat.outbound import shown
from tests.sentences import LOOK


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://pictures.example.fi/a.png", "image/png"),
        ("https://pictures.example.fi/a.webp?size=3", "image/webp"),
        ("https://pictures.example.fi/a", "image/jpeg"),
        ("https://pictures.example.fi/a.html", "image/jpeg"),
        ("HTTPS://pictures.example.fi/a.gif", "image/gif"),
    ],
)
def test_a_picture_is_an_attachment_with_its_words(url: str, kind: str) -> None:
    body = shown(Reply(text="Tässä:", language="fi", image=Image(url, "Kirjasto")), LOOK)
    assert body["attachments"] == [{"contentType": kind, "contentUrl": url, "name": "Kirjasto"}]
    assert body["text"] == "Tässä:"


@pytest.mark.parametrize(
    "url", ["http://example.fi/a.png", "javascript:alert(1)", "data:image/png;base64,AA", "", "//x"]
)
def test_of_a_picture_elsewhere_the_words_are_said(url: str) -> None:
    body = shown(Reply(text="Tässä:", language="fi", image=Image(url, "Kirjasto <b>")), LOOK)
    assert "attachments" not in body
    assert body["text"] == "Tässä:\n\nKirjasto \\<b\\>"
