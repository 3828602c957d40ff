"""Explanation of a model, in words: kinds and units, linearity, method, what is done once per run.

In: a model. Out: text. Nothing is run.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from numpybrain.errors import NumpyBrainError
from numpybrain.language.flags import WORDS
from numpybrain.model.graph import dependencies_of
from numpybrain.model.model_file import texts_of
from numpybrain.model.pathway_texts import Pathways

if TYPE_CHECKING:
    from numpybrain.language.definition import Definition
    from numpybrain.model.view import ModelView
    from numpybrain.symbolic.programs import UpdatePlan

WIDTH = 96
NOTES = {  # what the flags mean for the calculation
    "constant": "cannot change during a run",
    "shared": "one value for the group",
    "unless refractory": "stands still while a neuron is refractory",
    "constant over dt": "calculated at the start of each step",
    "linked": "belongs to another group",
    "summed": "summed over synapses",
    "event-driven": "brought up to date at spikes",
    "clock-driven": "integrated at every step",
    "pre": "one value per source neuron",
    "post": "one value per target neuron",
}


def explain(model: ModelView) -> str:
    """Kinds, units and dependencies; what is linear in what; the method and why; what is hoisted."""
    parts = [section("names", "\n".join(columns(_names(model.definition, model.pathways))))]
    if model.is_synaptic:
        parts += [section(what, text) for what, text in _pathways(model)]
        if model.open_names:
            advice = f"{', '.join(model.open_names)}: variables of source or target, or values to be given"
            parts.append(section("open names", f"{advice} to Synapses"))
        return "\n\n".join(parts)
    if model.open_names:
        advice = f"{', '.join(model.open_names)}: their units decide about the rest, so give them"
        parts.append(section("open names", f"{advice}, as in model.replace({model.open_names[0]}=...)"))
        return "\n\n".join(parts)
    try:
        plan = model.plan()
    except NumpyBrainError as error:
        parts.append(section("no method", str(error)))
        return "\n\n".join(parts)
    if plan is not None:
        parts += update_sections(plan)
    return "\n\n".join(parts)


def update_sections(plan: UpdatePlan) -> list[str]:
    """Explain how a system is integrated, section by section."""
    system = plan.system
    parts = [section("linear in", "\n".join(columns(_linearity(plan))))]
    parts.append(section(f"method {plan.method.name}", textwrap.fill(plan.why, WIDTH)))
    if plan.upstroke is not None and plan.upstroke.is_reset:
        from numpybrain.symbolic import upstroke

        text = textwrap.fill(upstroke.described(plan.upstroke, system), WIDTH, break_on_hyphens=False)
        parts.append(section("upstroke", text))
    if system.rewritten:
        removed = "\n".join(each.text(system.names) for each in system.rewritten)
        parts.append(section("removable singularities, removed", removed))
    once = _once(plan)
    if once:
        parts.append(section("calculated once per run, not in every step", once))
    parts.append(section("one step, in declared units and ms", plan.program.formula))
    return parts


def section(heading: str, text: str) -> str:
    """A heading with indented text below."""
    return f"{heading}:\n" + textwrap.indent(text.strip("\n"), "    ")


def columns(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Lines of text with aligned columns."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()


def _pathways(model: ModelView) -> Iterator[tuple[str, str]]:
    """Give what each pathway does and when, and the delays, each with its heading."""
    texts = texts_of(model)
    for what in (*(model.pathways.heading(which, name) for which, name, _ in model.pathways),
                 *model.pathways.delays()):  # fmt: skip
        yield what, texts[what]


def _names(definition: Definition, pathways: Pathways) -> Iterator[tuple[str, ...]]:
    uses = dependencies_of(definition, pathways).uses
    for v in definition.variables.values():
        used = f"uses {', '.join(uses[v.name])}" if uses.get(v.name) else ""
        notes = [NOTES[flag] for flag in sorted(v.flags) if flag in NOTES]
        yield v.name, v.unit_text, WORDS[v.kind], "; ".join(filter(None, (used, *notes, v.comment)))
    for what in (*definition.texts(), *pathways.nodes()):
        if what in uses:
            yield what, "", "event", f"uses {', '.join(uses[what])}" if uses[what] else ""


def _linearity(plan: UpdatePlan) -> Iterator[tuple[str, ...]]:
    """For every equation, the variables in which it is linear, and those in which it is not."""
    from numpybrain.symbolic import analysis

    system = plan.system
    for x, rate in system.rates.items():
        used = [y for y in system.variables if y in rate.free_symbols]
        linear = [y for y in used if isinstance(analysis.linear_in(rate, [y]), analysis.Linear)]
        together = isinstance(analysis.linear_in(rate, used), analysis.Linear)
        words = [", ".join(system.names[y] for y in linear) or ("nothing" if used else "constant")]
        others = [system.names[y] for y in used if y not in linear]
        if others:
            words.append(f"not in {', '.join(others)}")
        elif len(used) > 1 and not together:
            words.append("each alone, not together")
        yield f"d{system.names[x]}/dt", "; ".join(words)


def _once(plan: UpdatePlan) -> str:
    """List what the step does not have to calculate if no parameter differs between neurons."""
    from numpybrain.engine.contract import DataLayout
    from numpybrain.engine.numpy.compiler import compile_program
    from numpybrain.utils.naming import ARRAY, SCALAR

    states = frozenset(plan.system.names[x] for x in plan.system.variables)
    varying = states | frozenset(plan.program.past)
    access = {name: ARRAY if name in varying else SCALAR for name in plan.program.inputs if name != "t"}
    compiled = compile_program(plan.program, DataLayout(access, varying))
    return "\n".join(f"{name} = {code}" for name, code in compiled.hoisted)
