"""Spike trains of files and of other packages."""

from __future__ import annotations

from typing import Any

from numpybrain.export.spike_files import find_spikes
from numpybrain.monitors.spike_trains import SpikeTrains


def read_spikes(source: Any, population: str | None = None) -> SpikeTrains:
    """Spikes of a file or of Neo, with the statistics that monitors have.

    `recorded = nb.read_spikes("run.nwb")` has `recorded.i` and `recorded.t`, which an input takes, and
    `recorded.cv()` and all the other statistics.

    Args:
        source: a path to a file of NWB, SONATA, NumPy ("npz", with arrays `i` and `t`) or text (with
            columns `i` and `t`), as monitors and other programs write them; or a Block, Segment, list of
            SpikeTrains or SpikeTrain of Neo. What a file is, is seen from its content.
        population: which one, of files with several.

    Returns:
        Spike trains: times in ms, neurons 0..n-1, their numbers in the file as `neurons`. Where the file
        does not say when spikes were observed, that is from 0, or the first spike if that is earlier, to
        the last one.

    Raises:
        ArgumentError: if there is no such file or population, or no spikes are found.
        ImportError: if the file needs h5py, and that is not installed.
    """
    return SpikeTrains(*find_spikes(source, population))
