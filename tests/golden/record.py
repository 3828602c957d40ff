"""Writes the golden file anew: `python -m tests.golden.record`. Only for changes that are meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpybrain as nb
from tests.golden import networks
from tests.sample import SAMPLE

HERE = Path(__file__).parent
FILE, CHECKPOINTS = HERE / "golden.json", HERE / "checkpoints"


def record(name: str) -> dict[str, Any]:
    """All that is noted of one network; its checkpoint is written in the middle."""
    nb.seed(12345)
    net = networks.NETWORKS[name]()
    texts = networks.note_texts(net)
    net.run(networks.FIRST)
    net.save(CHECKPOINTS / f"{name}.npz")
    values = networks.note_values(net)
    net.run(networks.SECOND)
    return {"texts": texts, "values": values, "later": networks.note_values(net)}


def library() -> dict[str, str]:
    """Of every model of the library: itself, and what is told of it."""
    found = {}
    for name in SAMPLE:
        model = nb.load_model(name)
        found[name] = f"{model}\n{model.explain()}"
    return found


if __name__ == "__main__":
    CHECKPOINTS.mkdir(exist_ok=True)
    golden = {
        "machine": networks.machine(),
        "library": library(),
        "networks": {name: record(name) for name in networks.NETWORKS},
    }
    FILE.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n", encoding="utf-8")
