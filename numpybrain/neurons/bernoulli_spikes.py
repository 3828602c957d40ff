"""Spikes by chance: `rand() < p` with a p that stays, found without drawing a number for each neuron.

Of many trials, the distances from one success to the next are drawn, which are geometric (Batagelj and
Brandes 2005, doi:10.1103/PhysRevE.71.036113); where p differs between neurons, they are drawn for the
largest, and some are thinned out (Lewis and Shedler 1979, doi:10.1002/nav.3800260304). So the work is that
of the spikes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import numpy as np

from numpybrain.kernel.contracts import Operation, RunContext
from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.operations import Composite
from numpybrain.kernel.state import Form, State, Values
from numpybrain.kernel.variables import Array
from numpybrain.utils.sampling import successes

RARE = 0.05  # from here on, a number for each neuron is as fast
STEPS = 256  # of a block, at most
SPIKES = 512  # of a block, on average at most: what another p costs that comes in the middle of it
SALTS = 1 << 63  # how many there are


class Chance(Operation, Protocol):
    """Operation that gives the probability p of a spike: one number, or one for each neuron."""

    @property
    def stays(self) -> bool:
        """Whether p is the same in every step of a run (after `prepare`)."""

    def is_settled(self, context: RunContext) -> bool:
        """Whether p is the same in every step, unless Python functions assign (after `prepare`)."""


class BernoulliSpikes(Composite):
    """Operation that finds the neurons that spike by chance.

    Steps come in blocks. What happens in a block follows from a salt, the number of the block and p alone:
    a run may stop and go on, here or in another process, in the middle of it. With another p, the rest of a
    block is another one.

    Args:
        chance: gives p; knows after `prepare` whether it stays.
        condition: evaluated for each neuron where equations or synapses change p in a run, and for large p.
        generator: gives what draws the salt, before the first run.
        n: number of neurons.
    """

    def __init__(
        self,
        chance: Chance,
        condition: Operation,
        generator: Callable[[], np.random.Generator],
        n: int,
    ) -> None:
        self.chance = chance
        self._condition = condition
        self._generator = generator
        self._n = n
        self._salt: int | None = None
        self._given: Any = 0.0  # p as the program gives it
        self._p: Any = 0.0
        self._largest = 0.0
        self._word = 0  # what tells p from others
        self._length = 1  # of the blocks

    def forget(self) -> None:
        """Time starts anew, with other spikes."""
        self._salt = None

    def renew(self) -> None:
        """Other spikes from now on: the random stream has begun anew."""
        if self._salt is not None:
            self._salt = int(self._generator().integers(SALTS))

    def parts(self) -> Iterable[Operation]:
        """Give the operations that it consists of."""
        return (self._condition, self.chance)

    def prepare(self, context: RunContext) -> Callable[[], Array]:
        """The callable of a run: it gives the neurons that spike."""
        current = self.chance.prepare(context)
        assert current is not None  # there always is a probability
        if not self.chance.is_settled(context):
            return self._asking(context)
        if self._salt is None:
            self._salt = int(self._generator().integers(SALTS))
        clock = context.clock
        watched = not self.chance.stays
        each: Callable[[], Array] | None = None  # what asks each neuron
        events, ends, stop = NO_INDICES, [0], 0
        salt: int | None = self._salt
        self._note(current(), clock.dt)

        def find() -> Array:
            nonlocal each, events, ends, stop, salt
            step = clock.step
            if watched:
                p = current()
                if not np.array_equal(p, self._given):
                    self._note(p, clock.dt)
                    stop = 0
            if not self._largest <= RARE:
                each = self._asking(context) if each is None else each
                return each()
            if step >= stop or salt != self._salt:
                salt = self._salt
                first = step // self._length * self._length
                events, ends = self._block(first)
                stop = first + self._length
            k = step - stop  # from behind
            return events[ends[k - 1] : ends[k]]

        return find

    def _asking(self, context: RunContext) -> Callable[[], Array]:
        """Give a callable that evaluates the condition for each neuron."""
        each = self._condition.prepare(context)
        assert each is not None  # there always is an answer
        return each

    def _note(self, given: Any, dt: float) -> None:
        """Note p, which holds from now on."""
        self._given = p = np.array(given, dtype=float)
        if p.ndim and (p == p[0]).all():  # the same, however it is kept
            p = p[0]
        import hashlib

        digest = hashlib.blake2b(np.append(p, dt).tobytes(), digest_size=8).digest()
        self._word, self._p = int.from_bytes(digest, "little"), p
        self._largest = float(np.fmax.reduce(np.ravel(p), initial=0.0))  # without what is no number
        self._length = max(1, int(min(STEPS, SPIKES / max(self._n * self._largest, 1.0))))

    def _block(self, first: int) -> tuple[Array, list[int]]:
        """Give the neurons that spike in the steps of a block, step by step, and where each step begins."""
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

    def state(self) -> State:
        """State of the value that the spikes of coming steps follow from."""

        def put(values: Values) -> None:
            self._salt = None if values["salt"] is None else int(values["salt"], 16)

        get = lambda: {} if self._salt is None else {"salt": f"{self._salt:x}"}  # noqa: E731
        return State({"salt": Form(str, limit=SALTS, optional=True)}, get, put)
