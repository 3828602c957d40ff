"""`net.methods_text()`: what stands in the paragraph and the tables is what the network is made of."""

from __future__ import annotations

import re

import numpy as np
import pytest

import numpybrain as nb


def tables(text):
    """Title -> rows of a text in Markdown, without the heads."""
    found = {}
    for title, block in re.findall(r"^\*\*[A-Z]\. (.+?)\*\*\n\n((?:\|.*\n?)+)", text, re.MULTILINE):
        lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in block.strip().splitlines()]
        assert len({len(line) for line in lines}) == 1
        found[title] = [[cell.strip() for cell in line] for line in lines[2:]]
    return found


@pytest.fixture(scope="module")
def made():
    nb.seed(3)
    cells = nb.Neurons(
        60,
        """
        dv/dt = (E_L - v + x)/tau : mV (unless refractory)
        dx/dt = -x/(5*ms) : mV
        E_L = -65*mV : mV  # resting potential
        tau : ms
        """,
        threshold="v > -50*mV", reset="v = E_L; x = 0*mV", refractory="2 ms", tau=np.linspace(10, 30, 60),
        name="cells",
    )  # fmt: skip
    model = nb.load_model("adex").extend("I = I_0 + I_syn : pA\nI_syn : pA\nI_0 = 0*pA : pA")
    adex = nb.Neurons(5, model, name="adapting")
    hand = nb.Neurons(
        2,
        {"v": "mV"},
        integrate=lambda v: None,
        threshold=lambda v: v > 1,
        reset=lambda v: None,
        name="hand",
    )
    exc = nb.Synapses(
        cells[:40],
        cells,
        on_pre="x += 1*mV",
        connect=nb.connect.fixed_indegree(7),
        delay="1.5 ms",
        name="exc",
    )
    ampa = nb.Synapses(cells, adex, "ampa", connect="i % 5 == j", name="receptors")
    rule = nb.load_model("stdp_pair") + nb.load_model("delta")
    plastic = nb.Synapses(cells, hand, rule, connect=([0, 1, 2], [0, 1, 1]), name="plastic", w=[1, 2, 6])
    plastic.connect("i == 10 and j == 0", w=3)
    noise = nb.inputs.Poisson(10, "20 Hz", name="noise")
    drive = cells.poisson("x", n=10, rate="5 Hz", weight="0.1 mV", name="drive")
    spikes = nb.Monitor(cells, "spikes", name="spikes")
    trace = nb.Monitor(cells[:3], "v", "x", every="0.5 ms", name="trace")
    rate = nb.PopulationRate(cells, bin="1 ms", name="rate")
    net = nb.Network(cells, adex, hand, exc, ampa, plastic, noise, spikes, trace, rate, dt="0.1 ms")
    assert drive in net.objects
    return net, tables(net.methods_text())


def test_the_paragraph_says_sizes_step_methods_and_seed(made):
    text = made[0].methods_text().split("\n\n")[0]
    synapses = 60 * 7 + 60 + 4
    assert f"67 neurons in 3 populations and {synapses} synapses in 3 projections" in text
    assert "at a time step of 0.1 ms" in text
    assert f"NumpyBrain {nb.__version__}" in text
    assert "`cells` was integrated with the method `exact` (the equations are linear" in text
    assert "`adapting` was integrated with the method `rk4`." in text
    assert "`hand` was advanced by <lambda> (test_methods_text.py:" in text
    assert "the seed 3." in text


def test_populations_and_connections(made):
    found = made[1]
    assert [row[::2] for row in found["Populations"]] == [
        ["`cells`", "60"],
        ["`adapting`", "5"],
        ["`hand`", "2"],
    ]
    exc, receptors, plastic = found["Connectivity"]
    assert exc[:3] == ["`exc`", "`cells[0:40]`", "`cells`"]
    assert exc[3] == "`fixed_indegree(7)`; 420 synapses; 7 onto each target; delay 1.5 ms"
    assert receptors[3].startswith("`i % 5 == j`; 60 synapses; 12 onto each target")
    assert plastic[3].startswith("given pairs, `i == 10 and j == 0`; 4 synapses; 2 onto each target")


def test_equations_and_parameters(made):
    found = made[1]
    model = dict(found["Neuron model of cells"])
    assert model["Dynamics"] == "`dv/dt = (E_L - v + x)/tau : mV (unless refractory)`"
    assert (model["Spike if"], model["Reset"]) == ("`v > -50*mV`", "`v = E_L; x = 0*mV`")
    assert model["Refractory"] == "`2 ms`"
    deviation = np.sqrt((60**2 - 1) / 12) * 20 / 59  # of equally spaced numbers
    assert found["Parameters of cells"] == [
        ["`E_L`", "-65 mV", "resting potential"],
        ["`tau`", f"10 to 30 (mean 20, SD {deviation:.3g}) ms", ""],
    ]
    adex = {row[0]: row[1] for row in found["Parameters of adapting"]}
    assert adex["`C`"] == "281 pF"
    assert adex["`I_syn`"] == "sum over synapses of `receptors`"
    assert {"Dynamics", "Spike", "Reset"} == set(dict(found["Neuron model of hand"]))
    synapse = dict(found["Synapse model of exc"])
    assert synapse == {"on_pre, at spikes of the source": "`x += 1*mV`"}
    weight = next(row for row in found["Parameters of plastic"] if row[0] == "`w`")
    values = [1, 2, 6, 3]
    assert weight[1] == f"1 to 6 (mean {np.mean(values):.4g}, SD {np.std(values):.3g})"


def test_summary_input_and_measurements(made):
    found = made[1]
    summary = dict(found["Model summary"])
    assert summary["Plasticity"] == "`plastic`"
    assert "AMPA" in summary["Synapse model"]
    assert "doi:10.1152/jn.00686.2005" in summary["References"]  # of adex
    assert len(found["Input"]) == 2
    assert [row[1] for row in found["Measurements"]] == [
        "`spikes`",
        "`v`, `x` every 0.5 ms",
        "PopulationRate",
    ]


def test_latex_is_escaped_and_balanced(made):
    text = made[0].methods_text("latex")
    assert text.count(r"\begin{") == text.count(r"\end{") > 10
    depth = 0
    for c in re.sub(r"\\[{}]", "", text):
        depth += {"{": 1, "}": -1}.get(c, 0)
        assert depth >= 0
    assert depth == 0
    assert r"\texttt{dv/dt = (E\_L - v + x)/tau : mV (unless refractory)}" in text
    assert r"\texttt{i \% 5 == j}" in text
    assert r"\textless{}lambda\textgreater{}" in text
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert not any(re.search(r"(?<!\\)[%#$_^]", re.sub(r"\\linewidth", "", row)) for row in rows)


def test_only_models_of_the_library_are_cited():
    named = nb.Model("dv/dt = -v/(10*ms) : 1", name="lif")
    text = nb.Network(nb.Neurons(2, named), nb.Neurons(2, {"v": "1"})).methods_text()
    assert "References" not in text
    assert "Python functions" in text
    assert "Poisson" not in text


def test_unknown_style():
    with pytest.raises(nb.ArgumentError, match="'markdown' or 'latex'"):
        nb.Network(nb.Neurons(1, "lif")).methods_text("html")
