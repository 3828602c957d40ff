"""A run that is cut in parts, at whatever steps, is one run, bit for bit."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

STEPS = 90
N = 12
LIF = """
    dv/dt = (I - v + g)/(5*ms) : 1 (unless refractory)
    dg/dt = -g/(2*ms) : 1
    I : 1
"""


def lif(**given: Any) -> nb.Neurons:
    texts = {"threshold": "v > 1", "reset": "v = 0", "refractory": "0.7 ms", **given}
    return nb.Neurons(N, LIF, initial={"v": "rand()"}, I="1.1 + 0.05*i", **texts)


def plain() -> list[Any]:
    cells = lif()
    return [cells, nb.Synapses(cells, cells, on_pre="g += 0.1", connect="i != j", delay="0.3 ms")]


def periods() -> list[Any]:
    cells = lif(refractory="(0.3 + 0.5*rand())*ms")
    others = lif(refractory="g > 0.05")
    return [cells, others, nb.Synapses(cells, others, on_pre="g += 0.2", connect="True", delay="0.5 ms")]


def noise() -> list[Any]:
    cells = nb.Neurons(
        N, "dv/dt = (1.2 - v)/(5*ms) + 0.3*xi/ms**0.5 : 1\nn : 1", threshold="v > 1", reset="v = rand(); n = poisson(3)",
    )  # fmt: skip
    cells.at("end", "v += 0.01*normal(0, 1) + 0.001*binomial(10, 0.25)")
    random_ones = nb.Neurons(50, "p : 1", threshold="rand() < p", p=0.05)
    counted = nb.Neurons(9, "k : 1\nm : 1", threshold="rand() < 0.2 + 0.1*k", reset="m += rand()")
    return [
        cells,
        random_ones,
        counted,
        nb.Synapses(random_ones, cells, on_pre="v += 0.1*rand()", connect="True"),
    ]


def delays() -> list[Any]:
    cells = lif()
    ring = nb.Synapses(
        cells, cells, "w = 0.05 : 1", on_pre="g += w", connect="i != j", delay="(0.1 + rand()*2)*ms"
    )
    return [cells, ring]


def plastic() -> list[Any]:
    cells = lif()
    return [cells, nb.Synapses(
        cells, cells, """
        dx/dt = -x/(3*ms) : 1 (event-driven)
        dy/dt = -y/(4*ms) : 1 (event-driven)
        w : 1
        """,
        on_pre="g += w; x += 1; w = clip(w - 0.02*y, 0, 1)", on_post="y += 1; w = clip(w + 0.02*x, 0, 1)",
        connect="i != j", delay="(0.1 + 0.1*(j % 5))*ms", w="0.1*rand()",
    )]  # fmt: skip


def short_term() -> list[Any]:
    cells = lif()
    model = "du/dt = (0.2 - u)/(3*ms) : 1 (event-driven)\nw = 0.1 : 1"
    synapses = nb.Synapses(
        cells, cells, model, on_pre="u += 0.2*(1 - u); g += w*u", connect="i != j", delay="0.2 ms"
    )
    return [cells, synapses]


def clocked() -> list[Any]:
    cells = lif()
    sums = nb.Synapses(cells, cells, "ds/dt = -s/(2*ms) : 1 (clock-driven)\nI_post = 1.1 + 0.05*s*(v_pre - v_post) : 1 (summed)",
                       on_pre="s += 0.5", connect="(i + j) % 3 > 0")  # fmt: skip
    phases = nb.Neurons(N, "dx/dt = (0.1 + s)/ms : 1\ns : 1", method="rk4", initial={"x": "6*rand()"})
    coupled = nb.Synapses(
        phases, phases, "s_post = 0.01*sin(x_pre - x_post) : 1 (summed)", connect="i != j"
    )
    return [cells, sums, phases, coupled]


def dendritic() -> list[Any]:
    cells = lif()
    synapses = nb.Synapses(cells, cells, "w = 0.1 : 1", on_pre="g += w; w *= 0.99", on_post="w *= 1.01", connect="i != j",
                           delay="0.3 ms", dendritic_delay="(0.1 + 0.1*(i % 4))*ms")  # fmt: skip
    return [cells, synapses]


def instant() -> list[Any]:
    cells = nb.Neurons(
        N,
        "dv/dt = (1.1 + 0.05*i - v)/(5*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        initial={"v": "rand()"},
    )
    synapses = nb.Synapses(cells, cells, "w = 0.2 : 1", on_pre="v_post += w; w *= 0.98", connect="abs(i - j) == 1",
                           delivery="instant", coincident="kept")  # fmt: skip
    return [cells, synapses]


def events() -> list[Any]:
    cells = lif(events={"low": "v < 0.3"}, on_event={"low": "g += 0.01"})
    synapses = nb.Synapses(cells, cells, on_pre={"up": "g += 0.1", "down": "g -= 0.01"}, on_event={"down": "low"},
                           delay={"up": "0.2 ms", "down": "0.4 ms"}, connect="i != j")  # fmt: skip
    return [cells, synapses, nb.Monitor(cells, "low", name="lows")]


def between_steps() -> list[Any]:
    cells = lif(spike_times="interpolated", method="rk4")
    return [cells, nb.Synapses(cells, cells, on_pre="g += 0.1", connect="i != j", delay="0.3 ms")]


def with_method(method: Any) -> Callable[[], list[Any]]:
    def made() -> list[Any]:
        cells = nb.Neurons(
            N, "dv/dt = (v*(1 - v**2/3) - w + I + sin(t/ms))/ms : 1\ndw/dt = 0.08*(v + 0.7 - 0.8*w)/ms : 1\nI : 1",
            method=method, initial={"v": "rand()"}, I="0.3 + 0.05*i", threshold="v > 1", refractory="v > 1",
        )  # fmt: skip
        return [cells, nb.Synapses(cells, cells, on_pre="w_post -= 0.01", connect="i != j", delay="0.2 ms")]

    return made


def functions() -> list[Any]:
    cells = lif()
    held = {"sum": 0.0}

    @cells.at("start")
    def drive(t: float, I: np.ndarray, spikes: np.ndarray, rng: Any) -> None:  # noqa: E741
        held["sum"] += spikes.size
        I[:] = 1.2 + 0.1 * np.sin(t) + 0.001 * held["sum"] + 0.01 * rng.random(N)

    def arrive(
        pre: np.ndarray, post: np.ndarray, synapses: np.ndarray, w: np.ndarray, g_post: np.ndarray
    ) -> None:
        np.add.at(g_post, post, w[synapses])
        w[synapses] *= 0.99

    synapses = nb.Synapses(cells, cells, {"w": "1"}, on_pre=arrive, connect="i != j", delay="0.2 ms", w=0.1)
    return [cells, synapses]


def sampled() -> list[Any]:
    cells = nb.Neurons(
        N, "dv/dt = (1.2 + r + x - v)/(5*ms) : 1\nr = 0.3*rand() : 1 (constant over dt)\nx : 1 (linked)\nk : 1",
        threshold="v > 1", reset="v = 0; k += t/ms",
    )  # fmt: skip
    source = nb.Neurons(N, "dx/dt = -x/(3*ms) : 1\ny = nothing(t)*x : 1", threshold="x < 0.5", reset="x += 1",
                        nothing=nb.timed(np.linspace(0, 1, 40), dt="0.3 ms"))  # fmt: skip
    cells.x = nb.link(source, "x")
    return [
        source,
        cells,
        nb.Synapses(source, cells, on_pre="v_post += 0.1*y_pre", connect="i == j", delay="0.1 ms"),
    ]


KINDS: dict[str, Callable[[], list[Any]]] = {
    f.__name__: f
    for f in (plain, periods, noise, delays, plastic, short_term, clocked, dendritic, instant, events,
              between_steps, functions, sampled)
} | {m: with_method(m) for m in ("euler", "rk4", "rk45", "rk23", "backward_euler", "trapezoidal", "rosenbrock",
                                 "midpoint", "heun2")}  # fmt: skip


def values_after(kind: str, go: Callable[[nb.Network], None]) -> dict[str, np.ndarray]:
    """All that can be seen of a network that has run."""
    nb.seed(4)
    objects = KINDS[kind]()
    groups = [o for o in objects if not isinstance(o, nb.Monitor)]
    neurons = [g for g in groups if isinstance(g, nb.Neurons)]
    monitors = [o for o in objects if isinstance(o, nb.Monitor)]
    monitors += [nb.Monitor(g, "spikes") for g in neurons if g.spiking.threshold is not None]
    monitors += [nb.Monitor(neurons[-1], neurons[-1].inspect.state.names()[0])]
    net = nb.Network(objects, monitors, dt=0.1)
    go(net)
    assert net.clock.step == STEPS
    found = {
        f"{k} {n}": np.array(getattr(g, n)) for k, g in enumerate(groups) for n in g.inspect.state.names()
    }
    for k, monitor in enumerate(monitors):
        found[f"monitor {k}"] = np.array(monitor.t)
        if hasattr(monitor, "i"):
            found[f"indices {k}"] = np.array(monitor.i)
    assert sum(len(m) for m in monitors[:-1]) > 10
    return found


def in_parts(
    parts: list[int], between: Callable[[nb.Network], Any] = lambda net: None
) -> Callable[[nb.Network], None]:
    def go(net: nb.Network) -> None:
        for k, part in enumerate(parts):
            if k:
                between(net)
            if part == 1:
                net.step()
            else:
                net.run(part * 0.1)

    return go


def cuts(seed: int) -> list[int]:
    rng, left, parts = random.Random(seed), STEPS, []
    while left:
        parts.append(min(left, rng.choice([1, 2, 3, 7, 20, 64, 65])))
        left -= parts[-1]
    return parts


def check_same(found: dict[str, np.ndarray], whole: dict[str, np.ndarray]) -> None:
    assert found.keys() == whole.keys()
    for name, values in found.items():
        np.testing.assert_array_equal(values, whole[name], err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_parts_of_a_run_are_one_run(kind: str) -> None:
    whole = values_after(kind, in_parts([STEPS]))
    for parts in ([1] * STEPS, cuts(1), cuts(2), [STEPS - 1, 1], [1, STEPS - 1]):
        check_same(values_after(kind, in_parts(parts)), whole)


@pytest.mark.parametrize("kind", KINDS)
def test_a_snapshot_between_parts_changes_nothing(kind: str) -> None:
    whole = values_after(kind, in_parts([STEPS]))
    check_same(values_after(kind, in_parts([20, 7, 63], lambda net: net.snapshot())), whole)

    def back_and_forth(net: nb.Network) -> None:
        net.run(2.7)
        snapshot = net.snapshot()
        net.run(1.3)
        net.restore(snapshot)
        net.run(6.3)

    if kind != "functions":  # what they keep for themselves is in no snapshot
        check_same(values_after(kind, back_and_forth), whole)


class Enough(Exception):
    pass


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_was_stopped_between_two_steps_goes_on(kind: str) -> None:
    """By an exception of whoever watches the progress."""
    whole = values_after(kind, lambda net: net.run(9, progress=lambda done: None))

    def stopped(net: nb.Network) -> None:
        calls = 0

        def progress(done: float) -> None:
            nonlocal calls
            calls += 1
            if calls % 2 == 0:
                raise Enough

        while net.clock.step < STEPS:
            try:
                net.run((STEPS - net.clock.step) * 0.1, progress=progress)
            except Enough:
                pass

    check_same(values_after(kind, stopped), whole)
