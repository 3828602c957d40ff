"""Display of a model in notebooks: LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpybrain.display.html import (
    ABOUT,
    Formula,
    Show,
    about,
    both_sides,
    called,
    equation_html,
    folded,
    latex_of_unit,
    math,
    own_names,
    page,
    plain,
    show,
    spiking,
    statements,
    strong,
    texts_of_both,
)
from numpybrain.language.latex_names import name_latex, upright

if TYPE_CHECKING:
    from numpybrain.language.nodes import Node
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
            right = show(given[variable.name], variable.unit_text, own, _typeset, upright)
        notes = (
            [] if variable.kind == "parameter" and right else [rf"\left[{latex_of_unit(variable)}\right]"]
        )
        if variable.flags:
            notes.append(rf"\left({upright(', '.join(sorted(variable.flags)))}\right)")
        line = f"{left} & = {right}" if right else f"{left} &"
        lines.append(f"{line} && {_spaced(notes)}" if notes else line)
    for name, value in _elsewhere(model).items():
        lines.append(f"{name_latex(name)} & = {show(value, '1', own, _typeset, upright)}")
    events = [
        *spiking(definition, own, _typeset, upright),
        *_pathways(model.pathways, own, _typeset, upright),
    ]
    lines += [rf"{upright(f'{what}:')}\ & {text}" for what, text in events]
    return "\n".join((r"\begin{align*}", " \\\\\n".join(lines), r"\end{align*}"))


def _typeset(formula: str, _: str) -> str:
    return formula


def _spaced(parts: list[str]) -> str:
    return r"\ ".join(parts)


def model_html(model: ModelView) -> str:
    """A table of a model: its equations, what they mean, and what makes a spike."""
    definition, given = model.definition, model.values
    own = own_names(definition)
    rows = []
    for variable in definition.variables.values():
        shown = equation_html(variable, own)
        if variable.name in given:
            value = show(given[variable.name], variable.unit_text, own, math, plain)
            left, text = both_sides(variable, own)[0], texts_of_both(variable)[0]
            shown = f"{math(f'{left} =', f'{text} =')} {value}"
        rows.append([shown, *about(variable)])
    for name, value in _elsewhere(model).items():
        shown = f"{math(f'{name_latex(name)} =', f'{name} =')} {show(value, '1', own, math, plain)}"
        rows.append([shown, *[""] * len(ABOUT)])
    title = [f"Model {strong(model.name)}"]
    if model.method is not None:
        title.append(plain(f"method {called(model.method)}"))
    below = [*spiking(definition, own, math, plain), *_pathways(model.pathways, own, math, plain)]
    if model.open_names:
        below.append(("to be given", ", ".join(math(name_latex(n), n) for n in model.open_names)))
    return page(title, ("equation", *ABOUT), rows, below)


def _elsewhere(model: ModelView) -> dict[str, Any]:
    """The values among them of names that the equations use but do not declare."""
    return {n: v for n, v in model.values.items() if n not in model.definition.variables}


def _pathways(
    pathways: Pathways, own: Container[str], formula: Formula, text: Show
) -> Iterator[tuple[str, str]]:
    """Give what spikes do at synapses, and the delays, each with its name."""
    for which, name, action in pathways:
        what = pathways.heading(which, name)
        if isinstance(action, tuple):
            yield what, statements(action, own, formula)
        else:
            yield what, show(action, "1", own, formula, text)
    for what, value in pathways.delays().items():
        yield what, show(value, "ms", own, formula, text)


# ---- syntax trees ----------------------------------------------------------------------------


def tree_html(texts: Mapping[str, Sequence[Node]]) -> str:
    """The syntax tree of a model: each kind of text folded, and within it each node that has others."""
    parts = [
        folded(plain(what), "".join(map(_tree, nodes)), is_open=len(texts) == 1)
        for what, nodes in texts.items()
    ]
    return f"<div>{''.join(parts)}</div>"


def _tree(node: Node) -> str:
    return _branch(node.pretty().split("\n"))


def _branch(lines: list[str]) -> str:
    """A node in the form of its indented lines: its own, and those below."""
    head, *below = lines
    if not below:
        return f'<div style="margin-left: 1.5em"><code>{plain(head.strip())}</code></div>'
    depth = len(below[0]) - len(below[0].lstrip())
    starts = [k for k, line in enumerate(below) if len(line) - len(line.lstrip()) <= depth]
    parts = (below[a:b] for a, b in zip(starts, [*starts[1:], len(below)], strict=True))
    inside = "".join(map(_branch, parts))
    shown = folded(f"<code>{plain(head.strip())}</code>", inside)
    return f'<div style="margin-left: 1.5em">{shown}</div>'
