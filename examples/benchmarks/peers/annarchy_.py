"""CUBA (without and with delays) and COBAHH in ANNarchy, with neurons defined by equations.

What differs:

* CUBA: ANNarchy has no exact integration; its nearest method, `exponential`, is exact for each
  conductance but holds them still for one step while it integrates `v`.
* COBAHH: nothing. `exponential` is the same exponential Euler, and a spike reaches its targets
  without delay: given the same network and start values, it counts as many spikes as Brian2.
  Only the `refractory` of ANNarchy would freeze the membrane, whereas here it bars a second spike
  within 3 ms and no more: a variable that counts the time since the last spike stands in for it.
"""

from common import DT_MS, N_CELLS, N_EXCITATORY, PROBABILITY, Outcome, Task, main, timed

CUBA = """
    tau_m*dv/dt = g_exc - g_inh - (v - E_L) : exponential
    tau_e*dg_exc/dt = -g_exc : exponential
    tau_i*dg_inh/dt = -g_inh : exponential
"""

# ANNarchy takes every name that starts with "g_" for a synaptic conductance; hence the names of
# the others. m*m*m and not m**3: powers are slow in the code that it generates.
COBAHH = """
    since = since + dt : init = 1000.0
    alpha_m = 0.32*(13.0 - v + V_T)/(exp((13.0 - v + V_T)/4.0) - 1.0)
    beta_m = 0.28*(v - V_T - 40.0)/(exp((v - V_T - 40.0)/5.0) - 1.0)
    alpha_h = 0.128*exp((17.0 - v + V_T)/18.0)
    beta_h = 4.0/(1.0 + exp((40.0 - v + V_T)/5.0))
    alpha_n = 0.032*(15.0 - v + V_T)/(exp((15.0 - v + V_T)/5.0) - 1.0)
    beta_n = 0.5*exp((10.0 - v + V_T)/40.0)
    C*dv/dt = leak*(E_L - v) + g_exc*(E_e - v) + g_inh*(E_i - v)
              - sodium*m*m*m*h*(v - E_Na) - potassium*n*n*n*n*(v - E_K) : exponential
    dm/dt = alpha_m*(1.0 - m) - beta_m*m : exponential
    dn/dt = alpha_n*(1.0 - n) - beta_n*n : exponential
    dh/dt = alpha_h*(1.0 - h) - beta_h*h : exponential
    tau_e*dg_exc/dt = -g_exc : exponential
    tau_i*dg_inh/dt = -g_inh : exponential
"""

NEURONS = {
    "cuba": {
        "parameters": {"tau_m": 20.0, "tau_e": 5.0, "tau_i": 10.0, "E_L": -49.0},
        "equations": CUBA,
        "spike": "v > -50.0",
        "reset": "v = -60.0",
        "refractory": 5.0,
    },
    "cobahh": {
        "parameters": {
            "C": 200.0, "leak": 10.0, "sodium": 20000.0, "potassium": 6000.0,
            "E_L": -60.0, "E_Na": 50.0, "E_K": -90.0, "V_T": -63.0,
            "E_e": 0.0, "E_i": -80.0, "tau_e": 5.0, "tau_i": 10.0,
        },
        "equations": COBAHH,
        "spike": "(v > -20.0) and (since > 2.95)",  # 3 ms, half a step early for rounding
        "reset": "since = 0.0",
    },
}  # fmt: skip
WEIGHTS = {"cuba": (1.62, 9.0), "cobahh": (6.0, 67.0)}


def simulate(task: Task) -> Outcome:
    """Build and compile the network, run it, count its spikes."""
    import ANNarchy

    net = ANNarchy.Network(dt=DT_MS, seed=task.seed)
    model = "cobahh" if task.model == "cobahh" else "cuba"
    cells = net.create(N_CELLS, ANNarchy.Neuron(**NEURONS[model]))
    if model == "cuba":
        cells.v = ANNarchy.Uniform(-60.0, -50.0)
    else:
        cells.v = ANNarchy.Normal(-65.0, 5.0)
        cells.g_exc = ANNarchy.Normal(40.0, 15.0)
        cells.g_inh = ANNarchy.Normal(200.0, 120.0)
    excite, inhibit = WEIGHTS[model]
    common = {"allow_self_connections": True}
    if task.model == "cuba_delays":
        common["delays"] = ANNarchy.Uniform(DT_MS, 5.0)
    exc = net.connect(cells[:N_EXCITATORY], cells, target="exc")
    exc.fixed_probability(PROBABILITY, weights=excite, **common)
    inh = net.connect(cells[N_EXCITATORY:], cells, target="inh")
    inh.fixed_probability(PROBABILITY, weights=inhibit, **common)
    recorder = net.monitor(cells, "spike")
    net.compile(directory=str(task.cache / f"annarchy-{task.model}"))
    times = timed(lambda: net.simulate(1000 * task.seconds))
    spikes, _ = recorder.raster_plot(recorder.get("spike"))
    return Outcome(times, len(spikes))


if __name__ == "__main__":
    main(simulate)
