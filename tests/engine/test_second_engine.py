"""A second engine keeps the written contract, and gives the same spikes as the engine of NumPy."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.engine.engine_table import ENGINES
from numpybrain.kernel.contracts import RunContext
from tests.engine.slow import SlowEngine
from tests.golden.networks import NETWORKS
from tests.kernel import synapse_checkpoints


@pytest.fixture
def slow(monkeypatch):
    engine = SlowEngine()
    monkeypatch.setitem(ENGINES, "slow", engine)
    return engine


@contextlib.contextmanager
def preferred(engine):
    """Networks that are made inside prefer an engine."""
    before = RunContext.__init__.__defaults__
    RunContext.__init__.__defaults__ = (engine,)
    try:
        yield
    finally:
        RunContext.__init__.__defaults__ = before


def run(make, engine, duration):
    """What `make` gives of a network of its objects, after a run with an engine."""
    nb.seed(7)
    *objects, look = make()
    with preferred(engine):
        net = nb.Network(*objects, dt=0.1)
    net.run(duration)
    return look()


def lif():
    """Threshold, refractoriness that holds v, reset, noise drawn in each step, statements at spikes."""
    cells = nb.Neurons(
        8,
        """
        dv/dt = (I - v + 0.2*s)/(10*ms) + 0.3*xi*ms**-0.5 : 1 (unless refractory)
        ds/dt = -s/(5*ms) : 1
        I : 1
        n : integer
        """,
        threshold="v > 1", reset="v = 0; n += 1", refractory="2 ms",
        I=np.linspace(1.1, 2.5, 8), initial={"v": "rand()"}, method="euler",
    )  # fmt: skip
    syn = nb.Synapses(
        cells, cells, on_pre="s_post += w; v_post += 0.01", connect="i != j", w=0.05, delay="0.5 ms"
    )
    spikes = nb.Monitor(cells, "spikes")
    return cells, syn, spikes, lambda: (spikes.t, spikes.i, cells.v.copy(), cells.n.copy())


def stdp():
    """Synapses with traces that decay exactly until they are read, clipped weights, delays of their own."""
    source = nb.Neurons(4, "rate : Hz", threshold="rand() < rate*dt", rate="60 Hz")
    cells = nb.Neurons(
        3, "dv/dt = (I - v)/(10*ms) : 1\nI : 1", threshold="v > 1", reset="v = 0", I=[1.05, 1.3, 2.0]
    )
    syn = nb.Synapses(
        source, cells,
        """
        w : 1
        dx/dt = -x/(20*ms) : 1 (event-driven)
        dy/dt = -y/(15*ms) : 1 (event-driven)
        """,
        on_pre="x += 0.1; w = clip(w - y, 0, 1); v_post += w",
        on_post="y += 0.12; w = clip(w + x, 0, 1)",
        connect="True", w="0.1 + 0.2*(i + j)/5", delay=np.linspace(0.1, 1.2, 12),
    )  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    return source, cells, syn, spikes, lambda: (spikes.t, spikes.i, syn.w.copy(), cells.v.copy())


def exact():
    """A linear system by a matrix exponential, one neuron, and a loop that asks for rates."""
    one = nb.Neurons(1, "dv/dt = (g - v)/(10*ms) : 1\ndg/dt = -g/(5*ms) : 1", initial={"v": 0.2, "g": 1.0})
    loop = nb.Neurons(3, "dv/dt = (v*v - w + I)/ms : 1\nI : 1\ndw/dt = (0.2*v - w)/(4*ms) : 1", method="rk45",
                      initial={"v": "0.1*i", "w": 0.05})  # fmt: skip
    implicit = nb.Neurons(2, "dv/dt = (1 - v**3)/(2*ms) : 1", method="rosenbrock", initial={"v": "0.5*i"})
    gap = nb.Synapses(
        loop, loop, "I_post = (v_pre - v_post)*w : 1 (summed)\nw : 1", connect="i != j", w=0.1
    )
    return (
        one,
        loop,
        implicit,
        gap,
        lambda: (one.v.copy(), one.g.copy(), loop.v.copy(), implicit.v.copy(), gap.w[:]),
    )


@pytest.mark.parametrize(("make", "duration"), [(lif, 40), (stdp, 60)])
def test_the_same_spikes(slow, make, duration):
    t, i, *values = run(make, "numpy", duration)
    others = run(make, "slow", duration)
    assert t.size > 10
    assert np.array_equal(t, others[0])
    assert np.array_equal(i, others[1])
    for mine, other in zip(values, others[2:], strict=True):
        assert np.allclose(mine, other, rtol=1e-10)
    words = " ".join(slow.taken)
    for what in ("state update", "threshold", "reset", "on_pre"):
        assert what in words


def test_matrix_exponentials_and_loops(slow):
    for mine, other in zip(run(exact, "numpy", 5), run(exact, "slow", 5), strict=True):
        assert np.allclose(mine, other, rtol=1e-7)


def test_what_an_engine_refuses_is_done_by_numpy(slow):
    def make():
        cells = nb.Neurons(
            2, "dv/dt = f(v)/ms : 1", functions={"f": lambda v: -v}, initial={"v": "1 + i"}, method="euler"
        )
        return cells, lambda: (cells.v.copy(),)

    assert np.allclose(run(make, "slow", 1)[0], np.array([1, 2]) * 0.9**10)
    assert slow.refused
    assert not any("state update" in label for label in slow.taken)


def test_an_unknown_engine_is_an_error(slow):
    with pytest.raises(nb.ArgumentError, match="there is no engine 'slw': did you mean 'slow'"):
        run(lif, "slw", 1)


FAST = ("noise", "refractory_each", "interpolated", "method_rosenbrock", "linked", "shared", "delays", "dendrite",
        "modulated", "instant kept", "sums", "growing")  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in FAST else pytest.mark.slow) for n in NETWORKS]
)
def test_all_kinds_of_networks(slow, name):
    """Every network of the golden file, so every place in which programs stand."""
    found = []
    for engine in ("numpy", "slow"):
        nb.seed(3)
        with preferred(engine):
            net = NETWORKS[name]()
        net.run(1.5)
        found.append(synapse_checkpoints.watch(net))
    assert slow.taken or name == "derivative"  # which is all Python
    for key, value in found[0].items():
        other = found[1][key]
        assert np.shape(value) == np.shape(other), key
        assert np.allclose(
            np.asarray(value, float), np.asarray(other, float), 1e-8, 1e-12, equal_nan=True
        ), key


def drawn():
    """Random numbers of every distribution, drawn in each step."""
    texts = ("uniform(-1, 2)", "exponential(2)", "gamma(1.5 + a, 2)", "lognormal(1 + a, 0.5)",
             "truncated_normal(a, 1, 0, 2)", "choice(1, a, 3)", "normal(a, 1)")  # fmt: skip
    names = [f"x{k}" for k in range(len(texts))]
    cells = nb.Neurons(5, "\n".join(f"{x} : 1" for x in (*names, "a")), a=[0.1, 0.2, 0.3, 0.4, 0.5])
    for name, text in zip(names, texts, strict=True):
        cells.at("end", f"{name} = {text}")
    return cells, lambda: [np.array(getattr(cells, name)) for name in names]


def test_the_same_random_numbers(slow):
    one, other = (run(drawn, engine, 0.5) for engine in ("numpy", "slow"))
    assert all(np.allclose(x, y, rtol=1e-14) for x, y in zip(one, other, strict=True))
    assert len({x.tobytes() for x in one}) == 7
