"""Spikes from files and objects of other packages, as arrays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from numpybrain.errors import ArgumentError, shown, suggestion
from numpybrain.export.record_contracts import Array, needs
from numpybrain.export.text_and_arrays import INFO, NEURONS

S = 1000.0  # in ms
NO_ROWS = np.empty((0, 2))


class Found(NamedTuple):
    """Spikes as they were found: `t` in ms, `i` 0..n-1, the numbers of the neurons, what else is known."""

    i: Array
    t: Array
    n: int
    start: float
    stop: float
    neurons: Array
    name: str
    info: dict[str, Any]


def find_spikes(source: Any, population: str | None = None) -> Found:
    """Spikes of a file, or of an object of Neo. Arguments, results and errors as of `nb.read_spikes`."""
    if not isinstance(source, (str, Path)):
        return _from_neo(source)
    path = Path(source)
    if (path / "zarr.json").is_file():
        return _from_zarr(path)
    if not path.is_file():
        raise ArgumentError(f"there is no file '{path}'")
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        return _from_npz(path)
    if start == b"\x89HDF\r\n\x1a\n":
        return _from_hdf5(path, population)
    return _from_csv(path)


def _found(i: Any, t: Any, facts: Mapping[str, Any], neurons: Any, name: str) -> Found:
    """Spikes in the order of time; bounds that are not known are those of the spikes."""
    i, t = np.asarray(i).astype(np.intp), np.asarray(t, dtype=float)
    if i.shape != t.shape or i.ndim != 1 or not np.isfinite(t).all() or (i.size and i.min() < 0):
        raise ArgumentError(f"'{name}' has no spikes with a neuron and a finite time each")
    info = dict(facts)
    about = [info.pop(key, None) for key in ("n", "start_ms", "stop_ms")]
    try:
        n, start, stop = (None if value is None else float(value) for value in about)
        known = None if neurons is None else np.asarray(neurons, dtype=np.intp).reshape(len(neurons))
    except (TypeError, ValueError, OverflowError):
        message = f"what '{name}' says of its spikes cannot be read"
        raise ArgumentError(message, detail=f"n, start_ms, stop_ms are {shown(about)}") from None
    size = int(n) if n is not None else int(i.max()) + 1 if i.size else 0
    size = max(size, int(i.max()) + 1 if i.size else 0) if known is None else known.size
    if i.size and i.max() >= size:
        raise ArgumentError(f"'{name}' has a spike of neuron {i.max()}, and {size} neurons")
    start = start if start is not None else min(0.0, float(t.min()) if t.size else 0.0)
    stop = stop if stop is not None else max(start, float(t.max()) if t.size else 0.0)
    which = np.arange(size) if known is None else known
    order = t.argsort(kind="stable")
    return Found(i.take(order), t.take(order), size, start, stop, which, str(info.pop("name", name)), info)


def _from_npz(path: Path) -> Found:
    with np.load(path, allow_pickle=False) as file:
        if not {"i", "t"} <= set(file.files):
            raise ArgumentError(
                f"'{path}' has no arrays 'i' and 't'", detail=f"it has {', '.join(file.files)}"
            )
        facts = _facts(str(file[INFO])) if INFO in file.files else {}
        return _found(
            file["i"], file["t"], facts, file[NEURONS] if NEURONS in file.files else None, path.stem
        )


def _facts(text: str) -> dict[str, Any]:
    """Read a text in JSON; empty if it is no object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _from_csv(path: Path) -> Found:
    facts: dict[str, Any] = {}
    names: list[str] = []
    rows: list[str] = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                key, _, value = line[1:].partition(":")
                facts |= _facts(f"{{{json.dumps(key.strip())}: {value.strip()}}}")
            elif line.strip():
                names = names or [word.strip().strip('"') for word in line.split(",")]
                rows.append(line)
        if not {"i", "t"} <= set(names):
            message = f"'{path}' has no columns 'i' and 't' with the neurons and times of spikes"
            raise ArgumentError(message, detail=f"its first line is {shown(','.join(names))}")
        columns = [names.index("i"), names.index("t")]
        numbers = np.loadtxt(rows[1:], delimiter=",", usecols=columns, ndmin=2) if rows[1:] else NO_ROWS
    except (UnicodeDecodeError, ValueError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise ArgumentError(f"'{path}' is no table of numbers", detail=str(error)) from None
    return _found(numbers[:, 0], numbers[:, 1], facts, facts.pop("neurons", None), path.stem)


def _from_hdf5(path: Path, population: str | None) -> Found:
    with needs("h5py", "reading HDF5"):
        import h5py
    with h5py.File(path, "r") as file:
        if "units" in file and "spike_times" in file["units"]:
            return _from_nwb(file, path, population)
        if {"i", "t", "neurons"} <= set(file):
            return _from_columns(file, path)
        if "spikes" in file:
            return _from_sonata(file["spikes"], path, population)
        message = f"'{path}' has neither the units of NWB, nor the spikes of SONATA or of a monitor"
        raise ArgumentError(message, detail=f"it has {', '.join(file)}")


def _from_nwb(file: Any, path: Path, population: str | None) -> Found:
    """The table of units: spike times of all neurons, one after the other, and where each ends."""
    units = file["units"]
    ends = units["spike_times_index"][:].astype(np.intp)
    t, counts = units["spike_times"][:] * S, np.diff(ends, prepend=0)
    i = np.repeat(np.arange(ends.size), counts)
    neurons = units["neuron" if "neuron" in units else "id"][:].astype(np.intp)
    facts: dict[str, Any] = {"n": ends.size}
    chosen = np.ones(ends.size, dtype=bool)
    if "source" in units:
        sources = np.array([_text(value) for value in units["source"][:]])
        name = _choose(population, list(dict.fromkeys(sources.tolist())), path)
        chosen = sources == name
        facts |= {"n": int(chosen.sum()), "source": name}
    if "obs_intervals" in units and units["obs_intervals"].size:
        observed = units["obs_intervals"][:].reshape(-1, 2) * S
        which = np.repeat(chosen, np.diff(units["obs_intervals_index"][:].astype(np.intp), prepend=0))
        if which.any():
            facts |= {"start_ms": observed[which, 0].min(), "stop_ms": observed[which, 1].max()}
    notes = _facts(_text(file["general/notes"][()])) if "general/notes" in file else {}
    for about in notes.values():
        if isinstance(about, dict) and about.get("source") == facts.get("source") and "n" in about:
            facts = about | facts
    place, inside = np.cumsum(chosen) - 1, chosen.take(i)
    return _found(place.take(i[inside]), _ms(t[inside]), facts, neurons[chosen], path.stem)


def _from_zarr(path: Path) -> Found:
    with needs("zarr", "reading Zarr"):
        import zarr
    group = zarr.open_group(str(path), mode="r")
    if not {"i", "t", "neurons"} <= set(group):
        message = f"'{path}' has no spikes of a monitor"
        raise ArgumentError(message, detail=f"it has {', '.join(sorted(group))}")
    return _from_columns(group, path)


def _from_columns(group: Any, path: Path) -> Found:
    """What a monitor has written while its network ran, perhaps until a crash: `t` is written last."""
    t = group["t"][:]
    t = t[: np.isnan(t).argmax()] if np.isnan(t).any() else t
    facts = {key: _plain(value) for key, value in group.attrs.items()}
    facts["stop_ms"] = max(float(facts["stop_ms"]), float(t[-1]) if t.size else 0.0)
    return _found(group["i"][: t.size], t, facts, group["neurons"][:], path.stem)


def _ms(t: Array) -> Array:
    """Times that were written in seconds, without what the last digit of these became in ms."""
    return np.round(t, 9)


def _from_sonata(spikes: Any, path: Path, population: str | None) -> Found:
    if "timestamps" in spikes:  # files of the first version have one population without a name
        group, name, ids = spikes, "spikes", "gids"
    else:
        name = _choose(population, list(spikes), path)
        group, ids = spikes[name], "node_ids"
    unit = _text(group["timestamps"].attrs.get("units", "ms"))
    if unit not in ("ms", "milliseconds", "s", "seconds"):
        raise ArgumentError(f"'{path}' has times in '{unit}'", help="ms or s are read")
    factor = S if unit.startswith("s") else 1.0
    t, numbers = group["timestamps"][:] * factor, group[ids][:].astype(np.intp)
    facts = {key: _plain(value) for key, value in group.attrs.items() if key not in ("sorting", "neurons")}
    facts.setdefault("source", name)
    if "neurons" not in group.attrs:
        return _found(numbers, t, facts, None, path.stem)
    neurons = np.asarray(group.attrs["neurons"]).astype(np.intp)
    order = neurons.argsort(kind="stable")
    place = np.minimum(np.searchsorted(neurons, numbers, sorter=order), max(neurons.size - 1, 0))
    return _found(order.take(place) if neurons.size else numbers, t, facts, neurons, path.stem)


def _choose(wanted: str | None, there: list[str], path: Path) -> str:
    """One of the populations of a file."""
    if wanted is None and len(there) == 1:
        return there[0]
    if wanted is None:
        message = (
            f"'{path}' has the populations {', '.join(there)}" if there else f"'{path}' has no population"
        )
        raise ArgumentError(message, help="say which: population=...")
    if wanted not in there:
        raise ArgumentError(f"'{path}' has no population '{wanted}'{suggestion(wanted, there)}")
    return wanted


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _plain(value: Any) -> Any:
    """A value of an attribute as one of Python."""
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if isinstance(value, np.generic) else value


def _from_neo(source: Any) -> Found:
    """Spike trains of Neo: a block, a segment, a list of trains, or one."""
    trains = _trains_of(source)
    times = [np.asarray(train.rescale("ms").magnitude, dtype=float) for train in trains]
    counts = [t.size for t in times]
    facts: dict[str, Any] = {"n": len(trains)}
    if trains:
        facts["start_ms"] = min(float(train.t_start.rescale("ms")) for train in trains)
        facts["stop_ms"] = max(float(train.t_stop.rescale("ms")) for train in trains)
    numbers = [train.annotations.get("neuron", k) for k, train in enumerate(trains)]
    i = np.repeat(np.arange(len(trains)), counts)
    return _found(i, np.concatenate([*times, np.empty(0)]), facts, numbers, "neo")


def _trains_of(source: Any) -> list[Any]:
    if hasattr(source, "rescale") and hasattr(source, "t_stop"):
        return [source]
    if hasattr(source, "segments"):
        segments = list(source.segments)
        if len(segments) != 1:
            message = f"a block with one segment is wanted (got {len(segments)})"
            raise ArgumentError(message, help="give a segment: block.segments[0]")
        return list(segments[0].spiketrains)
    if hasattr(source, "spiketrains"):
        return list(source.spiketrains)
    trains = list(source) if isinstance(source, Iterable) else []
    if not trains or not all(hasattr(train, "rescale") and hasattr(train, "t_stop") for train in trains):
        message = f"spikes are read from a file, or from objects of Neo (got {shown(source)})"
        raise ArgumentError(message, help="a path, a Block, a Segment or SpikeTrains")
    return trains
