"""Who answers: the dialogs, the topics and the understanding of one city."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.city import City
from bot.messages import Incoming, Match, Session
from bot.metrics import understand_seconds
from dialogs import DIALOGS
from dialogs.consents_words import ENDS
from dialogs.conversation import Conversation
from knowledge.topics import Topics
from nlu.semantic import Semantic


def conversation(city: City, services: Mapping[str, object]) -> Conversation:
    """The responder of one city, with its services by name."""
    semantic = Semantic(city.embed) if city.embed is not None else None

    async def understand(text: str, session: Session) -> Match:
        with understand_seconds.labels(session.language or "").time():
            match = city.understand(text, session)
            if semantic is None or not city.unsure(match):
                return match
            meaning = await semantic.meaning(text)
            return match if meaning is None else city.understand(text, session, meaning)

    return Conversation(
        dialogs=DIALOGS,
        topics=Topics(city.content),
        texts=city.texts,
        words=city.words,
        understand=understand,
        services=services,
        zone=city.zone,
        languages=city.languages,
        safety_reply=city.safety_reply,
        safety_line=city.lines.line,
    )


def opting_out(city: City) -> Callable[[Incoming], bool]:
    """Whether a message wants no more messages: that is honoured however old it is."""

    def wanted(incoming: Incoming) -> bool:
        command = city.words.command(incoming.text, incoming.address.channel)
        return command is not None and (command.name == "opt_out" or command.name.startswith(ENDS))

    return wanted
