"""Messages for texts that do not parse, found from what the parser could have accepted.

In: the token that came, the token types that would have fitted, the place of the last token that was
understood. Out: a `ModelSyntaxError` in the words of the user, never in those of the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import lark

from numpybrain.errors import ModelSyntaxError
from numpybrain.language.statement_layout import DEDENT, INDENT
from numpybrain.source import Source, Span

OPERATORS = frozenset({"TIMES", "SIGN", "COMPARE"})  # accepted after a complete expression
VALUES = frozenset({"NUMBER", "NAME", "LPAR"})  # accepted where an expression may start

MARKS = (";", INDENT, DEDENT)  # what the lay-out inserts

CHARACTERS = {
    "^": "powers are written **",
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not', or '!=' to compare",
    "'": "text in quotes has no place here",
    '"': "text in quotes has no place here",
    "[": "there is no indexing in equations",
    ".": "there are no attributes in equations",
    "?": "write  yes if condition else no",
    "\N{SUPERSCRIPT TWO}": "powers are written **",
    "\N{SUPERSCRIPT THREE}": "powers are written **",
    "\N{NO-BREAK SPACE}": "write a plain space",
    "\N{MINUS SIGN}": "write -",
    "\N{MULTIPLICATION SIGN}": "write *",
    "\N{MIDDLE DOT}": "write *",
    "\N{DIVISION SIGN}": "write /",
}
MODULES = (
    "np",
    "numpy",
    "math",
    "sp",
    "scipy",
    "special",
    "sympy",
    "nb",
    "b2",
    "brian2",
    "jnp",
    "torch",
    "random",
)
PYTHON = ("for", "while", "pass", "return", "def", "import", "from", "del", "with", "try", "print")
EQUATION = "write  dx/dt = expression : unit,  x = expression : unit  or  x : unit"
EACH = "k for k in range(i - 3, i + 4)"
UNITS = "such as mV, uF/cm**2 or 1 (no dimension)"


def unexpected_character(at: int, source: Source) -> ModelSyntaxError:
    """The error for a character that starts no word of the language."""
    place = source.span(at, at + 1)
    advice = CHARACTERS.get(place.text, "delete it")
    if place.text == "'" and source.text[at - 1 : at].isidentifier():
        advice = "derivatives are written dx/dt"
    if place.text == ".":
        advice = _attribute(source.text, at) or advice
    if place.text == "?":
        advice = _choice(source.text, at)
    return ModelSyntaxError(f"unexpected '{place.text}'", place, help=advice)


def _attribute(text: str, at: int) -> str | None:
    """Advise what to write for a function of a Python module, such as `np.exp`."""
    module, name = re.search(r"\w*$", text[:at]), re.match(r"(\w+\.)*(\w+)\s*\(", text[at + 1 :])
    if module is None or name is None or module[0] not in MODULES:
        return None
    return f"write {name[2]}(...): functions have no module here"


def _choice(text: str, at: int) -> str:
    """Rewrite `condition ? yes : no`, with the parts that stand around the question mark."""
    start = _until(text, at - 1, -1, "(,=;\n")
    middle = _until(text, at + 1, 1, ":")
    if text[middle : middle + 1] != ":":
        return "write  yes if condition else no"
    end = _until(text, middle + 1, 1, "),:;\n#")
    condition, yes, no = (
        text[a:b].strip() for a, b in ((start + 1, at), (at + 1, middle), (middle + 1, end))
    )
    return (
        f"write  {yes} if {condition} else {no}" if condition and yes and no else "yes if condition else no"
    )


def _until(text: str, at: int, step: int, ends: str) -> int:
    """The next place, in the direction of `step`, of one of `ends` outside of the parentheses there."""
    depth = 0
    while 0 <= at < len(text):
        char = text[at]
        is_comparison = char == "=" and (
            text[at - 1 : at] in ("=", "<", ">", "!") or text[at + 1 : at + 2] == "="
        )
        if not depth and char in ends and not is_comparison:
            return at
        depth += step * ((char == "(") - (char == ")"))
        at += step
    return at


@dataclass(frozen=True, slots=True)
class _Place:
    """Place where the parser stopped.

    Attributes:
        kind: the type of the token that came; where no name fits, the lexer calls a name a flag.
        place: its span; at the end of the text, the place behind the last token.
        after: the place behind the last token that was understood.
        got: "got 'x'" or "the text ends".
    """

    token: lark.Token
    accepts: frozenset[str]
    before: Span | None
    source: Source

    @property
    def at_end(self) -> bool:
        return bool(self.token.type == "$END")

    @property
    def kind(self) -> str:
        return "NAME" if self.token.isidentifier() else str(self.token.type)

    @property
    def after(self) -> Span:
        end = self.before.end if self.before else 0
        return self.source.span(end, end + 1)

    @property
    def place(self) -> Span:
        if self.at_end:
            return self.after
        return self.source.span(self.token.start_pos, self.token.end_pos)

    @property
    def got(self) -> str:
        if self.at_end or (self.line_ends and not self.source.text[self.after.start :].strip()):
            return "the text ends"
        return "the line ends" if self.line_ends else f"got '{self.token}'"

    @property
    def line_ends(self) -> bool:
        """Whether the token is a mark that was put there for the end of a line or block."""
        return self.token in MARKS and not self.source.text.startswith(self.token, self.token.start_pos)

    @property
    def new_line(self) -> bool:
        """Whether the token stands on a later line than what was understood."""
        end = self.before.end if self.before else 0
        return self.source.text.find("\n", end, self.place.start) >= 0

    @property
    def in_condition(self) -> bool:
        """Whether the line that was understood begins with `if`."""
        start = self.source.text[: self.after.start].rpartition("\n")[2].split(None, 1)
        return start[:1] in (["if"], ["elif"])

    @property
    def rest_of_line(self) -> str:
        return self.source.text[self.place.end :].split("\n", 1)[0].partition("#")[0].strip()


def unexpected_token(
    token: lark.Token, accepts: Collection[str], before: Span | None, source: Source
) -> ModelSyntaxError:
    """The error for a word that does not fit where it stands."""
    here = _Place(token, frozenset(accepts), before, source)
    if not source.text.strip():
        return ModelSyntaxError(f"the {source.what} is empty")
    doubled = token == "=" and before is not None and before.text == "=" and not here.new_line  # noqa: S105
    if doubled and before is not None and before.end == here.place.start:
        return ModelSyntaxError("'==' compares", _double(here), help="define with '='")
    if token.startswith("==") or (token == "=" and {"EQUAL", "ASSIGN"} & here.accepts):  # noqa: S105
        return _comparison(here)
    if here.token in ("else", "elif") and "ASSIGN" not in here.accepts and "IF" in here.accepts:
        advice = "line it up with its 'if'"
        return ModelSyntaxError(f"'{here.token}' without 'if'", here.place, help=advice)
    if here.accepts & {"_IN", "_FOR"} or (before is not None and before.text in ("for", "in")):
        return _connection(here)
    if here.accepts >= OPERATORS:
        return _after_expression(here)
    if before is not None and before.text == ":":
        return _missing_unit(here)
    if here.accepts >= VALUES:
        return ModelSyntaxError(
            f"expected a value ({here.got})",
            here.place,
            help="a value is a number, a name, a call or an expression in parentheses",
        )
    if "FLAG" in here.accepts:
        return ModelSyntaxError(
            f"expected a flag ({here.got})", here.place, help="such as (unless refractory)"
        )
    return _structure(here)


def _comparison(here: _Place) -> ModelSyntaxError:
    """`==` where something is defined or assigned, or where it cannot be read."""
    if "ASSIGN" in here.accepts:
        return ModelSyntaxError("'==' compares", _double(here), help="assign with '='")
    if "EQUAL" in here.accepts:
        return ModelSyntaxError("'==' compares", _double(here), help="define with '='")
    return ModelSyntaxError(f"expected a value ({here.got})", here.place)


def _double(here: _Place) -> Span:
    start = here.place.start
    if here.before is not None and here.before.text == "=":
        start = here.before.start
    return here.source.span(start, start + 2)


def _after_expression(here: _Place) -> ModelSyntaxError:
    """A complete expression, and then something that does not go on with it."""
    if "COLON" in here.accepts and here.in_condition and (here.line_ends or here.kind in VALUES):
        advice = "write  if condition: statement"
        return ModelSyntaxError("expected ':' after the condition", here.after, help=advice)
    if "COLON" in here.accepts:
        unit_follows = here.kind in ("NAME", "NUMBER") and not here.rest_of_line and not here.new_line
        if here.at_end or here.new_line or here.kind == "DIFFERENTIAL" or unit_follows:
            line = here.source.text[: here.after.start].rpartition("\n")[2].strip()
            unit = here.token if unit_follows else "1"
            return ModelSyntaxError(
                "expected ': unit' after the expression",
                here.place if unit_follows else here.after,
                help=f"write  {line} : {unit}",
            )
    if here.token == "=":  # noqa: S105 - not a password
        return ModelSyntaxError("'=' inside an expression", here.place, help="compare with '=='")
    if here.kind in VALUES:
        return ModelSyntaxError(
            f"expected an operator before '{here.token}'", here.place, help="write * to multiply"
        )
    if "RPAR" in here.accepts:
        place = _unclosed(here.after.start, here.source)
        return ModelSyntaxError(f"unclosed '(' ({here.got})", place, help="close it with ')'")
    if here.token.type == "RPAR":
        return ModelSyntaxError("')' without '('", here.place, help="delete it, or open with '('")
    if here.token == ":":  # noqa: S105 - not a password
        return ModelSyntaxError("unexpected ':'", here.place, help="only equations have a unit")
    return ModelSyntaxError(f"expected an operator ({here.got})", here.place)


def _connection(here: _Place) -> ModelSyntaxError:
    """Inside of `element for variable in series`."""
    if "_FOR" in here.accepts:
        return _after_expression(here)
    if "_IN" in here.accepts:
        return ModelSyntaxError(f"expected 'in' ({here.got})", here.place, help=f"write  {EACH}")
    what = (
        "a name" if here.before is not None and here.before.text == "for" else "range(...) or sample(...)"
    )
    return ModelSyntaxError(f"expected {what} ({here.got})", here.place, help=f"write  {EACH}")


def _missing_unit(here: _Place) -> ModelSyntaxError:
    """A colon without a unit behind it; flags may stand in its place."""
    text, start = here.source.text, here.after.start
    rest = text[start:].split("\n", 1)[0]
    if rest.strip().startswith("("):
        opened = start + rest.index("(")
        line = text[:start].rpartition("\n")[2].strip()
        return ModelSyntaxError(
            "expected a unit before the flags",
            here.source.span(opened, opened + 1),
            help=f"write  {line} 1 {rest.strip()}",
        )
    place = here.after if here.new_line else here.place
    return ModelSyntaxError(f"expected a unit ({here.got})", place, help=UNITS)


def _structure(here: _Place) -> ModelSyntaxError:
    """Something other than an expression was expected."""
    accepts = here.accepts
    line = here.source.text[: here.after.start].rpartition("\n")[2]
    head, opened, flags = line.rpartition("(")
    if here.kind == "NAME" and opened and head.rstrip().endswith(":") and ")" not in flags:
        start = here.after.start - len(flags) - 1
        rest = here.source.text[start:].split("\n", 1)[0].strip()
        return ModelSyntaxError(
            "expected a unit before the flags",
            here.source.span(start, start + 1),
            help=f"write  {head.strip()} 1 {rest}",
        )
    if "ASSIGN" in accepts or "SEMICOLON" in accepts:
        is_python = here.before is not None and here.before.text in PYTHON
        advice = "there are assignments and 'if'" if is_python else "write  variable = expression"
        return ModelSyntaxError(f"expected a statement ({here.got})", here.place, help=advice)
    if "COLON" in accepts and "COMMA" in accepts and "EQUAL" not in accepts:
        line = here.source.text[: here.after.start].rpartition("\n")[2].strip()
        return ModelSyntaxError("expected ': unit' after the names", here.after, help=f"write  {line} : 1")
    if "COLON" in accepts or "DIFFERENTIAL" in accepts:
        return ModelSyntaxError(f"expected an equation ({here.got})", here.place, help=EQUATION)
    if "EQUAL" in accepts:
        return ModelSyntaxError(f"expected '=' ({here.got})", here.place)
    if accepts & {"NAME", "NUMBER"}:
        return ModelSyntaxError(f"expected a unit ({here.got})", here.place, help=UNITS)
    if here.token.type in OPERATORS:
        advice = "in a calculation units are multiplied: 1*ms"
        return ModelSyntaxError(f"unexpected '{here.token}'", here.place, help=advice)
    return ModelSyntaxError(f"cannot read this ({here.got})", here.place)


def _unclosed(end: int, source: Source) -> Span:
    """The innermost '(' that is open at `end`."""
    depth = 0
    for k in range(end - 1, -1, -1):
        depth += (source.text[k] == ")") - (source.text[k] == "(")
        if depth < 0:
            return source.span(k, k + 1)
    return source.span(end, end + 1)
