"""The networks of synapses.py in NumpyBrain.

Random input to all neurons is an event of theirs that happens in every step, refractory or not; hence
`not_refractory`, where that must not matter.
"""

from collections.abc import Callable

import numpy as np
import physics as p
from common import N_CELLS, N_EXCITATORY, PROBABILITY, Network, building

import numpybrain as nb

STDP_CELL = """
    dv/dt  = (ge*(E_e - v) + E_L - v)/tau_m : mV
    dge/dt = -ge/tau_e : 1
    E_e = 0*mV : mV
    E_L = -74*mV : mV
    tau_m = 10*ms : ms
    tau_e = 5*ms : ms
    """
STDP = """
    w : 1
    dApre/dt  = -Apre/tau : 1 (event-driven)
    dApost/dt = -Apost/tau : 1 (event-driven)
    tau = 20*ms : ms
    """
CUBA = """
    dv/dt  = (ge + gi - (v - E_L))/tau_m : mV (unless refractory)
    dge/dt = -ge/tau_e : mV
    dgi/dt = -gi/tau_i : mV
    E_L   = -49*mV : mV
    tau_m = 20*ms : ms
    tau_e = 5*ms : ms
    tau_i = 10*ms : ms
    """
GAP_CELL = """
    dv/dt = (drive - v + I_gap)/tau : 1
    drive : 1
    I_gap : 1
    tau = 10*ms : ms
    """
NMDA_CELL = """
    dv/dt = (g_L*(E_L - v) - I_syn)/C : mV (unless refractory)
    I_syn = (g_ext*s_ext + g_ampa*s_ampa + g_nmda*s_nmda/(1 + exp(-0.062*v/mV)/3.57))*(v - E_E)
            + g_gaba*s_gaba*(v - E_I) : pA
    ds_ext/dt  = -s_ext/tau_ampa : 1
    ds_ampa/dt = -s_ampa/tau_ampa : 1
    ds_gaba/dt = -s_gaba/tau_gaba : 1
    ds/dt = -s/tau_nmda + alpha*x*(1 - s) : 1
    dx/dt = -x/tau_rise : 1
    s_nmda : 1
    C : pF
    g_L : nS
    g_ext : nS
    g_ampa : nS
    g_nmda : nS
    g_gaba : nS
    pause : ms
    E_L = -70*mV : mV
    E_E = 0*mV : mV
    E_I = -70*mV : mV
    tau_ampa = 2*ms : ms
    tau_gaba = 10*ms : ms
    tau_nmda = 100*ms : ms
    tau_rise = 2*ms : ms
    alpha = 0.5/ms : 1/ms
    """
BRUNEL_CELL = """
    dv/dt = -v/tau_m : mV (unless refractory)
    tau_m = 20*ms : ms
    """


def stdp(n_cells: int) -> Network:
    """Poisson inputs to all neurons, traces that decay between spikes, weights within bounds."""
    inputs = nb.Neurons(
        p.STDP_INPUTS, "rate : 1/second", threshold="rand() < rate*dt", rate=p.STDP_RATE_HZ, name="inputs"
    )
    cells = nb.Neurons(
        n_cells, STDP_CELL, threshold="v > -54*mV", reset="v = -60*mV", method="euler",
        initial={"v": "-60*mV"},
    )  # fmt: skip
    with building() as built:
        plastic = nb.Synapses(
            inputs, cells, STDP,
            on_pre="ge += w; Apre += rise; w = clip(w + Apost, 0, w_max)",
            on_post="Apost += fall; w = clip(w + Apre, 0, w_max)",
            connect=nb.connect.all_to_all(),
            w="rand()*w_max", rise=p.STDP_RISE, fall=p.STDP_FALL, w_max=p.STDP_LARGEST,
        )  # fmt: skip
    return Network(cells, [inputs, plastic], built, lambda: float(plastic.w.mean() / p.STDP_LARGEST))


def cuba_delays() -> Network:
    """CUBA with a delay for each synapse."""
    cells = nb.Neurons(
        N_CELLS, CUBA, threshold="v > -50*mV", reset="v = -60*mV", refractory="5 ms", method="exact",
        initial={"v": "-60*mV + 10*mV*rand()"},
    )  # fmt: skip
    some = {"connect": nb.connect.probability(PROBABILITY), "delay": "0.1*ms + 4.9*ms*rand()"}
    with building() as built:
        exc = nb.Synapses(cells[:N_EXCITATORY], cells, on_pre="ge += 1.62*mV", **some)
        inh = nb.Synapses(cells[N_EXCITATORY:], cells, on_pre="gi -= 9*mV", **some)
    return Network(cells, [exc, inh], built)


def gap_junctions() -> Network:
    """Currents between pairs of neurons, from the state at the begin of each step."""
    cells = nb.Neurons(
        p.GAP_CELLS, GAP_CELL, threshold="v > 1", reset="v = 0", method="exact",
        initial={"v": "rand()", "drive": "1.05 + 0.1*rand()"},
    )  # fmt: skip
    with building() as built:
        junctions = nb.Synapses(
            cells, cells, "w : 1\nI_gap_post = w*(v_pre - v_post) : 1 (summed)",
            connect=nb.connect.probability(p.GAP_PROBABILITY), w=f"{p.GAP_LARGEST}*rand()",
        )  # fmt: skip
    return Network(cells, [junctions], built)


def nmda(*, selective: bool) -> Network:
    """All to all; NMDA receptors saturate at the source and are summed in every step."""
    values = {name: p.by_type(pair) for name, pair in p.NMDA_VALUES.items()}
    drive = f"s_ext += binomial({p.NMDA_INPUTS}, {p.NMDA_INPUT_HZ}*Hz*dt)"
    cells = nb.Neurons(
        p.NMDA_CELLS, NMDA_CELL, threshold="v > -50*mV", reset="v = -55*mV; x += 1", refractory="pause",
        method="euler", initial={"v": "-70*mV + 20*mV*rand()"},
        events={"input": "True"}, on_event={"input": drive}, **values,
    )  # fmt: skip
    exc, inh = cells[: p.NMDA_EXCITATORY], cells[p.NMDA_EXCITATORY :]
    with building() as built:
        excite = nb.Synapses(
            exc, cells, "w : 1\ns_nmda_post = w*s_pre : 1 (summed)", on_pre="s_ampa += w",
            connect=nb.connect.all_to_all(), delay=p.NMDA_DELAY,
            w=np.ravel(p.selective_weights()) if selective else 1,
        )  # fmt: skip
        inhibit = nb.Synapses(
            inh, cells, on_pre="s_gaba += 1", connect=nb.connect.all_to_all(), delay=p.NMDA_DELAY
        )
    return Network(cells, [excite, inhibit], built)


def brunel() -> Network:
    """Delta synapses with one weight and one delay, as many onto each neuron."""
    many = f"binomial({p.BRUNEL_INPUTS}, {p.BRUNEL_INPUT_HZ}*Hz*dt)"
    drive = f"v += {p.BRUNEL_WEIGHT}*mV*{many}*int(not_refractory)"
    cells = nb.Neurons(
        p.BRUNEL_CELLS, BRUNEL_CELL, threshold="v > 20*mV", reset="v = 10*mV", refractory="2 ms",
        method="exact", initial={"v": "20*mV*rand()"}, events={"input": "True"}, on_event={"input": drive},
    )  # fmt: skip
    exc, inh = cells[: p.BRUNEL_EXCITATORY], cells[p.BRUNEL_EXCITATORY :]
    with building() as built:
        excite = nb.Synapses(
            exc, cells, on_pre=f"v += {p.BRUNEL_WEIGHT}*mV", delay=p.BRUNEL_DELAY,
            connect=nb.connect.fixed_indegree(p.BRUNEL_FROM_EXCITATORY),
        )  # fmt: skip
        inhibit = nb.Synapses(
            inh, cells, on_pre=f"v -= {p.BRUNEL_G * p.BRUNEL_WEIGHT}*mV", delay=p.BRUNEL_DELAY,
            connect=nb.connect.fixed_indegree(p.BRUNEL_FROM_INHIBITORY),
        )  # fmt: skip
    return Network(cells, [excite, inhibit], built)


NETWORKS: dict[str, Callable[[], Network]] = {
    "stdp": lambda: stdp(1),
    "stdp_all_to_all": lambda: stdp(1000),
    "cuba_delays": cuba_delays,
    "gap_junctions": gap_junctions,
    "nmda": lambda: nmda(selective=False),
    "nmda_selective": lambda: nmda(selective=True),
    "brunel": brunel,
}
