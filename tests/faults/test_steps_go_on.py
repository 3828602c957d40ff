"""Steps and runs that follow each other are prepared once; whatever happens between them counts at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.kernel.operations import Task
from numpybrain.kernel.contracts import Stage

MODEL = """
    dv/dt = (I + x - v)/tau : 1 (unless refractory)
    dx/dt = -x/(3*ms) : 1
    I : 1
    q : 1
    tau = 5*ms : ms
    g : 1 (shared)
    """
STDP = """
    w : 1
    k : 1
    da/dt = -a/(9*ms) : 1 (event-driven)
    ds/dt = (q_pre - s)/(2*ms) : 1 (clock-driven)
    q_post = 0.01*w*v_pre : 1 (summed)
    """


class Bundle:
    """A network with something of everything."""

    def __init__(self, *, python: bool) -> None:
        nb.seed(7)
        self.cells = nb.Neurons(
            9, MODEL, threshold="v > 0.7 + 0.01*rand()", reset="v = 0; q += 0.1", refractory="0.3 ms",
            initial={"v": "rand()"}, events={"high": "v > 0.6"}, on_event={"high": "q += 0.01"}, I=1.5, tau="4 ms",
        )  # fmt: skip
        self.tail = nb.Neurons(
            9,
            "dy/dt = (z - y)/ms : 1\nz : 1 (linked)\nu : 1",
            threshold="y > 0.3",
            reset="y = 0",
            method="rk4",
        )
        self.tail.z = nb.link(self.cells, "v")
        one, two = self.cells, self.tail
        self.own = nb.Synapses(
            one, one, "w : 1", on_pre="x_post += w", connect="i != j", w=0.05, delay="0.1*ms*(i + j)"
        )
        self.same = nb.Synapses(
            one, two, "w : 1", on_pre="y_post += w*g_pre", connect="one_to_one", w=0.1, delay="0.2 ms"
        )
        self.stdp = nb.Synapses(
            one,
            one,
            STDP,
            on_pre="x_post += 0.01*w; a += 1; w += 0.01*s",
            on_post="w += 0.1*a",
            connect="(i + 1) % N_post",
            w=0.5,
        )
        self.far = nb.Synapses(
            two, one, "c : 1", on_pre="x_post += c", connect="i == j", c=0.02, dendritic_delay="0.3 ms"
        )
        self.members = [one, two, self.own, self.same, self.stdp, self.far]
        self.records = [nb.Monitor(one, "spikes"), nb.Monitor(one, "v"), nb.Monitor(two[2:5], "u", "y", every="0.2 ms"), nb.Monitor(self.stdp, "a", of=[1, 3])]  # fmt: skip
        if python:
            two.at("end", self.drive)
        self.net = nb.Network(self.members, self.records)
        self.held: dict[str, Any] = {}

    def drive(self, t: float, u: Any) -> None:
        u[:] = t

    def state(self) -> list[Any]:
        """All that can be seen."""
        found: list[Any] = [self.net.t]
        for member in self.members:
            found += [
                (n, np.array(member.inspect.state.slots[n].value).tolist())
                for n in sorted(member.inspect.state.names())
                if member.inspect.state.slots[n].kind != "linked"
            ]
            found += [
                np.array(s.value).tolist()
                for part in getattr(member, "parts", {}).values()
                for s in part.inspect.state.slots.values()
            ]
        for record in self.records:
            found += [
                record.t.tolist(),
                *(record[name].tolist() for name in record.variables if not record.records_spikes),
            ]
        return found

    def hold(self, member: Any, name: str) -> Any:
        """An array, which is taken once."""
        if name not in self.held:
            self.held[name] = getattr(member, name)
        return self.held[name]


def connects(b: Bundle) -> None:
    b.own.connect("i == j")


def replaced(b: Bundle) -> None:
    b.net.schedule.replace(b.tail.name + ": reset", lambda: None)


def restored(b: Bundle) -> None:
    if "snapshot" in b.held:
        b.net.restore(b.held["snapshot"])
    b.held["snapshot"] = b.net.snapshot()


def switched(b: Bundle) -> None:
    b.net.check_finite = not b.net.check_finite


def joined(b: Bundle) -> None:
    b.records.append(nb.Monitor(b.cells, "q"))
    b.net.add(b.records[-1])


ACTIONS: dict[str, Callable[[Bundle], Any]] = {
    "nothing": lambda b: None,
    "a parameter": lambda b: setattr(b.cells, "I", 1.6),
    "a parameter of each": lambda b: setattr(b.cells, "I", np.linspace(1, 2, 9)),
    "a text": lambda b: setattr(b.cells, "I", "1.5 + 0.1*rand()"),
    "an array in place": lambda b: b.hold(b.cells, "I").__setitem__(3, 2.0 + b.net.t),
    "an array in place, all alike": lambda b: b.hold(b.cells, "tau").__setitem__(slice(None), 4 + b.net.t),
    "an array in place, much later": lambda b: b.hold(b.cells, "tau") if b.net.t < 0.5 else b.held["tau"].__setitem__(0, 1),
    "a state": lambda b: setattr(b.cells, "v", 0.3),
    "a state in place": lambda b: b.hold(b.cells, "v").__setitem__(2, 0.69),
    "a part": lambda b: setattr(b.cells[2:4], "I", 3),
    "a shared one": lambda b: setattr(b.cells, "g", 0.5),
    "a value read": lambda b: b.cells.q,
    "an event-driven variable read": lambda b: b.stdp.a,
    "weights": lambda b: setattr(b.own, "w", 0.2),
    "weights in place": lambda b: b.own.w.__setitem__(slice(0, 9), 0.3 + b.net.t),
    "weights of pairs": lambda b: b.stdp.w.__setitem__((0, 1), 0.9),
    "weights that add up now": lambda b: setattr(b.far, "c", np.arange(9) / 50),
    "delays": lambda b: setattr(b.own, "delay", 0.4),
    "delays of each": lambda b: setattr(b.same, "delay", np.arange(9) / 10),
    "delays in place": lambda b: b.hold(b.own, "delay").__setitem__(slice(0, 30), 0.7),
    "a dendritic delay": lambda b: setattr(b.far, "dendritic_delay", 0.5),
    "synapses come": connects,
    "synapses go": lambda b: b.own.remove("i == 4") if len(b.own) > 60 else None,
    "synapses move": lambda b: b.own.rewire([1, 2], j=7),
    "a link": lambda b: setattr(b.tail, "z", nb.link(b.cells, "x" if b.net.t < 0.5 else "v")),
    "a stage": lambda b: b.cells.at("end", "I *= 1.01"),
    "a stage in Python": lambda b: b.cells.at("start", lambda I: I.__imul__(1.01)),
    "a stage inserted": lambda b: b.net.schedule.insert(lambda: b.cells.inspect.state.slots["v"].value.__imul__(0.99), before=0),
    "a stage replaced": lambda b: replaced(b) if b.net.t < 0.2 else None,
    "a stage removed": lambda b: b.net.schedule.remove(f"{b.far.name}: on_pre of 9 synapses") if b.net.t < 0.2 else None,
    "a stage moved": lambda b: b.net.schedule.move(f"{b.tail.name}: state update, rk4", after=-1 if b.net.t < 0.5 else 3),
    "a seed": lambda b: nb.seed(3),
    "a snapshot": lambda b: b.net.snapshot(),
    "back": restored,
    "a monitor": joined,
    "no look": switched,
    "spikes": lambda b: setattr(b.cells, "spikes", np.array([1, 2])),
    "explained": lambda b: [s.explain() for s in (b.own, b.stdp)],
    "the code": lambda b: [p.source for s in (b.own, b.same, b.stdp) for p in s.pathways.values()],
    "a run with progress": lambda b: b.net.run(0.2, progress=lambda part: setattr(b.cells, "I", 1.4)),
    "a condition": lambda b: b.own.select("w > 0 and x_post > 0"),
    "a matrix": lambda b: b.own.matrix("w"),
    "another network": lambda b: nb.Network(nb.Neurons(2, "dv/dt = -v/ms : 1")).run(0.3),
}  # fmt: skip


@pytest.mark.parametrize("python", [False, True])
@pytest.mark.parametrize("name", ACTIONS)
def test_what_happens_between_steps_counts(name: str, python: bool) -> None:
    action, found = ACTIONS[name], []
    for always_anew in (False, True):
        bundle = Bundle(python=python)
        seen = []
        for step in range(18):
            if step % 4 == 2:
                action(bundle)
            if always_anew:
                bundle.net._prepared = None
            bundle.net.step()
            if step % 5 == 0:
                seen.append(bundle.state())
        found.append([*seen, bundle.state()])
    assert found[0] == found[1]


@pytest.mark.parametrize("python", [False, True])
def test_steps_are_a_run(python: bool) -> None:
    found = []
    for cut in ([60], [1] * 60, [7, 1, 1, 1, 20, 30]):
        bundle = Bundle(python=python)
        for steps in cut:
            bundle.net.run(steps * bundle.net.dt) if steps > 1 else bundle.net.step()
        found.append(bundle.state())
    assert found[0] == found[1] == found[2]
    assert len(bundle.records[0]) > 10


def prepared(net: nb.Network, act: Callable[[], Any]) -> int:
    """How often a stage of a network is prepared."""
    count = 0

    def counting(operation: Any) -> Task:
        def prepare(run: Any) -> Any:
            nonlocal count
            count += 1
            return operation.prepare(run)

        return Task(prepare, lambda: (operation,))

    for stage in net.schedule:
        stage.operation = counting(stage.operation)
    act()
    return count


@pytest.mark.parametrize("python", [False, True])
def test_steps_that_follow_each_other_are_prepared_once(python: bool) -> None:
    bundle = Bundle(python=python)
    bundle.net.run(1)
    stages = len(bundle.net.schedule)

    def steps() -> None:
        for _ in range(200):
            bundle.net.step()
            assert bundle.cells.v.shape == (9,)
            assert bundle.records[1].v.shape[0] == round(bundle.net.t / 0.1)

    assert (
        stages <= prepared(bundle.net, steps) <= 10 * stages
    )  # once; and when there is room for twice the records
    net = nb.Network(nb.Neurons(1, "dv/dt = -v/(10*ms) : 1"))
    net.run(1)
    assert prepared(net, lambda: [net.step() for _ in range(200)]) == 1


def test_room_for_records_is_bounded() -> None:
    cells = nb.Neurons(1000, "v : 1")
    trace = nb.Monitor(cells, "v")
    net = nb.Network(cells, trace)
    for _ in range(4):
        net.run(50)
    assert trace._samples.has_room(0)
    assert not trace._samples.has_room(500 + 133)  # some hundred beyond those of the last run
    assert trace.v.shape == (2000, 1000)
    assert np.array_equal(trace.t, 0.1 * np.arange(2000))


def test_records_can_be_read_while_they_are_made() -> None:
    cells = nb.Neurons(2, "v : 1")
    trace = nb.Monitor(cells, "v")
    seen = []
    cells.at("end", lambda t: seen.append((len(trace.t), trace.v[-1].tolist())))
    cells.at("start", lambda t, v: v.__setitem__(slice(None), t))
    nb.Network(cells, trace).run(0.4)
    assert [n for n, _ in seen] == [1, 2, 3, 4]
    assert [v[0] for _, v in seen] == pytest.approx([0, 0, 0.1, 0.2])


def test_errors_come_as_before() -> None:
    cells = nb.Neurons(3, "dv/dt = k*v/ms : 1\nk : 1", k=-1, initial={"v": 1})
    net = nb.Network(cells)
    net.step()
    v, k = cells.v, cells.k
    net.step()
    v[1] = np.nan
    with pytest.raises(nb.ModelError, match="'v' of 'neurons_.*' is NaN at the start of the run"):
        net.step()
    v[1] = 1
    net.step()
    k[2] = np.nan
    with pytest.raises(nb.ModelError, match="'k' of 'neurons_.*' is NaN at the start of the run"):
        net.step()
    k[2] = 1e6
    before = v.copy()
    with pytest.raises(nb.DivergenceError):
        for _ in range(3):
            net.step()
    assert np.array_equal(v, before)
    k[2] = -1
    net.step()


def test_an_error_is_not_gone_on_from() -> None:
    cells = nb.Neurons(2, "v : 1")
    fails = []

    @cells.at("start")
    def stage(v: Any) -> None:
        if fails:
            raise ValueError

    net = nb.Network(cells)
    net.step()
    net.step()
    fails.append(1)
    with pytest.raises(ValueError):
        net.step()
    fails.clear()
    with pytest.raises(nb.NetworkError, match="in the middle of a step"):
        net.step()
    net.resume(repeat=True)
    net.step()
    assert net.t == pytest.approx(0.4)


def test_a_group_may_go_to_another_network() -> None:
    cells = nb.Neurons(2, "dv/dt = -v/ms : 1")
    net = nb.Network(cells)
    net.step()
    net.step()
    del net
    nb.Network(cells, dt=0.2).step()
    assert not any(isinstance(stage, Stage) and stage.seconds < 0 for stage in cells.stages)


def test_checkpoints_with_records_between_steps(tmp_path: Path) -> None:
    bundle = Bundle(python=False)
    for _ in range(5):
        bundle.net.step()
    bundle.net.save(tmp_path / "state")
    for _ in range(7):
        bundle.net.step()
    state = bundle.state()
    bundle.net.load(tmp_path / "state")
    for _ in range(7):
        bundle.net.step()
    assert bundle.state() == state
    other = Bundle(python=False)
    other.net.load(tmp_path / "state")
    for _ in range(7):
        other.net.step()
    assert other.state() == state
