"""What can go wrong in a dialog, and the one exception that is no error: a dialog's suspension."""

from __future__ import annotations


class Suspension(BaseException):
    """A dialog waits for an answer or a result. A ``BaseException``, so that ``except Exception`` lets it pass."""


class DialogFault(Exception):
    """A dialog broke a rule of replay: an error of ours. Its words name steps, never what a citizen wrote."""


class NameUsedTwice(DialogFault):
    """Two steps of one run have the same name in the same scope."""


class TooManySteps(DialogFault):
    """A run took more steps than its budget: a loop that does not end."""


class StepAfterSuspension(DialogFault):
    """A step was taken after a suspension (``finally``, a bare ``except``) or beside another (``gather``)."""


class NotJson(DialogFault):
    """A value that would not be the same after a restart."""


class Diverged(DialogFault):
    """The same code took another path than the one that its journal tells of."""


class EffectPassed(DialogFault):
    """Changed code would pass by an effect that was done, or do it again under another name."""


class StateTooLarge(DialogFault):
    """The conversation's state would outgrow its limit."""


class EffectFailed(Exception):
    """What a dialog asked to be done elsewhere was not done; raised again at each replay."""


class NewerState(Exception):
    """The state was written by a newer release; it is left as it is, for that release."""


class RunFailed(Exception):
    """A run could not go on. ``run_id`` names it; the cause is chained. ``final`` tells that it never can."""

    def __init__(self, run_id: str, dialog: str, *, final: bool) -> None:
        super().__init__(f"run {run_id} of {dialog} failed")
        self.run_id = run_id
        self.dialog = dialog
        self.final = final
