"""A step that is not complete, since an error came up in one of its stages."""

from __future__ import annotations

from numpybrain.errors import NetworkError
from numpybrain.kernel.contracts import Stage
from numpybrain.network.user_schedule import Schedule, label

ADVICE = "net.restore(...) goes back to a snapshot; net.resume() carries out the rest of the step"


class Torn:
    """Record of a torn step, its stage and error: the network must not run on as if nothing had happened.

    Args:
        stage: the stage in which the error came up; None if it was before the first step of a run.
        schedule: the stages of the network.
        t: the time of the step in ms.
        error: what came up.
    """

    def __init__(self, stage: Stage | None, schedule: Schedule, t: float, error: BaseException) -> None:
        self.stage = stage
        self.place = schedule.stages.index(stage) if stage in schedule.stages else 0
        self.where = (
            f"while it got ready for a run at t = {t:g} ms"
            if stage is None
            else f"in the stage '{label(stage)}' ({stage.origin}) at t = {t:g} ms"
        )
        self.error = ": ".join(filter(None, (type(error).__name__, str(error).partition("\n")[0])))

    def next_place(self, schedule: Schedule, *, repeat: bool) -> int:
        """The position in the schedule from which the step goes on; the schedule may be another by now."""
        if self.stage is None:
            return 0
        if self.stage in schedule.stages:
            return schedule.stages.index(self.stage) + (not repeat)
        return min(self.place + (not repeat), len(schedule))

    def refusal(self, what: str) -> NetworkError:
        """The error for what cannot be done with a network in the middle of a step."""
        message = f"{what} is not possible in the middle of a step: the network stopped {self.where}"
        return NetworkError(message, detail=self.error, help=ADVICE)
