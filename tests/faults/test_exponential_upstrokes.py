"""Neurons whose dv/dt grows as exp(v): the right spikes with any method and dt, or an error that helps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import numpybrain as nb
from numpybrain.symbolic.upstroke import Upstroke

ADEX = """
    dv/dt = (g_L*(E_L - v) + g_L*D*exp((v - V_T)/D) - w + I)/C : mV (unless refractory)
    dw/dt = (a*(v - E_L) - w)/tau_w : pA
    """
UNITS = {"C": "pF", "g_L": "nS", "E_L": "mV", "V_T": "mV", "D": "mV", "a": "nS", "tau_w": "ms", "I": "pA",
         "V_r": "mV", "b": "pA", "t_ref": "ms"}  # fmt: skip

CELL = {"C": 200.0, "g_L": 12.0, "E_L": -70.0, "V_T": -50.0, "D": 2.0, "a": 2.0, "tau_w": 300.0, "I": 1000.0,
        "V_r": -58.0, "b": 60.0, "t_ref": 1.0}  # fmt: skip
# Brette & Gerstner (2005), driven with 3 nA
PAPER = {"C": 281.0, "g_L": 30.0, "E_L": -70.6, "V_T": -50.4, "D": 2.0, "a": 4.0, "tau_w": 144.0, "I": 3000.0,
         "V_r": -70.6, "b": 80.5, "t_ref": 0.0}  # fmt: skip

EXPLICIT = ["euler", "rk2", "heun2", "ralston2", "rk3", "ssprk3", "rk4", "rk4_38"]
LOOPS = ["rk23", "rk45", "backward_euler", "trapezoidal", "rosenbrock"]


def reference(p: dict[str, float], duration: float, peak: float, v: float) -> tuple[np.ndarray, float]:
    """Spike times and the last w by SciPy: v is the independent variable where v runs to infinity.

    Above V_T + 5 D, dt/dv and dw/dv are smooth; time steps would become too small there.
    """

    def rates(v: float, w: float) -> tuple[float, float]:
        spike = p["g_L"] * p["D"] * np.exp(min((v - p["V_T"]) / p["D"], 600))
        dv = (p["g_L"] * (p["E_L"] - v) + spike - w + p["I"]) / p["C"]
        return dv, (p["a"] * (v - p["E_L"]) - w) / p["tau_w"]

    def by_v(v: float, y: Any) -> list[float]:
        dv, dw = rates(v, y[1])
        return [1 / dv, dw / dv]

    cut = p["V_T"] + 5 * p["D"]

    def event(t: float, y: Any) -> Any:
        return y[0] - cut

    event.terminal, event.direction = True, 1  # type: ignore[attr-defined]
    precise: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-10, "method": "DOP853"}
    t, w, found = 0.0, 0.0, []
    while True:
        if v < cut:
            s = solve_ivp(lambda t, y: rates(*y), (t, duration), [v, w], events=event, **precise)
            if not s.t_events[0].size:
                return np.array(found), float(s.y[1, -1])
            t, v, w = s.t_events[0][0], cut, s.y[1, -1]
        end = min(peak, p["V_T"] + 100 * p["D"])  # from there it takes no time
        if v < end:
            t, w = solve_ivp(by_v, (v, end), [t, w], **precise).y[:, -1]
        if t > duration:
            return np.array(found), float(w)
        found.append(t)
        v, w = p["V_r"], w + p["b"]
        steady = p["a"] * (v - p["E_L"])
        w = steady + (w - steady) * np.exp(-p["t_ref"] / p["tau_w"])
        t += p["t_ref"]


def adex(p: dict[str, Any], n: int = 1, equations: str = ADEX, **texts: Any) -> nb.Neurons:
    texts = {"threshold": "v > 20*mV", "reset": "v = V_r; w += b", "initial": {"v": "-65*mV"}, **texts}
    values = {name: f"{p[name]} {unit}" for name, unit in UNITS.items() if np.ndim(p[name]) == 0}
    text = equations + "".join(f"\n{x} : {UNITS[x]}" for x in UNITS)
    arrays = {name: p[name] for name in UNITS if np.ndim(p[name])}
    refractory = {"refractory": "t_ref"} if np.any(p["t_ref"]) else {}
    return nb.Neurons(n, text, **{**refractory, **texts}, **values, **arrays)


def run(cells: nb.Neurons, duration: float, dt: float) -> nb.Monitor:
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=dt).run(duration)
    return spikes


# ---- the number of spikes ------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.1, 0.05, 0.025])
@pytest.mark.parametrize("peak", [0, 20])
@pytest.mark.parametrize("v", [-65, 0])
def test_the_default_method_gives_the_number_of_spikes(v: float, peak: float, dt: float) -> None:
    times, w = reference(CELL, 60, peak, v)
    assert len(times) == 9
    cells = adex(CELL, threshold=f"v > {peak}*mV", initial={"v": f"{v}*mV"})
    assert cells.update.method == "rk4"
    spikes = run(cells, 60, dt)
    assert len(spikes) == 9
    assert cells.w[0] == pytest.approx(w, rel=0.01)
    # a spike waits for the end of a step, and a period on the grid is one step short
    assert spikes.t == pytest.approx(times, abs=dt * 9)


@pytest.mark.parametrize("dt", [0.1, 0.05, 0.025])
@pytest.mark.parametrize("peak", [0, 20])
def test_fast_spikes_lose_no_more_than_the_grid_takes(peak: float, dt: float) -> None:
    times, w = reference(PAPER, 300, peak, -70.6)
    assert len(times) == 52
    cells = adex(PAPER, threshold=f"v > {peak}*mV", initial={"v": "E_L"})
    spikes = run(cells, 300, dt)
    assert len(times) - len(spikes) in (0, 1)
    assert cells.w[0] == pytest.approx(w, rel=0.05)
    late = spikes.t + dt - times[: len(spikes)]
    assert ((late >= 0) & (late < 1.2 * dt * np.arange(1, len(spikes) + 1))).all()


@pytest.mark.parametrize("method", EXPLICIT + LOOPS)
@pytest.mark.parametrize("dt", [0.5, 0.1, 0.02])
@pytest.mark.parametrize("peak", [0, 20])
def test_every_method_gives_the_spikes_that_its_order_allows(method: str, dt: float, peak: float) -> None:
    times, w = reference(CELL, 60, peak, -65)
    cells = adex(CELL, threshold=f"v > {peak}*mV", method=method)
    spikes = run(cells, 60, dt)
    assert abs(len(spikes) - len(times)) <= (1 if dt > 0.1 or method == "euler" else 0)
    assert cells.w[0] - 60 * (len(spikes) - len(times)) == pytest.approx(w, rel=0.03)


@pytest.mark.parametrize("method", ["rk4", "euler", "rk2", "rosenbrock", "rk45"])
@pytest.mark.parametrize("dt", [1.0, 2.0])
def test_coarse_steps_lose_what_the_grid_takes_and_no_more(method: str, dt: float) -> None:
    times, _ = reference(CELL, 300, 20, -65)
    cells = adex(CELL, method=method)
    spikes = run(cells, 300, dt)
    assert len(times) == 21
    assert 17 <= len(spikes) <= 22
    assert 600 < cells.w[0] < 800


def test_an_adaptive_method_does_not_follow_the_upstroke_to_its_end() -> None:
    cells = adex(CELL, method="rk45")
    assert len(run(cells, 60, 0.1)) == 9
    loop: Any = cells.update.loop
    assert loop.taken + loop.rejected < 600 + 9 * 60


def test_random_cells() -> None:
    n, rng = 40, np.random.default_rng(5)
    cells = {
        "C": rng.uniform(80, 400, n), "g_L": rng.uniform(2, 40, n), "E_L": rng.uniform(-75, -60, n),
        "V_T": rng.uniform(-55, -40, n), "D": 10 ** rng.uniform(-1, 0.8, n), "a": rng.uniform(0, 20, n),
        "tau_w": rng.uniform(20, 400, n), "I": rng.uniform(300, 2000, n), "V_r": rng.uniform(-75, -58, n),
        "b": rng.uniform(0, 200, n), "t_ref": np.zeros(n),
    }  # fmt: skip
    peak = rng.uniform(-20, 40, n)
    expected = []
    for k in range(n):
        p = {name: float(value[k]) for name, value in cells.items()}
        expected.append(reference(p, 100, float(peak[k]), -65.0)[0])
    counts = np.array([len(times) for times in expected])
    assert (counts > 3).sum() > 20
    for dt in (0.1, 0.05):
        made = adex(cells, n, ADEX + "\nV_p : mV", threshold="v > V_p", V_p=peak)
        spikes = run(made, 100, dt)
        lost = 0
        for k in range(n):
            # a spike loses up to a step, and a cell near its rheobase amplifies that
            late = spikes.train(k) + dt
            pairs = min(counts[k], len(late))
            allowed = 1.5 * dt * np.arange(1, pairs + 1) + 0.02 * expected[k][:pairs]
            assert (np.abs(late[:pairs] - expected[k][:pairs]) <= allowed).all(), k
            assert abs(counts[k] - len(late)) <= 1 + ((expected[k] + counts[k] * dt) > 100).sum(), k
            lost += counts[k] - len(late)
        assert lost <= 0.02 * counts.sum()
        assert np.abs(made.w).max() < 1e4


# ---- what is bounded, and what is not ------------------------------------------------------------

EIF = "dv/dt = (v_0 - v + exp(v) + I)/tau : 1\ntau = 10*ms : ms\nv_0 = -1 : 1\nI = 1 : 1"
BOUNDED = {
    "v >= 30": {"threshold": "v >= 30"},
    "30 < v": {"threshold": "30 < v"},
    "parameter": {"model": EIF + "\nv_p = 30 : 1", "threshold": "v > v_p"},
    "open name": {"threshold": "v > v_p", "v_p": 30.0},
    "expression": {"model": EIF + "\nv_p = 28 : 1", "threshold": "v - v_p > 2"},
    "name": {"model": EIF + "\nup = v > 30 : boolean", "threshold": "up"},
    "and": {"threshold": "v > 30 and t >= 0*ms"},
    "temporary": {"reset": "x = -2.0; y = x + 1; v = y"},
    "branches": {"reset": "if t > 0*ms:\n  v = -1\nelse:\n  v = -1"},
    "subexpression": {"model": EIF.replace("exp(v)", "up") + "\nup = exp(v) : 1"},
    "power": {"model": EIF.replace("exp(v)", "e**v")},
    "base 2": {"model": EIF.replace("exp(v)", "2.718281828459045**v")},
    "expm1": {"model": EIF.replace("exp(v)", "expm1(v)").replace("v_0 = -1", "v_0 = 0")},
    "products": {"model": EIF.replace("exp(v)", "exp(v/2)*exp(v/2)")},
    "with what falls": {"model": EIF.replace("exp(v)", "exp(v) + 0*exp(-k*v)") + "\nk = 0.1 : 1"},
    "where": {"model": EIF.replace("exp(v)", "where(v > -30, exp(v), 0)")},
    "max": {"model": EIF.replace("exp(v)", "max(exp(v), 0)")},
    "factors": {"model": EIF.replace("exp(v)", "g*c*exp(v)/h") + "\ng = 2 : 1\nh = 4 : 1\nc = 2 : 1"},
}


@pytest.mark.parametrize("name", BOUNDED)
def test_ways_to_write_it(name: str) -> None:
    texts: dict[str, Any] = {"model": EIF, "threshold": "v > 30", "reset": "v = -1", **BOUNDED[name]}
    precise: dict[str, Any] = {"rtol": 1e-11, "atol": 1e-12}
    from_rest = solve_ivp(lambda v, _: [10 / (-v + np.exp(v))], (0, 30), [0], **precise).y[0, -1]
    from_reset = solve_ivp(lambda v, _: [10 / (-v + np.exp(v))], (-1, 30), [0], **precise).y[0, -1]
    cells = nb.Neurons(1, texts.pop("model"), method="rk4", **texts)
    assert "minimum" in cells.update.formula
    spikes = run(cells, 100, 0.05)
    expected = np.arange(from_rest, 100, from_reset)
    assert spikes.t == pytest.approx(expected, abs=0.05 * (len(expected) + 1))
    assert len(spikes) == len(expected) == 4


CELLS = "dv/dt = (-v + k*exp(c*v) + I)/(10*ms) : 1\nk = 1 : 1\nc = 1 : 1\nI = 1 : 1"
UNBOUNDED = {
    "relative reset": (EIF, {"reset": "v -= 31"}),
    "relative in a branch": (EIF, {"reset": "if t > 0*ms: v = -1"}),
    "no reset": (EIF, {"reset": None}),
    "other reset": (EIF, {"reset": "I = 1"}),
    "Python reset": (EIF, {"reset": lambda v, spikes: None}),
    "random reset": (EIF, {"reset": "v = -1 + 0.1*randn()"}),
    "high reset": (EIF, {"reset": "v = 31"}),
    "Python threshold": (EIF, {"threshold": lambda v: v > 30}),
    "moving threshold": (EIF + "\ndv_p/dt = -v_p/ms : 1", {"threshold": "v > v_p + 30"}),
    "or": (EIF, {"threshold": "v > 30 or v < -30"}),
    "saturates": (EIF.replace("exp(v)", "exp(v)/(1 + exp(v))"), {}),
    "falls": (EIF.replace("exp(v)", "exp(-v)"), {}),
    "inhibits": ("dv/dt = (3 - v - exp(v))/(10*ms) : 1", {}),
    "is bounded by the user": (EIF.replace("exp(v)", "exp(min(v, 30))"), {}),
    "of another variable": (EIF.replace("exp(v)", "exp(u)") + "\ndu/dt = -u/ms : 1", {}),
    "square": (EIF.replace("exp(v)", "v**2"), {}),
}


@pytest.mark.parametrize("name", UNBOUNDED)
def test_what_is_not_bounded(name: str) -> None:
    model, changed = UNBOUNDED[name]
    texts = {"threshold": "v > 30", "reset": "v = -1", **changed}
    cells = nb.Neurons(1, model, method="rk4", **{k: v for k, v in texts.items() if v is not None})
    assert not isinstance(cells.update.plan.upstroke, Upstroke)
    assert "30." not in cells.update.formula  # just above the threshold, where a step would end


@pytest.mark.parametrize(
    ("k", "c", "v_r", "bounded"),
    [(1, 1, -1, True), (-1, 1, -1, False), (1, -1, -1, False), (0, 1, -1, False), (1, 1, 31, False)],
)
def test_signs_of_parameters_decide_in_the_run(k: float, c: float, v_r: float, bounded: bool) -> None:
    cells = nb.Neurons(
        2, CELLS + "\nv_r : 1", threshold="v > 30", reset="v = v_r", method="euler", v_r=-1.0
    )
    cells.k, cells.c, cells.v_r = [1, k], [1, c], [-1, v_r]
    cells.v = 29.0  # a step of Euler's method goes far beyond the threshold, or far down
    seen = []
    monitor = nb.Neurons(1, "x : 1")
    net = nb.Network(cells, monitor, dt=0.1)
    cells.at("threshold", lambda v: seen.append(v.copy()))
    net.run(0.1)
    assert seen[0][0] == pytest.approx(30, rel=1e-4)
    free = 29 + 0.01 * (-29 + k * np.exp(29.0 * c) + 1)
    assert seen[0][1] == pytest.approx(30 if bounded else free, rel=1e-4)


def test_bounds_follow_parameters_that_change_within_a_run() -> None:
    cells = nb.Neurons(1, EIF + "\nv_p = 5 : 1", threshold="v > v_p", reset="v = -1", method="rk4")
    highest: list[float] = []

    @cells.at("start")
    def move(t: float, v_p: Any) -> None:
        v_p[:] = 5 if t < 20 else 40

    cells.at("threshold", lambda v: highest.append(float(v[0])))
    nb.Network(cells, dt=0.1).run(40)
    assert max(highest[:200]) == pytest.approx(5, rel=1e-4)
    assert max(highest[200:]) == pytest.approx(40, rel=1e-4)


def test_at_its_spike_a_neuron_is_at_the_threshold_for_everybody() -> None:
    cells = adex(CELL)
    target = nb.Neurons(1, "x : mV")
    synapses = nb.Synapses(cells, target, on_pre="x_post = v_pre", connect="all_to_all")
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, target, synapses, spikes, dt=0.1).run(20)
    assert len(spikes) > 2
    assert target.x[0] == pytest.approx(20, rel=1e-4)


def test_sharp_onsets_and_v_that_is_not_held() -> None:
    p = {**CELL, "D": 0.02}  # exp((20 + 50)/0.02) is infinite
    cells = adex(p)
    expected, _ = reference({**p}, 60, -40, -65)
    assert abs(len(run(cells, 60, 0.1)) - len(expected)) <= 1
    assert 0 < cells.w[0] < 2000
    free = adex({**CELL, "I": 20_000.0}, equations=ADEX.replace("(unless refractory)", ""))
    spikes = run(free, 60, 0.1)  # it is at the threshold again while it is refractory
    assert np.diff(spikes.t) == pytest.approx(1.0)
    assert 0 < free.w[0] < 10_000


@pytest.mark.parametrize("method", [None, "heun", "euler_maruyama", "milstein", "euler"])
def test_with_noise(method: str | None) -> None:
    nb.seed(3)
    equations = ADEX.replace("+ I)/C", "+ I)/C + 0.1*mV*xi/ms**0.5")
    cells = adex(CELL, 50, equations, method=method)
    spikes = run(cells, 64, 0.05)
    times, w = reference(CELL, 64, 20, -65)
    assert np.mean(spikes.count) == pytest.approx(len(times), abs=0.3)
    assert cells.w - 60 * (spikes.count - len(times)) == pytest.approx(w, rel=0.1)


def test_noise_that_v_multiplies_is_bounded_too() -> None:
    nb.seed(3)
    equations = ADEX.replace("+ I)/C", "+ I)/C + 0.001*v*xi/ms**0.5")
    for interpretation in ("ito", "stratonovich"):
        cells = adex(CELL, 20, equations, interpretation=interpretation)
        assert np.mean(run(cells, 64, 0.05).count) == pytest.approx(9, abs=0.3)
        assert np.abs(cells.w).max() < 800


def test_hodgkin_huxley_cells_and_linear_ones_are_left_alone() -> None:
    for name in ("hodgkin_huxley", "traub_miles_hh", "wang_buzsaki", "pospischil_rs", "morris_lecar", "lif",
                 "izhikevich", "fitzhugh_nagumo"):  # fmt: skip
        assert nb.load_model(name).plan().upstroke is None, name
    hh = nb.load_model("hodgkin_huxley")
    with_reset = hh.replace(reset="v -= 5*mV", threshold="v > 0*mV", refractory="1 ms")
    assert with_reset.plan().upstroke is None
    assert "minimum" not in with_reset.plan().program.formula


def test_what_cannot_explode_pays_nothing() -> None:
    lif = nb.Neurons(1, "dv/dt = -v*g/ms : 1\ndg/dt = -g/ms : 1", threshold="v > 1", reset="v = 0")
    assert lif.spiking.check.watched == ()
    assert [s.description for s in lif.stages if s.phase == "reset"] == ["reset"]


@pytest.mark.parametrize("reset", ["v = V_r; w += b", "v -= 78*mV + 0*V_r; w += b"])
@pytest.mark.parametrize("method", ["rk4", "rk2", "euler"])
@pytest.mark.parametrize("dt", [0.1, 0.05])
def test_located_spikes(reset: str, method: str, dt: float) -> None:
    times, w = reference(CELL, 64, 20, -65)
    cells = adex(CELL, reset=reset, method=method, spike_times="interpolated")
    spikes = run(cells, 64, dt)
    assert len(spikes) == len(times)
    assert spikes.t == pytest.approx(times, abs={"rk4": 2, "rk2": 10, "euler": 30}[method] * dt)
    assert cells.w[0] == pytest.approx(w, rel=0.02)


# ---- explain -------------------------------------------------------------------------------------


def test_explain_says_it() -> None:
    model = nb.Model(EIF, threshold="v > 30", reset="v = -1")
    text = model.explain()
    assert "dv/dt grows as exp(v)" in text
    assert "A step ends just above 30 at most" in " ".join(text.split())
    loose = model.replace(reset="v -= 31").explain()
    assert "the reset sets 'v' relative to what it was, so 'v' is not bounded" in " ".join(loose.split())
    assert "upstroke" not in nb.load_model("lif").explain()
    signs = nb.Model(CELLS, threshold="v > 30", reset="v = -1").explain()
    assert "That is so if 0 < c and 0 < k" in " ".join(signs.split())


# ---- what explodes in spite of that --------------------------------------------------------------


def reset_in_python(v: Any, w: Any, spikes: Any) -> None:
    v[spikes] = -58
    w[spikes] += 60


HIDDEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # texts -> what the error says to write
    "relative": (
        {"reset": "v -= 78*mV + 0*V_r; w += b"},
        {"reset": "v = V_r; w += b"},
    ),
    "Python reset": ({"reset": reset_in_python}, {"reset": "v = V_r; w += b"}),
    "random": (
        {"reset": "v = V_r + 0.01*mV*rand(); w += b"},
        {"equations": ADEX.replace("(E_L - v)", "(E_L - min(v, V_p))").replace("exp((v", "exp((min(v, V_p)")
                          .replace("a*(v", "a*(min(v, V_p)") + "\nV_p = 20*mV : mV"},
    ),
    "Python threshold": ({"threshold": lambda v: v > 20}, {"threshold": "v > 20*mV"}),
    "or": ({"threshold": "v > 20*mV or v > 30*mV"}, {"threshold": "v > 20*mV"}),
}  # fmt: skip
SAYS = {
    "relative": "reset='v = v_reset; ...'", "random": "write min(v, v_peak) for 'v'",
    "Python reset": "reset='v = v_reset; ...'", "Python threshold": "threshold='v > v_peak'",
    "or": "threshold='v > v_peak'",
}  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("dt", [0.1, 0.05])
def test_what_a_reset_would_hide_is_an_error_whose_advice_is_right(name: str, dt: float) -> None:
    times, w = reference(CELL, 60, 20, -65)
    texts, advice = HIDDEN[name]
    cells = adex(CELL, **texts)
    with pytest.raises(nb.DivergenceError) as caught:
        run(cells, 60, dt)
    error = caught.value
    assert (error.variable, error.neurons.tolist()) == ("v", [0])
    if dt == 0.1:
        assert "'v' of" in str(error)
        assert "within a step in neuron 0 of 1, and was reset" in str(error)
    assert SAYS[name] in str(error.help)
    assert "try dt" not in str(error)
    assert np.abs(cells.w).max() < 600  # set back
    nb.seed(1)
    mended = adex(CELL, **{**texts, **advice})
    assert len(run(mended, 60, dt)) == len(times)
    assert mended.w[0] == pytest.approx(w, rel=0.02)


def test_derivatives_in_python_are_looked_at_too() -> None:
    def rates(v: Any, w: Any) -> Any:
        spike = 24 * np.exp((v + 50) / 2)
        return (12 * (-70 - v) + spike - w + 1000) / 200, (2 * (v + 70) - w) / 300

    cells = nb.Neurons(2, {"v": "mV", "w": "pA"}, derivative=rates, threshold="v > 20*mV",
                       reset=reset_in_python, initial={"v": -65})  # fmt: skip
    with pytest.raises(nb.DivergenceError, match="'v' of .* rose to .* and was reset") as caught:
        run(cells, 60, 0.1)
    assert "take min(v, v_peak) there" in str(caught.value)


def test_the_guard_can_be_off_and_forgets() -> None:
    cells = adex(CELL, reset=reset_in_python)
    net = nb.Network(cells, dt=0.1, check_finite=False)
    net.run(20)
    assert cells.spiking.check.exploded is not None
    cells.v, cells.w, cells.I = -65, 0, 0
    net.check_finite = True
    net.run(20)  # what exploded before was in another run
    assert cells.spiking.check.exploded is None


@pytest.mark.parametrize("method", ["backward_euler", "trapezoidal", "rosenbrock"])
def test_implicit_methods_take_derivatives_of_min_and_max(method: str) -> None:
    cells = nb.Neurons(1, "dv/dt = (max(u, 1) - min(2*v, v + 1))/ms : 1\ndu/dt = -u/ms : 1", method=method,
                       initial={"u": "5"})  # fmt: skip
    run_ = nb.Network(cells, dt=0.001)
    run_.run(3)
    expected = solve_ivp(lambda t, y: [max(5 * np.exp(-t), 1) - min(2 * y[0], y[0] + 1)], (0, 3), [0],
                         rtol=1e-10, atol=1e-10, max_step=0.01)  # fmt: skip
    assert cells.v[0] == pytest.approx(expected.y[0, -1], rel=2e-3)
