"""THE table of the functions of the language, and its constants.

All that other modules need to know of a function is here: the checks of names and units, the values of
constant expressions, typesetting, SymPy and its derivatives, and the engines. To add a function is to add
an entry, if `rule` knows what happens to its units; `tests/language/test_new_function.py` adds one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from numpybrain.errors import ArgumentError


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the language.

    Attributes:
        name: what texts call it.
        n_arguments: how many arguments it takes.
        rule: what happens to units:
            "plain": numbers to a number. "keep": one argument of any unit, which comes out; others are
            numbers. "sign": any unit to a number. "same": all arguments of one unit, which comes out.
            "where": a condition, then as "same". "root": the square root of the unit. "whole": a number or
            a condition to a number. "steps": two arguments of one unit to a number.
        more: further arguments of the same kind may follow.
        value: gives its value for numbers in one unit, exact where that is possible, with errors as those
            of module `math`; what constant expressions are calculated with. None if it has no value of its
            own.
        latex: what stands before its arguments in parentheses, or two texts on both sides of its argument;
            "" for its name.
        sympy: the name of the function in SymPy, if that has it.
        opaque: SymPy may not reason about it in calculations; it only shows the function of that name to
            people.
        derivatives: by each of the arguments: a function of the nodes of all functions, as attributes, and
            of the arguments.
        series: coefficients a, b and c of (f(x)/x)' = a + b*x + c*x**2 near x = 0, if the function is like
            x there, and exact; so `f(x)/x` has no singularity.
        code: what generated code calls it, if not by its name.
        engines: name of an engine -> its implementation there, if the engine knows none by `code`; for one
            that draws, of the random generator, its arguments, and how many numbers are wanted.
        carries: the place of the argument whose unit comes out, for the rule "keep".
        draws: every call draws random numbers anew.
        made_of: makes its value, in one unit, of other random numbers: a function of the nodes of all
            functions, as attributes, of what draws a number by a name and arguments, and of its arguments.
        yields: a model may call something of its own by its name.
        tabled: a table of its distribution pays.
        is_whole: its values are whole numbers.
        aggregates: its value is one number, of all elements of the group.
    """

    name: str
    n_arguments: int = 1
    rule: str = "plain"
    value: Callable[..., Any] | None = None
    more: bool = False
    latex: str | tuple[str, str] = ""
    sympy: str = ""
    opaque: bool = True
    derivatives: tuple[Callable[..., Any], ...] = ()
    series: str = ""
    code: str = ""
    engines: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    carries: int = 0
    draws: bool = False
    made_of: Callable[..., Any] | None = None
    yields: bool = False
    tabled: bool = False
    is_whole: bool = False
    aggregates: bool = False

    @property
    def code_name(self) -> str:
        """Name of the function in generated code."""
        return self.code or self.name

    @property
    def is_node(self) -> bool:
        """Whether calls of it are nodes of their own in expressions of SymPy."""
        return self.value is not None and self.rule != "steps"


def _elementary(
    name: str, value: Callable[[float], float], latex: str = "", sympy: str = "", series: str = ""
) -> Function:
    """A function of one number that SymPy may reason about."""
    return Function(
        name, value=lambda x: value(float(x)), latex=latex or rf"\{name}", sympy=sympy or name,
        opaque=False, series=series,
    )  # fmt: skip


def _opaque(name: str, value: Callable[[float], float], **others: Any) -> Function:
    """A function of one number that SymPy leaves alone."""
    return Function(name, value=lambda x: value(float(x)), **others)


def _whole_group(x: float) -> float:
    raise ValueError("needs the number of elements of a group")


def _aggregate(
    name: str, kind: str, latex: str, value: Callable[[float], float] = lambda x: x, **others: Any
) -> Function:
    """A function of the values of all elements of a group."""

    def of_array(*arguments: Any) -> Any:
        from numpybrain.utils import aggregates

        return getattr(aggregates, kind)(*arguments)

    return Function(
        name, 1, "keep", value=value, aggregates=True, code=kind, latex=latex,
        engines={"numpy": of_array}, **others,
    )  # fmt: skip


def _gamma(rng: Any, shape: Any, size: int) -> Any:
    try:
        return rng.standard_gamma(shape, size)
    except ValueError:  # NumPy has looked at all of them
        raise ArgumentError("gamma(shape, scale) needs a shape that is not negative") from None


def _truncated_normal(rng: Any, low: Any, high: Any, size: int) -> Any:
    from numpybrain.utils.truncated_normal import truncated_normal

    return truncated_normal(rng, low, high, size)


def _choice(f: Any, draw: Callable[..., Any], *values: Any) -> Any:
    """One of the values, each as often as the others."""
    place, found = len(values) * draw("rand"), values[-1]
    for k in range(len(values) - 2, -1, -1):
        found = f.where(f.less(place, k + 1), values[k], found)
    return found


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        _elementary("sin", math.sin, series="0 -1/3 0"),
        _elementary("cos", math.cos),
        _elementary("tan", math.tan, series="0 2/3 0"),
        _elementary("sinh", math.sinh, series="0 1/3 0"),
        _elementary("cosh", math.cosh),
        _elementary("tanh", math.tanh, series="0 -2/3 0"),
        _elementary("arcsin", math.asin, sympy="asin", series="0 1/3 0"),
        _elementary("arccos", math.acos, sympy="acos"),
        _elementary("arctan", math.atan, sympy="atan", series="0 -2/3 0"),
        _elementary("exp", math.exp),
        _elementary("log", math.log, r"\ln"),
        _opaque("log10", math.log10, latex=r"\log_{10}", sympy="codegen.cfunctions.log10"),
        _opaque("log2", math.log2, latex=r"\log_{2}", sympy="codegen.cfunctions.log2"),
        _opaque(
            "expm1", math.expm1, sympy="codegen.cfunctions.expm1", derivatives=(lambda f, x: f.exp(x),)
        ),
        _opaque(
            "log1p", math.log1p, sympy="codegen.cfunctions.log1p", derivatives=(lambda _, x: 1 / (1 + x),),
            series="-1/2 2/3 -3/4",
        ),
        Function("exprel", value=lambda x: math.expm1(x) / x if x else 1.0, opaque=False),
        Function("floor", value=math.floor, latex=(r"\left\lfloor ", r"\right\rfloor"), sympy="floor"),
        Function("ceil", value=math.ceil, latex=(r"\left\lceil ", r"\right\rceil"), sympy="ceiling"),
        _opaque("erf", math.erf, sympy="erf"),
        Function("abs", 1, "keep", abs, latex=(r"\left|", r"\right|"), code="absolute"),
        Function("sign", 1, "sign", lambda x: (x > 0) - (x < 0), latex=r"\mathrm{sgn}"),
        Function(
            "heaviside", 1, "sign", lambda x: ((x > 0) - (x < 0) + 1) / Fraction(2), latex=r"\Theta"
        ),
        Function(
            "sqrt", 1, "root", lambda x: math.sqrt(float(x)), latex=(r"\sqrt{", "}"), sympy="sqrt",
            opaque=False,
        ),
        Function("int", 1, "whole", int, code="to_int", is_whole=True),
        Function(
            "min", 2, "same", min, more=True, latex=r"\min", code="minimum",
            derivatives=(
                lambda f, x, y: f.where(f.less_equal(x, y), 1, 0),
                lambda f, x, y: f.where(f.less_equal(x, y), 0, 1),
            ),
        ),
        Function(
            "max", 2, "same", max, more=True, latex=r"\max", code="maximum",
            derivatives=(
                lambda f, x, y: f.where(f.greater_equal(x, y), 1, 0),
                lambda f, x, y: f.where(f.greater_equal(x, y), 0, 1),
            ),
        ),
        _aggregate("mean", "mean_of", r"\mathrm{mean}", yields=True),
        _aggregate("sum", "sum_of", r"\mathrm{sum}", _whole_group, yields=True),
        Function("mod", 2, "same", lambda a, b: a % b),
        Function("clip", 3, "same", lambda x, low, high: min(max(x, low), high)),
        Function("where", 3, "where", lambda condition, x, y: x if condition else y),
        Function("timestep", 2, "steps", lambda t, dt: int((t + dt / 1000) / dt), is_whole=True),
        Function("rand", 0, draws=True),
        Function("randn", 0, draws=True),
        Function("poisson", 1, draws=True, tabled=True, is_whole=True),
        Function("binomial", 2, draws=True, tabled=True, is_whole=True),
        Function("normal", 2, "same", draws=True, made_of=lambda _, draw, m, s: m + s * draw("randn")),
        Function(
            "uniform", 2, "same", draws=True, yields=True,
            made_of=lambda _, draw, low, high: low + (high - low) * draw("rand"),
        ),
        Function(
            "exponential", 1, "keep", draws=True, yields=True,
            made_of=lambda _, draw, mean: mean * draw("exponential"),
            engines={"numpy": lambda rng, size: rng.standard_exponential(size)},
        ),
        Function(
            "gamma", 2, "keep", carries=1, draws=True, yields=True,
            made_of=lambda _, draw, shape, scale: scale * draw("gamma", shape),
            engines={"numpy": _gamma},
        ),
        Function(
            "lognormal", 2, "keep", draws=True, yields=True,
            made_of=lambda f, draw, median, s: median * f.exp(s * draw("randn")),
        ),
        Function(
            "truncated_normal", 4, "same", draws=True, yields=True,
            made_of=lambda _, draw, m, s, low, high: (
                m + s * draw("truncated_normal", (low - m) / s, (high - m) / s)
            ),
            engines={"numpy": _truncated_normal},
        ),
        Function("choice", 2, "same", more=True, draws=True, yields=True, made_of=_choice),
    )
}  # fmt: skip


ALONE = {  # what calls with one argument mean, of functions that take more
    f.name: f for f in (_aggregate("min", "min_of", r"\min"), _aggregate("max", "max_of", r"\max"))
}


def called(name: str, n_arguments: int) -> Function | None:
    """The function of the language that a call with so many arguments means, if any."""
    return (ALONE.get(name) if n_arguments == 1 else None) or FUNCTIONS.get(name)


def every() -> tuple[Function, ...]:
    """All functions of the language."""
    return (*FUNCTIONS.values(), *ALONE.values())


def draws(name: str) -> bool:
    """Whether this is a function of the language that draws random numbers anew at every call."""
    function = FUNCTIONS.get(name)
    return function is not None and function.draws


CONSTANTS: dict[str, float | Fraction] = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "True": Fraction(1),
    "False": Fraction(0),
}

# Tiesinga et al. (2021), CODATA recommended values of the fundamental physical constants: 2018,
# doi:10.1103/RevModPhys.93.025010. A model's own name comes before these.
PHYSICAL: dict[str, tuple[Fraction, str]] = {
    "avogadro_constant": (Fraction("6.02214076e23"), "1/mole"),
    "boltzmann_constant": (Fraction("1.380649e-23"), "joule/kelvin"),
    "electric_constant": (Fraction("8.8541878128e-12"), "farad/meter"),
    "electron_mass": (Fraction("9.1093837015e-31"), "kilogram"),
    "elementary_charge": (Fraction("1.602176634e-19"), "coulomb"),
    "faraday_constant": (Fraction("6.02214076e23") * Fraction("1.602176634e-19"), "coulomb/mole"),
    "gas_constant": (Fraction("6.02214076e23") * Fraction("1.380649e-23"), "joule/mole/kelvin"),
    "magnetic_constant": (Fraction("1.25663706212e-6"), "newton/ampere**2"),
    "molar_mass_constant": (Fraction("0.99999999965e-3"), "kilogram/mole"),
    "zero_celsius": (Fraction("273.15"), "kelvin"),
}
