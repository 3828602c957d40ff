"""Files of SONATA (Dai et al. 2020, doi:10.1371/journal.pcbi.1007696)."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, suggestion
from numpybrain.export.record_contracts import (
    ConnectionRecord,
    SpikeRecord,
    TraceRecord,
    facts,
    has_spikes,
    has_synapses,
    needs,
    records_of,
)

MAGIC = 0x0A7A  # of all SONATA files
SORTING = {"none": 0, "by_id": 1, "by_time": 2}


def to_sonata(path: Any, *records: Any, name: str | None = None) -> None:
    """Write spikes of one or more groups, or a report of one variable, as a SONATA file.

    A population of the file is called as what was recorded. `node_ids` are the numbers of the neurons in
    that; times are in ms. What else is known of the run stands in attributes of the population, which
    readers of SONATA pass over.

    Args:
        path: the file to write.
        records: monitors, or parts of their time: all of spikes, or one of variables; or synapses, whose
            variables become attributes of edges by their names.
        name: which variable, if that has recorded several.

    Raises:
        ImportError: if h5py is not installed.
        ArgumentError: if the records do not fit in one file.
        TimeStepError: if a variable was not recorded at equal distances.
    """
    with needs("h5py", "a file of SONATA"):
        import h5py
    found = records_of(records)
    spikes = [data for data in found if has_spikes(data)]
    edges = [data for data in found if has_synapses(data)]
    traces = [data for data in found if not has_spikes(data) and not has_synapses(data)]
    if len(traces) > 1 or sum(map(bool, (spikes, traces, edges))) > 1:
        message = "a file of SONATA has spikes, a report of one variable, or edges"
        raise ArgumentError(message, help="write several files")
    variable = _variable(traces[0], name) if traces else None
    with h5py.File(path, "w") as file:
        file.attrs["magic"] = np.uint32(MAGIC)
        file.attrs["version"] = np.array([0, 1], dtype=np.uint32)
        for data in spikes:
            _write_spikes(h5py, file, data)
        for data in edges:
            _write_edges(file, data)
        if variable is not None:
            _write_report(file, traces[0], variable)


def _variable(data: TraceRecord, name: str | None) -> str:
    """Name of the variable that is written."""
    if name is None and len(data.values) == 1:
        return next(iter(data.values))
    if name is None:
        message = (
            f"a report of SONATA has one variable, and '{data.name}' has recorded {', '.join(data.values)}"
        )
        raise ArgumentError(message, help=f"say which: name='{next(iter(data.values))}'")
    if name not in data.values:
        message = f"'{data.name}' has not recorded '{name}'"
        raise ArgumentError(message + suggestion(name, data.values))
    if data.values[name].ndim == 1:
        raise ArgumentError(f"'{name}' is shared by the group, and a report of SONATA is of neurons")
    return name


def _population(data: SpikeRecord | TraceRecord, parent: Any) -> Any:
    """The group of a population, with what is known of it as attributes."""
    name = str(data.info.get("source", data.name)).replace("/", "_")
    if name in parent:
        raise ArgumentError(f"two records are of '{name}'", help="write several files")
    group = parent.create_group(name)
    for key, value in facts(data).items():
        group.attrs[key] = value
    return group


def _write_spikes(h5py: Any, file: Any, data: SpikeRecord) -> None:
    group = _population(data, file.require_group("spikes"))
    sorting = h5py.enum_dtype(SORTING, basetype=np.uint8)
    in_time = data.t.size < 2 or bool((data.t[1:] >= data.t[:-1]).all())
    group.attrs.create("sorting", SORTING["by_time" if in_time else "none"], dtype=sorting)
    group.attrs["neurons"] = np.asarray(data.neurons, dtype=np.int64)
    group["node_ids"] = data.neurons.take(data.i).astype(np.uint64)
    group["timestamps"] = np.asarray(data.t, dtype=np.float64)
    group["timestamps"].attrs["units"] = "ms"


def _write_edges(file: Any, data: ConnectionRecord) -> None:
    parent = file.require_group("edges")
    if data.name in parent:
        raise ArgumentError(f"two synapses are called '{data.name}'", help="write several files")
    group, n = parent.create_group(data.name), data.i.size
    for key, value in facts(data).items():
        group.attrs[key] = value
    for side, numbers, population in zip(("source", "target"), (data.i, data.j), data.ends, strict=True):
        ids = group.create_dataset(f"{side}_node_id", data=numbers.astype(np.uint64))
        ids.attrs["node_population"] = population
    group["edge_type_id"] = np.zeros(n, dtype=np.int64)
    group["edge_group_id"] = np.zeros(n, dtype=np.uint64)
    group["edge_group_index"] = np.arange(n, dtype=np.uint64)
    attributes = group.create_group("0")
    for name, values in data.values.items():
        attributes[name] = values.astype(np.int8) if values.dtype == bool else values
        attributes[name].attrs["units"] = data.units[name]


def _write_report(file: Any, data: TraceRecord, name: str) -> None:
    group = _population(data, file.require_group("report"))
    step, n = data.sampling_step(), data.neurons.size
    group["data"] = np.asarray(data.values[name], dtype=np.float32)
    group["data"].attrs["units"] = data.units[name]
    group["data"].attrs["variable"] = name
    mapping = group.create_group("mapping")
    mapping["node_ids"] = data.neurons.astype(np.uint64)
    mapping["node_ids"].attrs["sorted"] = np.uint8((np.diff(data.neurons) > 0).all())
    mapping["index_pointers"] = np.arange(n + 1, dtype=np.uint64)
    mapping["element_ids"] = np.zeros(n, dtype=np.uint32)
    start = float(data.t[0])
    mapping["time"] = np.array([start, start + step * data.t.size, step])
    mapping["time"].attrs["units"] = "ms"
