"""COBAHH: 4000 Hodgkin-Huxley neurons with synaptic conductances, 0.5 s, dt = 0.1 ms.

Benchmark 3 of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6). The network of CUBA, but each
neuron has sodium and potassium channels (Traub and Miles) and conductances; exponential Euler;
about 35 spikes a second. Six variables and some ten exponentials for each neuron and step, so this
measures the arithmetic of a simulator.
"""

import sys

from harness import main

if __name__ == "__main__":
    sys.exit(main(("cobahh",), __doc__))
