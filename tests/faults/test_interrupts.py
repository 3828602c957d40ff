"""Ctrl-C in a run: the step is finished first, and the run goes on as if nothing had been."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.kernel.contracts import PHASES
from numpybrain.kernel.operations import Task
from tests.kernel.checkpoints import BUILDS, lif, same
from tests.kernel.synapse_checkpoints import CASES, watch


@pytest.fixture(autouse=True)
def _python_handler() -> Iterator[None]:
    """The handler of Python itself, before the test and after it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def press() -> None:
    """Press Ctrl-C: what handles it is called before the next line of Python."""
    signal.raise_signal(signal.SIGINT)


def presses(net: nb.Network, step: int, times: int = 1) -> Callable[[], None]:
    """A stage function that presses Ctrl-C in one step."""

    def stage() -> None:
        if net.clock.step == step:
            for _ in range(times):
                press()

    return stage


NETWORKS = {**{name: BUILDS[name] for name in ("noise", "draws", "poisson", "refractory_each", "interpolated", "python")},
            **{name: CASES[name][0] for name in ("delays that act", "plastic", "instant kept", "sums")}}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_an_interrupted_run_goes_on_as_if_nothing_had_been(name: str) -> None:
    def begun(at: int) -> nb.Network:
        nb.seed(3)
        net = NETWORKS[name]()
        net.schedule.insert(presses(net, at), before=len(net.schedule) // 2)
        return net

    net = begun(-1)
    net.run(20)
    wanted = watch(net)
    for step in (0, 1, 117, 198, 199):
        net = begun(step)
        with pytest.raises(KeyboardInterrupt) as caught:
            net.run(20)
        t = f"{net.t:g}"
        assert caught.value.__notes__ == [
            f"the last step is complete; net.run(...) goes on from t = {t} ms"
        ]
        assert net.clock.step == step + 1
        net.run(20 - net.t)
        assert net.clock.step == 200
        same(watch(net), wanted)


@pytest.mark.parametrize("phase", PHASES)
def test_all_stages_of_the_step_are_carried_out(phase: str) -> None:
    cells = nb.Neurons(1, "dv/dt = 1/ms : 1\na : 1\nb : 1", threshold="v > 0.95", reset="v = 0")
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v")
    net = nb.Network(cells, spikes, trace)
    cells.at("start", "a += 1", before=True)
    cells.at("end", "b += 1")
    stage = presses(net, 9)
    cells.at(phase, lambda: stage())
    with pytest.raises(KeyboardInterrupt):
        net.run(100)
    assert (cells.a[0], cells.b[0], len(trace), len(spikes), cells.v[0]) == (10, 10, 10, 1, 0)
    assert net.t == 1.0
    net.snapshot()
    net.run(1)
    np.testing.assert_allclose(spikes.t, [0.9, 1.9])
    np.testing.assert_allclose(trace.t, np.arange(20) / 10)
    np.testing.assert_allclose(trace.v[:, 0], np.arange(20) % 10 / 10, atol=1e-12)


def counting() -> tuple[nb.Neurons, nb.Network]:
    cells = nb.Neurons(1, "dv/dt = 1/ms : 1\na : 1")
    cells.at("end", "a += 1")
    return cells, nb.Network(cells)


def test_a_second_time_stops_at_once() -> None:
    cells, net = counting()
    start = net.snapshot()
    cells.at("start", presses(net, 4, times=2))
    with pytest.raises(KeyboardInterrupt) as caught:
        net.run(1)
    assert "the step is not complete" in caught.value.__notes__[0]
    assert (net.t, cells.a[0]) == (0.4, 4)
    assert cells.v[0] == pytest.approx(0.4)
    with pytest.raises(nb.NetworkError, match="in the stage 'neurons_.*: stage' .* at t = 0.4 ms"):
        net.run(1)
    net.resume()
    assert (net.t, cells.a[0]) == (0.5, 5)
    net.restore(start)
    with pytest.raises(KeyboardInterrupt):
        net.run(1)
    assert net.t == 0.4


def test_ctrl_c_before_the_first_step_and_in_a_progress_function() -> None:
    cells, net = counting()
    stage = net.schedule.stages[0]
    operation = stage.operation
    times = 1

    def prepare_slowly(run: Any) -> Any:
        for _ in range(times):
            press()
        return operation.prepare(run)

    stage.operation = Task(prepare_slowly, lambda: (operation,))
    with pytest.raises(KeyboardInterrupt):
        net.run(1)
    assert (net.t, cells.a[0]) == (0, 0)
    net.snapshot()
    times = 2  # at once: nobody knows what was being done
    with pytest.raises(KeyboardInterrupt):
        net.run(1)
    with pytest.raises(nb.NetworkError, match="while it got ready for a run at t = 0 ms"):
        net.run(1)
    stage.operation = operation
    net.resume()
    assert net.t == 0
    done = []

    def progress(part: float) -> None:
        press()
        done.append(part)

    with pytest.raises(KeyboardInterrupt):
        net.run(1, progress=progress)
    assert len(done) == 1
    assert cells.a[0] == net.clock.step == round(10 * done[0])
    net.run(1 - net.t)
    assert cells.a[0] == 10


def test_steps_one_by_one() -> None:
    cells, net = counting()
    cells.at("start", presses(net, 3))
    steps = 0
    with pytest.raises(KeyboardInterrupt):
        for _ in range(10):
            net.step()
            steps += 1
    assert steps == 3  # the call that was interrupted has completed its step
    assert cells.a[0] == net.clock.step == 4


def test_resuming_is_interrupted_like_a_run() -> None:
    cells, net = counting()
    fail = [True]

    def stage() -> None:
        if fail:
            fail.clear()
            raise ValueError
        press()

    cells.at("start", stage)
    with pytest.raises(ValueError):
        net.run(1)
    with pytest.raises(KeyboardInterrupt):
        net.resume(repeat=True)
    assert cells.a[0] == net.clock.step == 1
    net.resume()
    assert net.clock.step == 1


def test_the_users_handler_is_called_between_steps() -> None:
    cells, net = counting()
    cells.at("start", presses(net, 3))
    called = []

    def note(number: int, frame: Any) -> None:
        called.append((number, net.clock.step, cells.a[0]))

    signal.signal(signal.SIGINT, note)
    net.run(1)  # which goes on, since that is what the handler does
    assert signal.getsignal(signal.SIGINT) is note
    assert called == [(signal.SIGINT, 4, 4)]
    assert net.t == 1
    press()
    assert len(called) == 2

    class Stop(BaseException):
        pass

    def stop(number: int, frame: Any) -> None:
        raise Stop

    signal.signal(signal.SIGINT, stop)
    cells.at("start", presses(net, 13))
    with pytest.raises(Stop):
        net.run(1)
    assert signal.getsignal(signal.SIGINT) is stop
    assert cells.a[0] == net.clock.step == 14
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_the_users_handler_gets_every_signal() -> None:
    """Two in one step are answered at once, both of them."""
    cells, net = counting()
    cells.at("start", presses(net, 3, times=2))
    called = []
    signal.signal(signal.SIGINT, lambda *_: called.append(cells.a[0]))
    net.run(1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert called == [3, 3]
    assert cells.a[0] == 10


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_other_dispositions_stay(handler: Any) -> None:
    cells, net = counting()
    seen = []
    cells.at("start", lambda: seen.append(signal.getsignal(signal.SIGINT)))
    signal.signal(signal.SIGINT, handler)
    net.run(0.1)
    after = signal.signal(signal.SIGINT, signal.default_int_handler)
    assert [*seen, after] == [handler, handler]


def test_a_handler_that_is_set_in_the_run_stays() -> None:
    """As debuggers set one, which take ours back later, perhaps after the run."""
    cells, net = counting()
    found = []

    def own(number: int, frame: Any) -> None:
        raise AssertionError

    def exchange() -> None:
        if net.clock.step == 3:
            found.append(signal.signal(signal.SIGINT, own))

    cells.at("start", exchange)
    net.run(1)
    assert signal.signal(signal.SIGINT, found[0]) is own
    with pytest.raises(KeyboardInterrupt):
        press()
    cells.at("start", presses(net, 13))
    with pytest.raises(KeyboardInterrupt):
        net.run(1)
    assert cells.a[0] == net.clock.step == 14
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_after_any_error_the_handler_is_back() -> None:
    cells, net = counting()
    cells.at("start", lambda: 1 / 0)
    for attempt in (lambda: net.run(1), lambda: net.run(1), lambda: net.resume(repeat=True)):
        with pytest.raises((ZeroDivisionError, nb.NetworkError)):
            attempt()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(nb.TimeStepError):
        net.run(-1)


def test_ctrl_c_and_an_error_in_one_step() -> None:
    """Both are told."""
    cells, net = counting()

    def both() -> None:
        press()
        raise ValueError("mine")

    cells.at("start", both)
    with pytest.raises(KeyboardInterrupt) as caught:
        net.run(1)
    assert str(caught.value.__context__) == "mine"
    with pytest.raises(nb.NetworkError, match="ValueError: mine"):
        net.run(1)


def test_a_run_within_a_step_is_part_of_the_step() -> None:
    inner_cells, inner = counting()
    outer_cells, outer = counting()
    inner_cells.at("start", presses(inner, 14))
    outer.schedule.insert(lambda: inner.run(1), before=0)
    with pytest.raises(KeyboardInterrupt):
        outer.run(1)
    assert inner_cells.a[0] == inner.clock.step == 20
    assert outer_cells.a[0] == outer.clock.step == 2
    outer.run(1 - outer.t)
    assert inner.clock.step == 100


def test_a_run_in_another_thread() -> None:
    """Signals reach the main thread alone: it waits, is interrupted, and the run is not."""
    cells, net = counting()
    begun = threading.Event()
    cells.at("start", lambda: (begun.set(), time.sleep(0.002))[2:] or None)
    thread = threading.Thread(target=net.run, args=(10,))
    thread.start()
    begun.wait(10)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        press()
    thread.join()
    assert cells.a[0] == 100


def test_another_thread_interrupts_the_main_one() -> None:
    """As notebooks do where there are no signals; whenever it comes."""
    nb.seed(1)
    make = BUILDS["delays_and_parts"]
    net = make()
    net.run(60)
    wanted = watch(net)
    nb.seed(1)
    net = make()
    stops = 0
    while net.clock.step < 600:
        timer = threading.Timer(0.01, _thread.interrupt_main)
        try:
            timer.start()
            net.run(60 - net.t)
            timer.join()
        except KeyboardInterrupt:
            stops += 1
        timer.cancel()
    assert stops >= 1
    same(watch(net), wanted)


SCRIPT = """
import os, sys
import numpybrain as nb
cells = nb.Neurons(10, "dv/dt = 1/ms : 1\\na : 1", threshold="v > 0.95", reset="v = 0; a += 1")
trace, spikes = nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")
net = nb.Network(cells, trace, spikes)
net.run(1)
print("ready", flush=True)
for _ in range(2):
    try:
        while True:
            net.run(1000)
    except KeyboardInterrupt:
        net.snapshot()
        k = round(net.t / 0.1)
        assert len(trace) == k, (len(trace), k)
        assert len(spikes) == k // 10 * 10, (len(spikes), k)
        assert (cells.a == k // 10).all()
        print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals")
def test_a_process_that_is_interrupted() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(nb.__file__).parent.parent)}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for pause in (0.05, 0.2):
            time.sleep(pause)
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "stopped\n"
        assert process.wait(60) == 0, process.stderr.read() if process.stderr else ""


def test_lif_has_spikes() -> None:
    """The networks above do something."""
    cells = lif()
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes).run(20)
    assert len(spikes) > 10
