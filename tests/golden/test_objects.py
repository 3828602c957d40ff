"""Checkpoints of every kind of object, written once, are read; what they hold and how it goes on stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import numpybrain as nb
from tests.golden.objects import CHECKPOINTS, NETWORKS, contents
from tests.golden.networks import SECOND


@pytest.mark.parametrize("name", NETWORKS)
def test_they_are_read_and_go_on_as_they_did(name: str, tmp_path: Path) -> None:
    nb.seed(1)
    net = NETWORKS[name]()
    net.run(1.1)
    for length, when in ((0, "first"), (SECOND, "later")):
        if when == "first":
            net.load(CHECKPOINTS / f"{name} first.npz")
        net.run(length)
        net.save(tmp_path / "now.npz")
        now, then = (
            contents(nb.load(path)) for path in (tmp_path / "now.npz", CHECKPOINTS / f"{name} {when}.npz")
        )
        assert now.keys() == then.keys()
        for key in now:
            np.testing.assert_equal(now[key], then[key], err_msg=key)
