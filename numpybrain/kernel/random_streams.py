"""Random streams: one for each object and purpose, so that no object's draws depend on another's.

A stream is keyed by the seed, the kind of its owner ("neurons", "synapses"), how many owners of that
kind were made since the seed was set, and the purpose. Adding a monitor, or noise to one group,
changes no draw anywhere else.

A forked process inherits all streams. Those of a seed that the user has set go on there as they would have
here; the others begin anew, or all children of a process would draw the same numbers.
"""

from __future__ import annotations

import itertools
import os
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from numpybrain.checkpoints.state_reader import StateReader, Value
from numpybrain.errors import ArgumentError, shown
from numpybrain.utils.naming import FIXED

if TYPE_CHECKING:
    import numpy as np

    from numpybrain.kernel.variables import Array

PURPOSES = {"initial": 0, "connect": 1, "run": 2, "monitor": 3}
MOST = 10**18  # trials of a binomial distribution: NumPy counts in 64 bits
KINDS = {"neurons": 0, "synapses": 1}


class Streams:
    """The random streams of one object; each is made when it is first asked for.

    Attributes:
        renewals: called when the streams have begun anew: what was drawn earlier must not be used any more.
    """

    def __init__(self, kind: str) -> None:
        self._entropy = _seed.entropy()
        self._key = (KINDS[kind], next(_seed.counters[kind]))
        self._made: dict[str, np.random.Generator] = {}
        self.renewals: list[Callable[[], None]] = []
        if not _seed.is_given:
            _seed.unseeded.add(self)

    def renew(self) -> None:
        """Begin anew, unpredictably; generators stay the same objects."""
        self._entropy = _unpredictable()
        for purpose, generator in self._made.items():
            generator.bit_generator.state = self._bits(self._entropy, self._key, purpose).state
        for act in self.renewals:
            act()

    def __getitem__(self, purpose: str) -> np.random.Generator:
        import numpy as np

        if purpose not in self._made:
            self._made[purpose] = np.random.Generator(self._bits(self._entropy, self._key, purpose))
        return self._made[purpose]

    @staticmethod
    def _bits(entropy: int, key: tuple[int, int], purpose: str) -> np.random.PCG64DXSM:
        """What a stream draws from, at its start."""
        import numpy as np

        sequence = np.random.SeedSequence(entropy, spawn_key=(*key, PURPOSES[purpose]))
        return np.random.PCG64DXSM(sequence)

    # ---- checkpoints ----

    def get_state(self) -> dict[str, Value]:
        """Where all streams are; long numbers in hexadecimal, which JSON would not keep everywhere."""
        kind, number = self._key
        values: dict[str, Value] = {"entropy": f"{self._entropy:x}", "kind": kind, "number": number}
        for purpose, generator in self._made.items():
            state: Any = generator.bit_generator.state
            values[f"{purpose}/state"] = f"{state['state']['state']:x}"
            values[f"{purpose}/increment"] = f"{state['state']['inc']:x}"
            values[f"{purpose}/has_half"] = state["has_uint32"]
            values[f"{purpose}/half"] = state["uinteger"]
        return values

    def plan_restore(self, saved: StateReader) -> list[Callable[[], Any]]:
        """Take streams back; generators that were made since then go to their start."""
        import numpy as np

        entropy = saved.bits("entropy")
        key = (saved.whole("kind", len(KINDS)), saved.whole("number", 2**32))
        states: dict[str, Any] = {}
        for purpose in PURPOSES:
            part = saved.part(purpose)
            state: Any = self._bits(entropy, key, purpose).state
            if "state" in part:
                values = {"state": part.bits("state"), "inc": part.bits("increment")}
                for name, value in zip(("state", "increment"), values.values(), strict=True):
                    if value >= 2**128:
                        part.refuse(name, "is longer than 128 bits")
                state["state"] = values
                state["has_uint32"], state["uinteger"] = (
                    part.whole("has_half", 2),
                    part.whole("half", 2**32),
                )
            elif purpose not in self._made:
                continue
            states[purpose] = state

        def restore() -> None:
            _seed.unseeded.discard(self)  # what follows is determined now, in every process
            self._entropy, self._key = entropy, key
            for purpose, state in states.items():
                if purpose not in self._made:
                    self._made[purpose] = np.random.Generator(np.random.PCG64DXSM(0))
                self._made[purpose].bit_generator.state = state  # in place: functions may hold generators

        return [restore]


def drawing(generator: np.random.Generator, name: str) -> Callable[..., Array]:
    """The function of the language that draws as many numbers as its last argument says.

    With `FIXED` behind the name, its other arguments stay the same unless Python functions assign to them.
    """
    import numpy as np

    from numpybrain.engine import tabled_distributions

    if name == "rand":
        return generator.random
    if name == "randn":
        return generator.standard_normal

    def poisson(mean: Any, size: int) -> Array:
        try:
            return generator.poisson(mean, size).astype(float)
        except ValueError:  # NumPy has looked at all of them
            message = "poisson(l) needs a number l that is not negative, and at most 1e18"
            raise ArgumentError(message) from None

    def binomial(n: Any, p: Any, size: int) -> Array:
        count, chance = np.asarray(n), np.asarray(p)
        is_count = (count >= 0) & (count <= MOST) & (count % 1 == 0)
        if not np.all(is_count) or not np.all((chance >= 0) & (chance <= 1)):
            raise ArgumentError("binomial(n, p) needs whole numbers 0 <= n <= 1e18, and 0 <= p <= 1")
        return generator.binomial(count.astype(np.int64), chance, size).astype(float)

    is_poisson = name.startswith("poisson")
    draw: Callable[..., Array] = poisson if is_poisson else binomial
    if not name.endswith(FIXED):
        return draw
    table_of: Callable[..., tabled_distributions.Counts | None] = (
        tabled_distributions.poisson if is_poisson else tabled_distributions.binomial
    )

    def tabled(*arguments: Any) -> Array:
        *parameters, size = arguments
        given = [_same(p) for p in parameters] if size > tabled_distributions.FEW else [None]
        table = None if None in given else table_of(*given)
        return draw(*arguments) if table is None else table.draw(generator, size)

    return tabled


def _same(values: Any) -> float | None:
    """The number that values have in common, however they are kept; None if they differ."""
    import numpy as np

    if not np.ndim(values):
        return float(values)
    first = values[0]
    return float(first) if (values == first).all() else None


def _unpredictable() -> int:
    """A seed from the operating system."""
    import numpy as np

    return int(np.random.SeedSequence().entropy)  # type: ignore[arg-type]


class _Seed:
    """The seed of this process, as `seed()` set it.

    Attributes:
        is_given: whether the user has set it.
        unseeded: the streams that were made while there was none.
    """

    def __init__(self) -> None:
        self.unseeded: weakref.WeakSet[Streams] = weakref.WeakSet()
        self._watches_forks = False
        self.set(None)

    def set(self, value: int | None) -> None:
        self.value, self.is_given = value, value is not None
        self.counters: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)

    def entropy(self) -> int:
        if self.value is None:
            self.value = _unpredictable()
            if not self._watches_forks and hasattr(os, "register_at_fork"):
                os.register_at_fork(after_in_child=self.renew)
                self._watches_forks = True
        return self.value

    def renew(self) -> None:
        """In a forked process, draw other numbers than its parent and siblings, unless there is a seed."""
        if not self.is_given:
            self.set(None)
        for streams in list(self.unseeded):
            streams.renew()


_seed = _Seed()


def seed(value: int | None = None) -> None:
    """Make everything that is created from now on reproducible, bit for bit.

    Args:
        value: a non-negative whole number, or None for a fresh, unpredictable seed.

    That holds in forked processes, too: they draw what this one would have drawn. Without a seed each
    process draws numbers of its own.
    """
    if value is not None and (isinstance(value, bool) or not hasattr(value, "__index__") or value < 0):
        message = f"a seed is a non-negative whole number or None (got {shown(value)})"
        raise ArgumentError(message)
    _seed.set(None if value is None else int(value))
