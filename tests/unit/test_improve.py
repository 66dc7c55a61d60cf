"""``neuvo improve``: what was not understood, in groups and as drafts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import main
from bot.database import Database
from bot.improve import Group, Unmet, drafts, groups, keep, kept, unmet
from bot.misses import Miss, Misses
from knowledge.load import load_content
from nlu.mask import mask

if TYPE_CHECKING:
    from bot.city import City

BEES = (
    "saako parvekkeella pitää mehiläisiä",
    "voiko mehiläisiä pitää parvekkeella",
    "mehiläisten pitäminen parvekkeella",
    "mehiläispesä parvekkeelle",
)
DRONES = ("får jag flyga drönare i parken", "flyga drönare i en park", "drönare i parken, får man flyga")
ALONE = ("kuinka korkea eiffeltorni on", "paljonko kulta painaa", "kuka keksi suklaan")


def said(*texts: str, language: str = "fi") -> list[Unmet]:
    return [Unmet(language, text) for text in texts]


@pytest.fixture
def neuvo(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """The command, with the model that is trained already."""
    models = tmp_path / "var" / "models"
    models.mkdir(parents=True)
    (models / city.model.name).symlink_to(city.model)
    monkeypatch.setenv("NEUVO_VAR_DIR", str(tmp_path / "var"))
    yield CliRunner()


def test_texts_of_one_wish_are_together_and_the_others_alone(city: City) -> None:
    found = groups(city, [*said(*BEES, *ALONE), *said(*DRONES, language="sv")], least=3)
    assert [(group.language, set(group.texts)) for group in found] == [("fi", set(BEES)), ("sv", set(DRONES))]
    intents = {topic.intent for topic in city.content.topics} | {each.intent for each in city.content.phrases}
    assert all(group.nearest is None or group.nearest in intents for group in found)


def test_a_text_that_many_wrote_alike_is_a_group(city: City) -> None:
    assert groups(city, said("mehiläiset", "mehiläiset"), least=3) == []
    assert [group.texts for group in groups(city, said(*["mehiläiset"] * 3), least=3)] == [("mehiläiset",)]
    assert groups(city, [], least=2) == []


def test_only_what_is_not_understood_counts_and_it_is_masked(city: City) -> None:
    texts = [
        (None, "miten haen kirjastokortin"),
        (None, "äiti ei hengitä"),
        (None, "   "),
        ("fi", "mikä on pääministerin suosikkiruoka, soita 040 123 4567"),
    ]
    assert unmet(city, texts) == [Unmet("fi", "mikä on pääministerin suosikkiruoka, soita ‹phone›")]


def test_a_draft_has_the_texts_as_phrases_and_is_read_by_nobody(city: City, tmp_path: Path) -> None:
    found = [Group(language="sv", texts=DRONES, nearest=None), Group(language="sv", texts=DRONES[:1], nearest=None)]
    assert len(drafts(city, found)) == 1  # one file a name
    assert keep(city, found, tmp_path / "drafts").startswith("1 drafts written")
    assert keep(city, found, tmp_path / "drafts").startswith("0 drafts written")
    (file,) = (tmp_path / "drafts").iterdir()
    draft = yaml.safe_load(file.read_text("utf-8"))
    assert draft["draft"] is True
    assert draft["intent"] == file.stem
    assert draft["phrases"] == {"fi": [], "sv": list(DRONES), "en": []}


async def test_what_is_kept_is_read_from_the_database(database_url: str) -> None:
    now = datetime.now(UTC)
    rows = [
        Miss(at=now - timedelta(days=age), language="fi", channel="web", text=text)
        for age, text in ((0, "uusi"), (9, "vanha"))
    ]
    async with Database(database_url) as database:
        await Misses(database, mask, keep=timedelta(days=30)).add(rows)
    assert await kept(database_url, None) == [("fi", "uusi"), ("fi", "vanha")]
    assert await kept(database_url, 3) == [("fi", "uusi")]


def test_a_database_of_another_release_is_told_in_plain_words(
    neuvo: CliRunner, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    result = neuvo.invoke(main, ["improve"])
    assert result.exit_code == 1
    assert "run `neuvo db migrate`" in result.output


def test_the_command_reads_a_file_and_writes_drafts_that_check_leaves_alone(neuvo: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text("\n".join((*BEES, "moi")), "utf-8")
    into = tmp_path / "drafts"
    result = neuvo.invoke(main, ["improve", "--texts", str(tmp_path / "said.txt"), "--into", str(into), "--least", "2"])
    assert result.exit_code == 0, result.output
    assert "1. " in result.output
    assert "mehiläis" in result.output
    assert "texts are in 1 groups" in result.output
    assert "1 drafts written" in result.output
    assert len(list(into.iterdir())) == 1
    assert load_content(Path("knowledge")).topics


def test_the_command_reads_the_database(
    neuvo: CliRunner, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    result = neuvo.invoke(main, ["improve", "--into", str(tmp_path / "drafts")])
    assert (result.exit_code, result.output.strip()) == (0, "0 of 0 texts are in 0 groups")
    assert not (tmp_path / "drafts").exists()
