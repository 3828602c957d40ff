"""Networks whose runs are cut into two, each with a kind of state that must be carried over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import numpybrain as nb

Build = Callable[[], nb.Network]
SOME = nb.connect.probability(0.3)


def drive(cells: Any, n: int = 3) -> list[Any]:
    """Monitors of spikes and of a variable."""
    return [cells, nb.Monitor(cells, "spikes"), nb.Monitor(cells[:n], "v", every="0.5 ms")]


LIF = "dv/dt = (I - v)/(10*ms) : 1 (unless refractory)\nI = 1.5 : 1"


def lif(n: int = 20, **options: Any) -> nb.Neurons:
    """Neurons that fire at different times."""
    options = {"threshold": "v > 1", "reset": "v = 0", "initial": {"v": "rand()"}, **options}
    return nb.Neurons(n, options.pop("model", LIF), **options)


def noise() -> nb.Network:
    return nb.Network(*drive(lif(model="dv/dt = (1 - v)/(10*ms) + 0.4*xi*ms**-0.5 : 1")))


def draws() -> nb.Network:
    cells = lif(model="dv/dt = (1 + 0.5*randn() - v)/(10*ms) : 1", reset="v = 0.5*rand()")

    @cells.at("end")
    def jitter(rng: np.random.Generator, v: np.ndarray) -> None:
        v += 0.01 * rng.standard_normal(v.size, dtype=np.float32)
        v += 1e-4 * rng.integers(0, 5, v.size, dtype=np.uint32)  # which keeps half of a number for later

    return nb.Network(*drive(cells))


def poisson() -> nb.Network:
    source = nb.Neurons(30, "rate : Hz", threshold="rand() < rate*dt", rate="100*Hz", name="source")
    cells = lif(5, I=0.5)
    synapses = nb.Synapses(source, cells, on_pre="v_post += 0.1", connect=SOME, delay="1.3 ms")
    return nb.Network(source, synapses, nb.Monitor(source, "spikes"), *drive(cells))


def refractory() -> nb.Network:
    return nb.Network(*drive(lif(refractory="3 ms")))


def refractory_from_one_parameter() -> nb.Network:
    return nb.Network(*drive(lif(model=f"{LIF}\nt_ref = 2.3*ms : ms", refractory="t_ref")))


def refractory_each() -> nb.Network:
    return nb.Network(
        *drive(lif(model=f"{LIF}\nt_ref : ms", refractory="t_ref", t_ref=np.linspace(0.5, 6, 20)))
    )


def refractory_random() -> nb.Network:
    return nb.Network(*drive(lif(refractory="(1 + 3*rand())*ms")))


def refractory_while() -> nb.Network:
    model = f"{LIF}\ndu/dt = -u/(5*ms) : 1"
    return nb.Network(*drive(lif(model=model, refractory="u > 0.2", reset="v = 0; u += 1")))


def refractory_function() -> nb.Network:
    def period(spikes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return 1 + rng.random(spikes.size)

    return nb.Network(*drive(lif(refractory=period)))


def last_spike() -> nb.Network:
    model = f"{LIF}\nsince = t - lastspike : ms"
    cells = lif(model=model, refractory="since < 2.5*ms")
    return nb.Network(*drive(cells), nb.Monitor(cells, "since"))


def interpolated() -> nb.Network:
    return nb.Network(*drive(lif(spike_times="interpolated", refractory="2.37 ms")))


def interpolated_each() -> nb.Network:
    cells = lif(model=f"{LIF}\nt_ref : ms", spike_times="interpolated", refractory="t_ref", method="rk4")
    cells.t_ref = "0.05*ms + 3*ms*rand()"
    return nb.Network(*drive(cells))


def interpolated_while() -> nb.Network:
    model = f"{LIF}\ndu/dt = -u/(5*ms) : 1"
    return nb.Network(
        *drive(lif(model=model, refractory="u > 0.2", reset="v = 0; u += 1", spike_times="interpolated"))
    )


OSCILLATOR = """
    dv/dt = fast*(v - v**3/3 - w + 0.5)/ms : 1
    dw/dt = 0.5*(v + 0.7 - 0.8*w)/ms       : 1
    fast : 1
    """


def method(name: str) -> Build:
    def build() -> nb.Network:
        fast = 20 if name in ("rk23", "rk45") else 2  # so that these need several steps in one
        cells = nb.Neurons(3, OSCILLATOR, threshold="v > 1", method=name, fast=fast,
                           initial={"v": "rand()", "w": "rand()"})  # fmt: skip
        return nb.Network(*drive(cells))

    build.__name__ = f"method_{name}"
    return build


def derivative() -> nb.Network:
    def rates(v: np.ndarray, w: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        return 20 * (v - v**3 / 3 - w + 0.5 + 0.1 * np.sin(t)), 0.5 * (v + 0.7 - 0.8 * w)

    cells = nb.Neurons(3, {"v": "1", "w": "1"}, derivative=rates, method="rk23", threshold=lambda v: v > 1,
                       initial={"v": 0.3})  # fmt: skip
    return nb.Network(*drive(cells))


def delays_and_parts() -> nb.Network:
    cells = lif(refractory="1 ms")
    forth = nb.Synapses(cells[:8], cells[5:], "w : 1", on_pre="v_post += w", on_post="w *= 1.01", w="0.1*rand()",
                        connect=SOME, delay="4.7 ms")  # fmt: skip
    back = nb.Synapses(cells[12:], cells[:9], on_pre="v_post -= 0.05", connect=SOME)
    return nb.Network(*drive(cells), forth, back, nb.Monitor(forth, "w", every="1 ms"))


def plastic() -> nb.Network:
    cells = lif(
        model=f"{LIF}\ndpre/dt = -pre/(20*ms) : 1\ndpost/dt = -post/(20*ms) : 1", reset="v = 0; post += 1"
    )
    synapses = nb.Synapses(
        cells, cells, "w : 1\ncount : integer\non : boolean\ntotal : 1 (shared)",
        on_pre="v_post += w*rand(); pre_pre += 1; w = clip(w - 0.01*post_post, 0, 1); count += 1; on = not on",
        on_post="w = clip(w + 0.01*pre_pre, 0, 1)", connect=SOME, delay="0.7 ms", w="0.1*rand()",
    )  # fmt: skip
    return nb.Network(*drive(cells), synapses)


def sampled() -> nb.Network:
    cells = lif(model="dv/dt = (x - v)/(10*ms) : 1\nx = 1 + randn() : 1 (constant over dt)")
    return nb.Network(*drive(cells), nb.Monitor(cells, "x"))


def linked() -> nb.Network:
    cells = lif(10)
    others = nb.Neurons(
        5, "dv/dt = (1.2*s - v)/(5*ms) : 1\ns : 1 (linked)", threshold="v > 0.9", reset="v = 0"
    )
    others.s = nb.link(cells, "v", index=[9, 2, 2, 4, 0])
    return nb.Network(*drive(cells), *drive(others))


def shared() -> nb.Network:
    cells = lif(model=f"{LIF}\nn : integer (shared)\nx : 1", reset="v = 0; x += 1", x=3.0)

    @cells.at("end")
    def count(n: np.ndarray, spikes: np.ndarray) -> None:
        n += spikes.size

    return nb.Network(*drive(cells), nb.Monitor(cells, "n"), nb.Monitor(cells, "x", of=[3, 1]))


def python() -> nb.Network:
    def integrate(v: np.ndarray, dt: float, rng: np.random.Generator) -> None:
        v += dt * (1.5 + rng.random(v.size) - v) / 10

    def reset(v: np.ndarray, spikes: np.ndarray) -> None:
        v[spikes] = 0

    cells = nb.Neurons(
        10, {"v": "1"}, integrate=integrate, threshold=lambda v: v > 1, reset=reset, refractory="2 ms"
    )

    def push(v_post: np.ndarray, post: np.ndarray) -> None:
        np.add.at(v_post, post, 0.1)

    return nb.Network(*drive(cells), nb.Synapses(cells, on_pre=push, connect=SOME, delay="0.5 ms"))


METHODS = ("rk45", "rk23", "rk4", "backward_euler", "trapezoidal", "rosenbrock")
BUILDS: dict[str, Build] = {
    build.__name__: build
    for build in (
        noise, draws, poisson, refractory, refractory_from_one_parameter, refractory_each, refractory_random,
        refractory_while, refractory_function, last_spike, interpolated, interpolated_each, interpolated_while,
        *map(method, METHODS), derivative, delays_and_parts, plastic, sampled, linked, shared, python,
    )
}  # fmt: skip


def observe(net: nb.Network) -> dict[str, Any]:
    """All that a user can see of the objects of a network."""
    seen: dict[str, Any] = {"t": net.t}
    for k, member in enumerate(net.objects):
        if isinstance(member, nb.Monitor):
            names = ["t", "i", "count", "rate"] if member.records_spikes else ["t", *member.variables]
        elif isinstance(member, nb.Synapses):
            names = ["i", "j", "delay", *member.inspect.state.names()]
        else:
            names = [
                "spikes",
                *(["spike_times"] if member.spike_times is not None else []),
                *member.inspect.state.names(),
            ]
            seen[f"{k} steps"] = member.update.steps
        seen |= {f"{k} {name}": np.copy(getattr(member, name)) for name in names}
    return seen


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Compare bit by bit."""
    assert one.keys() == other.keys()
    for key, value in one.items():
        assert np.asarray(value).dtype == np.asarray(other[key]).dtype, key
        assert np.asarray(value).tobytes() == np.asarray(other[key]).tobytes(), key
