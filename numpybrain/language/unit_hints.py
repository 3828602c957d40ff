"""Advice in errors of names and units: what to write instead, in the words of the user's text."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from numpybrain.language import unit_table
from numpybrain.language.definition import is_noise
from numpybrain.language.nodes import Binary, Call, Expr, Name, Number, Signed
from numpybrain.language.unit_table import PLAIN, Unit
from numpybrain.language.write import write
from numpybrain.utils.quantities import BASE

if TYPE_CHECKING:
    from numpybrain.language.scope import Scope

SECOND = Unit(tuple(Fraction(base == "second") for base in BASE))
ROOT = SECOND.power(Fraction(1, 2))

MENDS = {  # (wanted, got) -> advice
    ("a voltage", "a current"): "multiply {} by a resistance (ohm)",
    ("a current", "a voltage"): "multiply {} by a conductance (siemens)",
    ("a voltage per time", "a current"): "divide {} by a capacitance (farad)",
    ("a voltage", "a number"): "give it a unit: {}*mV",
    ("a time", "a number"): "give it a unit: {}*ms",
    ("a current", "a number"): "give it a unit: {}*nA",
    ("a conductance", "a number"): "give it a unit: {}*nS",
}
USUAL = {"volt": "*mV", "second": "*ms", "ampere": "*nA", "siemens": "*nS"}
EXAMPLES = {  # of values, by the name of their dimension
    "volt": "-70 mV", "second": "10 ms", "ampere": "1 nA", "siemens": "10 nS", "farad": "200 pF",
    "ohm": "100 Mohm", "hertz": "10 Hz", "coulomb": "1 pC", "meter": "10 um", "meter**2": "100 um**2",
    "molar": "1 mM", "ampere/meter**2": "1 uA/cm**2", "siemens/meter**2": "1 mS/cm**2",
    "farad/meter**2": "1 uF/cm**2", "volt/second": "1 mV/ms", "ampere/second": "1 nA/ms",
    "siemens/second": "1 nS/ms", "1/volt": "0.1 1/mV",
}  # fmt: skip

# What functions of other languages and simulators are called here. {0} and {1} are the arguments.
ELSEWHERE = {
    "asin": "arcsin({0})", "acos": "arccos({0})", "atan": "arctan({0})", "ln": "log({0})",
    "pow": "{0}**{1}", "power": "{0}**{1}", "square": "{0}**2", "exp2": "2**{0}",
    "cbrt": "sign({0})*abs({0})**(1/3)", "sec": "1/cos({0})", "csc": "1/sin({0})", "cot": "1/tan({0})",
    "fabs": "abs({0})", "absolute": "abs({0})", "sgn": "sign({0})", "signum": "sign({0})",
    "minimum": "min({0}, {1})", "fmin": "min({0}, {1})",
    "maximum": "max({0}, {1})", "fmax": "max({0}, {1})",
    "fmod": "mod({0}, {1})", "rem": "mod({0}, {1})", "remainder": "mod({0}, {1})",
    "ceiling": "ceil({0})", "trunc": "int({0})", "fix": "int({0})",
    "round": "floor({0} + 0.5)", "rint": "floor({0} + 0.5)",
    "H": "heaviside({0})", "Heaviside": "heaviside({0})", "step": "heaviside({0})",
    "sigmoid": "1/(1 + exp(-{0}))", "expit": "1/(1 + exp(-{0}))", "logistic": "1/(1 + exp(-{0}))",
    "exprelr": "1/exprel({0})", "vtrap": "{1}/exprel({0}/{1})",
    "ifelse": "where({0}, {1}, {2})", "ite": "where({0}, {1}, {2})",
    "random": "rand()", "gauss": "normal({0}, {1})",
}  # fmt: skip


def called_here(node: Call) -> str | None:
    """Translate a function of other languages into this one, with the arguments that were written."""
    form = ELSEWHERE.get(node.function)
    if form is None:
        return None
    n_wanted = 1 + max((int(k) for k in re.findall(r"{(\d)}", form)), default=-1)
    if len(node.arguments) != n_wanted:
        return None
    bare = not re.search(r"[^(, ]{|}[^), ]", form)  # as arguments of a function
    texts = (
        write(a) if bare or isinstance(a, (Name, Number, Call)) else f"({write(a)})" for a in node.arguments
    )
    return form.format(*texts)


def convert(node: Expr, want: Unit, have: Unit) -> str | None:
    """Advise how to make `node` measure what is wanted."""
    if is_noisy(node):
        return _noise(node, want, have)
    if have.fits(want * SECOND):
        return "divide it by a time constant"
    words = MENDS.get((str(want), str(have)))
    return words.format(_factor(node)) if words else None


def is_noisy(node: Expr) -> bool:
    """Whether white noise stands in an expression."""
    return any(isinstance(n, Name) and is_noise(n.id) for n in node.walk())


def _factor(node: Expr) -> str:
    """The text of an expression as a factor of a product."""
    inner = node.operand if isinstance(node, Signed) else node
    is_product = isinstance(node, Binary) and node.op in ("*", "/", "**")
    whole = is_product or isinstance(inner, (Name, Number, Call))
    return write(node) if whole else f"({write(node)})"


def _noise(node: Expr, want: Unit, have: Unit) -> str:
    """White noise is in 1/sqrt(second): what a term with it needs to measure what is wanted."""
    words, text = "white noise is in 1/sqrt(second)", _factor(node)
    if have.fits(want * ROOT):
        return f"{words}: write {text}*sqrt(2/tau), with a time tau"
    if want.fits(have * ROOT):
        return f"{words}: write {text}*sqrt(2*tau), with a time tau"
    if have.fits(want * SECOND):
        return f"{words}: write {text}/tau, with a time tau"
    return f"{words}, so its factor must be in {(want * ROOT).name} here"


def compare(node: Expr, unit: Unit | None) -> str:
    """Advise how to make a condition of a number."""
    if isinstance(node, Number):
        return "write True or False"
    suffix = USUAL.get(unit.name, "") if unit is not None else ""
    return f"compare: {write(node)} > 0{suffix}"


def unit_of(node: Expr, unit: Unit, scope: Scope) -> str:
    """The unit as the user wrote it if the node starts with one name, else its plain name."""
    while isinstance(node, Signed) or (isinstance(node, Binary) and node.op in ("+", "-")):
        node = node.operand if isinstance(node, Signed) else node.left
    symbol = scope.look_up(node.id) if isinstance(node, Name) else None
    return (symbol.unit_text if symbol else "") or unit.name


def give(name: str, unit: Unit = PLAIN) -> str:
    """Advise on a name that nothing defines, of which it may be known what unit it needs."""
    return f"define it, or give it as a keyword: {name}={'...' if unit == PLAIN else repr(example(unit))}"


def example(unit: Unit) -> str:
    """A value in a unit as one writes it in a text."""
    return EXAMPLES.get(unit.name, f"1 {unit.name}")


def hidden_units(names: list[str], scope: Scope) -> list[str]:
    """Select the names that mean something in the model here, and would be units elsewhere."""
    return [
        n for n in dict.fromkeys(names)
        if n in scope.names and unit_table.named(n) is not None
    ]  # fmt: skip


def unhide(names: list[str]) -> str:
    """Advise on names of the model that were meant as units."""
    words = [
        f"'{n}' is a name of this model, not the unit (which is {unit_table.spelled_out(n)})" for n in names
    ]
    return f"{'; '.join(words)}: rename it, or write {' and '.join(map(unit_table.spelled_out, names))}"
