"""CUBA and COBAHH in NumpyBrain: exact integration and exponential Euler, no delay.

`numpybrain_synapses.py` has the other networks.
"""

from common import (
    DT_MS,
    N_CELLS,
    N_EXCITATORY,
    PROBABILITY,
    Network,
    Outcome,
    Task,
    building,
    main,
    timed,
)

CUBA = {
    "equations": """
        dv/dt  = (ge + gi - (v - E_L)) / tau_m : mV (unless refractory)
        dge/dt = -ge / tau_e : mV
        dgi/dt = -gi / tau_i : mV
        E_L   = -49*mV : mV
        tau_m = 20*ms : ms
        tau_e = 5*ms : ms
        tau_i = 10*ms : ms
        """,
    "threshold": "v > -50*mV",
    "reset": "v = -60*mV",
    "refractory": "5 ms",
    "method": "exact",
    "initial": {"v": "-60*mV + 10*mV*rand()"},
}

# The rates are written as in the paper: their removable singularities are NumpyBrain's business.
COBAHH = {
    "equations": """
        dv/dt  = (g_L*(E_L - v) + ge*(E_e - v) + gi*(E_i - v)
                  - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K)) / C : mV
        dm/dt  = alpha_m*(1 - m) - beta_m*m : 1
        dn/dt  = alpha_n*(1 - n) - beta_n*n : 1
        dh/dt  = alpha_h*(1 - h) - beta_h*h : 1
        dge/dt = -ge / tau_e : nS
        dgi/dt = -gi / tau_i : nS
        alpha_m = 0.32*(13*mV - v + V_T)/(exp((13*mV - v + V_T)/(4*mV)) - 1)/mV/ms : 1/ms
        beta_m  = 0.28*(v - V_T - 40*mV)/(exp((v - V_T - 40*mV)/(5*mV)) - 1)/mV/ms : 1/ms
        alpha_h = 0.128*exp((17*mV - v + V_T)/(18*mV))/ms : 1/ms
        beta_h  = 4/(1 + exp((40*mV - v + V_T)/(5*mV)))/ms : 1/ms
        alpha_n = 0.032*(15*mV - v + V_T)/(exp((15*mV - v + V_T)/(5*mV)) - 1)/mV/ms : 1/ms
        beta_n  = 0.5*exp((10*mV - v + V_T)/(40*mV))/ms : 1/ms
        C = 200*pF : pF
        g_L = 10*nS : nS
        g_Na = 20*uS : nS
        g_K = 6*uS : nS
        E_L = -60*mV : mV
        E_Na = 50*mV : mV
        E_K = -90*mV : mV
        E_e = 0*mV : mV
        E_i = -80*mV : mV
        V_T = -63*mV : mV
        tau_e = 5*ms : ms
        tau_i = 10*ms : ms
        """,
    "threshold": "v > -20*mV",
    "refractory": "3 ms",
    "method": "exponential_euler",
    "initial": {
        "v": "-65*mV + 5*mV*randn()",
        "ge": "40*nS + 15*nS*randn()",
        "gi": "200*nS + 120*nS*randn()",
    },
}

MODELS = {
    "cuba": (CUBA, "ge += 1.62*mV", "gi -= 9*mV"),
    "cobahh": (COBAHH, "ge += 6*nS", "gi += 67*nS"),
}


def build(model: str) -> Network:
    """Build a network of neurons and synapses."""
    import numpybrain as nb

    if model not in MODELS:
        from numpybrain_synapses import NETWORKS

        return NETWORKS[model]()
    description, excite, inhibit = MODELS[model]
    cells = nb.Neurons(N_CELLS, nb.Model(**description))
    some = nb.connect.probability(PROBABILITY)
    with building() as built:
        exc = nb.Synapses(cells[:N_EXCITATORY], cells, on_pre=excite, connect=some)
        inh = nb.Synapses(cells[N_EXCITATORY:], cells, on_pre=inhibit, connect=some)
    return Network(cells, [exc, inh], built)


def simulate(task: Task) -> Outcome:
    """Build the network, run it, count its spikes."""
    import numpybrain as nb

    nb.seed(task.seed)
    made = build(task.model)
    spikes = nb.Monitor(made.cells, "spikes")
    net = nb.Network(made.cells, made.others, spikes, dt=DT_MS)
    net.run(0)
    times = timed(lambda: net.run(1000 * task.seconds))
    return Outcome(times, len(spikes.t), made.building, made.weight())


if __name__ == "__main__":
    main(simulate)
