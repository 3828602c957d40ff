"""Values of earlier times, `x(t - d)`, against the method of steps, SciPy, and loops over lists of past values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import lambertw

import numpybrain as nb
from numpybrain.engine import engine_table
from tests.engine.slow import SlowEngine
from tests.engine.test_second_engine import run

BACK = "dx/dt = -x(t - tau)/ms : 1\ntau = 1*ms : ms"


def steps_of(t):
    """x' = -x(t - 1) from x = 1, piece by piece: sum of (-1)**k (t - k + 1)**k / k!"""
    total, factorial = 0.0, 1.0
    for k in range(int(np.floor(t)) + 2):
        factorial *= max(k, 1)
        total += (-1) ** k * max(t - (k - 1), 0.0) ** k / factorial
    return total


@pytest.mark.parametrize(
    ("method", "order"),
    [
        ("euler", 1),
        ("exponential_euler", 1),
        ("midpoint", 2),
        ("rk2", 2),
        ("rk4", 2),
        ("exponential_midpoint", 2),
        ("ssprk3", 2),
        ("heun", 2),
        ("milstein", 1),
    ],
)
def test_the_method_of_steps_with_the_order_that_is_told(method, order):
    errors = []
    for dt in (0.1, 0.05):
        cells = nb.Neurons(2, BACK, method=method, initial={"x": 1})
        assert "x(t - tau) linear between steps, of order 2 at most" in cells.update.why
        nb.Network(cells, dt=dt).run(4)
        errors.append(abs(cells.x[0] - steps_of(4)))
    rates = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(rates > order - 0.15), errors
    assert errors[-1] < (2e-2 if order == 1 else 1e-3)


def test_delays_between_steps_and_one_for_each_neuron():
    d = np.array([0.1, 0.13, 0.25, 1.0, 0.77])
    cells = nb.Neurons(
        5, "dx/dt = -x(t - d)/ms + 0.3/ms : 1\nd : ms", method="euler", d=d, initial={"x": "1 + i"}
    )
    record = nb.Monitor(cells, "x")
    nb.Network(cells, record, dt=0.1).run(3)
    times, values = [0.0], [1.0 + np.arange(5)]
    for k in range(30):
        past = [np.interp(0.1 * k - d[j], times, np.array(values)[:, j]) for j in range(5)]
        values.append(values[-1] + 0.1 * (0.3 - np.array(past)))
        times.append(0.1 * (k + 1))
    assert np.allclose(cells.x, values[-1], rtol=1e-12)
    assert np.allclose(record.x, values[:-1], rtol=1e-12)


def test_mackey_and_glass_against_scipy():
    cells = nb.Neurons(1, """
        dx/dt = (0.2*x(t - tau)/(1 + x(t - tau)**10) - 0.1*x)/ms : 1
        tau = 17*ms : ms
        """, initial={"x": 1.2})  # fmt: skip
    nb.Network(cells, dt=0.02).run(60)
    pieces = []

    def past(t):
        return 1.2 if t <= 0 else pieces[min(int(t // 17), len(pieces) - 1)](t)[0]

    x = [1.2]
    for k in range(4):
        made = solve_ivp(
            lambda t, y: 0.2 * past(t - 17) / (1 + past(t - 17) ** 10) - 0.1 * y,
            (17 * k, 17 * (k + 1)), x, rtol=1e-10, atol=1e-12, dense_output=True,
        )  # fmt: skip
        pieces.append(made.sol)
        x = made.y[:, -1]
    assert np.isclose(cells.x[0], pieces[3](60)[0], atol=1e-4)


def test_every_text_of_neurons_may_look_back():
    cells = nb.Neurons(2, """
        dx/dt = 1/ms : 1
        y = 2*x(t - 0.3*ms) : 1
        z = y + 1 : 1 (constant over dt)
        s : 1
        w : 1
        """, threshold="x(t - 0.5*ms) > 0.95", reset="w = x(t - 1*ms); x = 0", method="euler")  # fmt: skip
    cells.at("end", "s = x(t - 0.2*ms)")
    spikes, record = nb.Monitor(cells, "spikes"), nb.Monitor(cells, ["x", "y", "z"], of=0)
    nb.Network(cells, spikes, record, dt=0.1).run(3)
    x, w, fired, seen = [0.0], 0.0, [], []

    def at(k):
        return x[max(k, 0)]

    for k in range(30):
        seen.append((x[k], 2 * at(k - 3), 2 * at(k - 3) + 1))
        new = x[k] + 0.1
        if at(k - 5) > 0.95:
            fired.append(k)
            w, new = at(k - 10), 0.0
        s = at(k - 2)
        x.append(new)
    assert [round(t / 0.1) for t in spikes.t[spikes.i == 0]] == fired
    assert len(fired) > 1
    assert np.allclose(np.transpose([record.x[:, 0], record.y[:, 0], record.z[:, 0]]), seen)
    assert np.allclose([cells.w[0], cells.s[0]], [w, s])
    assert np.allclose(cells.y, 2 * at(27))  # between two runs, as it is now
    assert np.allclose(cells[1:].y, 2 * at(27))


def test_subexpressions_and_what_synapses_write_have_a_past():
    source = nb.inputs.SpikeTimes([0], [0.2])
    cells = nb.Neurons(1, """
        dx/dt = (s(t - 0.4*ms) + y(t - 0.3*ms))/ms : 1
        y = 2*s : 1
        s : 1
        """, method="euler")  # fmt: skip
    synapses = nb.Synapses(source, cells, on_pre="s += 1", connect="all_to_all")
    record = nb.Monitor(cells, ["x"])
    nb.Network(source, cells, synapses, record, dt=0.1).run(1.2)
    s = np.array([0.0] * 3 + [1.0] * 10)  # it changed in step 2, so it is seen from step 3 on
    x = [0.0]
    for k in range(11):
        x.append(x[-1] + 0.1 * (s[max(k - 4, 0)] + 2 * s[max(k - 3, 0)]))
    assert np.allclose(record.x[:, 0], x)


def test_the_first_value_holds_before_the_start_and_may_be_given_late():
    cells = nb.Neurons(2, BACK + "\ny = x(t - tau) : 1", method="euler")
    assert np.array_equal(cells.y, [0, 0])
    cells.x = [3, 4]
    assert np.array_equal(cells.y, [3, 4])
    net = nb.Network(cells, dt=0.1)
    cells.x = [1, 2]
    net.run(0.1)
    assert np.allclose(cells.x, [0.9, 1.8])
    assert np.allclose(cells.y, [1, 2])
    net.run(1)
    assert np.allclose(cells.y, [0.9, 1.8])


def test_delays_that_change():
    cells = nb.Neurons(1, "dx/dt = 1/ms : 1\ny = x(t - d) : 1\nd : ms", d=0.2)
    cells.at("start", "d = 0.2*ms + 0.5*t", before=True)
    record = nb.Monitor(cells, "y")
    net = nb.Network(cells, record, dt=0.1)
    net.run(1)
    t = np.arange(10) * 0.1
    back = 0.2 + 0.5 * np.maximum(t - 0.1, 0)  # what the last step left, seen before the stage
    back[1] = 0.2
    assert np.allclose(record.y[:, 0], np.maximum(t - back, 0), atol=1e-12)
    cells.stages[:] = [stage for stage in cells.stages if "run" not in stage.description]
    cells.d = 0.4
    assert np.isclose(cells.y[0], 0.6)
    cells.d = 0.9
    with pytest.raises(
        nb.TimeStepError, match=r"looks back by 0.9 ms at t = 1 ms: values are kept for 0.6 ms only"
    ):
        cells.y
    with pytest.raises(
        nb.ModelError, match=r"(?s)what 'd' of .* was is not known.*earlier = d\(t - 1\*ms\)"
    ):
        cells.x = "d(t - 1*ms)/ms"


def test_refractory_neurons_and_noise():
    def network():
        nb.seed(5)
        cells = nb.Neurons(20, """
            dv/dt = (2 - v + 0.5*v(t - 1.7*ms))/(5*ms) + 0.2*xi/ms**0.5 : 1 (unless refractory)
            dw/dt = (v(t - 0.25*ms) - w)/(3*ms) : 1
            """, threshold="v > 1.5", reset="v = 0", refractory="2 ms", initial={"v": "i/N"}, name="c")  # fmt: skip
        spikes = nb.Monitor(cells, "spikes", name="m")
        return nb.Network(cells, spikes, dt=0.1), cells, spikes

    net, cells, spikes = network()
    net.run(30)
    parts, again, twice = network()
    parts.run(11.3)
    saved = parts.snapshot()
    parts.run(18.7)
    other, third, _ = network()
    other.restore(saved)
    other.run(18.7)
    assert len(spikes) > 20
    for found in (again, third):
        assert np.array_equal(found.v, cells.v)
        assert np.array_equal(found.w, cells.w)
    net.reset()
    net.run(30)
    assert np.array_equal(cells.w, again.w)
    assert np.array_equal(spikes.t, twice.t)


def test_a_second_engine_calculates_them(monkeypatch):
    monkeypatch.setitem(engine_table.ENGINES, "slow", SlowEngine())

    def make():
        text = BACK + "\ny = x(t - 0.35*ms) : 1"
        cells = nb.Neurons(3, text, method="rk4", initial={"x": "1 + i"})
        return cells, lambda: np.array([cells.x, cells.y])

    assert np.allclose(run(make, "numpy", 2), run(make, "slow", 2), rtol=1e-13)


def test_one_value_for_all():
    cells = nb.Neurons(3, "x : 1 (shared)\ny = x(t - d) : 1\nd : ms", d=[0.1, 0.2, 0.4])
    cells.at("end", "x += 0.1")
    nb.Network(cells, dt=0.1).run(1)
    assert np.allclose(cells.y, [0.9, 0.8, 0.6])


WRONG = {
    "dx/dt = x(t + 1*ms)/ms : 1": "how long ago that is is -1 ms",
    "dx/dt = x(t - 0*ms)/ms : 1": "how long ago that is is 0 ms",
    "dx/dt = x(t - d)/ms : 1\ndd/dt = 1 : ms": "depends on 'd'",
    "dx/dt = x(t - t)/ms : 1": "how long ago",
    "dx/dt = x(t - 3)/ms : 1": "cannot subtract ms and 1",
    "dx/dt = x(3*ms)/ms : 1": r"not a function.*x\(t - 5\*ms\)",
    "dx/dt = b(t - 1*ms)/ms : 1\nb : boolean": "must|no values of earlier times",
    "dx/dt = k(t - 1*ms)/ms : 1\nk : integer": "no values of earlier times",
    "dx/dt = y(t - 1*ms)/ms : 1\ny = x(t - 1*ms) : 1": "made of values of earlier times",
    "dx/dt = y(t - 1*ms)/ms : 1\ny = x + rand() : 1": "made of random numbers",
    "dx/dt = -x/ms : 1\ny = x(t - 1*ms) : 1 (shared)": "'y' is shared by the group, 'x' is not",
    "dx/dt = N(t - 1*ms)/ms : 1": r"'N' has no values of earlier times.*help: variables with dx/dt",
    "dx/dt = -t(t)*x/ms**2 : 1": r"'t' is not a function.*help: write \* to multiply$",
    "dx/dt = x(t - 1*ms*rand())/ms : 1": r"depends on 'rand\(\)', which changes by itself",
    "dx/dt = x(t - d)/ms : 1\nd = 1*ms + t/2 : ms": "depends on 't', which changes by itself",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said(text):
    with pytest.raises(nb.NumpyBrainError, match=f"(?s){WRONG[text]}"):
        nb.Neurons(2, text)


def test_what_cannot_look_back_says_so():
    for method, words in (
        ("exact", "no constant over a step"),
        ("rk45", "known at stages"),
        ("backward_euler", "known"),
    ):
        with pytest.raises(nb.MethodError, match=words):
            nb.Neurons(1, BACK, method=method)
    with pytest.raises(nb.MethodError, match="located between steps"):
        nb.Neurons(1, BACK, threshold="x > 1", spike_times="interpolated")
    with pytest.raises(nb.ModelError, match="look back in time"):
        nb.Neurons(1, BACK, initial="steady")
    cells = nb.Neurons(1, BACK, tau="0.05 ms")
    with pytest.raises(nb.TimeStepError, match=r"looks back by 0.05 ms.*step of 0.1 ms"):
        nb.Network(cells, dt=0.1).run(1)
    with pytest.raises(nb.ModelError, match="not in synapses"):
        nb.Synapses(cells, cells, "w : 1", on_pre="w += x_post(t - 1*ms)", connect="all_to_all")


def test_they_are_renamed_and_typeset():
    model = nb.Model(BACK).rename(x="u", tau="d")
    assert "u(t - d)" in str(model)
    assert r"u\left(t - d\right)" in model._repr_latex_()
    assert nb.Model.parse(str(model)) == model


def test_means_of_the_past_and_the_past_of_means():
    text = "dx/dt = (mean(x(t - 1*ms)) - x)/ms : 1\ny = mean(x) : 1\nz = y(t - 0.5*ms) : 1"
    cells = nb.Neurons(3, text, initial={"x": "i"}, method="euler")
    record = nb.Monitor(cells, "z", of=0)
    nb.Network(cells, record, dt=0.1).run(2)
    x = [np.arange(3.0)]
    for k in range(20):
        x.append(x[-1] + 0.1 * (x[max(k - 10, 0)].mean() - x[-1]))
    assert np.allclose(cells.x, x[-1], rtol=1e-13)
    assert np.allclose(record.z[:, 0], [x[max(k - 5, 0)].mean() for k in range(20)], rtol=1e-13)


def test_stages_of_parts_look_back():
    cells = nb.Neurons(4, "dx/dt = 1/ms : 1\ns : 1", method="euler", initial={"x": "i"})
    cells[[0, 2]].at("end", "s = x(t - 0.3*ms) + mean(x)")
    nb.Network(cells, dt=0.1).run(1)
    assert np.allclose(cells.s, [0.6 + 2, 0, 2.6 + 2, 0])


def test_the_delayed_logistic_comes_to_rest_as_its_characteristic_equation_says():
    """x' = r x (1 - x(t - 1)) near 1 is y' = -r y(t - 1), whose slowest mode is exp(lambda t)."""
    r = np.array([0.2, 0.36, 0.7, 1.2])
    text = "dx/dt = r*x*(1 - x(t - 1*ms))/ms : 1\nr : 1"
    cells = nb.Neurons(4, text, method="rk4", r=r, initial={"x": 1 + 1e-5})
    record = nb.Monitor(cells, "x", every="0.05 ms")
    nb.Network(cells, record, dt=0.05).run(25)
    slowest = lambertw(-r).astype(complex)  # lambda*exp(lambda) = -r
    y = record.x - 1
    for k in range(4):  # the mode and its conjugate: y(t + 2h) = 2 a y(t + h) - b y(t)
        late, h = y[200:, k], 60  # 3 ms apart
        if slowest[k].imag:
            a, b = np.linalg.lstsq(np.transpose([late[h:-h], late[: -2 * h]]), late[2 * h :])[0]
            wanted = np.exp(slowest[k] * 3)
            assert np.allclose([a, b], [2 * wanted.real, -(abs(wanted) ** 2)], rtol=0.01, atol=2e-3)
        else:
            assert np.allclose(late[h:] / late[:-h], np.exp(slowest[k].real * 3), rtol=0.01)


@pytest.mark.parametrize("phase", ["start", "integrate", "threshold", "end"])
def test_to_look_within_a_step_changes_nothing(phase):
    cells = nb.Neurons(1, "dx/dt = -x(t - 0.2*ms)/ms : 1\ny = x(t - 0.2*ms) : 1", method="euler")
    cells.x, seen, asked = 1, [], []

    @cells.at(phase)
    def look():
        seen.append(cells.y[0])

    def ends():
        asked.append(cells.y[0])
        return False

    nb.Network(cells, dt=0.1).run(1, until=ends)
    x = [1.0]
    for k in range(10):
        x.append(x[-1] - 0.1 * x[max(k - 2, 0)])
    assert np.isclose(cells.x[0], x[10], rtol=1e-13)
    assert np.allclose(seen, [x[max(k - 2, 0)] for k in range(10)])
    assert np.allclose(asked, [x[max(k - 1, 0)] for k in range(10)])  # when the step is over


@pytest.mark.parametrize(
    ("delay", "words"),
    [
        (2.0, "looks back by 2 ms at t = 2 ms: values are kept for 1 ms only"),
        (-1.0, "is negative"),
        (np.inf, "is no finite time"),
        (1e300, "is too long"),
        (0.05, "at least the step of 0.1 ms"),
    ],
)
def test_wrong_delays_are_found_before_a_step(delay, words):
    cells = nb.Neurons(1, BACK, method="midpoint", initial={"x": 1})
    net = nb.Network(cells, dt=0.1)
    net.run(2)
    cells.tau = delay
    with pytest.raises(nb.TimeStepError, match=words):
        net.run(1)
    cells.tau = 1
    net.run(1)
    assert np.isclose(cells.x[0], steps_of(3), atol=1e-3)


def test_delays_for_which_there_is_no_memory_and_those_that_are_no_number():
    cells = nb.Neurons(1, BACK, tau=1e14, initial={"x": 1})
    net = nb.Network(cells, dt=0.1, check_finite=False)
    with pytest.raises(nb.ArgumentError, match="no memory for"):
        net.run(1)
    cells.tau = np.nan
    with pytest.raises(nb.TimeStepError, match="no finite time"):
        net.run(1)
    cells.tau = 1
    net.run(1)
    assert np.isclose(cells.x[0], steps_of(1))


def test_what_is_advised_can_be_written():
    cells = nb.Neurons(1, "dv/dt = 1*mV/ms : mV")
    net = nb.Network(cells, dt=0.1)
    net.run(1)
    with pytest.raises(nb.ModelError) as error:
        cells.at("end", "v = v(t - 0.2*ms)")
    line = error.value.help.partition(":  ")[2]
    assert line == "earlier = v(t - 0.2*ms) : mV"
    nb.Neurons(1, f"dv/dt = 1*mV/ms : mV\n{line}")


def test_another_network_is_another_past():
    cells, other = nb.Neurons(1, BACK, initial={"x": 1}), nb.Neurons(1, "dz/dt = 1/ms : 1")
    first, second = nb.Network(cells, dt=0.1), nb.Network(other, dt=0.1)
    first.run(2)
    second.run(2)
    first.remove(cells)
    cells.x = 3
    second.add(cells)
    second.run(1)
    assert np.isclose(cells.x[0], 3 * steps_of(1), atol=1e-12)


def test_the_formula_says_at_which_time_a_stage_looks():
    model = nb.Model(BACK, method="rk4")
    words = " ".join(model.explain().split())
    assert "k1_x = -x(t - tau) x_at2" in words
    assert "k2_x = -x(t + dt/2 - tau) x_at3" in words
    assert "k4_x = -x(t + dt - tau)" in words
    once = words.partition("calculated once per run, not in every step:")[2].partition("one step")[0]
    assert "x" not in once
