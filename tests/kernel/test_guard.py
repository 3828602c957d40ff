"""Runs that diverge are stopped, with the last good states; a dt beyond the method's stability is named."""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from counting import instructions, memory

import numpybrain as nb
from numpybrain.network.network import CHECKED
from numpybrain.symbolic.methods import METHODS

CUBE = "dv/dt = v**3/ms : 1"


def diverge(net: nb.Network, duration: Any = 200) -> nb.DivergenceError:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nb.StabilityWarning)
        with pytest.raises(nb.DivergenceError) as caught:
            net.run(duration)
    return caught.value


# ---- what is noticed ----


def test_a_cubic_equation_blows_up() -> None:
    cells = nb.Neurons(3, CUBE, method="euler", initial={"v": [0, -1, 0.5]}, name="cells")
    error = diverge(nb.Network(cells, dt=0.1))
    assert (error.group, error.variable, error.neurons.tolist()) == ("cells", "v", [1, 2])
    assert str(error).splitlines() == [
        "'v' of 'cells' is -inf in 2 of 3 neurons, the first is neuron 1",
        "    dv/dt = v**3/ms : 1",
        "    ^^^^^^^^^^^^^^^^^^^",
        "    found at t = 12.7 ms (step 127)",
        "    all was well at t = 0 ms (step 0), and the states are set back to that",
        "    help: dt is probably too large for method 'euler': try dt='0.05 ms' or method='rk4'",
    ]
    assert isinstance(error, ArithmeticError)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.t, again.t_good) == (str(error), error.t, error.t_good)


def test_a_stiff_linear_equation_diverges() -> None:
    equations = "dv/dt = (u - v)/tau : 1\ndu/dt = -u/(5*ms) : 1\ntau : ms"
    cells = nb.Neurons(4, equations, method="euler", initial={"v": 1}, tau=[1, 2, 0.04, 3])
    error = diverge(nb.Network(cells, dt=0.1), 1000)
    assert error.neurons.tolist() == [2]
    assert "try dt='0.05 ms' or method='exact'" in str(error)
    assert "(line 1 of the equations)" in str(error)


TRAPS: dict[str, tuple[str, dict[str, Any], str]] = {
    "sqrt": ("dv/dt = -sqrt(v)/ms : 1", {"v": 1}, "look for the square root of a negative number"),
    "log": ("dv/dt = log(v)/ms : 1", {"v": 0.5}, "look for the logarithm of 0 or a negative number"),
    "division": ("dv/dt = 1/(v - 1)**2/ms + 1/v/ms : 1", {"v": 0}, "look for a division by zero"),
    "power": ("dv/dt = -v**0.7/ms : 1", {"v": 1}, "look for a fractional power of a negative number"),
}


@pytest.mark.parametrize("name", TRAPS)
@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_traps_are_named(name: str, method: str) -> None:
    equations, initial, help_ = TRAPS[name]
    cells = nb.Neurons(1, equations, method=method, initial=initial)
    error = diverge(nb.Network(cells, dt=0.1))
    assert help_ in str(error)
    assert f"; or dt is too large for method '{method}'" in str(error)


def test_exponential_methods_get_no_advice_about_dt() -> None:
    cells = nb.Neurons(2, "dv/dt = -v*log(u)/ms : 1\ndu/dt = -1/ms : 1", initial={"u": 1})
    assert cells.update.method == "exponential_midpoint"
    error = diverge(nb.Network(cells, dt=0.1))
    assert error.variable == "v"
    assert error.help == (
        "look for the logarithm of 0 or a negative number in this equation, and in what else changes 'v'"
    )


def test_growth_without_limit() -> None:
    cells = nb.Neurons(1, "dv/dt = v/ms : 1", initial={"v": 1})
    error = diverge(nb.Network(cells), 1000)
    assert error.t == pytest.approx(np.log(1e300), abs=0.1 * CHECKED)
    assert error.t_good == pytest.approx(error.t - 0.1 * CHECKED)
    assert cells.v[0] == pytest.approx(np.exp(error.t_good), rel=1e-9)


def test_the_cause_is_named_before_its_victims() -> None:
    cells = nb.Neurons(1, "dv/dt = (u - v)/ms : 1\ndu/dt = u**3/ms : 1", initial={"u": 1})
    error = diverge(nb.Network(cells))
    assert error.variable == "u"
    assert "in 'v' as well" in str(error)


def test_several_groups() -> None:
    fine, bad, worse = (nb.Neurons(2, CUBE, initial={"v": v}, name=f"v{v}") for v in (0, 2, 3))
    error = diverge(nb.Network(fine, bad, worse))
    assert error.group == "v2"
    assert "in 'v' of 'v3' as well" in str(error)
    assert bad.v.tolist() == [2, 2]
    assert worse.v.tolist() == [3, 3]


@pytest.mark.parametrize("texts", [{}, {"threshold": "v > 100"}])
def test_groups_written_in_python(texts: dict[str, Any]) -> None:
    def integrate(v: np.ndarray, u: np.ndarray) -> None:
        v[:] = np.sqrt(v - u)

    cells = nb.Neurons(
        2, {"v": "1", "u": "1"}, integrate=integrate, initial={"v": 1, "u": [0, 0.3]}, **texts
    )
    error = diverge(nb.Network(cells))
    assert (error.variable, error.neurons.tolist(), error.span) == ("v", [1], None)
    assert "integrate (test_guard.py:" in str(error)
    assert cells.v.tolist() == [1, 1]
    assert cells.u.tolist() == [0, 0.3]


def test_infinite_parameters_of_groups_written_in_python() -> None:
    def integrate(v: np.ndarray, tau: np.ndarray) -> None:
        v -= 0.1 * v / tau

    cells = nb.Neurons(
        2, {"v": "1", "tau": "ms"}, integrate=integrate, initial={"v": 1, "tau": [5, np.inf]}
    )
    nb.Network(cells).run(20)
    assert cells.v[1] == 1
    cells.v = np.nan
    with pytest.raises(nb.ModelError, match="is NaN at the start"):
        nb.Network(cells).run(1)


def test_at_the_end_of_a_short_run() -> None:
    cells = nb.Neurons(1, CUBE, method="euler", initial={"v": 3})
    net = nb.Network(cells, dt=0.1)
    error = diverge(net, 2)
    assert (error.t, error.t_good) == (2, 0)
    assert cells.v[0] == 3
    assert net.t == 2


def test_in_single_steps() -> None:
    cells = nb.Neurons(1, CUBE, method="euler", initial={"v": 3})
    net, twin = (
        nb.Network(c, dt=0.1) for c in (cells, nb.Neurons(1, CUBE, method="euler", initial={"v": 3}))
    )
    with pytest.raises(nb.DivergenceError) as caught:
        for _ in range(20):
            net.step()
    twin.run(caught.value.t_good)
    assert caught.value.t_good == pytest.approx(caught.value.t - 0.1)
    assert cells.v[0] == twin.objects[0].v[0]


@pytest.mark.parametrize("refractory", [None, 50, "v > 1"])
def test_refractory_neurons(refractory: Any) -> None:
    """u goes on, and diverges, while v stands still."""
    cells = nb.Neurons(
        3, "dv/dt = 1/ms : 1 (unless refractory)\ndu/dt = u**3/ms : 1", threshold="v > 2", reset="v = 0",
        refractory=refractory, initial={"u": [0, 1, 0]}, method="rk4",
    )  # fmt: skip
    error = diverge(nb.Network(cells))
    assert (error.variable, error.neurons.tolist()) == ("u", [1])


def test_in_a_part_of_a_group() -> None:
    source = nb.Neurons(1, "dv/dt = 1/ms : 1", threshold="v > 1", reset="v = 0")
    cells = nb.Neurons(5, "dv/dt = -v/(5*ms) : 1")
    synapses = nb.Synapses(source, cells[3:], on_pre="v_post *= -1e30", connect="all_to_all")
    cells[3:].v = 1
    error = diverge(nb.Network(source, cells, synapses))
    assert error.neurons.tolist() == [3, 4]
    assert "what else changes 'v'" in str(error)


def test_whole_numbers_and_booleans_are_not_looked_at() -> None:
    cells = nb.Neurons(2, "dv/dt = k/ms : 1\nk : integer\non : boolean", k=2**62, on=True)
    nb.Network(cells).run(20)


# ---- what is left ----


def noisy(seed: int) -> tuple[nb.Neurons, nb.Monitor, nb.Monitor, nb.Network]:
    nb.seed(seed)
    cells = nb.Neurons(
        20, "dv/dt = (1.5 - v + 0.3*randn())/(10*ms) : 1 (unless refractory)\ndu/dt = (u - 0.1)**3/ms : 1",
        threshold="v > 1", reset="v = 0; u += 0.02", refractory="2 ms", method="euler", initial={"v": "rand()"},
        name="noisy",
    )  # fmt: skip
    synapses = nb.Synapses(cells, on_pre="v += 0.01", connect=nb.connect.probability(0.3), name="among")
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v, u")
    return cells, spikes, trace, nb.Network(cells, synapses, spikes, trace, dt=0.1)


def test_the_states_are_those_of_the_last_good_time() -> None:
    cells, spikes, trace, net = noisy(5)
    error = diverge(net, "5 s")
    assert error.t_good > 100
    assert round(error.t_good / 0.1) % CHECKED == CHECKED - 1
    twin, twin_spikes, twin_trace, twin_net = noisy(5)
    twin_net.run(error.t_good)
    np.testing.assert_array_equal(cells.v, twin.v)
    np.testing.assert_array_equal(cells.u, twin.u)
    # the monitors have gone on, up to when it was noticed
    n, m = len(twin_spikes), len(twin_trace.t)
    assert n > 50
    np.testing.assert_array_equal(spikes.t[:n], twin_spikes.t)
    np.testing.assert_array_equal(trace.v[:m], twin_trace.v)
    assert len(trace.t) == round(error.t / 0.1)
    assert net.t == error.t
    assert not np.isfinite(trace.u[-1]).all()
    net.run(0.1)  # and so can the network
    assert np.isfinite(cells.u).all()


def test_two_runs_give_the_good_states_of_the_second() -> None:
    cells = nb.Neurons(1, "dv/dt = v/ms : 1", initial={"v": 1})
    net = nb.Network(cells)
    net.run(5)
    net.run(20)
    cells.v = 1e290
    error = diverge(net, 100)
    assert error.t_good >= 25
    assert cells.v[0] == pytest.approx(1e290 * np.exp(error.t_good - 25), rel=1e-9)


def test_it_can_be_switched_off() -> None:
    cells = nb.Neurons(2, "dv/dt = -v/tau : 1\ntau : ms", initial={"v": [np.nan, 1]}, tau=5)
    net = nb.Network(cells, check_finite=False)
    net.run(20)
    assert np.isnan(cells.v[0])
    assert cells.v[1] == pytest.approx(np.exp(-4))
    net.check_finite = True
    with pytest.raises(nb.ModelError):
        net.run(1)


def test_errors_of_progress_functions_lose_no_step() -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    cells = nb.Neurons(1, "dv/dt = 1/ms : 1")
    net = nb.Network(cells, dt=0.1)
    with pytest.raises(KeyboardInterrupt) as caught:
        net.run(10, progress=stop)
    assert not hasattr(caught.value, "__notes__")
    assert cells.v[0] == pytest.approx(net.t)


# ---- before the first step ----


TAU = "dv/dt = -v/tau : 1\ntau : ms"
START: dict[str, tuple[Callable[[], Any], str]] = {
    "state": (lambda: nb.Neurons(3, TAU, tau=1, initial={"v": [0, np.nan, 0]}, name="c"), "'v' of 'c' is NaN at the start of the run, in neuron 1 of 3"),
    "infinite state": (lambda: nb.Neurons(3, TAU, tau=1, initial={"v": [0, -np.inf, np.inf]}, name="c"), "'v' of 'c' is -inf at the start of the run, in 2 of 3 neurons, the first is neuron 1"),
    "number": (lambda: nb.Neurons(3, TAU, tau=np.nan, name="c"), "'tau' of 'c' is NaN at the start of the run\n"),
    "array": (lambda: nb.Neurons(3, TAU, tau=[1, 1, np.nan], name="c"), "'tau' of 'c' is NaN at the start of the run, in neuron 2 of 3"),
    "shared": (lambda: nb.Neurons(3, "dv/dt = -v/tau : 1\ntau : ms (shared)", tau=np.nan, name="c"), "'tau' of 'c' is NaN at the start of the run\n"),
    "Python": (lambda: nb.Neurons(3, {"v": "1"}, initial={"v": np.nan}, name="c"), "'v' of 'c' is NaN at the start of the run, in 3 of 3 neurons"),
}  # fmt: skip


@pytest.mark.parametrize("name", START)
def test_values_that_are_wrong_from_the_start(name: str) -> None:
    make, message = START[name]
    cells, called = make(), []
    cells.at("start", lambda t: called.append(t))
    with pytest.raises(nb.ModelError) as caught:
        nb.Network(cells).run(1)
    assert str(caught.value).startswith(message)
    assert "check_finite=False" in str(caught.value)
    assert not called


def test_synapses_without_a_number() -> None:
    cells = nb.Neurons(2, "dv/dt = -v/ms : 1")
    synapses = nb.Synapses(cells, model="w : 1", on_pre="v += w", connect="all_to_all", name="s")
    synapses.w = [0, 1, np.inf, np.nan]
    with pytest.raises(nb.ModelError, match="'w' of 's' is NaN at the start of the run, in synapse 3 of 4"):
        nb.Network(cells, synapses).run(1)


@pytest.mark.parametrize("tau", [np.inf, [1, np.inf]])
@pytest.mark.parametrize("method", ["exact", "euler"])
def test_parameters_may_be_infinite(tau: Any, method: str) -> None:
    cells = nb.Neurons(2, TAU, tau=tau, initial={"v": 1}, method=method)
    nb.Network(cells).run(20)
    assert cells.v[1] == 1


# ---- what it costs ----


@pytest.mark.parametrize(
    "equations", ["dv/dt = (0.9 - v)/(10*ms) : 1", "dv/dt = (u - v)/(10*ms) : 1\ndu/dt = -u/ms : 1"]
)
def test_looking_costs_little(equations: str) -> None:
    cells = nb.Neurons(4000, equations, threshold="v > 1", reset="v = 0")
    net = nb.Network(cells)
    net.run(1)
    assert instructions(net._guard.check) / CHECKED < 1  # of a step, which has hundreds
    assert memory(net._guard.check) < 2000  # no array of all neurons


def test_long_sums_are_made_of_parts() -> None:
    """Of 100,000 neurons, the last one is bad."""
    cells = nb.Neurons(100_000, "dv/dt = v**3/ms : 1", method="euler")
    cells.v[-1] = 3
    error = diverge(nb.Network(cells), 2)
    assert error.neurons.tolist() == [99_999]


# ---- is dt small enough? ----


EXPLICIT = [name for name, method in METHODS.items() if method.stable is not None]


def test_limits_of_the_textbooks() -> None:
    limits = {"euler": 2, "rk2": 2, "rk4": 2.785293563}
    assert {name: METHODS[name].stable for name in limits} == pytest.approx(limits, rel=1e-9)
    assert METHODS["exact"].stable is None
    assert METHODS["exponential_euler"].stable is None


def decaying(method: str, dt: float) -> tuple[nb.Neurons, nb.Network]:
    cells = nb.Neurons(3, TAU, tau=[7, 0.5, 3], initial={"v": 1}, method=method, name="cells")
    return cells, nb.Network(cells, dt=dt)


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4"])
def test_the_limit_is_where_values_begin_to_grow(method: str) -> None:
    limit = METHODS[method].stable
    assert limit is not None
    cells, net = decaying(method, 0.5 * limit * 0.999)
    net.run(10_000 * net.dt)  # a warning would be an error
    assert (np.abs(cells.v) <= 1).all()
    cells, net = decaying(method, 0.5 * limit * 1.001)
    with pytest.warns(nb.StabilityWarning) as caught:
        net.run(10_000 * net.dt)
    assert abs(cells.v[1]) > 100
    assert (np.abs(cells.v[[0, 2]]) <= 1).all()
    message = str(caught[0].message)
    assert caught[0].filename == __file__
    assert message.startswith(
        f"dt = {net.dt:g} ms is too large for method '{method}' in 'cells': 'v' decays "
    )
    assert "with a time constant of 0.5 ms" in message
    assert message.endswith("; or use method='exact'")
    bound = re.search(r"dt must be below ([0-9.]+) ms", message)
    assert bound is not None
    assert float(bound[1]) == pytest.approx(0.5 * limit, rel=1e-3)


def test_the_warning_points_to_the_line_of_the_user() -> None:
    """Whatever stands between: `run()` looks at its arguments in a call of its own."""
    ways = [lambda net: net.run(net.dt), lambda net: net.run(duration=net.dt), lambda net: net.step()]
    for way in ways:
        _, net = decaying("euler", 5.0)
        with pytest.warns(nb.StabilityWarning) as caught:
            way(net)
        assert (caught[0].filename, caught[0].lineno) == (__file__, way.__code__.co_firstlineno)


def test_at_the_limit_itself_nothing_grows() -> None:
    cells, net = decaying("euler", 1.0)
    net.run(1000)
    assert (np.abs(cells.v) <= 1).all()


@pytest.mark.parametrize("method", [None, "exact", "exponential_euler", "exponential_midpoint"])
def test_other_methods_have_no_limit(method: str | None) -> None:
    cells, net = decaying(method, 100.0)  # type: ignore[arg-type]
    net.run(1000)
    assert (np.abs(cells.v) <= 1).all()


def warned(net: nb.Network) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.run(net.dt)
    return [str(w.message) for w in caught if w.category is nb.StabilityWarning]


def test_the_fastest_of_several_variables_is_named_once_for_each_group() -> None:
    equations = "dv/dt = (w - v)/(20*us) : 1\ndu/dt = -u/(10*us) : 1\ndw/dt = w**2/ms : 1"
    groups = [nb.Neurons(2, equations, method="rk4", name=name) for name in ("a", "b")]
    found = warned(nb.Network(groups, dt=0.1))
    assert len(found) == 2
    assert "in 'b': 'u' decays with a time constant of 0.01 ms, so dt must be below 0.02785 ms" in found[1]
    assert "method=" not in found[1]  # w**2 can be done by explicit methods only


def test_the_decay_may_depend_on_states_parameters_and_time() -> None:
    cells = nb.Neurons(2, "dv/dt = -v*(1 + u)*k(t)/tau : 1\ndu/dt = -u/ms : 1\ntau : ms", tau=10, method="euler",
                       k=nb.timed([1, 100], 1))  # fmt: skip
    net = nb.Network(cells, dt=0.1)
    assert warned(net) == []
    cells.u = [0, 1000]
    assert "'v' decays with a time constant of 0.00999 ms" in warned(net)[0]
    cells.u = 0
    net.run(0.9)
    cells.tau = 2
    assert "'v' decays with a time constant of 0.02 ms" in warned(net)[0]
    cells.tau = [2, 1]
    assert "'v' decays with a time constant of 0.01 ms" in warned(net)[0]


def test_what_is_random_or_calculated_later_is_left_out() -> None:
    """Random numbers are those of the run, with and without a look at the decay."""
    equations = "dv/dt = (1 - v)*rand()/(10*us) : 1\ndu/dt = (rand() - u)/ms : 1\ndw/dt = (1 - w)*k/(10*us) : 1\nk = 1 + i : 1 (constant over dt)"
    found = []
    for looking in (True, False):
        nb.seed(3)
        cells = nb.Neurons(2, equations, method="euler", name="drawing")
        net = nb.Network(cells, dt=0.1)
        if not looking:
            net._stability.clear()
        assert warned(net) == []
        found.append([cells.v.tolist(), cells.u.tolist(), cells.w.tolist()])
    assert found[0] == found[1]
    assert 0 not in np.array(found)


def test_growth_is_no_decay() -> None:
    cells = nb.Neurons(1, "dv/dt = v/(10*us) : 1", method="euler", initial={"v": 1})
    assert warned(nb.Network(cells, dt=0.1)) == []


@pytest.mark.parametrize(("method", "dt", "expected"), [("euler", 0.5, 1), ("rk4", 0.5, 0), ("rk4", 1, 1)])
def test_hodgkin_huxley(method: str, dt: float, expected: int) -> None:
    cells = nb.Neurons(1, "hodgkin_huxley", method=method)
    found = warned(nb.Network(cells, dt=dt, check_finite=False))
    assert len(found) == expected
    if expected:
        assert "'m' decays" in found[0]
        assert "method='exponential_midpoint'" in found[0]
