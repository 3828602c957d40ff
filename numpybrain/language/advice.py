"""What to write instead: the advice in unit errors, in the words and units of the user's text."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from numpybrain.language import units
from numpybrain.language.nodes import Binary, Call, Expr, Name, Number, Signed
from numpybrain.language.units import Unit

if TYPE_CHECKING:
    from numpybrain.language.scope import Scope

SECOND = Unit(tuple(Fraction(base == "second") for base in units.BASE))

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


def convert(node: Expr, want: Unit, have: Unit) -> str | None:
    """How to make `node` measure what is wanted."""
    if have.fits(want * SECOND):
        return "divide it by a time constant"
    words = MENDS.get((str(want), str(have)))
    text = node.span.text
    inner = node.operand if isinstance(node, Signed) else node
    is_product = isinstance(node, Binary) and node.op in ("*", "/", "**")
    whole = is_product or isinstance(inner, (Name, Number, Call))
    return words.format(text if whole else f"({text})") if words else None


def compare(node: Expr, unit: Unit | None) -> str:
    """How to make a condition of a number."""
    if isinstance(node, Number):
        return "write True or False"
    suffix = USUAL.get(unit.name, "") if unit is not None else ""
    return f"compare: {node.span.text} > 0{suffix}"


def unit_of(node: Expr, unit: Unit, scope: Scope) -> str:
    """The unit as the user wrote it if the node starts with one name, else its plain name."""
    while isinstance(node, Signed) or (isinstance(node, Binary) and node.op in ("+", "-")):
        node = node.operand if isinstance(node, Signed) else node.left
    symbol = scope.look_up(node.id) if isinstance(node, Name) else None
    return (symbol.unit_text if symbol else "") or unit.name
