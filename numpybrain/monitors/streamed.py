"""Records that go to a file while the network runs: samples of variables, and events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError
from numpybrain.export import growing_files
from numpybrain.export.growing_files import Column, GrowingFile
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.records import EventRecords, Layout, SampleRecords, Source
from numpybrain.kernel.variables import Array

Facts = Callable[[], Mapping[str, Any]]


class Stream:
    """File of a monitor: made in the first run, open while the network runs, and read when asked.

    It has the column `t` in ms and others with their units. After each piece it is complete: whatever
    happens to the program, it can be opened, and lacks what has come since then.

    Args:
        path: the file; what it is follows from its name.
        overwrite: whether there may be a file already, which is lost.
        about: gives what is known of the run, when the file is made.
        unit: gives the unit of a variable.

    Attributes:
        is_made: whether there is a file of this monitor.
        written: how many rows are in it.
        columns: what it has, `t` last.
    """

    def __init__(self, path: Any, about: Facts, unit: Callable[[str], str], *, overwrite: bool) -> None:
        self.path = Path(path)
        self._kind = growing_files.kind_of(self.path)
        self._kind.check()
        self._about, self._unit, self._overwrite = about, unit, overwrite
        self._refuse_what_is_there()
        self._file: GrowingFile | None = None  # while it is open
        self.is_made, self.written = False, 0
        self.columns: dict[str, Column] = {}

    def _refuse_what_is_there(self) -> None:
        if self.path.exists() and not self._overwrite:
            message = f"'{self.path}' is there already, and would be lost"
            advice = (
                "give another name, or Monitor(..., overwrite=True); each monitor needs a file of its own"
            )
            raise ArgumentError(message, help=advice)

    def make(self, layout: Layout, fixed: Mapping[str, Array]) -> None:
        """Make the file, with columns of this layout, and those that stay as they are."""
        kinds = {name: kind for name, kind in layout.items() if name != "t"} | {"t": ((), float)}
        self.columns = {
            name: Column(shape, dtype, "ms" if name == "t" else self._unit(name))
            for name, (shape, dtype) in kinds.items()
        }
        self._refuse_what_is_there()
        try:
            self._file = self._kind.make(self.path, self.columns, fixed, overwrite=self._overwrite)
            self._file.note(self._about())
        except OSError as error:
            message = f"'{self.path}' cannot be written"
            advice = "each monitor needs a file of its own"
            raise ArgumentError(message, detail=str(error), help=advice) from None
        self.is_made = True

    def opened(self) -> GrowingFile:
        """The file, opened for writing.

        Raises:
            ArgumentError: if it cannot be opened, or others have changed it.
        """
        if self._file is None:
            try:
                self._file = self._kind(self.path, "r+")
                there = self._file.rows()
            except (OSError, KeyError) as error:
                message = f"'{self.path}' with the records of a monitor cannot be opened"
                raise ArgumentError(message, detail=str(error)) from None
            if there != self.written:
                self.close()
                message = f"'{self.path}' has been written by others since the monitor wrote it"
                raise ArgumentError(message, detail=f"it has {there} records, and had {self.written}")
        return self._file

    def append(self, data: Mapping[str, Array]) -> None:
        """Write rows, the times last: there are values for all times that the file has."""
        rows = len(data["t"])
        if rows:
            self.opened().append(self.written, {name: data[name] for name in self.columns})
            self.written += rows

    def cut(self) -> None:
        """Take all rows away."""
        self.opened().cut(self.columns)
        self.written = 0

    def note(self, facts: Mapping[str, Any]) -> None:
        """Write facts beside the rows."""
        self.opened().note(facts)

    def read(self, name: str) -> Array:
        """All rows of a column. The file is open afterwards only if it was before."""
        is_running = self._file is not None
        found = self.opened().read(name)
        if not is_running:
            self.close()
        return found

    def close(self) -> None:
        """Let other programs have the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


class StreamedColumns(Mapping[str, Array]):
    """Columns of a file, each read anew when it is asked for, and not kept."""

    def __init__(self, names: tuple[str, ...], read: Callable[[str], Array]) -> None:
        self._names, self._read = names, read

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class StreamedSamples:
    """`SampleRecords` in a file: rows are written in chunks, and only the last one is in memory."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._earlier: Mapping[str, Array] | None = None  # before there is a file
        self._buffer = SampleRecords()
        self._rows = 0  # of the buffer
        self._layout: Layout = {}

    def set(self, columns: Mapping[str, Array] | None = None) -> None:
        """Go on after these, or from the beginning."""
        self._buffer.empty()
        if not self._stream.is_made:
            self._earlier = columns
            return
        self._stream.cut()
        self._write_earlier(columns)
        self._stream.close()

    def _write_earlier(self, earlier: Mapping[str, Array] | None) -> None:
        if earlier is not None:
            self._stream.append(earlier)
        self._earlier = None

    def make_room(self, rows: int, layout: Layout) -> None:
        """Make the file, and room for a chunk."""
        if not self._stream.is_made:
            self._layout = dict(layout)
            self._stream.make(layout, {})
            self._write_earlier(self._earlier)
        if self._layout != dict(layout):
            raise ArgumentError(f"'{self._stream.path}' has been begun with other variables or neurons")
        if not self._rows:
            self._rows = _chunk_rows(layout)
            self._buffer.make_room(self._rows, layout)

    def has_room(self, rows: int) -> bool:
        """Whether there is a buffer; how many rows come does not matter."""
        return self._rows > 0

    def length(self) -> int:
        """Give the number of rows."""
        if not self._stream.is_made:
            return 0 if self._earlier is None else self._earlier["t"].size
        return self._stream.written + self._buffer.length()

    def recorder(self, sources: Mapping[str, Source], clock: Clock) -> Callable[[], None]:
        """Give a callable that adds a row with the time and the values of the variables."""
        add, buffer, flush = self._buffer.recorder(sources, clock), self._buffer, self.flush

        def record() -> None:
            if not buffer.has_room(1):
                flush()
            add()

        return record

    def flush(self) -> None:
        """Write what is in the buffer."""
        if self._stream.is_made and self._buffer.length():
            self._stream.append(self._buffer.arrays(self._layout))
            self._buffer.empty()

    def close(self) -> None:
        """Write what is in the buffer, and let other programs have the file."""
        self.flush()
        self._stream.close()

    def arrays(self, layout: Layout) -> Mapping[str, Array]:
        """All records, read from the file when they are asked for."""
        if self._stream.is_made:
            return StreamedColumns(("t", *layout), self._read)
        return SampleRecords().arrays(layout) if self._earlier is None else self._earlier

    def _read(self, name: str) -> Array:
        self.flush()
        return self._stream.read(name)


class StreamedEvents:
    """`EventRecords` in a file: events are written in chunks, and only the last one is in memory.

    Args:
        stream: the file.
        more: name -> type of a value that is recorded with each event.
        present: gives what changes while the events are observed, such as until when they are.
    """

    def __init__(self, stream: Stream, more: Mapping[str, Any], present: Facts) -> None:
        self._stream, self._present = stream, present
        self._kinds = {"t": float, "i": np.intp, **more}
        self._buffer = EventRecords(**more)  # also of what there was before the file was made
        self._pending = 0
        self._rows = _chunk_rows({name: ((), dtype) for name, dtype in self._kinds.items()})

    def set(self, columns: Mapping[str, Array] | None = None) -> None:
        """Go on after these, or from the beginning."""
        self._buffer.set(columns)
        self._pending = 0 if columns is None else len(columns["t"])
        if self._stream.is_made:
            self._stream.cut()
            self.close()

    def begin(self, neurons: Array) -> None:
        """Make the file."""
        if not self._stream.is_made:
            layout = {name: ((), dtype) for name, dtype in self._kinds.items()}
            self._stream.make(layout, {"neurons": neurons})

    def add(self, batch: tuple[Any, ...]) -> None:
        """Take events: their time, or one for each, the neurons, and further values."""
        self._buffer.add(batch)
        self._pending += len(batch[1])
        if self._pending >= self._rows:
            self.flush()

    def flush(self) -> None:
        """Write what is in the buffer."""
        if self._stream.is_made:
            self._stream.append(self._buffer.arrays())
            self._stream.note(self._present())
            self._buffer.set()
            self._pending = 0

    def close(self) -> None:
        """Write what is in the buffer, and let other programs have the file."""
        self.flush()
        self._stream.close()

    def length(self) -> int:
        """A number that grows with the records."""
        return self._stream.written + self._pending

    def arrays(self) -> Mapping[str, Array]:
        """All records, read from the file when they are asked for."""
        if not self._stream.is_made:
            return self._buffer.arrays()
        return StreamedColumns(tuple(self._kinds), self._read)

    def _read(self, name: str) -> Array:
        if self._pending:
            self._stream.append(self._buffer.arrays())
            self._buffer.set()
            self._pending = 0
        return self._stream.read(name)


def _chunk_rows(layout: Layout) -> int:
    """Give the number of rows that are written in one piece."""
    row = 8 + sum(int(np.prod(shape)) * np.dtype(dtype).itemsize for shape, dtype in layout.values())
    return max(1, min(growing_files.CHUNK // row, growing_files.LONGEST))
