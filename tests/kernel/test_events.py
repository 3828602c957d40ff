"""Custom events: when they happen, in which order, to whom; what they do; and how they are recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

import numpybrain as nb
from numpybrain.kernel.contracts import Stage

DT = 0.1  # ms


def steps(monitor: nb.Monitor) -> list[tuple[int, int]]:
    """What a monitor has recorded, as (step, neuron)."""
    return list(zip(np.rint(monitor.t / DT).astype(int).tolist(), monitor.i.tolist(), strict=True))


def test_refractory_neurons_have_events() -> None:
    """Brian2 finds 2 spikes and 10 events here, too."""
    cells = nb.Neurons(1, "v = 1 : 1", threshold="v > 0.5", refractory=0.5, events={"high": "v > 0.5"})
    spikes, high = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "high")
    nb.Network(cells, spikes, high, dt=DT).run(1)
    assert steps(spikes) == [(0, 0), (5, 0)]
    assert steps(high) == [(k, 0) for k in range(10)]


def test_events_do_not_make_spikes() -> None:
    cells = nb.Neurons(
        2,
        "v = 1 : 1",
        threshold="v > 2",
        refractory="5 ms",
        events={"high": "v > 0.5 and lastspike < 0*ms"},
    )
    spikes, high = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "high")
    nb.Network(cells, spikes, high, dt=DT).run(1)
    assert (len(spikes), len(high)) == (0, 20)
    assert cells.not_refractory.all()


def test_the_condition_sees_the_step_before_the_reset_and_the_statements_see_it_after() -> None:
    cells = nb.Neurons(
        1, "dv/dt = 1/ms : 1\nn : 1\nseen : 1", threshold="v > 0.45", reset="v = 0; n += 1",
        events={"high": "v > 0.35"}, on_event={"high": "seen = 10*n + v"}, method="euler",
    )  # fmt: skip
    spikes, high = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "high")
    net = nb.Network(cells, spikes, high, dt=DT)
    net.run(0.4)  # v is 0.4 at the end of step 3
    assert cells.seen[0] == pytest.approx(0.4)
    net.run(0.1)
    assert cells.seen[0] == 10
    net.run(0.5)
    assert steps(spikes) == [(4, 0), (9, 0)]
    assert steps(high) == [(3, 0), (4, 0), (8, 0), (9, 0)]


def test_the_condition_sees_who_spikes_in_this_step() -> None:
    cells = nb.Neurons(
        3, "dv/dt = rate/ms : 1\nrate : 1", threshold="v > 1", reset="v = 0", refractory="0.3 ms",
        events={"fired": "lastspike == t", "resting": "not not_refractory"}, method="euler", rate=[1, 2, 0],
    )  # fmt: skip
    names = ("spikes", "fired", "resting")
    spikes, fired, resting = records = [nb.Monitor(cells, name) for name in names]
    nb.Network(cells, records, dt=DT).run(5)
    assert len(spikes) > 5
    assert steps(fired) == steps(spikes)
    expected = sorted({(k + d, i) for k, i in steps(spikes) for d in range(3) if k + d < 50})
    assert sorted(steps(resting)) == expected


def test_events_in_the_order_of_their_conditions() -> None:
    cells = nb.Neurons(
        2, "v : 1\nw : 1", events={"b": "v >= 0", "a": "i == 1"}, on_event={"a": "v *= 3", "b": "v += 2"}
    )
    a, b = nb.Monitor(cells, "a"), nb.Monitor(cells, "b")
    net = nb.Network(cells, a, b, dt=DT)
    net.run(DT)
    assert cells.v.tolist() == [2, 6]
    assert (steps(a), steps(b)) == ([(0, 1)], [(0, 0), (0, 1)])
    found = [(s.phase, s.description) for s in net.schedule if s.owner == cells.name]
    assert found == [
        ("threshold", "event b"), ("threshold", "event a"), ("reset", "on_event b"), ("reset", "on_event a"),
    ]  # fmt: skip


def test_after_threshold_and_reset_before_monitors_and_stages_of_users() -> None:
    cells = nb.Neurons(
        1, "v : 1", threshold="v > 1", reset="v = 0", events={"e": "v > 0"}, on_event={"e": "v = 5"}
    )
    for phase in ("threshold", "reset"):
        cells.at(phase, "v += 0")
    other = nb.Neurons(1, "v : 1", threshold="v > 1", reset="v = 0", name="other")
    net = nb.Network(nb.Monitor(other, "spikes"), nb.Monitor(cells, "e"), cells, other, dt=DT)

    def kind(stage: Stage) -> str:
        return stage.description.split(" ")[0]

    assert list(map(kind, net.schedule)) == [
        "threshold", "threshold", "event", "run", "record", "record", "reset", "reset", "on_event", "run",
    ]  # fmt: skip


def test_statements_change_what_refractoriness_holds() -> None:
    cells = nb.Neurons(
        1, "dv/dt = 1/ms : 1 (unless refractory)", threshold="v > 0.05", reset="v = 0.01", refractory="1 s",
        events={"late": "t > 0.55*ms"}, on_event={"late": "v += 1"}, method="euler",
    )  # fmt: skip
    nb.Network(cells, dt=DT).run(1)
    assert cells.v[0] == pytest.approx(0.01 + 4)  # steps 6 to 9


def test_statements_are_those_of_a_reset() -> None:
    cells = nb.Neurons(
        4, "v : 1\nw : 1\nc = 2 : 1", events={"e": "i % 2 == 1"}, initial={"v": "i"},
        on_event={"e": "x = v*c; v = w; w = x\nif w > 3: w = -w\nelse: v += 1"},
    )  # fmt: skip
    nb.Network(cells, dt=DT).run(DT)
    assert cells.v.tolist() == [0, 1, 2, 0]
    assert cells.w.tolist() == [0, 2, 0, -6]


def test_one_answer_for_all_and_random_conditions() -> None:
    nb.seed(3)
    cells = nb.Neurons(1000, "v : 1", events={"now": "t > 0.05*ms and t < 0.15*ms", "luck": "rand() < 0.2"})
    now, luck = nb.Monitor(cells, "now"), nb.Monitor(cells, "luck")
    nb.Network(cells, now, luck, dt=DT).run(10)
    assert steps(now) == [(1, i) for i in range(1000)]
    assert abs(len(luck) - 20_000) < 5 * np.sqrt(100_000 * 0.2 * 0.8)
    per_step = np.bincount(np.rint(luck.t / DT).astype(int), minlength=100)
    assert abs(per_step.std() - np.sqrt(1000 * 0.2 * 0.8)) < 4


def test_who_has_an_event_is_where_others_find_it() -> None:
    cells = nb.Neurons(3, "v : 1", events={"e": "v > i"}, v=-1)
    assert [(name, buffer.indices.size) for name, buffer in cells.events.items()] == [
        ("spikes", 0),
        ("e", 0),
    ]
    net = nb.Network(cells, dt=DT)
    found = []
    cells.at("synapse", lambda e, v: found.append(e.tolist()))
    cells.at("start", lambda v, spikes: np.add(v, 1, out=v))
    net.run(0.4)
    assert found == [[], [0], [0, 1], [0, 1, 2]]
    assert cells.events["e"].indices.dtype == np.intp


# ---- Python functions ------------------------------------------------------------------------


def drop(w: np.ndarray, low: np.ndarray, t: float) -> None:
    w[low] += t


@pytest.mark.parametrize("model", [{"v": "mV", "w": "ms"}, "v : mV\nw : ms"])
@pytest.mark.parametrize("condition", [lambda v: v < 2, lambda v: np.flatnonzero(v < 2), "v < 2*mV"])
@pytest.mark.parametrize("statements", [drop, "w += t"])
def test_functions_and_texts_alike(model: Any, condition: Any, statements: Any) -> None:
    cells = nb.Neurons(4, model, events={"low": condition}, on_event={"low": statements})
    cells.v = [0, 1, 2, 3]
    low = nb.Monitor(cells, "low")
    nb.Network(cells, low, dt=DT).run(0.3)
    assert steps(low) == [(k, i) for k in range(3) for i in range(2)]
    np.testing.assert_allclose(cells.w, [0.3, 0.3, 0, 0])


def test_a_function_takes_the_indices_by_the_name_of_the_event() -> None:
    with pytest.raises(nb.UnknownNameError, match="unknown argument 'spikes' of <lambda>"):
        nb.Neurons(1, {"v": "1"}, events={"low": lambda v: v < 1}, on_event={"low": lambda v, spikes: None})


def test_wrong_answers_of_functions() -> None:
    for answer, message in (
        (np.array([4]), "the function of the event 'e' of 'cells' returned index 4"),
        (np.zeros(3, bool), "the function of the event 'e' of 'cells' must return 2 booleans, or indices"),
        (np.zeros(2), "must return 2 booleans"),
    ):
        cells = nb.Neurons(2, {"v": "1"}, events={"e": lambda v, answer=answer: answer}, name="cells")
        with pytest.raises(nb.NumpyBrainError, match=message):
            nb.Network(cells).run(1)


# ---- monitors --------------------------------------------------------------------------------


def drifting(n: int = 4) -> nb.Neurons:
    """Neuron i is above 1 in steps 9/(i + 1) and later."""
    return nb.Neurons(
        n,
        "dv/dt = (i + 1)/ms : 1",
        events={"high": "v > 0.95", "never": "v < 0"},
        method="euler",
        name="cells",
    )


def test_monitors_record_events_as_spikes(tmp_path: Path) -> None:
    cells = drifting()
    high, never = nb.Monitor(cells, "high"), nb.Monitor(cells, "never")
    part, some = nb.Monitor(cells[1:3], "high"), nb.Monitor(cells, "high", of=[3, 0])
    net = nb.Network(cells, high, never, part, some, dt=DT)
    net.run(0.6)
    net.run(0.4)
    first = [9, 4, 3, 2]
    expected = [(k, i) for k in range(10) for i in range(4) if k >= first[i]]
    assert steps(high) == expected
    assert high.count.tolist() == [1, 6, 7, 8]
    assert high.rate == pytest.approx(22 / 4 / 1e-3)
    assert high.train(1) == pytest.approx(np.arange(4, 10) * DT)
    assert steps(part) == [(k, i - 1) for k, i in expected if i in (1, 2)]
    assert sorted(steps(some)) == sorted((k, {3: 0, 0: 1}[i]) for k, i in expected if i in (0, 3))
    assert (len(never), never.rate, never.count.tolist()) == (0, 0, [0] * 4)
    assert repr(high).endswith("high of cells>")
    mpl.use("agg")
    for monitor in (high, never, part):
        monitor.plot(tmp_path / "events.png")
    with pytest.raises(nb.ArgumentError, match="'of' does nothing in a plot of high"):
        high.plot(of=1)


def test_wrong_monitors() -> None:
    cells = drifting()
    with pytest.raises(nb.ArgumentError, match="the event 'high' and variables need monitors of their own"):
        nb.Monitor(cells, "high", "v")
    with pytest.raises(nb.ArgumentError, match="spikes and other events need monitors of their own"):
        nb.Monitor(cells, "high, spikes")
    with pytest.raises(nb.UnknownAttributeError, match="no variable 'hihg' to record: did you mean 'high'"):
        nb.Monitor(cells, "hihg")
    with pytest.raises(nb.ArgumentError, match="takes no 'every'"):
        nb.Monitor(cells, "high", every=1)
    with pytest.raises(nb.UnknownAttributeError, match="has no variable 'x' to record"):
        nb.Monitor(nb.Synapses(cells, on_pre="v += 1", connect=([0], [0])), "x")


def test_a_monitor_changes_nothing() -> None:
    def run(*names: str) -> np.ndarray:
        nb.seed(5)
        cells = nb.Neurons(
            20, "dv/dt = -v/(5*ms) + xi/ms**0.5 : 1", threshold="v > 1", reset="v = 0", method="euler",
            events={"low": "v < -1 + 0.1*randn()"}, on_event={"low": "v += rand()"},
        )  # fmt: skip
        nb.Network(cells, [nb.Monitor(cells, name) for name in names], dt=DT).run(20)
        return np.array(cells.v)

    np.testing.assert_array_equal(run(), run("low", "spikes", "low", "v"))


# ---- spikes between time steps ----------------------------------------------------------------


def test_with_interpolated_spikes_events_are_on_the_grid_after_the_reset() -> None:
    cells = nb.Neurons(
        1, "dv/dt = 1/ms : 1\nn : 1", threshold="v > 0.25", reset="v = 0; n += 1", spike_times="interpolated",
        events={"high": "v > 0.15", "counted": "n > 0"}, on_event={"high": "n += 10"}, method="euler",
    )  # fmt: skip
    spikes, high, counted = (nb.Monitor(cells, name) for name in ("spikes", "high", "counted"))
    nb.Network(cells, spikes, high, counted, dt=DT).run(0.5)
    np.testing.assert_allclose(spikes.t, [0.25, 0.5])
    # v at the ends of steps: 0.1, 0.2, then 0.05 since the spike at 0.25 ms, 0.15, and 0.25 = 0
    assert steps(high)[0] == (1, 0)
    assert (2, 0) not in steps(high)
    assert steps(counted) == [(2, 0), (3, 0), (4, 0)]
    np.testing.assert_allclose(high.t, np.rint(high.t / DT) * DT)


# ---- wrong events ----------------------------------------------------------------------------


def test_wrong_names_in_groups_of_python() -> None:
    def make(**texts: Any) -> nb.Neurons:
        return nb.Neurons(1, {"v": "1"}, **texts)

    good = {"low": lambda v: v < 1}
    for texts, kind, message in (
        ({"events": {"v": good["low"]}}, nb.ModelError, "'v' is a variable"),
        (
            {"events": {"spikes": good["low"]}},
            nb.ModelError,
            "'spikes' are the events that the threshold makes",
        ),
        ({"events": {"2x": good["low"]}}, nb.ModelError, "'2x' cannot be the name of an event"),
        ({"events": {"class": good["low"]}}, nb.ModelError, "'class' cannot be the name"),
        ({"events": {3: good["low"]}}, nb.ModelError, "3 cannot be the name"),
        (
            {"events": {"low": 3}},
            nb.ArgumentError,
            "the condition of the event 'low' must be a text or a function",
        ),
        (
            {"events": good["low"]},
            nb.ArgumentError,
            r"'events' is a dictionary \{name: condition\} \(got function\)",
        ),
        (
            {"events": good, "on_event": {"lo": drop}},
            nb.UnknownNameError,
            "no event 'lo' .*: did you mean 'low'",
        ),
        ({"on_event": {"spikes": drop}}, nb.UnknownNameError, "what happens at spikes is the reset"),
        ({"events": {"low": lambda u: u < 1}}, nb.UnknownNameError, "unknown argument 'u' of <lambda>"),
    ):
        with pytest.raises(kind, match=message):
            make(**texts)
    with pytest.raises(nb.ArgumentError, match="'events' is a dictionary"):
        nb.Neurons(1, "v : 1", events="v > 1")


def test_without_events_there_are_no_stages_for_them() -> None:
    cells = nb.Neurons(1, "v : 1", threshold="v > 1", reset="v = 0", events={}, on_event=None)
    assert [s.description for s in cells.stages] == ["threshold", "reset"]
