"""The settings, and setting it up at Telegram."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import SecretStr, ValidationError

from channels.kind import SetUpFailed
from channels.telegram.commands import COMMANDS
from channels.telegram.kind import KIND, TelegramSettings
from dialogs.words import Words
from tests.contract.telegram_stand import SECRET, TOKEN, Fault, Stand, standing
from tests.sentences import LANGUAGES
from tests.unit.telegram.house import KNOWLEDGE, make_house

PUBLIC = "https://chat.example.fi/"


def settings(stand: Stand | None = None, **changes: object) -> TelegramSettings:
    given = {"token": TOKEN, "secret": SECRET, "api_url": stand.url if stand else "http://127.0.0.1:9", **changes}
    return TelegramSettings.model_validate(given)


@pytest.mark.parametrize(
    ("variables", "on", "missing"),
    [
        ({}, False, ()),
        ({"TOKEN": TOKEN}, True, ("secret",)),
        ({"SECRET": SECRET}, True, ("token",)),
        ({"TOKEN": TOKEN, "SECRET": SECRET}, True, ()),
        ({"TOKEN": TOKEN, "POLLING": "true"}, True, ()),
        ({"POLLING": "true"}, True, ("token",)),
        ({"TOKEN": "", "SECRET": ""}, False, ()),
    ],
)
def test_it_is_off_without_secrets_and_never_open_by_omission(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], on: bool, missing: tuple[str, ...]
) -> None:
    # SG-08
    for name, value in variables.items():
        monkeypatch.setenv(f"NEUVO_TELEGRAM_{name}", value)
    found = TelegramSettings()
    assert (found.on, found.missing()) == (on, missing)
    assert all(TelegramSettings.model_fields[name].description for name in found.needed)


def test_polling_needs_no_public_address() -> None:
    assert settings().needs_public_url
    assert not settings(polling=True).needs_public_url


@pytest.mark.parametrize("secret", ["short", "ä" * 20, "a b" * 10, "x" * 257])
def test_a_secret_that_telegram_would_refuse_is_refused_at_the_start(secret: str) -> None:
    with pytest.raises(ValidationError) as found:
        TelegramSettings(secret=SecretStr(secret))
    assert secret not in str(found.value)


def test_the_library_is_loaded_only_for_who_has_the_channel_on() -> None:
    code = "import sys, channels.telegram.kind; sys.exit('telegram' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_the_channel_is_made_of_its_settings() -> None:
    for polling, routes in ((False, 1), (True, 0)):
        channel = KIND.make(settings(polling=polling), make_house())

        async def receive(event: object) -> None: ...

        assert len(list(channel.routes(receive))) == routes
        await channel.close()


async def test_connecting_tells_telegram_all_it_needs() -> None:
    async with standing() as stand:
        assert KIND.connect is not None
        for _ in range(2):
            steps = await KIND.connect(settings(stand), PUBLIC)
        assert stand.webhook is not None
        assert stand.webhook["url"] == "https://chat.example.fi/telegram/webhook"
        assert stand.webhook["secret_token"] == SECRET
        assert set(stand.webhook["allowed_updates"]) == {"message", "callback_query", "my_chat_member"}
        assert set(stand.commands) == {"fi", "sv", "en", ""}
        words = "\n".join(step.words for step in steps)
        assert "@HelsinkiBot" in words and "/setprivacy" in words
        assert SECRET not in words and TOKEN not in words
        assert {step.done for step in steps} == {True, False}


async def test_connecting_for_polling_leaves_no_webhook() -> None:
    async with standing(Stand(webhook={"url": "https://old.example.fi"})) as stand:
        assert KIND.connect is not None
        await KIND.connect(settings(stand, polling=True, secret=None), "http://localhost:8080")
        assert stand.webhook is None
        assert set(stand.commands) == {"fi", "sv", "en", ""}


@pytest.mark.parametrize("public", ["http://chat.example.fi", "https://chat.example.fi:9000", "chat.example.fi"])
async def test_an_address_that_telegram_does_not_call_is_refused(public: str) -> None:
    async with standing() as stand:
        assert KIND.connect is not None
        with pytest.raises(SetUpFailed, match="Telegram calls"):
            await KIND.connect(settings(stand), public)
        assert stand.calls == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.of(401, "Unauthorized"), "@BotFather"),
        (Fault.of(404, "Not Found"), "@BotFather"),
        (Fault.of(429, "Too Many Requests", retry_after=3), "in a minute"),
        (Fault.of(502, "Bad Gateway"), "cannot be reached"),
        (Fault(body="<html>"), "an error"),
        (Fault(body="[]"), "not the Bot API"),
        (Fault.of(400, "Bad Request: bad webhook: failed to resolve host"), "failed to resolve host"),
    ],
)
async def test_what_goes_wrong_is_said_in_plain_words(fault: Fault, words: str) -> None:
    async with standing() as stand:
        stand.faults["getMe"].append(fault)
        assert KIND.connect is not None
        with pytest.raises(SetUpFailed) as found:
            await KIND.connect(settings(stand), PUBLIC)
        assert words in str(found.value)
        assert TOKEN not in str(found.value)


async def test_a_token_that_is_none_is_said_in_plain_words() -> None:
    assert KIND.connect is not None
    with pytest.raises(SetUpFailed, match="cannot be reached"):
        await KIND.connect(settings(), PUBLIC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dialogs_know_every_command_of_the_menu(language: str) -> None:
    words = Words.load(KNOWLEDGE / "commands.yaml")
    wanted = {
        "help",
        "human",
        "start_over",
        "opt_out",
        *(f"language_{other}" for other in LANGUAGES if other != language),
    }
    found = {command.name for text, _ in COMMANDS[language] if (command := words.command(f"/{text}", "telegram"))}
    assert found == wanted
