"""The state update of a group: from equations and a method, or a Python function in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpybrain.kernel.binding import Bound, PythonFunction
from numpybrain.kernel.state import Array
from numpybrain.stage import Call, origin_of

if TYPE_CHECKING:
    from numpybrain.kernel.neurons import Neurons
    from numpybrain.symbolic.pieces import UpdatePlan


class Update:
    """How a group gets from t to t + dt.

    Attributes:
        method: name of the numerical method; None for a Python function.
        why: the reason for the method.
        plan: the system and its program; None for a Python function.
        function: the Python function, if there is one.
    """

    def __init__(self, group: Neurons, method: Any, function: Callable[..., Any] | None) -> None:
        self.group = group
        self.function = function
        self.plan: UpdatePlan | None = None
        self._python: PythonFunction | None = None
        self._bound: Bound | None = None
        self._held: Bound | None = None
        if function is not None:
            self._python = PythonFunction(function, group.environment)
            group.add_stage("integrate", "state update", self.prepare, origin_of(function))
            return
        if group.definition is None:
            return
        from numpybrain.symbolic import pieces

        self.plan = pieces.update_plan(group.definition, method)
        if self.plan is None:
            return
        self._bound = Bound(self.plan.program, group.environment, n=group.size)
        if self.plan.held is not None:
            self._held = Bound(self.plan.held, group.at_spikes(), dynamic=("spikes",), size="spikes")
        group.add_stage("integrate", f"state update, {self.method}", self.prepare)

    @property
    def method(self) -> str | None:
        """Name of the numerical method."""
        return self.plan.method.name if self.plan is not None else None

    @property
    def why(self) -> str:
        """Why this method."""
        return self.plan.why if self.plan is not None else "a Python function"

    @property
    def formula(self) -> str:
        """The update rule after the numerical method, in declared units and ms."""
        return self.plan.program.formula if self.plan is not None else ""

    @property
    def source(self) -> str:
        """The NumPy code that runs."""
        if self._bound is None:
            return ""
        if self._bound.closure is None:
            self._bound.prepare(self.group.present())
        return self._bound.source

    def prepare(self) -> Call:
        """The callable of a run; it lets go of refractory neurons first."""
        group = self.group
        context = group.present()
        clock = context.clock
        if self._bound is not None:
            self._bound.prepare(context)
        if self._python is not None:
            advance: Call = self._python.acting(clock)
        else:
            assert self._bound is not None  # there is no stage without an update
            advance = self._bound.call(clock)
        rule = group.spiking.prepare_rule(context)
        if rule is None:
            return advance
        arrays = self._kept()
        if not arrays:

            def plain() -> None:
                rule.release(clock.step)
                advance()

            return plain
        after = None
        if self._held is not None:
            self._held.prepare(context)
            after = self._held.call(clock)
        return _holding(advance, arrays, lambda: rule.release(clock.step), after)

    def _kept(self) -> list[Array]:
        """The arrays whose values refractory neurons get back after an update."""
        if self.plan is None:
            return []
        held = {self.plan.system.names[x] for x in self.plan.system.held}
        written = [store.name for store in self.plan.program.stores]
        names = written if self._held is not None else [n for n in written if n in held]
        return [self.group.state.slots[name].array(self.group.size) for name in names]


def _holding(
    advance: Call, arrays: list[Array], release: Call, after: Callable[[Array], Any] | None
) -> Call:
    """Advance all neurons, then give the refractory ones their old values back.

    `after` then lets those variables of refractory neurons go on that do not stand still.
    """
    if len(arrays) == 1 and after is None:  # one held variable, the usual case
        array, take = arrays[0], arrays[0].take

        def update_one() -> None:
            refractory = release()
            if refractory.size:
                saved = take(refractory)
                advance()
                array[refractory] = saved
            else:
                advance()

        return update_one

    def update() -> None:
        refractory = release()
        if not refractory.size:
            advance()
            return
        saved = [a.take(refractory) for a in arrays]
        advance()
        for array, values in zip(arrays, saved, strict=True):
            array[refractory] = values
        if after is not None:
            after(refractory)

    return update
