"""The networks of synapses.py in Brian2, as its users would write them.

Random input to all neurons is a `PoissonInput`, independent spike trains are a `PoissonGroup`. Names are
fixed: with automatic ones the key of Brian2's cache could change.
"""

from collections.abc import Callable

import numpy as np
import physics as p
from brian2 import (
    Hz,
    NeuronGroup,
    PoissonGroup,
    PoissonInput,
    Synapses,
    ms,
    mV,
    nS,
    pF,
)  # fmt: skip
from common import N_CELLS, N_EXCITATORY, PROBABILITY, Network, building

STDP_CELL = """
    dv/dt  = (ge*(E_e - v) + E_L - v)/tau_m : volt
    dge/dt = -ge/tau_e : 1
    """
STDP = """
    w : 1
    dApre/dt  = -Apre/tau : 1 (event-driven)
    dApost/dt = -Apost/tau : 1 (event-driven)
    """
CUBA_CELL = """
    dv/dt  = (ge + gi - (v - E_L))/tau_m : volt (unless refractory)
    dge/dt = -ge/tau_e : volt
    dgi/dt = -gi/tau_i : volt
    """
GAP_CELL = """
    dv/dt = (drive - v + I_gap)/tau : 1
    drive : 1
    I_gap : 1
    """
NMDA_CELL = """
    dv/dt = (g_L*(E_L - v) - I_syn)/C : volt (unless refractory)
    I_syn = (g_ext*s_ext + g_ampa*s_ampa + g_nmda*s_nmda/(1 + exp(-0.062*v/mV)/3.57))*(v - E_E)
            + g_gaba*s_gaba*(v - E_I) : amp
    ds_ext/dt  = -s_ext/tau_ampa : 1
    ds_ampa/dt = -s_ampa/tau_ampa : 1
    ds_gaba/dt = -s_gaba/tau_gaba : 1
    ds/dt = -s/tau_nmda + alpha*x*(1 - s) : 1
    dx/dt = -x/tau_rise : 1
    s_nmda : 1
    C : farad
    g_L : siemens
    g_ext : siemens
    g_ampa : siemens
    g_nmda : siemens
    g_gaba : siemens
    pause : second
    """
BRUNEL_CELL = "dv/dt = -v/tau_m : volt (unless refractory)"


def stdp(n_cells: int) -> Network:
    """Poisson inputs to all neurons, traces that decay between spikes, weights within bounds."""
    inputs = PoissonGroup(p.STDP_INPUTS, p.STDP_RATE_HZ * Hz, name="inputs")
    constants = {"E_e": 0 * mV, "E_L": -74 * mV, "tau_m": 10 * ms, "tau_e": 5 * ms}
    cells = NeuronGroup(
        n_cells, STDP_CELL, threshold="v > -54*mV", reset="v = -60*mV", method="euler",
        namespace=constants, name="cells",
    )  # fmt: skip
    cells.v = -60 * mV
    numbers = {"tau": 20 * ms, "rise": p.STDP_RISE, "fall": p.STDP_FALL, "w_max": p.STDP_LARGEST}
    with building() as built:
        plastic = Synapses(
            inputs, cells, STDP,
            on_pre="ge += w\nApre += rise\nw = clip(w + Apost, 0, w_max)",
            on_post="Apost += fall\nw = clip(w + Apre, 0, w_max)",
            namespace=numbers, name="plastic",
        )  # fmt: skip
        plastic.connect()
        plastic.w = "rand()*w_max"
    return Network(cells, [inputs, plastic], built, lambda: float(np.mean(plastic.w[:]) / p.STDP_LARGEST))


def cuba_delays() -> Network:
    """CUBA with a delay for each synapse."""
    constants = {"E_L": -49 * mV, "tau_m": 20 * ms, "tau_e": 5 * ms, "tau_i": 10 * ms}
    cells = NeuronGroup(
        N_CELLS, CUBA_CELL, threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms, method="exact",
        namespace=constants, name="cells",
    )  # fmt: skip
    cells.v = "-60*mV + 10*mV*rand()"
    with building() as built:
        exc = Synapses(cells, cells, on_pre="ge += 1.62*mV", name="exc")
        inh = Synapses(cells, cells, on_pre="gi -= 9*mV", name="inh")
        exc.connect(f"i < {N_EXCITATORY}", p=PROBABILITY)
        inh.connect(f"i >= {N_EXCITATORY}", p=PROBABILITY)
        exc.delay = inh.delay = "0.1*ms + 4.9*ms*rand()"
    return Network(cells, [exc, inh], built)


def gap_junctions() -> Network:
    """Currents between pairs of neurons, from the state at the begin of each step."""
    cells = NeuronGroup(
        p.GAP_CELLS, GAP_CELL, threshold="v > 1", reset="v = 0", method="exact",
        namespace={"tau": 10 * ms}, name="cells",
    )  # fmt: skip
    cells.v = "rand()"
    cells.drive = "1.05 + 0.1*rand()"
    with building() as built:
        junctions = Synapses(
            cells, cells, "w : 1\nI_gap_post = w*(v_pre - v_post) : 1 (summed)", name="junctions"
        )
        junctions.connect(p=p.GAP_PROBABILITY)
        junctions.w = f"{p.GAP_LARGEST}*rand()"
    return Network(cells, [junctions], built)


def nmda(*, selective: bool) -> Network:
    """All to all; NMDA receptors saturate at the source and are summed in every step."""
    constants = {
        "E_L": -70 * mV, "E_E": 0 * mV, "E_I": -70 * mV, "alpha": 0.5 / ms,
        "tau_ampa": 2 * ms, "tau_gaba": 10 * ms, "tau_nmda": 100 * ms, "tau_rise": 2 * ms,
    }  # fmt: skip
    cells = NeuronGroup(
        p.NMDA_CELLS, NMDA_CELL, threshold="v > -50*mV", reset="v = -55*mV; x += 1", refractory="pause",
        method="euler", namespace=constants, name="cells",
    )  # fmt: skip
    cells.v = "-70*mV + 20*mV*rand()"
    for name, pair in p.NMDA_VALUES.items():
        unit = pF if name == "C" else ms if name == "pause" else nS
        setattr(cells, name, p.by_type(pair) * unit)
    noise = PoissonInput(cells, "s_ext", p.NMDA_INPUTS, p.NMDA_INPUT_HZ * Hz, 1)
    with building() as built:
        # one weight for all is a shared variable, as in NumpyBrain
        weight = "w : 1" if selective else "w : 1 (shared)"
        excite = Synapses(
            cells[: p.NMDA_EXCITATORY], cells, f"{weight}\ns_nmda_post = w*s_pre : 1 (summed)",
            on_pre="s_ampa += w", delay=p.NMDA_DELAY * ms, name="excite",
        )  # fmt: skip
        inhibit = Synapses(
            cells[p.NMDA_EXCITATORY :], cells, on_pre="s_gaba += 1", delay=p.NMDA_DELAY * ms, name="inhibit"
        )
        excite.connect()
        inhibit.connect()
        excite.w = np.ravel(p.selective_weights()) if selective else 1
    return Network(cells, [noise, excite, inhibit], built)


def brunel() -> Network:
    """Delta synapses with one weight and one delay, as many onto each neuron."""
    cells = NeuronGroup(
        p.BRUNEL_CELLS, BRUNEL_CELL, threshold="v > 20*mV", reset="v = 10*mV", refractory=2 * ms,
        method="exact", namespace={"tau_m": 20 * ms}, name="cells",
    )  # fmt: skip
    cells.v = "20*mV*rand()"
    weight = p.BRUNEL_WEIGHT * mV
    noise = PoissonInput(cells, "v", p.BRUNEL_INPUTS, p.BRUNEL_INPUT_HZ * Hz, weight)
    exc, inh = cells[: p.BRUNEL_EXCITATORY], cells[p.BRUNEL_EXCITATORY :]
    delay = p.BRUNEL_DELAY * ms
    with building() as built:
        excite = Synapses(exc, cells, on_pre=f"v += {p.BRUNEL_WEIGHT}*mV", delay=delay, name="excite")
        inhibit = Synapses(
            inh, cells, on_pre=f"v -= {p.BRUNEL_G * p.BRUNEL_WEIGHT}*mV", delay=delay, name="inhibit"
        )
        excite.connect(i=f"k for k in sample(N_pre, size={p.BRUNEL_FROM_EXCITATORY})")
        inhibit.connect(i=f"k for k in sample(N_pre, size={p.BRUNEL_FROM_INHIBITORY})")
    return Network(cells, [noise, excite, inhibit], built)


NETWORKS: dict[str, Callable[[], Network]] = {
    "stdp": lambda: stdp(1),
    "stdp_all_to_all": lambda: stdp(1000),
    "cuba_delays": cuba_delays,
    "gap_junctions": gap_junctions,
    "nmda": lambda: nmda(selective=False),
    "nmda_selective": lambda: nmda(selective=True),
    "brunel": brunel,
}
