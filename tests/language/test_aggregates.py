"""Aggregates over a group in texts, against closed forms and loops in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from scipy.integrate import solve_ivp

import numpybrain as nb

START = np.array([1.0, 2.0, 3.0, 10.0])
TO_MEAN = "dv/dt = (mean(v) - v)/tau : mV\ntau = 10*ms : ms\nw : 1"


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4"])
def test_each_stage_takes_the_mean_of_its_own_values(method: str) -> None:
    cells = nb.Neurons(4, "dv/dt = (mean(v*v)/mV - v)/tau : mV\ntau = 10*ms : ms", method=method,
                       initial={"v": START / 10})  # fmt: skip
    nb.Network(cells, dt=0.5).run(5)

    def rate(v):
        return (np.mean(v * v) - v) / 10

    v, dt = START / 10, 0.5
    for _ in range(10):
        k1 = rate(v)
        if method == "euler":
            v = v + dt * k1
        elif method == "rk2":
            v = v + dt * rate(v + dt / 2 * k1)
        else:
            k2 = rate(v + dt / 2 * k1)
            k3 = rate(v + dt / 2 * k2)
            v = v + dt / 6 * (k1 + 2 * k2 + 2 * k3 + rate(v + dt * k3))
    assert np.allclose(cells.v, v, rtol=1e-13)


def test_the_default_method_has_the_closed_form() -> None:
    cells = nb.Neurons(4, TO_MEAN, initial={"v": START})
    nb.Network(cells, dt=0.1).run(10)
    assert np.allclose(cells.v, 4 + (START - 4) * np.exp(-1), atol=1e-8)
    assert cells.update.method == "rk4"


def test_refractory_neurons_count_and_stand_still_at_every_stage() -> None:
    cells = nb.Neurons(4, "dv/dt = (mean(v) - v)/tau : mV (unless refractory)\ntau = 10*ms : ms",
                       threshold="v > 9*mV", reset="v = 0*mV", refractory="2 ms",
                       initial={"v": START})  # fmt: skip
    assert cells.update.method == "rk4"
    nb.Network(cells, dt=0.5).run(5)
    v, last = START.copy(), np.full(4, -100)

    def rate(v, free):
        return np.where(free, (v.mean() - v) / 10, 0)

    for k in range(10):
        free = k - last >= 4
        v = rk4(v, 0.5, rate, free)
        fired = (v > 9) & free
        v[fired], last[fired] = 0, k
    assert np.allclose(cells.v, v, rtol=1e-13)
    assert v[3] > 0  # it fired, stood still, and went on


def rk4(v, dt, rate, *given):
    k1 = rate(v, *given)
    k2 = rate(v + dt / 2 * k1, *given)
    k3 = rate(v + dt / 2 * k2, *given)
    return v + dt / 6 * (k1 + 2 * k2 + 2 * k3 + rate(v + dt * k3, *given))


RESET = """
a = mean(v)
v -= 3*mV
if mean(v) > 2*mV:
    w += sum(w) + max(a, 4*mV)/mV
v += max(v) - a
"""


@pytest.mark.parametrize("where", ["reset", "on_event"])
def test_statements_at_spikes_see_the_group_as_it_is_by_then(where: str) -> None:
    fires = {"threshold": "v > 2.5*mV", "reset": RESET}
    if where == "on_event":
        fires = {"events": {"up": "v > 2.5*mV"}, "on_event": {"up": RESET}}
    equations = "dv/dt = 1*mV/ms : mV (unless refractory)\nw : 1"
    cells = nb.Neurons(4, equations, initial={"v": START, "w": START}, refractory="5 ms" if where == "reset" else None,
                       **fires)  # fmt: skip
    nb.Network(cells, dt=1).run(3)
    v, w, last = START.copy(), START.copy(), np.full(4, -100)
    for k in range(3):
        free = (k - last >= 5) | (where == "on_event")
        v = v + free
        fired = (v > 2.5) & free
        a = v.mean()
        v = np.where(fired, v - 3, v)
        if v.mean() > 2:
            w = np.where(fired, w + w.sum() + max(a, 4), w)
        v = np.where(fired, v + v.max() - a, v)
        last[fired] = k
    assert np.allclose(cells.v, v, rtol=1e-13)
    assert np.allclose(cells.w, w, rtol=1e-13)


@pytest.mark.parametrize("refractory", ["mean(v)*ms/mV", "v < mean(v)"])
def test_refractory_periods_and_conditions(refractory: str) -> None:
    cells = nb.Neurons(3, "dv/dt = 1*mV/ms : mV", threshold="v > 3*mV", reset="v = 0*mV",
                       refractory=refractory, initial={"v": [0, 1, 3]})  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=1).run(9)
    v, until, found = np.array([0.0, 1, 3]), np.full(3, -1), []
    held = np.zeros(3, bool)
    for k in range(9):
        if "<" in refractory:
            held &= v < v.mean()
        free = ~held if "<" in refractory else k >= until
        v += 1
        fired = (v > 3) & free
        v[fired] = 0
        held |= fired
        until[fired] = k + max(1, round(v.mean()))
        found += [(k, i) for i in np.flatnonzero(fired)]
    assert [(round(t), i) for t, i in zip(spikes.t, spikes.i, strict=True)] == found
    assert len(found) > 3


@pytest.mark.parametrize("part", [slice(1, 3), [0, 2, 3]])
def test_stages_and_values_of_a_part_are_about_the_part(part: slice | list[int]) -> None:
    cells = nb.Neurons(4, "v : mV\nw : 1", initial={"v": START})
    chosen = cells[part]
    chosen.w = "sum(v/mV) + mean(v/mV)"
    expected = START[part].sum() + START[part].mean()
    assert np.array_equal(chosen.w, np.full(len(START[part]), expected))
    assert np.count_nonzero(cells.w) == len(START[part])
    chosen.at("end", "v = mean(v) + sum(1)*mV")
    nb.Network(cells, dt=1).run(2)
    assert np.allclose(chosen.v, START[part].mean() + 2 * len(START[part]))
    assert cells[chosen.size :].v[-1] == START[-1] or isinstance(part, list)


def test_values_and_conditions() -> None:
    cells = nb.Neurons(4, TO_MEAN, initial={"v": START})
    cells.w = "sum(v/mV) + max(v/mV) + min(v/mV) + sum(1) + mean(v > 2*mV) + max(v/mV, 5)"
    assert np.array_equal(cells.w, 16 + 10 + 1 + 4 + 0.5 + np.maximum(START, 5))
    cells.v = "v - mean(v)"
    assert np.array_equal(cells.v, START - 4)
    one = nb.Neurons(1, "w : 1", initial={"w": "sum(3) + mean(4)"})
    assert one.w[0] == 7


def test_thresholds_and_parameters_that_change() -> None:
    cells = nb.Neurons(4, "dv/dt = mean(p)/ms : 1\np : 1", threshold="v > mean(v)", method="euler", p=START)
    cells.v = START
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=1)
    net.run(1)
    assert list(spikes.i) == [3]
    cells.p = 0
    net.run(1)
    assert np.array_equal(cells.v, START + 4)


@pytest.mark.parametrize("method", ["exact", "exponential_euler", "backward_euler", "rk45"])
def test_methods_for_single_neurons_refuse(method: str) -> None:
    with pytest.raises(nb.MethodError, match="mean|couple"):
        nb.Neurons(4, TO_MEAN, method=method)


@pytest.mark.parametrize(
    "texts", [{"equations": "w : 1\ndq/dt = mean(q)/ms : 1 (clock-driven)"}, {"on_pre": "w += mean(w)"},
              {"on_pre": "w += m_post/mV"}, {"equations": "w : 1\nx_post = mean(v_pre) : mV (summed)"}]
)  # fmt: skip
def test_synapses_refuse(texts: dict[str, str]) -> None:
    cells = nb.Neurons(4, TO_MEAN + "\nm = mean(v) : mV\nx : mV", threshold="v > 1*mV")
    with pytest.raises(nb.ModelError, match=r"over a group of neurons[^$]*m = mean\(v\)"):
        nb.Synapses(cells, cells, texts.pop("equations", "w : 1"), connect=nb.connect.all_to_all(), **texts)


def test_synapses_read_what_neurons_calculate_in_each_step() -> None:
    cells = nb.Neurons(
        4, "v : mV\nm = mean(v) : mV (constant over dt)", threshold="v > 5*mV", initial={"v": START}
    )
    nb.Network(
        cells,
        nb.Synapses(cells, cells, "w : mV", on_pre="w += m_post", connect=nb.connect.all_to_all()),
        dt=1,
    )


@pytest.mark.parametrize(
    "texts", [{"equations": TO_MEAN}, {"reset": "v = mean(v)"}, {"refractory": "mean(v)*ms/mV"},
              {"threshold": "v > mean(v)"}]
)  # fmt: skip
def test_spikes_between_steps_refuse(texts: dict[str, str]) -> None:
    given = {
        "equations": "dv/dt = 1*mV/ms : mV\nw : 1",
        "threshold": "v > 5*mV",
        "reset": "v = 0*mV",
    } | texts
    with pytest.raises(nb.ModelError, match="between steps"):
        nb.Neurons(4, given.pop("equations"), spike_times="interpolated", **given)


def test_what_takes_neurons_one_by_one_refuses() -> None:
    with pytest.raises(nb.ModelError, match="couple its neurons"):
        nb.Neurons(4, TO_MEAN, initial="steady")
    with pytest.raises(nb.ModelError, match="look at all neurons"):
        nb.plot.phase_plane(nb.Neurons(4, TO_MEAN.replace("w : 1", "dw/dt = -w/ms : 1")), "v", "w")


def test_noise_takes_the_mean_as_it_was() -> None:
    cells = nb.Neurons(
        1000, "dv/dt = -mean(v)/(10*ms) + s*xi : 1\ns = 0.1/ms**0.5 : ms**-0.5", initial={"v": 1.0}
    )
    assert cells.update.method == "heun"
    nb.Network(cells, dt=0.1).run(10)  # the mean decays, and each goes its own way about it
    assert abs(np.mean(cells.v) - np.exp(-1)) < 5 * 0.1 * np.sqrt(10 / 1000)
    assert abs(np.var(cells.v) - 0.1) < 0.1 * 5 * np.sqrt(2 / 1000)
    with pytest.raises(nb.MethodError, match="milstein"):
        nb.Neurons(4, "dv/dt = -v/ms + mean(v)*xi/ms**0.5 : 1", method="milstein")


def test_kuramoto_oscillators_against_scipy() -> None:
    n, coupling = 20, 0.3
    omega = np.linspace(-0.1, 0.1, n)
    cells = nb.Neurons(n, """
        c = mean(cos(theta)) : 1
        s = mean(sin(theta)) : 1
        dtheta/dt = omega + K*(s*cos(theta) - c*sin(theta)) : 1
        omega : kHz
        K : kHz
        """, omega=omega, K=coupling, initial={"theta": "i"})  # fmt: skip
    nb.Network(cells, dt=0.1).run(50)

    def rates(_t, x):
        return omega + coupling * np.sin(x - x[:, None]).mean(axis=1)

    found = solve_ivp(rates, (0, 50), np.arange(n), rtol=1e-10, atol=1e-10)
    assert np.allclose(cells.theta, found.y[:, -1], atol=1e-6)


def test_a_run_goes_on_from_a_checkpoint() -> None:
    def network():
        nb.seed(3)
        cells = nb.Neurons(6, "dv/dt = (mean(v) - v)/(9*ms) + 0.2*xi*mV/ms**0.5 : mV (unless refractory)", name="c",
                           threshold="v > mean(v) + 0.4*mV", reset="v = min(v)", refractory="1*ms + 0*ms*mean(v/mV)", initial={"v": "i*mV"})  # fmt: skip
        return nb.Network(cells, dt=0.1), cells

    whole, expected = network()
    whole.run(20)
    first, _ = network()
    first.run(7.3)
    saved = first.snapshot()
    second, found = network()
    second.restore(saved)
    second.run(12.7)
    assert np.array_equal(found.v, expected.v)


def test_they_print_as_they_are_written() -> None:
    cells = nb.Neurons(4, "dv/dt = (mean(v) + max(v) - v)/ms : mV")
    assert "mean(v)" in cells.update.why
    assert "_of" not in cells.update.why
    latex = cells.model._repr_latex_()
    assert r"\max\left(v" in latex
    assert r"\mathrm{mean}\left(v" in latex


def test_own_names_keep_their_meaning() -> None:
    cells = nb.Neurons(2, "mean : 1\nsum = 2*mean : 1", mean=3)
    assert np.array_equal(cells.sum, [6, 6])


def test_chosen_elements_of_a_subexpression_are_those_of_the_whole_group() -> None:
    cells = nb.Neurons(4, "v : mV\nfar = v - mean(v) : mV", initial={"v": START})
    record = nb.Monitor(cells, "far", of=[0, 3])
    nb.Network(cells, record, dt=1).run(1)
    assert np.array_equal(record.far[0], [-3, 6])
    assert np.array_equal(cells.v["v > mean(v)"], [10])
    assert np.array_equal(cells["v > mean(v)"].v, [10])
    assert np.array_equal(cells[1:3].far, [-2, -1])
    assert np.array_equal(cells.far[[0, 3]], [-3, 6])


def test_one_neuron_is_its_own_mean() -> None:
    cells = nb.Neurons(1, "dv/dt = (sum(a) - mean(v))/(10*ms) : 1\na : 1", initial={"v": 1.0})
    nb.Network(cells, dt=0.1).run(10)
    assert np.isclose(cells.v[0], np.exp(-1), atol=1e-7)
