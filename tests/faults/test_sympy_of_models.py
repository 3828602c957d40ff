"""`model[x].expr` is for SymPy's users: names as in the model, and functions that SymPy itself can handle."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import sympy as sp

import numpybrain as nb
from tests.sample import SAMPLE

MODELS = {
    name: nb.load_model(name)
    for name in [*SAMPLE, *nb.list_models("channels"), *nb.list_models("synapses")]
}
ITEMS = [(name, x) for name, model in MODELS.items() for x in model if model[x].expr is not None]

FUNCTIONS = {
    "exp": math.exp, "log": math.log, "tanh": math.tanh, "cosh": math.cosh, "sqrt": math.sqrt, "abs": abs,
    "clip": lambda x, low, high: min(max(x, low), high), "min": min, "max": max, "int": int,
    "heaviside": lambda x: 0.5*(math.copysign(1, x) + 1), "where": lambda c, a, b: a if c else b,
}  # fmt: skip
PREFIXES = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "k": 1e3, "c": 1e-2, "M": 1e6}
BASE = dict.fromkeys(
    "V s S F A ohm m second volt meter Hz hertz kelvin siemens amp ampere farad mol mole coulomb".split(),
    1.0,
) | {"molar": 1e3, "M": 1e3}
SCALES = {p + u: factor * value for p, factor in PREFIXES.items() for u, value in BASE.items()}


def scale(unit: str) -> float:
    """A unit in SI base units, by the meaning of its prefixes."""
    if unit in ("1", "integer", "boolean"):
        return 1.0
    return float(eval(unit, {"__builtins__": {}}, SCALES))  # noqa: S307 - units of our own files


def in_python(model: nb.Model, name: str, values: dict[str, float]) -> float:
    """A right-hand side as Python calculates it from its text, all in SI base units."""
    item = model[name]
    text = " ".join(re.sub(r"#[^\n]*", "", item.variable.expr.span.text).split())
    names = {w for w in re.findall(r"[^\W\d]\w*", text)}
    known = {k: v for k, v in SCALES.items() if len(k) > 1}
    for used in names & {*model, *values}:
        is_stored = used in values
        known[used] = (
            values[used]
            * (scale(model[used].unit) if used in model else 1e-3 if used in ("t", "dt") else 1.0)
            if is_stored
            else in_python(model, used, values) * scale(model[used].unit)
        )
    found = float(eval(text, {"__builtins__": {}}, {**FUNCTIONS, "pi": math.pi, **known}))  # noqa: S307
    return found / scale(item.unit) * (1e-3 if item.kind == "differential" else 1.0)


def values_for(model: nb.Model, expr: Any) -> dict[str, float]:
    """A value for every symbol: the default where there is one, else something in the usual range."""
    rng = np.random.default_rng(1)
    found = {}
    for name in sorted(s.name for s in expr.free_symbols):
        low, high = (-80, 20) if name in model and model[name].unit == "mV" else (0.1, 0.9)
        default = model[name].expr if name in model and model[name].kind == "parameter" else None
        found[name] = float(rng.uniform(low, high)) if default is None else float(default)
    return found


@pytest.mark.parametrize(("name", "variable"), ITEMS)
def test_library_models_through_plain_lambdify(name: str, variable: str) -> None:
    model, item = MODELS[name], MODELS[name][variable]
    expr, plain = item.expr, item.plain
    values = values_for(model, expr)
    arguments = [sp.Symbol(n) for n in values]
    assert set(values) <= {*model, *model.open_names, "t", "dt", "N", "i", "lastspike", "xi"}
    assert expr.free_symbols <= set(arguments)
    assert all(f.__module__.startswith("sympy.") for f in map(type, plain.atoms(sp.Function)))
    calculate = sp.lambdify(arguments, expr, "numpy")
    found = float(calculate(*values.values()))
    want = in_python(model, variable, values)
    assert found == pytest.approx(want, rel=1e-9, abs=1e-12)
    for each in (expr, plain):  # by symbol, and by name
        assert float(each.subs(dict(zip(arguments, values.values(), strict=True)))) == pytest.approx(found)
        assert float(each.subs(values)) == pytest.approx(found)
    for k, (x, at) in enumerate(values.items()):
        if not isinstance(expr, sp.Expr):
            continue
        rate = sp.lambdify(arguments, sp.diff(expr, sp.Symbol(x)), "numpy")
        h = 1e-5 * max(1.0, abs(at))
        ahead, behind = (in_python(model, variable, {**values, x: at + d}) for d in (h, -h))
        noise = 1e-12 * abs(want) / h
        assert float(rate(*values.values())) == pytest.approx(
            (ahead - behind) / (2 * h), rel=1e-5, abs=1e-8 + noise
        ), k


GATE = nb.Model("""
    dm/dt = a*(1 - m) - m/ms : 1
    a = 0.1/mV*(V_1 + 40*mV)/(1 - exp(-(V_1 + 40*mV)/(10*mV)))/ms : 1/ms
    V_1 = -65*mV : mV
    exp_0 = 2 : 1
    lambda = 3 : 1
    x_ = V_1/mV*exp_0*lambda : 1
""")


def test_symbols_are_named_as_in_the_model() -> None:
    assert {s.name for s in GATE["a"].expr.free_symbols} == {"V_1"}
    assert GATE["a"].expr.free_symbols == {sp.Symbol("V_1")}
    assert GATE["x_"].expr == sp.Symbol("V_1") * sp.Symbol("exp_0") * sp.Symbol("lambda")
    assert GATE["x_"].expr.subs("V_1", 2).subs(sp.Symbol("exp_0"), 1).subs("lambda", 1) == 2


@pytest.mark.parametrize(("order", "want"), list(enumerate((1, 1 / 2, 1 / 6, 0))))
def test_derivatives_at_a_removed_singularity(order: int, want: float) -> None:
    """u/(1 - exp(-u)) is 1 + u/2 + u**2/12 + 0*u**3 - ..., with u = (V + 40)/10."""
    v = sp.Symbol("V_1")
    rate = sp.diff(GATE["a"].expr, v, order)
    assert float(sp.lambdify(v, rate, "numpy")(-40.0)) == pytest.approx(want / 10**order, abs=1e-14)
    assert float(rate.subs(v, -40)) == pytest.approx(want / 10**order, abs=1e-14)
    near = sp.Rational(-40) + sp.Rational(1, 10**7)
    exact = sp.diff(GATE["a"].plain, v, order).subs(v, near).evalf(15, maxn=400)
    assert float(sp.lambdify(v, rate, "numpy")(float(near))) == pytest.approx(
        float(exact), rel=1e-9, abs=1e-9
    )
    assert np.isfinite(sp.lambdify(v, rate, "numpy")(np.array([-70.0, -40.0, -10.0]))).all()


@pytest.mark.parametrize(
    "text", ["sin(x)/x", "tan(x)/x", "x/tanh(x)", "log(1 + x)/x", "sinh(x)/x", "arctan(x)/x"]
)
def test_quotients_are_functions_of_sympy(text: str) -> None:
    x, expr = sp.Symbol("x"), nb.Model(f"y = {text} : 1\nx : 1")["y"].expr
    plain = sp.sympify(text.replace("arctan", "atan"))
    for order, at in ((0, 0.0), (1, 0.0), (0, 0.7), (1, 0.7), (2, 0.7)):
        exact = sp.diff(plain, x, order)
        want = float(exact.subs(x, at) if at else sp.limit(exact, x, 0))
        found = sp.diff(expr, x, order)
        assert float(sp.lambdify(x, found, "numpy")(at)) == pytest.approx(want, abs=1e-12)
        assert float(found.subs(x, sp.Float(at, 30))) == pytest.approx(want, abs=1e-12)
    assert complex(expr.rewrite(sp.exp).subs(x, 0.7)).real == pytest.approx(float(plain.subs(x, 0.7)))


WORDS = {
    "min(x, 2, 3)": lambda x: min(x, 2), "max(x, 1)": lambda x: max(x, 1), "clip(x, 1, 2)": lambda x: min(max(x, 1), 2),
    "abs(x)": abs, "sign(x)": lambda x: (x > 0) - (x < 0), "heaviside(x)": lambda x: (x > 0) + 0.5*(x == 0),
    "int(x)": int, "floor(x)": math.floor, "ceil(x)": math.ceil, "mod(x, 0.7)": lambda x: x % 0.7, "x // 0.7": lambda x: x // 0.7,
    "log10(x + 4)": lambda x: math.log10(x + 4), "log2(x + 4)": lambda x: math.log2(x + 4),
    "expm1(x)": math.expm1, "log1p(x + 3)": lambda x: math.log1p(x + 3), "sqrt(x**2)": abs,
    "x if x > 0 and not x > 1 else 3": lambda x: x if 0 < x <= 1 else 3, "int(x > 0.5 or x == -1)": lambda x: x > 0.5 or x == -1,
    "where(0 < x <= 1, x**2, -1)": lambda x: x**2 if 0 < x <= 1 else -1, "exprel(x)": lambda x: math.expm1(x)/x if x else 1,
}  # fmt: skip


@pytest.mark.parametrize("text", WORDS)
def test_functions_are_those_of_sympy(text: str) -> None:
    x, expr = sp.Symbol("x"), nb.Model(f"y = {text} : 1\nx : 1")["y"].expr
    calculate = sp.lambdify(x, expr, "numpy")
    values = np.array([-2.3, -1.0, 0.0, 0.4, 0.5, 1.0, 1.7])
    want = [float(WORDS[text](float(at))) for at in values]
    np.testing.assert_allclose(calculate(values), want, rtol=1e-14)
    np.testing.assert_allclose([float(expr.subs(x, sp.Rational(at))) for at in values], want, rtol=1e-12)
    if "//" not in text and not text.startswith(("int", "floor", "ceil", "mod")):
        at = 0.3
        slope = (WORDS[text](at + 1e-6) - WORDS[text](at - 1e-6)) / 2e-6
        assert float(sp.lambdify(x, sp.diff(expr, x), "numpy")(at)) == pytest.approx(slope, abs=1e-6)


def test_conditions_are_conditions_of_sympy() -> None:
    model = nb.Model("k = (v > 1) == b : boolean\nv : 1\nb : boolean")
    v, b = sp.symbols("v b")
    assert model["k"].expr.subs({v: 2, b: sp.true}) == sp.true
    assert model["k"].expr.subs({v: 2, b: sp.false}) == sp.false


def test_functions_of_the_user_are_called() -> None:
    model = nb.Model("y = 2*f(x) + f(0.5) : 1\nx : 1", functions={"f": np.cos})
    expr = model["y"].expr
    assert sp.lambdify(sp.Symbol("x"), expr, "numpy")(0.3) == pytest.approx(
        2 * math.cos(0.3) + math.cos(0.5)
    )


def test_an_open_name_is_in_base_units_until_it_is_given() -> None:
    model = nb.Model("dv/dt = (I - v)/ms : mV")
    assert float(model["v"].expr.subs({"I": 2, "v": 500})) == 1500  # 2 volts
    assert float(model.replace(I="2 mV")["v"].expr.subs({"I": 2, "v": 500})) == -498


def test_hierarchy_is_solved_by_sympy() -> None:
    """The current at which the model rests at v: what one does with a right-hand side."""
    model = nb.load_model("fitzhugh_nagumo")
    v, w = sp.symbols("v w")
    found = sp.solve(model["v"].plain, w)
    assert len(found) == 1
    assert sp.simplify(model["v"].plain.subs(w, found[0])) == 0
    assert v in found[0].free_symbols
