"""Samples of variables that go to an HDF5 file while the network runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError
from numpybrain.export.record_contracts import needs
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.records import Layout, SampleRecords, Source
from numpybrain.kernel.variables import Array

CHUNK = 1 << 22  # bytes that are written in one piece
LONGEST = 4096  # rows of such a piece


class StreamedSamples:
    """`SampleRecords` in a file: rows are written in chunks, and only the last one is in memory.

    The file has the data set `t` in ms, shape (n_times,), and one for each variable, shape (n_times, n),
    with its unit as the attribute `units`. After each chunk the file is complete: whatever happens to the
    program, it can be opened, and lacks what has come since then.

    Args:
        path: the file, which is written anew.
        about: gives what is known of the run, when the file is made.
        units: gives the unit of a variable.
    """

    def __init__(
        self, path: Any, about: Callable[[], Mapping[str, Any]], units: Callable[[str], str]
    ) -> None:
        with needs("h5py", "a monitor that writes to a file"):
            import h5py
        self._h5py = h5py
        self.path = Path(path)
        if self.path.suffix not in (".h5", ".hdf5"):
            message = f"a monitor writes HDF5 (got '{self.path.name}')"
            raise ArgumentError(message, help="call the file something.h5")
        self._about, self._units = about, units
        self._file: Any = None  # while it is open
        self._is_made = False
        self._written = 0  # rows that are in the file
        self._earlier: tuple[Array, Mapping[str, Array]] | None = None  # before there is a file
        self._buffer = SampleRecords()
        self._rows = 0  # of the buffer
        self._layout: Layout = {}

    def set(self, t: Array | None = None, values: Mapping[str, Array] | None = None) -> None:
        """Go on after these, or from the beginning."""
        self._buffer.empty()
        if not self._is_made:
            self._earlier = None if t is None or values is None else (t, values)
            return
        file = self._opened()
        for name in ("t", *self._layout):
            file[name].resize(0, axis=0)
        self._written = 0
        if t is not None and values is not None:
            self._append(t, values)
        self.close()

    def make_room(self, rows: int, layout: Layout) -> None:
        """Open the file, and make room for a chunk."""
        if not self._is_made:
            self._make(layout)
        if self._layout != dict(layout):
            raise ArgumentError(f"'{self.path}' has been begun with other variables or neurons")
        if self._rows:
            return
        row = 8 + sum(int(np.prod(shape)) * np.dtype(dtype).itemsize for shape, dtype in layout.values())
        self._rows = max(1, min(CHUNK // row, LONGEST))
        self._buffer.make_room(self._rows, layout)

    def _make(self, layout: Layout) -> None:
        try:
            self._file = file = self._h5py.File(self.path, "w")
        except OSError as error:
            message = f"'{self.path}' cannot be written"
            raise ArgumentError(
                message, detail=str(error), help="each monitor needs a file of its own"
            ) from None
        self._layout, self._is_made = dict(layout), True
        for name, (shape, dtype) in {"t": ((), float), **layout}.items():
            row = max(1, int(np.prod(shape)) * np.dtype(dtype).itemsize)
            chunk = (max(1, min(CHUNK // row, LONGEST)), *(max(1, n) for n in shape))
            made = file.create_dataset(name, (0, *shape), dtype, maxshape=(None, *shape), chunks=chunk)
            made.attrs["units"] = "ms" if name == "t" else self._units(name)
        for key, value in self._about().items():
            file.attrs[key] = value if isinstance(value, (str, int, float)) else json.dumps(value)
        if self._earlier is not None:
            self._append(*self._earlier)
            self._earlier = None

    def _opened(self) -> Any:
        """The file, opened for writing.

        Raises:
            ArgumentError: if it cannot be opened, or others have changed it.
        """
        if self._file is None:
            try:
                self._file = self._h5py.File(self.path, "r+")
                there = self._file["t"].size
            except (OSError, KeyError) as error:
                message = f"'{self.path}' with the records of a monitor cannot be opened"
                raise ArgumentError(message, detail=str(error)) from None
            if there != self._written:
                self._file.close()
                self._file = None
                message = f"'{self.path}' has been written by others since the monitor wrote it"
                raise ArgumentError(message, detail=f"it has {there} records, and had {self._written}")
        return self._file

    def close(self) -> None:
        """Write what is in the buffer, and let other programs have the file."""
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, t: Array, values: Mapping[str, Array]) -> None:
        """Write rows, the times last: there are values for all times that the file has."""
        if not t.size:
            return
        file, rows = self._opened(), self._written + t.size
        for name, array in (*values.items(), ("t", t)):
            file[name].resize(rows, axis=0)
            file[name][self._written :] = array
        file.flush()
        self._written = rows

    def flush(self) -> None:
        """Write what is in the buffer."""
        if not self._is_made or not self._buffer.length():
            return
        data = self._buffer.arrays(self._layout)
        self._append(data.pop("t"), data)
        self._buffer.empty()

    def has_room(self, rows: int) -> bool:
        """Whether there is a buffer; how many rows come does not matter."""
        return self._rows > 0

    def length(self) -> int:
        """Give the number of rows."""
        if not self._is_made:
            return 0 if self._earlier is None else self._earlier[0].size
        return self._written + self._buffer.length()

    def recorder(self, sources: Mapping[str, Source], clock: Clock) -> Callable[[], None]:
        """Give a callable that adds a row with the time and the values of the variables."""
        add, buffer = self._buffer.recorder(sources, clock), self._buffer

        def record() -> None:
            if not buffer.has_room(1):
                self.flush()
            add()

        return record

    def arrays(self, layout: Layout) -> dict[str, Array]:
        """All records, read from the file."""
        if not self._is_made:
            if self._earlier is None:
                return SampleRecords().arrays(layout)
            return {"t": self._earlier[0], **self._earlier[1]}
        is_running = self._file is not None
        self.flush()
        file = self._opened()
        found = {name: file[name][:] for name in ("t", *layout)}
        if not is_running:
            self.close()
        return found
