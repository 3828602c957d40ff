"""Files of Neurodata Without Borders (Ruebel et al. 2022, doi:10.7554/eLife.78362)."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from numpybrain.analysis.spike_arrays import by_neuron
from numpybrain.export.record_contracts import (
    SpikeRecord,
    TraceRecord,
    facts,
    has_spikes,
    needs,
    records_in_time,
    traces_of,
)

MS = 1e-3  # in seconds
LARGE = 20_000_000  # bytes from which on data are compressed


def to_nwb(path: Any, *records: Any, **about: Any) -> None:
    """Write records to one NWB file: neurons with their spikes as units, each variable as a time series.

    The table of units is written from the arrays of all spikes, with the interval in which each neuron
    was observed, its number in what was recorded (`neuron`) and the name of that (`source`). Times are in
    seconds; time series keep their numbers, and have the factor to the SI unit as `conversion`. The model
    and what else is known stand in `notes`, as JSON.

    Args:
        path: the file to write.
        records: monitors, or parts of their time.
        about: fields of `pynwb.NWBFile`, such as `session_description`, `identifier`,
            `session_start_time` (with a time zone; by default now), `experimenter`, `lab`, `subject` (by
            default one that says that no animal was recorded).

    Raises:
        ImportError: if pynwb is not installed.
    """
    import datetime as dt
    import uuid

    with needs("pynwb", "a file of NWB"):
        import pynwb
    found = records_in_time(records, "a file of NWB")
    simulator, _, version = str(found[0].info.get("simulator", "NumpyBrain")).partition(" ")
    fields: dict[str, Any] = {
        "session_description": f"simulation of {', '.join(dict.fromkeys(map(_source, found)))}",
        "identifier": str(uuid.uuid4()),
        "session_start_time": dt.datetime.now(dt.UTC),
        "keywords": ["simulation", "spiking neural network"],
        "was_generated_by": [[simulator, version or "unknown"]],
        "experiment_description": "simulation; the equations are in the notes",
        "subject": pynwb.file.Subject(  # which the format and its archives demand; nothing is claimed of it
            subject_id="simulation",
            description="simulated neurons, no animal",
            age="P0D/",
            sex="U",
        ),
        "notes": json.dumps({data.name: facts(data) for data in found}),
    }
    file = pynwb.NWBFile(**fields | about)
    spikes = [data for data in found if has_spikes(data)]
    if spikes:
        file.units = _units(spikes)
    for data in found:
        if not has_spikes(data):
            for series in _series(pynwb, data):
                file.add_acquisition(series)
    with pynwb.NWBHDF5IO(path, "w") as io:
        io.write(file)


def _source(data: SpikeRecord | TraceRecord) -> str:
    return str(data.info.get("source", data.name))


def _units(records: list[SpikeRecord]) -> Any:
    """The table of units, column by column."""
    from hdmf.common import VectorData, VectorIndex
    from pynwb.misc import Units

    trains = [by_neuron(data.i, data.t) for data in records]
    times = VectorData(
        name="spike_times",
        description="times of the spikes of each neuron in seconds",
        data=np.concatenate([t * MS for _, t in trains]),
    )
    counts = [np.bincount(i, minlength=data.n) for (i, _), data in zip(trains, records, strict=True)]
    ends = np.cumsum(np.concatenate(counts)).astype(np.uint64)
    total = ends.size
    observed = VectorData(
        name="obs_intervals",
        description="when each neuron was observed, in seconds",
        data=np.repeat([[r.start * MS, r.stop * MS] for r in records], [r.n for r in records], axis=0),
    )
    columns = [
        times,
        VectorIndex(name="spike_times_index", data=ends, target=times),
        observed,
        VectorIndex(
            name="obs_intervals_index", data=np.arange(1, total + 1, dtype=np.uint64), target=observed
        ),
        VectorData(
            name="neuron",
            description="number of the neuron in what was recorded",
            data=np.concatenate([data.neurons for data in records]).astype(np.int64),
        ),
        VectorData(
            name="source",
            description="name of what was recorded",
            data=[_source(data) for data in records for _ in range(data.n)],
        ),
    ]
    return Units(
        name="units",
        description="simulated neurons",
        id=np.arange(total),
        columns=columns,
        colnames=["spike_times", "obs_intervals", "neuron", "source"],
        resolution=float(records[0].info.get("dt_ms", -1000.0)) * MS,
    )


def _series(pynwb: Any, data: TraceRecord) -> Any:
    """A time series for each variable of a record."""
    timing: dict[str, Any] = {"timestamps": data.t * MS}
    if data.t.size > 1:
        timing = {"starting_time": float(data.t[0]) * MS, "rate": 1 / (data.sampling_step() * MS)}
    for name, values, unit in traces_of(data):
        factor, si = data.si_unit(name)
        numbers = values.astype(np.int8) if values.dtype == bool else values
        yield pynwb.TimeSeries(
            name=re.sub(r"[/:]", "_", f"{data.name}_{name}"),
            description=f"{name} of {_source(data)}, recorded in {unit}",
            comments=f"columns are the {data.element}s {data.neurons.tolist()}",
            data=_compressed(numbers),
            unit="n/a" if si == "1" else si,
            conversion=factor,
            **timing,
        )


def _compressed(values: Any) -> Any:
    """Data that are written compressed if they are large."""
    if values.nbytes < LARGE:
        return values
    from pynwb import H5DataIO

    return H5DataIO(values, compression="gzip", compression_opts=1)
