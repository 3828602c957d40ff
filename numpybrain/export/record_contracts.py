"""Records that formats are given: arrays with names, numbers and units, and where they are from."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from numpybrain.errors import ArgumentError, shown

Array = np.ndarray[Any, Any]


class Record(Protocol):
    """Base of all records: numbers of neurons, a name, and what else is known of the run."""

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
        """Start of the observation of spikes, in ms."""

    @property
    def stop(self) -> float:
        """End of the observation of spikes, in ms."""


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
        """Kind of element of the columns: "neuron" or "synapse"."""

    def sampling_step(self) -> float:
        """Distance of the records in ms; an error if it differs."""

    def si_unit(self, name: str) -> tuple[float, str]:
        """Give the factor that converts values to the SI unit, and the name of that unit."""


class ConnectionRecord(Protocol):
    """Synapses: source `i` and target `j` of each, shape (n_synapses,), and their values."""

    @property
    def i(self) -> Array:
        """Source neuron of each."""

    @property
    def j(self) -> Array:
        """Target neuron of each."""

    @property
    def values(self) -> Mapping[str, Array]:
        """Name -> value of each, shape (n_synapses,)."""

    @property
    def units(self) -> Mapping[str, str]:
        """Name -> declared unit."""

    @property
    def ends(self) -> tuple[str, str]:
        """Names of the source and the target."""

    @property
    def sizes(self) -> tuple[int, int]:
        """Numbers of neurons of the source and the target."""

    @property
    def name(self) -> str:
        """Name of the synapses."""

    @property
    def info(self) -> Mapping[str, Any]:
        """The model, dt, the seed, versions."""


def has_spikes(record: Any) -> bool:
    """Whether a record is of spikes."""
    return not hasattr(record, "values")


def has_synapses(record: Any) -> bool:
    """Whether a record is of synapses."""
    return hasattr(record, "ends")


def records_of(items: tuple[Any, ...]) -> list[Any]:
    """Records of monitors, parts of their time, and synapses.

    Each is a `SpikeRecord`, `TraceRecord` or `ConnectionRecord`.

    Raises:
        ArgumentError: if there is none, or something is none of these.
    """
    if not items:
        raise ArgumentError("there is nothing to export", help="give a monitor")
    return [_record_of(item) for item in items]


def records_in_time(items: tuple[Any, ...], what: str) -> list[Any]:
    """The same, for formats that have no synapses.

    Raises:
        ArgumentError: if there is none, or something is no monitor and no part of one.
    """
    found = records_of(items)
    for data in found:
        if has_synapses(data):
            message = f"{what} has no synapses"
            raise ArgumentError(message, help="to_pandas, to_xarray, to_csv, to_npz, to_sonata do")
    return found


def _record_of(item: Any) -> Any:
    for method in ("record", "between", "connections"):
        if hasattr(type(item), method):
            return getattr(item, method)()
    message = f"what is exported are monitors, parts of their time, and synapses (got {shown(item)})"
    raise ArgumentError(message, help="such as spikes, or trace.between('100 ms', '200 ms')")


def traces_of(record: TraceRecord | ConnectionRecord) -> Iterator[tuple[str, Array, str]]:
    """Name, values and unit of each variable."""
    for name, values in record.values.items():
        yield name, values, record.units[name]


def facts(record: Any) -> dict[str, Any]:
    """Give what is known of a record, but its arrays: texts and numbers."""
    found: dict[str, Any] = {"name": record.name, **record.info}
    if has_synapses(record):
        found |= dict(zip(("source", "target"), record.ends, strict=True))
        found |= dict(zip(("n_source", "n_target"), record.sizes, strict=True))
    else:
        found["unit_of_t"] = "ms"
    if has_spikes(record):
        found |= {"n": record.n, "start_ms": record.start, "stop_ms": record.stop}
    else:
        found |= {f"unit_of_{name}": unit for name, _, unit in traces_of(record)}
    return found


def numbers(record: Any) -> list[int] | None:
    """The numbers of the neurons, if they are not 0, 1, 2 ..."""
    if has_synapses(record):
        return None
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
