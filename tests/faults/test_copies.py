"""Copies and pickles of everything that users hold: values come back equal, what is live refuses and says why."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.sample import SAMPLE
from numpybrain import connect
from numpybrain.errors import NumpyBrainError
from numpybrain.units import mV, nA

WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "oldest pickle": lambda x: pickle.loads(pickle.dumps(x, protocol=2)),
}


def double(x: Any) -> Any:
    """A function that models may call: pickles find it in this module."""
    return 2 * x


def whole() -> dict[str, Any]:
    """A network and all its parts."""
    cells = nb.Neurons(4, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0", name="cells")
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="v += w", connect="i != j", w=0.3, delay="1 ms")
    monitor, spikes = nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")
    statistics = nb.RunningStatistics(cells, "v")
    rate = nb.PopulationRate(cells)
    net = nb.Network(cells, synapses, monitor, spikes, statistics, rate)
    cells.v = [2, 0, 0.5, 0]
    return {"Neurons": cells, "Synapses": synapses, "Monitor": monitor, "RunningStatistics": statistics, "PopulationRate": rate,
            "Network": net, "spikes": spikes,
            "part": cells[1:3], "schedule": net.schedule}  # fmt: skip


MODELS: dict[str, Callable[[], nb.Model]] = {
    "plain": lambda: nb.Model("dv/dt = -v/tau : mV\ntau = 10*ms : ms"),
    "open": lambda: nb.Model("dv/dt = (I_0 - v)/tau : mV\ntau = 10*ms : ms", open_names=["I_0"]),
    "values": lambda: nb.Model("dv/dt = (R*I - v)/tau : mV\nR : Mohm\ntau : ms\nI : nA",
                               parameters={"I": 2 * nA, "R": "3 Mohm", "tau": np.array([10.0, 20.0])}),
    "texts": lambda: nb.Model("dv/dt = -v/(10*ms) : mV (unless refractory)\nw : 1", threshold="v > 10*mV",
                              reset="v = 0*mV; w += 1", refractory="2 ms", events={"low": "v < 0*mV"},
                              on_event={"low": "w = 0"}, initial={"v": "5*mV*rand()"}, method="rk4", name="mine"),
    "functions": lambda: nb.Model("dv/dt = -double(v)/(10*ms) : 1\nI = s(t) : nA", initial={"v": double},
                                  functions={"double": double, "s": nb.timed([1, 2, 3] * nA, "5 ms")}),
    "method": lambda: nb.Model("dv/dt = -v/(10*ms) : 1", method=nb.method("rk45", relative=1e-8)),
    "synapses": lambda: nb.Model("dx/dt = -x/(5*ms) : 1 (event-driven)\nw : 1", on_pre="x += 1; v_post += w*x",
                                 on_post={"up": "w += 0.1"}, delay={"up": "1 ms"}),
    "sum": lambda: nb.load_model("stdp_pair") + nb.load_model("ampa"),
    "renamed": lambda: nb.load_model("lif").rename(v="v_soma").replace(tau_m="5 ms"),
    "parsed": lambda: nb.Model.parse(str(nb.load_model("izhikevich"))),
}  # fmt: skip


def same_models(one: nb.Model, other: nb.Model) -> None:
    assert one == other
    assert str(one) == str(other)
    assert one.open_names == other.open_names
    assert one.values.keys() == other.values.keys()
    for name, value in one.values.items():
        np.testing.assert_array_equal(value, other.values[name])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MODELS)
def test_models(name: str, way: str) -> None:
    model = MODELS[name]()
    again = WAYS[way](model)
    same_models(model, again)
    assert repr(again) == repr(model)
    with pytest.raises(nb.ModelError, match="a model cannot be changed"):
        again.x = 1


@pytest.mark.parametrize("name", SAMPLE)
def test_models_of_the_library_are_pickled(name: str) -> None:
    model = nb.load_model(name)
    same_models(model, pickle.loads(pickle.dumps(model)))


def test_pickled_models_run_as_the_first_did() -> None:
    found = []
    for model in (MODELS["texts"](), pickle.loads(pickle.dumps(MODELS["texts"]()))):
        nb.seed(3)
        cells = nb.Neurons(5, model)
        nb.Network(cells).run(20)
        found.append(cells.v.tolist())
    assert found[0] == found[1]


def test_models_are_sent_to_other_programs() -> None:
    code = (
        "import pickle, sys; m = pickle.load(sys.stdin.buffer); print(m.name, m['v'].expr, m.values['I'])"
    )
    model = nb.load_model("lif").replace(I="2 nA")
    made = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(model), capture_output=True, check=True
    )
    assert made.stdout.decode().split() == f"{model.name} {model['v'].expr} 2 nA".split()


# ---- everything that is public ----


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, nb.Snapshot):
        return one.t == other.t and repr(one) == repr(other)
    if isinstance(one, BaseException):
        return type(one) is type(other) and str(one) == str(other)
    if isinstance(one, (nb.SpikeTrains, nb.Traces)):
        names = [field.name for field in dataclasses.fields(one)]
        parts = ((getattr(one, name), getattr(other, name)) for name in names)
        return all(
            np.array_equal(a, b) if isinstance(a, np.ndarray) else str(a) == str(b) for a, b in parts
        )
    return bool(one == other)


def error(kind: type) -> Any:
    made = kind("wrong")
    if isinstance(made, NumpyBrainError):
        made.help = "right"
    return made


VALUES: dict[str, Callable[[], Any]] = {
    "Model": MODELS["texts"],
    "Expression": lambda: nb.Expression("v > v_t", v_t="-50*mV"),
    "Statements": lambda: nb.Statements("v = 0; w += 1"),
    "Snapshot": lambda: whole()["Network"].snapshot(),
    "SpikeTrains": lambda: whole()["spikes"].between(),
    "Traces": lambda: whole()["Monitor"].between(),
    **{name: lambda kind=getattr(nb, name): error(kind)
       for name in nb.__all__ if inspect.isclass(getattr(nb, name)) and issubclass(getattr(nb, name), Exception)},
}  # fmt: skip
LIVE = ("Neurons", "Synapses", "Monitor", "RunningStatistics", "PopulationRate", "Network")
CLASSES = [name for name in nb.__all__ if inspect.isclass(getattr(nb, name))]


def test_the_table_is_complete() -> None:
    assert sorted([*VALUES, *LIVE]) == sorted(CLASSES)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CLASSES)
def test_every_public_class(name: str, way: str) -> None:
    if name in VALUES:
        value = VALUES[name]()
        again = WAYS[way](value)
        assert type(again) is getattr(nb, name)
        assert equal(value, again)
        return
    refused(whole()[name], name, way)


def refused(thing: Any, kind: str, way: str) -> None:
    with pytest.raises(nb.ArgumentError) as caught:
        WAYS[way](thing)
    done = "pickled" if "pickle" in way else "copied"
    assert str(caught.value).startswith(kind)
    assert f"cannot be {done}: it lives in one simulation" in str(caught.value)
    for part in ("net.snapshot()", "net.restore(snapshot)", "net.save(path)", "net.load(path)"):
        assert part in str(caught.value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("name", "kind"), [("part", "Subgroup"), ("schedule", "Schedule"), ("spikes", "Monitor")]
)
def test_other_live_things(name: str, kind: str, way: str) -> None:
    refused(whole()[name], kind, way)


@pytest.mark.parametrize("way", ["deepcopy", "pickle"])
def test_what_reaches_live_things(way: str) -> None:
    """A container, a link, a stage: the error is that of what cannot be copied in it."""
    things = whole()
    cells = things["Neurons"]
    for thing in ([things["Network"]], {"a": cells}, nb.link(cells, "v"), cells.stages[0]):
        with pytest.raises(nb.ArgumentError, match="lives in one simulation"):
            WAYS[way](thing)


def test_a_refused_copy_changes_nothing() -> None:
    """A shallow copy of a network advanced the original when it was run."""
    net = whole()["Network"]
    for way in WAYS.values():
        with pytest.raises(nb.ArgumentError):
            way(net)
    net.run(1)
    assert net.t == 1


def test_the_way_that_the_error_names() -> None:
    """Made again by the same function, with the pickled state, a network goes on as the first would."""
    first = whole()
    first["Network"].run(7)
    sent = pickle.loads(pickle.dumps(first["Network"].snapshot()))
    second = whole()
    second["Network"].restore(sent)
    for things in (first, second):
        things["Network"].run(13)
    assert first["Neurons"].v.tolist() == second["Neurons"].v.tolist()
    assert first["spikes"].t.tolist() == second["spikes"].t.tolist()


# ---- rules, methods, series, arrays ----


PLACES = np.arange(9.0)
RULES: dict[str, Callable[[], Any]] = {
    "all_to_all": lambda: connect.all_to_all(autapses=False), "one_to_one": connect.one_to_one,
    "probability": lambda: connect.probability(0.3, autapses=False),
    "fixed_indegree": lambda: connect.fixed_indegree(2), "fixed_outdegree": lambda: connect.fixed_outdegree(2),
    "fixed_total": lambda: connect.fixed_total(7), "matrix": lambda: connect.matrix(np.eye(9)),
    "graph": lambda: connect.graph(pytest.importorskip("networkx").cycle_graph(9)),
    "condition": lambda: connect.condition("i != j and i % 2 == 0"),
    "each": lambda: connect.each("k for k in range(i) if k > 2"),
    "ring": lambda: connect.ring(1), "grid4": lambda: connect.grid4(3, 3), "grid8": lambda: connect.grid8(3, 3),
    "grid_n": lambda: connect.grid_n(3, 3, 1.5), "small_world": lambda: connect.small_world(2, 0.2),
    "scale_free": lambda: connect.scale_free(2),
    "gaussian": lambda: connect.gaussian(PLACES, 1.0), "exponential": lambda: connect.exponential(PLACES, 1.0),
    "difference_of_gaussians": lambda: connect.difference_of_gaussians(PLACES, 1.0, 2.0),
}  # fmt: skip


def test_the_table_of_rules_is_complete() -> None:
    assert {*RULES, "Rule"} == set(connect.__all__)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", RULES)
def test_rules_connect_the_same(name: str, way: str) -> None:
    rule = RULES[name]()
    again = WAYS[way](rule)
    assert repr(again) == repr(rule)
    cells, made = nb.Neurons(9, "v : 1"), []
    for each in (rule, again):
        nb.seed(1)
        made.append(nb.Synapses(cells, cells, connect=each))
    assert (made[0].i.tolist(), made[0].j.tolist()) == (made[1].i.tolist(), made[1].j.tolist())


def nearest(ends: Any) -> Any:
    return np.arange(2), np.arange(1, 3)


def test_rules_of_ones_own() -> None:
    again = pickle.loads(pickle.dumps(connect.Rule("nearest", nearest)))
    assert again.pairs(3, 3, np.random.default_rng(1))[1].tolist() == [1, 2]


def euler(system: Any, dt: Any) -> Any:
    return {x: x + dt * rate for x, rate in system.rates.items()}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", nb.list_methods())
def test_methods(name: str, way: str) -> None:
    method = nb.method(name)
    assert WAYS[way](method) == method


def test_methods_of_ones_own() -> None:
    from numpybrain.symbolic.methods import as_method

    for given in (euler, nb.tableau([[], [0.5]], [0, 1])):
        method = pickle.loads(pickle.dumps(as_method(given)))
        cells = nb.Neurons(1, "dv/dt = 1/(10*ms) : 1", method=method)
        nb.Network(cells, dt=1).run(5)
        assert cells.v[0] == pytest.approx(0.5)


@pytest.mark.parametrize("way", WAYS)
def test_series(way: str) -> None:
    series = nb.timed([[1, 2], [3, 4]] * mV, "2 ms")
    again = WAYS[way](series)
    assert again.signature == series.signature
    assert again(3.0, [0, 1]).tolist() == [3, 4]


@pytest.mark.parametrize("way", WAYS)
def test_arrays_of_variables_become_plain_ones(way: str) -> None:
    things = whole()
    for array in (things["Neurons"].v, things["Synapses"].w, things["part"].v):
        before = array.tolist()
        again = WAYS[way](array)
        again[:] = 7
        assert array.tolist() == before
        assert getattr(again, "owner", None) is None
