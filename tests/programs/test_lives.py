"""The lives of networks: runs in parts, monitors that come later, checkpoints, other time steps, values of all kinds."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.programs.loops import DT, same, source, steps, towards


def test_monitors_that_come_later() -> None:
    cells = nb.Neurons(
        3, "dv/dt = (1.3 - v)/(2*ms) : 1", threshold="v > 1", reset="v = 0", initial={"v": "0.2*i"}
    )
    trace, spikes = nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")
    net = nb.Network(cells, trace, spikes)
    net.run(5)
    slow, part = nb.Monitor(cells, "v", every="0.3 ms"), nb.Monitor(cells[1:3], "spikes")
    net.add(slow, part)
    net.run(5)
    same(trace.t, np.arange(100) * DT)
    chosen = [step for step in range(50, 100) if step % 3 == 0]
    same(slow.t, np.array(chosen) * DT)
    same(slow.v, trace.v[chosen])
    assert steps(part) == [(step, k - 1) for step, k in steps(spikes) if step >= 50 and k >= 1]
    assert part.rate == pytest.approx(len(part) / 2 / 0.005)


def test_intervals_of_records_over_runs_of_any_length() -> None:
    cells = nb.Neurons(1, "dv/dt = 1/ms : 1")
    trace = nb.Monitor(cells, "v", every="0.7 ms")
    net = nb.Network(cells, trace)
    for duration in (0.1, 0.3, 1.0, 0.2, 2.0, 0.1, 0.1, 3.3, 0):
        net.run(duration)
    chosen = np.arange(0, round(net.t / DT), 7)
    same(trace.t, chosen * DT)
    same(trace.v[:, 0], chosen * DT)


def test_choices_of_monitors() -> None:
    cells = nb.Neurons(6, "dv/dt = (1 + 0.2*i)/ms : 1\nw = 2*v : 1", threshold="v > 1", reset="v = 0")
    mask = np.array([True, False, True, True])
    choices: list[tuple[Any, Any, list[int]]] = [
        (cells, [4, 1, 5], [4, 1, 5]), (cells[1:5], mask, [1, 3, 4]), (cells, slice(1, 6, 2), [1, 3, 5]),
        (cells[2:], None, [2, 3, 4, 5]),
    ]  # fmt: skip
    everything, everybody = nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")
    made = [
        (nb.Monitor(of, "v", "w", of=which), nb.Monitor(of, "spikes", of=which)) for of, which, _ in choices
    ]
    nb.Network(cells, everything, everybody, made).run(5)
    for (trace, spikes), (_, _, wanted) in zip(made, choices, strict=True):
        same(trace.v, everything.v[:, wanted])
        same(trace.w, 2 * everything.v[:, wanted])
        found = [(step, wanted.index(k)) for step, k in steps(everybody) if k in wanted]
        assert sorted(steps(spikes)) == sorted(found)
        assert spikes.count.tolist() == [everybody.count[k] for k in wanted]


def test_many_short_runs_are_one_run() -> None:
    found = []
    for parts in (1, 300):
        cells = nb.Neurons(3, "dv/dt = (1.2 - v)/(3*ms) : 1 (unless refractory)", threshold="v > 1", reset="v = 0",
                           refractory="1 ms", initial={"v": [0, 0.2, 0.5]})  # fmt: skip
        synapses = nb.Synapses(cells, cells, on_pre="v_post += 0.05", connect="i != j", delay="0.7 ms")
        spikes = nb.Monitor(cells, "spikes")
        net = nb.Network(cells, synapses, spikes)
        for _ in range(parts):
            net.run(30 / parts)
        found.append(steps(spikes))
    assert found[0] == found[1]
    assert len(found[0]) > 5


def test_a_network_after_another_one_with_another_time_step() -> None:
    cells = nb.Neurons(2, "dv/dt = (2 - v)/(5*ms) : 1", threshold="v > 1", reset="v = 0", refractory="1 ms")
    synapses = nb.Synapses(
        cells, cells, "w : 1", on_pre="v_post += w", connect="i != j", delay="0.8 ms", w=0.2
    )
    net = nb.Network(cells, synapses, dt=0.1)
    net.run(10)
    del net
    gc.collect()
    cells.v = 0  # what was under way, and who was refractory, is forgotten
    trace, spikes = nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")
    net = nb.Network(cells, synapses, trace, spikes, dt=0.2)
    assert net.t == 0
    net.run(10)
    v, until, wanted, found, due = np.zeros(2), np.zeros(2, int), [], [], {}
    for step in range(50):
        wanted.append(v.copy())
        v = towards(v, 2, 5, 0.2)
        fired = [k for k in range(2) if v[k] > 1 and step >= until[k]]
        found += [(step, k) for k in fired]
        due[step + 4] = fired
        for k in due.pop(step, []):
            v[1 - k] += 0.2
        for k in fired:
            until[k], v[k] = step + 5, 0
    same(trace.v, wanted)
    assert list(zip(np.rint(spikes.t / 0.2).astype(int).tolist(), spikes.i.tolist(), strict=True)) == found


def noisy(seed: int) -> nb.Network:
    nb.seed(seed)
    cells = nb.Neurons(6, "dv/dt = (1.5 - v + 0.3*xi*ms**0.5)/(3*ms) : 1 (unless refractory)\nn : 1", threshold="v > 1",
                       reset="v = 0", refractory="0.5*ms + 0.5*ms*rand()", initial={"v": "rand()"},
                       events={"low": "v < 0.2"}, on_event={"low": "n += rand()"})  # fmt: skip
    synapses = nb.Synapses(cells, cells, "w : 1\nda/dt = -a/(4*ms) : 1 (event-driven)", on_pre="v_post += w; w *= 0.99; a += w",
                           on_event={"on_pre": "low"}, connect=nb.connect.probability(0.5), w="0.1*rand()",
                           delay="2*ms*rand()")  # fmt: skip
    return nb.Network(
        cells, synapses, nb.Monitor(cells, "spikes"), nb.Monitor(cells, "low"), nb.Monitor(synapses, "w")
    )


def seen(net: nb.Network) -> list[Any]:
    cells, synapses, spikes, low, weights = net.objects
    return [
        a.tolist()
        for a in (cells.v, cells.n, synapses.w, synapses.a, synapses.i, spikes.t, low.t, weights.w)
    ]


@pytest.mark.parametrize("way", ["snapshot", "file", "copy", "pickle"])
def test_checkpoints_in_a_network_with_other_synapses(way: str, tmp_path: Path) -> None:
    net = noisy(1)
    net.run(5)
    snapshot: Any = net.snapshot()
    if way == "file":
        net.save(tmp_path / "saved")
    net.run(5)
    other = noisy(2)
    other.run(3)
    ways = {"snapshot": lambda: snapshot, "file": lambda: tmp_path / "saved", "copy": lambda: copy.deepcopy(snapshot),
            "pickle": lambda: pickle.loads(pickle.dumps(snapshot))}  # fmt: skip
    other.restore(ways[way]())
    other.run(5)
    assert seen(other) == seen(net)


def test_records_begin_anew() -> None:
    cells = nb.Neurons(2, "dv/dt = 1/ms : 1", threshold="v > 0.45", reset="v = 0")
    trace, spikes = nb.Monitor(cells, "v", every="0.2 ms"), nb.Monitor(cells, "spikes")
    net = nb.Network(cells, trace, spikes)
    net.run(1)
    snapshot = net.snapshot(records=False)
    net.run(1)
    net.restore(snapshot)
    assert len(trace) == len(spikes) == 0
    net.run(1)
    same(trace.t, 1 + np.arange(5) * 0.2)
    assert spikes.rate == pytest.approx(len(spikes) / 2 / 0.001)


def test_networks_in_threads() -> None:
    nets = [noisy(4) for _ in range(4)]
    threads = [threading.Thread(target=net.run, args=(20,)) for net in nets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    nb.seed(4)
    wanted = noisy(4)
    wanted.run(20)
    for net in nets:
        assert seen(net) == seen(wanted)


def test_a_run_after_a_divergence() -> None:
    cells = nb.Neurons(2, "dv/dt = v**2/ms : 1", method="euler", initial={"v": [1, 0.0]})
    trace = nb.Monitor(cells, "v")
    net = nb.Network(cells, trace)
    with pytest.raises(nb.DivergenceError):
        net.run(100)
    net.resume()  # all steps are complete
    t = net.t
    cells.v = [0.0, 0.01]
    net.run(1)
    v = 0.01
    for _ in range(10):
        v += 0.1 * v * v
    same(cells.v, [0, v])
    same(trace.t, np.arange(round(t / DT) + 10) * DT)


def test_a_network_of_nothing_and_runs_of_nothing() -> None:
    net = nb.Network()
    net.run(1)
    assert net.t == 1
    cells = nb.Neurons(1, "dv/dt = 1/ms : 1")
    trace = nb.Monitor(cells, "v")
    net = nb.Network(cells, trace)
    net.run(0)
    assert (net.t, len(trace)) == (0, 0)
    for _ in range(5):
        net.step()
    net.run(0)
    net.run(0.5)
    same(trace.v[:, 0], np.arange(10) * 0.1)


def test_objects_that_come_in_the_middle_of_a_run() -> None:
    """They take part from the next run on."""
    cells, made = nb.Neurons(2, "dv/dt = 1/ms : 1", threshold="v > 0.35", reset="v = 0"), []

    def grow(t: float) -> None:
        if round(t / DT) == 5 and not made:
            target = nb.Neurons(2, "x : 1")
            synapses = nb.Synapses(cells, target, "w : 1", on_pre="x_post += w", connect="i == j", w=1)
            made.extend([target, synapses, nb.Monitor(target, "x")])
            net.add(made)
            synapses.connect(([0], [1]), w=5)

    cells.at("end", grow)
    net = nb.Network(cells)
    net.run(2)
    assert made[0].x.tolist() == [0, 0]
    assert len(made[2]) == 0
    net.run(2)
    assert made[0].x.tolist() == [5, 5 + 25]
    same(made[2].t, 2 + np.arange(20) * DT)


def test_values_of_all_kinds() -> None:
    cells = nb.Neurons(4, "v : mV\nI = 1*nA : nA\nk : integer\nq = 2 : 1 (shared)\nb : boolean")
    cells.v += 1
    cells[1:3].v += 2
    cells.I *= 3
    cells[0].I -= 1
    cells.k += 2
    cells.q *= 4
    cells.v[2] += 10
    cells.b |= True
    assert [cells.v.tolist(), cells.I.tolist(), cells.k.tolist()] == [[1, 3, 13, 1], [2, 3, 3, 3], [2] * 4]
    assert (cells.q, cells.b.tolist()) == (8, [True] * 4)
    for value, wanted in ((np.float32(1.5), [1.5] * 4), (range(4), [0, 1, 2, 3]), (np.array([7]), [7] * 4),
                          (np.arange(4, dtype=np.int8), [0, 1, 2, 3]), ((4, 5, 6, 7), [4, 5, 6, 7])):  # fmt: skip
        cells.v = value
        assert cells.v.tolist() == wanted
    cells.I = cells.v
    cells.I[0] = 9  # a copy
    assert cells.v.tolist() == [4, 5, 6, 7]
    cells.v = cells.v[::-1]
    cells.v[:] = cells.v[[3, 0, 1, 2]]
    assert cells.v.tolist() == [4, 7, 6, 5]
    cells[0:3].v = cells[1:4].v  # which overlaps
    assert cells.v.tolist() == [7, 6, 5, 5]


def test_values_of_synapses_by_pairs_and_conditions() -> None:
    cells = nb.Neurons(3, "v : 1")
    synapses = nb.Synapses(cells, cells, "w : mV", on_pre="v_post += w/mV", connect="all_to_all", delay=0.1)
    wanted = np.zeros((3, 3))
    synapses.w[0, :], wanted[0, :] = "2 mV", 2
    synapses.w[:, 1], wanted[:, 1] = 5, 5
    synapses.w["i > j"] = "0.5*mV*i"
    wanted[np.tril_indices(3, -1)] = [0.5, 1, 1]
    synapses.w[synapses.i == synapses.j] *= 2
    wanted[np.diag_indices(3)] *= 2
    synapses.w["i < j"] = [7, 8, 9]
    wanted[np.triu_indices(3, 1)] = [7, 8, 9]
    same(synapses.matrix("w"), wanted)
    synapses.w *= 2
    synapses.delay += 0.2
    synapses.w[[0, 0]] = [5, 6]
    wanted *= 2
    wanted[0, 0] = 6
    same(synapses.matrix("w"), wanted)
    same(synapses.delay, [0.3] * 9)
    synapses.remove([-1])
    assert len(synapses) == 8
    net = nb.Network(cells, synapses)
    net.run(0.1)


def test_start_values_that_follow_from_others() -> None:
    start = {"v": "u*2 + i", "u": "w + N", "w": "i/2", "k": "i*i", "b": "v > 12"}
    cells = nb.Neurons(4, "v : 1\nu : 1\nw : 1\nk : integer\nb : boolean\nz = v + u : 1", initial=start)
    i = np.arange(4)
    u = i / 2 + 4
    for name, wanted in (("u", u), ("v", 2 * u + i), ("z", 3 * u + i), ("k", i * i), ("b", 2 * u + i > 12)):
        same(getattr(cells, name), wanted)


def test_whole_numbers_and_time_in_statements() -> None:
    cells = nb.Neurons(
        7, "k, m : integer\nx, q : 1\nb : boolean\ny = k//3 + k % 3 : 1", initial={"k": "i*i - 4"}
    )
    cells.at("start", "m = k // 3; x = k / 3; k = k + 1; b = (k % 2 == 0) and not b")
    cells.at("end", "q = timestep(t, dt) + 0.5*t_in_timesteps + dt/ms")
    net = nb.Network(cells, dt=0.25)
    k, b = np.arange(7) ** 2 - 4, np.zeros(7, bool)
    for step in range(5):
        net.step()
        m, x, k = k // 3, k / 3, k + 1
        b = (k % 2 == 0) & ~b
        for name, wanted in (("m", m), ("x", x), ("k", k), ("b", b), ("y", k // 3 + k % 3)):
            same(getattr(cells, name), wanted)
        same(cells.q, [1.5 * step + 0.25] * 7)


def test_time_steps_of_ten_seconds_and_of_a_microsecond() -> None:
    cells = nb.Neurons(1, "dv/dt = -v/(1*second) : 1", initial={"v": 1})
    nb.Network(cells, dt="10 s").run("100 s")
    assert cells.v[0] == pytest.approx(np.exp(-100))
    cells = nb.Neurons(1, "dv/dt = 1/ms : 1", threshold="v > 0.0045", reset="v = 0", refractory="1 us")
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt="1 us").run("50 us")
    same(spikes.t * 1000, np.arange(4, 50, 5))


def test_streams_of_draws_do_not_depend_on_who_looks() -> None:
    found = []
    for look in (False, True):
        nb.seed(3)
        cells = nb.Neurons(
            5, "dv/dt = -v/ms + xi*ms**-0.5 : 1\ny = v + rand() : 1", initial={"v": "rand()"}
        )
        trace = nb.Monitor(cells, *(("v", "y") if look else ("v",)))
        net = nb.Network(cells, trace)
        for _ in range(3):
            net.run(1)
            _ = (cells.y, cells.v) if look else None
        found.append(trace.v.tolist())
    assert found[0] == found[1]


def test_spikes_by_chance_with_refractoriness_and_synapses() -> None:
    cells = nb.Neurons(100, "r : Hz", threshold="rand() < r*dt", r=50, refractory="5 ms")
    target = nb.Neurons(1, "n : 1")
    synapses = nb.Synapses(cells[20:40], target, on_pre="n_post += 1", connect="all_to_all")
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, target, synapses, spikes).run(2000)
    assert min(np.diff(spikes.train(k)).min() for k in range(100)) > 5 - 1e-9
    assert target.n[0] == np.sum((spikes.i >= 20) & (spikes.i < 40))
    wanted = 20000 / (50 + 1 / 0.005 - 1)  # the period, and a geometric time with p = 0.005
    assert abs(spikes.count.mean() - wanted) < 4 * np.sqrt(wanted / 100)


def test_what_neurons_spiked_is_that_of_the_last_step() -> None:
    cells = nb.Neurons(3, "dv/dt = (1 + i)/ms : 1", threshold="v > 1", reset="v = 0")
    net, v = nb.Network(cells), np.zeros(3)
    for _ in range(12):
        net.step()
        v = v + 0.1 * (1 + np.arange(3))
        assert cells.spikes.tolist() == np.flatnonzero(v > 1).tolist()
        v[v > 1] = 0


def test_sources_of_given_spikes() -> None:
    spiking = source({1: [0, 2], 3: [1]}, 3)
    spikes = nb.Monitor(spiking, "spikes")
    nb.Network(spiking, spikes).run(1)
    assert steps(spikes) == [(1, 0), (1, 2), (3, 1)]
