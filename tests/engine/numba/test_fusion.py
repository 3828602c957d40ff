"""Many steps in one call: what comes out, and what is left for the steps that follow, is what single steps give."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

pytest.importorskip("numba", reason="the engine of numba needs the extra `jit`")

LIF = """
    dv/dt = (E - v + g)/(20*ms) : mV (unless refractory)
    dg/dt = -g/(5*ms) : mV
    E : mV
"""


def lif(
    engine,
    *,
    delay="0 ms",
    on_pre="g += w",
    refractory="2 ms",
    n=60,
    statements="v = -60*mV",
    second_pre="v -= 0.4*mV",
    **others,
):
    nb.seed(5)
    cells = nb.Neurons(n, LIF, threshold="v > -50*mV", reset=statements, refractory=refractory, E="-48*mV + 2*mV*i/N",
                       initial={"v": "-60*mV + 10*mV*rand()"}, method="exact", **others)  # fmt: skip
    parts = cells[: n // 2], cells[n // 2 :]
    first = nb.Synapses(
        parts[0], cells, "w : mV", on_pre=on_pre, connect=nb.connect.probability(0.2), delay=delay
    )
    first.w = "0.3*mV*(1 + i/N_pre)"
    second = nb.Synapses(parts[1], cells, on_pre=second_pre, connect=nb.connect.probability(0.1))
    spikes = nb.Monitor(cells, "spikes")
    some = nb.Monitor(cells[5:20], "spikes")
    net = nb.Network(cells, first, second, spikes, some, dt=0.1, engine=engine)
    return net, cells, spikes, some


def leaps(net):
    return net._core.leap is not None


CASES = {
    "no delay": {},
    "delay": {"delay": "1.5 ms"},
    "a delay of one step": {"delay": "0.1 ms"},
    "shielded": {"on_pre": "v += w", "delay": "0.7 ms", "second_pre": "g -= 0.4*mV"},
    "one ring for two pathways": {"on_pre": "v += w", "delay": "0.7 ms"},
    "delays of their own": {"delay": "0.1*ms + 3*ms*rand()"},
    "of both sides": {"on_pre": "g += w*(1 + E_pre/mV/100 - E_post/mV/100)"},
    "never refractory": {"refractory": None},
    "several statements": {"statements": "v = -60*mV - g/10; g *= 0.5"},
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_after_runs_of_any_length(name):
    (one, cells, spikes, some), (two, mine, found, mine_of_some) = (
        lif(e, **CASES[name]) for e in ("numpy", "numba")
    )
    for duration in (0.1, 0.3, 7.3, 1.0, 20.0, 0.2, 40.0):
        one.run(duration)
        two.run(duration)
        for variable in ("v", "g"):
            expected = getattr(cells, variable)
            assert np.allclose(
                getattr(mine, variable), expected, rtol=1e-12, atol=1e-12 * abs(expected).max()
            )
        assert np.array_equal(spikes.t, found.t)
        assert np.array_equal(spikes.i, found.i)
        assert np.array_equal(some.t, mine_of_some.t)
        assert np.array_equal(some.i, mine_of_some.i)
        if name != "never refractory":
            assert np.array_equal(cells.not_refractory, mine.not_refractory)
    assert len(spikes) > 100
    assert leaps(two)
    assert not leaps(one)
    assert "numpy: " not in str(two.schedule)


@pytest.mark.parametrize("delay", ["1.5 ms", "0.1*ms + 3*ms*rand()"])
@pytest.mark.parametrize(("first", "second"), [("numpy", "numba"), ("numba", "numpy")])
def test_checkpoints_with_spikes_under_way(first, second, delay):
    whole, cells, spikes, _ = lif("numpy", delay=delay)
    whole.run(45)
    net, *_ = lif(first, delay=delay)
    net.run(20)
    snapshot = net.snapshot()
    net, mine, found, _ = lif(second, delay=delay)
    net.restore(snapshot)
    net.run(25)
    assert np.array_equal(spikes.t, found.t)
    assert np.array_equal(spikes.i, found.i)
    assert np.allclose(cells.v, mine.v, rtol=1e-12)


def test_python_stages_end_it():
    net, cells, *_ = lif("numba")
    net.run(1)
    assert leaps(net)
    seen = []
    net.at("end", lambda t: seen.append(t), every="0.1 ms")
    net.run(2)
    assert not leaps(net)
    assert len(seen) == 20


def test_parameters_assigned_between_runs():
    found = []
    for engine in ("numpy", "numba"):
        net, cells, spikes, _ = lif(engine, delay="0.5 ms")
        net.run(10)
        cells.E = "-45 mV"
        net.run(10)
        cells.v[3] = -51.0
        net.run(5)
        found.append((spikes.t, spikes.i, cells.v.copy()))
    for mine, other in zip(*found, strict=True):
        assert np.allclose(mine, other, rtol=1e-12)


def test_the_last_spike():
    found = []
    for engine in ("numpy", "numba"):
        cells = nb.Neurons(9, "dv/dt = (1.2 + 0.1*i - v)/(10*ms) : 1\nage = t - lastspike : ms", threshold="v > 1", reset="v = 0", method="exact")  # fmt: skip
        net = nb.Network(cells, engine=engine)
        net.run(60)
        found.append((cells.lastspike.copy(), cells.v.copy()))
        assert leaps(net) == (engine == "numba")
    for mine, other in zip(*found, strict=True):
        assert np.allclose(mine, other, rtol=1e-12)


def test_progress_and_the_end_of_a_run():
    net, cells, *_ = lif("numba")
    told = []
    net.run(30, progress=lambda done: told.append(done))
    assert told[-1] == 1.0
    assert net.t == pytest.approx(30)


def network(model, engine):
    """CUBA, or COBAHH, of Brette et al. 2007."""
    nb.seed(3)
    if model == "cuba":
        cells = nb.Neurons(4000, """
            dv/dt  = (ge + gi - (v + 49*mV))/(20*ms) : mV (unless refractory)
            dge/dt = -ge/(5*ms) : mV
            dgi/dt = -gi/(10*ms) : mV
            """, threshold="v > -50*mV", reset="v = -60*mV", refractory="5 ms", method="exact",
            initial={"v": "-60*mV + 10*mV*rand()"})  # fmt: skip
        excite, inhibit = "ge += 1.62*mV", "gi -= 9*mV"
    else:
        cells = nb.Neurons(4000, """
            dv/dt  = (10*nS*(-60*mV - v) + ge*(0*mV - v) + gi*(-80*mV - v)
                      - 20*uS*m**3*h*(v - 50*mV) - 6*uS*n**4*(v + 90*mV))/(200*pF) : mV
            dm/dt  = 0.32*(13*mV - u)/(exp((13*mV - u)/(4*mV)) - 1)/mV/ms*(1 - m) - 0.28*(u - 40*mV)/(exp((u - 40*mV)/(5*mV)) - 1)/mV/ms*m : 1
            dn/dt  = 0.032*(15*mV - u)/(exp((15*mV - u)/(5*mV)) - 1)/mV/ms*(1 - n) - 0.5*exp((10*mV - u)/(40*mV))/ms*n : 1
            dh/dt  = 0.128*exp((17*mV - u)/(18*mV))/ms*(1 - h) - 4/(1 + exp((40*mV - u)/(5*mV)))/ms*h : 1
            dge/dt = -ge/(5*ms) : nS
            dgi/dt = -gi/(10*ms) : nS
            u = v + 63*mV : mV
            """, threshold="v > -20*mV", refractory="3 ms", method="exponential_euler",
            initial={"v": "-65*mV + 5*mV*randn()", "ge": "40*nS + 15*nS*randn()", "gi": "200*nS + 120*nS*randn()"})  # fmt: skip
        excite, inhibit = "ge += 6*nS", "gi += 67*nS"
    some = nb.connect.probability(0.02)
    exc = nb.Synapses(cells[:3200], cells, on_pre=excite, connect=some)
    inh = nb.Synapses(cells[3200:], cells, on_pre=inhibit, connect=some)
    spikes = nb.Monitor(cells, "spikes")
    return nb.Network(cells, exc, inh, spikes, dt=0.1, engine=engine), spikes


@pytest.mark.parametrize(("model", "duration"), [("cuba", 1000), ("cobahh", 100)])
def test_large_networks_give_the_same_spikes(model, duration):
    found = []
    for engine in ("numpy", "numba"):
        net, spikes = network(model, engine)
        net.run(duration)
        assert leaps(net) == (engine == "numba")
        found.append((spikes.t, spikes.i))
    assert len(found[0][0]) > 5000
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])
