"""What programs of many features at once are compared with: plain loops over steps, neurons and synapses."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

import numpybrain as nb

DT = 0.1


def source(table: Mapping[int, Iterable[int]], n: int) -> nb.Neurons:
    """Neurons that spike in given steps: step -> their indices."""
    return nb.Neurons(n, {"x": "1"}, threshold=lambda t: np.array(table.get(round(t / DT), []), dtype=int))


def steps(monitor: nb.Monitor) -> list[tuple[int, int]]:
    """Step and neuron of each spike or event."""
    return list(zip(np.rint(monitor.t / DT).astype(int).tolist(), monitor.i.tolist(), strict=True))


def same(found: Any, wanted: Any, tolerance: float = 1e-9) -> None:
    """Compare numbers, but for rounding."""
    np.testing.assert_allclose(
        np.asarray(found, float), np.asarray(wanted, float), rtol=tolerance, atol=tolerance
    )


def towards(x: Any, target: Any, tau: float, dt: float = DT) -> Any:
    """Exact relaxation over a step."""
    return target + (x - target) * math.exp(-dt / tau)


def queue() -> defaultdict[int, list[Any]]:
    """What is under way, by the step of its arrival."""
    return defaultdict(list)
