"""White noise: its statistics, its two readings, who refuses what, and firing through noise."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from scipy.integrate import quad
from scipy.special import erfcx

import numpybrain as nb
from numpybrain.symbolic import numpy_functions
from numpybrain.symbolic.methods import METHODS
from tests.methods.paths import prescribe

SIGMAS = 4.5  # standard errors that a mean may be off; the seed is fixed


def close(found: float, expected: float, error: float) -> bool:
    return abs(found - expected) < SIGMAS * error


# ---- the two readings ------------------------------------------------------------------------------------

GBM = "dx/dt = 0.5*x/ms + 0.6*x*xi/ms**0.5 : 1"


@pytest.mark.parametrize("reading", ["ito", "stratonovich", None])
@pytest.mark.parametrize(
    "method",
    [
        "euler_maruyama",
        "milstein",
        "heun",
        "exponential_euler_maruyama",
        "exponential_midpoint_maruyama",
        None,
    ],
)
def test_the_mean_tells_the_reading(method: str | None, reading: str | None) -> None:
    """E[x] = exp(mu t) in Ito's, exp((mu + sigma**2/2) t) in Stratonovich's, which is the usual one."""
    n, end = 20_000, 1.0
    cells = nb.Neurons(n, GBM, method=method, interpretation=reading, initial={"x": 1})
    nb.Network(cells, dt=0.01).run(end)
    mean = {"ito": 0.5, "stratonovich": 0.68, None: 0.68}[reading]
    spread = np.sqrt(np.exp(2 * mean * end) * (np.exp(0.36 * end) - 1) / n)
    assert close(cells.x.mean(), np.exp(mean * end), spread)
    assert not close(cells.x.mean(), np.exp((1.18 - mean) * end), spread)
    logs = np.log(cells.x)
    assert close(logs.std(), 0.6, 0.6 / np.sqrt(2 * n) * 1.5)


def test_additive_noise_reads_the_same() -> None:
    for method in (
        "euler_maruyama", "heun", "milstein", "sra1", "exponential_euler_maruyama", "exact",
        "exponential_midpoint_maruyama",
    ):  # fmt: skip
        found = []
        for reading in ("ito", "stratonovich"):
            nb.seed(5)
            cells = nb.Neurons(3, "dx/dt = -x/ms + 2*xi/ms**0.5 : 1", method=method, interpretation=reading)
            nb.Network(cells, dt=0.1).run(1)
            found.append(np.array(cells.x))
        assert np.array_equal(*found)


TWO = "dx/dt = -x/ms + xi_1/ms**0.5 : 1\ndy/dt = -y/ms + x*xi_2/ms**0.5 : 1"


def test_noises_that_do_not_commute() -> None:
    with pytest.raises(nb.MethodError, match="'xi_2' and 'xi_1' do not commute in 'dy/dt'") as caught:
        nb.Neurons(1, TWO, method="milstein", interpretation="ito")
    assert "double integrals" in str(caught.value)
    _help_works(caught.value, TWO, "ito")


KINK = "dx/dt = -x/ms + (1 if x > 1 else 2)*x*xi/ms**0.5 : 1"
ABS = "dx/dt = -x/ms + clip(x, 0, 1)*xi/ms**0.5 : 1"


def _help_works(error: Any, equations: str, reading: str) -> None:
    proposed = str(error.help).replace("use method=", "").replace("'", "").split(" or ")
    assert proposed
    for name in proposed:
        cells = nb.Neurons(2, equations, method=name, interpretation=reading, initial={"x": 0.5})
        nb.Network(cells, dt=0.1).run(0.5)
        assert np.all(np.isfinite(cells.x))


@pytest.mark.parametrize("equations", [KINK, ABS])
@pytest.mark.parametrize(
    ("method", "reading"),
    [("euler_maruyama", "stratonovich"), ("milstein", "stratonovich"), ("heun", "ito"), ("exponential_euler_maruyama", "stratonovich"),
     ("exponential_midpoint_maruyama", "stratonovich")],
)  # fmt: skip
def test_what_cannot_be_differentiated(equations: str, method: str, reading: str) -> None:
    with pytest.raises(nb.MethodError, match=f"method '{method}' cannot do this") as caught:
        nb.Neurons(2, equations, method=method, interpretation=reading)
    assert "cannot be differentiated" in str(caught.value)
    _help_works(caught.value, equations, reading)


def test_noise_that_is_not_just_multiplied() -> None:
    for rate in ("xi**2", "exp(xi*ms**0.5)/ms", "xi_1*xi_2"):
        for method in (None, "euler_maruyama", "heun"):
            with pytest.raises(nb.NumpyBrainError, match="noise") as caught:
                nb.Neurons(1, f"dx/dt = -x/ms + {rate} : 1", method=method)
            assert "dx/dt" in str(caught.value)


# ---- Ornstein-Uhlenbeck processes --------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["exact", "exponential_euler_maruyama", "exponential_midpoint_maruyama"])
def test_ornstein_uhlenbeck_at_any_step(method: str) -> None:
    """dt = 5 tau: mean, variance and autocorrelation have no error but that of the sample."""
    n, tau, dt, s, start = 40_000, 2.0, 10.0, 1.5, 30.0
    cells = nb.Neurons(
        n, "dx/dt = (4 - x)/(2*ms) + 1.5*xi/ms**0.5 : 1", method=method, initial={"x": start}
    )
    trace = nb.Monitor(cells, "x")
    nb.Network(cells, trace, dt=dt).run(5 * dt)
    x, variance = trace.x, s**2 * tau / 2
    for k in range(1, 5):
        decay = np.exp(-k * dt / tau)
        at = variance * (1 - decay**2)
        assert close(x[k].mean(), 4 + (start - 4) * decay, np.sqrt(at / n))
        assert close(x[k].var(), at, at * np.sqrt(2 / n))
    for lag in (1, 2):
        rho = np.corrcoef(x[2], x[2 + lag])[0, 1]
        assert close(rho, np.exp(-lag * dt / tau), 1 / np.sqrt(n))


@pytest.mark.parametrize(
    "method",
    ["exact", "exponential_euler_maruyama", "exponential_midpoint_maruyama", "euler_maruyama", "heun", "milstein",
     "sra1", "euler"],
)  # fmt: skip
def test_autocorrelation_at_a_short_step(method: str) -> None:
    n, tau = 20_000, 2.0
    cells = nb.Neurons(n, "dx/dt = -x/(2*ms) + xi/ms**0.5 : 1", method=method, initial={"x": "randn()"})
    trace = nb.Monitor(cells, "x", every=1)
    nb.Network(cells, trace, dt=0.02).run(8)
    x = trace.x
    assert close(x[-1].var(), 1, 1.01 * np.sqrt(2 / n))
    assert close(np.corrcoef(x[3], x[5])[0, 1], np.exp(-2 / tau), 1 / np.sqrt(n))


@pytest.mark.parametrize("method", ["exact", "exponential_euler_maruyama", "euler_maruyama"])
def test_a_time_constant_and_a_strength_for_each_neuron(method: str) -> None:
    n = 20_000
    tau, s = np.repeat([1.0, 5.0, 20.0], n), np.repeat([0.5, 1.0, 0.0], n)
    cells = nb.Neurons(
        3 * n, "dx/dt = -x/tau + s*sqrt(2/tau)*xi : 1\ntau : ms\ns : 1", method=method, tau=tau, s=s
    )
    nb.Network(cells, dt=0.02 if method == "euler_maruyama" else 10).run(
        10 if method == "euler_maruyama" else 100
    )
    for k, (a, b) in enumerate(((1.0, 0.5), (5.0, 1.0), (20.0, 0.0))):
        end = 10 if method == "euler_maruyama" else 100
        variance = b**2 * (1 - np.exp(-2 * end / a))
        bias = 0.02 * variance if method == "euler_maruyama" else 0
        assert (
            abs(cells.x[k * n : (k + 1) * n].var() - variance) <= SIGMAS * variance * np.sqrt(2 / n) + bias
        )


@pytest.mark.parametrize(
    "method",
    ["exact", "exponential_euler_maruyama", "exponential_midpoint_maruyama", "euler_maruyama", "heun", "milstein",
     "sra1"],
)  # fmt: skip
def test_noises_are_independent_and_one_noise_is_shared(method: str) -> None:
    n = 20_000
    cells = nb.Neurons(
        n,
        """dx/dt = -x/(2*ms) + xi_1/ms**0.5 : 1
        dy/dt = -y/(2*ms) - 3*xi_1/ms**0.5 : 1
        dz/dt = -z/(2*ms) + xi_2/ms**0.5 : 1
        dw/dt = -w/(2*ms) + (0.6*xi_1 + 0.8*xi_3)/ms**0.5 : 1""",
        method=method,
    )
    nb.Network(cells, dt=0.05).run(2)
    rho = np.corrcoef([cells.x, cells.y, cells.z, cells.w])
    assert cells.y == pytest.approx(-3 * cells.x, rel=1e-6, abs=1e-6)
    expected = np.array([[1, -1, 0, 0.6], [-1, 1, 0, -0.6], [0, 0, 1, 0], [0.6, -0.6, 0, 1]])
    assert np.all(np.abs(rho - expected) < SIGMAS / np.sqrt(n) * (1 - expected**2) + 1e-6)


@pytest.mark.parametrize("method", ["exact", "sra1"])
def test_one_noise_through_two_filters(method: str) -> None:
    """Correlation 2 sqrt(a b)/(a + b) of time constants a and b."""
    n, a, b = 20_000, 1.0, 4.0
    cells = nb.Neurons(
        n, "dx/dt = -x/(1*ms) + xi/ms**0.5 : 1\ndy/dt = -y/(4*ms) + xi/ms**0.5 : 1", method=method
    )
    nb.Network(cells, dt=20 if method == "exact" else 0.05).run(20)
    rho = 2 * np.sqrt(a * b) / (a + b)
    assert close(np.corrcoef(cells.x, cells.y)[0, 1], rho, (1 - rho**2) / np.sqrt(n))


def test_stationary_covariance_of_coupled_systems() -> None:
    """A C + C A' + G G' = 0, whatever the step. Gardiner, Handbook of Stochastic Methods, section 4.4.6."""
    n = 30_000
    a = np.array([[-0.5, 0.8, 0.0], [-0.8, -0.3, 0.2], [0.4, 0.0, -1.0]])
    g = np.array([[0.7, 0.2], [0.0, -0.5], [0.0, 0.0]])  # the third has no noise of its own
    lines = [
        f"d{x}/dt = ({' + '.join(f'({a[i, j]})*{y}' for j, y in enumerate('xyz'))})/ms"
        f" + ({g[i, 0]}*xi_a + ({g[i, 1]})*xi_b)/ms**0.5 : 1"
        for i, x in enumerate("xyz")
    ]
    expected = scipy.linalg.solve_continuous_lyapunov(a, -g @ g.T)
    for dt in (1.0, 30.0):
        cells = nb.Neurons(n, "\n".join(lines))
        assert cells.update.method == "exact"
        nb.Network(cells, dt=dt).run(60)
        found = np.cov([cells.x, cells.y, cells.z])
        size = np.diag(expected)
        error = np.sqrt((np.outer(size, size) + expected**2) / n)
        assert np.all(np.abs(found - expected) < SIGMAS * error)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_the_root_of_the_covariance_of_a_step(k: int) -> None:
    """L L' = C - E C E' for stable systems, with C from the Lyapunov equation: one for all and one each."""
    rng = np.random.default_rng(k)
    matrices, strengths = [], []
    for _ in range(20):
        a = rng.normal(size=(k, k))
        matrices.append(
            10 ** rng.uniform(-2, 1) * (a - (np.linalg.eigvals(a).real.max() + 0.2) * np.eye(k))
        )
        strengths.append(rng.normal(size=(k, 2)))
    for dt in (0.01, 1.0, 50.0):
        flat = [np.array([m.ravel()[i] for m in matrices]) for i in range(k * k)]
        kicks = [np.array([g.ravel()[i] for g in strengths]) for i in range(2 * k)]
        each = numpy_functions.noise_root(k, *flat, *kicks, dt)
        for n, (a, g) in enumerate(zip(matrices, strengths, strict=True)):
            stationary = scipy.linalg.solve_continuous_lyapunov(a, -g @ g.T)
            e = scipy.linalg.expm(a * dt)
            expected = stationary - e @ stationary @ e.T
            for root in (numpy_functions.noise_root(k, *a.ravel(), *g.ravel(), dt), each[:, :, n]):
                assert np.linalg.norm(root @ root.T - expected) < 1e-10 * np.linalg.norm(stationary)


def test_a_coupled_system_for_each_neuron() -> None:
    n = 15_000
    tau = np.repeat([1.0, 6.0], n)
    cells = nb.Neurons(
        2 * n, "dx/dt = (y - x)/tau : 1\ndy/dt = -y/(3*ms) + xi/ms**0.5 : 1\ntau : ms", tau=tau
    )
    assert cells.update.method == "exact"
    nb.Network(cells, dt=25).run(100)
    for k, t in enumerate((1.0, 6.0)):
        variance = 1.5 * 3 / (3 + t)  # of coloured noise behind a low pass
        part = cells.x[k * n : (k + 1) * n]
        assert close(part.var(), variance, variance * np.sqrt(2 / n))


# ---- draws ---------------------------------------------------------------------------------------------------

ORDERED = """dz/dt = -z/ms + xi_first/ms**0.5 : 1
da/dt = -a/(2*ms) + (xi_second + 2*xi_first)/ms**0.5 : 1
dm/dt = -m/ms + xi_b/ms**0.5 : 1"""


@pytest.mark.parametrize("method", ["euler_maruyama", "heun", "milstein", "exponential_euler_maruyama"])
def test_draws_come_in_the_order_of_the_equations(method: str) -> None:
    cells = nb.Neurons(1, ORDERED, method=method)
    prescribe(cells, [[1.0], [10.0], [100.0]])
    dt = 1e-6
    nb.Network(cells, dt=dt).step()
    found = np.array([cells.z[0], cells.a[0], cells.m[0]]) / np.sqrt(dt)
    assert found == pytest.approx([1, 12, 100], rel=1e-5)


def test_the_hash_seed_of_python_changes_nothing() -> None:
    code = f"""
import numpybrain as nb
for method in ("exact", "euler_maruyama", "heun", "sra1", "milstein", "exponential_euler_maruyama", "exponential_midpoint_maruyama"):
    nb.seed(7)
    cells = nb.Neurons(3, {ORDERED!r}, method=method)
    coupled = nb.Neurons(3, "dx/dt = (y - x)/ms + xi_q/ms**0.5 : 1\\ndy/dt = -y/ms + (xi_p - xi_q)/ms**0.5 : 1", method=method)
    nb.Network(cells, coupled, dt=0.1).run(1)
    print(method, *map(float.hex, map(float, [*cells.z, *cells.a, *cells.m, *coupled.x, *coupled.y])))
"""
    found = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in (1, 4321)
    ]  # fmt: skip
    assert found[0] == found[1]
    assert found[0].count("\n") == 7


# ---- refractory neurons ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method",
    ["exact", "exponential_euler_maruyama", "exponential_midpoint_maruyama", "euler_maruyama", "heun", "milstein",
     "sra1"],
)  # fmt: skip
def test_noise_and_refractory_neurons(method: str) -> None:
    """v stands still; u goes on, with noise and with v as it stands."""
    n = 20_000
    cells = nb.Neurons(
        n, "dv/dt = -v/(5*ms) + xi_1/ms**0.5 : 1 (unless refractory)\ndu/dt = (v - u)/(2*ms) + 0.5*xi_2/ms**0.5 : 1",
        threshold="v > 5", reset="v = -3", refractory="100 ms", method=method, initial={"v": "6 if i % 2 == 1 else 0"},
    )  # fmt: skip
    trace = nb.Monitor(cells, "v", "u")
    nb.Network(cells, trace, dt=0.05).run(10)
    held, free = slice(1, None, 2), slice(0, None, 2)
    assert np.all(trace.v[1:, held] == -3)
    quiet = ~(trace.v[:, free] == -3).any(axis=0)
    assert quiet.sum() > 0.4 * n
    assert trace.v[-1, free][quiet].std() > 0.5
    assert not np.any(trace.v[-1, free][quiet] == trace.v[-2, free][quiet])
    u, half = trace.u[-1, held], n // 2
    variance = 0.25 * 2 / 2
    assert close(u.mean(), -3 * (1 - np.exp(-9.95 / 2)), np.sqrt(variance / half) + 0.002)
    assert abs(u.var() - variance) < SIGMAS * variance * np.sqrt(2 / half) + 0.02 * variance


# ---- firing through noise ----------------------------------------------------------------------------------------

OVERSHOOT = 0.5825971579390107  # -zeta(1/2)/sqrt(2 pi)


def siegert(mu: float, s: float, tau: float, reset: float, threshold: float, refractory: float) -> float:
    """Rate (per ms) of a leaky integrate-and-fire neuron with the stationary standard deviation s.

    Siegert (1951), doi:10.1103/PhysRev.81.617; as in Brunel (2000), doi:10.1023/A:1008925309027, equation 21:
    1/rate = refractory + tau sqrt(pi) * integral of exp(u**2) (1 + erf(u)) from (reset - mu)/(s sqrt(2)) to
    (threshold - mu)/(s sqrt(2)).
    """
    low, high = (reset - mu) / (s * np.sqrt(2)), (threshold - mu) / (s * np.sqrt(2))
    return 1 / (refractory + tau * np.sqrt(np.pi) * quad(lambda u: erfcx(-u), low, high)[0])


@pytest.mark.parametrize(("mu", "s"), [(15.0, 5.0), (20.0, 4.0), (24.0, 3.0)])
@pytest.mark.parametrize("method", ["exact", "euler_maruyama"])
def test_firing_rate_through_white_noise(method: str, mu: float, s: float) -> None:
    """The threshold is seen in every step only, so it acts as if it were higher by 0.5826 g sqrt(dt).

    Broadie, Glasserman & Kou (1997), doi:10.1111/1467-9965.00035; g = s sqrt(2/tau). The reset is to a value,
    so there is no such shift there.
    """
    n, tau, dt, end, warm = 4000, 10.0, 0.05, 160.0, 60.0
    cells = nb.Neurons(
        n, "dv/dt = (mu - v)/(10*ms) + s*sqrt(2/(10*ms))*xi : 1 (unless refractory)\nmu : 1\ns : 1",
        threshold="v > 20", reset="v = 10", refractory="2 ms", method=method, mu=mu, s=s, initial={"v": "10 + 8*rand()"},
    )  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=dt).run(end)
    counted = int(np.sum(np.asarray(spikes.t) > warm))
    rate = counted / n / (end - warm)
    higher = 20 + OVERSHOOT * s * np.sqrt(2 / tau) * np.sqrt(dt)
    corrected = siegert(mu, s, tau, 10, higher, 2 - dt)  # the update in which a neuron is released counts
    assert counted > 10_000
    assert rate == pytest.approx(corrected, rel=0.02)
    assert rate < siegert(mu, s, tau, 10, 20, 2)
