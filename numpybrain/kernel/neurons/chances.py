"""Spikes by chance: `rand() < p` with a p that stays, found without drawing a number for each neuron.

Of many trials, the distances from one success to the next are drawn, which are geometric (Batagelj and
Brandes 2005, doi:10.1103/PhysRevE.71.036113); where p differs between neurons, they are drawn for the
largest, and some are thinned out (Lewis and Shedler 1979, doi:10.1002/nav.3800260304). So the work is that
of the spikes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel.binding import Bound, Context
from numpybrain.kernel.sampling import successes
from numpybrain.kernel.state import Array

RARE = 0.05  # from here on, a number for each neuron is as fast
TRIALS = 1 << 20  # of a block, at least one step
LONGEST = 1 << 12  # steps of a block
SALTS = 1 << 63  # how many there are


class Chances:
    """Who spikes by chance.

    Steps come in blocks. What happens in a block follows from `salt`, the number of the block and p alone:
    a run may stop and go on, here or in another process, in the middle of it.

    Args:
        chance: the program that gives p.
        size: number of neurons.

    Attributes:
        salt: drawn when time starts anew; None before the first run.
    """

    def __init__(self, chance: Bound, size: int) -> None:
        self.salt: int | None = None
        self._chance = chance
        self._n = size
        self._length = max(1, min(LONGEST, TRIALS // max(size, 1)))
        self._p: Any = 0.0
        self._largest, self._word = 0.0, 0

    def prepare(self, context: Context, generator: Callable[[], np.random.Generator]) -> Any:
        """What finds the neurons of a step in a run; None if p changes in it, or is not small."""
        self._chance.prepare(context)
        call = self._chance.call(context.clock)
        if not self._chance.stays or not _largest(call()) <= RARE:
            return None
        if self.salt is None:
            self.salt = int(generator().integers(SALTS))
        clock, length, chance = context.clock, self._length, self._chance
        events, ends, stop, known = np.empty(0, dtype=np.intp), [0], 0, -1

        def find() -> Array:
            nonlocal events, ends, stop, known
            step = clock.step
            if step >= stop or known != chance.bindings:  # a new block, or perhaps another p
                if known != chance.bindings:
                    self._set(call(), clock.dt)
                first = step // length * length
                stop, known = first + length, chance.bindings
                events, ends = self._block(first)
            k = step - stop  # from behind
            return events[ends[k - 1] : ends[k]]

        return find

    def _set(self, given: Any, dt: float) -> None:
        """Note p, and what tells it from others."""
        self._p = np.minimum(given, 1.0)
        self._largest = _largest(self._p)
        word = hashlib.blake2b(np.append(self._p, dt).tobytes(), digest_size=8).digest()
        self._word = int.from_bytes(word, "little")

    def _block(self, first: int) -> tuple[Array, list[int]]:
        """Who spikes in the steps of a block, step by step, and where each step begins."""
        sequence = np.random.SeedSequence(self.salt, spawn_key=(self._word, first))
        rng, p, n = np.random.Generator(np.random.PCG64DXSM(sequence)), self._p, self._n
        step, neuron = np.divmod(successes(self._largest, n * self._length, rng), n)
        if p.ndim:
            kept = rng.random(step.size) * self._largest < p[neuron]
            step, neuron = step[kept], neuron[kept]
        return neuron, step.searchsorted(np.arange(self._length + 1)).tolist()


def _largest(p: Any) -> float:
    """The largest probability; what is below 0, or no number, never happens."""
    return float(np.fmax.reduce(np.ravel(p), initial=0.0))
