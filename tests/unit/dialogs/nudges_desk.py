"""What the city wrote first as a double over the city's own templates; nothing is changed by a dialog itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from dialogs import DIALOGS
from dialogs.buttons import nudge_payload
from dialogs.services import ServiceUnavailable
from knowledge.faults import Fault
from knowledge.shape import shape
from knowledge.source import read_yaml
from proactive.render import line, render, title
from proactive.template import Template
from proactive.template_file import TemplateFile
from tests.unit.dialogs.mydata_own import Ledger, Login, Own
from tests.unit.dialogs.talker import LANGUAGES, ROOT, City, Talker, understand
from tests.unit.dialogs.test_appointments import MINE, Clinic, booked

ZONE = ZoneInfo("Europe/Helsinki")
PROMISE: dict[str, Any] = {"status": "waiting", "position": 1, "hours": "ma-pe klo 8-16"}
APPOINTMENT, PRESCHOOL, CHECKIN, WASTE = (
    "appointment_reminder", "preschool_place", "senior_checkin", "waste_pickup",
)  # fmt: skip


@cache
def template(name: str) -> Template:
    """The newest version of one of the city's."""
    faults: list[Fault] = []
    document = read_yaml(ROOT / "knowledge" / "nudges" / f"{name}.yaml", name, faults)
    assert document is not None
    file = shape(TemplateFile, document, faults)
    assert file is not None, faults
    return max(file.templates(), key=lambda one: one.version)


@dataclass
class Desk:
    """Nudges by their ids, and what was asked of them."""

    sent: dict[str, str] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    down: bool = False

    async def choice(self, conversation: str, nudge: str, choice: str, language: str) -> dict[str, Any] | None:
        if self.down:
            raise ServiceUnavailable("down")
        if nudge not in self.sent or nudge in self.over:
            return None
        asked = template(self.sent[nudge])
        chosen = asked.choice(choice)
        if chosen is None:
            return None

        def said(words: Any) -> str:
            return line(asked, words, asked.examples, language=language, zone=ZONE) if words else ""

        return {
            "label": chosen.label[language], "opens": chosen.opens, "alarm": chosen.alarm,
            "entities": [[kind, str(asked.examples[name])] for kind, name in chosen.entities.items()],
            "confirm": said(chosen.confirm), "thanks": said(chosen.thanks), "answered": self.taken.get(nudge),
        }  # fmt: skip

    async def answered(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    def write(self, talker: Talker, name: str, language: str = "fi", nudge: str = "") -> str:
        """The city writes first; the id of what it wrote."""
        nudge = nudge or f"{len(self.sent) + 1:032x}"
        self.sent[nudge] = name
        asked = template(name)
        reply = render(
            asked, asked.examples, language=language, channel=talker.channel, zone=ZONE,
            payload=lambda choice: nudge_payload(nudge, choice.id),
        )  # fmt: skip
        choices = [
            [choice.id, shown.label, shown.payload, [word for code in LANGUAGES for word in choice.words.get(code, ())]]
            for choice, shown in zip(asked.choices, reply.choices, strict=True)
        ]
        alarm = next((choice.id for choice in asked.choices if choice.alarm), None)
        talker.beside.append({
            "id": nudge, "template": name, "purpose": asked.purpose, "language": language, "choices": choices,
            "title": title(asked, asked.examples, language=language, zone=ZONE), "at": talker.now.isoformat(),
            "alarm": alarm,
        })  # fmt: skip
        return nudge


def told(desk: Desk, **options: Any) -> Talker:
    """A citizen with an appointment of the templates' example, and whatever there is of services."""
    clinic = Clinic(appointments={MINE: booked()})
    names = ("directory", "hours", "feedback", "events", "search", "masking", "topics")
    services: dict[str, object] = dict.fromkeys(names, City())
    own = Own()
    services |= {"consents": Ledger(own), "mydata": own, "login": Login(), "nudges": desk, "appointments": clinic}
    options.setdefault("understand", understand)
    return Talker(DIALOGS, services, **options)


def asked(talker: Talker, method: str) -> list[tuple[Any, ...]]:
    """The arguments of the effects of a name that were asked for so far, without the conversation."""
    return [effect.arguments[1:] for effect in talker.effects if effect.name == f"nudges.{method}"]
