"""A monitor that is given a neuron several times records it at each of its places, whatever it records."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

CHOICES = {
    "twice": [1, 1, 2], "mixed": [3, 0, 3, 2, 3], "once, unordered": [2, 0, 3], "from the end": [-1, 0, -1, 3],
    "all twice": [0, 1, 2, 3, 0, 1, 2, 3],
}  # fmt: skip


@pytest.mark.parametrize("spike_times", ["grid", "interpolated"])
@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("first", [0, 2])
def test_spikes_are_where_the_traces_are(name: str, spike_times: str, first: int) -> None:
    """Found by a loop over the spikes of everybody."""
    cells = nb.Neurons(4 + first, "dv/dt = (1 + 0.3*(i % 4))/ms : 1", threshold="v > 1", reset="v = 0", spike_times=spike_times,
                       events={"high": "v > 0.7"})  # fmt: skip
    part, chosen = cells[first:], np.array(CHOICES[name]) % 4
    everybody, spikes = nb.Monitor(cells, "spikes"), nb.Monitor(part, "spikes", of=CHOICES[name])
    all_high, high = nb.Monitor(cells, "high"), nb.Monitor(part, "high", of=CHOICES[name])
    trace, whole = nb.Monitor(part, "v", of=CHOICES[name]), nb.Monitor(cells, "v")
    net = nb.Network(cells, everybody, spikes, trace, whole, all_high, high)
    net.run(6)
    np.testing.assert_array_equal(trace.v, whole.v[:, chosen + first])
    for found, among in ((spikes, everybody), (high, all_high)):
        wanted = [
            (t, place)
            for t, i in zip(among.t, among.i, strict=True)
            for place, one in enumerate(chosen)
            if one + first == i
        ]
        assert len(wanted) > 10
        assert sorted(zip(found.t, found.i, strict=True)) == sorted(wanted)
        assert (np.diff(found.t) >= 0).all()
        assert found.count.tolist() == [np.sum(among.i == one + first) for one in chosen]
        snapshot = net.snapshot()
        net.run(1)
        net.restore(snapshot)
        assert sorted(zip(found.t, found.i, strict=True)) == sorted(wanted)
