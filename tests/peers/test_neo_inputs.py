"""Spike trains of the real Neo as inputs."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

neo = pytest.importorskip("neo")
pq = pytest.importorskip("quantities")

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]


def test_trains_of_neo() -> None:
    """Each train in its own unit; also a segment, and what a monitor exported before."""
    trains = [
        neo.SpikeTrain([0.001, 0.005] * pq.s, t_stop=1.0 * pq.s),
        neo.SpikeTrain([] * pq.ms, t_stop=10.0 * pq.ms),
        neo.SpikeTrain([2500.0] * pq.us, t_stop=1e6 * pq.us),
    ]
    segment = neo.Segment()
    segment.spiketrains.extend(trains)
    for given in (trains, segment, segment.spiketrains):
        source = nb.inputs.spike_trains(given)
        spikes = nb.Monitor(source, "spikes")
        nb.Network(source, spikes).run(10)
        assert source.size == 3
        assert list(zip(np.rint(spikes.t * 10), spikes.i, strict=True)) == [(10, 0), (25, 2), (50, 0)]
