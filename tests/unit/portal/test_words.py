"""What the pages tell citizens to write in a conversation is what leads on there."""

from __future__ import annotations

import pytest

from bot.texts import Texts
from tests.conftest import KNOWLEDGE
from tests.unit.portal.town import LANGUAGES, TEXTS

SAID = Texts.load(KNOWLEDGE / "texts", LANGUAGES)


@pytest.mark.parametrize("key", ["refused.link", "join.over", "channels_page.add"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_to_a_new_link_is_told_in_the_conversations_own_words(language: str, key: str) -> None:
    for button in ("my_data", "strong_login"):
        assert SAID(f"my_data.button_{button}", language) in TEXTS(key, language)
