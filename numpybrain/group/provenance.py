"""Where values of a group are from, for files and tables that live longer than the program."""

from __future__ import annotations

import sys
from typing import Any


def provenance(group: Any, source: Any, model: str | None) -> dict[str, Any]:
    """What is known of a group: versions, names, the text of its model, dt and the seed.

    Args:
        group: neurons, synapses or another source.
        source: the group or a part of it.
        model: the text of the model, if there is one.
    """
    found: dict[str, Any] = {
        "simulator": f"NumpyBrain {sys.modules['numpybrain'].__version__}",
        "source": source.name,
        "dt_ms": float(group.present().clock.dt),
    }
    if model is not None:
        found["model"] = model
    streams = getattr(group, "streams", None)
    if streams is not None:
        found["seed"] = str(streams.position()[0])
    return found
