"""Synapses between two groups: variables of their own, and what spikes do when they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from numpybrain import connect as rules
from numpybrain.display.text import Text
from numpybrain.errors import ArgumentError, UnknownAttributeError, suggestion
from numpybrain.group import models
from numpybrain.group.foreign_space import space_of
from numpybrain.group.group import Attachment, Group, numbered
from numpybrain.group.projection import Projection
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.connectivity import Connectivity
from numpybrain.kernel.contracts import Coordinator, RunContext, SpikeSource, Stage
from numpybrain.kernel.operations import Task
from numpybrain.kernel.state import State
from numpybrain.kernel.subgroup import Subgroup, whole_of
from numpybrain.kernel.variables import Array, Variable
from numpybrain.language import language_entry
from numpybrain.synapse_model import synapse_model_entry
from numpybrain.synapses import synapse_checkpoint, synaptic_array
from numpybrain.synapses.delays import all_delays, check_delays, delays_sums, sums_of
from numpybrain.synapses.delivery import INDICES
from numpybrain.synapses.dynamics import SynapseDynamics
from numpybrain.synapses.instant_delivery import InstantDelivery, check_delivery, check_undelayed, instant
from numpybrain.synapses.modulated_space import ModulatedSpace, ModulationTarget
from numpybrain.synapses.pathway import Pathway, check_names
from numpybrain.synapses.structure import Structure
from numpybrain.synapses.synapse_space import SynapseSpace
from numpybrain.utils.foreign_names import argument_here
from numpybrain.utils.naming import by_names, check_reading, reserved

if TYPE_CHECKING:
    from numpybrain.engine.state_update import StateUpdate
    from numpybrain.kernel.variables import VariableStore
    from numpybrain.neurons.neurons import Neurons
    from numpybrain.synapses.connection_table import Connections

# Names that mean something else in synapses, so that no variable can have them.
TAKEN = {"i", "j", "delay", "dendritic_delay", "N_pre", "N_post", "N_incoming", "N_outgoing", *INDICES}


class Synapses(Group):
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
            step. Delays may be changed at any time, and what is under way keeps its time of arrival. Where
            there are sums alone (`x_post = ... (summed)`), it is theirs: they read `x_pre` of then. Beside
            pathways and equations, sums have a delay if it is given by their name: `{"x_post": "2 ms"}`.
        dendritic_delay: the time between a synapse and the soma of its target neuron, in the same ways:
            what `on_pre` adds to target neurons arrives later by that, as much as it was when the spike
            reached the synapse; and a postsynaptic spike reaches the synapse later.
        method: numerical method of the differential equations; None chooses.
        interpretation: "stratonovich" (None) or "ito": what products of noise and variables mean.
        on_event: {name of a pathway: name of an event of the neurons}, where that is not "spikes".
        at: phase of a step -> statements, or a function, for all synapses in every step, as `at` adds them.
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
    they are read as an array: `explain()` tells. `x_post = EXPR : UNIT (summed)` makes the parameter
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
    that spike now act in turn, and so on until no further one does. Monitors, other synapses, `on_post` and
    resets follow, with all spikes of the step. Electrical synapses between integrate-and-fire neurons need
    this: a push across the threshold makes a spike, whatever the step. An instant event that reaches a
    neuron that has spiked in this step is lost, or is kept until after the reset, as `coincident` says;
    there it finds both neurons as they are then, and `unless refractory` holds as always. A threshold with
    random numbers draws anew at each test; one like `rand() < p` with a p that stays, once in a step.

    Attributes: `i`, `j` (indices of source and target, relative to the groups, in creation order), `delay`
    (ms, shape (n_synapses,)), and the synaptic variables. `synapses.w[i, j]` are those of the synapses
    between some neurons.
    """

    inspect: SynapseSpace
    source: Any
    target: Any
    pathways: dict[str, Pathway]
    _delivery: str | None
    _coincident: str | None
    _dynamics: SynapseDynamics | None  # of what is written as equations
    _structure: Structure
    _acting: dict[Stage, str]  # the stages of pathways

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
        at: Mapping[str, Any] | None = None,
        delivery: str | None = None,
        coincident: str | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        namespace: Mapping[str, Any] | None = None,
        name: str | None = None,
        **parameters: Any,
    ) -> None:
        target = source if target is None else target
        _check_end(source, "source", sends=True)
        _check_end(target, "target", sends=False)
        values = {**({} if namespace is None else by_names(namespace, "namespace")), **parameters}
        brought: Mapping[str, Any] = {}  # with the model
        if model is not None and not isinstance(model, Mapping):
            model = models.as_model(model, values, owner="synapses")
            brought = model.arguments
        on_pre = brought.get("on_pre") if on_pre is None else on_pre
        on_post = brought.get("on_post") if on_post is None else on_post
        if _are_synapses(target):
            connect = "all_to_all" if connect is None else connect
        projection = _projection(numbered("synapses", name), source, target, on_post)
        method = brought.get("method") if method is None else method
        if interpretation is not None:
            check_reading(interpretation)
        interpretation = interpretation or brought.get("interpretation") or "stratonovich"
        texts = _texts(on_pre, on_post)
        events = {**brought.get("on_event", {}), **_events(on_event, texts)}
        delivery, coincident = check_delivery(projection, delivery, coincident, texts, events)
        stages: list[Stage] = []
        space = SynapseSpace(projection, stages, keeps=coincident == "kept")
        super().__init__(space, stages)
        vars(self).update(
            source=source, target=target, pathways={}, _acting={}, _dynamics=None,
            _delivery=delivery, _coincident=coincident,
        )  # fmt: skip
        if functions is not None:
            space.environment.add_functions(by_names(functions, "functions"))
        own = {**brought.get("parameters", {}), **values}
        links, used = rules.links(connect, projection, own)
        structure = vars(self)["_structure"] = Structure(space, self.pathways, self._changed)
        structure.begin(links, connect, brought.get("name"))
        delays = all_delays(space.name, brought.get("delay"), delay, dendritic_delay, texts, sums_of(model))
        statements = {name: text for name, (_, text) in texts.items()}
        self._set_up_model(model, values, set(parameters) - used, statements, delays)
        for slot, value in delays.items():
            space.state.add(Variable(slot, "delay", "ms"))
            space.write(slot, value)
        of_model = {**brought.get("initial", {}), **(space.model.defaults if space.model else {})}
        of_model |= all_delays(space.name, brought.get("delay"), None, None, texts)
        structure.find_defaults({**brought.get("initial", {}), **own, **delays}, of_model)
        structure.take_weights(links, slice(0, space.size), values)
        self._set_up_pathways(texts, events)
        if space.model is not None and space.model.is_continuous:
            space.delays_sums = delays_sums(self.pathways, space.model)
            made = vars(self)["_dynamics"] = SynapseDynamics(space, space.model, method, interpretation)
            stages.extend(made.stages())
        space.forgetting.append(self._forget_pathways)
        Attachment(self, [group for group in self._groups() if isinstance(group, Group)])
        self._add_stages(brought.get("at"), at)
        self._is_made()
        space.check_delays = self._check_delays
        space.check_delays()

    # ---- making ----

    def _reserved(self, texts: Iterable[str], names: Iterable[str]) -> set[str]:
        """Those names that mean something else in synapses with these pathways."""
        delays = {f"delay_{each}" for each in texts}
        return self._attributes(names) | {name for name in names if name in TAKEN or name in delays}

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
            self._set_up_in_python(model or {}, values, strict, texts)
            return
        if isinstance(model, Mapping):
            model = "\n".join(f"{x} : {unit}" for x, unit in model.items())
        space = self.inspect
        space.model = made = synapse_model_entry.meaning(
            space.projection, "" if model is None else model, texts, values, strict, delays,
            partial(self._reserved, texts),
        )  # fmt: skip
        space.definition = made.definition
        if made.definition.functions:
            models.bind_time_functions(made.definition, self._count_of, lambda: space.streams["run"])
        made.around()  # raises what is wrong with event-driven equations
        space.declare()
        for variable_name, value in made.values.items():
            space.write(variable_name, value)
        for variable_name, value in made.starting():
            node = language_entry.is_node(value)
            slot = (space.holder(variable_name) or space.state).slot(variable_name)
            what = f"the initial value of '{variable_name}'"
            space.write(variable_name, space.calculate(value, slot, what) if node else value)

    def _set_up_in_python(
        self,
        units: Mapping[str, Any],
        values: Mapping[str, Any],
        strict: set[str],
        texts: Mapping[str, Any],
    ) -> None:
        """Synaptic variables of synapses that are written in Python."""
        state = self.inspect.state
        for variable, unit in units.items():
            if self._reserved(texts, [variable]):
                raise reserved(variable, "synapses")
            state.add(Variable(variable, "parameter", str(unit)))
        for variable, value in values.items():
            if variable in strict and variable not in state.slots:
                message = f"'{self.name}' has no variable '{variable}'"
                advice = argument_here("Synapses", variable)
                near = "" if advice else suggestion(variable, state.names())
                raise UnknownAttributeError(message + near, help=advice)
            if variable in state.slots:
                self.inspect.write(variable, value)

    def _count_of(self, flags: frozenset[str]) -> int:
        """Give the number of values that a variable with some flags has."""
        ends = self.inspect.connectivity
        counts = {"pre": ends.source.size, "post": ends.target.size, "shared": 1}
        return next((n for flag, n in counts.items() if flag in flags), self.size)

    def _set_up_pathways(self, texts: Mapping[str, tuple[str, Any]], events: Mapping[str, str]) -> None:
        """The pathways, and their stages."""
        space = self.inspect
        space.pathway_sides |= {name: side for name, (side, _) in texts.items()}
        space.place()
        for name, (side, text) in texts.items():
            slot = space.state.slots.get(f"delay_{name}", space.state.slots["delay"])
            pathway = Pathway(space, name, side, text, events.get(name, "spikes"), slot)
            self.pathways[name] = pathway
            if self._delivery == "instant" and side == "pre":
                continue  # the network has one stage for all of these
            order = 0 if side == "pre" else 1
            task = Task(pathway.prepare, pathway.operations, pathway.delivery)
            stage = Stage("synapse", self.name, "", task, pathway.origin, order)
            self.stages.append(stage)
            self._acting[stage] = name
        self._check_undelayed()
        self._say_what_stages_do()

    def _check_undelayed(self) -> None:
        if self._delivery == "instant":
            check_undelayed(self.inspect, instant(self.pathways))

    def _check_delays(self) -> None:
        """Raise an error if instant pathways have delays, or if there is a delay that nothing has."""
        self._check_undelayed()
        check_delays(self.inspect.state, self.pathways, self.inspect.model, self.name)

    def _say_what_stages_do(self) -> None:
        for stage, which in self._acting.items():
            stage.description = f"{which} of {self.size} synapses"

    # ---- connectivity ----

    def connections(self) -> Connections:
        """Give source, target and values of all synapses as they are now: a copy, for tables and files.

        `synapses.connections().to_pandas()` has a row for each, with `i`, `j`, the variables and `delay`.
        """
        from numpybrain.synapses.connection_table import connections

        return connections(self)

    @property
    def i(self) -> Array:
        """Source index of every synapse, relative to the source, shape (n_synapses,)."""
        return self.inspect.connectivity.i

    @property
    def j(self) -> Array:
        """Target index of every synapse, relative to the target, shape (n_synapses,)."""
        return self.inspect.connectivity.j

    @property
    def outdegree(self) -> Array:
        """Number of synapses of each source neuron, shape (n_source,)."""
        return self.inspect.connectivity.degree("pre")

    @property
    def indegree(self) -> Array:
        """Number of synapses of each target neuron, shape (n_target,)."""
        return self.inspect.connectivity.degree("post")

    def select(self, which: Any) -> Array:
        """The numbers of some synapses, in creation order.

        Args:
            which: a pair (i, j) that says which source and target neurons (numbers, slices, index arrays,
                parts of the groups), a condition ("i < j and w > 0.5"), or numbers of synapses: one, a
                slice, an index array, or a boolean array of shape (n_synapses,).
        """
        return synaptic_array.select(self.inspect.projection, which)

    def matrix(self, name: str, *, sparse: bool = False) -> Any:
        """The values of a variable, shape (n_source, n_target), 0 where no synapse is; several add up.

        Args:
            name: a variable, parameter or subexpression of the synapses.
            sparse: give a sparse matrix of SciPy (CSR).
        """
        values = self.inspect.values_of(name)
        return synaptic_array.matrix(self.inspect.projection, values, sparse=sparse)

    def connect(self, rule: Any = None, **values: Any) -> Array:
        """Add synapses: those that are there stay, the new ones come after them; gives their numbers.

        Args:
            rule: whatever `connect=` of the constructor takes.
            **values: values of synaptic variables for the new synapses (one, or an array of shape
                (number of new synapses,)), their `delay`, and names that a text leaves open. Without,
                variables get what the constructor was given for all synapses, else the default of the
                model, else 0.

        A linked variable is linked to nothing afterwards: assign a link for all synapses.
        It may be called at any time, also by a Python stage in a run: the new synapses carry the spikes
        from now on. Arrays that were read before, such as `synapses.w`, are those of the synapses there
        were then; monitors go on recording those.
        """
        return self._structure.connect(rule, values)

    def remove(self, which: Any) -> None:
        """Take synapses away; what is under way to them is lost. Those that stay are numbered anew.

        Args:
            which: see `select`.
        """
        self._structure.remove(which)

    def rewire(self, which: Any, *, i: Any = None, j: Any = None) -> None:
        """Move synapses to other neurons; their variables go with them, what is under way to them is lost.

        Args:
            which: see `select`.
            i: new source neurons, relative to the group: one, or one for each of these synapses; None
                leaves them.
            j: new target neurons, likewise.

        Raises:
            IndexRangeError: if a neuron is out of range.
        """
        self._structure.rewire(which, i=i, j=j)

    def _changed(self, new: Array | None) -> None:
        """There are other synapses now; if numbers have changed, synapse k is `new[k]`."""
        self._say_what_stages_do()
        if new is not None:
            for attachment in self.inspect.attachments:
                attachment.renumber(new)
        network = self.network() if self.network is not None else None
        if network is not None:
            network.follow()

    def plot(self, path: Any = None, *, ax: Any = None, **options: Any) -> Any:
        """Draw the connectivity and a variable with matplotlib; with `path` write it to that file.

        With `ax`, axes that are there, draw the matrix alone and give the axes; see `nb.plot.matrix`.
        """
        from numpybrain import plot

        return plot.synapses(self, path, **options) if ax is None else plot.matrix(self, ax=ax, **options)

    # ---- the network ----

    def _groups(self) -> tuple[Any, Any]:
        """The objects of source and target: neurons, other spike sources, or the synapses modulated."""
        return whole_of(self.source), whole_of(self.target)

    @property
    def coordinators(self) -> tuple[type[Coordinator], ...]:  # type: ignore[override]
        """Instant synapses act together."""
        return (InstantDelivery,) if self._delivery == "instant" else ()

    def requires(self) -> dict[str, Any]:
        """The groups of source and target."""
        source, target = self._groups()
        ends = {f"the source of '{self.name}'": source, f"the target of '{self.name}'": target}
        return {**super().requires(), **ends}

    def check(self, clock: Clock) -> None:
        """Raise an error unless the delays fit the time step."""
        super().check(clock)
        for pathway in self.pathways.values():
            pathway.steps(RunContext(clock))

    def begin(self, steps: int) -> None:
        """Variables go to where they can live in this run."""
        self.inspect.place()

    def notice(self, variable: Variable) -> bool:
        """A variable, perhaps of neurons, has changed in a run: whether stages must be made anew."""
        slot, state = variable, self.inspect.state
        sending = any(p.foresees(slot) for p in self.pathways.values())
        if sending:
            slot.aliased = True  # it may change again
        delayed = slot.kind == "delay" and slot is state.slots.get(slot.name)
        return self.inspect.place() or sending or delayed  # what is under way keeps its time of arrival

    def _forget_pathways(self) -> None:
        """Forget the spikes that are under way: in another network time starts anew."""
        for pathway in self.pathways.values():
            pathway.forget()
            pathway.kept.clear()
        for each in () if self._dynamics is None else self._dynamics.sums:
            each.late.histories.clear()

    def integrated(self) -> Iterator[tuple[VariableStore, StateUpdate, str]]:
        """Give each store with states, its update from step to step, and whose values these are."""
        return iter(()) if self._dynamics is None else self._dynamics.integrated()

    # ---- checkpoints ----

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot is put back; groups stand for their numbers."""
        source, target = self._groups()
        ends, ways = {"source": source, "target": target}, [self._delivery, self._coincident]
        own = synapse_checkpoint.fingerprint(self.inspect, self.pathways, ends, ways)
        return {**super().fingerprint(), **own}

    def declare_state(self) -> Iterator[State]:
        """Pairs, variables and what is under way."""
        return synapse_checkpoint.declare_state(
            self.inspect, self.pathways, self._dynamics, self._structure, super()._declare_values
        )

    def explain(self) -> Text:
        """Explain the synapses: where variables live, what pathways do, sums, methods and why."""
        from numpybrain.synapses import explain_synapses

        ways = (
            None if self._delivery is None else f"{self._delivery}, coincident ones are {self._coincident}"
        )
        title = f"{self.size} synapses from {self.source.name} to {self.target.name}"
        return Text(explain_synapses.explain(title, self.inspect, self.pathways, self._dynamics, ways))

    def __len__(self) -> int:
        return self.size

    def _repr_html_(self) -> str:
        from numpybrain.synapses import synapses_html

        at_once = self._delivery is not None
        delivery = f"{self._delivery} delivery, coincident events {self._coincident}" if at_once else ""
        ends = self.source.name, self.target.name
        actions = {which: pathway.text for which, pathway in self.pathways.items()}
        return synapses_html.synapses_html(self, self.size, ends, actions, delivery)

    def __repr__(self) -> str:
        return f"<Synapses '{self.name}' n={self.size} {self.source.name} -> {self.target.name}>"


def _check_end(group: Any, what: str, *, sends: bool) -> None:
    """Raise an `ArgumentError` unless something can be the source or the target of synapses."""
    whole: Any = whole_of(group)
    is_group = isinstance(whole, Group)
    if sends and (whole.inspect.events if is_group else isinstance(whole, SpikeSource)):
        return
    if not sends and is_group and whole.inspect.is_target:
        return
    message = f"the {what} of synapses is a group of neurons (got {type(whole).__name__})"
    advice = "within one group: Synapses(cells, cells, ...)" if what == "target" else None
    if isinstance(whole, SpikeSource):
        advice = "spikes do not reach an input; what drives it is assigned, or changed in a stage"
    raise ArgumentError(message, help=advice)


def _are_synapses(target: Any) -> bool:
    return isinstance(target, Group) and target.inspect.element == SynapseSpace.element


def _projection(name: str, source: Any, target: Any, on_post: Any) -> Projection:
    """Source and target; synapses as a target are one element, which does not spike."""
    sends = space_of(source)
    if not _are_synapses(target):
        is_same = target is source or whole_of(target) is whole_of(source)
        receives = sends if is_same else space_of(target)
        return Projection(name, Connectivity(source, target), sends, receives, {})
    made = ModulatedSpace(target.inspect)
    if not made.state.slots:
        message = f"'{target.name}' has no shared variables that spikes could change"
        raise ArgumentError(message, help="declare one there, such as  dD/dt = -D/(200*ms) : 1 (shared)")
    if on_post is not None:
        raise ArgumentError(f"'{target.name}' are synapses, which do not spike: there is no on_post")
    ends = Connectivity(source, ModulationTarget(target.name))
    return Projection(name, ends, sends, made, made.hidden, modulates=True)


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


def _events(given: Any, texts: Mapping[str, tuple[str, Any]]) -> Mapping[str, str]:
    """Events that start the pathways, as given."""
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
