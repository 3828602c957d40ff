"""Files of columns that grow while a program runs: HDF5, and directories of Zarr."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from numpybrain.errors import ArgumentError
from numpybrain.export.record_contracts import Array, needs

CHUNK = 1 << 22  # bytes that are written in one piece
LONGEST = 1 << 14  # rows of such a piece


class Column(NamedTuple):
    """Kind of a column: the shape of one row, its type and its unit."""

    shape: tuple[int, ...]
    dtype: Any
    unit: str

    def chunk(self) -> tuple[int, ...]:
        """Shape of what is written in one piece."""
        row = max(1, int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize)
        return (max(1, min(CHUNK // row, LONGEST)), *(max(1, n) for n in self.shape))


class GrowingFile(Protocol):
    """File of columns whose rows become more."""

    def append(self, rows: int, columns: Mapping[str, Array]) -> None:
        """Write columns after so many rows, the last one last: there are values for all that it has."""

    def cut(self, names: Iterable[str]) -> None:
        """Take all rows of columns away."""

    def rows(self) -> int:
        """Give the number of rows of `t`, the column that is written last."""

    def read(self, name: str) -> Array:
        """All rows of a column."""

    def note(self, facts: Mapping[str, Any]) -> None:
        """Write facts beside the columns."""

    def close(self) -> None:
        """Let other programs have the file."""


class Hdf5File:
    """HDF5 file: a data set for each column, with its unit; flushed after each piece, so that it opens."""

    @staticmethod
    def check() -> None:
        """Raise an error if h5py is not installed."""
        with needs("h5py", "a monitor that writes to a file"):
            import h5py  # noqa: F401

    def __init__(self, path: Path, mode: str) -> None:
        import h5py

        self._file = h5py.File(path, mode)

    @classmethod
    def make(
        cls, path: Path, columns: Mapping[str, Column], fixed: Mapping[str, Array], *, overwrite: bool
    ) -> Hdf5File:
        """Make the file, without rows of these columns, and with those of others that stay."""
        made = cls(path, "w" if overwrite else "x")
        for name, column in columns.items():
            options = {"maxshape": (None, *column.shape), "chunks": column.chunk()}
            data = made._file.create_dataset(name, (0, *column.shape), column.dtype, **options)
            data.attrs["units"] = column.unit
        for name, array in fixed.items():
            made._file.create_dataset(name, data=array)
        made._file.flush()
        return made

    def append(self, rows: int, columns: Mapping[str, Array]) -> None:
        """Write columns after so many rows, the last one last."""
        for name, array in columns.items():
            self._file[name].resize(rows + len(array), axis=0)
            self._file[name][rows:] = array
        self._file.flush()

    def cut(self, names: Iterable[str]) -> None:
        """Take all rows of columns away."""
        for name in names:
            self._file[name].resize(0, axis=0)
        self._file.flush()

    def rows(self) -> int:
        """Give the number of rows of `t`."""
        return int(self._file["t"].size)

    def read(self, name: str) -> Array:
        """All rows of a column."""
        found: Array = self._file[name][:]
        return found

    def note(self, facts: Mapping[str, Any]) -> None:
        """Write facts as attributes of the file."""
        for key, value in facts.items():
            self._file.attrs[key] = value if isinstance(value, (str, int, float)) else json.dumps(value)
        self._file.flush()

    def close(self) -> None:
        """Let other programs have the file."""
        self._file.close()


class ZarrFile:
    """Zarr directory: an array for each column, with its unit; each piece is a file of its own."""

    @staticmethod
    def check() -> None:
        """Raise an error if zarr is not installed."""
        with needs("zarr", "a monitor that writes to a directory of Zarr"):
            import zarr  # noqa: F401

    def __init__(self, path: Path, mode: str) -> None:
        import zarr

        self._group = zarr.open_group(str(path), mode=mode)

    @classmethod
    def make(
        cls, path: Path, columns: Mapping[str, Column], fixed: Mapping[str, Array], *, overwrite: bool
    ) -> ZarrFile:
        """Make the directory, without rows of these columns, and with those of others that stay."""
        made = cls(path, "w" if overwrite else "w-")
        for name, column in columns.items():
            made._group.create_array(
                name, shape=(0, *column.shape), dtype=column.dtype, chunks=column.chunk(),
                compressors=None, fill_value=_missing(column.dtype), attributes={"units": column.unit},
            )  # fmt: skip
        for name, array in fixed.items():
            made._group.create_array(name, data=array)
        return made

    def append(self, rows: int, columns: Mapping[str, Array]) -> None:
        """Write columns after so many rows, the last one last."""
        for name, array in columns.items():
            data = self._group[name]
            data.resize((rows + len(array), *data.shape[1:]))
            data[rows:] = array

    def cut(self, names: Iterable[str]) -> None:
        """Take all rows of columns away."""
        for name in names:
            data = self._group[name]
            data.resize((0, *data.shape[1:]))

    def rows(self) -> int:
        """Give the number of rows of `t`."""
        return int(self._group["t"].shape[0])

    def read(self, name: str) -> Array:
        """All rows of a column."""
        return np.asarray(self._group[name][:])

    def note(self, facts: Mapping[str, Any]) -> None:
        """Write facts as attributes of the group."""
        self._group.attrs.update(dict(facts))

    def close(self) -> None:
        """Nothing is open between two pieces."""


KINDS: dict[str, Any] = {".h5": Hdf5File, ".hdf5": Hdf5File, ".zarr": ZarrFile}


def kind_of(path: Path) -> Any:
    """The class for files of this name.

    Raises:
        ArgumentError: if there is none.
    """
    if path.suffix not in KINDS:
        message = f"a monitor writes HDF5 or Zarr (got '{path.name}')"
        raise ArgumentError(message, help="call the file something.h5, or something.zarr")
    return KINDS[path.suffix]


def _missing(dtype: Any) -> Any:
    """What stands for a row that has not been written: NaN where there is one."""
    return np.nan if np.dtype(dtype).kind == "f" else np.zeros((), dtype).item()
