"""Values that follow the time: a time series, a function of t or a text with t in the place of a parameter.

Each is compared with the same model that says it in its equations, or with a stage that sets the parameter in
every step, or with a closed form.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.units import mV, nA

CELL = "dv/dt = (I*R - v)/tau : mV\nR = 10*Mohm : Mohm\ntau = 10*ms : ms\n"
SERIES = np.sin(np.arange(60) / 5)


def run(cells, *variables, duration=60, dt=0.1):
    record = nb.Monitor(cells, "v", *variables)
    net = nb.Network(cells, record, dt=dt)
    net.run(duration)
    return record


def test_a_time_series() -> None:
    series = nb.timed(SERIES, 1, unit="nA")
    given = run(nb.Neurons(3, CELL + "I : nA", I=series), "I")
    written = run(nb.Neurons(3, CELL + "I = s(t) : nA", s=series))
    assert np.array_equal(given.v, written.v)
    assert np.allclose(given.I[:, 0], np.repeat(SERIES, 10))
    assert np.ptp(given.v[300:]) > 1


def test_a_time_series_in_another_unit() -> None:
    one = run(nb.Neurons(1, CELL + "I : nA", I=nb.timed(SERIES, 1, unit="nA")))
    other = run(nb.Neurons(1, CELL + "I : nA", I=nb.timed(1000 * SERIES, 1, unit="pA")))
    assert np.allclose(one.v, other.v, rtol=1e-12)
    with pytest.raises(nb.UnitError):
        nb.Neurons(1, CELL + "I : nA", I=nb.timed(SERIES, 1, unit="mV"))


def test_a_column_for_each_neuron() -> None:
    values = SERIES[:, None] * [1, 2, 3]
    given = run(nb.Neurons(3, CELL + "I : nA", I=nb.timed(values, 1, unit="nA")), "I")
    assert np.allclose(given.I, np.repeat(values, 10, axis=0))
    assert np.allclose(given.v[:, 1], 2 * given.v[:, 0])
    with pytest.raises(nb.NumpyBrainError):
        run(nb.Neurons(4, CELL + "I : nA", I=nb.timed(values, 1, unit="nA")))


def test_a_text() -> None:
    text = "3*nA*int(t > 20*ms)"
    given = run(nb.Neurons(3, CELL + "I : nA", I=text), "I")
    written = run(nb.Neurons(3, CELL + f"I = {text} : nA"))
    assert np.array_equal(given.v, written.v)
    t = given.t
    assert np.array_equal(given.I[:, 0], 3.0 * (t > 20))
    exact = np.where(t > 20, 30 * (1 - np.exp(-(t - 20) / 10)), 0)
    assert np.allclose(given.v[:, 0], exact, atol=0.4)  # a step late at most
    assert np.abs(given.v[:, 0] - exact).max() > 0


def test_a_text_with_the_index_and_other_parameters() -> None:
    cells = nb.Neurons(3, CELL + "I : nA\nI_0 = 2*nA : nA", I="I_0*i*exp(-t/(20*ms))")
    record = run(cells, "I")
    assert np.allclose(record.I, 2 * np.arange(3) * np.exp(-record.t / 20)[:, None])


def test_a_text_that_uses_a_subexpression_of_time() -> None:
    cells = nb.Neurons(1, CELL + "I : nA\nramp = t/(60*ms) : 1", I="2*nA*ramp")
    assert np.allclose(run(cells, "I").I[:, 0], 2 * np.arange(600) / 600)


def test_a_text_that_depends_on_the_state() -> None:
    clamped = run(nb.Neurons(1, CELL + "I : nA", I="0.3*nA*(20*mV - v)/mV"))
    assert clamped.v[-1, 0] == pytest.approx(15, rel=1e-2)  # 10*0.3*(20 - v) = v


def sine(t):
    return 2 * math.sin(t / 5)


def test_a_function() -> None:
    given = run(nb.Neurons(3, CELL + "I : nA", I=sine), "I")
    staged = nb.Neurons(3, CELL + "I : nA")

    @staged.at("start")
    def drive(t, I):
        I[:] = sine(t)

    by_hand = run(staged, "I")
    assert np.array_equal(given.v, by_hand.v)
    assert np.allclose(given.I[:, 0], 2 * np.sin(given.t / 5))


@pytest.mark.parametrize(
    "function",
    [
        lambda t, i: i * math.sin(t / 5),
        lambda t, N, dt: np.arange(N) * math.sin(t / 5),
        lambda t, I_0: I_0 * math.sin(t / 5),
        lambda t, i, k=1.0: k * i * math.sin(t / 5),
        lambda t, i: i * math.sin(t / 5) * nA,
        lambda t, i: 1000 * i * math.sin(t / 5) * 0.001 * nA,
        lambda i, t: (i * math.sin(t / 5)).tolist(),
    ],
)
def test_what_a_function_may_ask_for_and_return(function) -> None:
    cells = nb.Neurons(3, CELL + "I : nA\nI_0 : nA", I=function, I_0=[0, 1, 2])
    record = run(cells, "I")
    assert np.allclose(record.I, np.arange(3) * np.sin(record.t / 5)[:, None])


def test_a_function_is_called_once_in_each_step() -> None:
    times = []

    def count(t):
        times.append(t)
        return 1.0

    for method in ("exact", "rk4"):
        times.clear()
        cells = nb.Neurons(3, CELL + "I : nA\nJ = 2*I : nA", I=count, method=method)
        nb.Network(cells).run(5)
        assert np.allclose(times, np.arange(50) / 10)


def test_a_function_with_units_of_its_own() -> None:
    @nb.function("second -> pA")
    def current(t):
        return 1e6 * t

    assert np.allclose(run(nb.Neurons(1, CELL + "I : nA", I=current), "I").I[:, 0], np.arange(600) / 10)

    @nb.function("ms -> mV")
    def wrong(t):
        return t

    with pytest.raises(nb.UnitError):
        nb.Neurons(1, CELL + "I : nA", I=wrong)


def test_a_function_that_draws() -> None:
    nb.seed(3)
    cells = nb.Neurons(400, CELL + "I : nA", I=lambda t, rng, N: rng.normal(0, 1, N))
    record = run(cells, "I", duration=5)
    assert record.I.std() == pytest.approx(1, abs=0.05)
    assert abs(np.corrcoef(record.I[10], record.I[11])[0, 1]) < 0.2
    before = cells.I.copy()
    assert np.array_equal(cells.I, before)  # looking draws nothing


# ---- the present value ----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [nb.timed(np.arange(100.0), 1, unit="nA"), lambda t: t, "t*nA/ms"])
def test_the_present_value_can_be_read(value) -> None:
    cells = nb.Neurons(2, CELL + "I : nA\nJ = 2*I : nA", I=value)
    net = nb.Network(cells)
    seen = []
    cells.at("end", lambda t: seen.append((t, cells.I[0], cells.J[1])))
    assert cells.I.tolist() == [0, 0]
    net.run(10)
    assert cells.I.tolist() == [10, 10]
    assert cells[1:].I.tolist() == [10]
    net.run(7)
    assert cells.I.tolist() == [17, 17]
    assert cells.J.tolist() == [34, 34]
    t, i, j = np.array(seen).T
    step = np.floor(t + 1e-9) if isinstance(value, type(nb.timed([1], 1))) else t
    assert np.allclose(i, step)
    assert np.allclose(j, 2 * step)


@pytest.mark.parametrize("value", [nb.timed(SERIES, 1, unit="nA"), sine, nb.current.steps({0: "1 nA"})])
def test_something_else_is_assigned(value) -> None:
    """What was given with the group is only the first thing that the parameter follows."""
    cells = nb.Neurons(2, CELL + "I : nA", I=value)
    record = nb.Monitor(cells, "I")
    net = nb.Network(cells, record)
    net.run(1)
    cells[1].I = 5 * nA
    net.run(1)
    cells.I = "3 nA"
    net.run(1)
    other = nb.Neurons(1, CELL + "I : nA", I=value)
    wanted = nb.Monitor(other, "I")
    nb.Network(other, wanted).run(2)
    assert np.array_equal(record.I[:20, 0], wanted.I[:, 0])
    assert np.array_equal(record.I[:10, 1], wanted.I[:10, 0])
    assert (record.I[10:20, 1] == 5).all()
    assert (record.I[20:] == 3).all()


def test_what_the_model_says_cannot_be_assigned() -> None:
    cells = nb.Neurons(2, CELL + "I = s(t) : nA (constant over dt)", s=nb.timed(SERIES, 1, unit="nA"))
    for act in (lambda: setattr(cells, "I", 3), lambda: setattr(cells[:1], "I", sine)):
        with pytest.raises(nb.ModelError):
            act()


def test_a_text_cannot_be_assigned_over() -> None:
    cells = nb.Neurons(2, CELL + "I : nA", I="t*nA/ms")
    with pytest.raises(nb.ModelError):
        cells.I = 3
    with pytest.raises(nb.ModelError):
        cells[:1].I = 3 * nA


# ---- wherever a parameter can be given -------------------------------------------------------------------

VALUES = {"series": nb.timed(SERIES, 1, unit="nA"), "function": sine, "text": "2*nA*sin(t/(5*ms))"}
CLOSED = CELL + "I : nA"
OPENED = CELL


def wanted(which):
    cells = nb.Neurons(2, CLOSED, I=VALUES[which])
    return run(cells).v


@pytest.mark.parametrize("which", VALUES)
def test_ways_to_give_it(which) -> None:
    value, good = VALUES[which], wanted(which)
    model = nb.Model(CLOSED)
    ways = [
        lambda: nb.Neurons(2, CLOSED, namespace={"I": value, "other": sine, "t0": value}),
        lambda: nb.Neurons(2, nb.Model(CLOSED, parameters={"I": value})),
        lambda: nb.Neurons(2, model.replace(I=value)),
        lambda: nb.Neurons(2, model.replace(I=3).replace(I=value)),
        lambda: nb.Neurons(2, nb.Model(CLOSED, parameters={"I": 2}), I=value),
        lambda: nb.Neurons(2, CLOSED, initial={"I": value}),
        lambda: nb.Neurons(2, nb.Model(CLOSED, initial={"I": value})),
        lambda: nb.Neurons(2, CLOSED, initial={"I": value}, I=3),
        lambda: nb.Neurons(2, model.extend("u = v : mV"), I=value),
    ]
    if which != "function":
        ways += [
            lambda: nb.Neurons(2, OPENED, I=value),
            lambda: nb.Neurons(2, nb.Model(OPENED, parameters={"I": value})),
        ]
    for way in ways:
        assert np.array_equal(run(way()).v, good)


def test_an_open_name_and_a_function_with_units() -> None:
    function = nb.function("ms -> nA")(lambda t: 2 * math.sin(t / 5))
    cells = nb.Neurons(2, OPENED, I=function)
    assert np.allclose(run(cells, "I").v, wanted("function"))
    with pytest.raises(nb.UnitError):
        nb.Neurons(2, OPENED, I=sine)  # a plain number is no current


def test_a_library_model() -> None:
    for value in (nb.timed([0, 3.0], 50, unit="nA"), lambda t: 3.0 * (t >= 50), "3*nA*int(t >= 50*ms)"):
        cells = nb.Neurons(3, "lif", I=value)
        spikes = nb.Monitor(cells, "spikes")
        nb.Network(cells, spikes).run(200)
        assert spikes.t.min() > 50
        assert len(spikes) > 3


def test_one_value_for_all_and_conditions() -> None:
    cells = nb.Neurons(3, CELL + "I : nA (shared)\non : boolean", I=sine, on="t > 3*ms")
    record = run(cells, "on", duration=5)
    assert cells.I == pytest.approx(2 * math.sin(1))
    assert np.array_equal(record.on[:, 0], record.t > 3)


def test_thresholds_and_resets_see_it() -> None:
    cells = nb.Neurons(
        1, "dv/dt = 1/ms : 1\nh : 1", h=lambda t: 2.95 if t < 10 else 4.95, threshold="v > h", reset="v = 0"
    )
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes).run(25)
    intervals = np.diff(np.concatenate([[-0.1], spikes.t]))
    assert np.allclose(intervals, [3, 3, 3, 5, 5, 5], atol=0.01)


def test_numerical_order_of_a_text() -> None:
    """A text is evaluated within the step: the method keeps its order."""
    errors = []
    for dt in (0.4, 0.2):
        cells = nb.Neurons(1, CELL + "I : nA", I="2*nA*sin(t/(5*ms))", method="rk4")
        v = run(cells, dt=dt, duration=40).v[-1, 0]
        t, w, tau = 40 - dt, 1 / 5, 10.0
        exact = (
            20
            / (1 + (w * tau) ** 2)
            * (np.sin(w * t) - w * tau * np.cos(w * t) + w * tau * np.exp(-t / tau))
        )
        errors.append(abs(v - exact))
    assert errors[0] / errors[1] > 12


# ---- synapses ------------------------------------------------------------------------------------------


def pair(model, **options):
    source = nb.Neurons(
        1, "x : 1", threshold=lambda t: np.array([0] if abs(t % 5 - 1) < 0.01 else [], dtype=int)
    )
    target = nb.Neurons(2, "v : 1\ns : 1")
    synapses = nb.Synapses(source, target, model, connect="all_to_all", **options)
    record = nb.Monitor(target, "v", "s")
    net = nb.Network(source, target, synapses, record)
    net.run(20)
    return synapses, record, net


@pytest.mark.parametrize(
    "value", [nb.timed(np.arange(30.0), 1), lambda t: math.floor(t + 1e-9), "floor(t/ms + 1e-9)"]
)
def test_weights_of_synapses(value) -> None:
    synapses, record, _ = pair("w : 1", on_pre="v_post += w", w=value)
    assert np.allclose(record.v[-1], 1 + 6 + 11 + 16)
    assert np.allclose(synapses.w, [20, 20])
    model = nb.Model("w : 1", on_pre="v_post += w", parameters={"w": value})
    assert np.allclose(pair(model)[1].v[-1], 34)
    assert np.allclose(pair(None, on_pre="v_post += w", w=value)[1].v[-1], 34)
    assert np.allclose(pair("w : 1\ns_post = w : 1 (summed)", w=value)[1].s[-1], 19)


def test_synapses_that_come_later_follow_it_too() -> None:
    synapses, _, net = pair("w : 1", on_pre="v_post += w", w=lambda t: t)
    synapses.connect("j == 0")
    assert np.allclose(synapses.w, [20, 20, 20])
    net.run(2)
    assert np.allclose(net.objects[1].v, [34 + 2 * 21, 34 + 21], atol=1e-6)


def test_functions_of_synapses_that_draw_or_give_one_for_each() -> None:
    synapses, record, net = pair("w : 1", on_pre="v_post += w", w=lambda t, j: t * (1 + j))
    assert np.allclose(record.v[-1], [34, 68])
    synapses, record, net = pair("w : 1", on_pre="v_post += w", w=lambda t, rng, N: rng.random(N))
    assert 0 < record.v[-1, 0] < 4
    assert record.v[-1, 0] != record.v[-1, 1]
    synapses, record, net = pair("w : 1 (post)", on_pre="v_post += w", w=lambda t: np.array([t, 2 * t]))
    assert np.allclose(record.v[-1], [34, 68])
    with pytest.raises(nb.ShapeError):
        pair("w : 1", on_pre="v_post += w", w=lambda t: np.ones(3))


def test_columns_and_delays_of_synapses() -> None:
    with pytest.raises(nb.ArgumentError, match="synapses"):
        pair("w : 1", on_pre="v_post += w", w=nb.timed(np.ones((5, 2)), 1))
    with pytest.raises(nb.ModelError, match="keep the value"):
        pair("w : 1", on_pre="v_post += 1", delay=lambda t: t)


# ---- checkpoints ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", VALUES)
def test_checkpoints(which, tmp_path) -> None:
    def make():
        cells = nb.Neurons(2, CLOSED, I=VALUES[which])
        record = nb.Monitor(cells, "v", "I")
        return nb.Network(cells, record), record, cells

    net, record, _ = make()
    net.run(25)
    net.save(tmp_path / "half.npz")
    net.run(25)
    other, again, cells = make()
    other.load(tmp_path / "half.npz")
    assert np.array_equal(cells.I, make_value(which, 25.0))
    other.run(25)
    assert np.array_equal(record.v, again.v)
    assert np.array_equal(record.I, again.I)


def make_value(which, t):
    value = {"series": SERIES[int(t)], "function": sine(t), "text": 2 * np.sin(t / 5)}[which]
    return np.full(2, value)


def test_checkpoints_with_random_functions(tmp_path) -> None:
    def make():
        cells = nb.Neurons(2, CLOSED, I=lambda t, rng, N: rng.normal(size=N))
        record = nb.Monitor(cells, "v")
        return nb.Network(cells, record), record

    net, record = make()
    net.run(5)
    net.save(tmp_path / "half.npz")
    net.run(5)
    other, again = make()
    other.load(tmp_path / "half.npz")
    other.run(5)
    assert np.array_equal(record.v, again.v)


# ---- what is refused, and says what to write -------------------------------------------------------------


def test_assignments_of_functions_of_time() -> None:
    cells = nb.Neurons(2, CLOSED)
    for value in (VALUES["series"], sine):
        for act in (lambda: setattr(cells, "v", value), lambda: setattr(cells[:1], "v", value)):
            with pytest.raises(nb.ModelError, match="keep the value of this time") as caught:
                act()
            assert "at('start'" in str(caught.value)
    for act in (lambda: setattr(cells[:1], "I", "1*nA*t/ms"), lambda: cells.I.__setitem__(0, "1*nA*t/ms")):
        with pytest.raises(nb.ModelError, match="keep the value of this time"):
            act()
    cells[:1].v = "1*mV*t/ms"  # no parameter
    cells.I = lambda N: np.arange(N)  # of no time
    assert cells.I.tolist() == [0, 1]
    cells.v = "i*mV + 1*mV*t/ms"  # of a state variable, what is written is the present value
    assert cells.v.tolist() == [0, 1]


def test_start_values_of_variables_are_those_of_the_start() -> None:
    cells = nb.Neurons(2, CLOSED, initial={"v": lambda t, i: t + i})
    assert cells.v.tolist() == [0, 1]


def test_groups_in_python() -> None:
    with pytest.raises(nb.ArgumentError, match=r"at\('start'\)"):
        nb.Neurons(2, {"v": "mV", "I": "nA"}, I=sine)


def test_random_numbers_are_not_redrawn_in_silence() -> None:
    with pytest.raises(nb.ModelError, match="random"):
        nb.Neurons(2, CLOSED, I="rand()*nA*int(t > 5*ms)")
    assert len(set(nb.Neurons(20, CLOSED, I="rand()*nA").I)) == 20  # of no time: once for each


def test_a_constant_is_constant() -> None:
    with pytest.raises(nb.ModelError, match="constant"):
        nb.Neurons(2, CELL + "I : nA (constant)", I=sine)


def test_nobody_writes_to_it() -> None:
    with pytest.raises(nb.NumpyBrainError, match="subexpression"):
        nb.Neurons(2, CLOSED, I=sine, threshold="v > 1*mV", reset="I += 1*nA")
    cells = nb.Neurons(2, CLOSED, I=sine)
    with pytest.raises(nb.NumpyBrainError):
        nb.Synapses(cells, cells, on_pre="I_post += 1*nA", connect="True")
    with pytest.raises(nb.ModelError, match="follows an equation"):
        cells = nb.Neurons(2, CLOSED, I="t*nA/ms", threshold="v > 1*mV")
        nb.Synapses(cells, cells, "I_post = v_pre*nA/mV : nA (summed)", connect="True")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda t, speed: t, "unknown argument 'speed'"),
        (lambda t: "many", "must give numbers"),
        (lambda t: None, "must give numbers"),
        (lambda t: np.ones(5), "has 2 values"),
        (lambda t: 3 * mV, "must be a current"),
        (lambda t: np.ma.masked_all(2), "masked"),
    ],
)
def test_functions_that_do_not_fit(function, words) -> None:
    with pytest.raises(nb.NumpyBrainError, match=words):
        nb.Network(nb.Neurons(2, CLOSED, I=function)).run(1)


def test_wrong_texts_show_their_place() -> None:
    with pytest.raises(nb.UnitError, match=r"\^"):
        nb.Neurons(2, CLOSED, I="3*mV*int(t > 5*ms)")
    with pytest.raises(nb.UnitError):
        nb.Neurons(2, CLOSED, I="3*nA*int(t > 5)")


# ---- printing ------------------------------------------------------------------------------------------


def test_models_print_what_they_were_given() -> None:
    text = nb.Model(CLOSED, parameters={"I": VALUES["text"]})
    assert nb.Model.parse(str(text)) == text
    function = nb.Model(CLOSED, parameters={"I": sine})
    assert "sine" in str(function)
    assert nb.Model.parse(str(function)) == nb.Model(CLOSED)
    assert function != nb.Model(CLOSED)
    series = nb.Model(CLOSED, parameters={"I": VALUES["series"]})
    assert "Timed" in str(series)
    for model in (text, function, series):
        assert "I" in model.explain()
        nb.Neurons(1, model)._repr_html_()


def test_the_schedule_tells() -> None:
    net = nb.Network(nb.Neurons(2, CLOSED, I=sine))
    assert "constant over dt" in str(net.schedule)


def test_the_command_line(capsys) -> None:
    from numpybrain.cli.main import main

    assert main(["run", "lif", "--set", "I=3*nA*int(t > 50*ms)", "--for", "100 ms"]) == 0
    assert "the first at 5" in capsys.readouterr().out
    assert main(["run", "lif", "--set", "I=0.1*nA*int(t > 50*ms)", "--for", "100 ms"]) == 0
    assert "No spikes" in capsys.readouterr().out


# ---- assigned when the group is there --------------------------------------------------------------------


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("late", [False, True])
def test_assigned_to_a_parameter(value, late) -> None:
    """From an assignment on, a parameter has in each step the value of its start, as if a stage set it."""
    cells, others = nb.Neurons(3, CLOSED), nb.Neurons(3, CLOSED)
    if not late:
        cells.I = value
    present = {
        "series": lambda t: SERIES[min(int(t + 1e-6), 59)],
        "function": sine,
        "text": lambda t: 2 * np.sin(t / 5),
    }
    of_t = present[next(name for name, each in VALUES.items() if each is value)]

    @others.at("start", before=True)
    def drive(t, I) -> None:
        found = of_t(t)
        found = found.to("nA").magnitude if hasattr(found, "to") else found
        I[:] = found if (t >= 10 - 1e-9 or not late) and t < 30 - 1e-9 else 0.0 if t < 30 - 1e-9 else 1.0

    record, other = nb.Monitor(cells, "v", "I"), nb.Monitor(others, "v", "I")
    net, reference = nb.Network(cells, record), nb.Network(others, other)
    for duration in (10, 20, 10):
        if net.t == 10 and late:
            cells.I = value
        if net.t == pytest.approx(30):
            cells.I = "1 nA"
        net.run(duration)
        reference.run(duration)
    assert np.allclose(record.I, other.I, rtol=1e-12, atol=1e-15)
    assert np.allclose(record.v, other.v, rtol=1e-12, atol=1e-15)


def test_assigned_in_the_middle_of_a_run() -> None:
    cells = nb.Neurons(1, CLOSED, I=lambda t: t)
    record = nb.Monitor(cells, "I")

    @cells.at("end")
    def switch(t) -> None:
        if abs(t - 1) < 1e-9:
            cells.I = lambda t: 10 * t
        if abs(t - 2) < 1e-9:
            cells.I = 5

    nb.Network(cells, record).run(3)
    t = record.t
    wanted = np.where(t < 1.05, t, np.where(t < 2.05, 10 * t, 5))
    assert np.allclose(record.I[:, 0], wanted)
    cells = nb.Neurons(1, CLOSED, name="cells")

    @cells.at("end")
    def begin(t) -> None:
        cells.I = lambda t: t

    with pytest.raises(
        nb.NetworkError, match="'I' of 'cells' cannot begin to follow the time in the middle"
    ):
        nb.Network(cells).run(1)


def test_again_and_again() -> None:
    """A course that is over leaves nothing behind: no function, no stage."""
    cells = nb.Neurons(2, CLOSED)
    net = nb.Network(cells)
    for k in range(5):
        cells.I = lambda t, k=k: float(k)
        net.run(0.1)
        assert cells.I.tolist() == [k, k]
        assert len(cells.definition.functions) == 1
    cells.I = 7
    assert cells.I.tolist() == [7, 7]
    cells.I[1] = 8
    net.run(0.1)
    assert cells.I.tolist() == [7, 8]
    assert not cells.definition.functions
    assert len(net.schedule) == 2
    cells.I = "1*nA*t/ms"
    with pytest.raises(nb.ModelError, match="'I' of .* cannot be assigned"):
        cells.I[1] = 3
    with pytest.raises(nb.NumpyBrainError, match="unknown name 'tt'"):
        cells.I = "1*nA*t/tt"
    with pytest.raises(nb.UnitError):
        cells.I = "1*mV*t/ms"
    assert np.allclose(cells.I, net.t)


def test_the_present_value_can_be_read() -> None:
    cells = nb.Neurons(1, CLOSED)
    net = nb.Network(cells)
    for value in (lambda t: 2 * t, "2*nA*t/ms"):
        cells.I = value
        assert cells.I[0] == pytest.approx(2 * net.t)
        net.run(5)
        assert cells.I[0] == pytest.approx(2 * net.t)


def test_snapshots_hold_values_not_courses() -> None:
    cells = nb.Neurons(1, CLOSED)
    record = nb.Monitor(cells, "v")
    net = nb.Network(cells, record)
    net.run(5)
    before = net.snapshot()
    cells.I = sine
    net.run(5)
    snapshot = net.snapshot()
    net.run(5)
    expected = cells.v.tolist()
    net.restore(snapshot)
    net.run(5)
    assert cells.v.tolist() == expected
    net.restore(before)
    net.run(10)
    assert cells.v.tolist() == expected  # the course is that which was assigned last


# ---- in a part of the group ------------------------------------------------------------------------------


def test_parts_follow_functions_of_their_own() -> None:
    """Each part as if a stage set it; what is assigned later covers what was there, in its part."""
    cells = nb.Neurons(6, CLOSED)
    cells.I = "0.5*i*nA"
    cells[:4].I = lambda t, i, N: t + i / N
    cells[1:3].I = nb.timed([[1.0, 2.0], [3.0, 4.0]], 0.5, unit="nA")
    cells[5].I = nb.current.steps({0.3: "2000 pA"})
    cells[3].I = 7 * nA
    record = nb.Monitor(cells, "I")
    net = nb.Network(cells, record)
    net.run(1)
    for t, row in zip(record.t, record.I, strict=True):
        later = t > 0.45
        wanted = [t, 3.0 if later else 1.0, 4.0 if later else 2.0, 7.0, 2.0, 2.0 if t > 0.25 else 0.0]
        assert row.tolist() == pytest.approx(wanted)
    cells[:3].I = "1 nA"
    cells[4:].I = lambda t: 0.0
    assert cells.I.tolist() == [1, 1, 1, 7, 0, 0]
    net.run(0.1)
    assert record.I[-1].tolist() == [1, 1, 1, 7, 0, 0]
    cells.I = 2
    cells[0].I = 3
    net.run(0.1)
    assert cells.I.tolist() == [3, 2, 2, 2, 2, 2]
    assert not cells.definition.functions


def test_parts_of_what_follows_one_function() -> None:
    cells = nb.Neurons(4, CLOSED, I=lambda t, i: t + i)
    cells[1:3].I = 9
    net = nb.Network(cells)
    net.run(2)
    assert cells.I.tolist() == pytest.approx([2, 9, 9, 5])
    with pytest.raises(nb.ShapeError, match="has 2 values in a part"):
        cells[:2].I = lambda t: np.arange(3.0)
        net.run(0.1)
    others = nb.Neurons(2, CLOSED)
    with pytest.raises(nb.UnitError):
        others[:1].I = nb.current.steps({1: "2 mV"})
    others.I = "1*nA*t/ms"
    with pytest.raises(nb.ModelError):
        others[:1].I = nb.current.steps({1: "2 nA"})


def test_noise_in_parts() -> None:
    def made():
        cells = nb.Neurons(4, CLOSED, name="cells")
        cells[:2].I = nb.current.ou("0 nA", "1 nA", tau=3)
        cells[2:].I = nb.current.ou("0 nA", "1 nA", tau=3, shared=True)
        record = nb.Monitor(cells, "I", name="record")
        return nb.Network(cells, record), cells, record

    net, cells, record = made()
    net.run(2)
    snapshot = net.snapshot()
    net.run(2)
    expected = record.I.tolist()
    assert len(set(cells.I)) == 3
    again, _, other = made()
    again.restore(snapshot)
    again.run(2)
    assert other.I.tolist() == expected
    p = nb.inputs.Poisson(4, 0)
    p[2:].rate = nb.current.steps({1: "10 kHz"})
    spikes = nb.Monitor(p, "spikes")
    nb.Network(p, spikes).run(2)
    assert spikes.count.tolist() == [0, 0, 10, 10]
