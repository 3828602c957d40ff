"""What notebooks show: complete, well formed, and harmless whatever the model says."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import numpybrain as nb
from tests.sample import SAMPLE
from numpybrain.model import model_html
from numpybrain import units

VOID = {"br"}
PICTURE = {"svg", "path", "polyline", "text", "tspan"}
TAGS = {
    "div",
    "p",
    "b",
    "table",
    "tr",
    "th",
    "td",
    "span",
    "code",
    "br",
    "style",
    "details",
    "summary",
    "pre",
    *PICTURE,
}
DRAWN = {
    "d",
    "points",
    "stroke",
    "stroke-width",
    "fill",
    "opacity",
    "x",
    "y",
    "text-anchor",
    "font-size",
    "font-family",
}
ATTRIBUTES = {"style", "colspan", "class", "open", "viewbox", "width", "height", "role", *DRAWN}


class Page(HTMLParser):
    """Tags, attributes, and the text of every cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.rows: list[list[str]] = []
        self.text = ""
        self.strings: list[str] = []  # as MathJax sees them: no tag within
        self.classes: list[str] = []  # of the tags that are open
        self.texts: list[str] = []  # of formulas, where nothing typesets them
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)
            self.classes.append(dict(attrs).get("class", ""))
            if self.in_text:
                self.texts.append("")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.classes.pop()

    @property
    def in_text(self):
        """Whether this is the text of a formula."""
        return "nb-formula" in self.classes and "code" in self.open

    def handle_data(self, data):
        self.strings.append(data)
        if "style" in self.open:
            return
        if self.in_text:
            self.texts[-1] += data
            return
        self.text += data
        if "tr" in self.open and self.rows[-1]:
            self.rows[-1][-1] += data

    @property
    def formulas(self) -> list[str]:
        """What a notebook would typeset."""
        found = []
        for string in self.strings:
            found += re.findall(r"\$(.+?)\$", string)
            assert not re.search(r"\\[(\[]|\\begin(?!\{cases\})", string)
        return found


def page(thing) -> Page:
    found = Page(thing._repr_html_())
    assert found.tags <= TAGS
    assert found.attributes <= ATTRIBUTES
    for string in found.strings:
        assert not re.search(r"\\[(\[]|\\begin(?!\{cases\})", string)
    assert all(f.startswith(r"\displaystyle ") for f in found.formulas)
    return found


def push(v_post, post):
    np.add.at(v_post, post, 1.0)


# ---- models -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLE)
def test_the_library(name: str) -> None:
    model = nb.load_model(name)
    text = model._repr_latex_()
    assert text.startswith("\\begin{align*}\n")
    assert text.endswith("\n\\end{align*}")
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right")
    spiking = [
        x for x in (model.definition.threshold, model.definition.reset, model.definition.refractory) if x
    ]
    assert len(text.split("\n")) == 2 + len(model) + len(spiking)
    shown = page(model)
    assert len(shown.rows) == 1 + len(model) + len(spiking)
    for variable in model.definition.variables.values():
        assert variable.comment in shown.text
    cells = page(nb.Neurons(3, model))
    assert len(cells.rows) == len(shown.rows)
    assert ", 3 neurons, method " in cells.text


def test_latex_of_a_model() -> None:
    model = nb.Model(
        "dv/dt = (I - v)/tau : mV (unless refractory)\ntau = 10*ms : ms\nI : mV (shared)",
        threshold="v > 1*mV",
        reset="v = 0*mV; v += I",
        refractory="2 ms",
    )
    assert model._repr_latex_() == model_html.model_latex(model) == "\n".join([
        r"\begin{align*}",
        r"\frac{dv}{dt} & = \frac{I - v}{\tau} && \left[\mathrm{mV}\right]\ \left(\mathrm{unless\ refractory}\right) \\",
        r"\tau & = 10\,\mathrm{ms} \\",
        r"I & && \left[\mathrm{mV}\right]\ \left(\mathrm{shared}\right) \\",
        r"\mathrm{threshold:}\ & v > 1\,\mathrm{mV} \\",
        r"\mathrm{reset:}\ & v \leftarrow 0\,\mathrm{mV},\quad v \leftarrow v + I \\",
        r"\mathrm{refractory:}\ & 2\,\mathrm{ms}",
        r"\end{align*}",
    ])  # fmt: skip


def test_html_of_a_model() -> None:
    model = nb.Model(
        "dv/dt = (I - v)/tau : mV (unless refractory)  # potential\ntau = 10*ms : ms",
        threshold="v < 1*mV",
        name="mine",
        method="rk4",
    )
    shown = page(model)
    assert shown.text.startswith("Model mine, method rk4")
    assert shown.rows == [
        ["equation", "unit", "kind", "flags", "comment"],
        [r"$\displaystyle \frac{dv}{dt} = \frac{I - v}{\tau}$", r"$\displaystyle \mathrm{mV}$",
         "differential equation", "unless refractory", "potential"],
        [r"$\displaystyle \tau = 10\,\mathrm{ms}$", r"$\displaystyle \mathrm{ms}$", "parameter", "", ""],
        [r"threshold: $\displaystyle v < 1\,\mathrm{mV}$"],
        [r"to be given: $\displaystyle I$"],
    ]  # fmt: skip


def test_values_beside_the_text_replace_those_in_it() -> None:
    values = {"tau": "20 ms", "a": 2.5, "I": 3 * units.mV, "b": 1e-9}
    text = "dv/dt = (a*b*I - v)/tau : mV\ntau = 10*ms : ms\na = 1 : 1\nb : 1"
    model = nb.Model(text, parameters=values, refractory=3 * units.ms, threshold=push)
    latex = model._repr_latex_()
    for line in (
        r"\tau & = 20\,\mathrm{ms} \\", r"a & = 2.5 \\", r"b & = 10^{-9} \\", r"I & = 3\,\mathrm{mV} \\",
        r"\mathrm{refractory:}\ & 3\,\mathrm{ms}", r"\mathrm{threshold:}\ & \mathrm{push\ (test\_typeset.py:",
    ):  # fmt: skip
        assert line in latex
    assert "10\\,\\mathrm{ms}" not in latex
    assert "threshold: push (test_typeset.py:" in page(model).text
    assert "to be given" not in page(model).text


def test_a_model_without_text() -> None:
    assert nb.Model("")._repr_latex_() == "\\begin{align*}\n\n\\end{align*}"
    assert page(nb.Model("")).rows == []


# ---- neurons ----------------------------------------------------------------------------------


def test_neurons_show_their_present_values() -> None:
    cells = nb.Neurons(
        2, "dv/dt = (a - v)/tau : mV\na = 7*mV : mV\ntau = 5*ms : ms\non : boolean\ns = 2*v : mV", name="x"
    )
    cells.a, cells.v, cells.on = 3, [1, 2.5], [True, False]
    shown = page(cells)
    assert shown.text.startswith("Neurons x, 2 neurons, method exact")
    assert [row[1] for row in shown.rows] == ["value", "1 to 2.5", "3", "5", "True and False", ""]
    assert shown.rows[2][0] == r"$\displaystyle a$"


def test_showing_changes_nothing() -> None:
    cells = nb.Neurons(4, "lif")
    before = {n: (s.is_array, s.aliased) for n, s in cells.inspect.state.slots.items()}
    cells._repr_html_()
    cells.model._repr_latex_()
    assert {n: (s.is_array, s.aliased) for n, s in cells.inspect.state.slots.items()} == before
    assert len(cells.stages) == len(nb.Neurons(4, "lif").stages)


def test_neurons_in_python() -> None:
    cells = nb.Neurons(
        1, {"v": "mV", "odd": "$5 & <b>"}, name="<i>", refractory="2 ms", initial={"v": 1.5},
        integrate=lambda v: None, threshold=lambda v: v > 1, reset=lambda v, spikes: None,
    )  # fmt: skip
    shown = page(cells)
    assert shown.text.startswith("Neurons <i>, 1 neuron\n")
    assert shown.rows[:3] == [
        ["variable", "value", "unit"],
        [r"$\displaystyle v$", "1.5", r"$\displaystyle \mathrm{mV}$"],
        [r"$\displaystyle \mathit{odd}$", "0", "$5 & <b>"],
    ]
    texts = [row[0].split(" (test_typeset.py:")[0] for row in shown.rows[3:]]
    assert texts == [
        "state update: <lambda>", "threshold: <lambda>", "reset: <lambda>",
        r"refractory: $\displaystyle 2\,\mathrm{ms}$",
    ]  # fmt: skip


# ---- synapses -----------------------------------------------------------------------------------


def test_synapses() -> None:
    a, b = nb.Neurons(3, "v : mV", name="a"), nb.Neurons(2, "v : mV", name="b")
    text = "v_post += w\n  v_pre = 0*mV; w *= 2"
    synapses = nb.Synapses(
        a, b, "w : mV  # weight", on_pre=text, on_post=push, connect=nb.connect.all_to_all(), delay="1.5 ms",
        w=[1, 2, 3, 4, 5, 6], name="s",
    )  # fmt: skip
    shown = page(synapses)
    assert shown.text.startswith("Synapses s, a → b, 6 synapses, delay 1.5 ms")
    assert shown.rows[1] == [
        r"$\displaystyle w$", "1 to 6", r"$\displaystyle \mathrm{mV}$", "parameter", "weight",
    ]  # fmt: skip
    assert shown.rows[2] == ["on_pre: v_post += wv_pre = 0*mV; w *= 2"]
    assert "<code>v_post += w</code><br><code>v_pre = 0*mV; w *= 2</code>" in synapses._repr_html_()
    assert shown.rows[3][0].startswith("on_post: push (test_typeset.py:")


def test_instant_synapses() -> None:
    cells = nb.Neurons(3, {"v": "mV"}, name="a")
    synapses = nb.Synapses(
        cells, on_pre=push, connect="i != j", delivery="instant", coincident="kept", name="s"
    )
    assert page(synapses).text.startswith(
        "Synapses s, a → a, 6 synapses, instant delivery, coincident events kept"
    )
    synapses = nb.Synapses(cells, on_pre=push, connect="i != j", delivery="instant", name="s")
    assert page(synapses).text.startswith(
        "Synapses s, a → a, 6 synapses, instant delivery, coincident events lost"
    )


def test_synapses_without_variables_or_synapses() -> None:
    cells = nb.Neurons(3, {"v": "mV"})
    none = (np.array([], int), np.array([], int))
    empty = nb.Synapses(cells, cells[:2], {"w": "mV"}, on_pre=push, connect=none)
    assert page(empty).rows[1] == [r"$\displaystyle w$", "0", r"$\displaystyle \mathrm{mV}$"]
    assert ", 0 synapses, " in page(empty).text
    bare = nb.Synapses(cells, on_pre=push, connect=nb.connect.one_to_one())
    assert [len(row) for row in page(bare).rows] == [1]


# ---- a stranger's model -----------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "</td></table></div>", "&lt;b&gt;",
    r"$\href{javascript:alert(1)}{x}$", r"\(\href{javascript:alert(1)}{x}\)", r"\[x\]", "$$x$$",
    r"\begin{align}x\end{align}", r"a \$ b$c",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_strangers_text_acts(text: str, tmp_path) -> None:
    file = tmp_path / "strange.toml"
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    equations = f"dv/dt = -v/ms : 1  # {text}\na = 1 : 1 # {text}"
    file.write_text(
        f"name = \"{quoted}\"\ntitle = \"x\"\nequations = '''\n{equations}\n'''\n"
        'threshold = "v < 1"\nreset = "v = 0"\n',
        encoding="utf-8",
    )
    model = nb.load_model(file)
    cells = nb.Neurons(2, model, name=text)
    synapses = nb.Synapses(
        cells,
        cells,
        f"w : 1 # {text}",
        on_pre=f"v += w # {text}",
        connect=nb.connect.one_to_one(),
        name=text,
    )
    for thing, times in ((model, 3), (cells, 3), (synapses, 5)):
        shown = page(thing)
        assert shown.text.count(text) == times
        assert not any("href" in formula for formula in shown.formulas)
    assert text not in model._repr_latex_()


# ---- without MathJax ----------------------------------------------------------------------------


def test_formulas_are_there_as_text() -> None:
    model = nb.Model(
        "dv/dt = (I - v)/tau : mV\ntau = 10*ms : ms\nI : mV", threshold="v > 1*mV", reset="v = 0*mV; I += 1*mV",
        refractory="2 ms", parameters={"I": "3 mV"},
    )  # fmt: skip
    for thing, value in ((model, "3 mV"), (nb.Neurons(2, model), None)):
        texts = page(thing).texts
        assert "dv/dt = (I - v)/tau" in texts
        assert {"mV", "v > 1*mV", "v = 0*mV; I += 1*mV", "2 ms"} <= set(texts)
        assert value is None or {"I =", value, "tau = 10*ms"} <= set(texts)
    assert all(len(page(model).texts) == len(page(model).formulas) for _ in "x")


# ---- networks, monitors and the rest -------------------------------------------------------------


def ran(name: str = "cells"):
    cells = nb.Neurons(60, "lif", I="2 nA", name=name)
    synapses = nb.Synapses(cells[:5], cells, on_pre="v += 1*mV", connect=nb.connect.probability(0.1))
    members = [
        nb.Monitor(cells, "spikes", name=f"s{name}"), nb.Monitor(cells[:2], "v", name=f"v{name}"),
        nb.PopulationRate(cells, bin="5 ms"), nb.RunningStatistics(cells, "v"), nb.Monitor(cells, "not_refractory"),
    ]  # fmt: skip
    net = nb.Network(cells, synapses, *members)
    net.run("50 ms")
    return net, cells, members


def test_views_of_what_ran() -> None:
    net, cells, (spikes, trace, rate, _, boolean) = ran()
    shown = page(net)
    assert shown.text.startswith("Network at 50 ms, steps of 0.1 ms")
    kinds = [row[1] for row in shown.rows[1:8]]
    assert kinds == [
        "Neurons",
        "Synapses",
        "Monitor",
        "Monitor",
        "PopulationRate",
        "RunningStatistics",
        "Monitor",
    ]
    assert shown.rows[1] == ["cells", "Neurons", "60 neurons"]
    assert shown.rows[2][2].endswith(" synapses, cells[0:5] → cells")
    assert shown.rows[3][2] == "spikes of cells"
    table = page(net.schedule)
    assert len(table.rows) == 1 + len(net.schedule)
    assert [row[3] for row in table.rows[1:]] == [stage.description for stage in net.schedule]
    assert page(spikes).text.startswith(
        f"Monitor scells, {len(spikes)} spikes of cells, {spikes.rate:.4g} Hz"
    )
    assert page(trace).text.startswith("Monitor vcells, v of cells[0:2], 500 records")
    assert "v (mV)" in page(trace).text
    assert page(boolean).text.endswith("5 of 60 neurons")
    assert page(rate).text.startswith("Rate of cells, 10 bins")
    assert page(spikes.between(10, 20)).text.startswith("Spikes of scells, ")
    assert page(trace.between(10, 20)).text.startswith("Traces of vcells, 100 records")
    assert "svg" in page(spikes.between(10, 20)).tags & page(trace.between(10, 20)).tags & page(rate).tags
    assert page(cells.update).text.startswith("state update, exact of cells: the equations are linear")
    assert cells.update.formula in page(cells.update).text
    assert "details" in page(cells.update).tags
    part = page(cells[3:5])
    assert part.text.startswith("Neurons cells[3:5], 2 of 60 neurons")
    assert part.rows[0][:2] == ["equation", "value"]


def test_inputs() -> None:
    source = nb.inputs.Poisson(10, "20 Hz", name="<i>noise")
    shown = page(source)
    assert shown.text.startswith("Poisson <i>noise, n=10")
    assert [row[1] for row in shown.rows] == ["value", "20"]
    assert page(source[:3]).text.startswith("Neurons <i>noise[0:3], 3 of 10 neurons")
    drive = nb.Neurons(4, "lif").poisson("v", n=10, rate="2 Hz", weight="0.1 mV")
    assert [row[1] for row in page(drive).rows] == ["value", "2", "0.1"]
    page(nb.inputs.SpikeTimes([0, 1], [1.0, 2.0]))


def test_values_of_a_part() -> None:
    cells = nb.Neurons(5, "v : mV\nI : nA", name="x")
    cells.v, cells.I = [1, 2, 3, 4, 5], 7
    assert [row[1] for row in page(cells[1:3]).rows] == ["value", "2 to 3", "7"]


def test_the_tree_is_folded() -> None:
    model = nb.load_model("hodgkin_huxley")
    shown = page(model.tree)
    words = [line.strip() for line in str(model.tree).splitlines()]
    assert shown.text == "".join(words)
    depths = [len(line) - len(line.lstrip()) for line in str(model.tree).splitlines()]
    inner = sum(below > here for here, below in zip(depths, depths[1:]))
    assert model.tree._repr_html_().count("<details") == inner


def test_before_anything_ran() -> None:
    cells = nb.Neurons(3, {"v": "mV"}, integrate=lambda v: None, threshold=lambda v: v > 1)
    spikes, trace, rate = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v"), nb.PopulationRate(cells)
    net = nb.Network(cells, spikes, trace, rate)
    for monitor in (spikes, trace):
        assert page(monitor).text.endswith(": nothing yet")
    assert page(rate).text.endswith("0 bins")
    assert f"Schedule, {len(net.schedule)} stages" in page(net).text
    net.run(1)
    assert page(spikes).text.endswith(": nothing yet")
    assert page(trace).text.endswith("10 records0 v (mV) 0 0.9 ms")
    assert page(cells.update).text.startswith("state update of neurons_")
    assert "nothing is integrated" in page(nb.Neurons(1, "x : 1").update).text
    assert page(nb.Model("").tree).text == "equations"


def test_pictures_have_bounds(monkeypatch) -> None:
    from numpybrain.display import sketch

    rng = np.random.default_rng(1)
    t = np.sort(rng.random(100_000)) * 1000
    many = sketch.raster(t, rng.integers(0, 5000, t.size), 5000, (0, 1000), "neuron")
    assert many.count("M") <= sketch.MAX_DOTS + 1
    assert "1 in " in many
    values = np.sin(t / 20)
    values[70_000] = 7.5  # one sample, which must not get lost
    values[:5] = np.nan
    line = sketch.traces(t, values, (0, 1000), "v")
    assert line.count(",") < 2500
    assert ">7.5<" in line
    heights = [float(point.split(",")[1]) for point in re.findall(r'points="([^"]*)"', line)[0].split()]
    assert min(heights) == pytest.approx(sketch.TOP + 0.03 * 90, abs=0.1)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_strangers_text_acts_in_views(text: str) -> None:
    cells = nb.Neurons(2, {"v": text}, integrate=lambda v: None, threshold=lambda v: v > -1, name=text)
    spikes, trace = nb.Monitor(cells, "spikes", name=text), nb.Monitor(cells, "v", name=text + " ")
    rate = nb.PopulationRate(cells, name=text + "r")
    net = nb.Network(cells, spikes, trace, rate)
    net.at("end", lambda: None)
    before = page(trace)
    net.run(2)
    things = [
        net,
        net.schedule,
        spikes,
        trace,
        rate,
        cells.update,
        cells[:1],
        spikes.between(),
        trace.between(),
    ]
    for thing in things:
        shown = page(thing)
        assert text in shown.text
        assert not any("href" in formula for formula in shown.formulas)
    assert text in before.text
