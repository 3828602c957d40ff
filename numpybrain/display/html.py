"""Display in notebooks: parts of pages in HTML, and of formulas in LaTeX.

In: names, values, trees and texts. Out: strings. The HTML stands alone: tables, no scripts, nothing from
elsewhere, no colours but those of the page. A formula is there twice: as text, and as `$...$`, which is
hidden until MathJax has typeset it. Whatever the user wrote is shown as text and never acts: a model may
come from a stranger.

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
from numpybrain.language.nodes import Equation, Node, Statements
from numpybrain.language.reader import read_quantity, read_unit
from numpybrain.language.values import as_text
from numpybrain.language.write import write, write_equation, write_statements
from numpybrain.utils.python_functions import origin_of
from numpybrain.utils.quantities import is_one, is_quantity

LEFT = "text-align: left; vertical-align: top"
ACTIVE = ("$", "\\")  # what starts mathematics in the text of a page

# Where formulas are typeset, they are shown in place of their texts; older browsers show texts.
TYPESET = ":has(mjx-container, .MathJax, .katex)"
STYLE = (
    f"<style>.nb-formula{TYPESET} > code {{ display: none }}"
    f" .nb-formula{TYPESET} > span {{ display: inline !important }}</style>"
)

Formula = Callable[[str, str], str]  # LaTeX and text of a formula -> what is shown
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


def math(formula: str, text: str) -> str:
    """A formula as HTML: LaTeX, to be typeset by the notebook, and the text that is read elsewhere."""
    typeset = rf"$\displaystyle {html.escape(formula, quote=False)}$"
    hidden = f'<span style="display: none">{typeset}</span>'
    return f'<span class="nb-formula"><code>{plain(text)}</code>{hidden}</span>'


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
    lines = [f"<div>{STYLE}<p>{', '.join(title)}</p>", "<table>"]

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


def folded(heading: str, inside: str, *, is_open: bool = False) -> str:
    """What is seen when its heading is clicked on."""
    return f"<details{' open' * is_open}><summary>{heading}</summary>{inside}</details>"


def listing(text: str) -> str:
    """A text of several lines, such as code."""
    return f'<pre style="margin: 0.3em 1em">{plain(text)}</pre>'


# ---- variables --------------------------------------------------------------------------------

ABOUT = ("unit", "kind", "flags", "comment")


def about(variable: ModelVariable) -> list[str]:
    """Give the cells of the columns `ABOUT` for a variable."""
    return [
        math(latex_of_unit(variable), variable.unit_text),
        WORDS[variable.kind],
        plain(", ".join(sorted(variable.flags))),
        plain(variable.comment),
    ]


def both_sides(variable: ModelVariable, own: Container[str]) -> tuple[str, str]:
    """Left and right side of an equation; names that were given a value have none."""
    if isinstance(variable.equation, Equation):
        return sides(variable.equation, own)
    return name_latex(variable.name), ""


def texts_of_both(variable: ModelVariable) -> tuple[str, str]:
    """The same as text, in canonical form."""
    equation = variable.equation
    if not isinstance(equation, Equation):
        return variable.name, ""
    left = f"d{equation.name}/dt" if equation.kind == "differential" else equation.name
    return left, "" if equation.expr is None else write(equation.expr)


def equation_html(variable: ModelVariable, own: Container[str], *, with_right: bool = True) -> str:
    """The equation of a variable, or its left side only."""
    pairs = zip(both_sides(variable, own), texts_of_both(variable), strict=True)
    (left, left_text), (right, right_text) = pairs
    if not (with_right and right):
        return math(left, left_text)
    return math(f"{left} = {right}", f"{left_text} = {right_text}")


def latex_of_unit(variable: ModelVariable) -> str:
    """The unit of a variable, as it was written."""
    return latex(variable.equation.unit if variable.equation else read_unit(variable.unit_text))


def unit_html(text: str) -> str:
    """A unit, or what Python code has given for one."""
    try:
        return math(latex(read_unit(text)), text)
    except NumpyBrainError:
        return plain(text)


def name_html(name: str) -> str:
    """A name that Python code has given, which need not be one for the language."""
    return math(name_latex(name), name) if name.isidentifier() else plain(name)


def own_names(definition: Definition) -> set[str]:
    """Names that are no units, whatever they are called."""
    return {*definition.variables, *definition.given, *SPECIAL}


# ---- values and texts -----------------------------------------------------------------------------


def spiking(
    definition: Definition, own: Container[str], formula: Formula, text: Show
) -> list[tuple[str, str]]:
    """Threshold, reset, refractoriness and events, each with its name."""
    found = []
    for what, value in definition.texts().items():
        if isinstance(value, tuple):
            found.append((what, statements(value, own, formula)))
        else:
            found.append((what, show(value, "ms", own, formula, text)))
    return found


def show(value: Any, unit_text: str, own: Container[str], formula: Formula, text: Show) -> str:
    """A tree, a text, a number in a unit, a quantity or a function, shown in one of two ways."""
    if isinstance(value, str) or is_quantity(value):
        try:
            value = read_quantity(as_text(value) if is_quantity(value) and is_one(value) else str(value))
        except NumpyBrainError:
            return text(str(value))
    if isinstance(value, Node):
        return formula(latex(value, own), _text_of(value))
    if isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)):
        unit = latex(read_unit(unit_text))
        number = number_latex(f"{float(value):.15g}")
        is_plain = unit == "1"
        shown = f"{float(value):.15g}" if is_plain else f"{float(value):.15g} {unit_text}"
        return formula(number if is_plain else rf"{number}\,{unit}", shown)
    if isinstance(value, np.ndarray) and value.size > 1:
        return text(f"{value.size} values")
    return text(called(value))


def statements(value: Statements, own: Container[str], formula: Formula) -> str:
    """Statements, one behind the other."""
    shown = r",\quad ".join(latex(s, own) for s in value)
    return formula(shown, _text_of(value))


def _text_of(value: Node | Statements) -> str:
    if isinstance(value, tuple):
        return write_statements(value).replace("\n", "; ")
    return write_equation(value) if isinstance(value, Equation) else write(value)  # type: ignore[arg-type]


def called(value: Any) -> str:
    """The name of a function, with its file and line; the text of anything else."""
    return origin_of(value) if callable(value) else str(value)
