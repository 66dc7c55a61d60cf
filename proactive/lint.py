"""What is wrong with a template whose fields are right one by one: languages, places, names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from proactive.around import Around, Finding, Purpose
from proactive.lint_choices import choice_findings
from proactive.lint_texts import text_findings
from proactive.template import Template, check_values


def findings(template: Template, others: Mapping[str, Template], around: Around) -> Iterator[Finding]:
    """Every fault of one template; ``others`` are the newest ones by id."""
    purpose = around.purposes.get(template.purpose)
    if purpose is None:
        known = ", ".join(around.purposes)
        yield ("purpose",), f"there is no purpose “{template.purpose}”", f"Take one of {known}"
    for channel in template.variants:
        yield from _channel(channel, purpose, around)
    yield from text_findings(template, around, purpose)
    yield from choice_findings(template, around, purpose)
    for name, message in check_values(template, template.examples, around.languages):
        yield ("values", name, "example"), f"the example {message}", "Write one as it will be"
    if template.fallback_after is not None and template.fallback_after >= template.expires_after:
        yield ("fallback_after",), "is no shorter than “expires_after”", "Leave time for the next channel"
    yield from _ladder(template, others, around)


def _channel(channel: str, purpose: Purpose | None, around: Around) -> Iterator[Finding]:
    where = ("variants", channel)
    if channel == "sms":
        yield where, "is the text of text messages", "Write it under “short”"
    elif channel not in around.channels:
        yield where, f"there is no channel “{channel}”", f"Take one of {', '.join(sorted(around.channels))}"
    elif purpose is not None and channel not in purpose.channels:
        yield where, "is a channel that the purpose does not have", "Take it out, or add the channel to the purpose"


def _ladder(template: Template, others: Mapping[str, Template], around: Around) -> Iterator[Finding]:
    ladder = template.ladder
    if ladder is None:
        return
    again = others.get(ladder.again)
    if again is None:
        yield ("ladder", "again"), f"there is no template “{ladder.again}”", "Write its file, or take another"
    elif again.values.keys() != template.values.keys():
        yield ("ladder", "again"), "has other values than this template", "Give both templates the same values"
    elif template.reviewed or again.reviewed:
        yield ("ladder", "again"), "would be sent without a person's decision", "Take the ladder out"
    if template.alarm is None:
        yield ("ladder",), "goes with no choice that asks for help", "Write “alarm: true” to the one that does"
    if ladder.skill not in around.skills:
        message = f"there is no skill “{ladder.skill}” in desk.yaml"
        yield ("ladder", "skill"), message, f"Take one of {', '.join(sorted(around.skills))}"
    if ladder.again_after >= ladder.handoff_after:
        yield ("ladder",), "hands over before it asks again", "Let “handoff_after” be longer than “again_after”"
