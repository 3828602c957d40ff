"""Random texts end in a model or in an error of NumpyBrain, soon; random expressions mean what Python means."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain.utils import memory
from numpybrain.language.short_texts import read_statements

LIMIT = 20.0  # seconds of the processor for one text: ten times what is meant, for busy machines


@pytest.fixture(scope="module", autouse=True)
def _empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Nothing is written where the tests run."""
    folder = tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(memory, "ENTRIES", 0)  # nothing is remembered: a text costs as much as at first
        nb.Neurons(
            1, "v = exp(v0) : 1\nv0 : 1", threshold="v > 1", reset="v0 = 0"
        )  # imports are not billed
        yield
    assert list(folder.iterdir()) == []


def harmless(action: Callable[[], object]) -> None:
    """It succeeds or raises an error of NumpyBrain that can be shown, in time."""
    began = process_time()
    try:
        action()
    except nb.NumpyBrainError as error:
        assert str(error).strip()
        assert len(str(error)) < 5000
    assert process_time() - began < LIMIT


def harmless_everywhere(text: str) -> None:
    harmless(lambda: nb.Model(text))
    harmless(lambda: nb.Model.parse(text))
    harmless(lambda: nb.Neurons(1, "v : 1\nu : mV\nk : boolean", threshold="v > 1", reset=text))
    harmless(lambda: nb.Neurons(1, "v : 1\nu : mV", threshold=text, reset=""))
    harmless(lambda: nb.Neurons(1, "v : 1\nu : mV", initial={"u": text}))
    harmless(lambda: nb.Neurons(1, "v : 1", threshold="v > 1", refractory=text))


WORDS = (
    "dv/dt dv / dt = == : 1 mV ms nS boolean integer v u k x tau ( ) , + - * / // % ** < <= > >= != and or not "
    "if elif else += **= ; # \n \n\t exp sin where min rand poisson e pi inf True t dt i N lastspike xi 0 2.5 .5 1e3 "
    "1e999 (constant) (unless refractory) (shared) (summed) x_pre x_post _ µ ² é ' \" [ . \\ @ \u202e \0 \ue000 \ue001"
).split(" ")
soups = st.lists(st.sampled_from(WORDS), max_size=25).flatmap(
    lambda words: st.sampled_from((" ", "")).map(lambda space: space.join(words))
)


@given(soups | st.text(max_size=40))
@settings(max_examples=160)
def test_any_words(text: str) -> None:
    harmless_everywhere(text)


GOOD = (
    "dv/dt = (E - v)/tau + sigma*xi*sqrt(2/tau) : mV (unless refractory)\nE = -65*mV : mV\ntau = 20*ms : ms\nsigma : mV",
    "dv/dt = 0.04*v**2/ms + 5*v/ms + 140/ms - u/ms : 1\ndu/dt = 0.02*(0.2*v - u)/ms : 1  # recovery",
    "I = sin(2*pi*f*t)*nA if t < 10*ms or not k else where(k, 0*nA, clip(a, b, 2*nA)) : nA\nf : Hz\nk : boolean\na, b : nA",
    "v = -60; u += 1*mV; k = v > 0 and not k",
    "if v > 1:\n    v = 0\n    if u > 2*mV: u -= 1*mV\nelif -1 < v < 0:\n    k = True\nelse: v **= 2",
    "x = (v +\n  2*exp(-v**2/2))\nv = x if k else abs(x) // 2 % 3\n",
    "v > 0.5 and (u < 3*mV or k)",
    "-65*mV + 5*mV*randn()",
    "1.5 ms",
    'name = "m"\nequations = """\ndv/dt = -v/tau : 1\n"""\nthreshold = "v > 1"\nreset = "v = 0"\ninitial = { v = 1 }',
)
TOKEN = re.compile(r"\w+|\s+|[^\w\s]+")


def mutated(text: str, rng: random.Random) -> str:
    """A few characters, tokens or lines deleted, inserted, swapped or doubled."""
    for _ in range(rng.randint(1, 4)):
        cut = rng.choice((list, TOKEN.findall, lambda x: x.splitlines(keepends=True)))
        parts = cut(text)
        if not parts:
            return text
        a, b = rng.randrange(len(parts)), rng.randrange(len(parts))
        action = rng.choice(("delete", "insert", "swap", "double"))
        if action == "delete":
            del parts[a]
        elif action == "insert":
            parts.insert(a, rng.choice(WORDS))
        elif action == "swap":
            parts[a], parts[b] = parts[b], parts[a]
        else:
            parts.insert(b, parts[a])
        text = "".join(parts)
    return text


@given(st.sampled_from(GOOD), st.integers(0, 2**32))
@settings(max_examples=200)
def test_good_texts_with_faults(text: str, seed: int) -> None:
    harmless_everywhere(mutated(text, random.Random(seed)))


@pytest.mark.parametrize("text", GOOD[:3])
def test_the_good_models_are_good(text: str) -> None:
    nb.Model(text)


@pytest.mark.parametrize("text", GOOD[3:6])
def test_the_good_statements_are_good(text: str) -> None:
    read_statements(nb.Model("v : 1\nu : mV\nk : boolean").definition, text, "statements")


# ---- values ----------------------------------------------------------------------------------

FUNCTIONS = {
    "abs": abs, "min": min, "max": max, "int": int, "exp": math.exp, "sin": math.sin, "cos": math.cos,
    "tanh": math.tanh, "arctan": math.atan, "floor": math.floor, "ceil": math.ceil, "sqrt": math.sqrt,
    "log": math.log, "expm1": math.expm1, "mod": lambda a, b: a % b,
    "where": lambda c, a, b: a if c else b, "clip": lambda x, low, high: min(max(x, low), high),
    "sign": lambda x: (x > 0) - (x < 0), "heaviside": lambda x: ((x > 0) - (x < 0) + 1)/2,
}  # fmt: skip
LITERAL = re.compile(r"\b\d[\d.e]*")
COMPARE = ("<", "<=", ">", ">=", "==", "!=")


def number(rng: random.Random, depth: int) -> str:
    """The text of a random expression that is a number."""
    if depth == 0:
        return rng.choice(("a", "b", "c", "n", "m", "2", "3", "0.5", "1.25", "7", "1e2", "0"))
    x, y, z = (number(rng, rng.randrange(depth)) for _ in range(3))
    c = condition(rng, rng.randrange(depth))
    one = rng.choice(
        ("abs", "int", "exp", "sin", "cos", "tanh", "arctan", "floor", "ceil", "sqrt", "log", "expm1")
    )
    one = rng.choice((one, "sign", "heaviside"))
    return rng.choice(
        (
            *(f"({x}) {op} ({y})" for op in ("+", "-", "*", "/", "//", "%")),
            *(f"{x} {op} {y}" for op in ("+", "-", "*", "/", "//", "%")),
            f"({x})**{rng.choice(('2', '3', '-1', '0.5', '(1/3)', 'b', 'n'))}",
            *(f"-{x}", f"-({x})", f"-{x}**2", f"+({x})"),
            *(f"{one}({x})", f"{one}({x})", f"min({x}, {y})", f"max({x}, {y}, {z})", f"mod({x}, {y})"),
            *(f"({x} if {c} else {y})", f"{x} if {c} else {y}", f"where({c}, {x}, {y})", f"int({c})"),
        )
    )


def condition(rng: random.Random, depth: int) -> str:
    """The text of a random condition."""
    if depth == 0:
        return rng.choice(("k", "l", "True", "False", "a < b", "n == m", "not k"))
    x, y, z = (f"({number(rng, rng.randrange(depth))})" for _ in range(3))
    c, d = (condition(rng, rng.randrange(depth)) for _ in range(2))
    op, other = rng.choice(COMPARE), rng.choice(COMPARE)
    return rng.choice(
        (
            f"{x} {op} {y}",
            f"{x} {op} {y} {other} {z}",
            f"{c} and {d}",
            f"{c} or {d}",
            f"not ({c})",
            f"not {c}",
        )
    )


def all_finite(value: Any) -> bool:
    return not isinstance(value, complex) and math.isfinite(value)


def close_calls(text: str, names: dict[str, Any]) -> bool:
    """Whether a change of the variables in the last digits changes the result a lot: a jump, or cancellation."""
    values = []
    for factor in (1 - 1e-13, 1 + 1e-13):
        near = {k: v * factor if isinstance(v, float) else v for k, v in names.items()}
        values.append(float(by_python(text, near)))
    return not math.isclose(*values, rel_tol=1e-12, abs_tol=1e-15)


def exact(text: str, names: dict[str, Any]) -> Any:
    """The value with exact literals, which are not rounded before something jumps."""
    exactly = {f"q{k}": Fraction(word) for k, word in enumerate(LITERAL.findall(text))}
    places = iter(exactly)
    return by_python(LITERAL.sub(lambda _: next(places), text), {**names, **exactly})


def by_python(text: str, names: dict[str, Any]) -> Any:
    return eval(text, {"__builtins__": {}}, {**FUNCTIONS, **names})


@given(st.integers(0, 2**32), st.integers(1, 5))
@settings(max_examples=160)
def test_expressions_have_the_value_that_python_gives_them(seed: int, depth: int) -> None:
    rng = random.Random(seed)
    text = number(rng, depth)
    names = {name: rng.uniform(-3, 3) for name in "abc"} | {"n": rng.randint(-3, 4), "m": rng.randint(0, 4)}
    names |= {"k": rng.random() < 0.5, "l": rng.random() < 0.5}
    try:
        expected = by_python(text, names)
        if not all_finite(expected) or close_calls(text, names):
            return
        if not math.isclose(expected, exact(text, names), rel_tol=1e-12, abs_tol=1e-14):
            return
    except (ArithmeticError, ValueError, TypeError):  # zero division, overflow, complex
        return
    lines = f"x = {text} : 1\na, b, c : 1\nn, m : integer\nk, l : boolean"
    try:
        cells = nb.Neurons(2, lines, threshold="True", reset=f"a = {text}", initial=names)
        found = [cells.x]
        nb.Network(cells, dt=0.1).run(0.1)
    except nb.ModelError as error:  # in a branch that Python does not take
        assert re.search("division by zero|number out of range|no real number", str(error))
        return
    for values in (*found, cells.a):
        assert np.all(np.isclose(values, float(expected), rtol=1e-12, atol=1e-14)), (text, names, expected)


@pytest.mark.parametrize(
    "text", ["n**m", "n**(-m)", "int(a)**m", "2**n", "n**-1", "n // m", "n % m", "n/m"]
)
def test_calculations_with_whole_numbers(text: str) -> None:
    columns = {"a": [2.5, -3.0, 1.0], "n": [2, -1, -3], "m": [1, 2, -2]}
    cells = nb.Neurons(3, f"x = {text} : 1\na : 1\nn, m : integer", initial=columns)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    assert cells.x.tolist() == pytest.approx([by_python(text, row) for row in rows], rel=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(-4)",
        "sqrt(-a**2)",
        "(-a**2)**1.5",
        "log(-2)*a",
        "log(a - a)",
        "tan(pi/2)",
        "(0 - inf)**0.5",
        "1/(a - a)",
    ],
)
def test_what_is_no_number_is_a_clear_error(text: str) -> None:
    with pytest.raises(nb.ModelError, match="no real number|out of range|division by zero"):
        nb.Neurons(1, "a : 1", threshold="True", reset=f"a = {text}")
