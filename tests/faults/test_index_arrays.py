"""The indices of neurons and synapses are for reading: to write to them moves nothing, and makes them wrong."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

READ_ONLY = "read-only|cannot be assigned"  # the words of NumPy for plain arrays, and ours


def test_indices_cannot_be_written_to() -> None:
    """`synapses.i[0] = 2` was accepted, and the synapse stayed where it was."""
    given = np.array([0, 1, 2]), np.array([1, 2, 0])
    cells = nb.Neurons(3, "v : 1\nx = i : 1")
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="v_post += i", connect=given)
    changes = (
        lambda: None,
        lambda: synapses.connect(([0], [2])),
        lambda: synapses.remove([0]),
        lambda: synapses.rewire([0], j=0),
    )
    for change in changes:
        change()
        for indices in (synapses.i, synapses.j, cells.i):
            before = indices.tolist()
            with pytest.raises(ValueError, match=READ_ONLY):
                indices[0] = 2
            with pytest.raises(ValueError, match="read-only"):
                indices += 1
            assert indices.tolist() == before
    assert cells.x.tolist() == [0, 1, 2]
    given[0][:] = given[1][:] = 7  # arrays of the user stay the user's
    assert synapses.i.max() < 3
    nb.Network(cells, synapses).run(1)


def test_after_a_restore_too() -> None:
    cells = nb.Neurons(3, "v : 1")
    synapses = nb.Synapses(cells, cells, connect="i != j")
    net = nb.Network(cells, synapses)
    snapshot = net.snapshot()
    synapses.remove([0, 1])
    net.restore(snapshot)
    with pytest.raises(ValueError, match=READ_ONLY):
        synapses.i[0] = 2
    assert synapses.i.tolist() == [0, 0, 1, 1, 2, 2]
