"""The passes that make programs cheap do not change what they compute (against mpmath)."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import numpybrain as nb
from numpybrain.symbolic import special_functions, optimise

A, B, X, Y = sp.symbols("a b x y", real=True)  # x and y vary, a and b do not
VARYING = {X, Y}
POINTS = [
    {A: "0.7", B: "-1.3", X: "0.4", Y: "2.1"},
    {A: "-2", B: "0.5", X: "-3.25", Y: "0.125"},
    {A: "1.5", B: "1e-3", X: "8", Y: "-0.9"},
]
SPECIAL = {
    special_functions.exprel: lambda x: mp.expm1(x) / x if x else mp.mpf(1),
    special_functions.expm1_ratio: lambda e, x: (e - 1) / x if x else mp.mpf(1),
}


def varies(symbol: sp.Symbol) -> bool:
    return symbol in VARYING


def value(expr: Any, known: dict[Any, Any]) -> Any:
    """The value of an expression with 40 digits, by a walk over its tree."""
    if expr in known:
        return known[expr]
    arguments = [value(argument, known) for argument in expr.args]
    for kind, function in SPECIAL.items():
        if isinstance(expr, kind):
            return function(*arguments)
    match expr:
        case sp.Add():
            return mp.fsum(arguments)
        case sp.Mul():
            return mp.fprod(arguments)
        case sp.Pow():
            return mp.power(*arguments)
        case sp.exp():
            return mp.exp(*arguments)
        case sp.tanh():
            return mp.tanh(*arguments)
        case sp.sin():
            return mp.sin(*arguments)
        case sp.Rational():
            return mp.mpf(int(expr.p)) / int(expr.q)
        case sp.Number() | sp.NumberSymbol():
            return mp.mpf(str(expr.evalf(40)))
    raise AssertionError(sp.srepr(expr))


def expressions(seed: int, n: int = 4) -> list[Any]:
    """Random sums, products, powers and exponentials like those of rate equations."""
    rng = np.random.default_rng(seed)

    def rational() -> Any:
        return sp.Rational(int(rng.integers(-12, 13)) or 1, int(rng.choice([1, 2, 4, 5, 10])))

    def leaf() -> Any:
        return [A, B, X, X, Y, Y, rational()][rng.integers(7)]

    def make(depth: int) -> Any:
        if depth == 0:
            return leaf()
        match int(rng.integers(9)):
            case 0 | 1:
                return make(depth - 1) + rational() * make(depth - 1)
            case 2 | 3:
                return make(depth - 1) * make(depth - 1)
            case 4:
                return (make(depth - 1) ** 2 + 1) ** int(rng.choice([-3, -2, -1, 2, 3, 4, 7]))
            case 5 | 6:  # a family: exp of multiples of one variable with different offsets
                variable = [X, Y, X + Y, 2 * X - 3 * Y][rng.integers(4)]
                return sp.exp(rational() / 4 * variable + [0, A, B / 2, 1][rng.integers(4)])
            case 7:
                return special_functions.exprel([X / 4, (X - A) / 5, Y - B][rng.integers(3)])
            case _:
                return [sp.tanh, sp.sin][rng.integers(2)](make(depth - 1))

    return [make(4) for _ in range(n)]


def assert_same(originals: list[Any], definitions: list[Any], results: list[Any]) -> None:
    for point in POINTS:
        with mp.workdps(40):
            known = {s: mp.mpf(text) for s, text in point.items()}
            expected = [value(e, known) for e in originals]
            for symbol, expr in definitions:
                assert symbol not in known, "defined twice"
                known[symbol] = value(expr, known)
            found = [value(e, known) for e in results]
            for a, b in zip(expected, found, strict=True):
                assert mp.almosteq(a, b, rel_eps=mp.mpf(10) ** -25, abs_eps=mp.mpf(10) ** -30)


SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_hoist(seed: int) -> None:
    originals = expressions(seed)
    definitions, left = optimise.hoist(originals, varies)
    assert all(expr.free_symbols <= {A, B} for _, expr in definitions)
    assert_same(originals, definitions, left)


@pytest.mark.parametrize("seed", SEEDS)
def test_share_exponentials(seed: int) -> None:
    originals = expressions(seed)
    prologue, steps, left = optimise.share_exponentials(originals, varies)
    assert all(expr.free_symbols <= {A, B} for _, expr in prologue)
    assert_same(originals, [*prologue, *steps], left)


@pytest.mark.parametrize("seed", SEEDS)
def test_powers_and_share(seed: int) -> None:
    originals = expressions(seed)
    definitions, left = optimise.share(originals)
    assert_same(originals, definitions, left)
    definitions, left = optimise.powers(definitions, left)
    assert_same(originals, definitions, left)
    assert not any(p.exp.is_Integer and 2 <= abs(p.exp) <= 16 for e in left for p in e.atoms(sp.Pow))


@pytest.mark.parametrize("seed", range(8))
def test_all_together_in_the_compiled_function(seed: int) -> None:
    """What NumPy computes in the end, for one number and for arrays."""
    from numpybrain.engine.numpy.compiler import compile_program
    from numpybrain.engine.contract import SCALAR, ARRAY, DataLayout
    from numpybrain.symbolic.program import Program

    (original,) = expressions(100 + seed, 1)
    program = Program("test", {s: s.name for s in (A, B, X, Y)}, result=original)
    access = {"a": SCALAR, "b": SCALAR, "x": ARRAY, "y": ARRAY}
    closure = compile_program(program, DataLayout(access, frozenset({"x", "y"}), dynamic=()))
    for k, point in enumerate(POINTS):
        given = {s.name: float(text) for s, text in point.items()}
        arrays = {n: np.array([given[n], given[n]]) for n in "xy"}
        constants = dict(
            zip(
                closure.constants,
                closure.prologue(*(given[n] for _, n in closure.prologue_inputs)),
                strict=True,
            )
        )
        arguments = [
            constants[n] if kind == "constant" else arrays.get(n, given.get(n))
            for kind, n in closure.arguments
        ]
        found = np.broadcast_to(closure.body(*arguments), 2)
        with mp.workdps(40):
            expected = float(value(original, {s: mp.mpf(float(text)) for s, text in point.items()}))
        assert found == pytest.approx([expected] * 2, rel=1e-9), k


def test_exponentials_of_one_voltage_are_computed_once() -> None:
    rates = [sp.exp(-X / 20), sp.exp(X / 10 + A), sp.exp(X / 5), sp.exp(3 * X / 20 + B)]
    _, steps, left = optimise.share_exponentials(rates, varies)
    assert len(steps) == 1
    assert sum(len(e.atoms(sp.exp)) for e in left) == 0


def test_a_hodgkin_huxley_neuron_keeps_its_values() -> None:
    """The library's own equations, compiled, against the same equations in mpmath at random states."""
    text = """
        dm/dt = am*(1 - m) - bm*m : 1
        am = 0.1*(v + 40)/(1 - exp(-(v + 40)/10))/ms : 1/ms
        bm = 4*exp(-(v + 65)/18)/ms : 1/ms
        dh/dt = 0.07*exp(-(v + 65)/20)/ms*(1 - h) - h/(1 + exp(-(v + 35)/10))/ms : 1
        dv/dt = (120*m**3*h*(50 - v) + 0.3*(-54.4 - v))/ms : 1
    """
    rng = np.random.default_rng(3)
    v, m, h = rng.uniform(-100, 60, 50), rng.uniform(0, 1, 50), rng.uniform(0, 1, 50)
    cells = nb.Neurons(50, text, method="euler", initial={"v": v, "m": m, "h": h})
    dt = 1e-3
    nb.Network(cells, dt=dt).step()
    with mp.workdps(30):
        for k in range(50):
            V, M, H = mp.mpf(v[k]), mp.mpf(m[k]), mp.mpf(h[k])
            am = (V + 40) / 10 / (1 - mp.exp(-(V + 40) / 10))
            new = (
                V + dt * (120 * M**3 * H * (50 - V) + mp.mpf("0.3") * (mp.mpf("-54.4") - V)),
                M + dt * (am * (1 - M) - 4 * mp.exp(-(V + 65) / 18) * M),
                H
                + dt
                * (mp.mpf("0.07") * mp.exp(-(V + 65) / 20) * (1 - H) - H / (1 + mp.exp(-(V + 35) / 10))),
            )
            assert (cells.v[k], cells.m[k], cells.h[k]) == pytest.approx([float(x) for x in new], rel=1e-11)


def test_exponentials_that_are_far_apart_are_not_computed_from_one() -> None:
    cells = nb.Neurons(3, "v : 1\na : 1\nx = exp(v) + exp(2*v + a) : 1", a=3)
    cells.v = [-1, 0, 2]
    np.testing.assert_allclose(cells.x, np.exp(cells.v) + np.exp(2 * cells.v + 3), rtol=1e-14)
    cells.a, cells.v = 1500, [-750, -749, -748]  # exp(1500) is no float
    np.testing.assert_allclose(cells.x, np.exp(2 * cells.v + 1500), rtol=1e-12)
