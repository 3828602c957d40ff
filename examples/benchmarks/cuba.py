"""CUBA: 4000 integrate-and-fire neurons with exponential synaptic currents, 1 s, dt = 0.1 ms.

Benchmark 2 of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6). 3200 excitatory and 800
inhibitory neurons, connected with probability 0.02 and without delay; linear equations, integrated
exactly; about 5.6 spikes a second. Little happens in a step, so this measures the overhead of a
simulator.
"""

import sys

from harness import main

if __name__ == "__main__":
    sys.exit(main(("cuba",), __doc__))
