"""Anywhere a string goes, a Python function goes: both give the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

N, DT, TAU = 6, 0.1, 5.0


def record(cells: nb.Neurons, *others: Any, names: str = "v, u") -> list[Any]:
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, names)
    nb.Network(cells, *others, spikes, trace, dt=DT).run(30)
    assert len(spikes) > 10
    return [spikes.t.tolist(), spikes.i.tolist(), trace.v, trace.u]


EQUATIONS = "dv/dt = (1.5 + 0.1*i - v)/(5*ms) : 1\ndu/dt = -u/(5*ms) : 1"


def integrate(v: Any, u: Any) -> None:
    v += DT * (1.5 + 0.1 * np.arange(N) - v) / TAU
    u -= DT * u / TAU


def reset(v: Any, u: Any, spikes: Any) -> None:
    v[spikes] = 0
    u[spikes] += 0.5


def push(u_post: Any, post: Any, v_pre: Any, pre: Any) -> None:
    np.add.at(u_post, post, 0.1 * v_pre[pre])


TEXTS: dict[str, Any] = {
    "threshold": "v > 1 + u",
    "reset": "v = 0; u += 0.5",
    "refractory": "(1 + i)*ms",
    "initial": {"v": "0.1*i"},
}
FUNCTIONS: dict[str, Any] = {
    "threshold": lambda v, u: v > 1 + u, "reset": reset, "refractory": lambda i, spikes: 1.0 + i[spikes],
    "initial": {"v": lambda i: 0.1 * i},
}  # fmt: skip


def in_strings(**changes: Any) -> list[Any]:
    cells = nb.Neurons(N, EQUATIONS, method="euler", **{**TEXTS, **changes})
    return record(cells, nb.Synapses(cells, on_pre="u_post += 0.1*v_pre", connect="all_to_all", delay=0.4))


def assert_same(found: list[Any], expected: list[Any]) -> None:
    assert found[:2] == expected[:2]
    for a, b in zip(found[2:], expected[2:], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("part", [*FUNCTIONS, "all"])
def test_each_text_can_be_a_function(part: str) -> None:
    changes = FUNCTIONS if part == "all" else {part: FUNCTIONS[part]}
    assert_same(in_strings(**changes), in_strings())


def test_the_whole_model_can_be_python() -> None:
    cells = nb.Neurons(N, {"v": "1", "u": "1"}, integrate=integrate, **FUNCTIONS)
    synapses = nb.Synapses(
        cells, on_pre=push, connect=lambda N_pre, N_post: np.divmod(np.arange(N * N), N), delay=0.4
    )
    assert_same(record(cells, synapses), in_strings())


def test_texts_about_variables_in_python() -> None:
    cells = nb.Neurons(
        N, {"v": "1", "u": "1"}, integrate=integrate, **{**TEXTS, "refractory": FUNCTIONS["refractory"]}
    )
    synapses = nb.Synapses(cells, on_pre="u_post += 0.1*v_pre", connect="all_to_all", delay=0.4)
    assert_same(record(cells, synapses), in_strings())


def test_integrate_replaces_the_update_of_equations() -> None:
    cells = nb.Neurons(N, EQUATIONS, integrate=integrate, **TEXTS)
    synapses = nb.Synapses(cells, on_pre=push, connect="all_to_all", delay=0.4)
    assert_same(record(cells, synapses), in_strings())


@pytest.mark.parametrize("giving", ["booleans", "indices", "list", "one for all"])
def test_what_a_threshold_may_return(giving: str) -> None:
    def threshold(v: Any, t: float) -> Any:
        above = v > 2
        return {"booleans": above, "indices": np.flatnonzero(above), "list": np.flatnonzero(above)[::-1].tolist(),
                "one for all": bool(t > 0.15)}[giving]  # fmt: skip

    cells = nb.Neurons(4, {"v": "1"}, threshold=threshold, initial={"v": [1, 3, 5, 0]})
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.1).run(0.3)
    if giving == "one for all":
        assert spikes.i.tolist() == [0, 1, 2, 3]
    else:
        assert spikes.i.tolist() == [1, 2] * 3


def test_functions_in_equations() -> None:
    def gate(v: Any, k: Any) -> Any:
        return 1 / (1 + np.exp(-k * v))

    with_function = nb.Neurons(3, "dv/dt = (gate(v - a, 2.5) - v)/ms : 1\nx = 2*gate(v, a) : 1\na : 1", functions={"gate": gate},
                               initial={"v": "i"}, a=[0, 1, 2], method="rk4")  # fmt: skip
    written_out = nb.Neurons(3, "dv/dt = (1/(1 + exp(-2.5*(v - a))) - v)/ms : 1\nx = 2/(1 + exp(-a*v)) : 1\na : 1",
                             initial={"v": "i"}, a=[0, 1, 2], method="rk4")  # fmt: skip
    nb.Network(with_function).run(5)
    nb.Network(written_out).run(5)
    np.testing.assert_allclose(with_function.v, written_out.v, rtol=1e-12)
    np.testing.assert_allclose(with_function.x, written_out.x, rtol=1e-12)


def test_functions_in_thresholds_resets_and_synapses() -> None:
    calls: list[str] = []

    def noted(x: Any, *, name: str) -> Any:
        calls.append(name)
        return np.asarray(x) + 1

    functions = {n: (lambda x, n=n: noted(x, name=n)) for n in ("f", "g", "h")}
    cells = nb.Neurons(2, "v : 1\nu : 1", threshold="f(v) > 0", reset="v = g(u)", functions=functions)
    synapses = nb.Synapses(cells, on_pre="u_post += h(u_pre)", connect=([0], [1]), functions=functions)
    nb.Network(cells, synapses).run(0.1)
    assert cells.u.tolist() == [0.0, 1.0]
    assert cells.v.tolist() == [1.0, 2.0]
    assert {"f", "g", "h"} <= set(calls)


def test_arguments_that_every_function_may_have() -> None:
    seen: dict[str, Any] = {}
    cells = nb.Neurons(3, {"v": "mV"}, threshold=lambda v: v < 1)

    @cells.at("reset")
    def look(v: Any, t: float, dt: float, rng: Any, spikes: Any, N: int, i: Any, unused: int = 7) -> None:
        seen.update(v=v, t=t, dt=dt, rng=rng, spikes=spikes.tolist(), n=N, i=i.tolist(), unused=unused)

    nb.Network(cells, dt=0.25).run(0.5)
    assert type(seen["v"]) is np.ndarray
    assert np.shares_memory(seen["v"], cells.v)
    assert (seen["t"], seen["dt"], seen["n"], seen["unused"]) == (0.25, 0.25, 3, 7)
    assert seen["spikes"] == seen["i"] == [0, 1, 2]
    assert isinstance(seen["rng"], np.random.Generator)


def test_python_drives_a_parameter() -> None:
    cells = nb.Neurons(2, "dv/dt = (I - v)/(10*ms) : 1\nI : 1", initial={"v": "0"})

    @cells.at("start")
    def drive(t: float, I: Any) -> None:
        I[:] = 1.5 if t > 19.95 else 0.0

    nb.Network(cells, dt=0.1).run(30)
    assert cells.v == pytest.approx([1.5 * (1 - np.exp(-1))] * 2, rel=1e-12)


BAD: dict[str, tuple[Any, type[Exception]]] = {
    "unknown argument": (lambda c: c.at("start", lambda w: None), nb.UnknownNameError),
    "unknown phase": (lambda c: c.at("begin", lambda v: None), nb.NetworkError),
    "any arguments": (lambda c: c.at("start", lambda *v: None), nb.ArgumentError),
    "no function": (lambda c: c.at("start", 3), nb.ArgumentError),
    "unreadable": (lambda c: c.at("start", np.sin), nb.NumpyBrainError),  # newer NumPy names the argument
    "statement": (lambda c: c.at("start", "v ="), nb.ModelSyntaxError),
    "threshold argument": (lambda c: nb.Neurons(1, {"v": "1"}, threshold=lambda w: w > 0), nb.UnknownNameError),
    "integrate argument": (lambda c: nb.Neurons(1, {"v": "1"}, integrate=lambda w: None), nb.UnknownNameError),
    "taken function name": (lambda c: nb.Neurons(1, "v : 1", functions={"exp": abs}), nb.ModelError),
    "method": (lambda c: nb.Neurons(1, {"v": "1"}, method="euler"), nb.NumpyBrainError),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_functions(name: str) -> None:
    make, error = BAD[name]
    cells = nb.Neurons(2, "v : 1")
    with pytest.raises(error):
        make(cells)
    nb.Network(cells).run(1)


RETURNED: dict[str, Any] = {
    "too short": (lambda v: v[:1] > 0, nb.ShapeError), "floats": (lambda v: v, nb.ArgumentError), "nothing": (lambda v: None, nb.ArgumentError),
    "index too large": (lambda v: [2], nb.IndexRangeError), "negative index": (lambda v: [-1], nb.IndexRangeError),
    "table": (lambda v: np.zeros((2, 2), dtype=bool), nb.ShapeError),
}  # fmt: skip


@pytest.mark.parametrize("name", RETURNED)
def test_bad_results_of_a_threshold(name: str) -> None:
    function, error = RETURNED[name]
    net = nb.Network(nb.Neurons(2, {"v": "1"}, threshold=function))
    with pytest.raises(error):
        net.run(1)


def test_errors_of_user_functions_stay_what_they_are_and_say_where() -> None:
    cells = nb.Neurons(2, "v : 1", name="cells")

    @cells.at("integrate")
    def broken(v: Any) -> None:
        v[5] = 1

    net = nb.Network(cells, dt=0.1)
    with pytest.raises(IndexError) as caught:
        net.run(1)
    assert not isinstance(caught.value, nb.NumpyBrainError)
    (note,) = caught.value.__notes__
    assert "cells: broken" in note
    assert f"test_python.py:{broken.__code__.co_firstlineno}" in note
    net.schedule.remove("broken")
    net.resume()
    net.run(1)  # the network is not stuck in the middle of a run


def test_a_stage_added_in_a_run_begins_with_the_next_one() -> None:
    cells, times = nb.Neurons(1, "v : 1"), []

    @cells.at("start")
    def add(t: float) -> None:
        if round(t / 0.1) == 2:
            cells.at("end", lambda t: times.append(round(t, 1)))

    net = nb.Network(cells, dt=0.1)
    net.run(0.5)
    assert not times
    net.run(0.2)
    assert times == [0.5, 0.6]
