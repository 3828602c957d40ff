"""What to say when a text does not parse, found by asking the parser what it could have accepted.

In: the token that came, the token types that would have fitted, the place of the last token that was
understood. Out: a `ModelSyntaxError` in the words of the user, never in those of the grammar.
"""

from __future__ import annotations

from collections.abc import Collection

import lark

from numpybrain.errors import ModelSyntaxError
from numpybrain.source import Source, Span

OPERATORS = frozenset({"TIMES", "SIGN", "COMPARE"})  # accepted after a complete expression
VALUES = frozenset({"NUMBER", "NAME", "LPAR"})  # accepted where an expression may start

CHARACTERS = {
    "^": "powers are written **",
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not', or '!=' to compare",
    "'": "text in quotes has no place here",
    '"': "text in quotes has no place here",
    "[": "there is no indexing in equations",
    ".": "there are no attributes in equations",
}


def unexpected_character(at: int, source: Source) -> ModelSyntaxError:
    """The error for a character that starts no word of the language."""
    place = source.span(at, at + 1)
    return ModelSyntaxError(
        f"unexpected '{place.text}'", place, help=CHARACTERS.get(place.text, "delete it")
    )


def unexpected_token(
    token: lark.Token, accepts: Collection[str], before: Span | None, source: Source
) -> ModelSyntaxError:
    """The error for a word that does not fit where it stands."""
    accepts = set(accepts)
    at_end = token.type == "$END"
    after = source.span(before.end, before.end + 1) if before else source.span(0, 1)
    place = after if at_end else source.span(token.start_pos, token.end_pos)
    # where no name fits the lexer calls it a flag, which is the loosest word
    kind = "NAME" if token.isidentifier() else token.type
    got = "the text ends" if at_end else f"got '{token}'"
    new_line = before is not None and "\n" in source.text[before.end : place.start]

    if accepts >= OPERATORS:  # the expression so far is complete
        if "COLON" in accepts and (at_end or new_line or kind in ("NAME", "DIFFERENTIAL")):
            return _missing_unit(token, after if new_line or at_end else place, new_line, source)
        if token == "=":  # noqa: S105 - not a password
            return ModelSyntaxError("'=' inside an expression", place, help="compare with '=='")
        if kind in VALUES:
            return ModelSyntaxError(
                f"expected an operator before '{token}'", place, help="write * to multiply"
            )
        if "RPAR" in accepts:
            return ModelSyntaxError(
                f"unclosed '(' ({got})", _unclosed(after.start, source), help="close it with ')'"
            )
        if token.type == "RPAR":
            return ModelSyntaxError("')' without '('", place, help="delete it, or open with '('")
        return ModelSyntaxError(f"expected an operator ({got})", place)
    if accepts >= VALUES:
        return ModelSyntaxError(
            f"expected a value ({got})",
            place,
            help="a value is a number, a name, a call or an expression in parentheses",
        )
    if "FLAG" in accepts:
        return ModelSyntaxError(
            f"expected a flag ({got})", place, help="such as (unless refractory)"
        )
    if "ASSIGN" in accepts or (accepts <= {"NAME", "SEMICOLON", "$END"} and accepts & {"SEMICOLON"}):
        return ModelSyntaxError(
            f"expected a statement ({got})", place, help="write  variable = expression"
        )
    if "COLON" in accepts or "DIFFERENTIAL" in accepts:
        return ModelSyntaxError(
            f"expected an equation ({got})",
            place,
            help="write  dx/dt = expression : unit,  x = expression : unit  or  x : unit",
        )
    if "EQUAL" in accepts:
        return ModelSyntaxError(f"expected '=' ({got})", place)
    if accepts & {"NAME", "NUMBER"}:
        return ModelSyntaxError(
            f"expected a unit ({got})", place, help="such as mV, uF/cm**2 or 1 (no dimension)"
        )
    return ModelSyntaxError(f"cannot read this ({got})", place)


def _missing_unit(
    token: lark.Token, place: Span, new_line: bool, source: Source
) -> ModelSyntaxError:
    line = source.text[: place.start].rpartition("\n")[2].strip()
    follows = source.text[place.end :].lstrip()[:1]
    unit = str(token) if token.isidentifier() and not new_line and follows != "=" else "1"
    return ModelSyntaxError(
        "expected ': unit' after the expression", place, help=f"write  {line} : {unit}"
    )


def _unclosed(end: int, source: Source) -> Span:
    """The innermost '(' that is open at `end`."""
    depth = 0
    for k in range(end - 1, -1, -1):
        depth += (source.text[k] == ")") - (source.text[k] == "(")
        if depth < 0:
            return source.span(k, k + 1)
    return source.span(end, end + 1)
