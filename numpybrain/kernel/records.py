"""Records: what monitors keep of events, and of variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from numpybrain.kernel.clock import Clock
from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.variables import Array

Source = Callable[[], Any] | Array  # what gives the values of a sample, or where they are at any time
Layout = Mapping[str, tuple[tuple[int, ...], Any]]  # variable -> shape of one sample, and its type


class EventRecords:
    """Events in the order in which they were recorded: their times, and the neurons that had them.

    Attributes:
        batches: those since the last `set`: the time of all, or one for each, and the neurons.
    """

    def __init__(self) -> None:
        self.batches: list[tuple[Any, Array]] = []
        self.set(np.empty(0), NO_INDICES)

    def set(self, t: Array, i: Array) -> None:
        """Go on after these."""
        self._earlier = t, i
        self.batches.clear()

    def length(self) -> int:
        """A number that grows with the records."""
        return len(self.batches)

    def arrays(self) -> dict[str, Array]:
        """All records: times `t` in ms and neurons `i`, each of shape (n_events,)."""
        times, neurons = [t for t, _ in self.batches], [i for _, i in self.batches]
        located = bool(times) and isinstance(times[0], np.ndarray)
        new = np.concatenate(times) if located else np.repeat([*times, 0.0], [*map(len, neurons), 0])
        t, i = self._earlier
        return {"t": np.concatenate([t, new]), "i": np.concatenate([i, *neurons])}


class SampleRecords:
    """Samples of variables, a row for each time, in chunks with room for those of a run."""

    def __init__(self) -> None:
        self._times: list[Array] = []
        self._chunks: list[dict[str, Array]] = []
        self._room: tuple[Array, dict[str, Array]] | None = None
        self._count = [0]  # of rows in the present chunk

    def set(self, t: Array | None = None, values: Mapping[str, Array] | None = None) -> None:
        """Go on after these, or from the beginning."""
        self._times[:] = [] if t is None else [t]
        self._chunks[:] = [] if values is None else [dict(values)]
        self._room, self._count = None, [0]

    def make_room(self, rows: int, layout: Layout) -> None:
        """Make room for so many rows."""
        if self._room is not None:
            times, values = self._filled(*self._room)
            self._times.append(times)
            self._chunks.append(values)
        values = {name: np.empty((rows, *shape), dtype) for name, (shape, dtype) in layout.items()}
        self._room, self._count = (np.empty(rows), values), [0]

    def empty(self) -> None:
        """Forget the rows of the present chunk; there is room for as many again."""
        self._count[0] = 0

    def _filled(self, times: Array, values: dict[str, Array]) -> tuple[Array, dict[str, Array]]:
        n = self._count[0]
        return times[:n], {name: array[:n] for name, array in values.items()}

    def has_room(self, rows: int) -> bool:
        """Whether there is room for so many more rows."""
        return self._room is not None and self._room[0].size - self._count[0] >= rows

    def length(self) -> int:
        """Give the number of rows."""
        return sum(times.size for times in self._times) + self._count[0]

    def recorder(self, sources: Mapping[str, Source], clock: Clock) -> Callable[[], None]:
        """Give a callable that adds a row with the time and the values of the variables."""
        assert self._room is not None  # there is room
        (times, values), count = self._room, self._count
        (first, source), *others = ((values[name], source) for name, source in sources.items())

        def record_one() -> None:
            row = count[0]
            times[row] = clock.t
            first[row] = source
            count[0] = row + 1

        if isinstance(source, np.ndarray) and not others:
            return record_one
        readers = [(array, _reader(read)) for array, read in ((first, source), *others)]

        def record() -> None:
            row = count[0]
            times[row] = clock.t
            for array, read in readers:
                array[row] = read()
            count[0] = row + 1

        return record

    def arrays(self, layout: Layout) -> dict[str, Array]:
        """All records: times `t` in ms, shape (n_times,), and for each variable (n_times, ...)."""
        parts = list(zip(self._times, self._chunks, strict=True))
        if self._room is not None:
            parts.append(self._filled(*self._room))
        found = {"t": np.concatenate([np.empty(0), *(times for times, _ in parts)])}
        for name, (shape, dtype) in layout.items():
            several = [values[name] for _, values in parts]
            found[name] = np.concatenate(several) if several else np.empty((0, *shape), dtype)
        return found


def _reader(source: Source) -> Callable[[], Any]:
    """A live array as a function that gives it."""
    return (lambda: source) if isinstance(source, np.ndarray) else source
