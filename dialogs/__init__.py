"""The dialogs, each one async function run by replay, by the intents that open them."""

from __future__ import annotations

from collections.abc import Mapping

from dialogs.appointments_book import APPOINTMENT_BOOK
from dialogs.appointments_cancel import APPOINTMENT_CANCEL
from dialogs.appointments_mine import APPOINTMENT_MINE
from dialogs.appointments_move import APPOINTMENT_MOVE
from dialogs.consents import MY_CONSENTS
from dialogs.consents_give import CONSENT_GIVE
from dialogs.consents_withdraw import CONSENT_WITHDRAW
from dialogs.dialog import Dialog
from dialogs.events import EVENTS
from dialogs.find_place import FIND_PLACE
from dialogs.guide_daycare_application import GUIDE_DAYCARE_APPLICATION
from dialogs.guide_library_card import GUIDE_LIBRARY_CARD
from dialogs.guide_parking_permit import GUIDE_PARKING_PERMIT
from dialogs.guide_school_enrolment import GUIDE_SCHOOL_ENROLMENT
from dialogs.message_complaint import MESSAGE_COMPLAINT
from dialogs.my_data import MY_DATA
from dialogs.my_data_channels import MY_CHANNELS
from dialogs.my_data_delete import MY_DATA_DELETE
from dialogs.my_data_login import STRONG_LOGIN
from dialogs.my_data_phone import PHONE_CONFIRM
from dialogs.my_data_reason import MESSAGE_REASON
from dialogs.my_data_uses import DATA_USES
from dialogs.my_reminders import MY_REMINDERS
from dialogs.nudge_answer import NUDGE_ANSWER
from dialogs.opening_hours import OPENING_HOURS
from dialogs.opt_out import OPT_OUT
from dialogs.reminder_order import REMINDER_ORDER
from dialogs.report_fault import REPORT_FAULT
from dialogs.report_status import REPORT_STATUS
from dialogs.wrong_number import WRONG_NUMBER

DIALOGS: Mapping[str, Dialog] = {
    "find_place": FIND_PLACE,
    "opening_hours": OPENING_HOURS,
    "feedback_report": REPORT_FAULT,
    "event_search": EVENTS,
    "feedback_status": REPORT_STATUS,
    "opt_out": OPT_OUT,
    # Opened by a button under the answer of the topic, which stays: a fact is not answered with questions.
    "guide_library_card": GUIDE_LIBRARY_CARD,
    "guide_parking_permit": GUIDE_PARKING_PERMIT,
    "guide_daycare_application": GUIDE_DAYCARE_APPLICATION,
    "guide_school_enrolment": GUIDE_SCHOOL_ENROLMENT,
    # Opened by what a message wants with an appointment, or by a button under the topic's answer.
    "appointment_book": APPOINTMENT_BOOK,
    "appointment_cancel": APPOINTMENT_CANCEL,
    "appointment_move": APPOINTMENT_MOVE,
    "appointment_mine": APPOINTMENT_MINE,
    "my_consents": MY_CONSENTS,
    "consent_give": CONSENT_GIVE,
    "consent_withdraw": CONSENT_WITHDRAW,
    "data_uses": DATA_USES,
    "message_reason": MESSAGE_REASON,
    "my_channels": MY_CHANNELS,
    "my_reminders": MY_REMINDERS,
    # Opened by the wish that the city may write of something, where more can be ordered than that.
    "reminder_order": REMINDER_ORDER,
    "wrong_number": WRONG_NUMBER,
    "message_complaint": MESSAGE_COMPLAINT,
    # Opened by a choice of what the city wrote first.
    "nudge_answer": NUDGE_ANSWER,
    # Opened by buttons: under a topic's answer, or in one of the dialogs above.
    "my_data": MY_DATA,
    "my_data_delete": MY_DATA_DELETE,
    "strong_login": STRONG_LOGIN,
    "phone_confirm": PHONE_CONFIRM,
}
