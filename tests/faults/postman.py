"""A worker for the test of nudges: ``python -m tests.faults.postman`` with ``DATABASE_URL`` and ``TWILIO_URL``.

The whole process as it is put together, with Twilio's channel towards a stand-in; only the waits are shorter. It ends
when its standard input closes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta

from pydantic import SecretStr

from bot import logs
from bot.app import App
from bot.city import City
from bot.database import Database
from bot.outbox import SendPolicy
from bot.services import Addresses
from channels.sms.kind import KIND
from proactive.placeholder import Placeholder
from proactive.rules import Busy, Held, Retry, Rules
from proactive.template import Template, Templates
from tests.conftest import KNOWLEDGE
from tests.contract import twilio_stand
from tests.contract.site import house
from tests.keys import keys_over

PURPOSE = "waste_reminders"
SENDING = SendPolicy(timeout=2.0, lease=8.0)
RULES = Rules(
    caps={},
    urgency={"urgent": Held(quiet_hours=False, public_holidays=False)},
    busy=Busy(turn=timedelta(seconds=1)),
    retry=Retry(attempts=6, first=timedelta(seconds=1), longest=timedelta(seconds=4)),
)
TEMPLATE = Template(
    id="number",
    version=1,
    purpose=PURPOSE,
    urgency="urgent",
    values={"number": Placeholder(kind="code", example="N1")},
    text=dict.fromkeys(("fi", "sv", "en"), "{number}"),
    title=dict.fromkeys(("fi", "sv", "en"), "{number}"),
    expires_after=timedelta(days=2),
)


def city() -> City:
    """The repository's, with one template and short waits."""
    return replace(City.read(KNOWLEDGE), nudges=Templates([TEMPLATE]), proactive=RULES)


def process(url: str, twilio_url: str) -> App:
    """The process."""
    database, keys = Database(url), keys_over(url)
    settings = KIND.settings(
        twilio_account_sid=twilio_stand.ACCOUNT,
        twilio_auth_token=SecretStr(twilio_stand.TOKEN),
        twilio_service_sid=twilio_stand.SERVICE,
        twilio_api_url=twilio_url,
    )
    channel = KIND.make(settings, house(database, keys, twilio_stand.PUBLIC))
    return App(city(), database, [channel], Addresses(), keys, sweep_every=0.5, sending=SENDING)


async def main() -> None:
    """Work until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin.fileno(), stop.set)
    async with process(os.environ["DATABASE_URL"], os.environ["TWILIO_URL"]) as app:
        app.work()
        await stop.wait()
        loop.remove_reader(sys.stdin.fileno())


if __name__ == "__main__":
    logs.configure(level="critical", form="json")
    asyncio.run(main())
