"""CUBA (without and with delays), COBAHH and Brunel's network in NEST, as near as its built-in models come.

What differs:

* delay: NEST has no zero delay; its smallest, one step (0.1 ms), is used.
* CUBA: `iaf_psc_exp` integrates exactly, as the others do. It takes currents (pA) where the paper
  has voltages (mV): with a capacitance of 20 pF and the time constant 20 ms a current of 1 pA
  drives the membrane exactly as 1 mV does, so that the weights keep their numbers.
* COBAHH: `hh_cond_exp_traub` has the same equations, but NEST chooses the method (GSL's adaptive
  Runge-Kutta-Fehlberg 4(5), more accurate than exponential Euler with 0.1 ms) and detects a spike
  at its peak above V_T + 30 mV = -33 mV, not at -20 mV. On the same network it fires about 8 %
  more. The conductances cannot be given start values: a spike with a random weight brings them in
  the second step instead. A weight cannot be negative, as some of the others' normally
  distributed start values are: those are zero here.
* Brunel's network: the Poisson input reaches neurons a step later, which changes nothing.
"""

from typing import TYPE_CHECKING

import physics as p
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

if TYPE_CHECKING:
    from nest import NodeCollection

CUBA = {
    "C_m": 20.0, "tau_m": 20.0, "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0,
    "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "I_e": 0.0,
}  # fmt: skip
COBAHH = {
    "C_m": 200.0, "g_L": 10.0, "g_Na": 20000.0, "g_K": 6000.0,
    "E_L": -60.0, "E_Na": 50.0, "E_K": -90.0, "V_T": -63.0, "t_ref": 3.0,
    "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "I_e": 0.0,
    "Act_m": 0.0, "Act_n": 0.0, "Inact_h": 0.0,  # all channels start closed, as elsewhere
}  # fmt: skip
WEIGHTS = {"cuba": (1.62, -9.0), "cobahh": (6.0, -67.0)}  # the sign chooses the synapse
BRUNEL = {
    "C_m": 1.0, "tau_m": 20.0, "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0, "I_e": 0.0,
}  # fmt: skip


def create_cells(model: str) -> "NodeCollection":
    """Create the neurons of one of the two models, with their start values."""
    import nest

    if model != "cobahh":
        cells = nest.Create("iaf_psc_exp", N_CELLS, CUBA)
        cells.V_m = nest.random.uniform(-60.0, -50.0)
    else:
        cells = nest.Create("hh_cond_exp_traub", N_CELLS, COBAHH)
        cells.V_m = nest.random.normal(-65.0, 5.0)
        first = nest.Create("spike_generator", params={"spike_times": [DT_MS]})
        for sign, mean, deviation in ((1.0, 40.0, 15.0), (-1.0, 200.0, 120.0)):
            weight = sign * nest.math.max(nest.random.normal(mean, deviation), 0.0)
            nest.Connect(first, cells, syn_spec={"weight": weight, "delay": DT_MS})
    return cells


def build(model: str) -> Network:
    """Build a network of neurons and synapses."""
    import nest

    if model == "brunel":
        return brunel()
    cells = create_cells(model)
    rule = {"rule": "pairwise_bernoulli", "p": PROBABILITY}
    excite, inhibit = WEIGHTS["cobahh" if model == "cobahh" else "cuba"]
    delay = nest.random.uniform(DT_MS, 5.0) if model == "cuba_delays" else DT_MS
    with building() as built:
        nest.Connect(cells[:N_EXCITATORY], cells, rule, {"weight": excite, "delay": delay})
        nest.Connect(cells[N_EXCITATORY:], cells, rule, {"weight": inhibit, "delay": delay})
    return Network(cells, [], built)


def brunel() -> Network:
    """Delta synapses with one weight and one delay, as many onto each neuron."""
    import nest

    cells = nest.Create("iaf_psc_delta", p.BRUNEL_CELLS, BRUNEL)
    cells.V_m = nest.random.uniform(0.0, 20.0)
    noise = nest.Create("poisson_generator", params={"rate": p.BRUNEL_INPUTS * p.BRUNEL_INPUT_HZ})
    nest.Connect(noise, cells, syn_spec={"weight": p.BRUNEL_WEIGHT, "delay": DT_MS})
    with building() as built:
        for sources, many, weight in (
            (cells[: p.BRUNEL_EXCITATORY], p.BRUNEL_FROM_EXCITATORY, p.BRUNEL_WEIGHT),
            (cells[p.BRUNEL_EXCITATORY :], p.BRUNEL_FROM_INHIBITORY, -p.BRUNEL_G * p.BRUNEL_WEIGHT),
        ):
            rule = {"rule": "fixed_indegree", "indegree": many, "allow_multapses": False}
            kind = f"of_{many}"  # one weight and one delay for all
            nest.CopyModel("static_synapse_hom_w", kind, {"weight": weight, "delay": p.BRUNEL_DELAY})
            nest.Connect(sources, cells, rule, kind)
    return Network(cells, [], built)


def simulate(task: Task) -> Outcome:
    """Build the network, run it, count its spikes."""
    import nest

    nest.resolution = DT_MS
    nest.local_num_threads = 1
    nest.rng_seed = task.seed
    made = build(task.model)
    spikes = nest.Create("spike_recorder")
    nest.Connect(made.cells, spikes)
    nest.Prepare()
    times = timed(lambda: nest.Run(1000 * task.seconds))
    nest.Cleanup()
    return Outcome(times, int(spikes.n_events), made.building)


if __name__ == "__main__":
    main(simulate)
