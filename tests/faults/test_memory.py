"""What nobody refers to any more is freed: networks, groups, monitors, functions, arrays."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.units import ms

N = 12
MODEL = """
    dv/dt = (I - v)/tau : 1 (unless refractory)
    I : 1
    x : 1
    q : 1
    tau = 10*ms : ms
    """


class Gone:
    """Objects that shall be freed, by weak references."""

    def __init__(self) -> None:
        self.references: dict[str, Any] = {}

    def __call__(self, value: Any, name: str | None = None) -> Any:
        """Remember an object, and give it back."""
        self.references[name or f"{type(value).__name__} {len(self.references)}"] = weakref.ref(value)
        return value

    def check(self) -> None:
        """All of them are gone."""
        gc.collect()
        assert [name for name, reference in self.references.items() if reference() is not None] == []


@pytest.fixture
def gone() -> Iterator[Gone]:
    found = Gone()
    yield found
    found.check()


def cells(gone: Gone, **given: Any) -> nb.Neurons:
    fields = {
        "threshold": "v > 0.5",
        "reset": "v = 0",
        "I": 2,
        "x": np.arange(N) / N,
        "refractory": "1 ms",
        **given,
    }
    return gone(nb.Neurons(N, MODEL, **fields))  # type: ignore[no-any-return]


def run(gone: Gone, *objects: Any) -> nb.Network:
    net = gone(nb.Network(*objects))
    net.run(2)
    net.run(2)
    str(net.schedule)
    return net  # type: ignore[no-any-return]


CONNECT: dict[str, Callable[[Gone], Any]] = {
    "a condition": lambda _: "i != j",
    "a condition on variables": lambda _: "x_pre == x_post and i < 5",
    "an expression": lambda _: "(i + 1) % N_post",
    "a series": lambda _: "k for k in range(3) if i != 2",
    "a sample": lambda _: "k for k in sample(N_post, p=0.5)",
    "a sample of a size": lambda _: "k for k in sample(N_post, size=2)",
    "a name of a rule": lambda _: "one_to_one",
    "each": lambda _: nb.connect.each("k for k in range(i - 1, i + 2)", skip=True),
    "a probability": lambda _: nb.connect.probability(0.5),
    "a probability where": lambda _: nb.connect.probability(0.5, where="x_pre < x_post and i != j"),
    "a probability of each pair": lambda _: nb.connect.probability("x_pre*x_post", where=lambda i, j: i < j),
    "a function": lambda gone: gone(lambda N_pre, N_post, rng: (rng.integers(0, N_pre, 5), rng.integers(0, N_post, 5))),
    "a function of pairs": lambda gone: nb.connect.condition(gone(lambda i, j, x_pre: i < j + x_pre)),
    "a matrix": lambda gone: gone(np.eye(N)),
    "pairs": lambda gone: (gone(np.arange(5)), [1, 2, 3, 4, 5]),
    "degrees": lambda _: nb.connect.fixed_indegree(3),
    "space": lambda _: nb.connect.gaussian("x", 0.5),
    "space of arrays": lambda gone: nb.connect.exponential(gone(np.arange(N) / N), 0.5),
    "a grid": lambda _: nb.connect.grid4(3, 4),
    "a small world": lambda _: nb.connect.small_world(4, 0.5),
}  # fmt: skip


@pytest.mark.parametrize("name", CONNECT)
def test_synapses_however_connected(name: str, gone: Gone) -> None:
    neurons = cells(gone)
    synapses = gone(
        nb.Synapses(neurons, neurons, "w : 1", on_pre="v_post += w", connect=CONNECT[name](gone))
    )
    net = run(gone, neurons, synapses)
    synapses.connect(CONNECT[name](gone))
    synapses.remove("i == 3")
    net.run(1)


def test_functions_in_connections(gone: Gone) -> None:
    neurons, near = cells(gone), gone(lambda i, j: np.abs(i - j))
    synapses = gone(
        nb.Synapses(neurons, neurons, on_pre="v_post += 0.1", connect="near(i, j) < 3", near=near)
    )
    run(gone, neurons, synapses)


DELAYS: dict[str, Callable[[Gone], dict[str, Any]]] = {
    "none": lambda _: {},
    "one": lambda _: {"delay": "1 ms"},
    "a quantity": lambda _: {"delay": 1 * ms},
    "an array": lambda gone: {"delay": gone(np.linspace(0, 1, N))},
    "a text": lambda _: {"delay": "1*ms*rand()"},
    "a function": lambda gone: {"delay": gone(lambda rng, N: rng.random(N))},
    "of pathways": lambda _: {"on_post": "w += 1", "delay": {"on_pre": "0.5 ms", "on_post": "1*ms*rand()"}},
    "dendritic": lambda _: {"dendritic_delay": "1*ms*rand()"},
    "instant": lambda _: {"delivery": "instant", "coincident": "kept"},
}


@pytest.mark.parametrize("name", DELAYS)
def test_synapses_with_any_delay(name: str, gone: Gone) -> None:
    neurons = cells(gone)
    run(gone, neurons, gone(nb.Synapses(neurons, neurons, "w : 1", on_pre="v_post += w", connect="one_to_one", **DELAYS[name](gone))))  # fmt: skip


NEURONS: dict[str, Callable[[Gone], dict[str, Any]]] = {
    "texts": lambda _: {},
    "a threshold in Python": lambda gone: {"threshold": gone(lambda v: v > 0.5)},
    "a reset in Python": lambda gone: {"reset": gone(lambda v, spikes: v.__setitem__(spikes, 0))},
    "a random threshold": lambda _: {"threshold": "rand() < 0.1"},
    "a condition for refractoriness": lambda _: {"refractory": "v > 0.4"},
    "a refractory time for each": lambda _: {"refractory": "1*ms + 1*ms*rand()"},
    "interpolated spikes": lambda _: {"spike_times": "interpolated"},
    "events": lambda gone: {"events": {"up": "v > 0.2", "down": gone(lambda v: v < 0.1)}, "on_event": {"up": "q += 1"}},
    "values": lambda gone: {"initial": {"v": "rand()/2", "q": gone(lambda rng, N: rng.random(N))}, "x": gone(np.zeros(N))},
    "an adaptive method": lambda _: {"method": "rk45"},
    "an implicit method": lambda _: {"method": "backward_euler"},
}  # fmt: skip


@pytest.mark.parametrize("name", NEURONS)
def test_neurons_with_any_texts(name: str, gone: Gone) -> None:
    neurons = cells(gone, **NEURONS[name](gone))
    run(gone, neurons, gone(nb.Monitor(neurons, "spikes")))


def test_functions_in_equations(gone: Gone) -> None:
    f = gone(lambda v: v / 2)
    neurons = gone(
        nb.Neurons(N, "dv/dt = (f(v) - v)/(5*ms) : 1", functions={"f": f}, threshold="f(v) > 0.1")
    )
    run(gone, neurons)
    g = gone(nb.function("1 -> 1")(lambda v: 2 * v))
    run(gone, gone(nb.Neurons(N, "dv/dt = (g(v) - v)/(5*ms) : 1", g=g)))


def test_models_in_python(gone: Gone) -> None:
    integrate, derivative = gone(lambda v, dt: np.add(v, dt, out=v)), gone(lambda v: -v)
    run(gone, gone(nb.Neurons(N, {"v": "1"}, integrate=integrate, threshold=lambda v: v > 1)))
    run(gone, gone(nb.Neurons(N, {"v": "1"}, derivative=derivative)))


def test_models(gone: Gone) -> None:
    model = nb.Model(MODEL, threshold="v > 0.5", reset="v = 0")  # which knows no weak references
    run(gone, gone(nb.Neurons(N, model)), gone(nb.Neurons(N, model.replace(tau="5 ms"))))
    str(model.tree), model["v"].expr, repr(model)


MONITORS = ("spikes", "v", "tau", "up", "half")


@pytest.mark.parametrize("what", MONITORS)
def test_monitors(what: str, gone: Gone) -> None:
    neurons = gone(
        nb.Neurons(
            N, MODEL + "\nhalf = v/2 : 1", threshold="v > 0.5", reset="v = 0", I=2, events={"up": "v > 0.2"}
        )
    )
    monitor = gone(nb.Monitor(neurons, what))
    part = gone(nb.Monitor(neurons[2:5], what, **({} if what in ("spikes", "up") else {"every": "0.5 ms"})))
    run(gone, neurons, monitor, part)
    gone(monitor.i if what in ("spikes", "up") else getattr(monitor, what), "the record")


def test_monitors_of_synapses(gone: Gone) -> None:
    neurons = cells(gone)
    synapses = gone(
        nb.Synapses(
            neurons, neurons, "dw/dt = -w/(5*ms) : 1\nz = w/2 : 1", on_pre="w += 1", connect="i != j"
        )
    )
    run(
        gone,
        neurons,
        synapses,
        gone(nb.Monitor(synapses, "w", of="i < j")),
        gone(nb.Monitor(synapses, "z")),
    )


def test_synapse_models(gone: Gone) -> None:
    neurons = cells(gone)
    stdp = """
        w : 1
        da/dt = -a/(20*ms) : 1 (event-driven)
        db/dt = -b/(20*ms) : 1 (event-driven)
        q_post = w*v_pre : 1 (summed)
        D : 1 (shared)
        """
    synapses = gone(
        nb.Synapses(
            neurons,
            neurons,
            stdp,
            on_pre="v_post += w; a += 1; w += b",
            on_post="b += 1; w += a",
            connect="i != j",
        )
    )
    dopamine = gone(nb.Synapses(neurons, synapses, on_pre="D += 1"))
    run(gone, neurons, synapses, dopamine)
    synapses.explain(), synapses.matrix("w"), synapses.select("w > 1"), synapses.w["i < j"]


def test_stages_links_and_checkpoints(gone: Gone, tmp_path: Any) -> None:
    one, other = cells(gone), gone(nb.Neurons(N, "y : 1 (linked)\ndz/dt = y/ms : 1"))
    other.y = nb.link(one, "v")
    net = run(gone, one, other)

    @gone
    def drive(t: float, v: Any) -> None:
        v[0] = t

    one.at("start", drive)
    one.at("end", "q += 1")
    net.schedule.insert(gone(lambda: None), before=0)
    snapshot = net.snapshot()
    net.run(1)
    net.restore(snapshot)
    net.save(tmp_path / "state")
    net.load(tmp_path / "state")
    net.step()


def test_inputs(gone: Gone) -> None:
    current = gone(nb.timed(np.arange(5.0), dt="0.5 ms", unit="1"))
    run(gone, gone(nb.Neurons(N, "dv/dt = (current(t) - v)/(5*ms) : 1", current=current)))


def test_failed_attempts(gone: Gone) -> None:
    """An error keeps what it is about only as long as it is kept itself."""
    neurons = cells(gone)
    for wrong in ("i <", "ix != j", "k for k in range(100)"):
        with pytest.raises(nb.NumpyBrainError):
            nb.Synapses(neurons, neurons, connect=wrong)
    with pytest.raises(nb.NumpyBrainError):
        nb.Neurons(N, "dv/dt = -v/taz : 1", namespace={"a": neurons})
