"""Allow one purpose: the city's own question in its version of now, a yes to exactly that, and what is written down."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.my_data_words import allowed, end_words, moment_words, title_words, way
from dialogs.services_mydata import Consent, Consents, Decision
from dialogs.speech import ByLanguage, Voice
from dialogs.steps import Edge
from dialogs.talk import Talk

NEEDS = frozenset(("code", "strong"))


async def consent_ask(talk: Talk, consents: Consents, *, meant: Consent) -> bool:
    """Put the question. A yes is one to what stands there, in no other way and to nothing else.

    Gives whether the city may do it after this.
    """
    title = title_words(meant)
    if allowed(meant):
        await talk.say("already", title=title, since=_since(meant, talk.edge), end=end_words(meant))
        return True
    if meant["needs"] in NEEDS:
        ways = [way(talk, "strong_login")] if meant["needs"] == "strong" else [way(talk, "phone_confirm")]
        await talk.say(f"needs_{meant['needs']}", title=title, choices=ways)
        return False
    agreed = await talk.confirm(
        "sure_task" if meant["basis"] == "public_task" else "sure",
        title=title,
        ask=lambda _: meant["ask"],
        for_me=lambda _: meant["for_me"],
        for_city=lambda _: meant["for_city"],
        data=lambda _: meant["data"],
        retention=lambda _: meant["retention"],
        end=lambda _: end_words(meant),
        age=meant["age"],
        younger=_younger(meant, talk.edge),
    )
    if not agreed:
        await talk.say("kept", title=title)
        return False
    try:
        made: Decision = await talk.do(
            "give", consents.give, talk.edge.conversation, meant["id"], meant["version"], talk.language
        )
    except EffectFailed:
        await talk.say("failed", title=title)
        return False
    if made["outcome"] != "done":
        # Nothing is taken for a yes to a text that was not read.
        await talk.say("changed" if made["outcome"] == "changed" else "refused", title=title)
        return False
    await talk.say(
        "done", title=title, at=moment_words(made["at"], talk.edge), receipt=made["receipt"], end=end_words(meant)
    )
    return True


def _since(meant: Consent, edge: Edge) -> ByLanguage:
    """When it was allowed, in a sentence; empty for what needs no permission."""

    def words(language: str) -> str:
        at = moment_words(meant["at"], edge).words(language)
        return Voice(edge.texts, language).text("consent_ask.since", {"at": at}) if at else ""

    return words


def _younger(meant: Consent, edge: Edge) -> ByLanguage:
    """Who decides for somebody who is too young to."""
    who = "guardian" if meant["guardian"] else "nobody"
    return lambda language: Voice(edge.texts, language).text(f"consent_ask.younger_{who}", {"age": meant["age"]})


CONSENT_ASK = dialog(consent_ask)
