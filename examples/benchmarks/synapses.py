"""Synapses: plasticity, delays, gap junctions, NMDA receptors, and many of them; dt = 0.1 ms.

stdp             1000 Poisson inputs onto one neuron, with spike-timing-dependent plasticity
(Song, Miller & Abbott 2000, doi:10.1038/78829), 5 s
stdp_all_to_all  the same inputs onto 1000 neurons: a million plastic synapses, 1 s
cuba_delays      CUBA with a delay of its own for each synapse, 0.1 to 5 ms, 1 s
gap_junctions    10 000 integrate-and-fire neurons and 100 000 gap junctions, 0.5 s
nmda             2000 neurons, all to all, with saturating NMDA receptors and the block by
magnesium (Brunel & Wang 2001, doi:10.1023/A:1011204814320), 0.1 s
nmda_selective   the same with weights that differ: five populations prefer a stimulus each
brunel           12 500 neurons, 15.6 million synapses with delay (Brunel 2000,
doi:10.1023/A:1008925309027), asynchronous irregular activity, 0.5 s
"""

import sys

from harness import SYNAPSES, main

if __name__ == "__main__":
    sys.exit(main(SYNAPSES, __doc__))
