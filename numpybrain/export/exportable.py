"""Methods that export what was recorded, and synapses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self


class Tabular(ABC):
    """Base of all that is exported: methods that make tables of it and write them to files."""

    @abstractmethod
    def record(self) -> Self:
        """Itself: what is exported, of monitors and synapses as of this."""

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`: columns `t` and `i`, `i` and `j`, or one for each neuron."""
        from numpybrain.export.tables import to_pandas

        return to_pandas(self)

    def to_xarray(self) -> Any:
        """An `xarray.Dataset` with named dimensions, units and the model as attributes."""
        from numpybrain.export.tables import to_xarray

        return to_xarray(self)

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
        """Write an HDF5 file of SONATA: spikes, a report of one variable, or the edges of synapses.

        Args:
            path: the file to write.
            name: which variable, if there are several.
        """
        from numpybrain.export.sonata import to_sonata

        to_sonata(path, self, name=name)


class Exportable(Tabular):
    """Base of records over time, which are more than tables.

    The functions of `nb.export` take several records at once.
    """

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
