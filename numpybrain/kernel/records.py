"""Records: what monitors keep of events, and of variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from numpybrain.kernel.clock import Clock
from numpybrain.kernel.variables import Array

Source = Callable[[], Any] | Array  # what gives the values of a sample, or where they are at any time
Layout = Mapping[str, tuple[tuple[int, ...], Any]]  # variable -> shape of one sample, and its type


class EventRecords:
    """Events in the order of their records: times, neurons, and values of the types `more`, by name.

    `add` takes a batch: the time of all, or one for each, the neurons, and the values.
    """

    def __init__(self, **more: Any) -> None:
        kinds = {"t": float, "i": np.intp, **more}
        self._none: dict[str, Array] = {name: np.empty(0, dtype) for name, dtype in kinds.items()}
        self._batches: list[tuple[Any, ...]] = []
        self.add = self._batches.append
        self.set()

    def set(self, columns: Mapping[str, Array] | None = None) -> None:
        """Go on after these, or from the beginning."""
        self._earlier = dict(self._none if columns is None else columns)
        self._batches.clear()

    def length(self) -> int:
        """A number that grows with the records."""
        return len(self._batches)

    def arrays(self) -> Mapping[str, Array]:
        """All records: times `t` in ms, neurons `i`, and further values, each of shape (n_events,)."""
        found = dict(self._earlier)
        if self._batches:
            times, *columns = zip(*self._batches, strict=True)
            if not isinstance(times[0], np.ndarray):
                times = (np.repeat(times, [*map(len, columns[0])]),)
            for name, new in zip(found, (times, *columns), strict=True):
                found[name] = np.concatenate([found[name], *new])
        return found


class SampleRecords:
    """Samples of variables, a row for each time, in chunks with room for those of a run."""

    def __init__(self) -> None:
        self._times: list[Array] = []
        self._chunks: list[Mapping[str, Array]] = []
        self._room: tuple[Array, dict[str, Array]] | None = None
        self._count = [0]  # of rows in the present chunk

    def set(self, columns: Mapping[str, Array] | None = None) -> None:
        """Go on after these, or from the beginning."""
        self._times[:] = [] if columns is None else [columns["t"]]
        self._chunks[:] = [] if columns is None else [columns]
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
