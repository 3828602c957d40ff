"""Synapses between two groups: variables of their own, and what spikes do when they arrive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain import connect as rules
from numpybrain.engine.binding import BoundProgram, NameScope, VariableReference
from numpybrain.errors import ArgumentError, UnknownAttributeError, suggestion
from numpybrain.group import models
from numpybrain.group.foreign_source import as_group
from numpybrain.group.group import Attachment, Group
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import Call, Coordinator, SpikeSource
from numpybrain.kernel.operations import Task
from numpybrain.kernel.run import RunContext
from numpybrain.kernel.variables import Array, Variable
from numpybrain.language import entry as language_entry
from numpybrain.neurons.neurons import Neurons
from numpybrain.neurons.subgroup import Subgroup, parent_range
from numpybrain.synapse_model import entry as synapse_model_entry
from numpybrain.synapses import synapse_checkpoint
from numpybrain.synapses.domain import INDEX
from numpybrain.synapses.dynamics import Integrated
from numpybrain.synapses.instant_delivery import InstantDelivery, check_delivery, check_undelayed
from numpybrain.synapses.modulation_target import Modulated, member_of
from numpybrain.synapses.pathway import Pathway, check_names
from numpybrain.synapses.spike_queue import as_delay, common_and_each
from numpybrain.utils.foreign_names import argument_here
from numpybrain.utils.naming import MARK, by_names, check_reading, reserved
from numpybrain.utils.state_reader import StateReader, Value

if TYPE_CHECKING:
    from numpybrain.language.definition import OuterScope
    from numpybrain.symbolic.program import Program
    from numpybrain.synapses.connections import Connections


class Synapses(Integrated):
    """Synapses from a source group to a target group.

    Args:
        source: a group of neurons, or a part of one.
        target: likewise; without it, the source is the target too. Or other synapses, whose `shared`
            variables get something from each spike: a modulator such as dopamine.
        model: equations of the synapses; a `Model`, the name of a library model or a path to a model file;
            or a dictionary {name: unit}. A model may bring all of the following but `connect`,
            `dendritic_delay` and `namespace`. `on_pre`, `on_post`, a delay for all, `method` and
            `interpretation` replace what it says; what a dictionary says about single pathways, functions
            and parameters is added to it.
        on_pre: what a presynaptic spike does when it arrives: statements, or a function; or several, as
            a dictionary {name of the pathway: statements or function}.
        on_post: what a postsynaptic spike does, in the same ways.
        connect: who is connected to whom, by indices relative to the groups: a rule of `nb.connect`;
            a condition ("i != j and x_pre > x_post"), an expression for j ("(i + 1) % N_post") or a
            series ("k for k in range(i - 3, i + 4) if k != i"); a pair of index arrays `(i, j)`; a
            matrix of shape (n_source, n_target), dense or sparse; a graph of networkx; or a function
            of `N_pre`, `N_post` and `rng` that returns one of these. More with `connect(...)`.
        delay: the time from a presynaptic spike to `on_pre` (ms if bare): one for all synapses, an array
            of shape (number of synapses,), an expression ("1*ms + 2*ms*rand()") or a function; or a
            dictionary {name of a pathway: any of these}. A postsynaptic spike arrives at once, if the
            dictionary does not say otherwise. A constant must be a whole number of steps, or see
            `rounding` of `Network`; arrays, expressions and what functions give are rounded to the nearest
            step. Delays may be changed at any time, and what is under way keeps its time of arrival. Sums
            over synapses (`summed`) have no delay.
        dendritic_delay: the time between a synapse and the soma of its target neuron, in the same ways:
            what `on_pre` adds to target neurons arrives later by that, as much as it was when the spike
            reached the synapse; and a postsynaptic spike reaches the synapse later.
        method: numerical method of the differential equations; None chooses.
        interpretation: "stratonovich" (None) or "ito": what products of noise and variables mean.
        on_event: {name of a pathway: name of an event of the neurons}, where that is not "spikes".
        delivery: "instant" for spikes that set off others in the same step; see below.
        coincident: for instant delivery, what becomes of what reaches a neuron at the instant of its own
            spike: "lost" (None), or "kept", which acts after the reset.
        functions: name -> Python function to call in texts; see `nb.function` about units.
        namespace: values for names that the texts leave open.
        name: a name for messages and the schedule.
        **parameters: values of synaptic variables and of open names: one value for all, or an
            array of shape (number of synapses,), or what follows the time (see `Neurons`).

    In texts, `x` means the synapse's own variable, else the target's; `x_pre` and `x_post` say which.
    Statements run in order. Events of a pathway that meet in one step act as if one after the other: those
    that were sent earlier come first, then those of neurons of lower index, then those of the neuron's
    synapses in the order of their creation (as in Brian2). So what is assigned last stays. In a step,
    pathways of presynaptic events come before those of postsynaptic ones, each in the order of definition.

    Differential equations are integrated in every step, after those of the neurons; with the flag
    `(event-driven)` only when a variable is read, exactly, which linear equations allow. A variable with
    the flag `(pre)` or `(post)` has one value for each source or target neuron, one with `(shared)` one for
    all; the same is done unasked with variables that cannot differ among the synapses of a neuron, until
    somebody reads them as an array: `explain()` tells. `x_post = EXPR : UNIT (summed)` makes the parameter
    x of the target neurons the sum of EXPR over their synapses, in every step; several synapses may sum
    into one. A sum of products of what each side and the synapse give is calculated as a product with a
    matrix. So are sines and cosines of differences, as `w*sin(x_pre - x_post - a)`, from two synapses for
    each neuron on, with a rounding error of about 1e-16 of the sum of |w|, however large x is; what
    cannot be taken apart, as `exp(x_pre - x_post)`, goes synapse by synapse. `explain()` tells that, too.

    A function gets arrays by the names of its arguments: variables (live, whole arrays), and `pre`, `post`,
    `synapses`: for every synapse that a spike has reached, the index of its source and target neuron in
    the whole groups, and its own. Several may meet at one target: `np.add.at(v_post, post, w[synapses])`.
    A function writes where it likes: `unless refractory` does not stop it.

    With `delivery="instant"`, pathways of presynaptic spikes act before the spikes of a step are complete:
    those that the thresholds have found act through all instant synapses of the network; then the neurons
    that they have reached are tested again, unless they are refractory or have spiked in this step. Those
    that spike now act in turn, and so on until nobody new spikes. Monitors, other synapses, `on_post` and
    resets follow, with all spikes of the step. Electrical synapses between integrate-and-fire neurons need
    this: a push across the threshold makes a spike, whatever the step. An instant event that reaches a
    neuron that has spiked in this step is lost, or is kept until after the reset, as `coincident` says;
    there it finds both neurons as they are then, and `unless refractory` holds as always. A threshold with
    random numbers draws anew at each test; one like `rand() < p` with a p that stays, once in a step.

    Attributes: `i`, `j` (indices of source and target, relative to the groups, in creation order), `delay`
    (ms, shape (n_synapses,)), and the synaptic variables. `synapses.w[i, j]` are those of the synapses
    between some neurons.
    """

    def __init__(
        self,
        source: Neurons | Subgroup,
        target: Neurons | Subgroup | Synapses | None = None,
        model: Any = None,
        *,
        on_pre: Any = None,
        on_post: Any = None,
        connect: Any = None,
        delay: Any = None,
        dendritic_delay: Any = None,
        method: Any = None,
        interpretation: str | None = None,
        on_event: Mapping[str, str] | None = None,
        delivery: str | None = None,
        coincident: str | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        namespace: Mapping[str, Any] | None = None,
        name: str | None = None,
        **parameters: Any,
    ) -> None:
        target = source if target is None else target
        for group, what in ((source, "source"), (target, "target")):
            modulated = what == "target" and isinstance(group, Synapses)
            whole = group.neurons if isinstance(group, Subgroup) else group
            sends = what == "source" and isinstance(whole, SpikeSource)
            if not isinstance(whole, Neurons) and not modulated and not sends:
                message = f"the {what} of synapses is a group of neurons (got {type(whole).__name__})"
                advice = "within one group: Synapses(cells, cells, ...)" if what == "target" else None
                if isinstance(whole, SpikeSource):
                    advice = (
                        "spikes do not reach an input; what drives it is assigned, or changed in a stage"
                    )
                raise ArgumentError(message, help=advice)
        values = {**by_names(namespace, "namespace"), **parameters}
        brought: Mapping[str, Any] = {}  # with the model
        if model is not None and not isinstance(model, Mapping):
            model = models.as_model(model, values, owner="synapses")
            brought = model.arguments
        on_pre = brought.get("on_pre") if on_pre is None else on_pre
        on_post = brought.get("on_post") if on_post is None else on_post
        end: Any = target
        if isinstance(target, Synapses):
            end, connect = _modulated(target, connect, on_post)
        super().__init__("synapses", name, as_group(source), end)
        self.method = brought.get("method") if method is None else method
        check_reading(interpretation)
        self.interpretation = interpretation or brought.get("interpretation") or "stratonovich"
        self.environment.exposing = self._is_handed_out
        self.environment.add_functions(by_names(functions, "functions"))
        texts = _texts(on_pre, on_post)
        events = {**brought.get("on_event", {}), **_events(on_event, texts)}
        self.delivery, self.coincident = check_delivery(self, delivery, coincident, texts, events)
        own = {**brought.get("parameters", {}), **values}
        links, used = rules.links(connect, self, own)
        self._grow(links)
        delays = self._delays(brought.get("delay"), delay, dendritic_delay, texts)
        statements = {name: text for name, (_, text) in texts.items()}
        self._set_up_model(model, values, set(parameters) - used, statements, delays)
        for slot, value in delays.items():
            self.state.add(Variable(slot, "delay", "ms"))
            self.write(slot, value)
        of_model = {**brought.get("initial", {}), **(self.meaning.defaults if self.meaning else {})}
        of_model |= self._delays(brought.get("delay"), None, None, texts)
        self._defaults = self._find_defaults({**brought.get("initial", {}), **own, **delays}, of_model)
        self._take_weights(links, slice(0, self.size), values)
        self._set_up_pathways(texts, events)
        self._set_up_stages()
        Attachment(self, [group for group in self.groups() if isinstance(group, Group)])
        self._is_made()
        self.check_delays()

    # ---- making ----

    def _set_up_model(
        self,
        model: Any,
        values: Mapping[str, Any],
        strict: set[str],
        texts: Mapping[str, Any],
        delays: Mapping[str, Any],
    ) -> None:
        """Synaptic variables, and the names that the texts leave open."""
        in_python = not any(isinstance(t, str) for t in (*texts.values(), *delays.values()))
        if in_python and (model is None or isinstance(model, Mapping)):
            for variable, unit in (model or {}).items():
                if self.reserves(variable, texts):
                    raise reserved(variable, "synapses")
                self.state.add(Variable(variable, "parameter", str(unit)))
            for variable, value in values.items():
                if variable in strict and variable not in self.state.slots:
                    message = f"'{self.name}' has no variable '{variable}'"
                    advice = argument_here("Synapses", variable)
                    near = "" if advice else suggestion(variable, self.state.names())
                    raise UnknownAttributeError(message + near, help=advice)
                if variable in self.state.slots:
                    self.write(variable, value)
            return
        if isinstance(model, Mapping):
            model = "\n".join(f"{x} : {unit}" for x, unit in model.items())
        self.meaning = synapse_model_entry.meaning(
            self, "" if model is None else model, texts, values, strict, delays
        )
        self.definition = self.meaning.definition
        models.bind_time_functions(self.definition, self._count_of, lambda: self.streams["run"])
        self.meaning.around()  # raises what is wrong with event-driven equations
        self._declare()
        for variable_name, value in self.meaning.values.items():
            self.write(variable_name, value)
        for variable_name, value in self.meaning.starting():
            node = language_entry.is_node(value)
            slot = (self.holder(variable_name) or self.state).slot(variable_name)
            what = f"the initial value of '{variable_name}'"
            self.write(variable_name, self.calculate(value, slot, what) if node else value)

    def _count_of(self, flags: frozenset[str]) -> int:
        """How many values a variable with some flags has."""
        ends = {"pre": self.source.size, "post": self.target.size, "shared": 1}
        return next((n for flag, n in ends.items() if flag in flags), self.size)

    def _delays(
        self, model: Any, given: Any, dendritic: Any, texts: Mapping[str, tuple[str, Any]]
    ) -> dict[str, Any]:
        """The delays of all pathways: name of a variable of the synapses -> value in ms, or a text."""
        common, each = common_and_each(model, given, texts)
        for pathway in each:
            if pathway not in texts:
                message = f"'{self.name}' has no pathway '{pathway}' to delay"
                raise ArgumentError(message, help=f"there are {', '.join(texts) or 'none'}")
        values = {"delay": common}
        if dendritic is not None:
            values["dendritic_delay"] = dendritic
        for pathway, (side, _) in texts.items():
            if pathway in each or side == "post":
                values[f"delay_{pathway}"] = each.get(pathway, 0.0 if dendritic is None else dendritic)
        return {slot: as_delay(value, f"the {slot} of '{self.name}'") for slot, value in values.items()}

    def _set_up_pathways(self, texts: Mapping[str, tuple[str, Any]], events: Mapping[str, str]) -> None:
        """The pathways, and their stages."""
        self._near = {name: side for name, (side, _) in texts.items()}
        self.place()
        for name, (side, text) in texts.items():
            slot = self.state.slots.get(f"delay_{name}", self.state.slots["delay"])
            pathway = Pathway(self, name, side, text, events.get(name, "spikes"), slot)
            self.pathways[name] = pathway
            if self.delivery == "instant" and side == "pre":
                continue  # the network has one stage for all of these
            order = 0 if side == "pre" else 1
            task = Task(pathway.prepare, pathway.operations)
            stage = self.add_stage("synapse", "", task, pathway.origin, order)
            self._acting[stage] = name
        check_undelayed(self)
        self._say_what_stages_do()

    # ---- variables ----

    def look_up(self, name: str) -> VariableReference | None:
        """Where a name lives: here, or in the source (`_pre`) or target (`_post`, or bare)."""
        side = self.sides_of.get(name)
        if side is not None:
            state = self.parts[side].state
            return VariableReference(state, state.slots[name], INDEX[side])
        slot = self.state.slots.get(name) or self._special(name)
        if slot is not None:
            return VariableReference(self.state, slot, None if slot.shared else "synapse")
        for suffix, group, index in (("_pre", self.source, "pre"), ("_post", self.target, "post")):
            if name.endswith(suffix):
                found = parent_range(group)[0].look_up(name.removesuffix(suffix).removesuffix(MARK))
                return _indexed(found, index, always=isinstance(group, Modulated))
        found = parent_range(self.target)[0].look_up(name)
        return _indexed(found, "post", always=isinstance(self.target, Modulated))

    def _special(self, name: str) -> Variable | None:
        """Special variables are made when somebody asks for them."""
        if name == "lastupdate":
            return self.state.add(Variable(name, "special", "ms", float, 0.0, fresh=0.0))
        made: dict[str, Callable[[], Any]] = {
            "i": lambda: self._i,
            "j": lambda: self._j,
            "N_pre": lambda: self.source.size,
            "N_post": lambda: self.target.size,
            "N_outgoing": lambda: self.outdegree.take(self._i),
            "N_incoming": lambda: self.indegree.take(self._j),
        }
        if name not in made:
            return None
        value = made[name]()
        shared = not isinstance(value, np.ndarray)
        return self.state.add(Variable(name, "special", "1", int, value, shared=shared, constant=True))

    def connections(self) -> Connections:
        """Who is connected to whom now, with the values of all synapses: a copy, for tables and files.

        `synapses.connections().to_pandas()` has a row for each, with `i`, `j`, the variables and `delay`.
        """
        from numpybrain.synapses.connections import connections

        return connections(self)

    @property
    def i(self) -> Array:
        """Source index of every synapse, relative to the source, shape (n_synapses,)."""
        return self._i

    @property
    def j(self) -> Array:
        """Target index of every synapse, relative to the target, shape (n_synapses,)."""
        return self._j

    def environment_of(
        self,
        look_up: Callable[[str], VariableReference | None],
        purpose: str = "run",
        shields: dict[str, Callable[..., Any]] | None = None,
    ) -> NameScope:
        """What programs of the synapses see."""
        return self._environment(purpose, look_up, functions=self.environment.functions, shields=shields)

    def shields(self) -> dict[str, Callable[..., Any]]:
        """Variables that refractory neurons protect, as `x_pre` or `x_post`, and their writers."""
        found = {}
        for suffix, group in (("_pre", self.source), ("_post", self.target)):
            for variable, shield in parent_range(group)[0].environment.shields.items():
                found[variable + suffix] = shield
        return found

    def around(self) -> OuterScope:
        """The variables of source and target, and the special names of synapses."""
        return self.meaning.around() if self.meaning is not None else language_entry.nothing_around()

    def reader(self, program: Program, purpose: str) -> BoundProgram:
        """A program over all synapses: values of their neurons are gathered."""
        return self.part("synapse").reader(program, purpose)

    # ---- the network ----

    def groups(self) -> tuple[Group, Group]:
        """The groups of source and target: neurons, or the synapses that are modulated."""
        source, target = (member_of(end) for end in self.neurons())
        return source, target

    @property
    def coordinators(self) -> tuple[type[Coordinator], ...]:  # type: ignore[override]
        """Instant synapses act together."""
        return (InstantDelivery,) if self.delivery == "instant" else ()

    def requires(self) -> dict[str, Any]:
        """The groups of source and target."""
        source, target = self.groups()
        ends = {f"the source of '{self.name}'": source, f"the target of '{self.name}'": target}
        return {**super().requires(), **ends}

    def check(self, clock: Clock) -> None:
        """Raise an error unless the delays fit the time step."""
        for pathway in self.pathways.values():
            pathway.steps(RunContext(clock))

    # ---- checkpoints ----

    def fingerprint(self, place: Callable[[Any], int]) -> dict[str, Any]:
        """What must be the same where a snapshot is restored."""
        return {**super().fingerprint(place), **synapse_checkpoint.fingerprint(self, place)}

    def get_state(self) -> dict[str, Value]:
        """Pairs, variables and what is under way."""
        return {**super().get_state(), **synapse_checkpoint.get_state(self)}

    def plan_restore(self, saved: StateReader) -> list[Call]:
        """Read a snapshot of these synapses and check it; the calls that are given then restore it."""
        return synapse_checkpoint.plan_restore(self, saved, super()._plan_restore)

    def explain(self) -> str:
        """What becomes of the synapses: where variables live, what pathways do, sums, methods and why."""
        return synapse_model_entry.explain_synapses(self)

    def __len__(self) -> int:
        return self.size

    def _repr_html_(self) -> str:
        from numpybrain.synapses import typeset

        return typeset.synapses_html(self)

    def __repr__(self) -> str:
        return f"<Synapses '{self.name}' n={self.size} {self.source.name} -> {self.target.name}>"


def _texts(on_pre: Any, on_post: Any) -> dict[str, tuple[str, Any]]:
    """Name of each pathway -> side and text."""
    found: dict[str, tuple[str, Any]] = {}
    for side, given, name in (("pre", on_pre, "on_pre"), ("post", on_post, "on_post")):
        if given is None:
            continue
        texts = dict(given) if isinstance(given, Mapping) else {name: given}
        check_names(texts)
        for key, text in texts.items():
            if key in found:
                raise ArgumentError(f"there are two pathways '{key}'", help="give each a name of its own")
            found[key] = side, text
    return found


def _modulated(target: Synapses, connect: Any, on_post: Any) -> tuple[Modulated, Any]:
    """Synapses as a target: one element, to which all sources are connected if nothing else is said."""
    made = Modulated(target)
    if not made.state.slots:
        message = f"'{target.name}' has no shared variables that spikes could change"
        raise ArgumentError(message, help="declare one there, such as  dD/dt = -D/(200*ms) : 1 (shared)")
    if on_post is not None:
        raise ArgumentError(f"'{target.name}' are synapses, which do not spike: there is no on_post")
    return made, "all_to_all" if connect is None else connect


def _events(given: Any, texts: Mapping[str, tuple[str, Any]]) -> Mapping[str, str]:
    """Which event starts which pathway, as given."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        message = f"on_event says which event starts which pathway (got {type(given).__name__})"
        raise ArgumentError(message, help="write  on_event={'on_pre': 'burst'}")
    unknown = [name for name in given if name not in texts]
    if unknown:
        hint = suggestion(str(unknown[0]), texts)
        raise ArgumentError(f"there is no pathway '{unknown[0]}' for an event{hint}")
    return given


def _indexed(found: VariableReference | None, index: str, *, always: bool) -> VariableReference | None:
    """The reference, with what its values are gathered; those of shared variables need no index."""
    if found is None:
        return None
    return VariableReference(found.state, found.slot, index if always or not found.slot.shared else None)
