"""Display of a model in notebooks: LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any

from numpybrain.display.html import (
    ABOUT,
    Show,
    about,
    both_sides,
    called,
    latex_of_unit,
    math,
    own_names,
    page,
    plain,
    show,
    spiking,
    strong,
)
from numpybrain.language.latex import latex
from numpybrain.language.latex_names import name_latex, upright

if TYPE_CHECKING:
    from numpybrain.model.pathway_texts import Pathways
    from numpybrain.model.view import ModelView


def model_latex(model: ModelView) -> str:
    """The equations of a model, then threshold, reset, refractoriness and events, as one `align*`."""
    definition, given = model.definition, model.values
    own = own_names(definition)
    lines = []
    for variable in definition.variables.values():
        left, right = both_sides(variable, own)
        if variable.name in given:
            right = show(given[variable.name], variable.unit_text, own, str, upright)
        notes = (
            [] if variable.kind == "parameter" and right else [rf"\left[{latex_of_unit(variable)}\right]"]
        )
        if variable.flags:
            notes.append(rf"\left({upright(', '.join(sorted(variable.flags)))}\right)")
        line = f"{left} & = {right}" if right else f"{left} &"
        lines.append(f"{line} && {_spaced(notes)}" if notes else line)
    for name, value in _elsewhere(model).items():
        lines.append(f"{name_latex(name)} & = {show(value, '1', own, str, upright)}")
    events = [*spiking(definition, own, str, upright), *_pathways(model.pathways, own, str, upright)]
    lines += [rf"{upright(f'{what}:')}\ & {text}" for what, text in events]
    return "\n".join((r"\begin{align*}", " \\\\\n".join(lines), r"\end{align*}"))


def _spaced(parts: list[str]) -> str:
    return r"\ ".join(parts)


def model_html(model: ModelView) -> str:
    """A table of a model: its equations, what they mean, and what makes a spike."""
    definition, given = model.definition, model.values
    own = own_names(definition)
    rows = []
    for variable in definition.variables.values():
        left, right = both_sides(variable, own)
        shown = math(f"{left} = {right}" if right else left)
        if variable.name in given:
            value = show(given[variable.name], variable.unit_text, own, math, plain)
            shown = f"{math(f'{left} =')} {value}"
        rows.append([shown, *about(variable)])
    for name, value in _elsewhere(model).items():
        shown = f"{math(f'{name_latex(name)} =')} {show(value, '1', own, math, plain)}"
        rows.append([shown, *[""] * len(ABOUT)])
    title = [f"Model {strong(model.name)}"]
    if model.method is not None:
        title.append(plain(f"method {called(model.method)}"))
    below = [*spiking(definition, own, math, plain), *_pathways(model.pathways, own, math, plain)]
    if model.open_names:
        below.append(("to be given", ", ".join(math(name_latex(n)) for n in model.open_names)))
    return page(title, ("equation", *ABOUT), rows, below)


def _elsewhere(model: ModelView) -> dict[str, Any]:
    """The values among them of names that the equations use but do not declare."""
    return {n: v for n, v in model.values.items() if n not in model.definition.variables}


def _pathways(
    pathways: Pathways, own: Container[str], formula: Show, text: Show
) -> Iterator[tuple[str, str]]:
    """Give what spikes do at synapses, and the delays, each with its name."""
    for which, name, action in pathways:
        what = pathways.heading(which, name)
        if isinstance(action, tuple):
            yield what, formula(r",\quad ".join(latex(s, own) for s in action))
        else:
            yield what, show(action, "1", own, formula, text)
    for what, value in pathways.delays().items():
        yield what, show(value, "ms", own, formula, text)
