"""One replay of one run: from the journal to where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.messages import JSON, Effect, Entity, Match, Reply
from dialogs.dialog import Dialog
from dialogs.errors import Diverged, EffectPassed, StepAfterSuspension, Suspension
from dialogs.journal import Journal
from dialogs.prompts import Opening
from dialogs.state import Run
from dialogs.steps import Asking, Edge, Waiting
from dialogs.talk import Talk

FINAL = (Diverged, EffectPassed)
"""Faults that another try cannot heal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Where a replay ended: at a question, at an effect, or (``stop`` is ``None``) at the dialog's end."""

    stop: Asking | Waiting | None
    value: Any
    said: tuple[Reply, ...]
    effects: tuple[Effect, ...]
    journal: Journal


async def play(run: Run, dialog: Dialog, edge: Edge) -> Played:
    """Run a dialog from its start. Raises what the dialog raises, or the ``DialogFault`` that it brought about."""
    journal = Journal(run.journal, dialog.code)
    # A question that was shown stays a question, even where another language would find its answer in the opening.
    shown = run.waiting[:1] if run.waiting else []
    talk = Talk(
        dialog=dialog,
        journal=journal,
        edge=edge,
        opening=_opening(run.opening),
        skip=frozenset((*run.skip, *shown)),
    )
    value = None
    try:
        value = await dialog.run(talk, *talk.bind(dialog))
    except Suspension:
        pass
    except Exception as error:
        if talk.fault is not None and error is not talk.fault:
            raise talk.fault from error
        raise
    except BaseExceptionGroup as error:
        raise talk.fault or StepAfterSuspension("a step was taken in a group of tasks") from error
    else:
        if talk.stop is not None:
            raise StepAfterSuspension("the dialog caught its own suspension")
    if talk.fault is not None:
        raise talk.fault
    if talk.stop is None:
        journal.finish()
    return Played(stop=talk.stop, value=value, said=tuple(talk.said), effects=tuple(talk.effects), journal=journal)


def _opening(kept: JSON) -> Opening | None:
    if kept is None:
        return None
    entities = tuple(
        Entity(kind=kind, value=value, text=text, start=start, end=end)
        for kind, value, text, start, end in kept["entities"]
    )
    match = Match(
        text=kept["text"], language=kept["language"], intent=kept["intent"], confidence=1.0, entities=entities
    )
    return Opening(match=match)
