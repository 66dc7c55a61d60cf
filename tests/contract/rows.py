"""The channels that the contract runs over: a line for each."""

from __future__ import annotations

from tests.contract.provider import Row
from tests.contract.row_letterbox import LETTERBOX
from tests.contract.row_sms import SMS
from tests.contract.row_teams import TEAMS
from tests.contract.row_telegram import TELEGRAM
from tests.contract.row_webchat import WEBCHAT

ROWS: tuple[Row, ...] = (WEBCHAT, SMS, TELEGRAM, TEAMS, LETTERBOX)
