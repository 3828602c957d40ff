"""The choice among the kinds of state updates; loops are imported when a method is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpybrain.engine.state_update import NoUpdate, ProgramUpdate, StateUpdate

if TYPE_CHECKING:
    from numpybrain.engine.binding import NameScope
    from numpybrain.engine.state_update import Integrable
    from numpybrain.kernel.refractory import Refractoriness
    from numpybrain.symbolic.programs import UpdatePlan


def equation_update(
    group: Integrable,
    n: int | Callable[[], int],
    plan: UpdatePlan | None,
    refractoriness: Refractoriness | None = None,
    at_spikes: NameScope | None = None,
) -> StateUpdate:
    """The state update from equations, of the kind that their method needs; none without a plan."""
    if plan is None:
        return NoUpdate(group)
    if plan.method.loop is None:
        return ProgramUpdate(group, n, plan, refractoriness, at_spikes)
    from numpybrain.engine.loop_update import LoopUpdate

    return LoopUpdate(group, n, plan, refractoriness)


def derivative_update(group: Integrable, derivative: Callable[..., Any], method: Any) -> StateUpdate:
    """The state update by a loop that gets rates from a Python function."""
    from numpybrain.engine.loop_update import DerivativeUpdate

    return DerivativeUpdate(group, derivative, method)
