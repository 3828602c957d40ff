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
from numpybrain.kernel.checkpoints.saved import Saved, Value
from numpybrain.kernel.neurons.refractory import NOBODY
from numpybrain.kernel.sampling import successes
from numpybrain.kernel.state import Array

RARE = 0.05  # from here on, a number for each neuron is as fast
TRIALS = 1 << 20  # of a block, at least one step
MOST = 1 << 12  # steps of a block
WORDS = 1 << 63  # how many salts there are, and words

Find = Callable[[], Array]


class Chances:
    """Who spikes by chance.

    Steps come in blocks. What happens in a block follows from a salt, the number of the block and p alone:
    a run may stop and go on, here or in another process, in the middle of it. Where Python functions change
    p within a block, each neuron is asked in every step until the next one begins.

    Args:
        chance: the program that gives p.
        size: number of neurons.
    """

    def __init__(self, chance: Bound, size: int) -> None:
        self._chance = chance
        self._n = size
        self._length = max(1, min(MOST, TRIALS // max(size, 1)))
        self._given: Any = 0.0  # p, and how it was kept
        self._p: Any = 0.0
        self._largest = 0.0
        self._word: int | None = None  # what tells p from others
        self._salt: int | None = None
        self._until = 0  # the step up to which all are asked

    def forget(self) -> None:
        """Time starts anew, with other spikes."""
        self._salt, self._word, self._until = None, None, 0

    def prepare(
        self, context: Context, generator: np.random.Generator, ask: Callable[[], Find]
    ) -> Find | None:
        """What finds the neurons of a step in a run; None if equations or synapses change p in it.

        Args:
            context: of the network.
            generator: draws the salt, before the first run.
            ask: makes what asks each neuron.
        """
        self._chance.prepare(context)
        if not self._chance.is_settled:
            return None
        if self._salt is None:
            self._salt = int(generator.integers(WORDS))
        clock, length, current = context.clock, self._length, self._chance.call(context.clock)
        watched, asking = context.has_python, None
        events, ends, stop = NOBODY, [0], 0
        self._note(current(), clock.step, clock.dt)

        def find() -> Array:
            nonlocal asking, events, ends, stop
            step = clock.step
            if watched:
                p = current()
                if not np.array_equal(p, self._given) and self._note(p, step, clock.dt):
                    stop = 0
            if step < self._until or not self._largest <= RARE:
                asking = ask() if asking is None else asking
                return asking()
            if step >= stop:
                first = step // length * length
                events, ends = self._block(first)
                stop = first + length
            k = step - stop  # from behind
            return events[ends[k - 1] : ends[k]]

        return find

    def _note(self, given: Any, step: int, dt: float) -> bool:
        """Note p, which holds from a step on; whether it is another one."""
        self._given = p = np.array(given, dtype=float)
        if p.ndim and (p == p[0]).all():  # the same, however it is kept
            p = p[0]
        digest = hashlib.blake2b(np.append(p, dt).tobytes(), digest_size=8).digest()
        word = int.from_bytes(digest, "little") % WORDS
        known, self._word, self._p = self._word, word, p
        if known is not None and word != known:
            self._until = -(-step // self._length) * self._length  # the begin of a block
        self._largest = float(np.fmax.reduce(np.ravel(self._p), initial=0.0))  # without what is no number
        return word != known

    def _block(self, first: int) -> tuple[Array, list[int]]:
        """Who spikes in the steps of a block, step by step, and where each step begins."""
        assert self._word is not None  # noted before
        sequence = np.random.SeedSequence(self._salt, spawn_key=(self._word, first))
        rng, p, n = np.random.Generator(np.random.PCG64DXSM(sequence)), self._p, self._n
        step, neuron = np.divmod(successes(self._largest, n * self._length, rng), n)
        if p.ndim:
            kept = rng.random(step.size) * self._largest < p[neuron]
            step, neuron = step[kept], neuron[kept]
        return neuron, step.searchsorted(np.arange(self._length + 1)).tolist()

    @property
    def is_used(self) -> bool:
        """Whether spikes have been drawn in this way."""
        return self._salt is not None

    # ---- checkpoints ----

    def capture(self) -> dict[str, Value]:
        """What the spikes of coming steps follow from."""
        if self._salt is None or self._word is None:
            return {}
        return {"salt": f"{self._salt:x}", "word": f"{self._word:x}", "until": self._until}

    def restorer(self, saved: Saved) -> Callable[[], None]:
        """Take that back."""
        salt, word, until = None, None, 0
        if "salt" in saved:
            salt, word, until = saved.bits("salt"), saved.bits("word"), saved.whole("until")
            for name, value in (("salt", salt), ("word", word)):
                if value >= WORDS:
                    saved.refuse(name, "is longer than 63 bits")

        def restore() -> None:
            self._salt, self._word, self._until = salt, word, until

        return restore
