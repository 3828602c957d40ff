"""Looks after the numbers of a run: whether states stay finite, and whether dt is small enough for that.

A sum of squares over all states tells whether one of them is infinite, huge or no number; only then the
states are looked at one by one. After each good look the states are copied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.state_update import StateUpdate
from numpybrain.errors import DivergenceError, ModelError, StabilityWarning, warn
from numpybrain.group.group import Group
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.variables import Array, Variable, VariableStore
from numpybrain.symbolic import symbolic_entry
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import RunContext
    from numpybrain.source import Span
    from numpybrain.symbolic.program import Program

HUGE = 1e300  # a state beyond this is on its way to infinity
PART = 8192  # so many values are summed at once: BLAS takes several threads for longer sums, which is slow
NEAR_ZERO = 1e-6  # dt times a rate, where its function has its limit within rounding
ROUNDING = 1e-9  # of dt times a rate, at the limit of stability


class Watched:
    """States of one group that are looked at together: `flat` is one array over all of them.

    `update` is what changes them; `what` says whose values they are.
    """

    __slots__ = ("copy", "flat", "group", "parts", "slots", "update", "what")

    def __init__(
        self, group: Group, slots: list[Variable], flat: Array, update: StateUpdate, what: str
    ) -> None:
        self.group = group
        self.update = update
        self.what = what
        self.slots = slots
        self.flat = flat
        self.copy = np.empty_like(flat)
        self.parts = [flat[first : first + PART] for first in range(0, flat.size, PART)]

    def fine(self) -> bool:
        """Whether all values are finite and not huge."""
        for part in self.parts:
            if not part.dot(part) < HUGE:  # so it is for NaN
                return not any(True for _ in self.bad())
        return True

    def bad(self) -> Iterator[tuple[Variable, Array]]:
        """Variables with values that are no finite numbers, and the indices of their neurons."""
        for slot in self.slots:
            where = (~(np.abs(slot.value) <= HUGE)).nonzero()[0]
            if where.size:
                yield slot, where


class DivergenceCheck:
    """Stops a run in which states are no finite numbers any more, and keeps the last good states.

    It also stops a run in which a variable exploded within a step and was reset: what depends on it is
    wrong.

    States are the variables with differential equations. In a group written in Python they are all
    variables that its functions may change, but for those that hold infinities before the run.
    Parameters may be infinite, but must be numbers before the run.

    Attributes:
        is_on: whether states are followed in the middle of a run.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.is_on = True
        self._watched: list[Watched] = []
        self._active: list[Watched] = []
        self._groups: list[Group] = []
        self._parameters: list[Variable] = []
        self._good = 0

    def begin(self, members: Iterable[Any]) -> None:
        """A run begins.

        Raises:
            ModelError: if a state is no finite number, or a parameter no number.
        """
        groups = [m for m in members if isinstance(m, Group)]
        self._parameters = []
        for group in groups:
            if group.inspect.explosions is not None:
                group.inspect.explosions.exploded = None
            for slot in group.inspect.state.slots.values():
                if slot.kind != "parameter" or slot.dtype is not float:
                    continue
                if slot.is_array:  # which may be written to
                    self._parameters.append(slot)
                if _has_nan(slot):
                    _refuse(group, slot, np.flatnonzero(np.isnan(slot.value)), group.inspect.element)
        self._watch(groups)
        self._activate()
        for watched in self._watched if len(self._active) < len(self._watched) else ():
            for slot, where in watched.bad():  # in Python, a parameter looks like any other variable
                if _has_equations(watched.group) or _has_nan(slot):
                    _refuse(watched.group, slot, where, watched.what)
        self._keep()

    def resume(self) -> bool:
        """Go on after another run; whether states and parameters are as they have to be for that."""
        if len(self._active) < len(self._watched):
            return False
        for slot in self._parameters:
            if _has_nan(slot):
                return False
        with np.errstate(over="ignore"):
            for watched in self._active:
                if not watched.fine():
                    return False
        self._keep()
        return True

    def follow(self, members: Iterable[Any]) -> None:
        """Follow states that got other arrays in the middle of a run, since synapses came or went.

        Raises:
            DivergenceError: if a state was no finite number before.
        """
        if not self.is_on:
            return
        self.check(last=True)
        self._watch([m for m in members if isinstance(m, Group)])
        self._activate()
        self._keep()

    def _activate(self) -> None:
        """Look at those states from now on that are well."""
        with np.errstate(over="ignore"):
            self._active = [watched for watched in self._watched if watched.fine()]

    def _watch(self, groups: list[Group]) -> None:
        """Find the states; the copies of the last run are used again."""
        self._groups = groups
        known = {id(w.flat if w.flat.base is None else w.flat.base): w for w in self._watched}
        self._watched = []
        for group, state, update, what in (found for g in groups for found in _integrated(g)):
            states = [slot for slot in state.slots.values() if _is_state(slot, state, group, update)]
            rows = [slot for slot in states if slot.name in state.rows]
            watched: list[tuple[list[Variable], Array, int]] = []  # and what it is known by
            if state.block is not None and state.block.size and len(rows) == len(state.rows):
                watched.append((rows, state.block.reshape(-1), id(state.block)))
                states = [slot for slot in states if slot.name not in state.rows]
            for slot in states:
                array = slot.array(1 if slot.shared else state.n)
                watched.append(([slot], array, id(array)))
            for slots, flat, key in watched:
                old = known.get(key)
                if old is None or old.update is not update:
                    old = Watched(group, slots, flat, update, what)
                self._watched.append(old)

    def check(self, *, last: bool = False) -> None:
        """Look at all states; nothing is kept of a `last` look.

        Raises:
            DivergenceError: if one of them is no finite number.
        """
        for group in self._groups:
            check = group.inspect.explosions
            if check is not None and check.exploded is not None:
                raise self._explosion(group, *check.exploded)
        for watched in self._active:
            if not watched.fine():
                raise self._error()
        if not last:
            self._keep()

    def _keep(self) -> None:
        for watched in self._active:
            watched.copy[:] = watched.flat
        self._good = self.clock.step

    def _error(self) -> DivergenceError:
        """Say which states are no finite numbers; the states are set back."""
        found = [(w, slot, where) for w in self._active for slot, where in w.bad()]
        watched = found[0][0]
        group, plan = watched.group, watched.update.plan
        mine = {slot.name: (slot, where) for w, slot, where in found if w.update is watched.update}
        name = next(iter(mine)) if plan is None else symbolic_entry.first_diverging(plan, list(mine))
        slot, where = mine[name]
        others = [f"'{x}'" for x in mine if x != name]
        others += [f"'{s.name}' of '{w.group.name}'" for w, s, _ in found if w.update is not watched.update]
        also = f", in {', '.join(others)} as well" if others else ""
        what = f"'{name}' of '{group.name}' is {_number(slot.value, where)} in"
        return self._set_back(
            group, watched.update, name, where, f"{what} {_whose(slot.value, where, watched.what)}", also
        )

    def _explosion(self, group: Group, name: str, neurons: Array, values: Array) -> DivergenceError:
        """Say that a variable exploded and was reset; the states are set back."""
        whose = _whose(group.inspect.state.slots[name].value, neurons, "neuron")
        text = f"'{name}' of '{group.name}' rose to {_number(values)} within a step in {whose}"
        update = next(update for _, update, _ in group.integrated())
        return self._set_back(group, update, name, neurons, f"{text}, and was reset")

    def _set_back(
        self, group: Group, update: StateUpdate, name: str, neurons: Array, message: str, also: str = ""
    ) -> DivergenceError:
        """The error for a variable; the states are set back."""
        clock, t_good = self.clock, self._good * self.clock.dt
        error = DivergenceError(
            message,
            _equation(group, update, name),
            detail=f"found at t = {clock.t:g} ms (step {clock.step}){also}\n    "
            f"all was well at t = {t_good:g} ms (step {self._good}), and the states are set back to that",
            help=_advice(update, name, clock.dt),
        )
        error.group, error.variable, error.neurons = group.name, name, neurons
        error.t, error.t_good = clock.t, t_good
        for watched in self._active:
            watched.flat[:] = watched.copy
        return error


def _integrated(group: Group) -> Iterator[tuple[Group, VariableStore, StateUpdate, str]]:
    """Give each store of a group with states, the update that changes it, and whose values these are."""
    for state, update, what in group.integrated():
        yield group, state, update, what


def _equation(group: Group, update: StateUpdate, name: str) -> Span | None:
    """The place of a variable's equation; None if a Python function stands in for it."""
    if update.plan is None or group.inspect.definition is None:
        return None
    equation = group.inspect.definition.variables[name].equation
    return equation.span if equation is not None else None


def _advice(update: StateUpdate, name: str, dt: float) -> str:
    if update.plan is not None:
        return symbolic_entry.suggest_fix(update.plan, name, dt)
    where = origin_of(update.function) if update.function else f"the functions that change '{name}'"
    traps = "a division by zero, the log or sqrt of a negative number, or a growth as exp(v)"
    bound = "(take min(v, v_peak) there)"
    return f"look for {traps} {bound}, in {where}; or dt is too large: try dt='{dt / 2:g} ms'"


def _is_state(slot: Variable, state: VariableStore, group: Group, update: StateUpdate) -> bool:
    """Whether a variable is one of those that an update takes from step to step."""
    if slot.dtype is not float:
        return False
    if update.plan is not None:
        return slot.name in update.names
    if slot.shared:
        return False
    if slot.kind == "differential" or slot.name in state.rows:
        return True
    in_python = not _has_equations(group)
    return slot.kind == "parameter" and in_python and group.inspect.present().is_written(slot)


def _has_equations(group: Group) -> bool:
    return group.inspect.definition is not None and bool(group.inspect.definition.of_kind("differential"))


def _has_nan(slot: Variable) -> bool:
    value = slot.value
    # a product of long arrays would wake the threads of BLAS, whose waiting costs more than the look
    return math.isnan(value.max(initial=0.0) if isinstance(value, np.ndarray) else value)


def _number(values: Any, where: Any = (0,)) -> str:
    """The first of some values, in words."""
    value = np.atleast_1d(values)[where[0]]
    return "NaN" if np.isnan(value) else f"{value:g}"


def _refuse(group: Group, slot: Variable, where: Array, what: str) -> None:
    """Raise the error for values that must not be there when a run begins."""
    message = f"'{slot.name}' of '{group.name}' is {_number(slot.value, where)} at the start of the run"
    if isinstance(slot.value, np.ndarray) and not slot.shared:
        message += f", in {_whose(slot.value, where, what)}"
    advice = f"assign {slot.name}, or allow such values with Network(..., check_finite=False)"
    raise ModelError(message, help=advice)


def _whose(values: Any, where: Array, what: str) -> str:
    """Describe in words which elements of a group are meant."""
    n = np.size(values)
    if where.size == 1:
        return f"{what} {where[0]} of {n}"
    return f"{where.size} of {n} {what}s, the first is {what} {where[0]}"


class Stability:
    """Whether dt is small enough for a method, as far as each equation's own decay tells.

    What sums over synapses contribute to that decay is held for a step, and has a limit of its own.
    """

    def __init__(self, group: Group, update: StateUpdate) -> None:
        self.group = group
        self.update = update
        self._readers: dict[Any, BoundProgram] = {}
        self._effects: dict[frozenset[str], list[tuple[str, str, Program]]] = {}
        plan = update.plan
        is_limited = plan is not None and plan.method.stable is not None
        self._names = symbolic_entry.decaying(plan, group.inspect.definition) if plan and is_limited else ()

    @classmethod
    def all_of(cls, member: Any) -> list[Stability]:
        """One for each state update of a member of a network."""
        found = member.integrated() if isinstance(member, Group) else ()
        return [cls(member, update) for _, update, _ in found]

    def fastest(self, names: tuple[str, ...], context: RunContext) -> float:
        """The fastest decay among some variables, in 1/ms, with the present values."""
        rates = self._decays(names, context)
        return float(rates.max(initial=0.0, where=np.isfinite(rates)))

    def _decays(self, names: tuple[str, ...], context: RunContext) -> Array:
        """The fastest decay among some variables, for each neuron or for all."""
        plan, definition = self.update.plan, self.group.inspect.definition
        assert plan is not None  # there are no names without a plan
        assert definition is not None
        if names not in self._readers:
            self._bind(names, symbolic_entry.decay_program(plan, definition, names))
        return self._values(names, context)

    def _bind(self, key: Any, program: Program) -> None:
        """Give a program its values, whose result `_values` tells from now on."""
        self._readers[key] = self.update.group.reader(program, "run")

    def _values(self, key: Any, context: RunContext) -> Array:
        """The present values that a program gives."""
        call = self._readers[key].prepare(context)
        with np.errstate(all="ignore"):
            return np.asarray(call())

    def check(self) -> None:
        """Warn if dt is too large."""
        if not self._is_too_fast():
            self._check_coupling()

    def _is_too_fast(self) -> bool:
        """Warn if dt is too large for the equations by themselves, and tell whether it is."""
        plan, context = self.update.plan, self.group.inspect.present()
        if not self._names or plan is None or plan.method.stable is None:
            return False
        dt, limit = context.clock.dt, plan.method.stable
        if self.fastest(self._names, context) * dt <= limit * (1 + ROUNDING):
            return False
        rate, name = max((self.fastest((n,), context), n) for n in self._names)
        message = (
            f"dt = {dt:g} ms is too large for method '{plan.method.name}' in '{self.group.name}': "
            f"'{name}' decays with a time constant of {1 / rate:.4g} ms, "
            f"so dt must be below {limit / rate:.4g} ms"
        )
        instead = symbolic_entry.unconditionally_stable(plan)
        if instead:
            message += f"; or use method='{instead}'"
        warn(message, StabilityWarning)
        return True

    def _check_coupling(self) -> None:
        """Warn if dt is too large for what sums over synapses do, which is held for a step.

        On dx/dt = -d*x - c*x, where a sum gives the second term, a step multiplies x by
        R - (1 - R)*c/d, with the factor R that the method gives without the sum. That is below -1
        if c*dt > z*(1 + R)/(1 - R), with z = d*dt.
        """
        dt = self.group.inspect.present().clock.dt
        for name, (c, d, target) in self._coupled().items():
            z = d * dt
            factor = self._damping(z)
            with np.errstate(all="ignore"):
                limit = np.where(abs(z) < NEAR_ZERO, 2.0, z * (1 + factor) / (1 - factor))
                grows = np.isfinite(c) & (c * dt > limit * (1 + ROUNDING)) & (c > 0)
            if not grows.any():
                continue
            rate, both = c[grows].max(), (c + np.maximum(d, 0))[grows].max()
            message = (
                f"dt = {dt:g} ms is too large for the coupling of '{self.group.name}': through the sums "
                f"over synapses in '{target}', which are held for a step, '{name}' decays with a time "
                f"constant of {1 / rate:.4g} ms; with any method, dt must be below {2 / both:.4g} ms"
            )
            warn(message, StabilityWarning)

    def _damping(self, z: Array) -> Array:
        """Give the factor by which a step multiplies x if dx/dt = -d*x, with z = d*dt."""
        assert self.update.plan is not None
        method = self.update.plan.method
        if (
            method.loop is not None
        ):  # rk45, and implicit ones: as backward Euler, which others do not exceed
            return np.asarray(1 / (1 + np.maximum(z, 0)))
        if method.tableau is not None:
            return np.asarray(np.polynomial.polynomial.polyval(z, method.tableau.damping))
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(-z))

    def _coupled(self) -> dict[str, tuple[Array, Array, str]]:
        """Variable -> its decay by sums over synapses, its own, and the variable that is such a sum."""
        plan, definition, context = (
            self.update.plan,
            self.group.inspect.definition,
            self.group.inspect.present(),
        )
        sums = [
            (each, each.target[1])
            for each in context.notes.get("sums", ())
            if each.target[0] is self.group.inspect
        ]
        if not sums or plan is None or definition is None:
            return {}
        inputs = frozenset(name for _, name in sums)
        if inputs not in self._effects:
            self._effects[inputs] = symbolic_entry.sensitivity_programs(plan, inputs)
        found: dict[str, tuple[Array, Array, str]] = {}
        known = symbolic_entry.decaying(plan, definition)
        for name, target, program in self._effects[inputs]:
            shares = [share for each, t in sums if t == target and (share := each.decay(name)) is not None]
            if not shares:
                continue
            if program.label not in self._readers:
                self._bind(program.label, program)
            decay = self._values(program.label, context) * sum(shares)
            if name in found:
                found[name] = (found[name][0] + decay, *found[name][1:])
            else:
                own = self._decays((name,), context) if name in known else np.zeros(1)
                found[name] = (decay, own, target)
        return found
