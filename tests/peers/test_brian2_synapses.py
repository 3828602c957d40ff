"""Plastic, summed, delayed and clock-driven synapses: the same spikes and weights as Brian2 from the same strings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

from . import brian2

b2 = brian2()

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

DT = 0.1  # ms


@dataclass
class Cells:
    """A group of neurons; start values are in base units, as are all declared units here."""

    n: int
    equations: str
    texts: dict[str, str]
    start: dict[str, Any]
    method: str = "euler"


@dataclass
class Bundle:
    """Synapses; delays are in ms, one or an array, for each pathway."""

    source: str
    target: str
    model: str
    i: Any
    j: Any
    values: dict[str, Any]
    on_pre: Any = None
    on_post: Any = None
    delay: dict[str, Any] = field(default_factory=dict)
    method: str = "euler"


@dataclass
class Case:
    groups: dict[str, Cells]
    synapses: list[Bundle]
    constants: dict[str, str]
    compared: tuple[str, ...] = ("w",)
    duration: float = 300.0


@dataclass
class Outcome:
    spikes: dict[str, list[tuple[int, int]]]
    synaptic: list[dict[str, np.ndarray]]
    neuronal: dict[str, dict[str, np.ndarray]]


def listed(t: Any, i: Any, dt: float) -> list[tuple[int, int]]:
    steps = np.rint(np.asarray(t) / dt).astype(int)
    return sorted(zip(steps.tolist(), np.asarray(i).tolist(), strict=True))


def with_brian2(case: Case) -> Outcome:
    b2.start_scope()
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = DT * b2.ms
    units = {
        name: getattr(b2, name) for name in ("ms", "mV", "nS", "pA", "nA", "pF", "Mohm", "second", "volt")
    }
    namespace = {**units, **{k: eval(v, units) for k, v in case.constants.items()}}
    groups, monitors, synapses = {}, {}, []
    for name, cells in case.groups.items():
        texts = dict(cells.texts)
        if "refractory" in texts:
            texts["refractory"] = eval(texts["refractory"], units)
        groups[name] = b2.NeuronGroup(
            cells.n, cells.equations, method=cells.method, namespace=namespace, name=f"a_{name}", **texts
        )
        groups[name].set_states(cells.start, units=False)
        monitors[name] = b2.SpikeMonitor(groups[name])
    for k, bundle in enumerate(case.synapses):
        one = b2.Synapses(
            groups[bundle.source], groups[bundle.target], bundle.model, on_pre=bundle.on_pre, on_post=bundle.on_post,
            method=bundle.method, namespace=namespace, name=f"synapses_{k}",
        )  # fmt: skip
        one.connect(i=bundle.i, j=bundle.j)
        one.set_states(bundle.values, units=False)
        for way, delay in bundle.delay.items():
            getattr(one, way.removeprefix("on_")).delay = np.broadcast_to(delay, len(bundle.i)) * b2.ms
        synapses.append(one)
    b2.Network(*groups.values(), *monitors.values(), *synapses).run(case.duration * b2.ms)
    return Outcome(
        {name: listed(m.t_[:], m.i[:], DT * 1e-3) for name, m in monitors.items()},
        [{n: np.array(getattr(one, n + "_")[:]) for n in case.compared if n in b.values} for one, b in zip(synapses, case.synapses, strict=True)],
        {g: {n: np.array(getattr(groups[g], n + "_")[:]) for n in cells.start} for g, cells in case.groups.items()},
    )  # fmt: skip


def with_numpybrain(case: Case) -> Outcome:
    groups = {
        name: nb.Neurons(
            cells.n, cells.equations, method=cells.method, **cells.texts, namespace=case.constants
        )
        for name, cells in case.groups.items()
    }
    monitors = {name: nb.Monitor(group, "spikes") for name, group in groups.items()}
    for name, cells in case.groups.items():
        for variable, values in cells.start.items():
            setattr(groups[name], variable, values)
    synapses = []
    for bundle in case.synapses:
        one = nb.Synapses(
            groups[bundle.source], groups[bundle.target], bundle.model, on_pre=bundle.on_pre, on_post=bundle.on_post,
            method=bundle.method, namespace=case.constants, connect=(bundle.i, bundle.j), delay=bundle.delay or None,
        )  # fmt: skip
        for variable, values in bundle.values.items():
            setattr(one, variable, values)
        synapses.append(one)
    nb.Network(*groups.values(), *monitors.values(), synapses, dt=DT).run(case.duration)
    return Outcome(
        {name: listed(m.t, m.i, DT) for name, m in monitors.items()},
        [{n: np.array(getattr(one, n)) for n in case.compared if n in b.values} for one, b in zip(synapses, case.synapses, strict=True)],
        {g: {n: np.array(getattr(groups[g], n)) for n in cells.start} for g, cells in case.groups.items()},
    )  # fmt: skip


# ---- the networks ---------------------------------------------------------------------------------------


def inputs(rng: np.random.Generator, n: int, mean: float = 1.6) -> Cells:
    """Regular neurons of different rates and phases."""
    return Cells(
        n, "dx/dt = (a - x)/(10*ms) : 1\na : 1", {"threshold": "x > 1", "reset": "x = 0"},
        {"x": rng.random(n), "a": mean + rng.random(n)},
    )  # fmt: skip


def leaky(
    rng: np.random.Generator, n: int, drive: tuple[float, float] = (-0.056, -0.046), **more: str
) -> Cells:
    """Leaky neurons with a decaying input; some fire alone."""
    return Cells(
        n, "dv/dt = (ge + El - v)/(20*ms) : volt (unless refractory)\ndge/dt = -ge/(5*ms) : volt\nEl : volt",
        {"threshold": "v > -50*mV", "reset": "v = -60*mV", "refractory": "3*ms", **more},
        {"v": rng.uniform(-0.06, -0.05, n), "ge": np.zeros(n), "El": rng.uniform(*drive, n)},
    )  # fmt: skip


def connections(rng: np.random.Generator, n: int, m: int, p: float) -> tuple[np.ndarray, np.ndarray]:
    return np.nonzero(rng.random((n, m)) < p)


def delays(rng: np.random.Generator, n: int, most: int) -> np.ndarray:
    return DT * rng.integers(0, most, n)


def pair_stdp(*, late: bool = False) -> Case:
    """Song, Miller & Abbott (2000), with delays; `late`: on the way back too."""
    rng = np.random.default_rng(11)
    i, j = connections(rng, 40, 12, 0.5)
    ways = {"on_pre": delays(rng, i.size, 60)} | ({"on_post": delays(rng, i.size, 30)} if late else {})
    bundle = Bundle(
        "inputs", "cells",
        """
        w : 1
        dapre/dt = -apre/taupre : 1 (event-driven)
        dapost/dt = -apost/taupost : 1 (event-driven)
        """,
        i, j, {"w": rng.random(i.size)},
        "ge += w*gmax; apre += 0.02; w = clip(w + apost, 0, 1)", "apost -= 0.021; w = clip(w + apre, 0, 1)", ways,
    )  # fmt: skip
    constants = {"taupre": "20*ms", "taupost": "30*ms", "gmax": "2*mV"}
    return Case({"inputs": inputs(rng, 40), "cells": leaky(rng, 12)}, [bundle], constants)


def recurrent_stdp() -> Case:
    """STDP within one group, so spikes depend on weights and weights on spikes; inhibition is fixed."""
    rng = np.random.default_rng(12)
    i, j = connections(rng, 30, 30, 0.3)
    k, m = connections(rng, 10, 30, 0.4)
    plastic = pair_stdp().synapses[0]
    excitation = replace(
        plastic,
        source="cells",
        i=i,
        j=j,
        values={"w": rng.random(i.size)},
        delay={"on_pre": delays(rng, i.size, 25)},
    )
    inhibition = Bundle(
        "inputs",
        "cells",
        "w : volt",
        k,
        m,
        {"w": rng.uniform(0, 1e-3, k.size)},
        "ge -= w",
        delay={"on_pre": 1.2},
    )
    constants = {"taupre": "20*ms", "taupost": "25*ms", "gmax": "0.5*mV"}
    groups = {"cells": leaky(rng, 30, (-0.052, -0.044)), "inputs": inputs(rng, 10)}
    return Case(groups, [excitation, inhibition], constants)


def tsodyks_markram() -> Case:
    """Short-term facilitation and depression, different for every synapse (Tsodyks, Pawelzik & Markram 1998)."""
    rng = np.random.default_rng(13)
    i, j = connections(rng, 30, 10, 0.4)
    bundle = Bundle(
        "inputs", "cells",
        """
        w : volt
        U : 1
        du/dt = -u/tauf : 1 (event-driven)
        dx/dt = (1 - x)/taud : 1 (event-driven)
        tauf : second
        taud : second
        """,
        i, j,
        {"w": rng.uniform(0, 8e-3, i.size), "U": rng.uniform(0.1, 0.9, i.size), "u": np.zeros(i.size), "x": np.ones(i.size),
         "tauf": rng.uniform(0.02, 0.8, i.size), "taud": rng.uniform(0.02, 0.8, i.size)},
        "u += U*(1 - u); r = u*x; x -= r; ge += w*r", delay={"on_pre": delays(rng, i.size, 20)},
    )  # fmt: skip
    source = inputs(rng, 30)
    source.equations = source.equations.replace("x", "y")
    source.texts = {"threshold": "y > 1", "reset": "y = 0"}
    source.start = {"y": source.start.pop("x"), **source.start}
    return Case({"inputs": source, "cells": leaky(rng, 10)}, [bundle], {}, ("w", "U"))


def coupled_traces() -> Case:
    """A rising and falling trace, and a matrix of three variables, change the weights."""
    rng = np.random.default_rng(14)
    i, j = connections(rng, 25, 8, 0.5)
    bundle = Bundle(
        "inputs", "cells",
        """
        w : 1
        dp/dt = (q - p)/tau_p : 1 (event-driven)
        dq/dt = -q/tau_q : 1 (event-driven)
        do/dt = -o/tau_o + 0.3*p/tau_q : 1 (event-driven)
        """,
        i, j, {"w": rng.random(i.size)},
        "ge += w*(2*mV); q += 1; w = clip(w - 0.02*o, 0, 1)", "o += 0.5; w = clip(w + 0.05*p, 0, 1)",
        {"on_pre": delays(rng, i.size, 15)},
    )  # fmt: skip
    constants = {"tau_p": "5*ms", "tau_q": "12*ms", "tau_o": "30*ms"}
    return Case({"inputs": inputs(rng, 25), "cells": leaky(rng, 8)}, [bundle], constants)


def triplet_stdp() -> Case:
    """Pfister & Gerstner (2006), all to all."""
    rng = np.random.default_rng(15)
    i, j = connections(rng, 30, 10, 0.5)
    bundle = Bundle(
        "inputs", "cells",
        """
        w : 1
        dr1/dt = -r1/tau_plus : 1 (event-driven)
        dr2/dt = -r2/tau_x : 1 (event-driven)
        do1/dt = -o1/tau_minus : 1 (event-driven)
        do2/dt = -o2/tau_y : 1 (event-driven)
        """,
        i, j, {"w": rng.random(i.size)},
        "ge += w*(2*mV); w = clip(w - o1*(A2m + A3m*r2), 0, 2); r1 += 1; r2 += 1",
        "w = clip(w + r1*(A2p + A3p*o2), 0, 2); o1 += 1; o2 += 1",
        {"on_pre": delays(rng, i.size, 10)},
    )  # fmt: skip
    constants = {"tau_plus": "16.8*ms", "tau_minus": "33.7*ms", "tau_x": "101*ms", "tau_y": "125*ms",
                 "A2p": "0.005", "A3p": "0.0062", "A2m": "0.007", "A3m": "0.00023"}  # fmt: skip
    return Case({"inputs": inputs(rng, 30), "cells": leaky(rng, 10)}, [bundle], constants)


def nmda(method: str) -> Case:
    """Currents through a magnesium block (Jahr & Stevens 1990), with gates that rise and fall (Wang 1999)."""
    rng = np.random.default_rng(16)
    i, j = connections(rng, 15, 10, 0.4)
    bundle = Bundle(
        "inputs", "cells",
        """
        w : siemens
        ds/dt = -s/(80*ms) + z*(1 - s)/(2*ms) : 1 (clock-driven)
        dz/dt = -z/(2*ms) : 1 (clock-driven)
        block = 1/(1 + exp(-0.062*v_post/mV)/3.57) : 1
        I_nmda_post = w*s*block*(0*mV - v_post) : amp (summed)
        """,
        i, j, {"w": rng.uniform(0, 6e-9, i.size), "s": np.zeros(i.size), "z": np.zeros(i.size)},
        "z += 0.5", delay={"on_pre": delays(rng, i.size, 20)}, method=method,
    )  # fmt: skip
    cells = Cells(
        10, "dv/dt = ((-70*mV - v)/(100*Mohm) + I_nmda + I)/(200*pF) : volt (unless refractory)\nI_nmda : amp\nI : amp",
        {"threshold": "v > -50*mV", "reset": "v = -60*mV", "refractory": "2*ms"},
        {"v": np.full(10, -0.07), "I": rng.uniform(0, 2.2e-10, 10), "I_nmda": np.zeros(10)}, method,
    )  # fmt: skip
    return Case({"inputs": inputs(rng, 15), "cells": cells}, [bundle], {}, ("w", "s", "z"))


def gap_junctions(method: str) -> Case:
    """Both directions of every junction, beside spikes with a delay."""
    rng = np.random.default_rng(17)
    a, b = np.nonzero(np.triu(rng.random((12, 12)) < 0.4, 1))
    g = rng.uniform(0, 2e-9, a.size)
    i, j = connections(rng, 12, 12, 0.2)
    cells = Cells(
        12, "dv/dt = ((-70*mV - v)/(100*Mohm) + I_gap + I)/(200*pF) : volt\nI_gap : amp\nI : amp",
        {"threshold": "v > -50*mV", "reset": "v = -65*mV"},
        {"v": rng.uniform(-0.07, -0.05, 12), "I": rng.uniform(1.5e-10, 4e-10, 12), "I_gap": np.zeros(12)}, method,
    )  # fmt: skip
    gaps = Bundle("cells", "cells", "w : siemens\nI_gap_post = w*(v_pre - v_post) : amp (summed)",
                  np.concatenate((a, b)), np.concatenate((b, a)), {"w": np.concatenate((g, g))})  # fmt: skip
    spikes = Bundle(
        "cells",
        "cells",
        "w : volt",
        i,
        j,
        {"w": rng.uniform(-1e-3, 1e-3, i.size)},
        "v_post += w",
        delay={"on_pre": 1.5},
    )
    return Case({"cells": cells}, [gaps, spikes], {})


def two_pathways() -> Case:
    """A spike acts twice: up at once and down later, each after delays of its own."""
    rng = np.random.default_rng(18)
    i, j = connections(rng, 20, 10, 0.4)
    bundle = Bundle(
        "inputs", "cells", "w : volt\nn : 1", i, j, {"w": rng.uniform(0, 6e-3, i.size), "n": np.zeros(i.size)},
        {"early": "ge += w; n += 1", "late": "ge -= 0.8*w; w *= 0.999; n = 0.5*n"}, {"back": "w += 2e-6*volt*n"},
        {"early": 0.5, "late": delays(rng, i.size, 80), "back": delays(rng, i.size, 10)},
    )  # fmt: skip
    return Case({"inputs": inputs(rng, 20), "cells": leaky(rng, 10)}, [bundle], {}, ("w", "n"))


def calcium(method: str) -> Case:
    """A calcium trace drives a nonlinear equation of the weight (after Graupner & Brunel 2012), clock-driven."""
    rng = np.random.default_rng(19)
    i, j = connections(rng, 20, 8, 0.4)
    bundle = Bundle(
        "inputs", "cells",
        """
        dc/dt = -c/(20*ms) : 1 (clock-driven)
        dw/dt = (-w*(1 - w)*(0.5 - w) + 3*(1 - w)*c**2/(1 + c**2) - 2*w*c/(1 + c))/(2*second) : 1 (clock-driven)
        """,
        i, j, {"w": rng.random(i.size), "c": np.zeros(i.size)}, "ge += w*(2*mV); c += 0.6", "c += 1.1",
        {"on_pre": delays(rng, i.size, 40)}, method,
    )  # fmt: skip
    return Case({"inputs": inputs(rng, 20), "cells": leaky(rng, 8)}, [bundle], {}, ("w", "c"))


def voltage(method: str) -> Case:
    """Clock-driven traces follow the voltage of the target and the state of the source (after Clopath et al. 2010)."""
    rng = np.random.default_rng(20)
    i, j = connections(rng, 20, 8, 0.4)
    bundle = Bundle(
        "inputs", "cells",
        """
        w : 1
        dlow/dt = (v_post - low)/(10*ms) : volt (clock-driven)
        dseen/dt = (x_pre - seen)/(15*ms) : 1 (clock-driven)
        """,
        i, j, {"w": rng.random(i.size), "low": np.full(i.size, -0.055), "seen": np.zeros(i.size)},
        "ge += w*(2*mV); w = clip(w - 0.5*(low + 56*mV)/(100*mV), 0, 1)", "w = clip(w + 0.02*seen, 0, 1)",
        {"on_pre": delays(rng, i.size, 30)}, method,
    )  # fmt: skip
    return Case({"inputs": inputs(rng, 20), "cells": leaky(rng, 8)}, [bundle], {}, ("w", "low", "seen"))


CASES: dict[str, Callable[[], Case]] = {
    "pair STDP, delays": pair_stdp, "pair STDP, delays both ways": lambda: pair_stdp(late=True), "recurrent STDP": recurrent_stdp,
    "Tsodyks-Markram": tsodyks_markram, "coupled traces": coupled_traces, "triplet STDP": triplet_stdp,
    "NMDA, euler": lambda: nmda("euler"), "NMDA, rk4": lambda: nmda("rk4"), "gap junctions, euler": lambda: gap_junctions("euler"),
    "gap junctions, rk2": lambda: gap_junctions("rk2"), "two pathways": two_pathways,
    "calcium, euler": lambda: calcium("euler"), "calcium, rk4": lambda: calcium("rk4"),
    "voltage, euler": lambda: voltage("euler"), "voltage, exact": lambda: voltage("exact"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_spikes_and_weights_are_the_same(name: str) -> None:
    case = CASES[name]()
    expected, found = with_brian2(case), with_numpybrain(case)
    assert len(expected.spikes["cells"]) > 3 * case.groups["cells"].n
    assert found.spikes == expected.spikes
    for bundle, ours, theirs in zip(case.synapses, found.synaptic, expected.synaptic, strict=True):
        for variable, values in theirs.items():
            scale = np.abs(values).max()
            np.testing.assert_allclose(
                ours[variable], values, rtol=1e-9, atol=1e-12 * scale, err_msg=variable
            )
        if bundle.on_post is not None:
            assert np.abs(theirs["w"] - bundle.values["w"]).max() > 0.01 * np.abs(bundle.values["w"]).max()
    for group, variables in expected.neuronal.items():
        for variable, values in variables.items():
            scale = np.abs(values).max() + 1e-30
            np.testing.assert_allclose(
                found.neuronal[group][variable],
                values,
                rtol=1e-8,
                atol=1e-9 * scale,
                err_msg=f"{group}.{variable}",
            )
