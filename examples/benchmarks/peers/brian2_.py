"""CUBA and COBAHH in Brian2, with its NumPy, its Cython or its C++ stand-alone target.

The same equations, methods, order of a step and (absent) delay as NumpyBrain. The rates of COBAHH
use `exprel`, as in Brian2's own example of this model. For C++ stand-alone the run is what Brian2
itself reports: the main loop of the program it generated, started as a process of its own; starting
it and building the network in it are set-up. `brian2_synapses.py` has the other networks.
"""

import time
from typing import TYPE_CHECKING

from common import (
    N_CELLS,
    N_EXCITATORY,
    PROBABILITY,
    START,
    Network,
    Outcome,
    Task,
    Times,
    building,
    main,
    timed,
)

if TYPE_CHECKING:
    from brian2 import NeuronGroup

CUBA = {
    "model": """
        dv/dt  = (ge + gi - (v - E_L))/tau_m : volt (unless refractory)
        dge/dt = -ge/tau_e : volt
        dgi/dt = -gi/tau_i : volt
        """,
    "threshold": "v > -50*mV",
    "reset": "v = -60*mV",
    "method": "exact",
}

# m*m*m and not m**3: powers are slow in the code that Brian2 generates.
COBAHH = {
    "model": """
        dv/dt = (g_L*(E_L - v) + ge*(E_e - v) + gi*(E_i - v)
                 - g_Na*(m*m*m)*h*(v - E_Na) - g_K*(n*n*n*n)*(v - E_K))/C : volt
        dm/dt = alpha_m*(1 - m) - beta_m*m : 1
        dn/dt = alpha_n*(1 - n) - beta_n*n : 1
        dh/dt = alpha_h*(1 - h) - beta_h*h : 1
        dge/dt = -ge/tau_e : siemens
        dgi/dt = -gi/tau_i : siemens
        alpha_m = 0.32*4/exprel((13*mV - v + V_T)/(4*mV))/ms : Hz
        beta_m  = 0.28*5/exprel((v - V_T - 40*mV)/(5*mV))/ms : Hz
        alpha_h = 0.128*exp((17*mV - v + V_T)/(18*mV))/ms : Hz
        beta_h  = 4./(1 + exp((40*mV - v + V_T)/(5*mV)))/ms : Hz
        alpha_n = 0.032*5/exprel((15*mV - v + V_T)/(5*mV))/ms : Hz
        beta_n  = 0.5*exp((10*mV - v + V_T)/(40*mV))/ms : Hz
        """,
    "threshold": "v > -20*mV",
    "method": "exponential_euler",
}

START_VALUES = {
    "cuba": {"v": "-60*mV + 10*mV*rand()"},
    "cobahh": {
        "v": "-65*mV + 5*mV*randn()",
        "ge": "40*nS + 15*nS*randn()",
        "gi": "200*nS + 120*nS*randn()",
    },
}

ON_SPIKE = {
    "cuba": ("ge += 1.62*mV", "gi -= 9*mV"),
    "cobahh": ("ge += 6*nS", "gi += 67*nS"),
}


def create_cells(model: str) -> "NeuronGroup":
    """Create the neurons of one of the two models, with their start values."""
    from brian2 import NeuronGroup, ms, mV, nS, pF, uS

    shared = {"tau_e": 5 * ms, "tau_i": 10 * ms}
    if model == "cuba":
        constants = shared | {"E_L": -49 * mV, "tau_m": 20 * ms}
        cells = NeuronGroup(N_CELLS, **CUBA, refractory=5 * ms, namespace=constants, name="cells")
    else:
        constants = shared | {
            "C": 200 * pF, "g_L": 10 * nS, "g_Na": 20 * uS, "g_K": 6 * uS,
            "E_L": -60 * mV, "E_Na": 50 * mV, "E_K": -90 * mV, "V_T": -63 * mV,
            "E_e": 0 * mV, "E_i": -80 * mV,
        }  # fmt: skip
        cells = NeuronGroup(N_CELLS, **COBAHH, refractory=3 * ms, namespace=constants, name="cells")
    for variable, value in START_VALUES[model].items():
        setattr(cells, variable, value)
    return cells


def build(model: str) -> Network:
    """Build a network of neurons and synapses."""
    import brian2 as b2

    if model not in ON_SPIKE:
        from brian2_synapses import NETWORKS

        return NETWORKS[model]()
    cells = create_cells(model)
    # Fixed names: with automatic ones the key of Brian2's cache could change.
    excite, inhibit = ON_SPIKE[model]
    with building() as built:
        exc = b2.Synapses(cells, cells, on_pre=excite, name="exc")
        inh = b2.Synapses(cells, cells, on_pre=inhibit, name="inh")
        exc.connect(f"i < {N_EXCITATORY}", p=PROBABILITY)
        inh.connect(f"i >= {N_EXCITATORY}", p=PROBABILITY)
    return Network(cells, [exc, inh], built)


def simulate(task: Task) -> Outcome:
    """Build the network for the target `task.mode`, run it, count its spikes."""
    import brian2 as b2

    standalone = task.mode == "cpp"
    if standalone:
        b2.set_device("cpp_standalone", directory=str(task.cache / f"brian2-{task.model}"))
    else:
        b2.prefs.codegen.target = task.mode
        b2.prefs.codegen.runtime.cython.cache_dir = str(task.cache / "brian2-cython")
    b2.defaultclock.dt = 0.1 * b2.ms
    b2.seed(task.seed)
    made = build(task.model)
    spikes = b2.SpikeMonitor(made.cells, name="spikes")
    net = b2.Network(made.cells, *made.others, spikes)
    duration = task.seconds * b2.second
    if standalone:
        net.run(duration)  # writes, builds and runs the whole program
        run = b2.device._last_run_time  # noqa: SLF001 - it has no public name
        set_up = time.perf_counter() - START - run
        return Outcome(Times(set_up, run), int(spikes.num_spikes), None, made.weight())
    net.run(0 * b2.ms)
    times = timed(lambda: net.run(duration))
    return Outcome(times, int(spikes.num_spikes), made.building, made.weight())


if __name__ == "__main__":
    main(simulate)
