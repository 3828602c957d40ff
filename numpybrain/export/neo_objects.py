"""Blocks of Neo."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.export.record_contracts import (
    SpikeRecord,
    TraceRecord,
    facts,
    has_spikes,
    needs,
    records_in_time,
    traces_of,
)


def to_neo(*records: Any) -> Any:
    """A block of Neo with one segment: spike trains, and an analog signal for each variable.

    Spike trains are made from two arrays at once, and as single objects when Neo is first asked for one.
    Units are those of `quantities`. Trains have the annotations `neuron`, their number in what was
    recorded, and `source`; signals the array annotation `neuron`. The model and what else is known are
    annotations of the segment.

    Args:
        records: monitors, or parts of their time.

    Returns:
        A `neo.Block`.

    Raises:
        ImportError: if Neo is not installed.
        TimeStepError: if a variable was not recorded at equal distances.
    """
    with needs("neo", "a block of Neo"):
        import neo
    found = records_in_time(records, "a block of Neo")
    block = neo.Block(name=str(found[0].info.get("source", found[0].name)))
    segment = neo.Segment(name="run", index=0)
    block.segments.append(segment)
    spikes = [data for data in found if has_spikes(data)]
    intervals = {(data.start, data.stop) for data in spikes}
    if len(intervals) == 1:
        segment.spiketrains = _spike_trains(neo, spikes)
    else:  # only single trains have their own
        segment.spiketrains.extend([train for data in spikes for train in _spike_trains(neo, [data])])
    for data in found:
        if not has_spikes(data):
            segment.analogsignals.extend(_signals(neo, data))
        segment.annotate(**{f"{data.name}_{name}": value for name, value in facts(data).items()})
    block.annotate(**segment.annotations)
    return block


def _spike_trains(neo: Any, records: list[SpikeRecord]) -> Any:
    """The trains of records of one interval, as a list that makes them when it is asked."""
    import quantities as pq

    sizes = [data.n for data in records]
    first = np.cumsum([0, *sizes])
    t = np.concatenate([data.t for data in records]).astype(float)
    stop = max(records[0].stop, float(t.max()) if t.size else 0.0)
    return neo.core.spiketrainlist.SpikeTrainList.from_spike_time_array(
        t,
        np.concatenate([data.i + start for data, start in zip(records, first, strict=False)]),
        np.arange(first[-1]).tolist(),
        t_stop=stop * pq.ms,
        t_start=records[0].start * pq.ms,
        units="ms",
        neuron=np.concatenate([data.neurons for data in records]).tolist(),
        source=[str(data.info.get("source", data.name)) for data in records for _ in range(data.n)],
    )


def _signals(neo: Any, data: TraceRecord) -> list[Any]:
    """An analog signal for each variable of a record."""
    import quantities as pq

    signals = []
    for name, values, unit in traces_of(data):
        signal = neo.AnalogSignal(
            np.asarray(values, dtype=float).reshape(data.t.size, -1) * 1.0,
            units="dimensionless",
            sampling_period=data.sampling_step() * pq.ms,
            t_start=float(data.t[0]) * pq.ms,
            name=name,
            declared_unit=unit,
            monitor=data.name,
        )
        signal = _with_unit(pq, signal, unit, data.si_unit(name))
        if values.ndim == 2:
            signal.array_annotate(**{data.element: np.array(data.neurons)})
        signals.append(signal)
    return signals


def _with_unit(pq: Any, signal: Any, unit: str, si: tuple[float, str]) -> Any:
    """The signal in its declared unit, or in the SI unit where Neo does not know that."""
    factor, name = si
    if name == "1":
        return signal
    try:
        dimension = pq.quantity.validate_dimensionality(unit)
        factor = 1.0
    except (LookupError, TypeError, ValueError, SyntaxError):
        dimension = pq.quantity.validate_dimensionality(name)
    return signal.duplicate_with_new_data(signal.magnitude * factor, units=dimension)
