"""Where variables of synapses live: unasked, by flags, and after a change of mind; results stay the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import MethodError, ModelError, NumpyBrainError


def cells(n: int = 3) -> nb.Neurons:
    """Neurons that fire by a timetable."""

    def threshold(t: float, y: Any) -> Any:
        step = round(t / 0.1)
        return np.array([(step + 3 * k) % 7 == 0 for k in range(y.size)])

    return nb.Neurons(
        n,
        """y : 1
        dv/dt = -v/(10*ms) : 1
        l = 2*v : 1
        r = rand() : 1""",
        threshold=threshold, initial={"v": "1 + i"},
    )  # fmt: skip


PAIR = "dp/dt = -p/tau : 1\ndq/dt = -q/tau : 1\nw : 1\ntau = 3*ms : ms"
Z = "dz/dt = -z/(5*ms) : 1\nw : 1"

# model, on_pre, on_post, where variables live unasked
MODELS: dict[str, tuple[str, str | None, str | None, dict[str, str]]] = {
    "a pair rule": (PAIR, "p += 1; w += q", "q += 1; w += p", {"p": "pre", "q": "post"}),
    "two traces": (
        "dp/dt = -p/(3*ms) : 1\nds/dt = -s/(9*ms) : 1\nw : 1",
        "p += 1; w += s*0.1; s += 1", "w += p", {"p": "pre", "s": "pre"},
    ),
    "depression": (
        "du/dt = (0.5 - u)/(30*ms) : 1\ndx/dt = (1 - x)/(20*ms) : 1",
        "u += 0.5*(1 - u); x -= u*x; y_post += u*x", None, {"u": "pre", "x": "pre"},
    ),
    "depression, event-driven": (
        "du/dt = (0.5 - u)/(30*ms) : 1 (event-driven)\ndx/dt = (1 - x)/(20*ms) : 1 (event-driven)",
        "u += 0.5*(1 - u); x -= u*x; y_post += u*x", None, {"u": "pre", "x": "pre"},
    ),
    "a chain, event-driven": (
        "dx/dt = -x/(5*ms) : 1 (event-driven)\ndz/dt = (x - z)/(3*ms) : 1 (event-driven)",
        "x += 1; y_post += z", None, {"x": "pre", "z": "pre"},
    ),
    "reads the target": ("dz/dt = (v_post - z)/(5*ms) : 1\nw : 1", "w += z", None, {"z": "post"}),
    "reads a short name": ("dz/dt = (v - z)/(5*ms) : 1\nw : 1", "w += z", None, {"z": "post"}),
    "reads a subexpression": ("dz/dt = (l_pre - z)/(5*ms) : 1\nw : 1", "w += z", None, {"z": "pre"}),
    "reads both sides": ("dz/dt = (v_pre*v_post - z)/(5*ms) : 1\nw : 1", "w += z", None, {}),
    "time": ("dz/dt = (sin(t/ms) - z)/(5*ms) : 1\nw : 1", "z += 1; w += z", None, {"z": "pre"}),
    "changed from both sides": (Z, "z += 1; w += z", "z += 1", {}),
    "set from a weight": (
        "dz/dt = -z/(5*ms) : 1\ndg/dt = (z - g)/(2*ms) : 1\nw : 1", "z += w; y_post += g; w += 0.1", None, {},
    ),
    "a chain": (
        "dz/dt = -z/(5*ms) : 1\ndg/dt = (z - g)/(2*ms) : 1\nw : 1", "z += 1; y_post += g; w += 0.1", None,
        {"z": "pre", "g": "pre"},
    ),
    "a chain that nobody drives": ("dz/dt = -z/(5*ms) : 1\ndg/dt = (z - g)/(2*ms) : 1", None, None, {}),
    "set from what nobody drives": (
        "dz/dt = -z/(5*ms) : 1\ndg/dt = (1 - g)/(2*ms) : 1\nw : 1", "z += g; w += z", None, {"z": "pre", "g": "pre"},
    ),
    "event-driven input of an equation": (
        "dg/dt = (z - g)/(2*ms) : 1\ndz/dt = -z/(5*ms) : 1 (event-driven)", "y_post += g", None, {},
    ),
    "target's jump from the target": (Z, "w += z", "z += 1 + v_post", {"z": "post"}),
    "target's jump from the source": (Z, "w += z", "z += 1 + v_pre", {}),
    "a condition": (Z, "if z < 1.5:\n    z += 1\nelse:\n    w += 1", None, {"z": "pre"}),
    "a condition of the weight": (Z, "if w < 1.5:\n    z += 1\nw += 1", None, {}),
    "a temporary": (Z, "a = z + v_pre; z += a; w += a", None, {"z": "pre"}),
    "a temporary of both": (Z, "a = z + w; z += a; w += a", None, {}),
    "set": (Z, "w += z; z = 1", None, {"z": "pre"}),
    "set and read": (Z, "w += z; z = 1 - z/2; w += 0.1*z", None, {"z": "pre"}),
    "functions of it": (Z, "w += exp(-z); z += 1; w *= 1 + sqrt(z)", None, {"z": "pre"}),
    "a switch": (f"{Z}\non : boolean (shared)", "z += 1; w += z*int(on)", None, {"z": "pre"}),
    "constant over dt": (
        "dz/dt = (s - z)/(5*ms) : 1\ns = v_pre*v_post : 1 (constant over dt)\nw : 1", "w += z", None, {},
    ),
    "lastupdate": (Z, "w += z*exp(-(t - lastupdate)/ms); z += 1", None, {"z": "pre"}),
    "set from lastupdate": (Z, "z += exp(-(t - lastupdate)/ms); w += z", "w += 0.1", {}),
    "its own number": ("dz/dt = -z/(5*ms) + i/(1*ms) : 1\nw : 1", "w += z; z += 1", None, {}),
    "the number of the source": ("dz/dt = -z/(5*ms) + i_pre/(1*ms) : 1\nw : 1", "w += z; z += 1", None, {"z": "pre"}),
    "a delay": (Z, "w += z; z += delay/ms", None, {}),
}  # fmt: skip


def values(synapses: nb.Synapses) -> dict[str, Any]:
    assert synapses.inspect.model is not None
    stored = {slot.name for slot in synapses.inspect.slots()}
    names = [n for n in synapses.inspect.model.definition.variables if n in stored]
    found = {name: np.copy(getattr(synapses, name)) for name in names}
    return {**found, "y": synapses.target.y.copy()}


def places(synapses: nb.Synapses) -> dict[str, str]:
    return {name: side for name, side in synapses.inspect.sides_of.items() if not name.startswith("_")}


def made(model: str, on_pre: Any, on_post: Any, **more: Any) -> tuple[nb.Network, nb.Synapses]:
    group = cells()
    synapses = nb.Synapses(
        group, group, model, on_pre=on_pre, on_post=on_post, connect="i != j",
        **{"delay": None if on_pre is None else 0.3, **more},
    )  # fmt: skip
    if "on :" in model:
        synapses.on = True
    return nb.Network(group, synapses, dt=0.1), synapses


@pytest.mark.parametrize("method", [None, "rk4", "rk45"])
@pytest.mark.parametrize("name", MODELS)
def test_places_change_no_result(name: str, method: str | None) -> None:
    model, on_pre, on_post, expected = MODELS[name]
    if method and "event-driven)\ndx" in model:
        pytest.skip("nothing is integrated")
    free, one_each = (
        made(model, on_pre, on_post, method=method),
        made(model, on_pre, on_post, method=method),
    )
    assert places(free[1]) == expected
    values(one_each[1])
    assert places(one_each[1]) == {}
    free[0].run(5)
    one_each[0].run(5)
    first, second = values(free[1]), values(one_each[1])
    for variable, array in second.items():
        np.testing.assert_allclose(
            first[variable], array, rtol=1e-6 if method == "rk45" else 1e-11, atol=1e-14
        )


CHANGES: dict[str, Callable[[nb.Synapses], Any]] = {
    "time constants": lambda s: setattr(s, "tau", np.linspace(2, 4, 6)),
    "a time constant": lambda s: setattr(s, "tau", 2.0),
    "some time constants": lambda s: s.tau.__setitem__((0, slice(None)), 1),
    "delays": lambda s: setattr(s, "delay", np.linspace(0, 0.5, 6)),
    "a delay": lambda s: setattr(s, "delay", 0.2),
    "some delays": lambda s: s.delay.__setitem__(slice(2, 4), 0.4),
    "reading": lambda s: None if s.p.size else None,
    "values": lambda s: setattr(s, "p", np.arange(6.0)),
    "a value": lambda s: setattr(s, "p", 3),
    "a text": lambda s: setattr(s, "p", "i + 2*j"),
    "a function": lambda s: setattr(s, "p", lambda i, j: i + 2.0 * j),
    "some values": lambda s: s.p.__setitem__((0, slice(None)), 3),
    "removing": lambda s: s.remove("i == 1"),
}


def step_by_step(change: str, event_driven: bool) -> dict[str, list[float]]:
    """The pair rule in plain Python, with `change` after step 10."""
    pairs = [(i, j) for i in range(3) for j in range(3) if i != j]
    n = len(pairs)
    p, q, w, tau, delay = [0.0] * n, [0.0] * n, [0.0] * n, [3.0] * n, [3] * n
    alive = [True] * n
    waiting: list[tuple[int, int]] = []

    def fires(step: int, k: int) -> bool:
        return (step + 3 * k) % 7 == 0

    for step in range(30):
        for k in range(n):
            decay = np.exp(-0.1 / tau[k])
            p[k], q[k] = p[k] * decay, q[k] * decay
        waiting += [(step + delay[k], k) for k, (i, _) in enumerate(pairs) if alive[k] and fires(step, i)]
        for k in [k for due, k in waiting if due == step]:
            p[k] += 1
            w[k] += q[k]
        for k, (_, j) in enumerate(pairs):
            if fires(step, j):
                q[k] += 1
                w[k] += p[k]
        if step == 10:
            row = [k for k, (i, _) in enumerate(pairs) if i == 0]
            if change == "time constants":
                tau = np.linspace(2, 4, 6).tolist()
            elif change == "a time constant":
                tau = [2.0] * n
            elif change == "some time constants":
                tau = [1.0 if k in row else 3.0 for k in range(n)]
            elif change == "delays":
                delay = [0, 1, 2, 3, 4, 5]
            elif change == "a delay":
                delay = [2] * n
            elif change == "some delays":
                delay = [4 if k in (2, 3) else 3 for k in range(n)]
            elif change == "values":
                p = np.arange(6.0).tolist()
            elif change == "a value":
                p = [3.0] * n
            elif change in ("a text", "a function"):
                p = [i + 2.0 * j for i, j in pairs]
            elif change == "some values":
                p = [3.0 if k in row else p[k] for k in range(n)]
            elif change == "removing":
                alive = [i != 1 for i, _ in pairs]
                waiting = [(due, k) for due, k in waiting if alive[k]]
    found = {"p": p, "q": q, "w": w}
    return {
        name: [x for x, here in zip(array, alive, strict=True) if here] for name, array in found.items()
    }


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("kind", ["clock", "clock, looked", "event", "rk45"])
@pytest.mark.parametrize("change", CHANGES)
def test_changes_of_mind(change: str, kind: str, inside: bool) -> None:
    """Values per synapse for what lived in neurons, between two runs or in the middle of one."""
    model = PAIR.replace(": 1\n", ": 1 (event-driven)\n", 2) if kind == "event" else PAIR
    net, synapses = made(
        model, "p += 1; w += q", "q += 1; w += p", method="rk45" if kind == "rk45" else None
    )
    assert places(synapses) == {"p": "pre", "q": "post"}
    if kind == "clock, looked":
        assert synapses.p.shape == synapses.q.shape == (6,)
    if inside:
        synapses.source.at("end", lambda t: CHANGES[change](synapses) if round(t / 0.1) == 10 else None)
        net.run(3)
    else:
        net.run(1.1)
        if kind == "event":  # the present time is that of the next step, which is not reckoned below
            net.clock.at(10)
        CHANGES[change](synapses)
        net.clock.at(11)
        net.run(1.9)
    expected = step_by_step(change, kind == "event")
    if kind == "event":
        net.clock.at(29)
    for name, array in expected.items():
        np.testing.assert_allclose(getattr(synapses, name), array, rtol=1e-5 if kind == "rk45" else 1e-11)
