"""Numbers of the networks of synapses.py, the same for every simulator. Times in ms, potentials in mV."""

# STDP after Song, Miller & Abbott 2000 (doi:10.1038/78829)
STDP_INPUTS = 1000
STDP_RATE_HZ = 15
STDP_LARGEST = 0.01  # weight, in units of the leak conductance
STDP_RISE = 0.01 * STDP_LARGEST  # of the trace that a presynaptic spike leaves
STDP_FALL = -1.05 * STDP_RISE

# Gap junctions between integrate-and-fire neurons
GAP_CELLS = 10_000
GAP_PROBABILITY = 0.001  # 10 to each neuron: 100 000
GAP_LARGEST = 0.02  # the leak is 1

# Brunel & Wang 2001 (doi:10.1023/A:1011204814320), with 2000 neurons instead of 1000 and thus
# half the recurrent conductances (nS); one number for excitatory and one for inhibitory neurons.
NMDA_EXCITATORY, NMDA_INHIBITORY = 1600, 400
NMDA_CELLS = NMDA_EXCITATORY + NMDA_INHIBITORY
NMDA_VALUES = {
    "C": (500.0, 200.0),  # pF
    "g_L": (25.0, 20.0),
    "g_ext": (2.08, 1.62),
    "g_ampa": (0.052, 0.0405),
    "g_nmda": (0.1635, 0.129),
    "g_gaba": (0.625, 0.4865),
    "pause": (2.0, 1.0),  # refractory, in ms
}
NMDA_INPUTS, NMDA_INPUT_HZ = 800, 3
NMDA_DELAY = 0.5
NMDA_POPULATIONS, NMDA_SELECTIVE = 5, 160  # of neurons that prefer one stimulus each
NMDA_STRONG = 2.1  # weights within these
NMDA_WEAK = 1 - 0.1 * (NMDA_STRONG - 1) / (1 - 0.1)  # weights to these from others

# Brunel 2000 (doi:10.1023/A:1008925309027): asynchronous irregular, g = 5, input twice the threshold
BRUNEL_EXCITATORY, BRUNEL_INHIBITORY = 10_000, 2500
BRUNEL_CELLS = BRUNEL_EXCITATORY + BRUNEL_INHIBITORY
BRUNEL_FROM_EXCITATORY, BRUNEL_FROM_INHIBITORY = 1000, 250  # synapses onto each neuron
BRUNEL_WEIGHT = 0.1
BRUNEL_G = 5
BRUNEL_DELAY = 1.5
BRUNEL_INPUTS, BRUNEL_INPUT_HZ = 1000, 20


def by_type(pair: tuple[float, float]) -> list[float]:
    """One value for each neuron of the network with NMDA synapses."""
    return [pair[0]] * NMDA_EXCITATORY + [pair[1]] * NMDA_INHIBITORY


def preference(neuron: int) -> int:
    """Which stimulus a neuron of that network prefers; -1: none."""
    which = neuron // NMDA_SELECTIVE
    return which if which < NMDA_POPULATIONS else -1


def selective_weights() -> list[list[float]]:
    """Weights from excitatory neurons to all, one row for each of the former."""
    weights = {}
    for a in range(-1, NMDA_POPULATIONS):
        for b in range(-1, NMDA_POPULATIONS):
            weights[a, b] = 1.0 if b == -1 else NMDA_STRONG if a == b else NMDA_WEAK
    prefers = [preference(k) for k in range(NMDA_CELLS)]
    rows = {a: [weights[a, b] for b in prefers] for a in range(-1, NMDA_POPULATIONS)}
    return [rows[prefers[k]] for k in range(NMDA_EXCITATORY)]
