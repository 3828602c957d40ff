"""The methods section of a paper, written from a network.

In: a network, of any objects. Out: a paragraph and the tables that Nordlie, Gewaltig & Plesser (2009,
doi:10.1371/journal.pcbi.1000456) propose, in Markdown or LaTeX. Objects are known by what they have:
projections have pathways, neurons a threshold, monitors a source and no pathways.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from numpybrain.display.text import Text
from numpybrain.errors import ArgumentError, shown
from numpybrain.language.write import write_equation
from numpybrain.model.model_file import texts_of

STYLES = ("markdown", "latex")
NORDLIE = "Nordlie, Gewaltig & Plesser 2009, doi:10.1371/journal.pcbi.1000456"
CODE = re.compile(r"`([^`]*)`")
DOI = re.compile(r"doi:10\.[^\s,;)]+")
LATEX = {**{c: f"\\{c}" for c in "&%$#_{}"}, "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
         "\\": r"\textbackslash{}", "<": r"\textless{}", ">": r"\textgreater{}"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """Table of the description: cells are texts in which `code` stands between backticks."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def methods_text(network: Any, style: str = "markdown") -> Text:
    """A paragraph on the simulation; tables of populations, connectivity, models, input and measurements.

    Values are those that hold now. Where they differ between neurons or synapses, their range, mean and
    standard deviation are given. What only a Python function knows is named with its file and line.

    Args:
        network: what is described.
        style: "markdown" or "latex"; the latter needs the package `booktabs`.

    Raises:
        ArgumentError: if there is no such style.
    """
    if style not in STYLES:
        raise ArgumentError(f"'style' is {' or '.join(map(repr, STYLES))} (got {shown(style)})")
    kinds = _sorted(network.objects)
    letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    tables = [table for table in _tables(*kinds) if table.rows]
    text = [_paragraph(network, *kinds)]
    if style == "latex":
        made = [_latex_table(f"{next(letters)}. {table.title}", table) for table in tables]
        return Text("\n\n".join([_latex(text[0]), *made]))
    made = [_markdown_table(f"{next(letters)}. {table.title}", table) for table in tables]
    return Text("\n\n".join([*text, *made]))


Kinds = tuple[list[Any], list[Any], list[Any], list[Any]]


def _sorted(objects: Iterable[Any]) -> Kinds:
    """Give neurons, projections, inputs and what records."""
    neurons: list[Any] = []
    projections: list[Any] = []
    inputs: list[Any] = []
    monitors: list[Any] = []
    for each in objects:
        if hasattr(each, "pathways"):
            projections.append(each)
        elif hasattr(each, "spiking"):
            neurons.append(each)
        elif hasattr(each, "events") or hasattr(each, "rate"):
            is_record = hasattr(each, "source") and not hasattr(each, "weight")
            (monitors if is_record else inputs).append(each)
        elif hasattr(each, "source"):
            monitors.append(each)
        else:
            inputs.append(each)
    return neurons, projections, inputs, monitors


# ---- the paragraph ----


def _paragraph(
    network: Any, neurons: list[Any], projections: list[Any], inputs: list[Any], monitors: list[Any]
) -> str:
    """What was simulated, and how."""
    count = sum(each.size for each in neurons)
    synapses = sum(len(each) for each in projections)
    parts = [f"The network has {_number(count, 'neuron')} in {_number(len(neurons), 'population')}"]
    if projections:
        parts[0] += f" and {_number(synapses, 'synapse')} in {_number(len(projections), 'projection')}"
    parts[0] += f"; it is described in the tables, which follow {NORDLIE}."
    version = sys.modules["numpybrain"].__version__
    parts.append(
        f"It was simulated with NumpyBrain {version} (NumPy {np.__version__}) at a time step of"
        f" {network.dt:g} ms in double precision."
    )
    for each in neurons:
        update = each.update
        why = getattr(update, "why", None)
        name = getattr(update, "method", None)
        if name:
            reason = f" ({why})" if why and why != "asked for" else ""
            parts.append(f"The state of `{each.name}` was integrated with the method `{name}`{reason}.")
        elif update.is_needed:
            parts.append(f"The state of `{each.name}` was advanced by {update.origin}.")
    late = [
        f"`{each.name}`" for each in neurons if (each.model is not None and _texts(each).get("spike_times"))
    ]
    parts.append(
        "Spikes lie on the time steps" + (f", those of {', '.join(late)} between them." if late else ".")
    )
    seeds = {seed for each in (*neurons, *projections, *inputs) if (seed := _seed(each)) is not None}
    if seeds:
        parts.append(f"Random numbers come from streams of the seed {', '.join(map(str, sorted(seeds)))}.")
    return " ".join(parts)


def _seed(each: Any) -> Any:
    space = getattr(each, "inspect", None)
    streams = getattr(space, "streams", None)
    return getattr(streams, "seed", None)


def _number(n: int, word: str) -> str:
    plural = f"{word}s"
    return f"{n:,}".replace(",", " ") + f" {word if n == 1 else plural}"


# ---- the tables ----


def _tables(
    neurons: list[Any], projections: list[Any], inputs: list[Any], monitors: list[Any]
) -> Iterator[Table]:
    yield Table("Model summary", ("", ""), tuple(_summary(neurons, projections, inputs, monitors)))
    populations = [(f"`{each.name}`", _model_name(each), f"{each.size}") for each in neurons]
    yield Table("Populations", ("name", "elements", "size"), tuple(populations))
    heads = ("name", "source", "target", "pattern")
    yield Table("Connectivity", heads, tuple(_connection(each) for each in projections))
    for each in neurons:
        yield Table(f"Neuron model of {each.name}", ("", ""), tuple(_neuron(each)))
        yield _parameter_table(each, _sums_into(each, projections))
    for each in projections:
        yield Table(f"Synapse model of {each.name}", ("", ""), tuple(_synapse(each)))
        yield _parameter_table(each, {})
    yield Table("Input", ("name", "description"), tuple((f"`{x.name}`", _about(x)) for x in inputs))
    yield Table("Measurements", ("of", "what"), tuple(_measurement(each) for each in monitors))


def _summary(
    neurons: list[Any], projections: list[Any], inputs: list[Any], monitors: list[Any]
) -> Iterator[tuple[str, str]]:
    yield "Populations", _listed(f"`{each.name}`" for each in neurons)
    yield "Connectivity", _listed(_rules(each) for each in projections) or "none"
    yield "Neuron model", _listed(_model_name(each) for each in neurons)
    if projections:
        yield "Synapse model", _listed(_model_name(each) for each in projections)
        plastic = [f"`{each.name}`" for each in projections if _is_plastic(each)]
        yield "Plasticity", _listed(plastic) or "none"
    yield "Input", _listed(type(each).__name__ for each in inputs) or "none"
    yield "Measurements", _listed(_measurement(each)[1] for each in monitors) or "none"
    references = [x for each in (*neurons, *projections) for x in _references(each)]
    if references:
        yield "References", "; ".join(dict.fromkeys(references))


def _listed(texts: Iterable[str]) -> str:
    """The different ones, in order."""
    return ", ".join(x for x in dict.fromkeys(texts) if x)


def _library_table(each: Any) -> dict[str, Any] | None:
    """The file of the library model that a group is made of, if it has all variables of that."""
    from numpybrain import library

    model = getattr(each, "model", None)
    name = each.inspect.named if hasattr(each, "pathways") else getattr(model, "name", None)
    if name is None or each.definition is None or name not in library.list_models(None):
        return None
    known = library.load_model(name).definition.variables
    return library.table_of(name) if set(known) <= set(each.definition.variables) else None


def _model_name(each: Any) -> str:
    table = _library_table(each)
    if table is not None:
        return f"{table['title']} (`{table['name']}`)"
    if getattr(each, "pathways", None) is not None:
        kinds = {pathway.side for pathway in each.pathways.values()}
        what = " and ".join({"pre": "presynaptic", "post": "postsynaptic"}[x] for x in sorted(kinds)[::-1])
        return f"acts at {what} spikes" if kinds else "continuous"
    return "equations given below" if each.definition is not None else "Python functions"


def _references(each: Any) -> Iterator[str]:
    table = _library_table(each)
    if table is not None:
        reference = table["reference"]
        yield from [reference] if isinstance(reference, str) else reference


def _rules(each: Any) -> str:
    return _listed(each.inspect.rules)


def _connection(each: Any) -> tuple[str, str, str, str]:
    """The row of a projection."""
    pattern = [_rules(each), _number(len(each), "synapse")]
    if len(each):
        pattern.append(f"{_spread(each.indegree)} onto each target")
    for name, pathway in each.pathways.items():
        single, value = pathway.slot.uniform_value(), pathway.slot.value
        delay = f"{single:g} ms" if single is not None else f"{_spread(value)} ms"
        pattern.append(f"delay {delay}" + (f" (`{name}`)" if len(each.pathways) > 1 else ""))
    return f"`{each.name}`", f"`{each.source.name}`", f"`{each.target.name}`", "; ".join(pattern)


def _texts(each: Any) -> dict[str, str]:
    return texts_of(each.model)


def _equations(each: Any) -> Iterator[str]:
    """The equations that are no constants, one line each."""
    definition = each.definition
    for variable in definition.variables.values() if definition is not None else ():
        if variable.equation is not None and variable.kind != "parameter":
            yield f"`{write_equation(variable.equation).partition('#')[0].strip()}`"


def _neuron(each: Any) -> Iterator[tuple[str, str]]:
    if each.model is None:
        yield "Dynamics", each.update.origin
        if each.spiking.threshold is not None:
            yield "Spike", each.spiking.threshold_origin
        if each.spiking.reset is not None:
            yield "Reset", each.spiking.reset_origin
        return
    for k, line in enumerate(_equations(each)):
        yield "" if k else "Dynamics", line
    texts = _texts(each)
    for key, title in (("threshold", "Spike if"), ("reset", "Reset"), ("refractory", "Refractory")):
        if key in texts:
            yield title, f"`{'; '.join(texts[key].splitlines())}`"


def _synapse(each: Any) -> Iterator[tuple[str, str]]:
    for k, line in enumerate(_equations(each)):
        yield "" if k else "Dynamics", line
    for name, pathway in each.pathways.items():
        side = "source" if pathway.side == "pre" else "target"
        text = pathway.origin if callable(pathway.text) else f"`{'; '.join(_lines(pathway.text))}`"
        yield f"{name}, at {pathway.event} of the {side}", text


def _lines(text: str) -> Iterator[str]:
    yield from (line.strip() for line in text.strip().splitlines() if line.strip())


def _is_plastic(each: Any) -> bool:
    """Whether a spike changes a parameter of the synapse itself."""
    own = (
        {v.name for v in each.definition.variables.values() if v.kind == "parameter"}
        if each.definition
        else ()
    )
    texts = [p.text for p in each.pathways.values() if isinstance(p.text, str)]
    pattern = re.compile(r"(?:^|[;:\n])\s*(\w+)\s*(?:[-+*/]|//|%|\*\*)?=(?!=)")
    return any(name in own for text in texts for name in pattern.findall(text))


def _sums_into(each: Any, projections: list[Any]) -> dict[str, str]:
    """Parameter -> the projections whose sums it holds."""
    found: dict[str, str] = {}
    for projection in projections:
        flagged = projection.definition.variables.values() if projection.definition is not None else ()
        if getattr(projection.target, "neurons", projection.target) is each:
            for name in (v.name.removesuffix("_post") for v in flagged if "summed" in v.flags):
                before = f"{found[name]}, " if name in found else "sum over synapses of "
                found[name] = f"{before}`{projection.name}`"
    return found


def _parameter_table(each: Any, sums: Mapping[str, str]) -> Table:
    definition = each.definition
    variables = definition.variables.values() if definition is not None else ()
    rows = []
    for variable in (v for v in variables if v.kind == "parameter"):
        unit = "" if variable.unit_text == "1" else f" {variable.unit_text}"
        value = sums.get(variable.name) or f"{_spread(getattr(each, variable.name))}{unit}"
        rows.append((f"`{variable.name}`", value, variable.comment))
    return Table(f"Parameters of {each.name}", ("name", "value", "meaning"), tuple(rows))


def _spread(values: Any) -> str:
    """One number, or what numbers there are."""
    found = np.asarray(values)
    if not found.size:
        return "none"
    if found.dtype == bool:
        return f"true in {np.count_nonzero(found)} of {found.size}"
    low, high = found.min(), found.max()
    if low == high:
        return f"{low:.6g}"
    return f"{low:.4g} to {high:.4g} (mean {found.mean():.4g}, SD {found.std():.3g})"


def _about(each: Any) -> str:
    return f"`{repr(each).strip('<>')}`"


def _measurement(each: Any) -> tuple[str, str]:
    source = getattr(each, "source", None)
    kind, names = type(each).__name__, [f"`{name}`" for name in getattr(each, "variables", ())]
    what = ", ".join(names) if kind == "Monitor" else f"{kind} {', '.join(names)}".strip()
    every = getattr(each, "every", None)
    period = f" every {every:g} ms" if isinstance(every, float) else ""
    return f"`{getattr(source, 'name', '')}`", f"{what}{period}"


# ---- styles ----


def _markdown_table(title: str, table: Table) -> str:
    cells = [[x.replace("|", "\\|") for x in row] for row in (table.head, *table.rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    lines.insert(1, f"|{'---|' * len(table.head)}")
    return f"**{title}**\n\n" + "\n".join(lines)


def _latex(text: str) -> str:
    """A text with `code` as LaTeX."""
    parts = CODE.split(text)
    escaped = ["".join(LATEX.get(c, c) for c in part) for part in parts]
    escaped[1::2] = [rf"\texttt{{{part}}}" for part in escaped[1::2]]
    return "".join(escaped)


def _latex_table(title: str, table: Table) -> str:
    width = 0.8 / (len(table.head) - 1)
    columns = "l" + rf"p{{{width:.2g}\linewidth}}" * (len(table.head) - 1)
    lines = [
        r"\begin{table}",
        rf"\caption{{{_latex(title)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
    ]
    if any(table.head):
        lines += [" & ".join(map(_latex, table.head)) + r" \\", r"\midrule"]
    lines += [" & ".join(map(_latex, row)) + r" \\" for row in table.rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}"])
