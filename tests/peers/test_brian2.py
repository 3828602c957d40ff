"""The same spikes as Brian2, step for step, from the same strings, start values and index arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

from . import brian2

b2 = brian2()

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

DT = 0.1  # ms


@dataclass
class Case:
    """A network for both simulators; quantities are strings, `start` is in the declared units."""

    n: int
    equations: str
    texts: dict[str, str]
    method: str
    constants: dict[str, str]
    start: dict[str, Any]
    synapses: list[tuple[str, Any, Any, Any, float]] = field(
        default_factory=list
    )  # on_pre, i, j, w, delay in ms
    weight: str = "1"
    duration: float = 100.0


def with_brian2(case: Case) -> tuple[list[tuple[int, int]], dict[str, np.ndarray]]:
    """Spikes as (step, neuron), and the final state in base units."""
    b2.start_scope()
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = DT * b2.ms
    units = {
        k: getattr(b2, k)
        for k in (
            "ms",
            "mV",
            "nS",
            "pA",
            "nA",
            "pF",
            "Mohm",
            "uS",
            "msiemens",
            "cm",
            "uF",
            "umetre",
            "siemens",
            "second",
            "volt",
        )
    }
    namespace = {**units, **{k: eval(v, units) for k, v in case.constants.items()}}
    texts = dict(case.texts)
    if "refractory" in texts and texts["refractory"].endswith("ms"):
        texts["refractory"] = eval(texts["refractory"], units)
    group = b2.NeuronGroup(case.n, case.equations, method=case.method, namespace=namespace, **texts)
    group.set_states(case.start, units=False)
    objects = [group, b2.SpikeMonitor(group)]
    for on_pre, i, j, w, delay in case.synapses:
        synapses = b2.Synapses(
            group, group, f"w : {case.weight}", on_pre=on_pre, delay=delay * b2.ms, namespace=namespace
        )
        synapses.connect(i=i, j=j)
        synapses.set_states({"w": w}, units=False)
        objects.append(synapses)
    b2.Network(*objects).run(case.duration * b2.ms)
    steps = np.rint(np.asarray(objects[1].t_[:]) / (DT * 1e-3)).astype(int).tolist()
    spikes = list(zip(steps, np.asarray(objects[1].i[:]).tolist(), strict=True))
    return spikes, {name: np.array(getattr(group, name + "_")[:]) for name in case.start}


def with_numpybrain(case: Case) -> tuple[list[tuple[int, int]], dict[str, np.ndarray]]:
    group = nb.Neurons(case.n, case.equations, method=case.method, **case.texts, namespace=case.constants)
    for name, values in case.start.items():
        setattr(group, name, values)
    spikes = nb.Monitor(group, "spikes")
    net = nb.Network(group, spikes, dt=DT)
    for on_pre, i, j, w, delay in case.synapses:
        net.add(
            nb.Synapses(
                group,
                group,
                f"w : {case.weight}",
                on_pre=on_pre,
                connect=(i, j),
                delay=delay,
                w=w,
                namespace=case.constants,
            )
        )
    net.run(case.duration)
    steps = np.rint(spikes.t / DT).astype(int).tolist()
    return list(zip(steps, spikes.i.tolist(), strict=True)), {
        name: getattr(group, name) for name in case.start
    }


def pairs(rng: np.random.Generator, sources: range, n: int, p: float) -> tuple[np.ndarray, np.ndarray]:
    i, j = np.nonzero(rng.random((len(sources), n)) < p)
    return i + sources.start, j


def cuba(method: str) -> Case:
    """Current-based LIF network with refractoriness and delays (Vogels & Abbott 2005), scaled down."""
    rng = np.random.default_rng(1)
    n, excitatory = 200, 160
    i, j = pairs(rng, range(excitatory), n, 0.1)
    k, m = pairs(rng, range(excitatory, n), n, 0.1)
    return Case(
        n,
        """
        dv/dt = (ge + gi - (v - El))/taum : volt (unless refractory)
        dge/dt = -ge/taue : volt
        dgi/dt = -gi/taui : volt
        """,
        {"threshold": "v > Vt", "reset": "v = Vr", "refractory": "5*ms"},
        method,
        {"taum": "20*ms", "taue": "5*ms", "taui": "10*ms", "Vt": "-50*mV", "Vr": "-60*mV", "El": "-49*mV"},
        {"v": -0.06 + 0.01 * rng.random(n), "ge": np.zeros(n), "gi": np.zeros(n)},
        [
            ("ge += w", i, j, 1.62e-3 * rng.uniform(1, 3, i.size), 0.8),
            ("gi -= w", k, m, 9e-3 * rng.uniform(1, 3, k.size), 1.2),
        ],
        "volt",
    )


def cobahh() -> Case:
    """Conductance-based Hodgkin-Huxley network (Brette et al. 2007), scaled down."""
    rng = np.random.default_rng(2)
    n, excitatory = 60, 48
    i, j = pairs(rng, range(excitatory), n, 0.15)
    k, m = pairs(rng, range(excitatory, n), n, 0.15)
    return Case(
        n,
        """
        dv/dt = (gl*(El - v) + ge*(Ee - v) + gi*(Ei - v) - g_na*(m*m*m)*h*(v - ENa) - g_kd*(n*n*n*n)*(v - EK))/Cm : volt
        dm/dt = alpha_m*(1 - m) - beta_m*m : 1
        dn/dt = alpha_n*(1 - n) - beta_n*n : 1
        dh/dt = alpha_h*(1 - h) - beta_h*h : 1
        dge/dt = -ge*(1./taue) : siemens
        dgi/dt = -gi*(1./taui) : siemens
        alpha_m = 0.32*(mV**-1)*4*mV/exprel((13*mV - v + VT)/(4*mV))/ms : Hz
        beta_m = 0.28*(mV**-1)*5*mV/exprel((v - VT - 40*mV)/(5*mV))/ms : Hz
        alpha_h = 0.128*exp((17*mV - v + VT)/(18*mV))/ms : Hz
        beta_h = 4./(1 + exp((40*mV - v + VT)/(5*mV)))/ms : Hz
        alpha_n = 0.032*(mV**-1)*5*mV/exprel((15*mV - v + VT)/(5*mV))/ms : Hz
        beta_n = 0.5*exp((10*mV - v + VT)/(40*mV))/ms : Hz
        """,
        {"threshold": "v > -20*mV", "refractory": "3*ms"},
        "exponential_euler",
        {"Cm": "200*pF", "gl": "10*nS", "El": "-65*mV", "EK": "-90*mV", "ENa": "50*mV", "g_na": "20*uS", "g_kd": "6*uS",
         "VT": "-63*mV", "taue": "5*ms", "taui": "10*ms", "Ee": "0*mV", "Ei": "-80*mV"},
        {"v": -0.065 + 0.01 * (rng.random(n) - 0.5), "m": np.zeros(n), "n": np.zeros(n), "h": np.zeros(n),
         "ge": 4e-8 * rng.random(n), "gi": 1e-7 * rng.random(n)},
        [("ge += w", i, j, np.full(i.size, 2e-8), 0.0), ("gi += w", k, m, np.full(k.size, 1.4e-7), 0.5)],
        "siemens",
    )  # fmt: skip


def izhikevich(method: str) -> Case:
    """Izhikevich neurons with different parameters (2003), pulse-coupled."""
    rng = np.random.default_rng(3)
    n = 50
    i, j = pairs(rng, range(n), n, 0.1)
    r = rng.random(n)
    return Case(
        n,
        """
        dv/dt = (0.04/ms/mV)*v**2 + (5/ms)*v + 140*mV/ms - u + I : volt
        du/dt = a*(b*v - u) : volt/second
        I : volt/second
        a : Hz
        b : Hz
        c : volt
        d : volt/second
        """,
        {"threshold": "v >= 30*mV", "reset": "v = c; u += d"},
        method,
        {},
        {"v": np.full(n, -0.065), "u": -13.0 + 2 * r, "I": 4.0 + 8 * r, "a": 20 + 80 * r**2, "b": 200 + 50 * r,
         "c": -0.065 + 0.015 * r**2, "d": 8 - 6 * r**2},
        [("v += w", i, j, 1e-3 * rng.uniform(-1, 2, i.size), 1.0)],
        "volt",
    )  # fmt: skip


def adex(method: str) -> Case:
    """Adaptive exponential neurons (Brette & Gerstner 2005) with conductance synapses."""
    rng = np.random.default_rng(4)
    n = 40
    i, j = pairs(rng, range(n), n, 0.2)
    return Case(
        n,
        """
        dv/dt = (gL*(EL - v) + gL*DeltaT*exp((v - VT)/DeltaT) + g*(0*mV - v) + I - w_ad)/C : volt (unless refractory)
        dw_ad/dt = (a*(v - EL) - w_ad)/tauw : amp
        dg/dt = -g/(3*ms) : siemens
        I : amp
        """,
        {"threshold": "v > Vcut", "reset": "v = Vr; w_ad += b", "refractory": "2*ms"},
        method,
        {"C": "281*pF", "gL": "30*nS", "EL": "-70.6*mV", "VT": "-50.4*mV", "DeltaT": "2*mV", "tauw": "144*ms", "a": "4*nS",
         "b": "0.0805*nA", "Vr": "-70.6*mV", "Vcut": "-40.4*mV"},
        {"v": -0.0706 + 0.02 * rng.random(n), "w_ad": np.zeros(n), "g": np.zeros(n), "I": 1e-9 * rng.uniform(0.5, 1.5, n)},
        [("g += w", i, j, 1e-9 * rng.uniform(0, 4, i.size), 1.5)],
        "siemens",
    )  # fmt: skip


def plastic() -> Case:
    """Statements that change the weight, and a condition for refractoriness."""
    case = cuba("exact")
    (_, i, j, w, delay), inhibition = case.synapses
    case.synapses = [("ge += w; w *= 0.9", i, j, w, delay), inhibition]
    case.texts["refractory"] = "v < -58*mV"
    case.equations = case.equations.replace(" (unless refractory)", "")
    return case


CASES = {
    "CUBA, exact": lambda: cuba("exact"), "CUBA, euler": lambda: cuba("euler"), "CUBA, rk4": lambda: cuba("rk4"),
    "COBAHH, exponential_euler": cobahh, "Izhikevich, euler": lambda: izhikevich("euler"), "Izhikevich, rk4": lambda: izhikevich("rk4"),
    "AdEx, rk2": lambda: adex("rk2"), "AdEx, rk4": lambda: adex("rk4"), "depression, exact": plastic,
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_spikes_are_the_same(name: str) -> None:
    case = CASES[name]()
    expected, state = with_brian2(case)
    found, ours = with_numpybrain(case)
    assert len(expected) > case.n
    assert found == expected
    for variable, values in state.items():
        np.testing.assert_allclose(
            ours[variable], values, rtol=1e-4, atol=1e-6 * np.abs(values).max() + 1e-30, err_msg=variable
        )


def test_zero_delay_chains_and_lost_input() -> None:
    """A spike takes one step per synapse; input in the step of a spike is lost in the reset."""
    case = Case(
        4, "dv/dt = 0*v/ms : 1", {"threshold": "v > 0.5", "reset": "v = 0"}, "euler", {}, {"v": np.array([1.0, 0, 1.0, 0])},
        [("v += w", [0, 1, 2, 3], [1, 2, 3, 0], np.ones(4), 0.0), ("v += w", [0], [2], np.full(1, 0.7), 0.3)], duration=3.0,
    )  # fmt: skip
    expected, state = with_brian2(case)
    found, ours = with_numpybrain(case)
    assert expected[:4] == [(0, 0), (0, 2), (1, 1), (1, 3)]
    assert found == expected
    assert ours["v"].tolist() == state["v"].tolist()


@pytest.mark.parametrize("period", ["0.1*ms", "0.5*ms", "2*ms"])
@pytest.mark.parametrize("flag", ["", " (unless refractory)"])
def test_refractoriness(flag: str, period: str) -> None:
    case = Case(
        3, f"dv/dt = I/ms : 1{flag}\nI : 1", {"threshold": "v > 0.95", "reset": "v = 0", "refractory": period}, "euler", {},
        {"v": np.zeros(3), "I": np.array([1.0, 0.3, 7.0])}, [("v += w", [0, 2], [1, 1], np.full(2, 0.4), 0.2)], duration=20.0,
    )  # fmt: skip
    expected, state = with_brian2(case)
    found, ours = with_numpybrain(case)
    assert found == expected
    assert ours["v"].tolist() == pytest.approx(state["v"].tolist(), abs=1e-12)
