"""Tables of pandas and data sets of xarray."""

from __future__ import annotations

from typing import Any

from numpybrain.export.record_contracts import (
    facts,
    has_spikes,
    has_synapses,
    needs,
    numbers,
    records_of,
    traces_of,
)


def to_pandas(record: Any) -> Any:
    """A table of a record.

    Args:
        record: a monitor, or a part of its time; or synapses.

    Returns:
        A `pandas.DataFrame`. Of spikes one row for each, with columns `t` (ms) and `i`. Of variables one
        row for each time, with the index `t` (ms) and columns (variable, number of the neuron):
        `table["v"]` has a column for each neuron. Units, the model and what else is known are in
        `table.attrs`.

    Raises:
        ImportError: if pandas is not installed.
    """
    with needs("pandas", "a table"):
        import pandas as pd
    (data,) = records_of((record,))
    if has_spikes(data):
        table = pd.DataFrame({"t": data.t, "i": data.i})
    elif has_synapses(data):
        columns_of = {name: values for name, values, _ in traces_of(data)}
        table = pd.DataFrame({"i": data.i, "j": data.j, **columns_of})
    else:
        columns: list[tuple[str, Any]] = []
        arrays = []
        for name, values, _ in traces_of(data):
            columns += [(name, "")] if values.ndim == 1 else [(name, k) for k in data.neurons.tolist()]
            arrays.append(pd.DataFrame(values))
        table = pd.concat(arrays, axis=1)
        table.columns = pd.MultiIndex.from_tuples(columns, names=["variable", data.element])
        table.index = pd.Index(data.t, name="t")
    which = numbers(data)
    table.attrs = facts(data) | ({} if which is None else {"neurons": which})
    return table


def to_xarray(*records: Any) -> Any:
    """A data set of one record, or of several variables recorded at the same times.

    Args:
        records: monitors, or parts of their time; or synapses.

    Returns:
        An `xarray.Dataset`. Of spikes, `t` (ms) and `i` along `spike`; of variables, each with the
        dimensions `t` (ms) and `neuron` or `synapse`. `neuron` has the numbers of the neurons in what was
        recorded. Arrays have the attribute `units`; the data set those of the run.

    Raises:
        ImportError: if xarray is not installed.
    """
    with needs("xarray", "a data set"):
        import xarray as xr
    sets = []
    for data in records_of(records):
        if has_spikes(data):
            arrays = {"t": ("spike", data.t, {"units": "ms"}), "i": ("spike", data.i)}
            axes: dict[str, Any] = {"neuron": data.neurons}
        elif has_synapses(data):
            arrays = {"i": ("synapse", data.i), "j": ("synapse", data.j)}
            arrays |= {name: ("synapse", v, {"units": unit}) for name, v, unit in traces_of(data)}
            axes = {}
        else:
            arrays = {
                name: (("t", data.element)[: values.ndim], values, {"units": unit})
                for name, values, unit in traces_of(data)
            }
            axes = {"t": ("t", data.t, {"units": "ms"}), data.element: data.neurons}
        sets.append(xr.Dataset(arrays, axes, facts(data)))
    return sets[0] if len(sets) == 1 else xr.merge(sets, join="exact", combine_attrs="override")
