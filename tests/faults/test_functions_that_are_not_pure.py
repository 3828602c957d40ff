"""Python functions in equations: called as often as their values may change, and random numbers are each one's own."""

from __future__ import annotations

import functools
import math
import random
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.utils.purity import is_stateless

RNG = np.random.default_rng(0)


class Counted:
    """A function that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return x + 0 * self.calls


def noise(t: float) -> float:
    return np.random.default_rng().normal()


def of_generator(x: Any) -> Any:
    return RNG.normal(size=np.shape(x))


def through_another(x: Any) -> Any:
    return of_generator(x)


def with_default(x: Any, rng: random.Random = random.Random(1)) -> float:  # noqa: B008
    return rng.random()


class Source:
    def __init__(self) -> None:
        self.rng = np.random.RandomState(1)

    def draw(self, x: Any) -> Any:
        return self.rng.rand(np.size(x))


def closed_over() -> Any:
    rng = np.random.default_rng(3)
    return lambda x: rng.normal()


DRAWING = [noise, of_generator, through_another, with_default, Source().draw, closed_over(), RNG.normal, np.random.rand,
           random.random, functools.partial(of_generator, x=1), lambda x: [np.random.rand() for _ in range(2)]]  # fmt: skip
KNOWN = [np.exp, math.exp, np.clip, abs, np.hypot, nb.timed([1, 2], 1), nb.function("1 -> 1")(lambda x: x)]
UNKNOWN = [lambda x: x, Counted(), lambda x: np.exp(x), functools.partial(max, 1)]


def test_what_can_be_known_of_a_function() -> None:
    assert [is_stateless(f) for f in DRAWING] == [False] * len(DRAWING)
    assert [is_stateless(f) for f in KNOWN] == [True] * len(KNOWN)
    assert [is_stateless(f) for f in UNKNOWN] == [None] * len(UNKNOWN)


# ---- how often a function is called -----------------------------------------------------------------

PLACES = {
    "equation": "dv/dt = f(a)/ms : 1\na = 2 : 1",
    "exponential": "dv/dt = (exp(f(a)*v/1000) + exp(v/1000) - v)/ms : 1\na = 2 : 1",
    "condition": "dv/dt = 1/ms : 1\na = 2 : 1",
    "statement": "dv/dt = 1/ms : 1\na = 2 : 1",
}


def calls(place: str, f: Any, steps: int) -> None:
    texts: dict[str, Any] = {"method": "euler"}
    if place in ("condition", "statement"):
        texts |= {"threshold": "v > f(a) - 100" if place == "condition" else "v > -1", "reset": "v = 0"}
    if place == "statement":
        texts["reset"] = "v = f(a)"
    cells = nb.Neurons(3, PLACES[place], functions={"f": f}, **texts)
    nb.Network(cells).run(steps * 0.1)


@pytest.mark.parametrize("place", PLACES)
def test_an_undeclared_function_is_called_in_every_step(place: str) -> None:
    few, many = Counted(), Counted()
    calls(place, few, 10)
    calls(place, many, 30)
    assert many.calls - few.calls == 20
    few, many = Counted(), Counted()
    calls(place, nb.function("1 -> 1")(few), 10)
    calls(place, nb.function("1 -> 1")(many), 30)
    assert many.calls - few.calls == 0 or place == "statement"  # which is calculated for those that spike


def test_a_function_with_state_is_not_frozen() -> None:
    """A clock of one's own: it was called once, and stood still."""
    ticks = iter(range(100))
    cells = nb.Neurons(2, "dv/dt = tick(a)/ms : 1\na = 1 : 1", tick=lambda a: next(ticks), method="euler")
    nb.Network(cells).run(0.5)
    assert cells.v[0] == pytest.approx(0.1 * sum(range(5)))


def test_a_function_of_values_that_somebody_changes() -> None:
    gain = {"value": 1.0}
    cells = nb.Neurons(2, "dv/dt = g(a)/ms : 1\na = 1 : 1", g=lambda a: gain["value"] * a, method="euler")
    net = nb.Network(cells)
    cells.at("start", lambda t: gain.update(value=1.0 if t < 0.45 else 3.0))
    net.run(1)
    assert cells.v[0] == pytest.approx(0.5 * 1 + 0.5 * 3)


def test_summed_weights_of_an_undeclared_function_are_new_in_every_step() -> None:
    ticks = iter(range(100))
    cells = nb.Neurons(2, "dv/dt = I/ms : 1\nI : 1\nu = 1 : 1", method="euler")
    syn = nb.Synapses(
        cells,
        cells,
        "w = 1 : 1\nI_post = f(w)*u_pre : 1 (summed)",
        connect=([0], [1]),
        f=lambda w: w * next(ticks),
    )
    nb.Network(cells, syn).run(0.5)
    assert cells.v[1] == pytest.approx(0.1 * sum(range(5)))


def test_stages_of_a_method_see_their_own_values() -> None:
    """An undeclared function of v is one of the equation: rk4 has its order with it."""
    errors = []
    for dt in (0.2, 0.1):
        cells = nb.Neurons(1, "dv/dt = -f(v)/ms : 1", f=lambda v: v * v, method="rk4", initial={"v": 1})
        nb.Network(cells, dt=dt).run(2)
        errors.append(abs(cells.v[0] - 1 / 3))
    assert errors[0] / errors[1] > 12


# ---- random numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [noise, lambda t: random.gauss(0, 1), closed_over()])
@pytest.mark.parametrize("place", ["equation", "threshold", "reset", "subexpression", "on_pre"])
def test_one_random_number_for_all_is_refused(f: Any, place: str) -> None:
    texts = {"threshold": "v > -1", "reset": "v = 0", "method": "euler"}
    equations = "dv/dt = -v/ms : 1\nx = 1 : 1"
    call, statement = "f(t/ms)", "v_post += 1"
    if place == "equation":
        equations = f"dv/dt = ({call} - v)/ms : 1\nx = 1 : 1"
    elif place == "subexpression":
        equations = f"dv/dt = (x - v)/ms : 1\nx = 2*{call} : 1"
    elif place == "on_pre":
        statement = f"v_post += {call}"
    else:
        texts[place] = f"v > {call}" if place == "threshold" else f"v = {call}"
    functions = {} if place == "on_pre" else {"functions": {"f": f}}
    cells = nb.Neurons(500, equations, **texts, **functions)
    syn = nb.Synapses(
        cells, cells, on_pre=statement, connect="i == j", **({"f": f} if place == "on_pre" else {})
    )
    with pytest.raises(nb.ModelError, match="'f' draws a random number, and all for whom it is called"):
        nb.Network(cells, syn).run(0.3)


def test_random_numbers_that_differ_are_independent() -> None:
    rng = np.random.default_rng(5)
    cells = nb.Neurons(500, "v = f(i) : 1", f=lambda i: rng.normal(size=i.shape))
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace).run(4)
    assert abs(np.corrcoef(trace.v.T[:60]) - np.eye(60)).max() < 0.8
    assert np.unique(trace.v).size == trace.v.size
    assert trace.v.std() == pytest.approx(1, abs=0.05)


def test_each_place_draws_its_own() -> None:
    rng = np.random.default_rng(5)
    cells = nb.Neurons(50, "v = f(i) - f(i) : 1", f=lambda i: rng.normal(size=i.shape))
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace).run(4)
    assert trace.v.std() == pytest.approx(math.sqrt(2), abs=0.1)


def test_common_noise_can_be_asked_for() -> None:
    @nb.function("ms -> 1", stateless=False)
    def common(t: float) -> float:
        return np.random.default_rng(int(t * 10)).normal()

    cells = nb.Neurons(5, "v = common(t) : 1", common=common)
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace).run(1)
    assert (trace.v == trace.v[:, :1]).all()
    assert np.unique(trace.v).size == 10


def test_declared_units_alone_do_not_freeze_a_random_function() -> None:
    rng = np.random.default_rng(5)

    @nb.function("1 -> mV")
    def f(i: Any) -> Any:
        return rng.normal(size=i.shape)

    cells = nb.Neurons(5, "v = f(i) : mV", f=f)
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace).run(1)
    assert np.unique(trace.v).size == 50


def test_one_neuron_may_have_one_number() -> None:
    cells = nb.Neurons(1, "v = noise(t/ms) : 1", noise=noise)
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace).run(1)
    assert np.unique(trace.v).size == 10


@pytest.mark.parametrize("f", [lambda t: RNG.normal(), lambda t, rng: rng.normal()])
def test_a_parameter_that_follows_a_random_function_differs(f: Any) -> None:
    cells = nb.Neurons(500, "dv/dt = (I - v)/ms : 1\nI : 1", I=f)
    with pytest.raises(nb.ModelError, match="would be the same random number for all 500"):
        nb.Network(cells).run(0.2)
    cells = nb.Neurons(3, "dv/dt = (I - v)/ms : 1\nI : 1", I=lambda t, rng, N: rng.normal(size=N))
    nb.Network(cells).run(0.2)
    assert np.unique(cells.v).size == 3
