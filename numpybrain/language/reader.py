"""Text to syntax tree, with Lark and `grammar/equations.lark`.

In: a string. Out: nodes with spans, or a `ModelSyntaxError` that says what was expected. Names and
units are checked elsewhere.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from fractions import Fraction
from typing import Any

import lark

from numpybrain import resources
from numpybrain.errors import ModelSyntaxError
from numpybrain.language import syntax_hints
from numpybrain.language.nodes import (
    Binary,
    Call,
    Compare,
    Conditional,
    Each,
    Equation,
    Expr,
    If,
    Name,
    Number,
    Quantity,
    Series,
    Signed,
    Statement,
    Statements,
    UnitNode,
)
from numpybrain.language.number_bounds import LARGEST, RANGE
from numpybrain.language.statement_layout import LaidOut, lay_out
from numpybrain.source import Source, Span
from numpybrain.utils.memory import remembered

# What one text may cost. Generous for people, tight enough to keep hostile input harmless.
MAX_LENGTH = 1_000_000  # characters of one text, most of them in comments and spaces
MAX_WORDS = 45_000  # names, numbers and signs of one text: a second of reading
MAX_DEPTH = 100  # nested parentheses and calls
MAX_CHAIN = 200  # terms of one sum, factors of one product, comparisons in a row, `elif` of one `if`
MAX_STATEMENTS = 300
MAX_DIGITS = 400  # of one number
PARENTHESIS = re.compile(r"[()]|#[^\n]*")  # or a comment, in which they mean nothing
WHITE_SPACE = " \t\n\r\f"
WHITE = str.maketrans(dict.fromkeys(WHITE_SPACE, " "))

STARTS = ("model", "statements", "expression", "connection", "quantity", "unit")


def read_equations(text: str, what: str = "equations") -> tuple[Equation, ...]:
    """The equations of a model, in source order."""
    found: tuple[Equation, ...] = _parse("model", text, what)
    return found


def read_statements(text: str, what: str = "statements") -> Statements:
    """Statements separated by `;` or line ends, and `if` blocks."""
    found: Statements = _parse("statements", text, what)
    return found


def read_expression(text: str, what: str = "expression") -> Expr:
    """One expression."""
    found: Expr = _parse("expression", text, what)
    return found


def read_connection(text: str, what: str = "connection") -> Expr | Each:
    """A condition, a target index, or indices such as "k for k in range(i) if k != 3"."""
    found: Expr | Each = _parse("connection", text, what)
    return found


def read_quantity(text: str, what: str = "quantity") -> Quantity | Expr:
    """A number with a unit ("1.5 ms") or a constant expression ("2*nS + 10*pS")."""
    found: Quantity | Expr = _parse("quantity", text, what)
    return found


def read_unit(text: str, what: str = "unit") -> UnitNode:
    """A unit such as "mV" or "uF/cm**2"."""
    found: UnitNode = _parse("unit", text, what)
    return found


class _Lark(lark.Lark):
    """Lark without what a tested grammar does not need; if it ever ignores this, it is only slower."""

    def _build_parser(self) -> Any:
        self.lexer_conf.skip_validation = True  # 1 ms; 35 ms where the package interegular is installed
        for rule in self.rules:  # 3 ms: as they are, names are `Token`s, which compare in Python code
            for symbol in (rule.origin, *rule.expansion):
                symbol.name = str(symbol.name)
        return super()._build_parser()


@functools.cache
def _parser() -> _Lark:
    grammar = resources.text("grammar", "equations.lark")
    return _Lark(grammar, parser="lalr", start=list(STARTS), maybe_placeholders=False)


@remembered
def _parse(start: str, text: str, what: str) -> Any:
    source = Source(text, what)
    _bound(source)
    laid = lay_out(source) if start == "statements" else LaidOut(text)
    parser = _parser().parse_interactive(laid.text, start=start)
    before: lark.Token | None = None  # the last two tokens, since Lark yields a token
    token: lark.Token | None = None  # before it knows whether the token fits
    understood = end = 0  # where they end in the text that was laid out
    n_words = 0
    try:
        for following in parser.iter_parse():
            before, token = token, following
            understood, end = end, following.end_pos or 0
            n_words += 1
            if n_words > MAX_WORDS:
                raise _too_long(source, f"more than {MAX_WORDS} words and signs")
            _take_back(following, laid)
            _too_deep(parser, source, token)
        before, understood = token, end
        tree = parser.feed_eof()
    except lark.exceptions.UnexpectedCharacters as error:
        raise syntax_hints.unexpected_character(laid.back(error.pos_in_stream), source) from None
    except lark.exceptions.UnexpectedToken as error:
        if error.token is not token:  # refused by the lexer, which does not yield it
            before, understood = token, end
            _take_back(error.token, laid)
        last = source.span(before.start_pos, before.end_pos) if before is not None else None
        accepts = _accepts(start, laid.text[:understood])
        raise syntax_hints.unexpected_token(error.token, accepts, last, source) from None
    return _Builder(source).build(tree)


def _take_back(token: lark.Token, laid: LaidOut) -> None:
    """Give a token the place that it has in the user's text."""
    if laid.inserted and token.start_pos is not None and token.end_pos is not None:
        token.start_pos, token.end_pos = laid.back(token.start_pos), laid.back(token.end_pos)


def _accepts(start: str, understood: str) -> set[str]:
    """The token types that may follow a text that was understood so far."""
    parser = _parser().parse_interactive(understood, start=start)
    parser.exhaust_lexer()
    return set(parser.accepts())


def _bound(source: Source) -> None:
    """Refuse texts that are too long or carry characters that hide what is written."""
    text = source.text
    if len(text) > MAX_LENGTH:
        raise _too_long(source, f"{len(text)} characters, at most {MAX_LENGTH}")
    if text.translate(WHITE).isprintable():
        return
    for k, char in enumerate(text):
        if not char.isprintable() and char not in WHITE_SPACE:
            message = f"invisible character U+{ord(char):04X}"
            advice = "write a plain space" if char.isspace() else "delete it"
            raise ModelSyntaxError(message, source.span(k, k + 1), help=advice)


def _too_long(source: Source, what: str) -> ModelSyntaxError:
    message = f"the {source.what} are too long ({what})"
    return ModelSyntaxError(message, help="make several groups, or call a Python function")


def _too_deep(parser: Any, source: Source, token: lark.Token) -> None:
    if len(parser.parser_state.value_stack) > 2 * MAX_DEPTH:
        message = f"expressions are nested more than {MAX_DEPTH} deep"
        place = source.span(token.start_pos, token.end_pos)
        raise ModelSyntaxError(message, place, help="split it up with named subexpressions")


def _word(token: str) -> str:
    """A name as Python sees it: look-alikes such as the two Greek mu are one."""
    return unicodedata.normalize("NFKC", str(token))


class _Builder:
    """Turns Lark's tree into nodes; the method for a rule has the rule's name."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.n_statements = 0

    def build(self, tree: lark.Tree) -> Any:
        """Depth first without recursion: text decides how deep a tree is."""
        order, stack = [], [tree]
        while stack:
            node = stack.pop()
            order.append(node)
            stack.extend(c for c in node.children if isinstance(c, lark.Tree))
        done: dict[int, Any] = {}
        depth: dict[int, int] = {}
        for node in reversed(order):
            below = [depth[id(c)] for c in node.children if isinstance(c, lark.Tree)]
            depth[id(node)] = 1 + max(below, default=0)
            parts = [done[id(c)] if isinstance(c, lark.Tree) else c for c in node.children]
            built = done[id(node)] = getattr(self, node.data)(*parts)
            if isinstance(built, Expr) and max(depth[id(node)], len(parts)) > MAX_CHAIN:
                message = f"an expression has more than {MAX_CHAIN} terms"
                raise ModelSyntaxError(message, built.span, help="split it up with named subexpressions")
        return done[id(tree)]

    def at(self, first: Any, last: Any) -> Span:
        """The place from one token or node to another, with the parentheses around each."""
        start = first.start_pos if isinstance(first, lark.Token) else self._in_parentheses(first.span)[0]
        end = last.end_pos if isinstance(last, lark.Token) else self._in_parentheses(last.span)[1]
        return self.source.span(start, end)

    def _in_parentheses(self, span: Span) -> tuple[int, int]:
        """Find where an operand starts and ends with its parentheses, which are not in the tree."""
        text, start, end = self.source.text, span.start, span.end
        while True:
            opened, closed = start - 1, end
            while opened >= 0 and text[opened].isspace():
                opened -= 1
            if opened < 0 or text[opened] != "(":
                return start, end
            while closed < len(text) and text[closed].isspace():
                closed += 1
            if text[closed : closed + 1] != ")":
                return start, end
            start, end = opened, closed + 1

    def _closed(self, head: lark.Token) -> Span:
        """The place of a call: from its name to the parenthesis that closes it."""
        depth = 0
        for mark in PARENTHESIS.finditer(self.source.text, head.end_pos or 0):
            depth += {"(": 1, ")": -1}.get(mark[0], 0)
            if not depth and mark[0] == ")":
                return self.source.span(head.start_pos or 0, mark.end())
        raise AssertionError  # the grammar wants it

    # equations and statements

    def model(self, *items: Equation) -> tuple[Equation, ...]:
        return tuple(e for item in items for e in (item if isinstance(item, tuple) else (item,)))

    def differential(self, head: lark.Token, expr: Expr, unit: UnitNode, *rest: Any) -> Equation:
        name = _word(head.split("/")[0].strip()[1:])
        return self._equation("differential", name, head, expr, unit, rest)

    def definition(self, head: lark.Token, expr: Expr, unit: UnitNode, *rest: Any) -> Equation:
        return self._equation("definition", _word(head), head, expr, unit, rest)

    def declaration(self, *parts: Any) -> tuple[Equation, ...]:
        names = [p for p in parts if isinstance(p, lark.Token)]
        unit, *rest = parts[len(names) :]
        return tuple(self._equation("declaration", _word(n), n, None, unit, rest) for n in names)

    def _equation(
        self,
        kind: str,
        name: str,
        head: lark.Token,
        expr: Expr | None,
        unit: UnitNode,
        rest: Any,
    ) -> Equation:
        flags = rest[0] if rest else frozenset()
        span = self.at(head, unit)
        if not name.isidentifier():
            place = self.at(head, head)
            raise ModelSyntaxError(f"'{name}' is no name", place, help="use letters, digits and _")
        text = self.source.text
        line_end = text.find("\n", span.end)
        line = text[span.end : len(text) if line_end < 0 else line_end]
        comment = line.partition("#")[2].strip()
        return Equation(span, kind, name, expr, unit, flags, comment)

    def flags(self, *tokens: lark.Token) -> frozenset[str]:
        return frozenset(" ".join(t.split()) for t in tokens)

    def statements(self, *items: Any) -> Statements:
        return tuple(s for s in items if isinstance(s, (Statement, If)))

    def choice(self, *parts: Any) -> If:
        conditions: tuple[Expr, ...] = parts[: len(parts) // 2 * 2 : 2]
        blocks: tuple[Statements, ...] = (*parts[1::2], *parts[len(conditions) * 2 :])
        if () in blocks:
            place = conditions[min(blocks.index(()), len(conditions) - 1)].span
            raise ModelSyntaxError("a block of this 'if' is empty", place, help="indent what it holds")
        if len(conditions) > MAX_CHAIN:
            message = f"an 'if' has more than {MAX_CHAIN} branches"
            raise ModelSyntaxError(message, conditions[MAX_CHAIN].span)
        made = blocks[len(conditions)] if len(parts) % 2 else ()
        for condition, block in zip(conditions[::-1], blocks[len(conditions) - 1 :: -1], strict=True):
            made = (If(condition.span, condition, block, made),)
        first = made[0]
        assert isinstance(first, If)  # the grammar wants one condition at least
        return first

    block = statements

    def statement(self, name: lark.Token, op: lark.Token, expr: Expr) -> Statement:
        made = Statement(self.at(name, expr), _word(name), str(op), expr)
        self.n_statements += 1
        if self.n_statements > MAX_STATEMENTS:
            message = f"there are more than {MAX_STATEMENTS} statements"
            raise ModelSyntaxError(message, made.span, help="write a Python function instead")
        return made

    # expressions

    def conditional(self, yes: Expr, condition: Expr, no: Expr) -> Expr:
        return Conditional(self.at(yes, no), yes, condition, no)

    def or_(self, left: Expr, right: Expr) -> Expr:
        return Binary(self.at(left, right), "or", left, right)

    def and_(self, left: Expr, right: Expr) -> Expr:
        return Binary(self.at(left, right), "and", left, right)

    def not_(self, operand: Expr) -> Expr:
        place = self.at(operand, operand)
        start = self.source.text.rindex("not", 0, place.start)  # which is not in the tree
        return Signed(self.source.span(start, place.end), "not", operand)

    def comparison(self, *parts: Any) -> Expr:
        ops = tuple(str(op) for op in parts[1::2])
        return Compare(self.at(parts[0], parts[-1]), tuple(parts[::2]), ops)

    def sum(self, left: Expr, op: lark.Token, right: Expr) -> Expr:
        return Binary(self.at(left, right), str(op), left, right)

    product = sum

    def signed(self, op: lark.Token, operand: Expr) -> Expr:
        return Signed(self.at(op, operand), str(op), operand)

    def power(self, base: Expr, exponent: Expr) -> Expr:
        return Binary(self.at(base, exponent), "**", base, exponent)

    def call(self, head: lark.Token, *arguments: Expr) -> Expr:
        return Call(self._closed(head), str(head), arguments)

    def name(self, token: lark.Token) -> Expr:
        word, span = _word(token), self.at(token, token)
        if not word.isidentifier():
            raise ModelSyntaxError(f"'{token}' is no name", span, help="use letters, digits and _")
        return Name(span, word)

    def number(self, token: lark.Token) -> Expr:
        return Number(self.at(token, token), self._value(token), str(token))

    def _value(self, token: lark.Token) -> Fraction:
        text = str(token)
        exponent = text.lower().partition("e")[2]
        if len(text) <= MAX_DIGITS and len(exponent) <= 5 and abs(int(exponent or 0)) <= 400:
            value = Fraction(text)
            if value <= LARGEST:
                return value
        raise ModelSyntaxError("number out of range", self.at(token, token), help=RANGE)

    # connections

    def chosen(self, element: Expr, condition: Expr) -> Each:
        return Each(self.at(element, condition), element, condition=condition)

    def each(self, element: Expr, name: lark.Token, series: Series, *rest: Expr) -> Each:
        variable = self.name(name)
        assert isinstance(variable, Name)  # it makes nothing else
        span = self.at(element, rest[0] if rest else series)
        return Each(span, element, variable.id, series, *rest)

    def series(self, head: lark.Token, *parts: Any) -> Series:
        arguments = tuple(p for p in parts if isinstance(p, Expr))
        options = [p for p in parts if not isinstance(p, Expr)]
        return Series(self._closed(head), str(head), arguments, *zip(*options, strict=True))

    def option(self, name: lark.Token, value: Expr) -> tuple[str, Expr]:
        return str(name), value

    # quantities and units

    def measured(self, *parts: Any) -> Quantity:
        number, unit = parts[-2:]
        value = self._value(number) * (-1 if parts[0] == "-" else 1)
        return Quantity(self.at(parts[0], unit), value, unit)

    def unit(self, *parts: Any) -> UnitNode:
        factors: list[tuple[str, Fraction]] = []
        sign, first, last = 1, None, None
        for part in parts:
            if isinstance(part, lark.Token):
                if part not in ("*", "/"):
                    message = f"'{part}' cannot stand in a unit"
                    raise ModelSyntaxError(message, self.at(part, part), help="use * / **")
                sign = -1 if part == "/" else 1
                continue
            span, names = part
            first, last = first or span, span
            factors += [(name, power * sign) for name, power in names]
        assert first is not None  # the grammar wants one factor at least
        assert last is not None
        return UnitNode(first.to(last), tuple(factors))

    def unit_power(self, base: Any, exponent: Any = (None, Fraction(1))) -> Any:
        span, names = base
        end, power = exponent
        return span.to(end) if end else span, [(name, p * power) for name, p in names]

    def unit_name(self, token: lark.Token) -> Any:
        return self.at(token, token), [(str(token), Fraction(1))]

    unit_one = unit_name

    def unit_group(self, unit: UnitNode) -> Any:
        return unit.span, list(unit.factors)

    def unit_exponent(self, *tokens: lark.Token) -> Any:
        value = Fraction(1)
        divide = False
        for token in tokens:
            if token.type == "NUMBER":
                number = self._value(token)
                value = value / number if divide and number else value * number
            elif token == "-":  # noqa: S105
                value = -value
            divide = token == "/"  # noqa: S105
        if abs(value) > MAX_DEPTH:
            message = "exponent of a unit out of range"
            raise ModelSyntaxError(message, self.at(tokens[0], tokens[-1]))
        span = self.at(tokens[0], tokens[-1])
        text, start = self.source.text, span.start
        while start and text[start - 1].isspace():
            start -= 1
        opened = text[start - 1 : start] == "("  # which is not in the tree
        closed = text.index(")", span.end) + 1 if opened else span.end
        return self.source.span(span.start, closed), value
