"""What a notebook shows of models, neurons and synapses: LaTeX and HTML.

In: the objects. Out: strings. The HTML stands alone: tables, no scripts, nothing from elsewhere, and
`$...$` that Jupyter typesets. Whatever the user wrote is shown as text and never acts: a model may come
from a stranger.

Showing never changes: values are taken from where they are stored, and single numbers stay single.
"""

from __future__ import annotations

import html
import numbers
from collections.abc import Callable, Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import NumpyBrainError, visible
from numpybrain.kernel.functions import origin_of
from numpybrain.language.definition import SPECIAL, Definition, ModelVariable
from numpybrain.language.flags import WORDS
from numpybrain.language.latex import latex, sides
from numpybrain.language.latex_names import name_latex, number_latex, upright
from numpybrain.language.nodes import Equation, Node
from numpybrain.language.reader import read_quantity, read_unit
from numpybrain.language.values import as_text
from numpybrain.utils.quantities import is_one, is_quantity

if TYPE_CHECKING:
    from numpybrain.group.group import Group
    from numpybrain.kernel.variables import Variable
    from numpybrain.model import Model
    from numpybrain.model.pathway_texts import Pathways

LEFT = "text-align: left; vertical-align: top"
SPIKING = ("threshold", "reset", "event", "on_event")  # how stages are called that are about spikes
ACTIVE = ("$", "\\")  # what starts mathematics in the text of a page

Show = Callable[[str], str]


# ---- LaTeX ------------------------------------------------------------------------------------


def model_latex(model: Model) -> str:
    """The equations of a model, then threshold, reset, refractoriness and events, as one `align*`."""
    definition, given = model.definition, model.values
    own = _own(definition)
    lines = []
    for variable in definition.variables.values():
        left, right = _sides(variable, own)
        if variable.name in given:
            right = _show(given[variable.name], variable.unit_text, own, str, upright)
        notes = [] if variable.kind == "parameter" and right else [rf"\left[{_unit(variable)}\right]"]
        if variable.flags:
            notes.append(rf"\left({upright(', '.join(sorted(variable.flags)))}\right)")
        line = f"{left} & = {right}" if right else f"{left} &"
        lines.append(f"{line} && {_spaced(notes)}" if notes else line)
    for name, value in _elsewhere(model).items():
        lines.append(f"{name_latex(name)} & = {_show(value, '1', own, str, upright)}")
    events = [*_spiking(definition, own, str, upright), *_pathways(model.pathways, own, str, upright)]
    lines += [rf"{upright(f'{what}:')}\ & {text}" for what, text in events]
    return "\n".join((r"\begin{align*}", " \\\\\n".join(lines), r"\end{align*}"))


def _spaced(parts: list[str]) -> str:
    return r"\ ".join(parts)


# ---- HTML -------------------------------------------------------------------------------------


def model_html(model: Model) -> str:
    """A table of a model: its equations, what they mean, and what makes a spike."""
    definition, given = model.definition, model.values
    own = _own(definition)
    rows = []
    for variable in definition.variables.values():
        left, right = _sides(variable, own)
        shown = math(f"{left} = {right}" if right else left)
        if variable.name in given:
            value = _show(given[variable.name], variable.unit_text, own, math, plain)
            shown = f"{math(f'{left} =')} {value}"
        rows.append([shown, *_about(variable)])
    for name, value in _elsewhere(model).items():
        shown = f"{math(f'{name_latex(name)} =')} {_show(value, '1', own, math, plain)}"
        rows.append([shown, *[""] * len(ABOUT)])
    title = [f"Model {_strong(model.name)}"]
    if model.method is not None:
        title.append(plain(f"method {_called(model.method)}"))
    below = [*_spiking(definition, own, math, plain), *_pathways(model.pathways, own, math, plain)]
    if model.open_names:
        below.append(("to be given", ", ".join(math(name_latex(n)) for n in model.open_names)))
    return _page(title, ("equation", *ABOUT), rows, below)


def neurons_html(group: Any) -> str:
    """A table of a group: the equations with present values, and what makes a spike."""
    title = [f"Neurons {_strong(group.name)}", _count(group.size, "neuron")]
    if group.update.method is not None:
        title.append(plain(f"method {group.update.method}"))
    below = []
    if group.update.function is not None:
        below.append(("state update", plain(origin_of(group.update.function))))
    if group.definition is not None:
        below += _spiking(group.definition, _own(group.definition), math, plain)
    else:
        stages = [s for s in group.stages if s.description.split()[0] in SPIKING]
        below += [(s.description, plain(s.origin)) for s in stages]
        if group.spiking.period is not None:
            below.append(("refractory", _show(group.spiking.period.given, "ms", (), math, plain)))
    return _page(title, *_variables(group), below)


def synapses_html(group: Any) -> str:
    """A table of synapses: from where to where, their variables, and what spikes do."""
    title = [
        f"Synapses {_strong(group.name)}",
        f"{_strong(group.source.name)} &rarr; {_strong(group.target.name)}",
        _count(group.size, "synapse"),
        *_delays(group),
    ]
    below = []
    for which, pathway in group.pathways.items():
        text = pathway.text
        if isinstance(text, str):
            lines = (line.strip() for line in text.strip().splitlines())
            below.append((which, "<br>".join(f"<code>{plain(line)}</code>" for line in lines)))
        else:
            below.append((which, plain(origin_of(text))))
    return _page(title, *_variables(group), below)


def _delays(group: Any) -> list[str]:
    """In words, the delays of the pathways."""
    found = []
    if group.delivery is not None:
        found.append(plain(f"{group.delivery} delivery, coincident events {group.coincident}"))
    for slot in group.inspect.state.slots.values():
        value = slot.value
        optional = slot.name != "delay" or group.delivery is not None
        if slot.kind != "delay" or (optional and slot.uniform_value() == 0):
            continue
        name = slot.name.replace("_", " of ", 1)
        single = slot.uniform_value()
        time = f"{single:g} ms" if single is not None else f"{value.min():g} to {value.max():g} ms"
        found.append(plain(f"{name} {time}"))
    return found


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


def _strong(name: str) -> str:
    return f"<b>{plain(str(name))}</b>"


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _page(
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


def _about(variable: ModelVariable) -> list[str]:
    return [
        math(_unit(variable)),
        WORDS[variable.kind],
        plain(", ".join(sorted(variable.flags))),
        plain(variable.comment),
    ]


def _variables(group: Group) -> tuple[tuple[str, ...], list[list[str]]]:
    """Heads and rows of the variables of a group, with the values that they have now."""
    slots = {s.name: s for s in group.inspect.slots() if s.kind not in ("special", "delay")}
    if group.definition is None:
        heads: tuple[str, ...] = ("variable", "value", "unit")
        return heads, [[_name(n), _range(s), _unit_html(s.unit_text)] for n, s in slots.items()]
    own = {*_own(group.definition), *group.inspect.around().names}
    rows = []
    for name, variable in group.definition.variables.items():
        left, right = _sides(variable, own)
        if variable.kind == "parameter":  # what its equation says is only where its value came from
            right = ""
        value = _range(slots[name]) if name in slots else ""
        rows.append([math(f"{left} = {right}" if right else left), value, *_about(variable)])
    return ("equation", "value", *ABOUT), rows


def _range(slot: Variable) -> str:
    """The present value, or the smallest and the largest of several."""
    values = np.asarray(slot.value)
    if not values.size:
        return ""
    low, high = values.min(), values.max()
    if slot.dtype is bool:
        return str(bool(low)) if low == high else "True and False"
    return f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"


def _sides(variable: ModelVariable, own: Container[str]) -> tuple[str, str]:
    """Left and right side of an equation; names that were given a value have none."""
    if isinstance(variable.equation, Equation):
        return sides(variable.equation, own)
    return name_latex(variable.name), ""


def _unit(variable: ModelVariable) -> str:
    return latex(variable.equation.unit if variable.equation else read_unit(variable.unit_text))


def _unit_html(text: str) -> str:
    try:
        return math(latex(read_unit(text)))
    except NumpyBrainError:
        return plain(text)


def _name(name: str) -> str:
    """A name that Python code has given, which need not be one for the language."""
    return math(name_latex(name)) if name.isidentifier() else plain(name)


def _own(definition: Definition) -> set[str]:
    """Names that are no units, whatever they are called."""
    return {*definition.variables, *definition.given, *SPECIAL}


# ---- values and texts -----------------------------------------------------------------------------


def _elsewhere(model: Model) -> dict[str, Any]:
    """The values among them of names that the equations use but do not declare."""
    return {n: v for n, v in model.values.items() if n not in model.definition.variables}


def _spiking(
    definition: Definition, own: Container[str], formula: Show, text: Show
) -> list[tuple[str, str]]:
    """Threshold, reset, refractoriness and events, each with its name."""
    found = []
    for what, value in definition.texts().items():
        if isinstance(value, tuple):
            found.append((what, formula(r",\quad ".join(latex(s, own) for s in value))))
        else:
            found.append((what, _show(value, "ms", own, formula, text)))
    return found


def _pathways(
    pathways: Pathways, own: Container[str], formula: Show, text: Show
) -> Iterator[tuple[str, str]]:
    """What spikes do at synapses, and the delays, each with its name."""
    for which, name, action in pathways:
        what = pathways.heading(which, name)
        if isinstance(action, tuple):
            yield what, formula(r",\quad ".join(latex(s, own) for s in action))
        else:
            yield what, _show(action, "1", own, formula, text)
    for what, value in pathways.delays().items():
        yield what, _show(value, "ms", own, formula, text)


def _show(value: Any, unit_text: str, own: Container[str], formula: Show, text: Show) -> str:
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
    return text(_called(value))


def _called(value: Any) -> str:
    """The name of a function, with its file and line; the text of anything else."""
    return origin_of(value) if callable(value) else str(value)
