"""Synapses between two groups: what happens when a spike arrives, and after what delay."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, NetworkError, TimeStepError
from numpybrain.kernel import connect as rules
from numpybrain.kernel import door
from numpybrain.kernel.binding import Bound, Context, PythonFunction, Reference
from numpybrain.kernel.clock import Clock, milliseconds, whole_steps
from numpybrain.kernel.growing import Growing
from numpybrain.kernel.neurons import Neurons
from numpybrain.kernel.pathway import Pathway
from numpybrain.kernel.state import Array, Slot
from numpybrain.kernel.subgroup import Subgroup, whole
from numpybrain.stage import Call, origin_of

if TYPE_CHECKING:
    from numpybrain.language.definition import Around
    from numpybrain.symbolic.program import Program


class Synapses(Growing):
    """Synapses from a source group to a target group.

    Args:
        source, target: groups or parts of groups; without a target, the source is the target too.
        model: declarations of synaptic variables, such as "w : mV"; or a dictionary {name: unit}.
        on_pre: what a presynaptic spike does when it arrives: statements, or a function.
        on_post: what a postsynaptic spike does.
        connect: who is connected to whom, by indices relative to the groups: a rule of `nb.connect`;
            a condition ("i != j and x_pre > x_post"), an expression for j ("(i + 1) % N_post") or a
            series ("k for k in range(i - 3, i + 4) if k != i"); a pair of index arrays `(i, j)`; a
            matrix of shape (n_source, n_target), dense or sparse; a graph of networkx; or a function
            of `N_pre`, `N_post` and `rng` that returns one of these. More with `connect(...)`.
        delay: one time for all synapses, from the presynaptic spike to `on_pre`.
        functions: name -> Python function to call in statements; plain numbers in and out.
        namespace: values for names that the statements leave open.
        name: a name for messages and the schedule.
        **parameters: values of synaptic variables and of open names: one value for all, or an
            array of shape (number of synapses,).

    In statements, `x` means the synapse's own variable, else the target's; `x_pre` and `x_post` say
    which. Statements run in order. Events that meet in one step at one target act as if synapse by
    synapse, in the order of the synapses.

    A function gets arrays by the names of its arguments: variables (live, whole arrays), and `pre`, `post`,
    `synapses`: for every synapse that a spike has reached, the index of its source and target neuron in
    the whole groups, and its own. Several may meet at one target: `np.add.at(v_post, post, w[synapses])`.
    A function writes where it likes: `unless refractory` does not stop it.

    Attributes: `i`, `j` (indices of source and target, relative to the groups, in creation order),
    and the synaptic variables.
    """

    def __init__(
        self,
        source: Neurons | Subgroup,
        target: Neurons | Subgroup | None = None,
        model: Any = None,
        *,
        on_pre: Any = None,
        on_post: Any = None,
        connect: Any = None,
        delay: Any = 0.0,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        namespace: Mapping[str, Any] | None = None,
        name: str | None = None,
        **parameters: Any,
    ) -> None:
        target = source if target is None else target
        for group, what in ((source, "source"), (target, "target")):
            if not isinstance(group, (Neurons, Subgroup)):
                message = f"the {what} of synapses is a group of neurons (got {type(group).__name__})"
                advice = "within one group: Synapses(cells, cells, ...)" if what == "target" else None
                raise ArgumentError(message, help=advice)
        super().__init__("synapses", name, 0)
        self.source, self.target = source, target
        self._delay = milliseconds(delay, f"the delay of '{self.name}'")
        if self._delay < 0:
            raise TimeStepError(f"the delay of '{self.name}' is negative (got {self._delay:g} ms)")
        self._i = self._j = np.empty(0, dtype=np.intp)
        self.environment.add_functions(functions or {})
        values = {**(namespace or {}), **parameters}
        links, used = rules.links(connect, self, values)
        self._grow(links)
        self._set_up_model(model, values, set(parameters) - used, on_pre, on_post)
        self._defaults = self._find_defaults(values)
        self._take_weights(links, slice(0, self.size), values)
        self.pathways, self._acting = {}, {}
        for text, which in ((on_pre, "on_pre"), (on_post, "on_post")):
            if text is not None:
                self._add_pathway(text, which)
        self._complete = True

    # ---- variables ----

    def _set_up_model(self, model: Any, values: Mapping[str, Any], strict: set[str], *texts: Any) -> None:
        """Synaptic variables, and the names that the statements leave open."""
        if model is None and not any(isinstance(t, str) for t in texts):
            model = {}
        if isinstance(model, Mapping) and not any(isinstance(t, str) for t in texts):
            for variable, unit in model.items():
                self.state.add(Slot(variable, "parameter", str(unit)))
            for variable, value in values.items():
                if variable in model or variable in strict:
                    self.state.write(variable, value)
            return
        if isinstance(model, Mapping):
            model = "\n".join(f"{x} : {unit}" for x, unit in model.items())
        definition, found = door.synaptic_definition(self, model or "", texts, values, strict)
        self.definition = definition
        for variable in definition.variables.values():
            if variable.kind == "parameter":
                self.state.declare(variable)
        for variable_name, value in found.items():
            self.write(variable_name, value)

    def look_up(self, name: str) -> Reference | None:
        """Where a name lives: here, or in the source (`_pre`) or target (`_post`, or bare)."""
        slot = self.state.slots.get(name) or self._special(name)
        if slot is not None:
            return Reference(self.state, slot, None if slot.shared else "synapse")
        for suffix, group, index in (("_pre", self.source, "pre"), ("_post", self.target, "post")):
            if name.endswith(suffix):
                found = whole(group)[0].look_up(name.removesuffix(suffix))
                return self._indexed(found, index)
        return self._indexed(whole(self.target)[0].look_up(name), "post")

    def _indexed(self, found: Reference | None, index: str) -> Reference | None:
        if found is None:
            return None
        return Reference(found.state, found.slot, None if found.slot.shared else index)

    def _special(self, name: str) -> Slot | None:
        values = {"i": self._i, "j": self._j, "N_pre": self.source.size, "N_post": self.target.size}
        if name not in values:
            return None
        value = values[name]
        shared = not isinstance(value, np.ndarray)
        return self.state.add(Slot(name, "special", "1", int, value, shared=shared, constant=True))

    @property
    def i(self) -> Array:
        """Source index of every synapse, relative to the source, shape (n_synapses,)."""
        return self._i

    @property
    def j(self) -> Array:
        """Target index of every synapse, relative to the target, shape (n_synapses,)."""
        return self._j

    @property
    def delay(self) -> float:
        """The delay of all synapses, in ms."""
        return self._delay

    # ---- pathways ----

    def _add_pathway(self, text: Any, which: str) -> None:
        pathway = Pathway(self, which, text, self._piece(text, which), self._rows(which, self._i, self._j))
        self.pathways[which] = pathway
        does = f"{which} of {self.size} synapses"
        rank = 0 if which == "on_pre" else 1
        stage = self.add_stage("synapse", does, pathway.prepare, origin_of(text), rank=rank)
        self._acting[stage] = which

    def _piece(self, text: Any, which: str) -> Bound | PythonFunction:
        if callable(text):
            return PythonFunction(text, self.environment, ("pre", "post", "synapses"))
        if not isinstance(text, str):
            raise ArgumentError(f"{which} is a string or a function (got {type(text).__name__})")
        program = door.synaptic_program(self, text, which)
        environment = self._environment(
            "run", self.look_up, functions=self.environment.functions, shields=self.shields()
        )
        environment.bounds = self.environment.bounds
        return Bound(program, environment, dynamic=("pre", "post", "synapse"), size="post")

    def shields(self) -> dict[str, Callable[..., Any]]:
        """Variables that refractory neurons protect, as `x_pre` or `x_post`, and their writers."""
        found = {}
        for suffix, group in (("_pre", self.source), ("_post", self.target)):
            for variable, shield in whole(group)[0].environment.shields.items():
                found[variable + suffix] = shield
        return found

    def around(self) -> Around:
        """The variables of source and target, and the special names of synapses."""
        return door.surroundings(self) if self.definition is not None else door.nothing_around()

    def reader(self, program: Program, purpose: str) -> tuple[Bound, Callable[[Clock], Call]]:
        """A program over all synapses: values of their neurons are gathered."""
        environment = self._environment(purpose, self.look_up, functions=self.environment.functions)
        bound = Bound(program, environment, dynamic=("pre", "post", "synapse"), size="post")
        pre, post = (index + whole(g)[1] for index, g in ((self._i, self.source), (self._j, self.target)))
        synapse = np.arange(self.size)
        return bound, lambda clock: functools.partial(bound.call(clock), pre, post, synapse)

    def check_join(self, network: Any, clock: Clock, members: set[int]) -> None:
        """Raise an error unless both groups are members and the delay fits the time step."""
        super().check_join(network, clock, members)
        for group, what in zip(self.neurons(), ("source", "target"), strict=True):
            if id(group) not in members:
                message = f"'{group.name}', the {what} of '{self.name}', is not in the network"
                raise NetworkError(message, help="give it to Network(...) too")
        self._steps(clock)

    def forget(self) -> None:
        """Forget the spikes that are under way."""
        for pathway in self.pathways.values():
            pathway.waiting.clear()

    def _steps(self, clock: Clock) -> int:
        return whole_steps(self._delay, clock.dt, f"delay of '{self.name}'", rounding=True)

    def join(self, network: Any, context: Context) -> None:
        """Become part of a network; the delay becomes a number of steps."""
        super().join(network, context)
        steps = self._steps(context.clock)
        for pathway in self.pathways.values():
            pathway.delay = steps if pathway.which == "on_pre" else 0

    def __len__(self) -> int:
        return self.size

    def _repr_html_(self) -> str:
        return door.synapses_html(self)

    def __repr__(self) -> str:
        return f"<Synapses '{self.name}' n={self.size} {self.source.name} -> {self.target.name}>"
