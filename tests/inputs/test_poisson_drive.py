"""Poisson drives: binomial counts, rates and weights in all forms, shielding, the formula of Siegert, checkpoints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import numpybrain as nb
from tests.faults.test_shielded_statements import LIF, siegert
from tests.inputs.trains import recorded

N = 500


def increments(
    n: int, rate: Any, weight: Any = 1, *, steps: int = 40, size: int = N, reassign: bool = False
) -> np.ndarray:
    """What is added in each step, shape (steps, size)."""
    cells = nb.Neurons(size, "v : mV")
    drive = cells.poisson("v", n, 0, 1)
    trace = nb.Monitor(cells, "v")
    net = nb.Network(cells, trace)
    drive.rate, drive.weight = rate, weight
    net.run(steps * 0.1 + 0.1)
    return np.diff(trace.v, axis=0)


@pytest.mark.parametrize(
    ("n", "rate"),
    [(1000, 20), (1, 500), (10, "2 kHz"), (3, 9000), (100_000, 100), (5, 10_000), (1000, "20*Hz + 0*Hz*i"), (1000, "20*Hz*(1 + 0*t/ms)")],
)  # fmt: skip
def test_counts_are_binomial(n: int, rate: Any) -> None:
    found = increments(n, rate).ravel()
    p = {"2 kHz": 0.2}.get(rate, 0.002 if isinstance(rate, str) else rate * 1e-4)
    assert (found == np.rint(found)).all()
    values, observed = np.unique(found, return_counts=True)
    wanted = stats.binom.pmf(values, n, p) * found.size
    if values.size == 1:
        assert wanted[0] == pytest.approx(found.size)
        return
    edges = stats.binom.ppf(np.linspace(0.1, 0.9, 9), n, p)
    bins = np.unique(np.concatenate([[-1], edges, [n]]))
    observed = np.histogram(found, bins + 0.5)[0]
    wanted = np.diff(stats.binom.cdf(bins, n, p)) * found.size
    assert (
        stats.chisquare(observed[wanted > 0], wanted[wanted > 0] * observed.sum() / wanted.sum()).pvalue
        > 1e-3
    )


def test_steps_and_neurons_are_independent() -> None:
    found = increments(1000, 20, steps=100)
    c = np.corrcoef(found)[np.triu_indices(100, 1)]
    assert abs(c.mean()) < 4 / np.sqrt(c.size * N)
    c = np.corrcoef(found.T)[np.triu_indices(N, 1)]
    assert abs(c.mean()) < 4 / np.sqrt(c.size * 100)


def test_rates_and_weights_for_each_neuron_and_over_time() -> None:
    rates, weights = np.linspace(0, 2000, N), np.linspace(-1, 1, N)
    found = increments(50, rates, weights, steps=400)
    mean, var = 50 * rates * 1e-4 * weights, 50 * rates * 1e-4 * (1 - rates * 1e-4) * weights**2
    z = (found.mean(axis=0)[1:] - mean[1:]) / np.sqrt(np.maximum(var[1:], 1e-30) / 400)
    assert stats.kstest(z[np.abs(weights[1:]) > 0.05], "norm").pvalue > 1e-3
    found = increments(50, lambda t: 400.0 if t >= 2 - 1e-9 else 0.0, "0.5*mV*(i < 100)", steps=40)
    assert not found[:20].any()
    assert not found[:, 100:].any()
    assert found[20:, :100].mean() == pytest.approx(
        50 * 0.04 * 0.5, abs=4 * 0.5 * np.sqrt(50 * 0.04 / 2000)
    )
    found = increments(50, "100 Hz", lambda t: 2.0 * (t > 1))
    assert not found[:10].any()
    assert set(np.unique(found)) <= {0.0, 2.0, 4.0, 6.0, 8.0, 10.0}


def lif(**given: Any) -> float:
    nb.seed(3)
    cells = nb.Neurons(
        1000, given.get("model", LIF), threshold="v > 20*mV", reset="v = 10*mV", refractory="2 ms"
    )
    cells.poisson("v", n=given.get("n", 1000), rate=given.get("rate", "18 Hz"), weight="0.1 mV")
    spikes, net = recorded(cells, 200)
    before = len(spikes)
    net.run(400)
    return (len(spikes) - before) / 1000 / 0.4


def test_rate_of_a_driven_neuron_is_that_of_siegert() -> None:
    """Shielded while refractory: 84 Hz, the rate of the formula; a variable that nothing shields gets all of it."""
    assert lif() == pytest.approx(siegert(2.0), rel=0.03)
    assert lif() == pytest.approx(84.0, rel=0.03)
    assert lif(rate="18*Hz + 0*Hz*t/ms") == pytest.approx(siegert(2.0), rel=0.03)
    assert lif(model=LIF.replace("(unless refractory)", "")) > 1.1 * siegert(2.0)


def test_refractory_neurons_are_left_alone() -> None:
    cells = nb.Neurons(
        4, "dv/dt = 0/ms : 1 (unless refractory)\nu : 1", threshold="v > 1", reset="v = 0", refractory="0.5 ms",
        initial={"v": "2*int(i < 2)"},
    )  # fmt: skip
    part = cells[1:3]
    cells.poisson("u", 1, "10 kHz", 1)
    part.poisson("v", 1, "10 kHz", 0.1)
    trace = nb.Monitor(cells, "v", "u")
    net = nb.Network(cells, trace)
    net.run(0.8)
    assert trace.u[7].tolist() == pytest.approx([7] * 4)
    assert trace.v[7].tolist() == pytest.approx([0, 0.2, 0.7, 0])
    assert len(net.objects) == 4


def made() -> tuple[nb.Network, nb.Neurons, Any]:
    cells = nb.Neurons(30, LIF, threshold="v > 20*mV", reset="v = 10*mV", refractory="2 ms", name="cells")
    drive = cells.poisson("v", 1000, "18 Hz", "0.1 mV", name="drive")
    cells[:10].poisson("v", 100, "50*Hz*(1 + sin(t/ms))", -0.1, name="inhibition")
    return nb.Network(cells), cells, drive


def test_checkpoints(tmp_path: Any) -> None:
    net, cells, drive = made()
    net.run(10.3)
    drive.rate = "19 Hz"
    net.save(tmp_path / "saved")
    net.run(10)
    expected = cells.v.tolist()
    nb.seed(17)
    net, cells, drive = made()
    net.load(tmp_path / "saved")
    net.run(3)
    net.run(7)
    assert cells.v.tolist() == expected
    assert drive.rate[0] == 19


def test_a_drive_shifts_nobodys_draws() -> None:
    def run(*, drives: bool) -> list[float]:
        nb.seed(8)
        cells = nb.Neurons(5, "dv/dt = -v/(10*ms) + xi/sqrt(10*ms) : 1\nu : 1", initial={"v": "rand()"})
        if drives:
            cells.poisson("u", 10, 100, 1)
        others = nb.Neurons(5, "x = rand() : 1 (constant over dt)", initial={})
        net = nb.Network(cells, others)
        net.run(5)
        return [*cells.v.tolist(), *others.x.tolist()]

    assert run(drives=True) == run(drives=False)


def test_it_comes_with_its_neurons() -> None:
    net, cells, drive = made()
    assert drive in net
    assert "1000 Poisson sources add to v of cells" in str(net.schedule)
    assert (
        repr(drive) == "<PoissonDrive 'drive' n=30 1000 sources onto v of cells rate=18 Hz weight=0.1 mV>"
    )
    late = cells.poisson("v", 1, 1, 1)
    assert late in net
    trace = nb.Monitor(cells, "v")
    net = nb.Network(nb.Neurons(1, "x : 1"))
    with pytest.raises(
        nb.NetworkError, match="'drive', which|'cells' belongs to another network|which 'drive' drives"
    ):
        nb.Network(drive)
    assert trace.name


def test_what_is_refused() -> None:
    cells = nb.Neurons(
        2, "dv/dt = -v/(10*ms) : mV\ng : nS (shared)\nk : integer\nc : 1 (constant)\nw = 2*v : mV\nx : mV (linked)",
        name="cells",
    )  # fmt: skip
    for name, words in (
        ("u", "'cells' has no variable 'u' to add to"), ("w", "'w' of 'cells' is no variable that can be added to"),
        ("g", "is shared"), ("k", "no variable that can"), ("c", "is constant"), ("x", "no variable that can"), ("i", "no variable"),
        (3, "adds to a variable, by name"),
    ):  # fmt: skip
        with pytest.raises(nb.NumpyBrainError, match=words):
            cells.poisson(name, 10, "20 Hz", 1)  # type: ignore[arg-type]
    for n in (-1, 1.5, "20 Hz", True):
        with pytest.raises(nb.ArgumentError, match="the number of Poisson sources is a whole number"):
            cells.poisson("v", n, 10, 1)  # type: ignore[arg-type]
    with pytest.raises(nb.UnitError, match="'rate' of"):
        cells.poisson("v", 1, "3 mV", 1)
    with pytest.raises(nb.UnitError, match="'weight' of"):
        cells.poisson("v", 1, 1, "3 Hz")
    with pytest.raises(nb.ShapeError):
        cells.poisson("v", 1, [1, 2, 3], 1)
    cells = nb.Neurons(2, "v : 1")
    cells.poisson("v", 10, 20_000, 1, name="drive")
    with pytest.raises(
        nb.TimeStepError, match="the rate of 'drive' is 20000 Hz: more than one spike in a step"
    ):
        nb.Network(cells).run(1)
    cells = nb.Neurons(2, "v : 1")
    assert cells.poisson("v", 0, 5, 1).n == 0
    nb.Network(cells).run(1)
    assert cells.v.tolist() == [0, 0]
