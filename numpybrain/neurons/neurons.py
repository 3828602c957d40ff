"""A group of neurons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.state_update import FunctionUpdate, NoUpdate, StateUpdate
from numpybrain.engine.updates import derivative_update, equation_update
from numpybrain.errors import ArgumentError, shown
from numpybrain.group import models
from numpybrain.group.assignment import assign, declare
from numpybrain.group.group import Group, numbered
from numpybrain.group.random_streams import Streams
from numpybrain.group.time_following import Sampling
from numpybrain.kernel import neurons as core
from numpybrain.kernel.events import SPIKES, EventBuffer
from numpybrain.kernel.state import State, under
from numpybrain.kernel.variables import Array, Variable, VariableStore
from numpybrain.language import language_entry
from numpybrain.language.times import is_plain_time
from numpybrain.model.arguments import of_neurons
from numpybrain.neurons.custom_events import add_events
from numpybrain.neurons.grid_spikes import stages_on_the_grid
from numpybrain.neurons.interpolated_spikes import interpolated_stages
from numpybrain.neurons.neuron_space import NeuronSpace
from numpybrain.neurons.subgroup import Subgroup, contiguous, part_of
from numpybrain.neurons.threshold_and_reset import Spiking
from numpybrain.symbolic import symbolic_entry
from numpybrain.utils.foreign_names import explains_arguments, first_here
from numpybrain.utils.naming import by_names, follows_time, reserved
from numpybrain.utils.quantities import is_function, is_unit

if TYPE_CHECKING:
    from numpybrain.model import Model
    from numpybrain.neurons.poisson_drive import PoissonDrive
    from numpybrain.neurons.vector_field import VectorField

MOST = 10**12  # neurons of a group; eight terabytes for one variable


class Neurons(Group):
    """A group of `n` neurons of one model.

    Args:
        n: how many.
        model: equations, a `Model`, the name of a library model, a path to a model file, or a
            dictionary {variable: unit} for a group written in Python.
        threshold: condition for a spike; a string, or a function that returns `n` booleans or the
            indices of the neurons that spike.
        reset: statements for the neurons that fired; a string, or a function that gets their
            indices as its argument `spikes`.
        refractory: a time, or a condition that keeps a neuron refractory while it is true. A constant time
            must be a whole number of steps, or see `rounding` of `Network`; expressions and what functions
            give, once for each spike after its reset, are rounded to the nearest step, one at least.
            The period counts from the step of the spike, as in Brian2; in NEST from the next one, so that
            intervals are one dt longer there.
        events: name -> condition, as for `threshold`: neurons have the event in each step in which it
            holds, whether they are refractory or not. Monitors record events as they record spikes.
        on_event: name of an event -> statements for the neurons that have it, carried out after the
            reset; a function gets their indices as an argument with the name of the event.
        at: phase of a step -> statements, or a function, for all neurons in every step, as `at` adds them.
        method: numerical method: a name, `nb.method(name, ...)` with options, a tableau, or a function
            that writes the update; None chooses.
        initial: variable -> number, quantity, string, array or function; or "steady" for the steady state
            of the equations that the start values of the model lead to, with the parameters given here.
        functions: name -> Python function to call in equations; plain numbers in and out.
        namespace: values for parameters and for names that the model leaves open; names that the
            model does not know are ignored, so `namespace=locals()` works.
        integrate: a Python function in place of the state update.
        derivative: a Python function that returns the rates of the variables, in their units per ms: all
            in order, or by name (the others stay). Its arguments are names of variables, and `t`. For
            groups whose model is a dictionary {variable: unit}.
        interpretation: "stratonovich" (as in Brian2) or "ito": what products of noise and state
            variables mean; None is "stratonovich".
        spike_times: "grid" (None) or "interpolated"; see below.
        name: a name for messages and the schedule.
        **parameters: values of parameters and of open names: one number, quantity or string for
            all, or an array of shape (n,). A time series (`nb.timed`), a function with an argument `t` and
            a text with t follow the time: a function is called at the start of each step, and may ask for
            variables, `i`, `N` and `rng` too.

    Variables and parameters are attributes: `cells.v` is a live array in the declared unit. A parameter may
    be assigned something that follows the time as well, `cells.I = lambda t: ...`: it is asked at the start
    of each step, until something else is assigned.
    A subexpression that depends on parameters alone (`V_r = E - 5*mV : mV`) is a parameter if it is given.

    With `spike_times="interpolated"`, spikes lie between time steps: the crossing of the threshold is
    located within the step, the neuron is reset there, and the method takes it on to the end of the step;
    so spike times converge with the order of the method. Monitors and `lastspike` tell these times, and
    `t` in a reset is the time of the spike (in a Python function an array, in the order of `spikes`). The
    threshold must be one comparison, and the method must take one step of any length: "exact", an
    exponential or explicit one, without noise or random draws. A refractory period ends within a step
    as well; a condition in its place is asked at time steps. A neuron that is above the threshold when a
    step begins, pushed by a synapse for instance, spikes at once. A neuron spikes at most once in a step,
    and not if it rises above the threshold and falls below again within one. Synapses get spikes at the
    time steps, as always, and find the state at the end of the step. Other events are looked for at time
    steps too, after the resets of the step.

    Raises:
        UnknownNameError: if a name in the model stays undefined.
        UnitError: if units do not fit.
    """

    inspect: NeuronSpace
    model: Model | None
    events: dict[str, EventBuffer]  # who has which event in this step; "spikes" first
    spiking: Spiking
    update: StateUpdate
    _core: core.Neurons

    def __init__(
        self,
        n: int = 0,
        model: Any = None,
        *,
        threshold: Any = None,
        reset: Any = None,
        refractory: Any = None,
        events: Mapping[str, Any] | None = None,
        on_event: Mapping[str, Any] | None = None,
        at: Mapping[str, Any] | None = None,
        method: Any = None,
        initial: Mapping[str, Any] | str | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        namespace: Mapping[str, Any] | None = None,
        integrate: Callable[..., Any] | None = None,
        derivative: Callable[..., Any] | None = None,
        interpretation: str | None = None,
        spike_times: str | None = None,
        name: str | None = None,
        **parameters: Any,
    ) -> None:
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 1 <= n <= MOST:
            message = f"the number of neurons is a whole number, at least 1 and at most {MOST:,}"
            advice = "the number comes first: nb.Neurons(100, equations)"
            help_ = first_here("Neurons", parameters) or advice
            raise ArgumentError(f"{message} (got {shown(n)})", help=help_)
        name = numbered("neurons", name)
        made = core.Neurons(name, int(n), VariableStore(name, int(n)))
        super().__init__(NeuronSpace(made, Streams("neurons")), made.stages)
        is_steady = isinstance(initial, str) and initial == "steady"
        initial = None if initial is None or is_steady else by_names(initial, "initial")
        functions = None if functions is None else by_names(functions, "functions")
        texts = of_neurons(locals())
        if derivative is not None and not isinstance(model, Mapping):
            message = "a group with equations takes no derivative function"
            advice = "name its variables: {'v': 'mV'}; or call the function in the equations"
            raise ArgumentError(message, help=advice)
        space = self.inspect
        own = vars(self)  # what is set here is no variable
        own.update(_core=made, events=made.events, model=None)
        namespace = {} if namespace is None else by_names(namespace, "namespace")
        start, texts = self._set_up(model, texts, parameters, namespace, derivative)
        if space.definition is not None and space.definition.past:
            space.look_back()
        space.sampling = Sampling(space, made.add_stage)
        chosen, reading = texts.get("method"), texts.get("interpretation")
        own["spiking"] = Spiking(
            space, made.free, texts.get("threshold"), texts.get("reset"), texts.get("refractory")
        )
        made.refractoriness = self.spiking.refractoriness
        located = texts.get("spike_times", "grid") != "grid"
        own["update"] = self._make_update(chosen, reading or "stratonovich", integrate, derivative, located)
        if self.spiking.check is not None:
            self.spiking.check.watched = self.update.nonlinear
        space.explosions = self.spiking.check
        if self.spiking.refractoriness is not None:
            for variable in space.definition.variables.values() if space.definition else ():
                if "unless refractory" in variable.flags:
                    space.environment.shields[variable.name] = self.spiking.refractoriness.shield
        (interpolated_stages if located else stages_on_the_grid)(made, space, self.spiking, self.update)
        if texts.get("events") or texts.get("on_event"):
            add_events(made, space, texts.get("events", {}), texts.get("on_event", {}))
        for variable_name in _starting_order(space, start):
            self._initialise(variable_name, start[variable_name])
        if is_steady:
            from numpybrain.neurons.steady_state import settle

            settle(space)
        if texts.get("at"):
            self._add_stages(at if self.model is None else self.model.arguments["at"])
        self._is_made()

    def _make_update(
        self,
        method: Any,
        interpretation: str,
        integrate: Callable[..., Any] | None,
        derivative: Callable[..., Any] | None,
        located: bool,  # noqa: FBT001  # no switch, but a fact
    ) -> StateUpdate:
        """The state update."""
        space = self.inspect
        if integrate is not None:
            return FunctionUpdate(space, integrate)
        if derivative is not None:
            return derivative_update(space, derivative, method)
        if space.definition is None:
            return NoUpdate(space)
        plan = symbolic_entry.update_plan(space.definition, method, interpretation, located=located)
        return equation_update(space, space.size, plan, self.spiking.refractoriness, space.at_spikes())

    def _set_up(
        self,
        model: Any,
        texts: dict[str, Any],
        parameters: Mapping[str, Any],
        namespace: Mapping[str, Any],
        derivative: Callable[..., Any] | None,
    ) -> tuple[Mapping[str, Any], dict[str, Any]]:
        """Variables with their values; gives the start values and the texts that hold."""
        states: tuple[str, ...] = ()
        if isinstance(model, Mapping):
            if not _needs_language(texts):
                return self._from_python(model, {**namespace, **parameters}, texts, derivative)
            states = tuple(model) if derivative is not None else ()
            model = "\n".join(f"{x} : {unit}" for x, unit in model.items())
        own = {k: v for k, v in namespace.items() if not is_unit(v)}
        known = models.as_model(model, (*own, *parameters), **texts)
        vars(self)["model"] = known
        return self._from_model(known, parameters, namespace, states)

    def _from_python(
        self,
        variables: Mapping[str, str],
        values: Mapping[str, Any],
        texts: dict[str, Any],
        derivative: Callable[..., Any] | None,
    ) -> tuple[Mapping[str, Any], dict[str, Any]]:
        """A group without text: its variables, and what to do with them."""
        if "method" in texts and derivative is None:
            message = "a group written in Python takes no numerical method"
            raise ArgumentError(message, help="give its derivatives: derivative=f")
        for variable, unit in variables.items():
            if self._attributes([variable]):
                raise reserved(variable, "neurons")
            self.inspect.state.add(Variable(variable, "differential", str(unit)))
        self.inspect.state.lay_out(variables)
        for variable, value in values.items():
            if follows_time(value):
                message = f"'{variable}' of '{self.name}', which has no equations, cannot follow the time"
                advice = f"set it in each step: @{self.name}.at('start') before def f(t, {variable}): ..."
                raise ArgumentError(message, help=advice)
            assign(self.inspect.state, variable, value)
        return texts.get("initial", {}), texts

    def _from_model(
        self,
        model: Model,
        parameters: Mapping[str, Any],
        namespace: Mapping[str, Any],
        states: tuple[str, ...],
    ) -> tuple[Mapping[str, Any], dict[str, Any]]:
        """A group that follows a model; `states` are variables whose derivatives a function gives."""
        space = self.inspect
        definition, values = model.close(self.name, parameters, namespace)
        language_entry.refuse_names(definition, self._attributes(definition.variables), "neurons")
        space.definition = definition
        if definition.functions:
            space.environment.add_functions(definition.functions)
            models.bind_time_functions(
                definition,
                lambda flags: 1 if "shared" in flags else space.size,
                lambda: space.streams["run"],
            )
        variables = definition.variables.values()
        declare(space.state, variables)
        space.state.lay_out(states or [v.name for v in variables if v.kind == "differential"])
        for variable_name, value in values.items():
            space.write(variable_name, value)
        return definition.initial, model.said(definition)

    def _initialise(self, name: str, value: Any) -> None:
        space = self.inspect
        if language_entry.is_node(value):
            slot = space.state.slot(name)
            value = space.calculate(value, slot, f"the initial value of '{name}'")
        elif is_function(value):  # what it gives at the start
            value = space.value_from(value)
        space.write(name, value)

    @property
    def spikes(self) -> Array:
        """The indices of the neurons that fired in the last step."""
        return self.events[SPIKES].indices

    @spikes.setter
    def spikes(self, indices: Array) -> None:
        self.events[SPIKES].indices = indices

    @property
    def spike_times(self) -> Array | None:
        """Times of the spikes in ms, if they lie between time steps."""
        return self.events[SPIKES].times

    @spike_times.setter
    def spike_times(self, times: Array | None) -> None:
        self.events[SPIKES].times = times

    def integrated(self) -> Iterator[tuple[VariableStore, StateUpdate, str]]:
        """Give each store with states, its update from step to step, and whose values these are."""
        yield self.inspect.state, self.update, "neuron"

    # ---- checkpoints ----

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot is put back; groups stand for their numbers."""
        times = "grid" if self.spike_times is None else "interpolated"
        found = {"kind": "neurons", "size": self.size, "spike_times": times}
        return {**found, **super().fingerprint()}

    def declare_state(self) -> Iterator[State]:
        """All that the next step depends on, and the last spikes."""
        yield from super().declare_state()
        for name, buffer in self.events.items():
            yield buffer.state(name if name == SPIKES else f"events/{name}", self.size)
        yield from under("refractory/", self.spiking.declare_state())
        yield from under("update/", self.update.declare_state())
        if self.inspect.past is not None:
            yield from under("past/", self.inspect.past.declare_state())

    def begin(self, steps: int) -> None:
        """Without the stages that find them, there are no spikes and events any more."""
        for name, stage in self._core.finders.items():
            if stage not in self.inspect.present().stages:
                self.events[name].clear()

    @explains_arguments("poisson")
    def poisson(
        self, variable: str, n: int, rate: Any, weight: Any, *, name: str | None = None
    ) -> PoissonDrive:
        """Let many independent Poisson sources drive each neuron, in one draw for each neuron and step.

        Args:
            variable: what is added to, such as "v".
            n: how many sources each neuron has.
            rate: the rate of each source, in Hz if bare; one for all or one for each neuron, or what
                follows the time, as for `nb.inputs.Poisson`.
            weight: what each spike adds, in the unit of the variable if bare; likewise.
            name: a name for messages and the schedule.

        In each step a neuron gets weight*k, where k is binomial with n trials and probability rate*dt. What
        stands still in refractory neurons `(unless refractory)` is left alone in them, as by synapses.

        Gives the drive, whose `rate` and `weight` may be assigned at any time. It is part of the network
        that the neurons are part of.
        """
        from numpybrain.neurons.poisson_drive import drive

        return drive(self, variable, n, rate, weight, name=name)

    def vector_field(self, x: str, y: str, neuron: int = 0) -> VectorField:
        """The derivatives of two variables as a function f(x, y), all else as it is now in one neuron.

        `nb.plot.phase_plane(cells, "v", "w")` draws it.

        Args:
            x: name of the first variable.
            y: name of the second one.
            neuron: which of the neurons gives the values of parameters and of other variables.

        Returns:
            A function of arrays of one shape, in the declared units, that gives the pair (dx/dt, dy/dt) in
            units per ms.

        Raises:
            IndexRangeError: if there is no such neuron.
            ModelError: if the neurons have no equations.
            UnknownNameError: if there is no such differential equation.
        """
        from numpybrain.neurons.vector_field import VectorField

        return VectorField(self, x, y, contiguous(neuron, self.size, self.name)[0])

    def __getitem__(self, item: Any) -> Subgroup:
        """A part: `cells[:100]`, `cells[3]`, `cells[[0, 5]]`, `cells[::2]`, `cells["v > 0*mV"]`."""
        return part_of(self, item)

    def __len__(self) -> int:
        return self.size

    def _repr_html_(self) -> str:
        from numpybrain.neurons import neurons_html

        return neurons_html.neurons_html(self, self.size, self.update, self.spiking)

    def __repr__(self) -> str:
        return f"<Neurons '{self.name}' n={self.size} {' '.join(self.inspect.state.names())}>"


def _starting_order(space: NeuronSpace, start: Mapping[str, Any]) -> Iterable[str]:
    """Start values that are calculated from other start values come after these."""
    if space.definition is None or not any(map(language_entry.is_node, start.values())):
        return start
    from numpybrain.language.dependencies import initial_order

    return initial_order(start, space.definition.variables)


def _needs_language(texts: Mapping[str, Any]) -> bool:
    """Whether one of the texts is written in the language of equations."""
    found = [texts.get(key) for key in ("threshold", "reset")]
    for key in ("events", "on_event", "at"):
        found += texts[key].values() if isinstance(texts.get(key), Mapping) else ()
    if any(isinstance(text, str) for text in found):
        return True
    refractory = texts.get("refractory")
    if isinstance(refractory, str) and not is_plain_time(refractory):
        return True
    return "functions" in texts
