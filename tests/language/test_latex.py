"""LaTeX of the syntax tree: what it looks like, and that it means what the tree means."""

from __future__ import annotations

import math
import operator
import random
import re
from fractions import Fraction

import pytest

import numpybrain as nb
from numpybrain.language import latex_names, nodes, reader
from numpybrain.language.latex import latex, notes, sides


def of(text: str, own: tuple[str, ...] = ()) -> str:
    return latex(reader.read_expression(text), own)


# ---- what it looks like ------------------------------------------------------------------------

EXPRESSIONS = {
    "(E_L - v + R*I)/tau_m": r"\frac{E_{L} - v + R\,I}{\tau_{m}}",
    "g_Na*m**3*h*(v - E_Na)": r"g_{Na}\,m^{3}\,h\,\left(v - E_{Na}\right)",
    "-(v + 65*mV)/(18*mV)": r"-\frac{v + 65\,\mathrm{mV}}{18\,\mathrm{mV}}",
    "1*uF/cm**2": r"1\,\mathrm{\mu F\,cm^{-2}}",
    "0.04/ms/mV*v**2": r"0.04\,\mathrm{ms^{-1}\,mV^{-1}}\,v^{2}",
    "1/(1 + exp(-x))/ms": r"\frac{1}{1 + \exp\left(-x\right)}\,\mathrm{ms^{-1}}",
    "a/b*c/d": r"\frac{a}{b}\,\frac{c}{d}",
    "a/b/ms/c": r"\frac{a\,\mathrm{ms^{-1}}}{b\,c}",
    "mV/tau": r"\frac{\mathrm{mV}}{\tau}",
    "mV**x": r"\mathrm{mV}^{x}",
    "(mV*ms)**-2": r"\mathrm{mV^{-2}\,ms^{-2}}",
    "2*3*(1/3)": r"2 \cdot 3 \cdot \frac{1}{3}",
    "1.5e-3*x + 1e6": r"1.5 \times 10^{-3}\,x + 10^{6}",
    "(1e3)**2 + .5 + 3.": r"\left(10^{3}\right)^{2} + 0.5 + 3",
    "a*-b - -c": r"a\,\left(-b\right) - \left(-c\right)",
    "a // b % c": r"\left\lfloor \frac{a}{b}\right\rfloor\ \mathrm{mod}\ c",
    "sqrt(abs(x))*floor(x)": r"\sqrt{\left|x\right|}\,\left\lfloor x\right\rfloor",
    "max(log(x), log10(y))": r"\max\left(\ln\left(x\right),\ \log_{10}\left(y\right)\right)",
    "my_own(x, rand())": r"\mathrm{my\_own}\left(x,\ \mathrm{rand}\left(\right)\right)",
    "a < b <= c and not d != 2": r"a < b \leq c\ \mathrm{and}\ \mathrm{not}\ d \neq 2",
    "a or b and c": r"a\ \mathrm{or}\ b\ \mathrm{and}\ c",
    "(a or b) and c": r"\left(a\ \mathrm{or}\ b\right)\ \mathrm{and}\ c",
    "a if x > 0 else b if y else c": (
        r"\begin{cases} a & \mathrm{if}\ x > 0 \\ b & \mathrm{if}\ y \\ c & \mathrm{otherwise} \end{cases}"
    ),
    "2*where(a, b, c)": (
        r"2\,\left(\begin{cases} b & \mathrm{if}\ a \\ c & \mathrm{otherwise} \end{cases}\right)"
    ),
    "e**x + inf": r"\mathrm{e}^{x} + \infty",
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions(text: str) -> None:
    assert of(text) == EXPRESSIONS[text]


NAMES = {
    "v": "v", "tau": r"\tau", "τ": r"\tau", "τ_m": r"\tau_{m}", "sigma_V": r"\sigma_{V}", "Δ": r"\Delta",
    "λ": r"\lambda", "Λ": r"\Lambda", "g_Na": "g_{Na}", "x_pre": r"x_{\mathrm{pre}}", "v1": "v_{1}",
    "w12_post": r"w_{12,\mathrm{post}}", "m_inf": r"m_{\infty}", "k_alpha": r"k_{\alpha}", "drive": r"\mathit{drive}",
    "x_": r"\mathit{x\_}", "a__b": r"\mathit{a\_\_b}", "not_refractory": r"\mathit{not\_refractory}",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    assert of(name) == NAMES[name]


def test_names_of_the_model_are_no_units_and_no_constants() -> None:
    assert of("mV*e") == r"\mathrm{mV}\,\mathrm{e}"
    assert of("mV*e", ("mV", "e")) == r"\mathit{mV}\,e"


UNITS = {
    "mV": r"\mathrm{mV}", "uF/cm**2": r"\mathrm{\mu F\,cm^{-2}}", "1": "1", "1/ms": r"\mathrm{ms^{-1}}",
    "millivolt": r"\mathrm{mV}", "Mohm": r"\mathrm{M\Omega}", "mV*ms**0.5": r"\mathrm{mV\,ms^{1/2}}",
    "boolean": r"\mathrm{boolean}", "µA": r"\mathrm{\mu A}", "no_unit": r"\mathrm{no\_unit}",
}  # fmt: skip


@pytest.mark.parametrize("text", UNITS)
def test_units(text: str) -> None:
    assert latex(reader.read_unit(text)) == UNITS[text]


def test_quantities() -> None:
    assert latex(reader.read_quantity("-1.5 millivolt")) == r"-1.5\,\mathrm{mV}"
    assert latex(reader.read_quantity("2e-9 S")) == r"2 \times 10^{-9}\,\mathrm{S}"
    assert latex(reader.read_quantity("3 1")) == "3"


def test_statements() -> None:
    found = [
        latex(s) for s in reader.read_statements("v = c; w += b; x *= a + b; x -= -1; y **= 2; z //= 2")
    ]
    assert found == [
        r"v \leftarrow c", r"w \leftarrow w + b", r"x \leftarrow x\,\left(a + b\right)",
        r"x \leftarrow x - \left(-1\right)", r"y \leftarrow y^{2}",
        r"z \leftarrow \left\lfloor \frac{z}{2}\right\rfloor",
    ]  # fmt: skip


def test_equations() -> None:
    text = "dv/dt = -v/tau : mV (unless refractory)\nI = g*v : nA\nw : 1/ms (shared, constant)"
    v, i, w = reader.read_equations(text)
    flag = r"\left(\mathrm{unless\ refractory}\right)"
    assert latex(v) == rf"\frac{{dv}}{{dt}} = -\frac{{v}}{{\tau}} \qquad \left[\mathrm{{mV}}\right]\ {flag}"
    assert latex(i) == r"I = g\,v \qquad \left[\mathrm{nA}\right]"
    assert sides(w) == ("w", "")
    assert notes(w) == r"\left[\mathrm{ms^{-1}}\right]\ \left(\mathrm{constant,\ shared}\right)"


def test_plain_text_is_escaped() -> None:
    assert latex_names.upright("50% of #1 & a_b") == r"\mathrm{50\%\ of\ \#1\ \&\ a\_b}"
    assert latex_names.upright("\\input{x} $y$ ^~-") == (
        r"\mathrm{\backslash input\{x\}\ \$y\$\ \wedge \sim \text{-}}"
    )
    assert latex_names.upright("  ") == ""


def test_other_things_have_no_latex() -> None:
    with pytest.raises(TypeError, match="no LaTeX"):
        latex(nodes.Node(reader.read_expression("a").span))


# ---- that it means the same ----------------------------------------------------------------------

TOKEN = re.compile(r"\\[A-Za-z]+|\\,|\d+\.?\d*|\S")


class Reading:
    """What a reader makes of LaTeX: the textbook precedence of arithmetic, by recursive descent."""

    def __init__(self, text: str, values: dict[str, float]) -> None:
        plain = re.sub(r"\\(left|right)(?![a-z])", "", text).replace(r"\mathrm{f}", "f")
        self.tokens = TOKEN.findall(plain.replace(r"\ \mathrm{mod}\ ", r" \mod "))
        self.values = values

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, expected: str = "") -> str:
        token = self.tokens.pop(0)
        assert not expected or token == expected
        return token

    def between(self, start: str, end: str) -> float:
        self.take(start)
        value = self.modulus()
        self.take(end)
        return value

    def modulus(self) -> float:
        value = self.sum()
        while self.peek() == r"\mod":
            self.take()
            value %= self.sum()
        return value

    def sum(self) -> float:
        sign = -1 if self.peek() == "-" else 1
        if self.peek() in ("+", "-"):
            self.take()
        value = sign * self.product()
        while self.peek() in ("+", "-"):
            value = (operator.add if self.take() == "+" else operator.sub)(value, self.product())
        return value

    def product(self) -> float:
        value = self.power()
        while self.peek() in (r"\,", r"\cdot", r"\times"):
            self.take()
            value *= self.power()
        return value

    def power(self) -> float:
        base = self.atom()
        if self.peek() != "^":
            return base
        self.take()
        found = base ** self.between("{", "}")
        if isinstance(found, complex):
            raise ArithmeticError
        return found

    def atom(self) -> float:
        token = self.peek()
        if token == "(":
            return self.between("(", ")")
        if token == "|":
            return abs(self.between("|", "|"))
        if token == r"\lfloor":
            return math.floor(self.between(token, r"\rfloor"))
        self.take()
        if token == r"\frac":
            above, below = self.between("{", "}"), self.between("{", "}")
            return above / below
        if token == r"\sin":
            return math.sin(self.between("(", ")"))
        if token == "f":
            return self.between("(", ")") + 0.5
        return self.values[token] if token in self.values else float(token)


def value(node: nodes.Expr, values: dict[str, float]) -> float:
    """What the tree means."""
    match node:
        case nodes.Number():
            return float(node.value)
        case nodes.Name():
            return values[node.id]
        case nodes.Signed():
            return value(node.operand, values) * (-1 if node.op == "-" else 1)
        case nodes.Call():
            inner = value(node.arguments[0], values)
            return {"sin": math.sin(inner), "f": inner + 0.5, "abs": abs(inner)}[node.function]
        case nodes.Binary():
            a, b = value(node.left, values), value(node.right, values)
            if node.op == "//":
                return math.floor(a / b)
            found = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
                     "%": operator.mod, "**": operator.pow}[node.op](a, b)  # fmt: skip
            if isinstance(found, complex):
                raise ArithmeticError
            return found
    raise AssertionError(node)


VALUES = {"a": 1.3, "b": 2.7, "c": 0.6, "d": 3.1}
OPERATORS = ["+", "-", "*", "/", "//", "%", "**"]


def same(text: str) -> None:
    node = reader.read_expression(text)
    try:
        expected = value(node, VALUES)
        reading = Reading(latex(node), VALUES)
        found = reading.modulus()
    except ArithmeticError:  # a division by zero, a root of a negative number, or beyond the floats
        return
    assert reading.tokens == []
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9), latex(node)


@pytest.mark.parametrize("first", OPERATORS)
@pytest.mark.parametrize("second", OPERATORS)
def test_pairs_of_operators_keep_their_brackets(first: str, second: str) -> None:
    for text in (
        "a {} b {} c", "(a {} b) {} c", "a {} (b {} c)", "-a {} b {} c", "a {} -b {} c", "(-a) {} b {} c",
        "a {} (-b) {} 2", "-(a {} b) {} c", "2 {} 3 {} 4", "a {} (-(b {} c))", "f(a {} b) {} 1e-3",
    ):  # fmt: skip
        same(text.format(first, second))


def expression(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice([*VALUES, *VALUES, "2", "0.5", "1e-3", "2.5e2", "3"])
    a, b = (expression(rng, rng.randrange(depth)) for _ in range(2))
    op = rng.choice(["+", "-", "*", "*", "/", "/", "//", "%", "**"])
    return rng.choice([f"{a} {op} {b}", f"({a}) {op} ({b})", f"({a}) {op} {b}", f"-({a})", f"sin({a})",
                       f"abs({a})", f"({a}) {op} -({b})"])  # fmt: skip


@pytest.mark.parametrize("seed", range(400))
def test_random_expressions_mean_the_same(seed: int) -> None:
    rng = random.Random(seed)
    text = expression(rng, rng.randrange(1, 6))
    if text.count("//") + text.count("%") > 1:  # one ulp before a step is another number
        return
    same(text)


def test_the_conditions_keep_their_brackets() -> None:
    for text, bracketed in {
        "not (a and b)": True, "not a and b": False, "(a < b) < c": True, "a and (b and c)": True,
        "(a and b) or c": False, "a and (b or c)": True, "not (a < b)": False, "(not a) < b": True,
        "(a if b else c) + d": True, "a + (b % c)": True, "(a % b) < c": False,
    }.items():  # fmt: skip
        assert (r"\left(" in of(text)) == bracketed, text


# ---- deep and long -------------------------------------------------------------------------------

DEEP = {
    "parentheses": "(" * 90 + "a" + ")" * 90,
    "calls": "sin(" * 60 + "a" + ")" * 60,
    "sum": " + ".join(["a"] * 190),
    "product": "*".join(["a"] * 190),
    "quotient": "/".join(["a"] * 190),
    "powers": "**".join(["a"] * 90),
    "signs": "-" * 90 + "a",
    "conditions": "1 if a > 1 else " * 40 + "2",
    "comparison": " < ".join(["a"] * 100),
    "and": " and ".join(["a"] * 190),
    "sums of sums": "(" * 45 + "a" + " + b + c + d)" * 45,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_whatever_can_be_read_can_be_typeset(text: str) -> None:
    assert len(of(text)) >= text.count("a")


# ---- other programs read it ------------------------------------------------------------------------


def accepted(text: str) -> None:
    """Matplotlib's parser takes the text, without `cases`, which it does not know."""
    mathtext = pytest.importorskip("matplotlib.mathtext")
    for part in re.split(r"\\begin\{cases\}|\\end\{cases\}|(?<!\\)&|\\\\|\\left\(\s*(?=\\begin)", text):
        if part.strip(" )") and part.count(r"\left") == part.count(r"\right"):
            mathtext.MathTextParser("path").parse(f"${part}$")


@pytest.mark.parametrize("name", nb.list_models())
def test_matplotlib_reads_the_library(name: str) -> None:
    for variable in nb.load_model(name).definition.variables.values():
        accepted(latex(variable.equation))


@pytest.mark.parametrize("text", [*EXPRESSIONS, *NAMES], ids=str)
def test_matplotlib_reads_the_expressions(text: str) -> None:
    accepted(of(text))


def test_matplotlib_reads_units_and_plain_text() -> None:
    for text in UNITS:
        accepted(latex(reader.read_unit(text)))
    accepted(latex_names.upright("a-b_c #1 50% {x} $y \\ ^ ~"))
    assert latex_names.unit_latex([("mV", Fraction(1, 3))]) == r"\mathrm{mV^{1/3}}"
