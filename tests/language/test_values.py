"""Values of expressions, quantities and units against Python, SciPy and pint's own unit definitions."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pint
import pytest
import scipy.special

import numpybrain as nb
from numpybrain.language import reader, unit_table, values

# ---- random expressions ------------------------------------------------------------------------

LITERALS = {"one": "1", "two": "2", "half": "0.5", "ten": "1e1", "third": "0.3333", "five": "5."}
NAMES = ("a", "b", "c")
FUNCTIONS: dict[str, Any] = {
    "exp": math.exp, "sqrt": math.sqrt, "log": math.log, "sin": math.sin, "cos": math.cos,
    "tanh": math.tanh, "arctan": math.atan, "abs": abs, "int": int, "min": min, "max": max,
    "floor": math.floor, "ceil": math.ceil, "expm1": math.expm1, "log1p": math.log1p, "erf": math.erf,
    "sign": lambda x: (x > 0) - (x < 0), "clip": lambda x, low, high: min(max(x, low), high),
}  # fmt: skip

NUMBERS_OF_TWO = ["({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} // {})", "({} % {})",
                  "(abs({}) + 0.5)**{}", "min({}, {})", "max({}, {})"]  # fmt: skip
NUMBERS_OF_ONE = ["-{}", "({})**2", "({})**3", "({})**-1", "({})**17", "abs({})**0.5", "exp(-abs({}))",
                  "sqrt(abs({}))", "log(abs({}))", "sin({})", "cos({})", "tanh({})", "arctan({})", "sign({})",
                  "int({})", "floor({})", "ceil({})", "expm1(-abs({}))", "log1p(abs({}))", "erf({})",
                  "clip({}, -1, 2)"]  # fmt: skip
CONDITIONS = ["({} < {})", "({} <= {})", "({} > {})", "({} >= {})", "({} == {})", "({} != {})",
              "({} < {} < 3)", "({} > {} and a > 0)", "(not {} < {} or b < 1)"]  # fmt: skip


def expression(rng: random.Random, depth: int, leaves: list[str]) -> str:
    """A random text with the names and numbers in braces, to be filled in."""
    if depth == 0:
        return f"{{{rng.choice(leaves)}}}"
    kinds = [NUMBERS_OF_TWO, NUMBERS_OF_TWO, NUMBERS_OF_ONE, ["({} if %s else {})"], ["int(%s)"]]
    form = rng.choice(rng.choice(kinds)).replace("%s", rng.choice(CONDITIONS))
    while "{}" in form:
        form = form.replace("{}", expression(rng, rng.randrange(depth), leaves), 1)
    return form


class Unsteady(Exception):
    """A value that does not exist, or that rounding decides."""


def by_python(template: str, point: dict[str, float], wobble: float = 0.0) -> float:
    """Python's value; with `wobble`, of slightly different names and numbers."""
    leaves = {**point, **{name: float(text) for name, text in LITERALS.items()}}
    moved = {name: v * (1 + wobble * (k + 1)) for k, (name, v) in enumerate(leaves.items())}
    text = template.format(**{name: name for name in leaves})
    try:
        return float(eval(text, {"__builtins__": {}}, {**FUNCTIONS, **moved}))
    except (ArithmeticError, ValueError, TypeError):  # x/0, log(0), and complex powers
        raise Unsteady from None


def steady(template: str, point: dict[str, float]) -> float:
    """Python's value, unless jumps or cancellation make it a matter of rounding."""
    value = by_python(template, point)
    for wobble in (1e-9, -1e-9):
        change = abs(by_python(template, point, wobble) - value)
        if change > 1e-6 * max(abs(value), 1e-3) or abs(value) > 1e50:
            raise Unsteady
    return value


def drawn(seed: int, leaves: list[str], points: list[dict[str, float]]) -> tuple[str, list[float]]:
    """A random text whose value is clear at all the points, and these values."""
    rng = random.Random(seed)
    while True:
        template = expression(rng, 2 + seed % 4, leaves)
        try:
            return template, [steady(template, point) for point in points]
        except Unsteady:
            continue


@pytest.mark.parametrize("seed", range(120))
def test_random_expressions_have_the_value_that_python_gives_them(seed: int) -> None:
    rng = random.Random(seed)
    points = [
        {n: rng.choice([-3.27, -1.13, -0.4, 0.3, 0.77, 1.0, 2.5, 7.1]) for n in NAMES} for _ in range(3)
    ]
    template, expected = drawn(seed, [*NAMES, *NAMES, *LITERALS], points)
    text = template.format(**{n: n for n in NAMES}, **LITERALS)
    cells = nb.Neurons(3, f"x = {text} : 1\na : 1\nb : 1\nc : 1")
    cells.a, cells.b, cells.c = ([point[n] for point in points] for n in NAMES)
    np.testing.assert_allclose(cells.x, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_constant_expressions_have_the_value_that_python_gives_them(seed: int) -> None:
    template, (value,) = drawn(seed, list(LITERALS), [{"a": 0.7, "b": -0.3}])
    text = template.format(**LITERALS)
    cells = nb.Neurons(1, f"x = {text} : 1\na = 0.7 : 1\nb = -0.3 : 1")  # conditions name a and b
    assert cells.x == pytest.approx([value], rel=1e-10, abs=1e-12)


# ---- functions ---------------------------------------------------------------------------------

POINTS = np.array([-40.0, -2.5, -1.0, -0.3, -1e-9, 0.0, 1e-9, 0.3, 0.5, 1.0, 2.5, 40.0])
INSIDE = np.array([-1.0, -0.5, 0.0, 0.2, 1.0])
ABOVE = np.array([1e-3, 0.5, 1.0, 10.0, 1e6])
TABLE: dict[str, tuple[Any, np.ndarray]] = {
    "sin(x)": (np.sin, POINTS), "cos(x)": (np.cos, POINTS), "tan(x)": (np.tan, POINTS),
    "sinh(x)": (np.sinh, POINTS), "cosh(x)": (np.cosh, POINTS), "tanh(x)": (np.tanh, POINTS),
    "arcsin(x)": (np.arcsin, INSIDE), "arccos(x)": (np.arccos, INSIDE), "arctan(x)": (np.arctan, POINTS),
    "exp(x)": (np.exp, POINTS), "expm1(x)": (np.expm1, POINTS), "log(x)": (np.log, ABOVE),
    "log10(x)": (np.log10, ABOVE), "log2(x)": (np.log2, ABOVE), "log1p(x)": (np.log1p, ABOVE),
    "exprel(x)": (scipy.special.exprel, POINTS), "sqrt(x)": (np.sqrt, ABOVE), "erf(x)": (scipy.special.erf, POINTS),
    "floor(x)": (np.floor, POINTS), "ceil(x)": (np.ceil, POINTS), "abs(x)": (np.abs, POINTS),
    "sign(x)": (np.sign, POINTS), "int(x)": (np.trunc, POINTS),
    "heaviside(x)": (lambda x: np.where(x > 0, 1, np.where(x < 0, 0, 0.5)), POINTS),
    "min(x, 0.3)": (lambda x: np.where(x < 0.3, x, 0.3), POINTS),
    "max(x, 0.3)": (lambda x: np.where(x > 0.3, x, 0.3), POINTS),
    "clip(x, -1, 1)": (lambda x: np.minimum(1, np.maximum(-1, x)), POINTS),
    "mod(x, 0.75)": (lambda x: np.array([math.fmod(math.fmod(v, 0.75) + 0.75, 0.75) for v in x]), POINTS[[0, 1, 2, 7, 9, 10, 11]]),
    "x % 0.75": (lambda x: x - 0.75 * np.floor(x / 0.75), POINTS[[0, 1, 2, 7, 9, 10, 11]]),
    "x // 0.75": (lambda x: np.floor(x / 0.75), POINTS),
    "where(x > 0, x, -2*x)": (lambda x: np.array([v if v > 0 else -2 * v for v in x]), POINTS),
    "int(x > 0)": (lambda x: np.array([1.0 if v > 0 else 0.0 for v in x]), POINTS),
    "x*pi + e": (lambda x: x * 3.141592653589793 + 2.718281828459045, POINTS),
    "clip(x, -inf, 0.4)": (lambda x: np.minimum(x, 0.4), POINTS),
    "-x**2": (lambda x: -(x * x), POINTS),
    "2**-1*x": (lambda x: x / 2, POINTS),
    "i*i*1000000 + x": (lambda x: np.arange(x.size) ** 2 * 1e6 + x, POINTS),
    "N + x": (lambda x: x.size + x, POINTS),
}  # fmt: skip


@pytest.mark.parametrize("text", TABLE)
def test_functions(text: str) -> None:
    function, x = TABLE[text]
    cells = nb.Neurons(x.size, f"y = {text} : 1\nx : 1")
    cells.x = x
    np.testing.assert_allclose(cells.y, function(x), rtol=4e-16 * 8, atol=0)


def test_whole_numbers_do_not_overflow_at_32_bits() -> None:
    cells = nb.Neurons(3, "y = n*n : 1\nn : integer")
    cells.n = [69_999, -69_999, 2]
    assert cells.y.tolist() == [69_999.0**2, 69_999.0**2, 4.0]


def test_numbers_are_not_cut_to_whole_ones_silently() -> None:
    with pytest.raises(nb.NumpyBrainError):
        nb.Neurons(2, "n = 2.5 : integer")
    with pytest.raises(nb.NumpyBrainError):
        nb.Neurons(2, "k : integer", k=2.5)
    assert nb.Neurons(2, "k : integer", k=2.0).k.tolist() == [2, 2]


def test_subexpressions_of_whole_numbers_are_whole_or_refused() -> None:
    try:
        cells = nb.Neurons(2, "n = 2*v : integer\nv : 1", v=1.25)
    except nb.NumpyBrainError:
        return
    assert cells.n.tolist() == [2, 2]


def test_infinity_minus_infinity() -> None:
    try:
        cells = nb.Neurons(1, "v : 1", initial={"v": "inf - inf"})
    except nb.NumpyBrainError:
        return
    assert np.isnan(cells.v[0])


def test_booleans() -> None:
    cells = nb.Neurons(
        4, "p : boolean\nq : boolean\nx = int(p and not q) + 2*int(p or q) : 1\nr = p != q : boolean"
    )
    cells.p, cells.q = [True, True, False, False], [True, False, True, False]
    assert cells.p.dtype == bool
    assert cells.x.tolist() == [2, 3, 2, 0]
    assert cells.r.tolist() == [False, True, True, False]


# ---- units -------------------------------------------------------------------------------------

UNITS = """V mV uV nV volt A nA pA amp uA S nS uS siemens F uF pF s ms us second Hz kHz hertz ohm Mohm Gohm m um cm
mm nm cm**2 um**2 1/ms mV/ms nA/ms uF/cm**2 mS/cm**2 nS/um**2 uA/cm**2 mM C nC K kelvin mol J N W Pa T Wb H
ms**-1 mV/ms*nF nA/pF*ms/mV (ms**2)**(1/2) volt**2/ohm nS*mV pF*mV/ms (nA*ms)/mV mol/m**3 kg*m**2/s**3/A""".split()


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry[Any]:
    """pint's own definitions."""
    return pint.UnitRegistry()


@pytest.mark.parametrize("text", UNITS)
def test_units_have_the_size_and_dimension_of_pints_own(text: str, registry: Any) -> None:
    expected = registry.parse_expression(text.replace("amp", "ampere")).to_base_units()
    unit = unit_table.from_node(reader.read_unit(text))
    bases = [registry.Quantity(1, b) for b in ("m", "kg", "s", "A", "K", "mol", "cd")]
    ours = float(unit.scale) * math.prod(
        (b ** float(d) for b, d in zip(bases, unit.dimension, strict=True)), start=1
    )
    assert ours.dimensionality == expected.dimensionality
    assert (ours / expected).to_base_units().magnitude == pytest.approx(1, rel=1e-12)


def test_pint_reads_the_same_from_the_same_file() -> None:
    """Names of units with every prefix and ending, and short words that may or may not be units."""
    prefixes, known = unit_table._definitions()  # noqa: SLF001
    words = {p + name + end for p in ("", *prefixes) for name in known for end in ("", "s", "ss")}
    words |= {a + b + c for a in "mnkGdac" for b in ("", *"mVASsgHMFP") for c in ("", *"szamolt")}
    pint_units, found = unit_table.registry(), 0
    for word in sorted(words):
        unit = unit_table.named(word)
        try:
            factor, root = pint_units.get_root_units(word)
        except pint.UndefinedUnitError:
            assert unit is None, word
            continue
        assert unit is not None, word
        found += 1
        powers = {b: float(d) for b, d in zip(unit_table.BASE, unit.dimension, strict=True) if d}
        roots = {str(k): d for k, d in root._units.items() if str(k) != "radian"}  # noqa: SLF001
        grams = roots.pop("gram", 0)  # the root of masses to pint, by the format of its file
        assert powers == roots | ({"kilogram": grams} if grams else {}), word
        assert float(unit.scale) == pytest.approx(factor / 1000**grams, rel=1e-12), word
        assert unit_table.symbol(word) == str(pint_units.get_symbol(word)), word
        if len(word) == 1:
            assert unit_table.long_name(word) == str(pint_units.get_name(word))
    assert found > 1500


def test_an_angle_is_a_number() -> None:
    target = unit_table.from_node(reader.read_unit("1"))
    assert values.convert("2*rad", target, "x", "1") == 2.0
    assert values.convert(3 * unit_table.registry().mrad, target, "x", "1") == pytest.approx(0.003)


CONVERSIONS = [
    ("1.5 ms", "ms", 1.5), ("1.5*ms", "ms", 1.5), ("20 ms", "second", 0.02), ("-65 mV", "mV", -65.0),
    ("-65mV", "volt", -0.065), ("2*nS + 10*pS", "nS", 2.01), ("0.3*mV", "uV", 300.0), ("1 second", "ms", 1000.0),
    ("3 * (1 + 1) * nA", "pA", 6000.0), ("1/(2*Hz)", "ms", 500.0), ("60 pF", "nF", 0.06), ("0 mV", "mV", 0.0),
    ("4 nA*Mohm", "mV", 4.0), ("1 uF/cm**2", "F/m**2", 0.01), ("sqrt(4*mV**2)", "mV", 2.0), ("exp(0)*mV", "mV", 1.0),
    ("2**3*ms", "ms", 8.0), ("1e-3*volt", "mV", 1.0), ("inf", "1", math.inf), ("-inf", "1", -math.inf),
    ("pi", "1", math.pi), ("36 degree", "1", None), ("3 mV", "nA", None), ("3", "mV", None), ("v", "mV", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "unit", "expected"), CONVERSIONS)
def test_quantities_in_strings(text: str, unit: str, expected: float | None) -> None:
    target = unit_table.from_node(reader.read_unit(unit))
    if expected is None:
        with pytest.raises(nb.NumpyBrainError):
            values.convert(text, target, "x", unit)
    else:
        assert values.convert(text, target, "x", unit) == pytest.approx(expected, rel=1e-15)


def test_decimal_quantities_are_read_without_rounding_twice() -> None:
    ms = unit_table.from_node(reader.read_unit("ms"))
    for text in ("0.1 ms", "0.3 ms", "0.7 ms", "1.1*ms", "100 us", "0.0003 s"):
        number, name = text.replace("*", " ").split()
        exact = {"ms": 1, "us": 1e-3, "s": 1e3}[name]
        assert values.convert(text, ms, "x") == float(f"{float(number) * exact:.12g}")


def test_quantities_of_pint_and_of_other_registries(registry: Any) -> None:
    from numpybrain.units import mV, nA, nS

    cells = nb.Neurons(2, "v : mV\ng : nS")
    cells.v = 3 * registry.volt
    assert cells.v.tolist() == [3000.0, 3000.0]
    cells.v = [1, 2] * mV
    assert cells.v.tolist() == [1.0, 2.0]
    cells.g = 2 * nS
    assert cells.g.tolist() == [2.0, 2.0]
    cells.g = nS
    assert cells.g.tolist() == [1.0, 1.0]
    with pytest.raises(nb.UnitError, match=r"'v' of 'neurons_\d+' must be a voltage \(got a current\)"):
        cells.v = 3 * nA


SCALED = [  # unit and value of a, of b; an expression; its unit and value
    ("nS", 3, "mV", -70, "a*b", "pA", -210), ("mV", 10, "ms", 4, "a/b", "volt/second", 2.5),
    ("mV", 5, "volt", 1, "a + b", "mV", 1005), ("mV", 5, "volt", 1, "a + b", "volt", 1.005),
    ("volt", 1, "mV", 5, "a - b", "uV", 995_000), ("mV", 5, "uV", 3000, "a % b", "mV", 2),
    ("mV", 5, "uV", 2000, "a // b", "1", 2), ("mV", 5, "uV", 2000, "a/b", "1", 2.5),
    ("mV", 3, "mV", 4, "sqrt(a**2 + b**2)", "uV", 5000), ("mV", 4, "volt", 1, "(a*b)**0.5", "mV", 2000 ** 0.5 * 2 ** 0.5),
    ("mV", 1, "uV", 999, "int(a > b)", "1", 1), ("mV", 1, "uV", 1001, "int(a > b)", "1", 0),
    ("mV", 1, "uV", 1000, "int(a == b)", "1", 1), ("mV", 1, "uV", 1000, "int(a <= b < 2*a)", "1", 1),
    ("mV", 7, "volt", 1, "min(a, b)", "mV", 7), ("mV", 7, "volt", 1, "max(a, b)", "mV", 1000),
    ("mV", 7, "uV", 1, "clip(a, 0, b)", "nV", 1000), ("mV", 7, "uV", 1, "a if a < b else b", "nV", 1000),
    ("mV", 7, "uV", 1, "where(a > b, a, b)", "uV", 7000), ("mV", -7, "uV", 1, "abs(a) + b", "uV", 7001),
    ("mV", 7, "mV", 2, "exp(a/b)", "1", math.exp(3.5)), ("mV", 7, "mV", 2, "exp(a/(2000*uV))", "1", math.exp(3.5)),
    ("nF", 2, "Mohm", 5, "a*b", "ms", 10), ("Hz", 40, "ms", 5, "a*b", "1", 0.2), ("1/ms", 2, "ms", 5, "a*b", "1", 10),
    ("uF/cm**2", 1, "um**2", 20_000, "a*b", "pF", 200), ("mS/cm**2", 100, "um**2", 20_000, "a*b", "uS", 20),
    ("mV", 0, "nA", 1, "int(a == 0)", "1", 1), ("mV", -1, "nA", 1, "clip(a, 0, inf)", "mV", 0),
    ("mV", 2, "nA", 1, "a**3", "volt**3", 8e-9), ("mV", 2, "nA", 1, "a**-2", "1/volt**2", 250_000),
    ("mM", 3, "1", 2, "a*b", "mol/m**3", 6), ("ms", 3, "1", 2, "t + a", "second", 0.003),
]  # fmt: skip


@pytest.mark.parametrize(("ua", "a", "ub", "b", "text", "unit", "expected"), SCALED)
def test_units_are_converted_in_expressions(
    ua: str, a: float, ub: str, b: float, text: str, unit: str, expected: float
) -> None:
    cells = nb.Neurons(2, f"x = {text} : {unit}\na : {ua}\nb : {ub}", a=a, b=b)
    assert cells.x == pytest.approx([expected] * 2, rel=1e-14)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("ms**(1/2)", 2.0), ("second**(1/2)", 2 / 1000**0.5), ("us**(1/2)", 2 * 1000**0.5)],
)
def test_roots_of_units_keep_their_size_or_are_refused(unit: str, expected: float) -> None:
    try:
        cells = nb.Neurons(1, f"x = sqrt(a) : {unit}\na : ms", a=4)
    except nb.UnitError:
        return
    assert cells.x == pytest.approx([expected])
