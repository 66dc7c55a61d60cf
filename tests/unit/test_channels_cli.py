"""``neuvo channels`` and ``neuvo sms count``: what an operator reads, with nothing secret in it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from tests.contract import teams_stand, telegram_stand, twilio_stand

PUBLIC = "https://chat.example.fi"
SMS = {
    "TWILIO_ACCOUNT_SID": twilio_stand.ACCOUNT,
    "TWILIO_AUTH_TOKEN": twilio_stand.TOKEN,
    "TWILIO_SERVICE_SID": twilio_stand.SERVICE,
}
TELEGRAM = {"TOKEN": telegram_stand.TOKEN, "SECRET": telegram_stand.SECRET}
TEAMS = {
    "APP_ID": teams_stand.APP_ID,
    "APP_PASSWORD": teams_stand.PASSWORD,
    "TENANT_ID": teams_stand.TENANT,
    "PACKAGE": "app/neuvo.zip",
}
WEBCHAT = {"SECRET": "the secret of the web chat " * 2}
SECRETS = (
    *(twilio_stand.TOKEN, telegram_stand.TOKEN, telegram_stand.TOKEN.partition(":")[2], telegram_stand.SECRET),
    *(teams_stand.PASSWORD, WEBCHAT["SECRET"]),
)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("NEUVO_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def put(monkeypatch: pytest.MonkeyPatch, channel: str, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"NEUVO_{channel}_{name}", value)


def neuvo(*arguments: str, given: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert not [secret for secret in SECRETS if secret in result.output]
    return result


async def connect(name: str) -> Result:
    """The command in a thread, since it has an event loop of its own."""
    return await asyncio.to_thread(neuvo, "channels", "connect", name)


def state(output: str, channel: str) -> list[str]:
    """The lines of a channel: its own, and what is wrong with it."""
    lines = output.splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith(f"{channel} "))
    more = next((place for place in range(first + 1, len(lines)) if lines[place][0] != " "), len(lines))
    return [line.strip() for line in lines[first:more]]


def assert_plain(result: Result, *said: str) -> None:
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.output
    for words in said:
        assert words in result.stderr


def test_a_channel_that_is_off_is_told_with_the_variables_that_turn_it_on() -> None:
    result = neuvo("channels")
    assert result.exit_code == 0
    (line,) = state(result.output, "sms")
    assert "off; to turn it on, set NEUVO_SMS_TWILIO_ACCOUNT_SID, NEUVO_SMS_TWILIO_AUTH_TOKEN" in line
    assert state(result.output, "telegram") == [
        "telegram   off; to turn it on, set NEUVO_TELEGRAM_TOKEN, NEUVO_TELEGRAM_SECRET"
    ]
    assert "off" in state(result.output, "teams")[0]


def test_the_web_chats_secret_is_made_by_neuvo_dev_and_needed_by_neuvo_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    line, remedy = state(neuvo("channels").output, "webchat")
    assert "on with `neuvo dev`, which makes its own secret" in line
    assert "`neuvo serve`" in line
    assert remedy.startswith("NEUVO_WEBCHAT_SECRET (not set)")
    put(monkeypatch, "WEBCHAT", WEBCHAT)
    assert state(neuvo("channels").output, "webchat") == ["webchat    on"]
    put(monkeypatch, "WEBCHAT", {"SECRET": "short"})
    assert "not ready" in state(neuvo("channels").output, "webchat")[0]


def test_a_channel_that_is_on_is_told_with_how_to_set_its_provider_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for channel, values in (("SMS", SMS), ("TELEGRAM", TELEGRAM), ("TEAMS", TEAMS)):
        put(monkeypatch, channel, values)
    monkeypatch.setenv("NEUVO_PUBLIC_URL", PUBLIC)
    output = neuvo("channels").output
    for name in ("sms", "telegram", "teams"):
        assert state(output, name) == [f"{name:<10} on; `neuvo channels connect {name}` sets up its provider"]


def test_a_channel_that_is_half_set_is_told_with_each_thing_that_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, "SMS", {"TWILIO_AUTH_TOKEN": twilio_stand.TOKEN})
    line, *lacks = state(neuvo("channels").output, "sms")
    assert "not ready" in line
    assert [lack.partition(" ")[0] for lack in lacks] == [
        "NEUVO_SMS_TWILIO_ACCOUNT_SID",
        "NEUVO_SMS_TWILIO_SERVICE_SID",
        "NEUVO_PUBLIC_URL",
    ]
    assert all("(not set): the channel sms needs it." in lack for lack in lacks)


def test_what_one_channel_lacks_is_not_told_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, "SMS", SMS)
    put(monkeypatch, "TELEGRAM", {**TELEGRAM, "POLLING": "true"})
    output = neuvo("channels").output
    assert state(output, "sms")[1:] == [line for line in state(output, "sms") if "NEUVO_PUBLIC_URL" in line]
    assert len(state(output, "telegram")) == 1  # polling needs no address


def test_a_value_that_is_wrong_is_told_without_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, "SMS", {**SMS, "TWILIO_ACCOUNT_SID": "hunter2"})
    result = neuvo("channels")
    line, fault = state(result.output, "sms")
    assert "not ready" in line
    assert fault.startswith("NEUVO_SMS_TWILIO_ACCOUNT_SID (environment): ")
    assert "hunter2" not in result.output


def test_a_misspelt_variable_is_told_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, "TELEGRAM", {"TOKN": telegram_stand.TOKEN})
    assert_plain(neuvo("channels"), "NEUVO_TELEGRAM_TOKN", "Did you mean NEUVO_TELEGRAM_TOKEN?")


async def test_text_messages_are_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    async with twilio_stand.twilio() as stand:
        put(monkeypatch, "SMS", {**SMS, "TWILIO_API_URL": stand.url})
        monkeypatch.setenv("NEUVO_PUBLIC_URL", PUBLIC)
        result = await connect("sms")
        assert stand.service["InboundRequestUrl"] == f"{PUBLIC}/sms/twilio"
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == f"done: Twilio brings citizens' messages to {PUBLIC}/sms/twilio."
    assert "\nto do: Turn on Advanced Opt-Out" in result.output


async def test_telegram_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    async with telegram_stand.standing() as stand:
        put(monkeypatch, "TELEGRAM", {**TELEGRAM, "API_URL": stand.url})
        monkeypatch.setenv("NEUVO_PUBLIC_URL", PUBLIC)
        result = await connect("telegram")
        assert stand.webhook is not None
    assert result.exit_code == 0
    assert "done: Telegram knows the token: the bot is @HelsinkiBot.\n" in result.output
    assert "to do: Write /setprivacy to @BotFather" in result.output


async def test_telegram_that_polls_is_connected_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async with telegram_stand.standing() as stand:
        put(monkeypatch, "TELEGRAM", {"TOKEN": TELEGRAM["TOKEN"], "POLLING": "true", "API_URL": stand.url})
        result = await connect("telegram")
        assert stand.count("deleteWebhook") == 1
    assert result.exit_code == 0
    assert "done: The channel polls" in result.output


async def test_teams_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    async with teams_stand.standing() as stand:
        put(monkeypatch, "TEAMS", {**TEAMS, "LOGIN_URL": stand.url})
        monkeypatch.setenv("NEUVO_PUBLIC_URL", PUBLIC)
        result = await connect("teams")
    assert result.exit_code == 0
    assert "done: The app package is in app/neuvo.zip\n" in result.output
    assert f"to do: Azure portal, your Azure Bot, Configuration: set Messaging endpoint to {PUBLIC}/" in result.output
    with ZipFile("app/neuvo.zip") as package:
        assert "manifest.json" in package.namelist()


async def test_a_provider_that_turns_us_away_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_PUBLIC_URL", PUBLIC)
    async with twilio_stand.twilio() as twilio, telegram_stand.standing() as telegram, teams_stand.standing() as teams:
        telegram.token = "another"
        put(monkeypatch, "SMS", {**SMS, "TWILIO_API_URL": twilio.url, "TWILIO_AUTH_TOKEN": "hunter2 " * 4})
        put(monkeypatch, "TELEGRAM", {**TELEGRAM, "API_URL": telegram.url})
        put(monkeypatch, "TEAMS", {**TEAMS, "LOGIN_URL": teams.url, "APP_PASSWORD": "hunter2"})
        results = {name: await connect(name) for name in ("sms", "telegram", "teams")}
    assert_plain(results["sms"], "Twilio does not take these credentials", "NEUVO_SMS_TWILIO_AUTH_TOKEN")
    assert_plain(results["telegram"], "Telegram does not know this token", "@BotFather")
    assert_plain(results["teams"], "Microsoft turned the app away", "NEUVO_TEAMS_APP_PASSWORD")
    assert all(not result.stdout and "hunter2" not in result.output for result in results.values())


async def test_a_provider_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_PUBLIC_URL", PUBLIC)
    nobody = "http://127.0.0.1:9"
    put(monkeypatch, "SMS", {**SMS, "TWILIO_API_URL": nobody})
    put(monkeypatch, "TELEGRAM", {**TELEGRAM, "API_URL": nobody})
    put(monkeypatch, "TEAMS", {**TEAMS, "LOGIN_URL": nobody})
    assert_plain(await connect("sms"), "does not answer now")
    assert_plain(await connect("telegram"), "cannot be reached")
    assert_plain(await connect("teams"), "check the connection")


@pytest.mark.parametrize(
    ("name", "variable"),
    [("sms", "NEUVO_SMS_TWILIO_ACCOUNT_SID"), ("telegram", "NEUVO_TELEGRAM_TOKEN"), ("teams", "NEUVO_TEAMS_APP_ID")],
)
def test_a_channel_that_is_off_is_not_connected(name: str, variable: str) -> None:
    assert_plain(neuvo("channels", "connect", name), f"the channel {name} is off", variable)


def test_a_channel_that_is_half_set_is_not_connected_and_only_its_own_faults_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(monkeypatch, "SMS", {"TWILIO_AUTH_TOKEN": twilio_stand.TOKEN})
    put(monkeypatch, "TELEGRAM", {"TOKEN": telegram_stand.TOKEN})
    result = neuvo("channels", "connect", "sms")
    assert_plain(result, "NEUVO_SMS_TWILIO_SERVICE_SID (not set)", "NEUVO_PUBLIC_URL (not set)")
    assert "TELEGRAM" not in result.output
    assert "WEBCHAT" not in result.output


def test_a_channel_that_cannot_be_connected_is_not_known() -> None:
    result = neuvo("channels", "connect", "fax")
    assert result.exit_code == 2
    assert "sms" in result.output


def count(text: str | bytes) -> Result:
    return neuvo("sms", "count", given=text if isinstance(text, bytes) else text.encode())


def test_a_text_is_counted_as_it_is_and_as_it_is_sent_and_what_is_dear_is_named() -> None:
    assert count("Muistutus klo 9–10.\n").output.splitlines() == [
        "as it is: UCS-2, 19 units, 1 part",
        "as it is sent: GSM-7, 19 units, 1 part",
        "not in the GSM alphabet: – (U+2013 EN DASH)",
    ]


def test_what_makes_a_text_dear_for_good_is_named_apart() -> None:
    *_, outside, kept = count("Hei 😀 š " + "a" * 70).output.splitlines()
    assert outside.endswith("😀 (U+1F600 GRINNING FACE), š (U+0161 LATIN SMALL LETTER S WITH CARON)")
    assert "😀" in kept
    assert "š" not in kept


def test_a_text_of_the_alphabet_has_nothing_to_name() -> None:
    assert count("Ä" * 161).output.splitlines() == [
        "as it is: GSM-7, 161 units, 2 parts",
        "as it is sent: GSM-7, 161 units, 2 parts",
    ]


def test_letters_that_are_written_apart_from_their_marks_are_explained() -> None:
    assert "(NFD)" in count("ha\u0308n").output


def test_another_script_is_named_in_short_and_what_cannot_be_seen_by_its_code() -> None:
    assert "and 18 more" in count("".join(map(chr, range(0x410, 0x42C)))).output
    shown = count("a\u200db\u0001").output
    assert "(U+200D ZERO WIDTH JOINER), (U+0001)" in shown
    assert "\u0001" not in shown


def test_what_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    result = count(b"eka\ntoka \xe4\n")
    assert_plain(result, "<stdin>:2: not UTF-8 text")
    file = tmp_path / "latin.txt"
    file.write_bytes(b"\xe4")
    assert_plain(neuvo("sms", "count", str(file)), f"{file}:1: not UTF-8 text")
    assert neuvo("sms", "count", str(tmp_path / "none")).exit_code == 2
