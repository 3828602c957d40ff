"""Networks over every feature give what they gave, and checkpoints of then are read now."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.golden import networks, record
from tests.sample import SAMPLE

GOLDEN = json.loads(record.FILE.read_text(encoding="utf-8"))
SAME_MACHINE = GOLDEN["machine"] == networks.machine()


def compare(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    assert found.keys() == wanted.keys()
    for key, (dtype, shape, digest, sums) in wanted.items():
        assert found[key][:2] == [dtype, shape], key
        if SAME_MACHINE:  # elsewhere, exponentials may differ in their last digit
            assert found[key][2] == digest, key
        np.testing.assert_allclose(found[key][3], sums, rtol=1e-7, atol=1e-7, err_msg=key)


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_network(name: str) -> None:
    wanted = GOLDEN["networks"][name]
    nb.seed(12345)
    net = networks.NETWORKS[name]()
    assert networks.note_texts(net) == wanted["texts"]
    net.run(networks.FIRST)
    compare(networks.note_values(net), wanted["values"])


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_checkpoint(name: str) -> None:
    wanted = GOLDEN["networks"][name]
    nb.seed(999)
    net = networks.NETWORKS[name]()
    net.load(record.CHECKPOINTS / f"{name}.npz")
    compare(networks.note_values(net), wanted["values"])
    net.run(networks.SECOND)
    compare(networks.note_values(net), wanted["later"])


@pytest.mark.parametrize("name", SAMPLE)
def test_library_model(name: str) -> None:
    assert record.library()[name] == GOLDEN["library"][name]


def test_there_are_enough() -> None:
    assert len(networks.NETWORKS) >= 40
