"""A model works the same whatever its names are: none collides with generated code.

The names to try are taken from the code generator, so that a new helper or temporary is tried as well.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.language.definition import is_reserved
from numpybrain.engine.numpy.function_builder import words
from numpybrain.engine.numpy.runtime_functions import namespace
from numpybrain.symbolic.methods import METHODS

# Names that mean something in Python, NumPy, SymPy or to the kernel; index arguments among them
ODD = """
    lambda None_ del class def is in from import global print type object self numpy np sp sympy math clock Add Mul Pow Symbol
    t_ dt_ inf_ nan_ E I S Q C true false steady body out step call value synapses_ neurons threshold reset weight
    kwargs args pre post synapse source target place powers root shield link_v shield_v block_0 v_all v_new v_at v_at2 t_at dt_at
    dt_now k1_v k2_voltage rand_1 randn_1 poisson_fixed binomial_fixed spikes_ size c0 n0 x0 p0 e0 exp_0 z_xi w_xi u_xi v_xi _v v_ v__
""".split()


ROLES = ("variable", "function", "parameter", "temporary", "given", "element", "synaptic")


def run(names: dict[str, str], method: str, n: int) -> list[Any]:
    """Everything that a name can take part in; `names` are what the parts are called."""
    x, f, b, y, g, k, w = (names.get(role, f"plain_{role}") for role in ROLES)
    cells = nb.Neurons(
        n,
        f"""
        d{x}/dt = (a*exp(-{x}/4) - {x}**3/3 + exp(-{x}/2)*{b} + {f}(max({x}, {g}), {x}//2))/ms : 1 (unless refractory)
        z = {x}**2*(a + {b})*int({x} > 0.1 and {b} > 0 or a > 5) + clip({x}, -1, 1) : 1
        a : 1
        {b} = 2 : 1
        """,
        threshold=f"{x} > 1 + 0.1*rand()",
        reset=f"{y} = rand()*min({x}, 3); {x} = {y}/2 + {y}**2/8; {b} += {f}({y}, {x})",
        refractory=f"(0.1 + abs({x}))*ms", method=method, initial={x: "0.1*i"},
        functions={f: lambda u, v: 0.01*u - 0.02*v}, namespace={g: 0.25},
    )  # fmt: skip
    cells.a = [1, 2, 3] if n == 3 else 2
    synapses = nb.Synapses(
        cells, cells, f"{w} = 0.5 : 1",
        on_pre=f"{y} = 0.1*{x}_pre*{w}; {x}_post += {y} + {f}({y}, {w}); {w} *= 0.9",
        connect=f"{k} for {k} in range(N_post) if {k} >= 0", namespace={f: lambda u, v: 0.02*u + 0.01*v},
    )  # fmt: skip
    trace, spikes = nb.Monitor(cells, x, "z"), nb.Monitor(cells, "spikes")
    nb.Network(cells, synapses, trace, spikes).run(4)
    return [spikes.t.tolist(), spikes.i.tolist(), trace[x], trace.z, getattr(synapses, w)[:]]


def generated() -> set[str]:
    """All words in the code that is generated for some models, by every method that can do them."""
    models = (
        "dv/dt = (exp(-v) - v**3 + log(1 + v**2) + poisson(2) + sin(v)/v)/ms : 1",
        "dv/dt = -v/ms + w/ms + xi/ms**0.5 : 1\ndw/dt = (v - w)/ms + xi_w/ms**0.5 : 1",
        "dv/dt = -v*w/ms : 1\ndw/dt = (v - w)/ms : 1\ndu/dt = -u*exp(v)/ms + exprel(w)/ms : 1",
    )
    found = set(namespace())
    for equations in models:
        for method in METHODS:
            try:
                cells = nb.Neurons(2, equations, method=method, threshold="v > 1", reset="v = 0")
            except nb.NumpyBrainError:
                continue
            found |= words(cells.update.source)
    return found


def is_name(name: str) -> bool:
    """Whether the language lets a variable have this name."""
    return (
        name.isidentifier()
        and not name.startswith("_")
        and not is_reserved(name)
        and name not in ("for", "in")
    )


ALLOWED = sorted(name for name in generated() | set(ODD) if is_name(name))
ABLE = [m for m in ("rk4", "euler", "rk45", "heun", "midpoint") if m in METHODS]


@functools.cache
def expected(method: str, n: int) -> list[Any]:
    nb.seed(1)
    found = run({}, method, n)
    assert len(found[0]) > n
    return found


@pytest.mark.parametrize("number", range(len(ALLOWED)), ids=ALLOWED)
def test_names_mean_nothing(number: int) -> None:
    """Every name has every role in one of the tests."""
    names = {role: ALLOWED[(number + 23 * k) % len(ALLOWED)] for k, role in enumerate(ROLES)}
    method, n = ABLE[number % len(ABLE)], 1 + 2 * (number // len(ABLE) % 2)
    plain = expected(method, n)
    for _ in ROLES:
        nb.seed(1)
        try:
            found = run(names, method, n)
            break
        except nb.ModelError as error:  # what a group has as an attribute is no variable of it
            refused = [role for role, name in names.items() if f"'{name}' " in str(error).split("\n")[0]]
            assert refused, error
            allowed = {"variable", "parameter", "given", "synaptic", "element"}
            assert set(refused) <= allowed, error
            names = {role: name for role, name in names.items() if role not in refused}
    assert len(names) > 4
    assert found[:2] == plain[:2]
    for a, b in zip(found[2:], plain[2:], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)
