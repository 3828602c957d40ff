"""Display in notebooks: parts of pages in HTML, and of formulas in LaTeX.

In: names, values, trees and texts. Out: strings. The HTML stands alone: tables, no scripts, nothing from
elsewhere, and `$...$` that Jupyter typesets. Whatever the user wrote is shown as text and never acts: a
model may come from a stranger.

Showing never changes: values are taken from where they are stored, and single numbers stay single.
"""

from __future__ import annotations

import html
import numbers
from collections.abc import Callable, Container, Iterable
from typing import Any

import numpy as np

from numpybrain.errors import NumpyBrainError, visible
from numpybrain.language.definition import SPECIAL, Definition, ModelVariable
from numpybrain.language.flags import WORDS
from numpybrain.language.latex import latex, sides
from numpybrain.language.latex_names import name_latex, number_latex
from numpybrain.language.nodes import Equation, Node
from numpybrain.language.reader import read_quantity, read_unit
from numpybrain.language.values import as_text
from numpybrain.utils.python_functions import origin_of
from numpybrain.utils.quantities import is_one, is_quantity

LEFT = "text-align: left; vertical-align: top"
ACTIVE = ("$", "\\")  # what starts mathematics in the text of a page

Show = Callable[[str], str]


def plain(text: str) -> str:
    """The user's text as HTML that shows it and nothing else.

    What starts mathematics gets an element of its own: Jupyter looks for formulas within one element,
    and a formula of a stranger could hold a link.
    """
    shown = html.escape(visible(text))
    for char in ACTIVE:
        shown = shown.replace(char, f"<span>{char}</span>")
    return shown


def math(text: str) -> str:
    """LaTeX as HTML, to be typeset by the notebook."""
    return rf"$\displaystyle {html.escape(text, quote=False)}$"


def strong(name: str) -> str:
    """A name in bold letters."""
    return f"<b>{plain(str(name))}</b>"


def count(n: int, what: str) -> str:
    """Write a number of things in words."""
    return f"{n} {what}{'' if n == 1 else 's'}"


def page(
    title: list[str], heads: Iterable[str], rows: list[list[str]], below: list[tuple[str, str]]
) -> str:
    """One `div`: a line of title, a table, and lines that reach over all its columns."""
    heads = list(heads)
    used = [k for k in range(len(heads)) if k == 0 or any(row[k] for row in rows)]
    lines = [f"<div><p>{', '.join(title)}</p>", "<table>"]

    def line(cells: Iterable[str], tag: str = "td") -> None:
        inside = "".join(f'<{tag} style="{LEFT}">{cell}</{tag}>' for cell in cells)
        lines.append(f"<tr>{inside}</tr>")

    if rows:
        line((heads[k] for k in used), "th")
    for row in rows:
        line(row[k] for k in used)
    for what, text in below:
        wide = f' colspan="{len(used)}"'
        lines.append(f'<tr><td{wide} style="{LEFT}"><b>{what}</b>: {text}</td></tr>')
    return "\n".join((*lines, "</table></div>"))


# ---- variables --------------------------------------------------------------------------------

ABOUT = ("unit", "kind", "flags", "comment")


def about(variable: ModelVariable) -> list[str]:
    """Give the cells of the columns `ABOUT` for a variable."""
    return [
        math(latex_of_unit(variable)),
        WORDS[variable.kind],
        plain(", ".join(sorted(variable.flags))),
        plain(variable.comment),
    ]


def both_sides(variable: ModelVariable, own: Container[str]) -> tuple[str, str]:
    """Left and right side of an equation; names that were given a value have none."""
    if isinstance(variable.equation, Equation):
        return sides(variable.equation, own)
    return name_latex(variable.name), ""


def latex_of_unit(variable: ModelVariable) -> str:
    """The unit of a variable, as it was written."""
    return latex(variable.equation.unit if variable.equation else read_unit(variable.unit_text))


def unit_html(text: str) -> str:
    """A unit, or what Python code has given for one."""
    try:
        return math(latex(read_unit(text)))
    except NumpyBrainError:
        return plain(text)


def name_html(name: str) -> str:
    """A name that Python code has given, which need not be one for the language."""
    return math(name_latex(name)) if name.isidentifier() else plain(name)


def own_names(definition: Definition) -> set[str]:
    """Names that are no units, whatever they are called."""
    return {*definition.variables, *definition.given, *SPECIAL}


# ---- values and texts -----------------------------------------------------------------------------


def spiking(
    definition: Definition, own: Container[str], formula: Show, text: Show
) -> list[tuple[str, str]]:
    """Threshold, reset, refractoriness and events, each with its name."""
    found = []
    for what, value in definition.texts().items():
        if isinstance(value, tuple):
            found.append((what, formula(r",\quad ".join(latex(s, own) for s in value))))
        else:
            found.append((what, show(value, "ms", own, formula, text)))
    return found


def show(value: Any, unit_text: str, own: Container[str], formula: Show, text: Show) -> str:
    """A tree, a text, a number in a unit, a quantity or a function, shown in one of two ways."""
    if isinstance(value, str) or is_quantity(value):
        try:
            value = read_quantity(as_text(value) if is_quantity(value) and is_one(value) else str(value))
        except NumpyBrainError:
            return text(str(value))
    if isinstance(value, Node):
        return formula(latex(value, own))
    if isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)):
        unit = latex(read_unit(unit_text))
        number = number_latex(f"{float(value):.15g}")
        return formula(rf"{number}\,{unit}" if unit != "1" else number)
    if isinstance(value, np.ndarray) and value.size > 1:
        return text(f"{value.size} values")
    return text(called(value))


def called(value: Any) -> str:
    """The name of a function, with its file and line; the text of anything else."""
    return origin_of(value) if callable(value) else str(value)
