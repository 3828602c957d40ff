"""Which method is chosen, which refuses, and the reasons that are given."""

from __future__ import annotations

import pytest

import numpybrain as nb
from numpybrain.symbolic.methods import METHODS

CHOSEN = {
    "dv/dt = -v/tau : 1\ntau : ms": "exact",
    "dv/dt = 1/ms : 1": "exact",
    "dv/dt = (a*u - v)/ms : 1\ndu/dt = -u*b/ms : 1\na : 1\nb : 1": "exact",
    "dv/dt = (i - v)/(N*ms) : 1": "exact",
    "dv/dt = -v*exp(-a**2)/ms : 1\na : 1": "exact",
    "dv/dt = (m - v)/ms : 1\nm = 2*u : 1\nu : 1": "exact",
    "dv/dt = (sin(t/ms) - v)/ms : 1": "exponential_midpoint",
    "dv/dt = -v*u/ms : 1\ndu/dt = -u*v/ms : 1": "exponential_midpoint",
    "dm/dt = (1 - m)*exp(v)/ms : 1\ndv/dt = -v*m**3/ms : 1": "exponential_midpoint",
    "dv/dt = -v**3/ms : 1": "rk4",
    "dv/dt = exp(-v)/ms : 1": "rk4",
    "dv/dt = (v**2 - u)/ms : 1\ndu/dt = (v - u)/ms : 1": "rk4",
    "dv/dt = -abs(v)/ms : 1": "rk4",
    "dv/dt = (1 if v > 0 else 0)/ms : 1": "rk4",
    "dv/dt = 1/v/ms : 1": "rk4",
}


@pytest.mark.parametrize("equations", CHOSEN)
def test_choice(equations: str) -> None:
    plan = nb.Model(equations).plan()
    assert plan is not None
    assert plan.method.name == CHOSEN[equations]
    assert plan.why


def test_without_differential_equations_there_is_no_method() -> None:
    assert nb.Model("v : 1").plan() is None
    cells = nb.Neurons(1, "v : 1")
    assert (cells.update.method, cells.update.formula, cells.update.source) == (None, "", "")


REFUSED = [
    ("dv/dt = -v**3/ms : 1", "exact", ["not linear", "v**3"], ["euler", "rk2", "rk4"]),
    ("dv/dt = -v*sin(t/ms)/ms : 1", "exact", ["not linear", "sin(t)"], ["exponential_midpoint"]),
    ("dv/dt = -v*u/ms : 1\ndu/dt = -u/ms : 1", "exact", ["not linear", "u*v"], ["exponential_midpoint"]),
    (
        "dv/dt = (u - v**2)/ms : 1\ndu/dt = -u/ms : 1",
        "exponential_euler",
        ["'dv/dt' is not linear in 'v'", "v**2"],
        ["rk4"],
    ),
    ("dv/dt = exp(v)/ms : 1", "exponential_euler", ["not linear in 'v'", "exp(v)"], ["rk4"]),
]


@pytest.mark.parametrize(("equations", "method", "words", "instead"), REFUSED)
def test_refusals_say_why_and_what_to_use(
    equations: str, method: str, words: list[str], instead: list[str]
) -> None:
    with pytest.raises(nb.MethodError) as caught:
        nb.Neurons(1, equations, method=method)
    text = str(caught.value)
    assert all(word in text for word in [f"method '{method}'", *words])
    assert all(f"'{name}'" in str(caught.value.help) for name in instead)
    for name in instead:
        nb.Network(nb.Neurons(1, equations, method=name)).run(0.1)


def test_the_reason_names_what_stood_in_the_way() -> None:
    assert "linear with constant coefficients" in nb.Neurons(1, "dv/dt = -v/ms : 1").update.why
    why = nb.Neurons(1, "dv/dt = -v*u/ms : 1\ndu/dt = -u/ms : 1").update.why
    assert "linear in its own variable" in why
    assert "u*v" in why


def test_methods_are_found_by_name_or_given_as_objects() -> None:
    for name, method in METHODS.items():
        for given in (name, method):
            cells = nb.Neurons(1, "dv/dt = -v/ms : 1", method=given)
            assert cells.update.method == name
            assert cells.update.why == "asked for"
    for wrong in ("rk5", "Euler ", 3):
        with pytest.raises(nb.NumpyBrainError, match="method"):
            nb.Neurons(1, "dv/dt = -v/ms : 1", method=wrong)


def test_what_runs_can_be_read() -> None:
    cells = nb.Neurons(2, "dv/dt = -v/tau : mV\ntau = 2*second : second", method="euler")
    assert "v = " in cells.update.formula
    compile(cells.update.source, "source", "exec")
    assert "def " in cells.update.source
    expr = cells.model["v"].expr
    v, tau = sorted(expr.free_symbols, key=str)[::-1]
    assert float(expr.subs({v: 6, tau: 3})) == -0.002  # in mV per ms, with tau in seconds
    assert (cells.model["v"].unit, cells.model["v"].depends) == ("mV", ("v", "tau"))
