"""From equations to the first step, in NumpyBrain or in Brian2: one group, no synapses.

`python first_step_.py cuba numpybrain` prints the seconds from after the imports to the end of the
first step: reading, checking, lowering, compiling, and the step.
"""

import sys
import time
from pathlib import Path


def numpybrain(model: str) -> float:
    """Time NumpyBrain; what it imports when it meets the first equations counts as imports."""
    import numpy.random  # noqa: F401 - NumPy imports it when it is asked for
    import sympy.assumptions.wrapper  # SymPy imports these three when a function needs them
    import sympy.sets.setexpr
    import sympy.tensor.tensor  # noqa: F401
    from numpybrain_ import MODELS

    import numpybrain as nb
    from numpybrain import library, synaptic  # noqa: F401
    from numpybrain.symbolic import closures, pieces, statements  # noqa: F401

    description = MODELS[model][0]
    start = time.perf_counter()
    cells = nb.Neurons(4000, nb.Model(**description))
    nb.Network(cells, dt=0.1).step()
    return time.perf_counter() - start


def brian2(model: str, target: str, cache: Path) -> float:
    """Time Brian2 with one of its run-time targets."""
    import brian2 as b2
    from brian2_ import create_cells

    b2.prefs.codegen.target = target
    b2.prefs.codegen.runtime.cython.cache_dir = str(cache)
    b2.defaultclock.dt = 0.1 * b2.ms
    start = time.perf_counter()
    cells = create_cells(model)
    b2.Network(cells).run(0.1 * b2.ms)
    return time.perf_counter() - start


if __name__ == "__main__":
    model, simulator, cache = sys.argv[1:]
    name, _, target = simulator.partition("-")
    print(numpybrain(model) if name == "numpybrain" else brian2(model, target, Path(cache)))
