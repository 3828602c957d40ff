"""Pages of the model library, made from models/: equations, parameters, references, and a picture."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sphinx.application import Sphinx

import numpybrain as nb
from numpybrain.library import variants_of

ROOT = Path(__file__).parents[2]
KINDS = {"neurons": "Neurons", "channels": "Ion channels", "synapses": "Synapses"}
INTRO = """\
# The model library

A model is used by its name, `nb.Neurons(100, "adex")` or `nb.Synapses(cells, cells, "ampa", ...)`; any
parameter may be given as a keyword. `nb.load_model("adex")` gives the model to look at, and
`numpybrain show adex` prints it. Each is one file of text in `models/`, with its source and with numbers
that tests compare with SciPy. The pictures are made while this page is built. [](guide.md) says how models
are put together, and how to write one.
"""
PARAMETER = re.compile(
    r"^(\w+)\s*=\s*([^:]+?)\s*:\s*([^#(]+?)\s*(?:\(([^)]*)\))?\s*(?:#\s*(.*))?$", re.MULTILINE
)
DOI = re.compile(r"doi:(10\.\S+)")


Table = dict[str, Any]
FEW_SPIKES = 8  # so many are shown


def page(name: str, kind: str, table: Table, model: nb.Model, picture: str | None) -> str:
    """The page of a model."""
    text = str(model)
    parts = [f"# {table['title']}", f"`{name}`", _paragraphs(table["description"])]
    if picture:
        parts.append(f"![{_plain(picture)}](/library/{name}.png)\n\n{picture}")
    equations = _equations(model)
    if equations:
        parts += ["## Equations", f"```{{math}}\n:nowrap:\n\n{equations}\n```"]
    rows = [
        f"| `{x}` | {value} | {unit} | {comment} |"
        for x, value, unit, _, comment in PARAMETER.findall(text)
        if _is_parameter(model, x)
    ]
    if rows:
        parts += ["## Parameters", "\n".join(["| name | default | unit | |", "|---|---|---|---|", *rows])]
    if model.open_names:
        names = ", ".join(f"`{x}`" for x in model.open_names)
        parts.append(f"Names that it leaves open: {names}.")
    variants = variants_of(name)
    if variants:
        listed = "\n".join(f"| `{name}:{x}` | {title} |" for x, title in variants.items())
        parts += [
            "## Variants",
            f"The same equations with other parameters.\n\n| name | |\n|---|---|\n{listed}",
        ]
    parts += ["## References", "\n".join(f"* {_reference(entry)}" for entry in table["reference"])]
    source = (ROOT / "models" / kind / f"{name}.toml").read_text(encoding="utf-8")
    parts += ["## The file", f":::{{dropdown}} models/{kind}/{name}.toml\n```toml\n{source}```\n:::"]
    return "\n\n".join(parts) + "\n"


def _paragraphs(text: str) -> str:
    return re.sub(r"(?<![\w`])(\w+_\w+)(?![\w`])", r"`\1`", text.strip())


def _plain(text: str) -> str:
    return text.replace("`", "").replace("[", "(").replace("]", ")")


def _reference(entry: str) -> str:
    return DOI.sub(lambda found: f"[doi:{found[1]}](https://doi.org/{found[1]})", entry)


def _is_parameter(model: nb.Model, name: str) -> bool:
    variable = model.definition.variables.get(name)
    return variable is not None and variable.kind == "parameter"


def _equations(model: nb.Model) -> str:
    """The typeset equations without the constants, which stand in the table."""
    lines = model._repr_latex_().splitlines()  # what notebooks show
    kept = [line for line in lines[1:-1] if "&&" in line or r"\leftarrow" in line or ":}" in line]
    if not kept:
        return ""
    kept[-1] = kept[-1].removesuffix(r" \\")
    return "\n".join([lines[0], *kept, lines[-1]])


# ---- pictures ----


def neuron(name: str, table: Table, figure: Any) -> str:
    """A run under the conditions of the model's check; the phase plane if there are two variables."""
    check = table["check"]
    given = check.get("parameters", {})
    start = check.get("initial")
    cell = nb.Neurons(1, name, initial=start, **given) if start else nb.Neurons(1, name, **given)
    names = [x.name for x in cell.model.definition.variables.values() if x.kind == "differential"]
    trace = nb.Monitor(cell, *names)
    spikes = [nb.Monitor(cell, "spikes")] if cell.inspect.has_spikes else []
    nb.Network(cell, trace, *spikes, dt=check.get("dt", "0.01 ms")).run(check["run"])
    has_plane = len(names) == 2 and _is_flow(cell, names, trace)
    left, right = figure.subfigures(1, 2, width_ratios=[2, 1]) if has_plane else (figure, None)
    units = trace.between().units
    others = dict.fromkeys(units[x] for x in names[1:])
    groups = [names[:1], *([x for x in names[1:] if units[x] == unit] for unit in others)]
    rows = left.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
    for row, group in zip(rows, groups, strict=True):
        for x in group:
            row.plot(trace.t, getattr(trace, x)[:, 0], label=x)
        unit = "" if units[group[0]] == "1" else f" ({nb.plot.pretty_unit(units[group[0]])})"
        row.set_ylabel((group[0] if len(group) == 1 else "") + unit)
        if len(group) > 1:
            row.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    times = spikes[0].t if spikes else []
    end = times[FEW_SPIKES] - 2 if len(times) > FEW_SPIKES else trace.t[-1]
    rows[-1].set(xlabel="time (ms)", xlim=(0, end))
    if right is not None:
        nb.plot.phase_plane(cell, *names, ax=right.subplots(), trajectory=trace)
    what = ", ".join(f"`{x}` = {value}" for x, value in given.items()) or "the default parameters"
    return f"One neuron with {what}" + (", and its phase plane." if has_plane else ".")


def _is_flow(cell: nb.Neurons, names: list[str], trace: nb.Monitor) -> bool:
    """Whether two variables say alone how they go on."""
    try:
        nb.plot.phase_plane(cell, *names, trajectory=trace)
    except nb.NumpyBrainError:
        return False
    finally:
        from matplotlib import pyplot as plt

        plt.close("all")
    return True


def channel(name: str, figure: Any) -> str | None:
    """Steady states of the gates over v, and the currents of voltage steps."""
    model = nb.load_model(name)
    current = next((x for x in model.definition.variables if x.startswith("I_")), None)
    if tuple(model.open_names) != ("v",) or current is None:
        return None
    held_at = model.extend("v : mV")
    gates = [x.name for x in model.definition.variables.values() if x.kind == "differential"]
    v = np.linspace(-100, 50, 151)
    left, right = figure.subplots(1, 2)
    if gates:
        held = nb.Neurons(v.size, held_at, v=v, initial="steady")
        for gate in gates:
            left.plot(v, getattr(held, gate), label=gate)
        left.set(xlabel="v (mV)", ylabel="steady state")
        left.legend()
    else:
        left.plot(v, nb.Neurons(v.size, held_at, v=v).evaluate(current))
        left.set(xlabel="v (mV)", ylabel=f"{current} (uA/cm²)")
    steps = np.arange(-60, 41, 20)
    cells = nb.Neurons(steps.size, held_at, v=-80)
    trace = nb.Monitor(cells, current)
    net = nb.Network(cells, trace, dt="0.02 ms")
    net.run("5 ms")
    cells.v = steps
    net.run("25 ms")
    for k, level in enumerate(steps):
        right.plot(trace.t, getattr(trace, current)[:, k], label=f"{level} mV")
    right.set(xlabel="time (ms)", ylabel=f"{current} (uA/cm²)")
    right.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    what = "Steady states of the gates" if gates else "The current"
    return f"{what} over the potential, and `{current}` after steps from -80 mV at 5 ms."


RECEPTORS = ("exponential_current", "exponential_conductance", "alpha", "double_exponential",
             "ampa", "nmda", "gaba_a", "gaba_b")  # fmt: skip
RULES = ("stdp_pair", "stdp_nearest", "stdp_triplet", "stdp_inhibitory_vogels")


def receptor(name: str, figure: Any) -> str:
    """The current into a target that is held, after one spike and after five."""
    axes = figure.subplots()
    source = nb.inputs.SpikeTimes([0, 1, 1, 1, 1, 1], [10, 10, 20, 30, 40, 50], n=2)
    target = nb.Neurons(2, "v : mV\nI_syn : pA", initial={"v": "-50 mV"})
    synapses = nb.Synapses(source, target, name, connect="i == j")
    trace = nb.Monitor(target, "I_syn")
    is_slow = name in {"nmda", "gaba_b"}
    nb.Network(source, target, synapses, trace, dt="0.1 ms").run("500 ms" if is_slow else "120 ms")
    axes.plot(trace.t, trace.I_syn, label=["one spike", "five spikes"])
    axes.set(xlabel="time (ms)", ylabel="I_syn (pA)")
    axes.legend()
    return "The current into a target that is held at -50 mV, after one spike and after five."


def rule(name: str, figure: Any) -> str:
    """The change of the weight by one pair of spikes, and by ten pairs at 20 Hz."""
    axes = figure.subplots()
    lag = np.arange(-48, 48, 2) + 0.5
    number = np.arange(lag.size)
    for pairs in (1, 10):
        at = 100 + 100.0 * np.arange(pairs)
        source = nb.inputs.SpikeTimes(np.tile(number, pairs), np.repeat(at, lag.size))
        after = nb.inputs.SpikeTimes(np.tile(number, pairs), (at[:, None] + lag).ravel())
        target = nb.Neurons(lag.size, "v : mV\nfires : 1", threshold="fires > 0", reset="fires = 0")
        relay = nb.Synapses(after, target, on_pre="fires = 1", connect="i == j")
        synapses = nb.Synapses(source, target, name, connect="i == j")
        if "w_max" in synapses.variables():
            synapses.w = "w_max/2"
        before = np.array(synapses.w)
        nb.Network(after, source, target, relay, synapses, dt="0.1 ms").run(float(at[-1]) + 200)
        axes.plot(
            lag, (synapses.w - before) / pairs, label="one pair" if pairs == 1 else "ten pairs at 10 Hz"
        )
    axes.axhline(0, color="0.7", lw=0.8, zorder=0)
    axes.set(xlabel="target fires after source by (ms)", ylabel="change of w per pair")
    axes.legend()
    return "The change of the weight over the time from a spike of the source to one of the target."


def short_term(name: str, figure: Any) -> str:
    """What each of ten spikes at 20 Hz releases, and one more after a second."""
    axes = figure.subplots()
    times = np.append(10 + 50.0 * np.arange(10), 1460)
    source = nb.inputs.SpikeTimes(np.zeros(times.size, int), times)
    target = nb.Neurons(1, "released : 1")
    model = nb.load_model(name) + nb.Model("", on_pre="released_post = release")
    synapses = nb.Synapses(source, target, model, connect="i == j")
    trace = nb.Monitor(target, "released", phase="end")
    nb.Network(source, target, synapses, trace, dt="0.1 ms").run("1.6 s")
    released = trace.released[np.rint(times * 10).astype(int), 0]
    axes.vlines(times, 0, released, lw=3)
    axes.set(xlabel="time (ms)", ylabel="release", ylim=(0, None))
    return "What each spike releases: ten at 20 Hz, and one after a second."


SHORT_TERM = ("short_term_mongillo", "short_term_tsodyks_markram")
PICTURES = {
    **dict.fromkeys(RECEPTORS, receptor),
    **dict.fromkeys(RULES, rule),
    **dict.fromkeys(SHORT_TERM, short_term),
}


def draw(kind: str, name: str, table: Table, path: Path) -> str | None:
    """Draw the picture of a model; what it shows, or None if there is none."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib.figure import Figure

    nb.seed(1)
    with nb.plot.style():
        figure = Figure(figsize=(8, 3.2), layout="constrained")
        drawn: Callable[[], str | None]
        if kind == "neurons":
            drawn = lambda: neuron(name, table, figure)  # noqa: E731
        elif kind == "channels":
            drawn = lambda: channel(name, figure)  # noqa: E731
        else:
            figure.set_size_inches(5.5, 3)
            which = PICTURES.get(name)
            drawn = lambda: which(name, figure) if which else None  # noqa: E731
        shows = drawn()
        if shows:
            figure.savefig(path, dpi=140, metadata={"Software": None})
    return shows


def write(app: Sphinx) -> None:
    """Write docs/library: a page for each model, and one that shows all."""
    folder = Path(app.srcdir) / "library"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    guide = (ROOT / "models" / "README.md").read_text(encoding="utf-8")
    guide = guide[guide.index("## A neuron made of channels") :]
    (folder / "guide.md").write_text(
        f"# Models made of models, and models of your own\n\n{guide}", encoding="utf-8"
    )
    parts = [INTRO]
    for kind, title in KINDS.items():
        cards = []
        for name in nb.list_models(kind):
            source = ROOT / "models" / kind / f"{name}.toml"
            table = tomllib.loads(source.read_text(encoding="utf-8"))
            picture = draw(kind, name, table, folder / f"{name}.png")
            text = page(name, kind, table, nb.load_model(name), picture)
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
            image = f":img-top: {name}.png\n" if picture else ""
            card = f":::{{grid-item-card}} {name}\n{image}:link: {name}\n:link-type: doc\n"
            cards.append(f"{card}{table['title']}\n:::")
        parts.append(f"## {title}\n\n::::{{grid}} 1 2 3 3\n:gutter: 2\n\n" + "\n".join(cards) + "\n::::")
    names = "\n".join(["guide", *(name for kind in KINDS for name in nb.list_models(kind))])
    parts.append(f"```{{toctree}}\n:hidden:\n\n{names}\n```\n")
    (folder / "index.md").write_text("\n\n".join(parts), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Say what this extension does, and when."""
    app.connect("builder-inited", write, priority=100)
    return {"parallel_read_safe": True}
