"""Telling Telegram where we are and what we understand. It can be done again; the last time counts."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from telegram import BotCommand
from telegram import error as telegram

from channels.kind import SetUpFailed, Step
from channels.telegram.channel import PATH
from channels.telegram.client import Client
from channels.telegram.commands import COMMANDS, ELSE
from channels.telegram.inbound import KINDS

PORTS = (443, 80, 88, 8443)
"""The ports that Telegram calls."""
BY_HAND = (
    "Write /setprivacy to @BotFather, choose @{name} and Enable: in groups it is then told only what is said to it.",
    "Write /setdescription and /setabouttext to @BotFather for @{name}: that it is the city's automatic adviser.",
    "Write /setuserpic to @BotFather for @{name}: the city's emblem.",
    "Try it: write to https://t.me/{name}",
)
CONNECTIONS = 40
"""Updates that Telegram may bring side by side."""


async def set_up(client: Client, public_url: str, secret: str | None) -> Sequence[Step]:
    """Register the webhook and the commands; without a ``secret``, only the commands. Raises ``SetUpFailed``."""
    if secret is not None:
        _check(public_url)
    try:
        name = (await client.whoami()).name
        where = await _set_webhook(client, public_url, secret)
        for language, commands in (*COMMANDS.items(), ("", COMMANDS[ELSE])):
            wanted = [BotCommand(command, words) for command, words in commands]
            await client.set_my_commands(wanted, language_code=language or None)
    except telegram.TelegramError as error:
        raise SetUpFailed(_words(error)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise SetUpFailed("What answers is not the Bot API: look at NEUVO_TELEGRAM_API_URL.") from error
    finally:
        await client.close_connections()
    return [
        Step(done=True, words=f"Telegram knows the token: the bot is @{name}."),
        where,
        Step(done=True, words="The menu of commands is set in Finnish, Swedish and English."),
        *(Step(done=False, words=words.format(name=name)) for words in BY_HAND),
    ]


def _check(public_url: str) -> None:
    parts = urlsplit(public_url)
    if parts.scheme != "https":
        raise SetUpFailed(
            "Telegram calls https addresses only: set NEUVO_PUBLIC_URL to one, or NEUVO_TELEGRAM_POLLING=true to try "
            "the bot on this machine."
        )
    if (parts.port or 443) not in PORTS:
        raise SetUpFailed(f"Telegram calls the ports {', '.join(map(str, PORTS))} only: choose one of them.")


async def _set_webhook(client: Client, public_url: str, secret: str | None) -> Step:
    if secret is None:
        await client.delete_webhook()
        return Step(done=True, words="The channel polls: Telegram has no address to call.")
    url = public_url.rstrip("/") + PATH
    await client.set_webhook(url, secret_token=secret, allowed_updates=list(KINDS), max_connections=CONNECTIONS)
    return Step(done=True, words=f"Telegram calls {url} from now on.")


def _words(error: telegram.TelegramError) -> str:
    match error:
        case telegram.InvalidToken():
            return "Telegram does not know this token: copy it again from @BotFather (/mybots) to NEUVO_TELEGRAM_TOKEN."
        case telegram.BadRequest():
            return f"Telegram refuses the set-up: {error.message}."
        case telegram.RetryAfter():
            return "Telegram has been asked too often: try again in a minute."
        case telegram.NetworkError():
            return "Telegram cannot be reached: look at the network and NEUVO_TELEGRAM_API_URL, then try again."
    return f"Telegram answers with an error ({type(error).__name__}): try again."
