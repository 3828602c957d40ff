"""Names here for names of Brian2: one table for the module, one for arguments.

In: a name that is not known here. Out: what to write instead, or None. Nothing is accepted under two names.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from numpybrain.errors import ArgumentError, suggestion

P = ParamSpec("P")
R = TypeVar("R")

POISSON = 'nb.inputs.Poisson(n, "10 Hz")'
SCHEDULE = "print(network.schedule): phases, order, and after a run the time of each stage"
STEP = 'the time step is that of the network: nb.Network(..., dt="0.1 ms")'
ORDER = "stages run in the order in which their objects are given to the network: print(network.schedule)"
VALUES = "values are given where a group is made: nb.Neurons(..., tau='10 ms')"
NOTHING = "there is nothing to set: nothing is compiled, and no file is written"
SPACE = "no neurons extend in space yet: compartments are neurons, coupled by synapses without spikes"

NAMES = {
    "NeuronGroup": "nb.Neurons(n, equations, threshold=..., reset=...)",
    "PoissonGroup": POISSON,
    "PoissonInput": 'group.poisson("v", n=100, rate="10 Hz", weight="0.1 mV")',
    "SpikeGeneratorGroup": "nb.inputs.SpikeTimes(i, t)",
    "TimedArray": 'nb.timed(values, dt="1 ms")',
    "Equations": "nb.Model(equations)",
    "StateMonitor": 'nb.Monitor(group, "v"), with of=[0, 1] for some neurons',
    "SpikeMonitor": 'nb.Monitor(group, "spikes")',
    "EventMonitor": "nb.Monitor(group, event)",
    "PopulationRateMonitor": 'nb.PopulationRate(group), or nb.Monitor(group, "spikes").population_rate()',
    "run": 'nb.Network(groups, synapses, monitors).run("100 ms")',
    "stop": "Ctrl-C ends a run after the step",
    "network_operation": '@group.at("start") above a function of t and of variables of the group',
    "NetworkOperation": 'group.at("start", function)',
    "defaultclock": STEP,
    "Clock": STEP,
    "EventClock": STEP,
    "start_scope": "a network holds what is given to it: nb.Network(groups, synapses, monitors)",
    "collect": "a network holds what is given to it: nb.Network(groups, synapses, monitors)",
    "magic_network": "a network holds what is given to it: nb.Network(groups, synapses, monitors)",
    "MagicNetwork": "a network holds what is given to it: nb.Network(groups, synapses, monitors)",
    "store": "network.snapshot(), or network.save(path)",
    "restore": "network.restore(snapshot), or network.load(path)",
    "linked_var": 'nb.link(group, "v")',
    "check_units": '@nb.function("mV -> 1/ms")',
    "implementation": '@nb.function("mV -> 1/ms"): functions are NumPy here',
    "declare_types": '@nb.function("mV -> 1/ms")',
    "Function": 'nb.function("mV -> 1/ms")(f)',
    "BinomialFunction": "binomial(n, p) in equations and statements",
    "ExplicitStateUpdater": "nb.tableau(...), or method=f with an f(system, dt) that writes the update",
    "StateUpdateMethod": "method= takes a name, a tableau or a function",
    "scheduling_summary": SCHEDULE,
    "profiling_summary": SCHEDULE,
    "brian_plot": "monitor.plot(), synapses.plot()",
    "plot_raster": "monitor.plot()",
    "plot_state": "monitor.plot()",
    "plot_synapses": "synapses.plot()",
    "prefs": NOTHING,
    "set_device": NOTHING,
    "get_device": NOTHING,
    "device": NOTHING,
    "clear_cache": NOTHING,
    "codegen": NOTHING,
    "SpatialNeuron": SPACE,
    "Morphology": SPACE,
}  # fmt: skip

CLOCKS = {"dt": STEP, "clock": STEP, "order": ORDER, "when": ORDER}
GROUPS = CLOCKS | {
    "dtype": "all values are float64, int64 or bool",
    "codeobj_class": NOTHING,
    "method_options": 'method=nb.method("rk45", relative=1e-6)',
}
INPUTS = CLOCKS | {
    "spike_times": "drawn spikes are at time steps; those of nb.inputs.SpikeTimes(i, t) may lie between",
    "threshold": "who spikes is drawn or given; what has a threshold is nb.Neurons",
    "reset": "inputs have no state that is reset; to let a rate change, assign it, or use a stage",
}
RATED = ("Regular", "Gamma", "Renewal", "MIP", "CommonInput")
CONNECT = {
    "condition": "connect='i != j'",
    "p": "connect=nb.connect.probability(0.1)",
    "i": "connect=([0, 1], [1, 2]): indices of sources and targets",
    "j": "connect=([0, 1], [1, 2]): indices of sources and targets; or a text such as connect='i + 1'",
    "n": "give the pairs as often as there are synapses: connect=(i, j)",
    "skip_if_invalid": 'connect=nb.connect.each("k for k in range(i - 3, i + 4)", skip=True)',
}
ARGUMENTS = {  # class or method -> argument -> what to write here
    "Neurons": GROUPS | {
        "N": "the number comes first: nb.Neurons(100, equations)",
        "rates": f"a Poisson group is {POISSON}",
        "times": NAMES["SpikeGeneratorGroup"],
        "indices": NAMES["SpikeGeneratorGroup"],
    },
    "Synapses": GROUPS | {
        "pre": "on_pre='v += w'",
        "post": "on_post='w += 0.1'",
        "multisynaptic_index": "synapses of one pair are told apart by their numbers",
    } | CONNECT,
    "connect": CONNECT,
    "Monitor": CLOCKS | {
        "dt": "every='1 ms'",
        "clock": "every='1 ms'",
        "record": "of=[0, 1]; without it all are recorded",
        "variables": "names come after the group: nb.Monitor(group, 'v', 'w')",
    },
    "PopulationRate": CLOCKS | {"dt": "bin='1 ms'", "width": "bin='1 ms'"},
    "RunningStatistics": CLOCKS | {"dt": "every='1 ms'", "record": "of=[0, 1]", "bins": "histogram=edges"},
    "Network": CLOCKS,
    "Poisson": INPUTS | {
        "rates": "rate='10 Hz'",
        "N": "the number comes first: nb.inputs.Poisson(100, '10 Hz')",
    },
    "SpikeTimes": INPUTS | {
        "N": "n=100",
        "indices": "neurons and times come first: nb.inputs.SpikeTimes(i, t)",
        "times": "neurons and times come first: nb.inputs.SpikeTimes(i, t)",
        "sorted": "spikes need not be sorted",
    },
    **dict.fromkeys(RATED, INPUTS | {"rates": "rate='10 Hz'"}),
    "poisson": CLOCKS | {"target_var": "the variable comes first: cells.poisson('v', ...)", "N": "n=100"},
    "run": {
        "report": "progress=True",
        "report_period": "progress=True",
        "namespace": VALUES,
        "profile": SCHEDULE,
        "level": VALUES,
    },
}  # fmt: skip


def name_here(name: str) -> str | None:
    """Give what stands here for a name of Brian2's module."""
    return NAMES.get(name)


def argument_here(of: str, name: str) -> str | None:
    """Give what stands here for an argument of Brian2; `of` is a class or method of ours."""
    return ARGUMENTS[of].get(name)


def first_here(of: str, names: Iterable[str]) -> str | None:
    """Give what stands here for the first of some arguments that Brian2 has."""
    return next(filter(None, (argument_here(of, name) for name in names)), None)


def explains_arguments(of: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function explain arguments that it does not have, where Python would only name them."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        code = function.__code__  # type: ignore[attr-defined]
        known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

        @functools.wraps(function)
        def call(*args: P.args, **given: P.kwargs) -> R:
            for name in given:
                if name not in known:
                    message = f"{of} takes no argument '{name}'"
                    advice = argument_here(of, name)
                    near = "" if advice else suggestion(name, [k for k in known if k != "self"])
                    raise ArgumentError(message + near, help=advice)
            return function(*args, **given)

        return call

    return wrap
