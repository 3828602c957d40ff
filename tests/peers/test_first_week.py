"""Programs of the first week: the examples and the same in Brian2 give the same, with as few statements."""

from __future__ import annotations

import ast
import inspect
import runpy
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from . import brian2

b2 = brian2()

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the names of an example stand for after a quick run."""
    monkeypatch.setattr(sys, "argv", [name, "--quick"])
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))


def statements(nodes: list[ast.stmt]) -> int:
    return sum(isinstance(node, ast.stmt) for each in nodes for node in ast.walk(each))


def statements_of_example(name: str) -> int:
    """Statements from the seed to the run."""
    body = ast.parse((EXAMPLES / f"{name}.py").read_text(encoding="utf-8")).body
    texts = [ast.unparse(node) for node in body]
    first = next(k for k, text in enumerate(texts) if text.startswith("nb.seed"))
    last = max(k for k, text in enumerate(texts) if text.startswith("net.run("))
    return statements([node for node in body[first : last + 1] if not isinstance(node, ast.FunctionDef)])


def statements_of(program: Any) -> int:
    """Statements of the program in Brian2, without that which returns its objects."""
    function = ast.parse(textwrap.dedent(inspect.getsource(program))).body[0]
    assert isinstance(function, ast.FunctionDef)
    return statements([node for node in function.body if not isinstance(node, ast.Return)])


def start() -> None:
    b2.start_scope()
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = 0.1 * b2.ms


def steps(t: Any) -> np.ndarray:
    return np.rint(np.asarray(t) / 0.1).astype(int)


# Each takes what the example has drawn; in a script of one's own it would be drawn where it is taken.


def stdp(of: dict[str, Any]) -> Any:
    b2.seed(1)
    inputs = b2.SpikeGeneratorGroup(100, of["i"], of["t"] * b2.ms)
    cell = b2.NeuronGroup(
        1,
        """dv/dt = (g*(0*mV - v) + (-74*mV - v)) / (10*ms) : volt
           dg/dt = -g / (5*ms) : 1""",
        threshold="v > -54*mV",
        reset="v = -60*mV",
        method="rk4",
    )
    cell.v = "-60*mV"
    synapses = b2.Synapses(
        inputs,
        cell,
        """w : 1
           dbefore/dt = -before / (20*ms) : 1 (event-driven)
           dafter/dt = -after / (20*ms) : 1 (event-driven)""",
        on_pre="""g_post += w
                  before += 0.0016
                  w = clip(w + after, 0, 0.08)""",
        on_post="""after -= 0.00192
                   w = clip(w + before, 0, 0.08)""",
    )
    synapses.connect()
    synapses.w = of["w"]
    came = b2.SpikeMonitor(inputs)
    went = b2.SpikeMonitor(cell)
    weights = b2.StateMonitor(synapses, "w", record=True, dt=100 * b2.ms)
    net = b2.Network(inputs, cell, synapses, came, went, weights)
    net.run(of["duration"] * b2.ms)
    return went, synapses


def two_populations(of: dict[str, Any]) -> Any:
    b2.seed(1)
    cells = b2.NeuronGroup(
        100,
        """dv/dt = (I - v + s) / tau : volt (unless refractory)
           ds/dt = -s / (4*ms) : volt
           tau : second
           I : volt""",
        threshold="v > 15*mV",
        reset="v = 0*mV",
        refractory=2 * b2.ms,
        method=of["method"],
    )
    cells.v = of["v"] * b2.mV
    cells.tau = of["tau"] * b2.ms
    cells.I = of["I"] * b2.mV
    excite = b2.Synapses(cells[:80], cells, on_pre="s_post += 1.2*mV")
    excite.connect(i=of["excite"].i, j=of["excite"].j)
    excite.delay = of["excite"].delay * b2.ms
    inhibit = b2.Synapses(cells[80:], cells, on_pre="s_post -= 6*mV")
    inhibit.connect(i=of["inhibit"].i, j=of["inhibit"].j)
    inhibit.delay = of["inhibit"].delay * b2.ms
    spikes = b2.SpikeMonitor(cells)
    net = b2.Network(cells, excite, inhibit, spikes)
    net.run(of["duration"] * b2.ms)
    return spikes


def poisson_population(of: dict[str, Any]) -> Any:
    b2.seed(1)
    cells = b2.NeuronGroup(
        1000,
        "dv/dt = -v/(20*ms) : volt (unless refractory)",
        threshold="v > 20*mV",
        reset="v = 10*mV",
        refractory=2 * b2.ms,
        method="exact",
    )
    cells.v = "20*mV*rand()"
    low = b2.PoissonInput(cells, "v", N=1000, rate=18 * b2.Hz, weight=0.1 * b2.mV)
    high = b2.PoissonInput(cells, "v", N=1000, rate=21 * b2.Hz, weight=0.1 * b2.mV)
    spikes = b2.SpikeMonitor(cells)
    net = b2.Network(cells, low, high, spikes)
    high.active = False
    net.run(of["half"] * b2.ms)
    low.active, high.active = False, True
    net.run(of["half"] * b2.ms)
    return spikes


def f_i_curve(of: dict[str, Any]) -> Any:
    b2.seed(1)
    cells = b2.NeuronGroup(
        20,
        """dv/dt = (E_L - v + R*I) / tau : volt (unless refractory)
           E_L : volt
           R : ohm
           tau : second
           I : amp""",
        threshold="v > -50*mV",
        reset="v = E_L",
        refractory=3 * b2.ms,
        method="exact",
    )
    cells.E_L = -70 * b2.mV
    cells.R = 50 * b2.Mohm
    cells.tau = 20 * b2.ms
    cells.v = "E_L"
    cells.I = of["I"] * b2.nA
    spikes = b2.SpikeMonitor(cells)
    net = b2.Network(cells, spikes)
    net.run(of["duration"] * b2.ms)
    return spikes


def results(of: dict[str, Any]) -> Any:
    b2.seed(1)
    cells = b2.NeuronGroup(
        50,
        """dv/dt = (I - v)/(20*ms) + 4*mV*xi/sqrt(10*ms) : volt
           I : volt""",
        threshold="v > 15*mV",
        reset="v = 0*mV",
        refractory=3 * b2.ms,
        method="euler",
    )
    cells.v = "15*mV*rand()"
    cells.I = np.linspace(11, 15, 50) * b2.mV
    spikes = b2.SpikeMonitor(cells)
    traces = b2.StateMonitor(cells, "v", record=range(3), dt=1 * b2.ms)
    net = b2.Network(cells, spikes, traces)
    net.run(of["duration"] * b2.ms)
    return spikes


PROGRAMS = (stdp, two_populations, poisson_population, results)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_no_more_statements(program: Any) -> None:
    assert statements_of_example(program.__name__) <= statements_of(program)


def test_stdp_gives_the_same_spikes_and_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = example("stdp", monkeypatch)
    start()
    went, synapses = stdp(
        {
            "i": ours["came"].i,
            "t": ours["came"].t,
            "w": ours["weights"].w[0],
            "duration": 2000,
        }
    )
    assert steps(went.t / b2.ms).tolist() == steps(ours["went"].t).tolist()
    assert np.allclose(synapses.w, ours["synapses"].w, rtol=1e-10)


def test_two_populations_give_the_same_spikes(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = example("two_populations", monkeypatch)
    net, cells = ours["net"], ours["cells"]
    net.reset()
    v = cells.v.copy()
    net.run(500)
    start()
    spikes = two_populations(
        {"v": v, "tau": cells.tau, "I": cells.I, "excite": ours["excite"], "inhibit": ours["inhibit"],
         "duration": 500, "method": str(cells.update.method)}
    )  # fmt: skip
    theirs = sorted(zip(steps(spikes.t / b2.ms).tolist(), np.asarray(spikes.i).tolist(), strict=True))
    assert theirs == sorted(zip(steps(ours["spikes"].t).tolist(), ours["spikes"].i.tolist(), strict=True))


def test_f_i_curve_gives_the_same_spikes(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = example("f_i_curve", monkeypatch)
    start()
    spikes = f_i_curve({"I": ours["cells"].I, "duration": 500})
    assert np.asarray(spikes.count).tolist() == ours["spikes"].count.tolist()


@pytest.mark.parametrize(("name", "duration"), [("poisson_population", 400), ("results", 1000)])
def test_rates_are_the_same(monkeypatch: pytest.MonkeyPatch, name: str, duration: float) -> None:
    """Where both draw numbers of their own, rates and CVs are compared."""
    ours = example(name, monkeypatch)["spikes"]
    start()
    theirs = globals()[name]({"half": duration / 2, "duration": duration})
    count = np.asarray(theirs.count)
    assert ours.count.mean() == pytest.approx(count.mean(), rel=0.06)
    assert ours.count.std() == pytest.approx(count.std(), rel=0.2)
