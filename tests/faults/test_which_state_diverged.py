"""A run that stops because of values that are no numbers says of which variable, wherever it lives."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

FINE = "dD/dt = -D/(5*ms) : 1 (shared, clock-driven)"


def run(equations: str, on_pre: str) -> nb.DivergenceError:
    source = nb.Neurons(2, "dv/dt = 1/ms : 1", threshold="v > 0.25", reset="v = 0")
    target = nb.Neurons(3, "dv/dt = -v/(10*ms) : 1")
    synapses = nb.Synapses(
        source, target, equations, on_pre=on_pre, connect="True", method="euler", name="s"
    )
    with pytest.raises(nb.DivergenceError) as caught:
        nb.Network(source, target, synapses, dt="0.1 ms").run("200 ms")
    return caught.value


def test_a_variable_of_synapses_beside_a_shared_one() -> None:
    """Their updates are two, and both variables live in one place."""
    error = run(f"dx/dt = -x/(10*ms) : 1 (clock-driven)\n{FINE}", "x += 1; x *= 1e100*(1 + i)")
    assert error.variable == "x"
    assert np.array_equal(error.neurons, np.arange(6))
    assert error.span is not None
    assert error.span.text.startswith("dx/dt")


def test_several_variables_of_synapses() -> None:
    error = run(
        f"dx/dt = (y - x)/(10*ms) : 1 (clock-driven)\ndy/dt = -y/(5*ms) : 1 (clock-driven)\n{FINE}",
        "y += 1 + i; y *= 1e100; x += 0",
    )
    assert error.variable == "y"
    assert "'x'" in str(error.detail)


def test_a_shared_variable_of_synapses_is_looked_after() -> None:
    error = run(
        "dx/dt = -x/(10*ms) : 1 (clock-driven)\ndD/dt = (D + 1)*1000/ms : 1 (shared, clock-driven)",
        "x += 1 + i",
    )
    assert error.variable == "D"
