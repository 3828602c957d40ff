"""What happens in one step, in which order, and how users see and change it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

PHASES = ["start", "integrate", "threshold", "synapse", "reset", "end"]
RAMP = "dv/dt = 1/ms : 1"  # v grows by 0.1 per step, or 0.125 where steps must be exact


def counter(n: int = 1, threshold: str = "v > 0.95", **options: Any) -> nb.Neurons:
    """Neurons that spike in step 9, 19, 29 ... at dt = 0.1 ms."""
    return nb.Neurons(n, RAMP, threshold=threshold, reset="v = 0", name="cells", **options)


# ---- the order -----------------------------------------------------------------------------------


def test_phases_run_in_order_and_see_what_the_earlier_ones_did() -> None:
    cells = nb.Neurons(1, RAMP, threshold="v >= 0.25", reset="v = -1")
    synapses = nb.Synapses(cells, on_pre="v_post += 10", connect="one_to_one")
    seen: list[tuple[str, float]] = []
    for phase in PHASES:
        cells.at(phase, lambda v, phase=phase: seen.append((phase, v[0])))
    nb.Network(cells, synapses, dt=0.125).run(0.375)
    assert seen == [
        ("start", 0.0), ("integrate", 0.125), ("threshold", 0.125), ("synapse", 0.125), ("reset", 0.125), ("end", 0.125),
        ("start", 0.125), ("integrate", 0.25), ("threshold", 0.25), ("synapse", 10.25), ("reset", -1.0), ("end", -1.0),
        ("start", -1.0), ("integrate", -0.875), ("threshold", -0.875), ("synapse", -0.875), ("reset", -0.875), ("end", -0.875),
    ]  # fmt: skip


def test_a_spike_needs_one_step_per_synapse_even_without_delay() -> None:
    cells = nb.Neurons(4, "v : 1", threshold="v > 0", reset="v = 0", initial={"v": "int(i == 0)"})
    chain = nb.Synapses(cells, on_pre="v_post += 1", connect=([0, 1, 2], [1, 2, 3]))
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, chain, spikes).run(1)
    assert spikes.i.tolist() == [0, 1, 2, 3]
    assert spikes.t == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_input_in_the_step_of_a_spike_is_lost_in_the_reset() -> None:
    cells = counter(2)
    kick = nb.Synapses(cells, on_pre="v_post += 0.5", connect=([0], [1]))
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, kick, trace).run(2)
    assert np.array_equal(trace.v[:, 0], trace.v[:, 1])


def test_order_of_objects_is_the_order_in_which_they_were_given() -> None:
    for first, expected in ((0, 2.0), (1, 1.0)):
        cells = nb.Neurons(
            2, "u : 1\nv : 1", threshold="v > 0", reset="v = 0", initial={"v": "int(i == 0)"}
        )
        both = [nb.Synapses(cells, on_pre=do, connect=([0], [1])) for do in ("u_post += 1", "u_post *= 2")]
        nb.Network(cells, both[first], both[1 - first]).run(0.1)
        assert cells.u.tolist() == [0.0, expected]


def test_on_pre_acts_before_on_post_whatever_the_order_of_objects() -> None:
    for order in (slice(None), slice(None, None, -1)):
        cells = nb.Neurons(1, "u : 1\nv : 1", threshold="v > 0", reset="v = 0", initial={"v": "1"})
        post = nb.Synapses(cells, on_post="u_post *= 2", connect="one_to_one")
        pre = nb.Synapses(cells, on_pre="u_post += 1", connect="one_to_one")
        nb.Network(cells, [post, pre][order]).run(0.1)
        assert cells.u.tolist() == [2.0]


# ---- time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.1, 0.025, 0.7, 1 / 3])
def test_time_is_the_step_times_dt_to_the_last_bit(dt: float) -> None:
    cells = nb.Neurons(1, "v : 1", threshold="v > 0", initial={"v": "1"})
    trace, spikes = nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")
    times: list[float] = []
    cells.at("end", lambda t: times.append(t))
    net = nb.Network(cells, trace, spikes, dt=dt)
    for steps in (1, 2, 300, 700):
        net.run(steps * dt)
    expected = [k * dt for k in range(1003)]
    assert trace.t.tolist() == spikes.t.tolist() == times == expected
    assert net.t == 1003 * dt


DURATIONS = [
    ("0.3 ms", 3),
    (0.7, 7),
    ("1 s", 10_000),
    ("1 ms", 10),
    (0, 0),
    (0.25, 3),
    ("0.000001 ms", 0),
    ("150 us", 2),
    (2.3, 23),
]


@pytest.mark.parametrize(("duration", "steps"), DURATIONS)
def test_how_many_steps_a_run_has(duration: Any, steps: int) -> None:
    net = nb.Network(nb.Neurons(1, "v : 1"), dt="0.1 ms")
    net.run(duration)
    assert net.t == steps * 0.1


def test_many_short_runs_equal_a_long_one() -> None:
    found = []
    for parts in ([5.0], [0.1] * 50, [1.2, 0.0, 2.3, 1.5]):
        nb.seed(3)
        cells = nb.Neurons(
            5,
            "dv/dt = (2 + i - v)/(3*ms) : 1\nu : 1",
            threshold="v > 1",
            reset="v = 0; u += rand()",
            refractory="0.3 ms",
        )
        spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v, u")
        net = nb.Network(
            cells,
            nb.Synapses(cells, on_pre="v_post += 0.1", connect="all_to_all", delay=0.7),
            spikes,
            trace,
        )
        for part in parts:
            net.run(part)
        found.append(
            [spikes.t.tolist(), spikes.i.tolist(), trace.t.tolist(), trace.v.tolist(), trace.u.tolist()]
        )
    assert len(found[0][0]) > 20
    assert found[0] == found[1] == found[2]


def test_step_runs_one_step() -> None:
    cells = counter()
    net = nb.Network(cells, dt=0.125)
    net.step()
    net.step()
    assert (net.t, cells.v[0]) == (0.25, 0.25)


def test_a_run_goes_on_after_an_error() -> None:
    cells = nb.Neurons(1, RAMP)
    trace = nb.Monitor(cells, "v")
    failing = [0.25]

    @cells.at("end")
    def fail(t: float) -> None:
        if t in failing:
            failing.clear()
            raise RuntimeError("only once")

    net = nb.Network(cells, trace, dt=0.125)
    with pytest.raises(RuntimeError, match="only once"):
        net.run(1)
    assert net.t == 0.25
    net.resume()
    net.run(0.5)
    assert trace.t.tolist() == trace.v[:, 0].tolist()  # v grows like t; no step is done twice
    assert net.t == cells.v[0] == 0.875


def test_progress_is_told() -> None:
    told: list[float] = []
    nb.Network(counter()).run("100 ms", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert all(0 < f <= 1 for f in told)
    assert len(told) > 2


# ---- the schedule ------------------------------------------------------------------------------------


def example() -> tuple[nb.Network, nb.Neurons]:
    cells = counter(3, refractory="1 ms")
    synapses = nb.Synapses(cells, on_pre="v_post += 0.01", connect="all_to_all", name="syn")
    net = nb.Network(
        cells,
        synapses,
        nb.Monitor(cells, "spikes", name="raster"),
        nb.Monitor(cells, "v", name="trace"),
        dt=0.1,
    )
    return net, cells


def test_the_schedule_is_printed() -> None:
    net, _ = example()
    rows = [line.split("  ") for line in str(net.schedule).splitlines()]
    cells = [[c.strip() for c in row if c.strip()] for row in rows]
    assert cells[0] == ["phase", "object", "what it does", "comes from"]
    assert [row[:4] for row in cells[1:]] == [
        ["0", "start", "trace", "record v of cells"],
        ["1", "integrate", "cells", "state update, exact"],
        ["2", "threshold", "cells", "threshold"],
        ["3", "threshold", "raster", "record spikes of cells"],
        ["4", "synapse", "syn", "on_pre of 9 synapses"],
        ["5", "reset", "cells", "reset"],
    ]
    assert len(net.schedule) == 6


def test_after_a_run_the_schedule_tells_the_share_of_time() -> None:
    net, _ = example()
    net.run(50)
    lines = str(net.schedule).splitlines()
    assert lines[0].endswith("share")
    shares = [float(line.split()[-2]) for line in lines[1:]]
    assert all(line.endswith("%") for line in lines[1:])
    assert sum(shares) == pytest.approx(100, abs=0.5)


def test_python_functions_show_their_file_and_line() -> None:
    net, cells = example()

    @cells.at("start")
    def drive(t: float, v: Any) -> None:
        pass

    line = drive.__code__.co_firstlineno
    assert f"drive (test_step.py:{line})" in str(net.schedule)
    assert [s.description for s in net.schedule if s.owner == "cells"][0] == "drive"


def test_stages_can_be_inserted_moved_replaced_and_removed() -> None:
    net, cells = example()
    log: list[Any] = []
    net.schedule.insert(lambda: log.append("before"), before="cells: reset")
    net.schedule.insert(lambda t: log.append(t), after="state update")
    assert [s.description.split(",")[0] for s in net.schedule][1:4] == [
        "state update",
        "<lambda>",
        "threshold",
    ]
    assert [s.description for s in net.schedule][-2:] == ["<lambda>", "reset"]
    net.run(0.1)
    assert log == [0.0, "before"]

    net.schedule.remove("state update")
    net.run(1)
    assert cells.v.tolist() == [0.1] * 3

    net.schedule.replace("cells: threshold", lambda: setattr(cells, "spikes", np.array([1])))
    net.run(0.1)
    assert cells.v.tolist() == pytest.approx([0.11, 0.0, 0.11])

    net.schedule.move("cells: reset", before="syn")  # the reset no longer undoes the synapses
    net.run(0.1)
    assert cells.v.tolist() == pytest.approx([0.12, 0.01, 0.12])


def test_stages_are_found_by_position_label_or_part() -> None:
    net, _ = example()
    schedule = net.schedule
    assert schedule[1] is schedule["cells: state update, exact"] is schedule["state update"]
    for wrong in ("cells", "nothing"):
        with pytest.raises(nb.NetworkError):
            schedule.find(wrong)
    with pytest.raises(nb.NetworkError):
        schedule.move("reset", before="threshold", after="syn")
    with pytest.raises(nb.NetworkError):
        schedule.move("cells: reset", after="cells: reset")
    with pytest.raises(nb.NetworkError):
        schedule.insert(lambda v: None, before="cells: reset")
    assert len(schedule) == 6


def test_phases_can_be_reordered() -> None:
    cells = nb.Neurons(2, RAMP, threshold="v >= 0.25", reset="v = 0", name="cells")
    kick = nb.Synapses(cells, on_pre="v_post += 1", connect=([0, 1], [1, 0]))
    order = ["start", "integrate", "threshold", "reset", "synapse", "end"]
    nb.Network(cells, kick, schedule=order, dt=0.125).run(0.25)
    assert cells.v.tolist() == [1.0, 1.0]
    for wrong in (order[1:], [*order, "end"], ["begin", *order[1:]]):
        with pytest.raises(nb.NetworkError):
            nb.Network(counter(), schedule=wrong)


def test_before_puts_a_stage_first_and_strings_are_stages_too() -> None:
    cells = nb.Neurons(1, RAMP, name="cells")
    seen: list[float] = []
    cells.at("integrate", lambda v: seen.append(v[0]))
    cells.at("integrate", lambda v: seen.append(v[0]), before=True)
    cells.at("end", "v = 2*v + 1")
    nb.Network(cells, dt=0.125).run(0.25)
    assert seen == [0.0, 0.125, 1.25, 1.375]
    assert cells.v[0] == 3.75


def test_stages_added_to_a_running_network_act_from_the_next_run() -> None:
    cells = counter()
    net = nb.Network(cells, dt=0.125)
    net.run(0.125)
    cells.at("end", "v = 5")
    net.run(0.125)
    assert cells.v[0] == 5.0


def test_objects_can_be_added_later() -> None:
    cells = counter(2)
    net = nb.Network(cells, dt=0.1)
    net.run(0.5)
    late = nb.Monitor(cells, "spikes")
    net.add(late, nb.Synapses(cells, on_pre="v_post += 0.5", connect=([0], [1])))
    net.run(1)
    assert late.t == pytest.approx([0.9, 0.9])
    assert late in net
    assert len(net.objects) == 3
