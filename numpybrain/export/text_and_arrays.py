"""Files that need no other package: text with commas, and arrays of NumPy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from numpybrain.export.record_contracts import (
    facts,
    has_spikes,
    has_synapses,
    numbers,
    records_of,
    traces_of,
)

INFO, NEURONS = "meta.info", "meta.neurons"  # no variable has a name with a point


def to_csv(path: Any, record: Any) -> None:
    """Write a record as text: lines "# name: value", one of the names of the columns, and numbers.

    Numbers have as many digits as are needed to read the same number back. Columns of spikes are `t` (ms)
    and `i`; of variables `t`, and `v[3]` for neuron 3, or `v` for what is shared.

    Args:
        path: the file to write.
        record: a monitor, or a part of its time.
    """
    (data,) = records_of((record,))
    about = facts(data)
    which = numbers(data)
    if which is not None:
        about["neurons"] = which
    lines = [f"# {name}: {json.dumps(value)}" for name, value in about.items()]
    if has_spikes(data):
        lines.append("t,i")
        lines += [f"{t!r},{i}" for t, i in zip(data.t.tolist(), data.i.tolist(), strict=True)]
    elif has_synapses(data):
        lines.append(",".join(["i", "j", *data.values]))
        columns = [data.i, data.j, *data.values.values()]
        lines += [",".join(map(repr, row)) for row in zip(*(c.tolist() for c in columns), strict=True)]
    else:
        names, columns = ["t"], [data.t[:, None]]
        for name, values, _ in traces_of(data):
            names += [name] if values.ndim == 1 else [f"{name}[{k}]" for k in data.neurons.tolist()]
            columns.append(np.asarray(values, dtype=float).reshape(data.t.size, -1))
        lines.append(",".join(names))
        lines += [",".join(map(repr, row)) for row in np.hstack(columns).tolist()]
    Path(path).write_text("\n".join([*lines, ""]), encoding="utf-8")


def to_npz(path: Any, record: Any) -> None:
    """Write a record as a file of arrays: `t`, `i` or the variables by their names, and two more.

    "meta.neurons" has the numbers of the neurons. "meta.info" is a text in JSON: what is known of the run
    and the units. Nothing in the file is executed when it is read.

    Args:
        path: the file to write; ".npz" is added to names without it.
        record: a monitor, or a part of its time.
    """
    (data,) = records_of((record,))
    arrays: dict[str, Any] = {INFO: json.dumps(facts(data))}
    arrays |= {"i": data.i} if has_spikes(data) else {name: v for name, v, _ in traces_of(data)}
    arrays |= {"i": data.i, "j": data.j} if has_synapses(data) else {"t": data.t, NEURONS: data.neurons}
    np.savez(path, allow_pickle=False, **arrays)
