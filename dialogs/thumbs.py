"""Whether an answer helped: two small buttons under it, or a word. It is counted once, and of nobody."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.messages import Choice, Rating, Reply
from dialogs import buttons
from dialogs.scene import Scene

KEPT = 8
"""So many of the last answers can still be rated."""
WORDS = {"helped": True, "not_helped": False}
"""The commands that say it in words, right after an answer."""
RATING = "rating"
"""The intent that such a turn is counted under."""


def invited(scene: Scene, answer: Reply, intent: str) -> Reply:
    """A topic's answer with both buttons; within a dialog without them, where its question is what matters."""
    if scene.state.top is not None:
        return answer
    seed = f"{scene.turn.incoming.message_id}|{intent}"
    key = hashlib.blake2s(seed.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    others = [row for row in scene.state.answers if row[0] != key]
    scene.state.answers = [*others, [key, intent, scene.language, False]][-KEPT:]
    choices = [
        Choice(scene.voice.text(f"button.{name}"), buttons.rating_payload(key, helped=helped), aside=True)
        for name, helped in WORDS.items()
    ]
    return replace(answer, choices=(*answer.choices, *choices))


def worded(scene: Scene, command: str) -> buttons.Rated | None:
    """What a word says of the answer that was given last; ``None`` where the last thing said was no such answer."""
    helped = WORDS.get(command)
    found = (buttons.read(payload) for _, payload in scene.state.offered)
    return next((press for press in found if isinstance(press, buttons.Rated) and press.helped is helped), None)


async def rate(scene: Scene, press: buttons.Rated) -> bool:
    """Count what a citizen says of an answer, thank, and put the open question again. False for an old answer."""
    counted = count(scene, press)
    if counted is None:
        return False
    if not press.helped:
        scene.say("talk.not_helped", choices=[scene.button("human")])
    else:
        scene.say("talk.helped" if counted else "talk.rated_already")
    await scene.advance()
    return True


def count(scene: Scene, press: buttons.Rated) -> bool | None:
    """Count without a word: whether it was counted now, or has been before; ``None`` for an answer long gone."""
    row = next((row for row in scene.state.answers if row[0] == press.key), None)
    if row is None:
        return None
    key, intent, language, rated = row
    scene.intent = RATING
    if not rated:
        scene.rating = Rating(intent=intent, language=language, helped=press.helped)
        scene.state.answers = [[key, intent, language, True] if old is row else old for old in scene.state.answers]
    return not rated
