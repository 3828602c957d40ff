"""Curves of a model: rate over current, current over voltage, gates over voltage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from numpybrain.analysis import steady_rates
from numpybrain.dynamics.equilibria import scanned, settled, system_of
from numpybrain.errors import ArgumentError, UnknownNameError, suggestion
from numpybrain.library import as_model


@dataclass(frozen=True)
class Gating:
    """Steady state and time constant of each gate over the voltage.

    Attributes:
        v: the voltages, shape (n,).
        steady: name of a gate -> its steady state, shape (n,).
        tau: name of a gate -> its time constant in ms, shape (n,).
    """

    v: Any
    steady: Mapping[str, Any]
    tau: Mapping[str, Any]


def f_i(
    model: Any,
    currents: Any,
    *,
    parameter: str = "I",
    time: Any = "1 s",
    dt: Any = "0.05 ms",
    last: int | None = None,
    **parameters: Any,
) -> Any:
    """Firing rates over constant inputs, by a run of one neuron for each.

    Args:
        model: a model or its name.
        currents: values of the input: numbers in its declared unit, or a quantity; shape (n,).
        parameter: the name of the input.
        time: of the run.
        dt: its time step.
        last: how many intervals count, from the last spike back; by default all.
        **parameters: values of others in place of their defaults.

    Returns:
        The rates in Hz, shape (n,).
    """
    from numpybrain.monitors.monitor import Monitor
    from numpybrain.network.network import Network
    from numpybrain.neurons.neurons import Neurons

    many = np.shape(currents)[0] if np.ndim(currents) else 1
    cells = Neurons(many, as_model(model), **{parameter: currents, **parameters})
    spikes = Monitor(cells, "spikes")
    Network(cells, spikes, dt=dt).run(time)
    return steady_rates(np.asarray(spikes.i), np.asarray(spikes.t), many, last=last)


def i_v(model: Any, voltages: Any, *, current: str = "I", **parameters: Any) -> Any:
    """Current that holds a neuron at each voltage, with all else at rest: the steady-state I-V curve.

    Args:
        model: a model or its name, with a voltage.
        voltages: in its declared unit, shape (n,).
        current: name of the injected current, which the voltage depends on in a straight line.
        **parameters: values of others in place of their defaults.

    Returns:
        The current in its declared unit, shape (n,).
    """
    system = system_of(model, (current,), parameters)
    x = np.zeros((len(system.variables), np.size(voltages)))
    main = scanned(system)
    x[main] = voltages
    none = np.zeros((1, x.shape[1]))
    x = settled(system, x, none)
    slope = system.sensitivity_at(x, none)[..., main, 0]
    if not np.isfinite(slope).all() or not (slope != 0).all():
        raise ArgumentError(f"'{system.variables[main]}' of '{system.name}' does not depend on '{current}'")
    return -system(x, none)[main] / slope


def gating(model: Any, voltages: Any, *, gates: Any = None, **parameters: Any) -> Gating:
    """Steady state and time constant of gates over the voltage.

    Args:
        model: a model or its name, with a voltage.
        voltages: in its declared unit, shape (n,).
        gates: names of the gates; by default all variables whose rates are straight lines in themselves
            and depend on the
            voltage at most.
        **parameters: values in place of defaults.
    """
    system = system_of(model, (), parameters)
    main = scanned(system)
    first = system.variables[main]
    own = [n for n in system.variables if n != first and system.is_gate(n, first)]
    chosen = own if gates is None else list(gates)
    for name in chosen:
        if name not in own:
            raise UnknownNameError(f"'{name}' is no gate of '{system.name}'{suggestion(name, own)}")
    v = np.asarray(voltages, dtype=float)
    x = np.zeros((len(system.variables), v.size))
    x[main] = v
    rates, slopes = system(x), system.jacobian_at(x)
    at = {n: system.variables.index(n) for n in chosen}
    return Gating(
        v,
        {n: -rates[k] / slopes[:, k, k] for n, k in at.items()},
        {n: -1 / slopes[:, k, k] for n, k in at.items()},
    )
