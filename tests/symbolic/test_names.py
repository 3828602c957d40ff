"""A model works the same whatever its variables are called: no name collides with generated code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

NAMES = """
    c0 c1 x0 x1 p0 p1 e0 exp_0 powers k1 k1_v v_at2 at2 v_new v_1 v_2 v_all float64 poisson_fixed rand_1 randn_1 shield_v shield call value
    lambda None_ del class def is in from import global print type object self numpy np sp sympy math array clock
    add subtract multiply divide negative power float_power copyto add_at less greater equal logical_and minimum maximum to_int absolute
    relax approach entry into propagator expm1_ratio quotient slope t_ dt_ inf_ nan e1 E I S Q C true false steady decay body out step
    synapses_ neurons threshold reset delay weight kwargs args
""".split()


def run(name: str, method: str, n: int) -> list[Any]:
    """Everything that a variable can take part in, with the variable called `name`."""
    cells = nb.Neurons(
        n,
        f"""
        d{name}/dt = (a*exp(-{name}/4) - {name}**3/3 + exp(-{name}/2)*b)/ms : 1 (unless refractory)
        y = {name}**2*(a + b) : 1
        a : 1
        b = 2 : 1
        """,
        threshold=f"{name} > 1 + 0.1*rand()", reset=f"{name} = rand()*{name}; b += {name}", refractory=f"(0.1 + abs({name}))*ms",
        method=method, initial={name: "0.1*i"},
    )  # fmt: skip
    cells.a = [1, 2, 3] if n == 3 else 2
    synapses = nb.Synapses(
        cells,
        cells,
        "w = 0.5 : 1",
        on_pre=f"{name}_post += 0.1*{name}_pre*w; w *= 0.9",
        connect="all_to_all",
    )
    trace, spikes = nb.Monitor(cells, name, "y"), nb.Monitor(cells, "spikes")
    nb.Network(cells, synapses, trace, spikes).run(4)
    return [spikes.t.tolist(), spikes.i.tolist(), getattr(trace, name), trace.y, synapses.w]


@pytest.fixture(scope="module")
def plain() -> dict[tuple[str, int], list[Any]]:
    found = {}
    for method in ("rk4", "euler"):
        for n in (1, 3):
            nb.seed(1)
            found[method, n] = run("voltage", method, n)
    return found


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_names_mean_nothing(name: str, n: int, plain: dict[tuple[str, int], list[Any]]) -> None:
    method = "rk4" if NAMES.index(name) % 2 else "euler"
    nb.seed(1)
    found, expected = run(name, method, n), plain[method, n]
    assert len(expected[0]) > n
    assert found[:2] == expected[:2]
    for a, b in zip(found[2:], expected[2:], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)
