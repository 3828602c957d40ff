"""Random streams: one for each object and purpose, so that no object's draws depend on another's.

A stream is keyed by the seed, the kind of its owner ("neurons", "synapses", "inputs"), how many owners of
that kind were made since the seed was set, and the purpose. Adding a monitor or an input, or noise to one
group, changes no draw anywhere else.

A forked process inherits all streams. Those of a seed that the user has set go on there as they would have
here; the others begin anew, or all children of a process would draw the same numbers.
"""

from __future__ import annotations

import itertools
import os
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, shown
from numpybrain.kernel.state import Form, State, Values

PURPOSES = {"initial": 0, "connect": 1, "run": 2, "monitor": 3}
KINDS = {"neurons": 0, "synapses": 1, "inputs": 2, "network": 3}
LONGEST = 2 ** (1 << 18)  # seed
POSITION = {  # of a generator; long numbers in hexadecimal, as some JSON would lose their digits
    "state": Form(str, limit=2**128, optional=True),
    "increment": Form(str, limit=2**128, optional=True),
    "has_half": Form(int, limit=2, optional=True),
    "half": Form(int, limit=2**32, optional=True),
}
FORMS = {
    "entropy": Form(str, limit=LONGEST),
    "kind": Form(int, limit=len(KINDS)),
    "number": Form(int, limit=2**32),
    **{f"{purpose}/{key}": form for purpose in PURPOSES for key, form in POSITION.items()},
}


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

    @property
    def seed(self) -> int | None:
        """The seed that all streams follow from; None if there are no streams."""
        return self._entropy

    def renew(self, entropy: int | None = None) -> None:
        """Begin anew, by another seed or unpredictably; generators stay the same objects."""
        self._entropy = _unpredictable() if entropy is None else entropy
        for purpose, generator in self._made.items():
            generator.bit_generator.state = bits(self._entropy, self._key, purpose).state
        for act in self.renewals:
            act()

    def __getitem__(self, purpose: str) -> np.random.Generator:
        if purpose not in self._made:
            self._made[purpose] = np.random.Generator(bits(self._entropy, self._key, purpose))
        return self._made[purpose]

    def state(self) -> State:
        """State of all streams: generators that are made later go to their start."""

        def check(values: Values) -> tuple[str, str] | None:
            for purpose in PURPOSES:
                missing = [key for key in POSITION if values[f"{purpose}/{key}"] is None]
                if missing and len(missing) < len(POSITION):
                    return f"{purpose}/{missing[0]}", "is missing"
            return None if values["kind"] == self._key[0] else ("kind", "is that of other objects")

        return State(FORMS, self._get, self._put, check)

    def _get(self) -> Values:
        values: dict[str, Any] = {"entropy": f"{self._entropy:x}"}
        values["kind"], values["number"] = self._key
        for purpose, generator in self._made.items():
            state: Any = generator.bit_generator.state
            long = (f"{state['state'][key]:x}" for key in ("state", "inc"))
            found = zip(POSITION, (*long, state["has_uint32"], state["uinteger"]), strict=True)
            values |= {f"{purpose}/{key}": value for key, value in found}
        return values

    def _put(self, values: Values) -> None:
        _seed.unseeded.discard(self)  # what follows is determined now, in every process
        self._entropy, self._key = int(values["entropy"], 16), (values["kind"], values["number"])
        for purpose in PURPOSES:
            number, increment, has_half, half = (values[f"{purpose}/{key}"] for key in POSITION)
            if number is not None:
                found = {"state": int(number, 16), "inc": int(increment, 16)}
                more = {"state": found, "has_uint32": has_half, "uinteger": half}
                # the same generator as before, which functions may hold
                self[purpose].bit_generator.state = {"bit_generator": "PCG64DXSM", **more}
            elif purpose in self._made:
                self._made[purpose].bit_generator.state = bits(self._entropy, self._key, purpose).state


def bits(entropy: int, key: tuple[int, int], purpose: str) -> np.random.PCG64DXSM:
    """Give the bit generator of a stream, at its start."""
    sequence = np.random.SeedSequence(entropy, spawn_key=(*key, PURPOSES[purpose]))
    return np.random.PCG64DXSM(sequence)


def _unpredictable() -> int:
    """A seed from the operating system."""
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
        """Draw other numbers in a forked process than in parent and siblings, unless there is a seed."""
        if not self.is_given:
            self.set(None)
        for streams in list(self.unseeded):
            streams.renew()


_seed = _Seed()


def present_seed() -> int:
    """The seed that the user has set, or the unpredictable one in its place."""
    return _seed.entropy()


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
