from __future__ import annotations

from typing import TYPE_CHECKING

from bot.held_out import Score, scores, table

if TYPE_CHECKING:
    from bot.city import City
    from knowledge.model import PhraseSet, Topic


def test_every_language_has_a_line_of_shares() -> None:
    score = Score(phrases=200, right=150, offered=20, refused=10, language=199)
    lines = list(table([("fi", score), ("sv", Score(phrases=0, right=0, offered=0, refused=0, language=0))]))
    assert len({len(line) for line in lines}) == 1
    assert all(share in lines[1] for share in ("75.0 %", "10.0 %", "5.0 %", "99.5 %"))
    assert "–" in lines[2]


def test_the_content_s_own_phrases_are_counted_once_each(city: City) -> None:
    sets: tuple[Topic | PhraseSet, ...] = (*city.content.topics, *city.content.phrases)
    found = scores(city)
    assert set(found) == set(city.languages)
    for language, score in found.items():
        held = [text for item in sets for text in item.held_out.get(language, ())]
        assert score.phrases == len(held)
        assert score.right + score.offered + score.refused <= score.phrases
        assert score.language / score.phrases > 0.97
