"""NumpyBrain: a spiking neural network simulator that takes equations and leaves nothing behind.

import numpybrain as nb

cells = nb.Neurons(100, "dv/dt = (1.1 - v)/(10*ms) : 1", threshold="v > 1", reset="v = 0")
spikes = nb.Monitor(cells, "spikes")
nb.Network(cells, spikes).run("100 ms")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpybrain import errors
from numpybrain.errors import (
    ArgumentError,
    CheckpointError,
    DivergenceError,
    IndexRangeError,
    LeftOutWarning,
    LibraryError,
    MethodError,
    ModelError,
    ModelSyntaxError,
    NetworkError,
    NumpyBrainError,
    ShapeError,
    StabilityWarning,
    TimeStepError,
    UnitError,
    UnknownAttributeError,
    UnknownNameError,
)

if TYPE_CHECKING:
    from numpybrain import analysis, connect, current, export, inputs, plot
    from numpybrain.checkpoints.checkpoint import Snapshot, load
    from numpybrain.functions import function, timed
    from numpybrain.group.random_streams import seed
    from numpybrain.library import list_models, load_model
    from numpybrain.methods import list_methods, method
    from numpybrain.model import Expression, Model, Statements
    from numpybrain.monitors.monitor import Monitor
    from numpybrain.monitors.population_rate import PopulationRate
    from numpybrain.monitors.read_spikes import read_spikes
    from numpybrain.monitors.running_statistics import RunningStatistics
    from numpybrain.monitors.spike_trains import SpikeTrains
    from numpybrain.monitors.traces import Traces
    from numpybrain.network.network import Network
    from numpybrain.neurons.linked_variable import link
    from numpybrain.neurons.neurons import Neurons
    from numpybrain.notebook.explore import explore
    from numpybrain.symbolic.tableaus import tableau
    from numpybrain.synapses.synapses import Synapses

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "CheckpointError",
    "DivergenceError",
    "Expression",
    "IndexRangeError",
    "LeftOutWarning",
    "LibraryError",
    "MethodError",
    "Model",
    "ModelError",
    "ModelSyntaxError",
    "Monitor",
    "Network",
    "NetworkError",
    "Neurons",
    "NumpyBrainError",
    "PopulationRate",
    "RunningStatistics",
    "ShapeError",
    "Snapshot",
    "SpikeTrains",
    "StabilityWarning",
    "Statements",
    "Synapses",
    "TimeStepError",
    "Traces",
    "UnitError",
    "UnknownAttributeError",
    "UnknownNameError",
    "analysis",
    "connect",
    "current",
    "errors",
    "explore",
    "export",
    "function",
    "inputs",
    "link",
    "list_methods",
    "list_models",
    "load",
    "load_model",
    "method",
    "plot",
    "read_spikes",
    "seed",
    "tableau",
    "timed",
]

# What is not used is not loaded: these are imported when they are first asked for.
_LATER = {
    "Expression": "model",
    "Model": "model",
    "Monitor": "monitors.monitor",
    "Network": "network.network",
    "Neurons": "neurons.neurons",
    "PopulationRate": "monitors.population_rate",
    "RunningStatistics": "monitors.running_statistics",
    "Snapshot": "checkpoints.checkpoint",
    "SpikeTrains": "monitors.spike_trains",
    "Statements": "model",
    "Synapses": "synapses.synapses",
    "Traces": "monitors.traces",
    "explore": "notebook.explore",
    "function": "functions",
    "link": "neurons.linked_variable",
    "list_methods": "methods",
    "list_models": "library",
    "load": "checkpoints.checkpoint",
    "load_model": "library",
    "method": "methods",
    "read_spikes": "monitors.read_spikes",
    "seed": "group.random_streams",
    "tableau": "symbolic.tableaus",
    "timed": "functions",
}
_FOLDERS_LATER = ("analysis", "connect", "current", "export", "inputs", "plot")


def __getattr__(name: str) -> Any:
    if name in _LATER or name in _FOLDERS_LATER:
        from importlib import import_module

        found = import_module(f"numpybrain.{_LATER.get(name, name)}")
        globals()[name] = found = getattr(found, name) if name in _LATER else found
        return found
    message = f"numpybrain has no attribute '{name}'"
    advice = _advice(name)
    raise UnknownAttributeError(message + ("" if advice else errors.suggestion(name, __all__)), help=advice)


def _advice(name: str) -> str | None:
    """Advise what to write for something that has another name, or is elsewhere."""
    from numpybrain.utils.foreign_names import name_here

    if name.startswith("__"):  # Python asks for these, such as `__path__`
        return None
    here = name_here(name)
    if here is None:
        from numpybrain.language import unit_table

        return f"from numpybrain.units import {name}" if unit_table.named(name) is not None else None
    return here


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
