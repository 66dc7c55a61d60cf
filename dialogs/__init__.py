"""The dialogs, each one async function run by replay, by the intents that open them."""

from __future__ import annotations

from collections.abc import Mapping

from dialogs.dialog import Dialog
from dialogs.find_place import FIND_PLACE
from dialogs.opening_hours import OPENING_HOURS
from dialogs.opt_out import OPT_OUT
from dialogs.report_fault import REPORT_FAULT

DIALOGS: Mapping[str, Dialog] = {
    "find_place": FIND_PLACE,
    "opening_hours": OPENING_HOURS,
    "feedback_report": REPORT_FAULT,
    "opt_out": OPT_OUT,
}
