"""The channel as one of the house's: its settings, and the set-up at Twilio."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from channels.base import Channel, Fetching
from channels.kind import SetUpFailed
from channels.sms.kind import KIND, SmsSettings, connect
from tests.contract.twilio_stand import ACCOUNT, PUBLIC, SERVICE, TOKEN, TwilioStand, twilio
from tests.unit.sms.rig import Rig, settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NEUVO_")]:
        monkeypatch.delenv(name)


def test_the_channel_is_off_unless_somebody_wants_it() -> None:
    assert (SmsSettings().on, SmsSettings().missing()) == (False, ())
    assert not SmsSettings(city_url="https://x.test/v1").on


def test_a_channel_with_half_its_secrets_says_what_it_lacks() -> None:
    """SG-08."""
    found = SmsSettings(twilio_account_sid=ACCOUNT)
    assert found.on
    assert found.missing() == ("twilio_auth_token", "twilio_service_sid")
    assert settings().missing() == ()
    assert settings(sender="city", city_url="https://x.test/v1").missing() == ("city_token", "city_sender")
    with pytest.raises(ValueError, match="lacks"):
        KIND.make(found, None)  # type: ignore[arg-type]


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_SMS_TWILIO_ACCOUNT_SID", ACCOUNT)
    monkeypatch.setenv("NEUVO_SMS_TWILIO_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("NEUVO_SMS_TWILIO_SERVICE_SID", SERVICE)
    monkeypatch.setenv("NEUVO_SMS_TWILIO_SIGNING_SECRETS", f"{'1' * 16}, {'2' * 16}")
    found = SmsSettings()
    assert found.missing() == ()
    assert found.secrets == (TOKEN, "1" * 16, "2" * 16)
    assert TOKEN not in repr(found)


@pytest.mark.parametrize(
    "values",
    [
        {"twilio_account_sid": TOKEN},
        {"twilio_account_sid": "AC123"},
        {"twilio_auth_token": "short"},
        {"twilio_service_sid": ACCOUNT},
        {"twilio_api_url": "api.twilio.com"},
        {"city_url": "ftp://x"},
        {"city_sender": "a name that is too long"},
        {"sender": "telia"},
        {"twilio_signing_secrets": "none"},
        {"twilio_signing_secrets": f"{TOKEN}, old"},
    ],
)
def test_wrong_values_are_told_without_being_shown(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as found:
        settings(**values)
    assert TOKEN not in str(found.value)


def test_each_field_says_its_remedy() -> None:
    assert all(field.description for field in SmsSettings.model_fields.values())


async def test_what_is_made_is_a_channel_with_pictures(rig: Rig) -> None:
    channel: Channel = rig.channel
    assert channel.name == KIND.name == "sms"
    assert isinstance(channel, Fetching)


def test_twilios_library_is_not_imported_before_it_is_used() -> None:
    code = "import sys, channels.sms.kind; sys.exit('twilio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def connected(stand: TwilioStand, public_url: str = PUBLIC, **values: Any) -> list[Any]:
    return list(await connect(settings(twilio_api_url=stand.url, **values), public_url))


async def test_the_set_up_tells_twilio_our_addresses_and_can_be_run_again() -> None:
    async with twilio() as stand:
        for _ in range(2):
            steps = await connected(stand, PUBLIC + "/")
            assert stand.service == {
                "InboundRequestUrl": PUBLIC + "/sms/twilio",
                "InboundMethod": "POST",
                "StatusCallback": PUBLIC + "/sms/twilio/status",
                "UseInboundWebhookOnNumber": "false",
            }
        assert [step.done for step in steps] == [True, True, False]
        assert "Opt-Out" in steps[-1].words
        assert TOKEN not in "".join(step.words for step in steps)


async def test_a_service_without_a_number_and_the_citys_sender_are_a_persons_steps() -> None:
    async with twilio() as stand:
        stand.numbers.clear()
        steps = await connected(
            stand, sender="city", city_url="https://x.test", city_token="t", city_sender="+35840123456"
        )
        assert [step.done for step in steps] == [True, True, False, False, False]


async def test_what_goes_wrong_is_said_in_plain_words() -> None:
    async with twilio() as stand:
        for values, words in (
            ({"twilio_auth_token": "x" * 32}, "does not take these credentials"),
            ({"twilio_service_sid": "MG" + "0" * 32}, "no such messaging service"),
        ):
            with pytest.raises(SetUpFailed, match=words) as found:
                await connected(stand, **values)
            assert "x" * 32 not in str(found.value)
        for status, words in ((503, "does not answer now"), (400, "refused the set-up")):
            stand.refuse(status, 20001)
            with pytest.raises(SetUpFailed, match=words):
                await connected(stand)
        for body in ("<html>", "[]", "null"):
            stand.next.append((200, body, {}))
            with pytest.raises(SetUpFailed, match="proxy"):
                await connected(stand)
        stand.drop = True
        with pytest.raises(SetUpFailed):
            await connected(stand)


async def test_a_twilio_that_is_not_there_and_an_address_that_it_cannot_reach() -> None:
    with pytest.raises(SetUpFailed, match="does not answer"):
        await connect(settings(twilio_api_url="http://127.0.0.1:9"), PUBLIC)
    with pytest.raises(SetUpFailed, match="https"):
        await connect(settings(), "http://127.0.0.1:8000")
