"""A division that a condition guards is right for one number as for an array of it; others are refused."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

GUARDED = [
    "v/tau if tau > 0*ms else 0/ms",
    "where(tau > 0*ms, v/tau, -v/ms)",
    "(1 if v < 5 else 2)*(v/tau if tau != 0*ms else 1/ms)",
    "where(tau == 0*ms, 1/ms, v**2/tau**2*ms)",
    "(1/tau if tau > 0*ms else 1/ms)*(1 - v)",
    "(0 if tau == 0*ms else exp(-dt/tau))/ms - v/ms",
]


def run(text: str, tau: object, n: int, method: str | None = None, **texts: object) -> np.ndarray:
    cells = nb.Neurons(
        n, f"dv/dt = {text} : 1\ntau : ms", tau=tau, method=method, initial={"v": 0.5}, **texts
    )
    nb.Network(cells).run(2)
    return np.array(cells.v)


@pytest.mark.parametrize("method", [None, "euler", "rk4", "exponential_euler"])
@pytest.mark.parametrize("text", GUARDED)
def test_one_number_is_as_good_as_an_array(text: str, method: str | None) -> None:
    try:
        both = run(text, [0, 3], 2, method)
    except nb.MethodError:
        pytest.skip("not for this method")
    for k, tau in enumerate((0, 3)):
        for n in (1, 2):
            np.testing.assert_allclose(run(text, tau, n, method), both[k], rtol=1e-12)


def test_against_a_loop() -> None:
    v = 0.5
    for _ in range(20):
        v += 0.1 * (1 - v)
    assert run("v/tau if tau > 0*ms else (1 - v)/ms", 0, 3, "euler") == pytest.approx(v)


def test_in_statements_and_conditions() -> None:
    cells = nb.Neurons(
        2, "dv/dt = 1/ms : 1\ntau : ms\nw : 1", threshold="v > (1*ms/tau if tau > 0*ms else 0.95)",
        reset="if tau > 0*ms:\n  w += v*ms/tau\nelse:\n  w += 2\nv = 0",
    )  # fmt: skip
    nb.Network(cells).run(1.05)
    assert cells.w.tolist() == [2, 2]


@pytest.mark.parametrize(
    "text",
    [
        "-v/tau",
        "(v if tau > 0*ms else 1)/tau",
        "v/(tau*(1 if v > 3 else 2))",
        "(1/tau if 1*ms/tau > 0 else 0/ms)",
    ],
)
def test_a_division_that_nothing_guards_is_refused(text: str) -> None:
    with pytest.raises(nb.ModelError, match="division by zero in the state update.*0 is the value of tau"):
        run(text, 0, 3)
