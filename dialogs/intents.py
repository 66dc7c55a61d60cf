"""What is done about an intent: a dialog is opened, a topic is answered, small talk is returned."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Choice, Entity, Match, Reply
from dialogs import appointments_way, buttons, commands, found, my_data_way, nudged, recent, thumbs
from dialogs.handoff import ask as ask_human
from dialogs.handoff import waits
from dialogs.house import FIND_PLACE, House
from dialogs.scene import Scene
from dialogs.words import LOST, named_words, word_count

FOREIGN = "other_language"
"""What is said in a language that is none of the city's."""
PATIENCE = 2
"""Failed turns in a row, after which a human is offered."""
DOUBTED = 500
"""Characters that are kept of a message until it is known whether one of the close intents was meant."""
SMALL_TALK = frozenset(("greeting", "thanks", "goodbye", "bot_identity", "complaint", "affirm", "deny"))
ALWAYS = frozenset(("human_handoff", "language_switch"))
"""Wishes that are no answer to any question, not even to one that takes every text."""
ALLOWS, ORDERS = "consent_give", "reminder_order"
OFFERED_BY_INTENT = {"human_handoff": "human", "start_over": "start_over", "help": "help"}
_PLACES = ("district", "street", "postal_code")


def clear(scene: Scene, match: Match) -> bool:
    """Whether a message is confidently understood as something that can be done here."""
    intent = match.intent
    if intent == LOST or match.suggestions:
        return False
    return _known(scene, intent)


def _known(scene: Scene, intent: str) -> bool:
    spoken = intent in SMALL_TALK or intent in OFFERED_BY_INTENT or intent == "language_switch"
    return spoken or scene.house.knows(intent)


def nearest(house: House, match: Match) -> Match:
    """The same match; where places and their topic are close, a word such as "near" decides for the places."""
    match = appointments_way.settled(house, match)
    if FIND_PLACE in match.suggestions and FIND_PLACE in house.dialogs and house.words.near(match.text):
        return replace(match, intent=FIND_PLACE, suggestions=())
    return match


async def act(scene: Scene, match: Match, extra: tuple[Entity, ...] = ()) -> None:
    """Do what a clear intent asks for. What is open is not asked again: the caller does that."""
    scene.intent, scene.state.failed = match.intent, 0
    if match.intent in OFFERED_BY_INTENT:
        await _named(scene, OFFERED_BY_INTENT[match.intent])
    elif match.intent == "language_switch":
        await _language(scene, match)
    elif match.intent in SMALL_TALK:
        await _small_talk(scene, match.intent)
    elif (opens := appointments_way.wanted(scene.house, match) or ordered(scene.house, match)) in scene.house.dialogs:
        known = (*recent.known(scene, opens), *appointments_way.known(scene, opens), *nudged.known(scene, opens))
        await scene.open(opens, match, (*extra, *known))
    else:
        await _topic(scene, match)


def ordered(house: House, match: Match) -> str:
    """The dialog of an intent: to allow the city to write of something is to order it, where it can be ordered."""
    return ORDERS if match.intent == ALLOWS and ORDERS in house.dialogs else match.intent


async def suggest(scene: Scene, match: Match) -> None:
    """Ask which of the close intents was meant."""
    titles = [(intent, scene.house.topics.title(intent, scene.language)) for intent in match.suggestions[:3]]
    places = [(entity.kind, entity.value) for entity in match.entities if len(entity.value) < 24]
    offered = {
        intent: Choice(title, buttons.intent_payload(intent, places))
        for intent, title in titles
        if title is not None and intent not in {"affirm", "deny"} and _known(scene, intent)
    }
    if not offered:
        await lost(scene)
        return
    if list(offered) == [match.intent]:
        # Of those that were close this is the only one that can be done: a choice of one is no question.
        await act(scene, replace(match, suggestions=()))
        await scene.advance()
        return
    none = Choice(scene.voice.text("button.none"), buttons.command_payload("none"))
    scene.say("human.kept" if waits(scene) else "talk.did_you_mean", choices=[*offered.values(), none])
    if match.intent != LOST:  # else it is kept as not understood already
        scene.state.doubted = [match.text[:DOUBTED], match.language, match.intent, match.confidence]
    scene.intent = match.intent


async def lost(scene: Scene) -> None:
    """Nothing was understood: what a search finds, else help, and after two such turns a human."""
    scene.state.failed += 1
    scene.intent = LOST
    again = scene.state.failed >= PATIENCE
    if waits(scene):
        # They were asked to write what it is about: it is not lost, whoever reads it.
        scene.say("human.kept", choices=commands.examples(scene)[:-1])
        return
    answers = await found.search(scene, scene.turn.incoming.text)
    if answers:
        found.offer(scene, answers, human=again)
    elif again:
        scene.say("talk.lost_again", choices=[scene.button("human"), *commands.examples(scene)[:-1]])
    else:
        scene.say("talk.lost", choices=commands.examples(scene))


def foreign(scene: Scene) -> None:
    """Say in every language which ones are spoken here, with the way to a person."""
    scene.intent = FOREIGN
    scene.say("talk.other_language", choices=[scene.button("human")])


async def _named(scene: Scene, command: str) -> None:
    if command == "human":
        ask_human(scene)
    elif command == "help" or scene.state.top is not None:
        scene.say("talk.help", choices=commands.examples(scene))
    else:
        scene.say("engine.start_over", choices=commands.examples(scene))


async def _language(scene: Scene, match: Match) -> None:
    named = scene.house.words.languages(match.text) & set(scene.house.languages)
    if len(named) > 1:
        # "Puhutko ruotsia vai suomea": the one that is not spoken now is the one that is asked for.
        named -= {scene.language}
    if len(named) == 1 and scene.house.words.negated(match.text):
        # "I don't speak Finnish": the language of the words, where it is another.
        named = {match.language} - named
    if len(named) != 1:
        await commands.ask_language(scene)
        return
    scene.speak(named.pop(), chosen=True)
    scene.say("talk.language")


async def _small_talk(scene: Scene, intent: str) -> None:
    if intent in {"greeting", "bot_identity"} and scene.state.top is None:
        again = intent == "greeting" and scene.state.introduced
        scene.say("talk.greeting_again" if again else f"talk.{intent}", choices=commands.examples(scene))
        scene.state.introduced = True
    elif intent == "complaint" and scene.state.top is None:
        scene.say("talk.complaint", choices=[scene.button("human")])
    else:
        scene.say("talk.greeting_again" if intent == "greeting" else f"talk.{intent}")


async def _topic(scene: Scene, match: Match) -> None:
    topics = scene.house.topics
    service = topics.service(match.intent)
    findable = service is not None and FIND_PLACE in scene.house.dialogs
    if findable and (scene.house.words.near(match.text) or _place_alone(match)):
        given = Entity(kind="service", value=service or "", text="", start=0, end=0)
        entities = tuple(entity for entity in match.entities if entity.kind != "service")
        await scene.open(FIND_PLACE, replace(match, entities=entities), (given,))
        return
    answer = topics.answer(match.intent, scene.language)
    if answer is None:
        await lost(scene)
        return
    scene.forget()
    shown = _with_nearest(scene, answer, match, service) if findable and service else answer
    shown = my_data_way.with_ways(scene, appointments_way.with_ways(scene, shown, match.intent), match.intent)
    shown = _with_dialog(scene, _with_guide(scene, shown, match.intent), match)
    scene.replies.append(thumbs.invited(scene, shown, match.intent))


def _place_alone(match: Match) -> bool:
    """Whether a message is little more than a kind of place and where: "simhall i Tölö"."""
    kinds = {entity.kind for entity in match.entities}
    short = word_count(match.text) <= named_words(match, {*_PLACES, "service"}) + 1
    return "service" in kinds and not kinds.isdisjoint(_PLACES) and short


def _with_guide(scene: Scene, answer: Reply, intent: str) -> Reply:
    """With the way into the short dialog that ends at the right service, where the intent has one."""
    guide = f"guide_{intent}"
    if guide not in scene.house.dialogs:
        return answer
    choice = Choice(scene.voice.text("button.guide"), buttons.intent_payload(guide))
    return replace(answer, choices=(*answer.choices, choice))


def _with_dialog(scene: Scene, answer: Reply, match: Match) -> Reply:
    """With the way into the dialog that goes on from the answer, which takes along where it is about."""
    opens = scene.house.topics.opens(match.intent)
    if opens is None or opens not in scene.house.dialogs:
        return answer
    title = scene.house.topics.title(opens, scene.language) or scene.voice.text("button.guide")
    return replace(answer, choices=(*answer.choices, Choice(title, buttons.intent_payload(opens, _where(match)))))


def _with_nearest(scene: Scene, answer: Reply, match: Match, service: str) -> Reply:
    payload = buttons.intent_payload(FIND_PLACE, [("service", service), *_where(match)])
    return replace(answer, choices=(*answer.choices, Choice(scene.voice.text("button.nearest"), payload)))


def _where(match: Match) -> list[tuple[str, str]]:
    """The first place that a message names, for a button that takes it along."""
    return [(entity.kind, entity.value) for entity in match.entities if entity.kind in _PLACES][:1]
