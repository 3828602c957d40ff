"""What formats are given: arrays with names, numbers and units, and where they are from."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from numpybrain.errors import ArgumentError, shown

Array = np.ndarray[Any, Any]


class Record(Protocol):
    """What all records have: numbers of neurons, a name, and what else is known of the run."""

    @property
    def t(self) -> Array:
        """Times in ms."""

    @property
    def neurons(self) -> Array:
        """Numbers of the neurons in what was recorded, shape (n,)."""

    @property
    def name(self) -> str:
        """Name of the monitor."""

    @property
    def info(self) -> Mapping[str, Any]:
        """The model, dt, the seed, versions."""


class SpikeRecord(Record, Protocol):
    """Spikes, `t` and `i` of shape (n_spikes,), of n neurons, observed in [start, stop)."""

    @property
    def i(self) -> Array:
        """Neuron of each spike, 0..n-1."""

    @property
    def n(self) -> int:
        """Number of neurons."""

    @property
    def start(self) -> float:
        """From when on spikes were observed, in ms."""

    @property
    def stop(self) -> float:
        """Until when, in ms."""


class TraceRecord(Record, Protocol):
    """Variables over time, `t` of shape (n_times,)."""

    @property
    def values(self) -> Mapping[str, Array]:
        """Name -> values, shape (n_times, n), or (n_times,) of what is shared."""

    @property
    def units(self) -> Mapping[str, str]:
        """Name -> declared unit."""

    @property
    def element(self) -> str:
        """What columns are: "neuron" or "synapse"."""

    def sampling_step(self) -> float:
        """Distance of the records in ms; an error if it differs."""

    def si_unit(self, name: str) -> tuple[float, str]:
        """What to multiply values with to have them in the SI unit, and the name of that."""


def has_spikes(record: Any) -> bool:
    """Whether a record is of spikes."""
    return not hasattr(record, "values")


def records_of(items: tuple[Any, ...]) -> list[Any]:
    """Records, each a `SpikeRecord` or `TraceRecord`, of monitors or parts of their time.

    Raises:
        ArgumentError: if there is none, or something is neither a monitor nor a record.
    """
    if not items:
        raise ArgumentError("there is nothing to export", help="give a monitor")
    for item in items:
        if not hasattr(item, "between"):
            message = f"what is exported is a monitor, or a part of its time (got {shown(item)})"
            raise ArgumentError(message, help="such as spikes, or trace.between('100 ms', '200 ms')")
    return [item.between() for item in items]


def traces_of(record: TraceRecord) -> Iterator[tuple[str, Array, str]]:
    """Name, values and unit of each variable."""
    for name, values in record.values.items():
        yield name, values, record.units[name]


def facts(record: Any) -> dict[str, Any]:
    """What is known of a record, but its arrays: texts and numbers."""
    found: dict[str, Any] = {"name": record.name, **record.info, "unit_of_t": "ms"}
    if has_spikes(record):
        found |= {"n": record.n, "start_ms": record.start, "stop_ms": record.stop}
    else:
        found |= {f"unit_of_{name}": unit for name, _, unit in traces_of(record)}
    return found


def numbers(record: SpikeRecord | TraceRecord) -> list[int] | None:
    """The numbers of the neurons, if they are not 0, 1, 2 ..."""
    n = record.neurons.size
    return None if np.array_equal(record.neurons, np.arange(n)) else record.neurons.tolist()


@contextlib.contextmanager
def needs(package: str, what: str) -> Iterator[None]:
    """Say what to install if the packages imported inside are not there.

    Raises:
        ImportError: if one is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"{what} needs the package '{package}': pip install \"numpybrain[export]\""
        raise ImportError(message) from error
