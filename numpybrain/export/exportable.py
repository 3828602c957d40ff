"""Methods that export a record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self


class Exportable(ABC):
    """Base of records: methods that give them to other packages, or write them to files.

    The functions of `nb.export` take several records at once.
    """

    @abstractmethod
    def between(self, start: Any = None, stop: Any = None) -> Self:
        """A part of the time; without arguments, all of it."""

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`: columns `t` and `i` of spikes, or one for each variable and neuron."""
        from numpybrain.export.tables import to_pandas

        return to_pandas(self)

    def to_xarray(self) -> Any:
        """An `xarray.Dataset` with named dimensions, units and the model as attributes."""
        from numpybrain.export.tables import to_xarray

        return to_xarray(self)

    def to_neo(self) -> Any:
        """A `neo.Block` with one segment of spike trains or analog signals."""
        from numpybrain.export.neo_objects import to_neo

        return to_neo(self)

    def to_nwb(self, path: Any, **about: Any) -> None:
        """Write a file of Neurodata Without Borders: spikes as units, variables as time series.

        Args:
            path: the file to write.
            about: fields of `pynwb.NWBFile`, such as `session_description`, `session_start_time`, `lab`.
        """
        from numpybrain.export.nwb import to_nwb

        to_nwb(path, self, **about)

    def to_csv(self, path: Any) -> None:
        """Write a text file: what is known of the run after "#", a line of names, then numbers.

        Args:
            path: the file to write.
        """
        from numpybrain.export.text_and_arrays import to_csv

        to_csv(path, self)

    def to_npz(self, path: Any) -> None:
        """Write a file of arrays that `numpy.load` reads.

        Args:
            path: the file to write.
        """
        from numpybrain.export.text_and_arrays import to_npz

        to_npz(path, self)

    def to_sonata(self, path: Any, name: str | None = None) -> None:
        """Write an HDF5 file of SONATA: a file of spikes, or a report of one variable.

        Args:
            path: the file to write.
            name: which variable, if there are several.
        """
        from numpybrain.export.sonata import to_sonata

        to_sonata(path, self, name=name)
