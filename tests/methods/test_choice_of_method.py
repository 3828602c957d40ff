"""Which method is chosen where none is asked for, the reason it gives, and what refusals propose."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.symbolic.methods import METHODS, NOISY, SMOOTH

XI = "xi/ms**0.5"
NOISY_EQUATIONS = {  # equations -> what is chosen with Ito's reading, and with Stratonovich's
    f"dx/dt = -x/ms + {XI} : 1": ("exact", "exact"),
    f"dx/dt = {XI} : 1": ("exact", "exact"),
    f"dx/dt = (y - x)/ms + {XI} : 1\ndy/dt = -y/ms : 1": ("exact", "exact"),
    f"dx/dt = (a - x)/ms + s*{XI} : 1\na : 1\ns : 1": ("exact", "exact"),
    f"dx/dt = -x/ms + sin(t/ms)*{XI} : 1": ("exponential_midpoint_maruyama",) * 2,
    f"dx/dt = (sin(t/ms) - x)/ms + {XI} : 1": ("exponential_midpoint_maruyama",) * 2,
    f"dx/dt = -x*y/ms + {XI} : 1\ndy/dt = -y/ms : 1": ("exponential_midpoint_maruyama",) * 2,
    f"dx/dt = -x/ms + x*{XI} : 1": ("exponential_midpoint_maruyama",) * 2,
    f"dx/dt = -x/ms + sqrt(abs(x))*{XI} : 1": ("exponential_midpoint_maruyama", "heun"),
    f"dx/dt = -x/ms + sin(x)*{XI} : 1": ("exponential_midpoint_maruyama", "heun"),
    f"dx/dt = -x**3/ms + {XI} : 1": ("heun", "heun"),
    f"dx/dt = -x**3/ms + x*{XI} : 1": ("heun", "heun"),
    f"dx/dt = -x**3/ms + abs(x)*{XI} : 1": ("euler_maruyama", "heun"),
    f"dx/dt = (x - x**3 - y)/ms + xi_1/ms**0.5 : 1\ndy/dt = x/ms + xi_2/ms**0.5 : 1": (
        "heun",
        "heun",
    ),
}
READINGS = ("ito", "stratonovich")


@pytest.mark.parametrize("equations", NOISY_EQUATIONS)
@pytest.mark.parametrize("reading", [0, 1])
def test_the_choice_with_noise(equations: str, reading: int) -> None:
    cells = nb.Neurons(2, equations, interpretation=READINGS[reading])
    assert cells.update.method == NOISY_EQUATIONS[equations][reading]
    if reading == 1:  # as usual
        assert nb.Neurons(2, equations).update.method == cells.update.method


def test_the_order_of_preference() -> None:
    assert SMOOTH == ("exact", "exponential_midpoint", "rk4")
    assert NOISY == ("exact", "exponential_midpoint_maruyama", "heun", "euler_maruyama")
    assert all(METHODS[name].order in (None, 2, 4) for name in (*SMOOTH, *NOISY[:-1]))


REASONS = [
    ("dx/dt = -x/ms : 1", None, ["linear with constant coefficients"], ["not "]),
    ("dx/dt = -x*sin(t/ms)/ms : 1", None, ["linear in its own variable", "not exact", "sin(t)"], []),
    (
        "dx/dt = -x**3/ms : 1",
        None,
        ["smooth equations", "of order 4", "not exact", "not exponential_midpoint", "x**3"],
        [],
    ),
    (
        f"dx/dt = -x/ms + x*{XI} : 1",
        None,
        ["with noise", "not exact", "depends on 'x'"],
        ["not exponential"],
    ),
    (
        f"dx/dt = -x**2/ms + {XI} : 1",
        "ito",
        ["noise", "of order 2", "not exponential_midpoint_maruyama", "x**2"],
        ["not heun"],
    ),
    (
        f"dx/dt = -x**2/ms + {XI} : 1",
        None,
        ["noise", "of order 2", "not exponential_midpoint_maruyama", "x**2"],
        ["Ito"],
    ),
]


@pytest.mark.parametrize(("equations", "reading", "words", "absent"), REASONS)
def test_reasons(equations: str, reading: str | None, words: list[str], absent: list[str]) -> None:
    why = nb.Neurons(1, equations, interpretation=reading).update.why
    assert all(word in why for word in words), why
    assert not any(word in why for word in absent), why


VARIETY = [
    "dx/dt = -x/ms : 1", "dx/dt = -x**3/ms : 1", "dx/dt = -x*y/ms : 1\ndy/dt = x*y/ms : 1", "dx/dt = (randn() - x)/ms : 1",
    "dx/dt = (1 if x > 0 else 0)/ms : 1", *list(NOISY_EQUATIONS)[4:12:2],
    f"dx/dt = -x/ms + (1 if x > 0 else 2)*x*{XI} : 1", "dx/dt = -x/ms + xi_1/ms**0.5 : 1\ndy/dt = -y/ms + x*xi_2/ms**0.5 : 1",
]  # fmt: skip


@pytest.mark.parametrize(
    ("equations", "reading"), [(e, r) for e in VARIETY for r in READINGS[: 2 if "xi" in e else 1]]
)
def test_what_refusals_propose_works(equations: str, reading: str) -> None:
    """For every method: it works, or says why not and proposes what works and what would have been chosen."""
    chosen = nb.Neurons(2, equations, interpretation=reading).update.method
    refused, works, promised = 0, set(), set()
    for method in METHODS:
        try:
            cells = nb.Neurons(2, equations, method=method, interpretation=reading, initial={"x": 0.5})
        except nb.MethodError as error:
            refused += 1
            assert str(error).startswith(f"method '{method}' cannot do this: ")
            proposed = re.findall(r"'(\w+)'", str(error.help))
            assert proposed[0] == chosen
            assert method not in proposed
            promised |= set(proposed)
        else:
            nb.Network(cells, dt=0.01).run(0.05)
            assert np.all(np.isfinite(cells.x))
            assert cells.update.method == method
            works.add(method)
    assert promised <= works
    noisy = "xi" in equations
    deterministic = [m for m in METHODS.values() if m.strong == (None, None) and m.name != "exact"]
    assert refused >= (len(deterministic) if noisy else 0)


@pytest.mark.parametrize(
    ("equations", "method", "words"),
    [
        ("dx/dt = -x**3/ms : 1", "exact", ["not linear with constant coefficients", "x**3"]),
        ("dx/dt = -x**3/ms : 1", "exponential_midpoint", ["'dx/dt' is not linear in 'x'", "x**3"]),
        (f"dx/dt = -x/ms + {XI} : 1", "rk4", ["contain noise (xi)", "deterministic"]),
        (f"dx/dt = -x/ms + {XI} : 1", "exponential_euler", ["contain noise (xi)", "deterministic"]),
        ("dx/dt = -x/ms + xi_7/ms**0.5 : 1", "rk45", ["contain noise (xi_7)", "deterministic"]),
        (f"dx/dt = -x/ms + {XI} : 1", "backward_euler", ["contain noise (xi)", "deterministic"]),
        (f"dx/dt = -x/ms + x*{XI} : 1", "sra1", ["depends on 'x'", "additive"]),
        (f"dx/dt = -x/ms + x*{XI} : 1", "euler", ["depends on 'x'", "additive"]),
        (f"dx/dt = -x/ms + x*{XI} : 1", "exact", ["depends on 'x'", "additive"]),
        (f"dx/dt = -x/ms + sin(t/ms)*{XI} : 1", "exact", ["strength of the noise depends on t"]),
        (f"dx/dt = -x**3/ms + {XI} : 1", "exponential_euler_maruyama", ["'dx/dt' is not linear in 'x'", "x**3"]),
        ("dx/dt = (rand() - x)/ms : 1", "trapezoidal", ["rand()", "constant over dt"]),
    ],
)  # fmt: skip
def test_refusals_name_what_is_in_the_way(equations: str, method: str, words: list[str]) -> None:
    with pytest.raises(nb.MethodError) as caught:
        nb.Neurons(1, equations, method=method)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert "use method='" in str(caught.value.help)


def test_objects_tableaus_and_functions_are_asked_for() -> None:
    def mine(system: Any, dt: Any) -> Any:
        return {x: x + dt * f for x, f in system.rates.items()}

    own = nb.tableau([[], [1]], ["1/2", "1/2"], name="my_heun")
    for given, name in (
        (mine, "mine"),
        (own, "my_heun"),
        (METHODS["rk3"], "rk3"),
        (nb.method("rk45", relative=1e-3), "rk45"),
    ):
        update = nb.Neurons(1, "dx/dt = -x/ms : 1", method=given).update
        assert name in str(update.method)
        assert update.why == "asked for"
    with pytest.raises(nb.MethodError, match="my_heun.*noise") as caught:
        nb.Neurons(1, f"dx/dt = -x/ms + {XI} : 1", method=own)
    assert "'exact'" in str(caught.value.help)


@pytest.mark.parametrize("reading", ["Ito", "strat", 3, True])
def test_unknown_readings(reading: Any) -> None:
    with pytest.raises(nb.NumpyBrainError, match="interpretation|ito"):
        nb.Neurons(1, f"dx/dt = -x/ms + x*{XI} : 1", interpretation=reading)
