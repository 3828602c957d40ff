"""Every place that takes a value: name -> the unit it wants there, and what becomes of a value, as numbers.

A place is a function of a value and gives the number(s) that the simulation goes on with, in the unit that is
named with it. `WRONG` is a unit of another dimension for each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import numpybrain as nb
from numpybrain.engine.loop_update import absolute_tolerances

WRONG = {"ms": "nA", "mV": "nA", "nS": "ms", "um": "ms", "Hz": "mV", "1": "mV"}


def group(n=3, **options):
    return nb.Neurons(n, "dv/dt = (E - v)/tau : mV\nE : mV\ntau = 10*ms : ms\nx : um", **options)


def synapses(model="w : nS", **options):
    cells = group()
    options = {"on_pre": "v_post += 1*mV", "connect": "i == j", **options}
    return nb.Synapses(nb.Neurons(3, "u : 1\nx : um", threshold="u > 1"), cells, model, **options)


def assigned(value):
    cells = group()
    cells.v = value
    return cells.v.copy()


def assigned_part(value):
    cells = group()
    cells[1:3].v = value
    return cells.v[1:3].copy()


def dt(value):
    return nb.Network(group(), dt=value).dt


def run(value):
    net = nb.Network(group(), dt=0.01)
    net.run(value)
    return net.t


def every(value):
    return nb.Monitor(group(), "v", every=value).every


def refractory(value):
    made = nb.Neurons(1, "u : 1", threshold="u < 1", refractory=value)
    spikes = nb.Monitor(made, "spikes")
    nb.Network(made, spikes, dt=0.01).run(12)
    return np.diff(spikes.t)[0]


def refractory_of_a_function(value):
    return refractory(lambda spikes: value)


def weights_assigned(value):
    made = synapses()
    made.w = value
    return made.w.copy()


def weights_by_pair(value):
    made = synapses()
    made.w[:, :] = value
    return np.asarray(made.w).copy()


def delays_assigned(value):
    made = synapses()
    made.delay = value
    return made.delay.copy()


def connected_later(value):
    made = synapses()
    made.connect("i == j", w=value)
    return made.w[3:].copy()


def initial_of_a_function(value):
    return group(initial={"v": lambda: value}).v.copy()


def interval_of_series(value):
    return nb.timed([1.0, 2.0], value).dt


def open_name(value):
    made = nb.Neurons(1, "dv/dt = (E - v)/(10*ms) : mV", E=value, method="euler")
    nb.Network(made, dt=10).run(10)  # one step to E
    return made.v[0]


def tolerance(value):
    made = nb.Neurons(1, "dv/dt = -v/(10*ms) : mV", method=nb.method("rk45", absolute={"v": value}))
    return absolute_tolerances(made.inspect.state, ("v",), {"v": value})[0]


def width(value):
    rule = nb.connect.gaussian("x", value, p=1.0)
    cells = group(50, x=np.arange(50.0))
    nb.seed(1)
    a = nb.Synapses(cells, cells, connect=rule)
    nb.seed(1)
    cells = group(50, x=np.arange(50.0))
    b = nb.Synapses(cells, cells, connect=nb.connect.gaussian("x", 4.0, p=1.0))
    return 4.0 if np.array_equal(a.i, b.i) and np.array_equal(a.j, b.j) else np.nan


def replaced_name(value):
    text = nb.Expression("k", k=value)
    made = group(initial={"v": text})
    return made.v[0]


def printed(value):
    model = nb.Model("dv/dt = (E - v)/(10*ms) : mV\nE : mV", parameters={"E": value})
    again = nb.Model.parse(str(model))
    return nb.Neurons(1, again).E[0]


def probability_names(value):
    cells = group(3, x=np.arange(3.0))
    made = nb.Synapses(cells, cells, connect="abs(x_pre - x_post) < d", d=value)
    return {9: 4.0}.get(made.size, np.nan)


PLACES: dict[str, tuple[str, Any]] = {
    "parameter": ("mV", lambda q: group(E=q).E.copy()),
    "parameter in namespace": ("mV", lambda q: group(namespace={"E": q}).E.copy()),
    "parameter of a model": ("mV", lambda q: nb.Neurons(3, nb.Model("E : mV", parameters={"E": q})).E.copy()),
    "parameter of replace": ("mV", lambda q: nb.Neurons(3, nb.Model("E : mV").replace(E=q)).E.copy()),
    "parameter in Python": ("mV", lambda q: nb.Neurons(3, {"E": "mV"}, E=q).E.copy()),
    "time constant": ("ms", lambda q: group(tau=q).tau.copy()),
    "open name": ("mV", open_name),
    "initial": ("mV", lambda q: group(initial={"v": q}).v.copy()),
    "initial of a model": ("mV", lambda q: nb.Neurons(3, nb.Model("v : mV", initial={"v": q})).v.copy()),
    "initial of a function": ("mV", initial_of_a_function),
    "assigned": ("mV", assigned),
    "assigned to a part": ("mV", assigned_part),
    "weight": ("nS", lambda q: synapses(w=q).w.copy()),
    "weight assigned": ("nS", weights_assigned),
    "weight by pair": ("nS", weights_by_pair),
    "weight connected later": ("nS", connected_later),
    "weight in Python": ("nS", lambda q: synapses({"w": "nS"}, on_pre=lambda w: None, w=q).w.copy()),
    "delay": ("ms", lambda q: synapses(delay=q).delay.copy()),
    "delay by name": ("ms", lambda q: synapses(delay={"on_pre": q}).delay_on_pre.copy()),
    "delay of a model": ("ms", lambda q: synapses(nb.Model("w : nS", on_pre="w += 1*nS", delay=q), on_pre=None).delay.copy()),
    "dendritic delay": ("ms", lambda q: synapses(dendritic_delay=q).dendritic_delay.copy()),
    "delay assigned": ("ms", delays_assigned),
    "refractory": ("ms", refractory),
    "refractory of a function": ("ms", refractory_of_a_function),
    "dt": ("ms", dt),
    "run": ("ms", run),
    "every": ("ms", every),
    "interval of a series": ("ms", interval_of_series),
    "series": ("mV", lambda q: nb.timed([q, q], 1, unit="mV")(0.0)),
    "tolerance": ("mV", tolerance),
    "width": ("um", width),
    "name in a condition": ("um", probability_names),
    "replaced name": ("mV", replaced_name),
    "printed": ("mV", printed),
}  # fmt: skip

ARRAYS: dict[str, tuple[str, Any]] = {  # that take three values
    "parameter": ("mV", lambda q: group(E=q).E.copy()),
    "open name": ("mV", lambda q: nb.Neurons(3, "u = E + 0*mV : mV", E=q).u.copy()),
    "initial": ("mV", lambda q: group(initial={"v": q}).v.copy()),
    "initial of a function": ("mV", initial_of_a_function),
    "assigned": ("mV", assigned),
    "weight": ("nS", lambda q: synapses(w=q).w.copy()),
    "weight assigned": ("nS", weights_assigned),
    "weight by pair": ("nS", weights_by_pair),
    "weight connected later": ("nS", connected_later),
    "delay": ("ms", lambda q: synapses(delay=q).delay.copy()),
    "dendritic delay": ("ms", lambda q: synapses(dendritic_delay=q).dendritic_delay.copy()),
    "delay assigned": ("ms", delays_assigned),
    "series": ("mV", lambda q: nb.timed(q, 1, unit="mV").values),
}


def matrix_weights(value):
    cells = group()
    return nb.Synapses(cells, cells, "w : nS", connect=value).w.copy()


def rule_weights(value):
    cells = group()
    return nb.Synapses(cells, cells, "w : nS", connect=nb.connect.matrix(value, weight="w")).w.copy()


def rule_weights_in_unit(value):
    cells = group()
    return nb.Synapses(
        cells, cells, "w : nS", connect=nb.connect.matrix(value, weight="w", unit="uS")
    ).w.copy()


MATRICES = {"bare": matrix_weights, "rule": rule_weights, "rule with unit": rule_weights_in_unit}
