"""The grammar: no conflicts, Python's structure of expressions, places of everything in the text."""

from __future__ import annotations

import ast
import random
import re
from typing import Any

import lark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain import resources
from numpybrain.language import nodes, reader


def test_the_grammar_has_no_conflict_and_no_colliding_words() -> None:
    """Lark's strict mode compares the words with the package interegular, and refuses without it."""
    grammar = resources.text("grammar", "equations.lark")
    lark.Lark(grammar, parser="lalr", strict=True, start=list(reader.STARTS))


# ---- structure -------------------------------------------------------------------------------

WORDS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.And: "and", ast.Or: "or", ast.Not: "not", ast.USub: "-", ast.UAdd: "+",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def by_python(node: Any) -> Any:
    """What Python's parser made of an expression, as nested tuples."""
    match node:
        case ast.Expression():
            return by_python(node.body)
        case ast.BinOp():
            return (WORDS[type(node.op)], by_python(node.left), by_python(node.right))
        case ast.UnaryOp():
            return (WORDS[type(node.op)], by_python(node.operand))
        case ast.BoolOp():
            first, *rest = map(by_python, node.values)
            for value in rest:
                first = (WORDS[type(node.op)], first, value)
            return first
        case ast.Compare():
            operands = [by_python(n) for n in (node.left, *node.comparators)]
            return ("compare", *operands, *(WORDS[type(op)] for op in node.ops))
        case ast.IfExp():
            return ("if", by_python(node.body), by_python(node.test), by_python(node.orelse))
        case ast.Call():
            return (node.func.id, "()", *map(by_python, node.args))
        case ast.Name():
            return node.id
        case ast.Constant():
            return float(node.value)
    raise AssertionError(node)


def by_us(node: Any) -> Any:
    """The same from our parser."""
    match node:
        case nodes.Binary():
            return (node.op, by_us(node.left), by_us(node.right))
        case nodes.Signed():
            return (node.op, by_us(node.operand))
        case nodes.Compare():
            return ("compare", *map(by_us, node.operands), *node.ops)
        case nodes.Conditional():
            return ("if", by_us(node.yes), by_us(node.condition), by_us(node.no))
        case nodes.Call():
            return (node.function, "()", *map(by_us, node.arguments))
        case nodes.Name():
            return node.id
        case nodes.Number():
            return float(node.value)
    raise AssertionError(node)


ATOMS = ["a", "b", "tau_m", "x1", "1", "2.5", ".5", "3.", "1e3", "2.5e-3", "f(a)", "g(a, 1)"]
BINARY = sorted(set(WORDS.values()) - {"not"})


def expression(rng: random.Random, depth: int) -> str:
    """A random text, most of it without parentheses."""
    if depth == 0:
        return rng.choice(ATOMS)
    e = [expression(rng, rng.randrange(depth)) for _ in range(3)]
    forms = [
        *[f"{e[0]} {op} {e[1]}" for op in rng.sample(BINARY, 6)],
        *[f"{e[0]}{op}{e[1]}" for op in ("+", "-", "**")],
        f"({e[0]})", f"-{e[0]}", f"not {e[0]}", f"f({e[0]})", f"{e[0]} if {e[1]} else {e[2]}",
    ]  # fmt: skip
    return rng.choice(forms)


@given(st.integers(0, 2**32), st.integers(1, 6))
@settings(max_examples=200)
def test_expressions_have_the_structure_that_python_gives_them(seed: int, depth: int) -> None:
    text = expression(random.Random(seed), depth)
    try:
        expected = by_python(ast.parse(text, mode="eval"))
    except SyntaxError:  # such as `a + not b`: no expression here either
        with pytest.raises(nb.ModelSyntaxError):
            reader.read_expression(text)
        return
    assert by_us(reader.read_expression(text)) == expected


# ---- lines -----------------------------------------------------------------------------------

LAYOUTS = {
    "plain": "dv/dt = (a - v)/tau : mV (unless refractory)\na = 2*mV : mV",
    "over lines": "dv/dt = (a -\n    v)\n  /tau\n  : mV (unless refractory) a = 2*mV : mV",
    "comments": "# a model\ndv/dt = (a  # rest\n - v)/tau : mV (unless refractory)  # potential\n\na = 2*mV : mV#x",
    "no spaces": "dv/dt=(a-v)/tau:mV(unless refractory)\na=2*mV:mV",
    "spaces": "  dv / dt  =  ( a  -  v ) / tau  :  mV  ( unless   refractory )\n\t a = 2 * mV : mV\n\n",
    "windows": "dv/dt = (a - v)/tau : mV (unless refractory)\r\na = 2*mV : mV\r\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_layout_means_nothing_in_equations(text: str) -> None:
    assert reader.read_equations(text) == reader.read_equations(LAYOUTS["plain"])
    first, second = reader.read_equations(text)
    assert (first.kind, first.name, first.flags) == ("differential", "v", {"unless refractory"})
    assert (second.kind, second.name, second.flags) == ("definition", "a", frozenset())


def test_comments_are_kept() -> None:
    first, second = reader.read_equations("v : mV  # membrane potential\nu : 1")
    assert (first.comment, second.comment) == ("membrane potential", "")


def test_one_line_declares_several_names() -> None:
    found = reader.read_equations("x, y : mV (constant, shared)")
    assert [(e.name, e.kind, str(e.unit)) for e in found] == [
        ("x", "declaration", "mV"),
        ("y", "declaration", "mV"),
    ]
    assert all(e.flags == {"constant", "shared"} for e in found)


STATEMENTS = {
    "v = 1; u += b": [("v", "="), ("u", "+=")],
    "v = 1\nu += b": [("v", "="), ("u", "+=")],
    "\n  v = (1 +\n 2)  # three\n\n; u -= b;\n": [("v", "="), ("u", "-=")],
    "a *= 2; b /= 2; c //= 2; d %= 2; e **= 2": list(
        zip("abcde", ["*=", "/=", "//=", "%=", "**="], strict=True)
    ),
    "": [],
    "# nothing\n": [],
}


@pytest.mark.parametrize("text", STATEMENTS)
def test_statements(text: str) -> None:
    assert [(s.name, s.op) for s in reader.read_statements(text)] == STATEMENTS[text]


def test_every_node_knows_its_text() -> None:
    text = "dv/dt = -(v - E)*exp( -2*v )/(tau) : mV"
    (equation,) = reader.read_equations(text)
    found = {n.span.text for n in equation.expr.walk()}
    assert {"v - E", "exp( -2*v )", "-2*v", "tau", "2", "v"} <= found
    assert equation.unit.span.text == "mV"
    assert (equation.unit.span.line, equation.unit.span.column) == (1, text.index("mV") + 1)


def test_trees_can_be_printed_and_sent_as_json() -> None:
    import json

    tree = nb.Model(
        "dv/dt = (a - v)/tau : mV\na = 2*mV : mV\ntau : ms", threshold="v > 1*mV", reset="v = 0*mV"
    ).tree
    assert [e["name"] for e in json.loads(json.dumps(tree.to_dict()))["equations"]] == ["v", "a", "tau"]
    lines = str(tree).splitlines()
    assert lines[0] == "equations"
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [
        "equations",
        "threshold",
        "reset",
    ]


@pytest.mark.parametrize(
    "text",
    ["(a + b)*(c - d)", "((a))*b", "a*( (b) )", "-(a)", "(a)**(-(b))", "f((a))*g(h((b), (c)))", "f((a)*(b))",
     "(a < b) and (c)", "(x) if (a > b) else (y)", "f()", "sin(a  # (\n)*(b)", "not (a)"],
)  # fmt: skip
def test_places_hold_the_parentheses_of_their_operands(text: str) -> None:
    node = reader.read_expression(text)
    for part in node.walk():
        shown = re.sub(r"#[^\n]*", "", part.span.text)
        assert shown.count("(") == shown.count(")")
        assert reader.read_expression(part.span.text) == part
