"""How a person's own data, purposes and moments are said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.messages import Choice
from dialogs.buttons import intent_payload
from dialogs.my_data_prompts import WhichPurpose
from dialogs.prompt_choices import Choose
from dialogs.services_mydata import Consent, Linked
from dialogs.speech import ByLanguage, Option, Spoken, Voice
from dialogs.steps import Edge
from dialogs.talk import Talk

GIVEN = "given"
PURPOSE = "purpose"
"""The kind of the entity that a purpose travels as in a button."""


def way(talk: Talk, name: str, *places: tuple[str, str]) -> Choice:
    """A button that opens another dialog about one's own data."""
    return Choice(talk.voice.text(f"my_data.button_{name}"), intent_payload(name, places))


def moment(iso: str, now: datetime, voice: Voice) -> str:
    """A day with its year, and the time; ``now`` is local."""
    at = datetime.fromisoformat(iso).astimezone(now.tzinfo)
    clock = voice.text("hours.time", {"hour": at.hour, "minute": f"{at:%M}"})
    return f"{at.day}.{at.month}.{at.year} {voice.text('hours.at', {'time': clock})}"


def moment_words(iso: str | None, edge: Edge) -> Spoken:
    """The same of a run; empty where there is none."""
    return Spoken(iso, lambda language: moment(iso, edge.now, Voice(edge.texts, language)) if iso else "")


def channel_words(channel: str, ending: str, edge: Edge) -> Spoken:
    """What a channel is called, with the end of its address where that means something."""

    def words(language: str) -> str:
        voice = Voice(edge.texts, language)
        name = voice.maybe(f"my_data.channel.{channel}") or channel
        return voice.text("my_data.ending", {"channel": name, "ending": ending}) if ending else name

    return Spoken([channel, ending], words)


def link_words(link: Linked, edge: Edge) -> Spoken:
    """One of a person's channels, and whether it is this one."""

    def words(language: str) -> str:
        voice = Voice(edge.texts, language)
        name = channel_words(link["channel"], link["ending"], edge).words(language)
        return voice.text("my_data.here", {"channel": name}) if link["here"] else name

    return Spoken(link["id"], words)


def allowed(meant: Consent) -> bool:
    """Whether the city may do it now: it has been allowed, or needs no permission and nobody has said no."""
    return meant["state"] == GIVEN or (meant["basis"] == "public_task" and meant["state"] == "never")


def state_words(meant: Consent, edge: Edge) -> Spoken:
    """Whether a purpose is allowed, in a few words."""
    state = "task" if meant["basis"] == "public_task" and meant["state"] == "never" else meant["state"]

    def words(language: str) -> str:
        voice = Voice(edge.texts, language)
        return voice.text(f"my_consents.state.{state}", {"title": meant["title"]})

    return Spoken([meant["id"], state], words)


def title_words(meant: Consent) -> Spoken:
    """A purpose's title."""
    return Spoken([meant["id"], meant["version"]], lambda _: meant["title"])


def end_words(meant: Consent) -> str:
    """The word that ends a purpose, as one writes it."""
    return meant["words"][0].upper() if meant["words"] else ""


def which_purpose(talk: Talk, consents: Sequence[Consent], *more: Option, stated: bool = False) -> Choose:
    """The prompt for one of the purposes; ``more`` are options beside them, ``stated`` tells how each stands."""
    options = [Option(one["id"], _label(one, talk.edge, stated=stated)) for one in consents]
    stems = {one["id"]: _stems(one, talk.voice) for one in consents}
    return WhichPurpose((*options, *more), talk.voice.label, stems=stems, listed=stated)


def _label(one: Consent, edge: Edge, *, stated: bool) -> ByLanguage:
    return state_words(one, edge).words if stated else title_words(one).words


def _stems(one: Consent, voice: Voice) -> list[str]:
    """Of every word that citizens have for a purpose, the beginning, as the texts list them."""
    said = voice.maybe(f"my_consents.named.{one['id']}")
    return [stem.strip() for stem in said.split(",")] if said else []
