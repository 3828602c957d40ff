"""Provenance of the values of a group, for files and tables that live longer than the program."""

from __future__ import annotations

import sys
from typing import Any

from numpybrain.group.variable_space import VariableSpace


def provenance(space: VariableSpace, source: str, model: str | None) -> dict[str, Any]:
    """Give the provenance of a group: versions, names, the text of its model, dt and the seed.

    Args:
        space: the variables of neurons, synapses or another source.
        source: the name of the group, or of a part of it.
        model: the text of the model, if there is one.
    """
    found: dict[str, Any] = {
        "simulator": f"NumpyBrain {sys.modules['numpybrain'].__version__}",
        "source": source,
        "dt_ms": float(space.present().clock.dt),
    }
    if model is not None:
        found["model"] = model
    seed = space.streams.seed
    if seed is not None:
        found["seed"] = str(seed)
    return found
