"""An error in a stage leaves a step incomplete: the network says where, and does not run on by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.kernel.contracts import PHASES
from numpybrain.kernel.operations import Task
from numpybrain.kernel.contracts import Stage
from tests.kernel.checkpoints import BUILDS, lif, same
from tests.kernel.synapse_checkpoints import CASES, watch

BEFORE, AT, END = 60, 63, 75  # steps: of the snapshot, of the error, of the end of the run


def events() -> nb.Network:
    cells = lif(events={"low": "v < 0.1"}, on_event={"low": "v += 0.05"})
    synapses = nb.Synapses(
        cells, cells, on_pre="v_post += 0.01", on_event={"on_pre": "low"}, connect="all_to_all"
    )
    return nb.Network(cells, synapses, nb.Monitor(cells, "low"), nb.Monitor(cells, "v"))


def every_phase() -> nb.Network:
    """Python functions and statements in all phases, of neurons and of synapses."""
    cells = nb.Neurons(
        5, "dv/dt = (1.5 - v)/(5*ms) : 1\nx : 1", threshold="v > 1", reset="v = 0", initial={"v": "rand()"}
    )
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="v_post += w", connect="all_to_all", w=0.01)
    for phase in PHASES:
        cells.at(phase, lambda v, x, rng: np.add(x, rng.random(5) * v, out=x))
        cells.at(phase, "x *= 0.99")
        synapses.at(phase, "w *= 0.999")
    net = nb.Network(cells, synapses, nb.Monitor(cells, "v"), nb.Monitor(synapses, "w"))
    for place in (4, f"{cells.name}: reset"):
        net.schedule.insert(lambda: np.sqrt(cells.x, out=cells.x), before=place)
    return net


NETWORKS: dict[str, Callable[[], nb.Network]] = {
    "events": events,
    "every phase": every_phase,
    **{name: BUILDS[name] for name in ("draws", "poisson", "refractory_while", "interpolated_each", "sampled",
                                       "python", "method_rk45")},
    **{name: CASES[name][0] for name in ("pathways", "sums", "dendrites", "delays that act", "growing",
                                         "instant kept", "plastic with the clock", "noise")},
}  # fmt: skip


class Trap(Exception):
    """What comes up in a stage on purpose."""


def set_trap(net: nb.Network, stage: Stage, step: int, *, late: bool) -> None:
    """Raise an error in a stage of one step, before or after what it does; only once."""
    operation, armed = stage.operation, [True]

    def prepare_with_trap(run: Any) -> Callable[[], Any]:
        call = operation.prepare(run)

        def act() -> None:
            if late and call is not None:
                call()
            if armed and net.clock.step == step:
                armed.clear()
                raise Trap("on purpose")
            if not late and call is not None:
                call()

        return act

    stage.operation = Task(prepare_with_trap, lambda: (operation,))


def torn(net: nb.Network, stage: Stage, *, late: bool) -> Trap:
    """The error of a run that stops in the middle of a step."""
    operation = stage.operation
    set_trap(net, stage, AT, late=late)
    with pytest.raises(Trap) as caught:
        net._run(END - net.clock.step, None)
    stage.operation = operation
    return caught.value


@pytest.mark.parametrize("name", NETWORKS)
def test_an_error_at_every_stage(name: str) -> None:
    net = NETWORKS[name]()
    net._run(BEFORE, None)
    watch(net)  # arrays that have been read once have been read in all of the runs
    start = net.snapshot()
    net._run(END - BEFORE, None)
    net.restore(start)
    net._run(END - BEFORE, None)
    wanted = watch(net)
    for stage in list(net.schedule):
        net.restore(start)
        error = torn(net, stage, late=False)
        where = (
            f"in the stage '{stage.owner}: {stage.description}' ({stage.origin}) at t = {AT * net.dt:g} ms"
        )
        assert [note.partition(";")[0] for note in error.__notes__] == [where]
        assert net.t == AT * net.dt
        for attempt in (lambda: net.run(1), net.step, net.snapshot, lambda: net.save("nowhere/x")):
            with pytest.raises(nb.NetworkError, match="in the middle of a step") as caught:
                attempt()
            assert where in str(caught.value)
            assert "Trap: on purpose" in str(caught.value)
            assert "net.restore(...)" in str(caught.value)
            assert "net.resume()" in str(caught.value)
        net.restore(start)  # which is one way on
        net._run(END - BEFORE, None)
        same(watch(net), wanted)

        net.restore(start)
        torn(net, stage, late=False)
        net.resume(repeat=True)  # the stage has done nothing, and does it now
        assert net.t == (AT + 1) * net.dt
        net._run(END - AT - 1, None)
        same(watch(net), wanted)

        net.restore(start)
        torn(net, stage, late=True)
        net.resume()  # the stage has done all
        assert net.t == (AT + 1) * net.dt
        net._run(END - AT - 1, None)
        same(watch(net), wanted)


def falling(n: int = 1) -> nb.Neurons:
    """One that spikes in steps 9, 19, ... of 0.1 ms, and adds up its spikes."""
    return nb.Neurons(n, "dv/dt = 1/ms : 1\ncount : 1", threshold="v > 0.95", reset="v = 0; count += 1")


def test_a_neuron_does_not_spike_twice() -> None:
    """The step with the error had a spike and no reset: the next step had it once more."""
    cells = falling()
    fail = [True]

    def synapse(t: float) -> None:
        if fail and t > 0.85:
            fail.clear()
            raise Trap

    cells.at("synapse", synapse)
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes)
    with pytest.raises(Trap):
        net.run(5)
    net.resume()
    net.run(5 - net.t)
    np.testing.assert_allclose(spikes.t, [0.9, 1.9, 2.9, 3.9, 4.9])
    assert cells.count[0] == 5


def test_the_stage_may_be_mended_before_it_is_repeated() -> None:
    def wrong(x: np.ndarray) -> None:
        raise Trap

    cells = nb.Neurons(2, "dx/dt = 1/ms : 1\ny : 1")
    cells.at("start", wrong)
    cells.at("end", "y += 1")
    net = nb.Network(cells)
    for repeat in (False, True):
        with pytest.raises(Trap):
            net.run(1)
        assert net.t == 0
        assert cells.y[0] == 0
        with pytest.raises(Trap):  # in the same stage
            net.resume(repeat=True)
        assert net.t == 0
        net.schedule.replace("wrong", lambda: None)
        net.resume(repeat=repeat)
        assert net.t == 0.1
        assert cells.x[0] == pytest.approx(0.1)
        assert cells.y[0] == 1
        net.resume()  # nothing is incomplete now
        assert net.t == 0.1
        cells, net = nb.Neurons(2, "dx/dt = 1/ms : 1\ny : 1"), None
        cells.at("start", wrong)
        cells.at("end", "y += 1")
        net = nb.Network(cells)
    with pytest.raises(Trap):
        net.run(1)
    net.schedule.remove("wrong")
    net.resume()
    assert (net.t, cells.y[0]) == (0.1, 1)


def test_one_function_in_two_stages() -> None:
    """The call of both stages is the same object; which of them failed is known none the less."""
    cells, calls = nb.Neurons(1, {"v": "1"}, integrate=lambda v: np.add(v, 1, out=v)), []

    def fail() -> None:
        calls.append(cells.v[0])
        if len(calls) == 2:
            raise Trap

    net = nb.Network(cells)
    net.schedule.insert(fail, before=0)
    net.schedule.insert(fail, after=1)
    with pytest.raises(Trap) as caught:
        net.run(1)
    net.resume()
    assert cells.v[0] == 1
    assert calls == [0, 1]
    assert "fail" in caught.value.__notes__[0]


def test_a_stage_that_connects_before_it_fails() -> None:
    """All calls are others then; the stage is named, and the rest of the step is carried out."""
    cells = nb.Neurons(3, "dv/dt = 1/ms : 1\ncount : 1", threshold="v > 0.95", reset="v = 0")
    synapses = nb.Synapses(cells, cells, on_pre="count_post += 1", connect=([], []))
    fail = [True]

    @cells.at("threshold")
    def grow(spikes: np.ndarray) -> None:
        if spikes.size and fail:
            fail.clear()
            synapses.connect("i != j")
            raise Trap

    net = nb.Network(cells, synapses)
    with pytest.raises(Trap) as caught:
        net.run(3)
    assert "grow (test_torn_steps.py" in caught.value.__notes__[0]
    net.resume()
    net.run(3 - net.t)
    np.testing.assert_array_equal(cells.count, [6, 6, 6])
    assert net.t == 3


def test_a_failed_restore_changes_nothing() -> None:
    cells = falling()
    cells.at("end", lambda t: None if t < 0.45 else 1 / 0)
    net = nb.Network(cells)
    start = net.snapshot()
    other = nb.Network(nb.Neurons(1, "dv/dt = 1/ms : 1")).snapshot()
    with pytest.raises(ZeroDivisionError):
        net.run(1)
    with pytest.raises(nb.CheckpointError):
        net.restore(other)
    with pytest.raises(nb.NetworkError, match="ZeroDivisionError"):
        net.run(1)
    net.restore(start)
    net.run(0.4)


def test_errors_before_and_between_steps_leave_whole_steps() -> None:
    cells = nb.Neurons(1, "dv/dt = 1/tau : 1\ntau : ms", tau=0)
    net = nb.Network(cells)
    with pytest.raises(nb.ModelError, match="division by zero"):
        net.run(1)
    cells.tau = 1
    net.run(1)

    def fail(done: float) -> None:
        raise Trap

    with pytest.raises(Trap):
        net.run(1, progress=fail)
    net.run(3 - net.t)
    assert cells.v[0] == pytest.approx(3)


def test_a_network_within_a_stage() -> None:
    """Both are in the middle of a step."""
    inner_cells, outer_cells = falling(), falling()
    inner = nb.Network(inner_cells)
    outer = nb.Network(outer_cells)
    fail = [True]

    @inner_cells.at("end")
    def break_down(t: float) -> None:
        if fail and t > 1.5:
            fail.clear()
            raise Trap

    outer.schedule.insert(lambda: inner.run(1), before="reset")
    with pytest.raises(Trap) as caught:
        outer.run(2)
    assert len(caught.value.__notes__) == 2
    for net in (inner, outer):
        with pytest.raises(nb.NetworkError, match="in the middle of a step"):
            net.step()
    inner.resume()
    inner.run(2 - inner.t)
    outer.resume()
    outer.run(2 - outer.t)
    assert (inner.t, outer.t) == (20, 2)
    assert inner_cells.count[0] == 20
    assert outer_cells.count[0] == 2
