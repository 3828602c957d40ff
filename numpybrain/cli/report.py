"""The texts that the command line prints: a model, its update rule, and what a run has shown.

In: models, tables of model files, neurons, monitors. Out: strings; nothing is printed here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.language.flags import WORDS
from numpybrain.model.explain import columns, section, update_sections
from numpybrain.model.model_file import equations_of, tables_of, texts_of

if TYPE_CHECKING:
    from numpybrain.engine.state_update import StateUpdate
    from numpybrain.model import Model
    from numpybrain.neurons.neurons import Neurons
    from numpybrain.symbolic.methods.base import Method


EXAMPLES = {"v": "-65 mV", "ca": "0.001 mM", "I_ion": "0 uA/cm**2", "I_Ca": "-1 uA/cm**2"}  # for open names


def title(table: dict[str, Any]) -> str:
    """Name and title of a model file."""
    return f"{table['name']}: {table['title']}" if "title" in table else str(table["name"])


# ---- models ---------------------------------------------------------------------------------


def model(model: Model, table: dict[str, Any], *, with_tree: bool = False) -> str:
    """Describe a model file: its texts, the kind and unit of every name, and where it is from."""
    parts = [title(table)]
    if "description" in table:
        parts[0] += "\n" + textwrap.dedent(table["description"]).strip()
    parts.append(section("equations", equations_of(model)))
    parts += [section(what, text) for what, text in texts_of(model).items()]
    for what, texts in tables_of(model).items():
        kind = "event" if what == "events" else what
        parts += [section(f"{kind} {name}", text) for name, text in texts.items()]
    names = (
        (v.name, WORDS[v.kind], v.unit_text, ", ".join(sorted(v.flags)), v.comment)
        for v in model.definition.variables.values()
    )
    parts.append(section("names, with their units", "\n".join(columns(names))))
    if with_tree:
        parts.append(section("syntax tree", str(model.tree)))
    if table.get("variants"):
        rows = ((f"{table['name']}:{n}", v.get("title", "")) for n, v in table["variants"].items())
        parts.append(section("variants", "\n".join(columns(rows))))
    references = table.get("reference", [])
    references = [references] if isinstance(references, str) else references
    source = [textwrap.fill(r, 96, subsequent_indent="  ", break_on_hyphens=False) for r in references]
    if "doi" in table:
        source.append(f"https://doi.org/{table['doi']}")
    if source:
        parts.append(section("reference", "\n".join(source)))
    return "\n\n".join(parts)


def library(titles: dict[str, dict[str, str]]) -> str:
    """The names and titles of models, under headings."""
    width = max(len(name) for names in titles.values() for name in names)
    return "\n\n".join(
        section(heading, "\n".join(f"{name:<{width}}  {text}" for name, text in names.items()))
        for heading, names in titles.items()
    )


def methods(known: Iterable[Method]) -> str:
    """Numerical methods: name, order without noise, strong order with noise, and what they are for."""
    rows = [("name", "order", "with noise", "stable up to", "for")]
    for method in known:
        strong = "" if method.strong[0] is None else str(method.strong[0])
        if method.strong[1] not in (None, method.strong[0]):
            strong += f", multiplied {method.strong[1]}"
        limit = "" if method.stable is None else f"{method.stable:.3g}"
        order = "exact" if method.order is None else str(method.order)
        rows.append((method.name, order, strong, limit, method.suits))
    return "\n".join(columns(rows))


def open_names(names: list[str], *, fragment: bool) -> str:
    """The names that a model leaves open, and what to do about them."""
    first = f"open names: {', '.join(names)}"
    if not fragment:
        return f"{first}\nTheir units decide about the rest; give them, such as  --set {names[0]}='1 mV'"
    given = " ".join(f"--set {name}='{EXAMPLES.get(name, '1 mV')}'" for name in names)
    return (
        f"{first}\nThis is a part of a neuron. Add it to others that define them:\n"
        '    parts = map(nb.load_model, ["na_hh", "k_hh", "leak"])\n'
        '    cell = sum(parts, nb.load_model("membrane")) + "I_ion = I_Na + I_K + I_leak : uA/cm**2"\n'
        f"or hold them at a value to see it alone:  {given}"
    )


def around_synapses(names: list[str], name: str) -> str:
    """The names that a model of synapses leaves to what is around them."""
    made = f"This is a model of synapses:  nb.Synapses(source, target, '{name}', connect=...)"
    if not names:
        return made
    return f"open names: {', '.join(names)}\nThe neurons have them, or they are given as keywords. {made}"


def update(update: StateUpdate, *, with_code: bool = False) -> str:
    """Describe linearity, the method, why it was chosen, one step in its formula, and the code."""
    if update.plan is None:
        return "There are no differential equations, so there is nothing to integrate."
    parts = update_sections(update.plan)
    if with_code:
        parts.append(section("the NumPy code that runs", update.source))
    return "\n\n".join(parts)


# ---- runs -----------------------------------------------------------------------------------


def run(cells: Neurons, net: Any, spikes: Any, records: Any, events: Iterable[Any] = ()) -> Iterator[str]:
    """Describe a run: what ran, spikes and events, final values, and the range of what was recorded."""
    many = f"{cells.size} neurons" if cells.size > 1 else "1 neuron"
    method = f", method {cells.update.method}" if cells.update.method else ""
    yield f"{many}, {net.t:g} ms in steps of {net.dt:g} ms{method}"
    rows = []
    if spikes is not None:
        rows.append(("spikes", _spikes(spikes, net.t)))
    rows += [(f"event {monitor.variables[0]}", _spikes(monitor, net.t)) for monitor in events]
    units = _units(cells)
    rows += [(name, f"{_range(getattr(cells, name), units[name])} at the end") for name in _states(cells)]
    for name in records.variables if records is not None else ():
        values = getattr(records, name)
        if values.size:
            rows.append((name, f"{_range(values, units.get(name, '1'))} over the run"))
    yield from columns(rows)


def _spikes(spikes: Any, duration: float) -> str:
    times, counts = spikes.t, spikes.count
    if not times.size:
        return "none"
    first = f"the first at {times[0]:g} ms"
    if counts.size == 1:
        last = f", the last interval {times[-1] - times[-2]:.4g} ms" if times.size > 1 else ""
        return f"{times.size} ({spikes.rate:.4g} Hz), {first}{last}"
    rates = counts / (duration / 1000)
    return (
        f"{times.size} ({rates.mean():.4g} Hz per neuron, from {rates.min():.4g} to"
        f" {rates.max():.4g} Hz), {first}"
    )


def parameters(cells: Neurons, table: dict[str, Any]) -> Iterator[str]:
    """List what a user can change where nothing fired, and the settings of the model file's check."""
    yield "No spikes: the model may need input. Its parameters, which --set NAME=VALUE changes:"
    definition = cells.inspect.definition
    assert definition is not None  # the neurons follow a model
    rows = (
        (v.name, _range(getattr(cells, v.name), v.unit_text), v.comment)
        for v in definition.of_kind("parameter")
    )
    yield from ("    " + line for line in columns(rows))
    driven = table.get("check", {}).get("parameters", {})
    if driven:
        yield "Try  " + " ".join(f'--set {name}="{value}"' for name, value in driven.items())


def _states(cells: Neurons) -> list[str]:
    return (
        [v.name for v in cells.inspect.definition.of_kind("differential")]
        if cells.inspect.definition
        else []
    )


def _units(cells: Neurons) -> dict[str, str]:
    """The declared unit of every name."""
    if cells.inspect.definition is None:
        return {}
    return {v.name: v.unit_text for v in cells.inspect.definition.variables.values()}


def _range(values: Any, unit: str) -> str:
    """One number, or the range of several, with the unit as declared."""
    values = np.asarray(values, dtype=float)
    low, high = float(values.min()), float(values.max())
    unit = "" if unit in ("", "1", "integer", "boolean") else f" {unit}"
    return f"{low:.6g}{unit}" if low == high else f"{low:.6g} to {high:.6g}{unit}"
