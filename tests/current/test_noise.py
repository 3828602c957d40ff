"""Ornstein-Uhlenbeck noise: law, streams, checkpoints, sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import numpybrain as nb
from numpybrain import current

MODEL = "I : nA"


def record(course: Any, n: int = 400, duration: float = 100, dt: float = 0.1, **given: Any) -> np.ndarray:
    cells = nb.Neurons(n, MODEL, I=course)
    trace = nb.Monitor(cells, "I", **given)
    nb.Network(cells, trace, dt=dt).run(duration)
    return trace.I


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_law(dt: float) -> None:
    """Normal at every time, with exponential autocorrelation, independent among neurons."""
    x = record(current.ou("0.5 nA", "200 pA", tau="5 ms"), n=2000, duration=40, dt=dt)
    for row in (x[0], x[len(x) // 2], x[-1]):
        assert stats.kstest(row, "norm", args=(0.5, 0.2)).pvalue > 1e-3
    for lag in (1.0, 5.0, 10.0):
        r = stats.pearsonr(x[0], x[round(lag / dt)]).statistic
        wanted = np.exp(-lag / 5)
        assert np.arctanh(r) == pytest.approx(np.arctanh(wanted), abs=4 / np.sqrt(2000 - 3))
    c = np.corrcoef(x[:: round(40 / dt / 4), :300].T)
    assert abs(c[np.triu_indices(300, 1)].mean()) < 0.05


def test_shared_noise_and_values_for_each_neuron() -> None:
    x = record(current.ou(0, [1.0, 2.0, 3.0], tau=5, shared=True), n=3)
    assert np.allclose(x[:, 1], 2 * x[:, 0])
    assert np.allclose(x[:, 2], 3 * x[:, 0])
    assert 0.5 < x[:, 0].std() < 1.5
    y = record(current.ou(0, [1.0, 2.0, 3.0], tau=5), n=3)
    assert abs(np.corrcoef(y.T)[0, 1]) < 0.9


def test_each_parameter_has_noise_of_its_own() -> None:
    noise = current.ou(0, 1, tau=5)
    cells = nb.Neurons(3, "I : 1\nJ : 1", I=noise, J=noise + 1)
    others = nb.Neurons(3, "I : 1", I=noise)
    a, b = nb.Monitor(cells, "I", "J"), nb.Monitor(others, "I")
    nb.Network(cells, others, a, b).run(50)
    found = [a.I, a.J - 1, b.I]
    for one in range(3):
        for other in range(one):
            assert abs(np.corrcoef(found[one][::50].ravel(), found[other][::50].ravel())[0, 1]) < 0.7
            assert not np.allclose(found[one], found[other])


def test_noise_shifts_nobodys_draws() -> None:
    def run(*, noise: bool) -> np.ndarray:
        nb.seed(4)
        cells = nb.Neurons(3, "dv/dt = -v/(5*ms) + xi/ms**0.5 : 1\nI : 1", initial={"v": "rand()"})
        if noise:
            cells.I = current.ou(0, 1, tau=5) + 1
        trace = nb.Monitor(cells, "v")
        nb.Network(cells, trace).run(20)
        return trace.v

    assert np.array_equal(run(noise=True), run(noise=False))


def test_seeds_and_reading_in_between() -> None:
    """The same seed gives the same noise, whether somebody looks at it between runs or not."""
    found = []
    for reads in (False, True):
        nb.seed(6)
        cells = nb.Neurons(2, MODEL, I=current.ou(0, 1, tau=5))
        trace = nb.Monitor(cells, "I")
        net = nb.Network(cells, trace)
        for _ in range(4):
            if reads:
                present = cells.I.tolist()
                assert cells.I.tolist() == present
            net.run(1)
            if reads:
                assert trace.I[-10].tolist() == present
        found.append(trace.I)
    assert np.array_equal(*found)


def made() -> tuple[nb.Network, nb.Monitor, nb.Neurons]:
    cells = nb.Neurons(5, MODEL, name="cells")
    cells.I = current.ou("1 nA", "0.5 nA", tau=3) * current.steps({0: 2}) + current.ou(
        "1 nA", "0.5 nA", tau=8, shared=True
    )
    trace = nb.Monitor(cells, "I", name="trace")
    return nb.Network(cells, trace), trace, cells


def test_checkpoints(tmp_path: Any) -> None:
    net, trace, cells = made()
    net.run(5)
    net.save(tmp_path / "saved")
    snapshot = net.snapshot()
    net.run(5)
    expected = trace.I.tolist()
    net.restore(snapshot)
    net.run(5)
    assert trace.I.tolist() == expected
    nb.seed(123)
    net, trace, cells = made()
    net.load(tmp_path / "saved")
    net.run(5)
    assert trace.I.tolist() == expected
    cells.I = 3
    with pytest.raises(nb.CheckpointError, match="'courses/I"):
        net.load(tmp_path / "saved")


def test_a_snapshot_from_before_the_noise() -> None:
    cells = nb.Neurons(2, MODEL)
    net = nb.Network(cells)
    net.run(1)
    snapshot = net.snapshot()
    cells.I = current.ou("1 nA", "1 nA", tau=3)
    net.run(1)
    net.restore(snapshot)
    net.run(1)
    assert np.isfinite(cells.I).all()


def test_what_is_refused() -> None:
    with pytest.raises(nb.ArgumentError, match="is not negative"):
        current.ou(0, -1, tau=5)
    with pytest.raises(nb.TimeStepError, match="must be positive"):
        current.ou(0, 1, tau=0)
    with pytest.raises(nb.UnitError):
        current.ou("1 nA", "1 mV", tau=1)
    assert repr(current.ou("1 nA", "1 nA", tau=1)) == "<Ornstein-Uhlenbeck noise of 1 ms in nA>"
