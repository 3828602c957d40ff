"""What notebooks show: complete, well formed, and harmless whatever the model says."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.model import model_html
from numpybrain import units

VOID = {"br"}


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
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        self.strings.append(data)
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
    assert found.tags <= {"div", "p", "b", "table", "tr", "th", "td", "span", "code", "br"}
    assert found.attributes <= {"style", "colspan"}
    assert all(f.startswith(r"\displaystyle ") for f in found.formulas)
    return found


def push(v_post, post):
    np.add.at(v_post, post, 1.0)


# ---- models -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", nb.list_models())
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
