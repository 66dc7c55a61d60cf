"""The web chat's settings, and how the house makes it of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import ValidationError

from bot.codec import Plain
from bot.secret_file import UnusableSecret, kept_secret
from bot.texts import Texts
from channels.kind import House
from channels.webchat.kind import KIND, WebchatSettings

TEXTS = Texts.load(Path(__file__).parents[3] / "knowledge" / "texts", ("fi", "sv", "en"))
SECRET = "s" * 32


def _pool() -> asyncpg.Pool[Any]:
    raise AssertionError("nothing is asked of it here")


def _house(folder: Path, *, development: bool = False) -> House:
    return House(
        pool=_pool,
        codec=Plain(),
        public_url="https://chat.example.fi",
        listen_url=None,
        peer=lambda request: request.remote or "",
        urgent=lambda _: False,
        texts=TEXTS,
        languages=("fi", "sv", "en"),
        var_dir=folder,
        development=development,
    )


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET", "ORIGINS"):
        monkeypatch.delenv(f"NEUVO_WEBCHAT_{name}", raising=False)


def test_it_is_always_on_and_lacks_its_secret() -> None:
    settings = WebchatSettings()
    assert (settings.on, settings.missing(), settings.origins) == (True, ("secret",), ())


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_WEBCHAT_SECRET", SECRET)
    monkeypatch.setenv("NEUVO_WEBCHAT_ORIGINS", "https://www.example.fi/, http://localhost:3000,*,")
    settings = WebchatSettings()
    assert settings.missing() == ()
    assert settings.origins == ("https://www.example.fi", "http://localhost:3000", "*")
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET", "short", "fewer than 32"),
        ("ORIGINS", "www.example.fi", "no http or https address"),
        ("ORIGINS", "https://www.example.fi/path", "has no path"),
        ("ORIGINS", "https://www.example.fi?x=1", "has no path"),
        ("ORIGINS", "https://", "no http or https address"),
    ],
)
def test_what_is_set_wrong_is_said_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"NEUVO_WEBCHAT_{name}", value)
    with pytest.raises(ValidationError, match=words) as refused:
        WebchatSettings()
    assert "short" not in str(refused.value)


def test_every_setting_says_its_remedy() -> None:
    assert all(field.description for field in WebchatSettings.model_fields.values())


def test_the_house_makes_it_and_its_page_speaks_for_the_city(tmp_path: Path) -> None:
    chat = KIND.make(WebchatSettings(secret=SECRET), _house(tmp_path))  # type: ignore[arg-type]
    assert chat.name == KIND.name == "webchat"
    assert not list(tmp_path.iterdir())


def test_without_a_secret_it_is_made_in_development_alone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="NEUVO_WEBCHAT_SECRET"):
        KIND.make(WebchatSettings(), _house(tmp_path))
    KIND.make(WebchatSettings(), _house(tmp_path, development=True))
    assert (tmp_path / "webchat.secret").exists()


def test_the_kept_secret_stays_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    first = kept_secret(folder, "webchat")
    assert first == kept_secret(folder, "webchat")
    assert len(first) >= 32
    assert (folder / "webchat.secret").stat().st_mode & 0o077 == 0, "nobody else on this machine reads it"
    assert [path.name for path in folder.iterdir()] == ["webchat.secret"]


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe", b"   \n"])
def test_half_a_secret_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "webchat.secret").write_bytes(content)
    with pytest.raises(UnusableSecret, match="Remove the file"):
        kept_secret(tmp_path, "webchat")
