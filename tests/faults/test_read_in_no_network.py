"""Monitors that belong to no network say so when they are read after a run, and only then."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

Make, Read = Callable[[nb.Neurons], Any], Callable[[Any], Any]
KINDS: dict[str, tuple[Make, list[Read]]] = {
    "spikes": (
        lambda c: nb.Monitor(c, "spikes"),
        [lambda m: m.t, lambda m: m.i, lambda m: m.count, lambda m: m.rate, len, lambda m: m.isi(), lambda m: m.between(0, 1)],
    ),
    "a part": (lambda c: nb.Monitor(c[:1], "v", to=None), [lambda m: m.t, lambda m: m.v, lambda m: m["v"]]),
    "rate": (nb.PopulationRate, [lambda m: m.t, lambda m: m.rate, lambda m: m.count, len, lambda m: m.smooth(1)]),
    "statistics": (lambda c: nb.RunningStatistics(c, "v"), [lambda m: m.v, lambda m: m["v"]]),
}  # fmt: skip


def spiking() -> nb.Neurons:
    return nb.Neurons(2, "v : 1", threshold="v >= 0", name="cells")


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_so(kind: str) -> None:
    make, reads = KINDS[kind]
    cells = spiking()
    monitor, there = make(cells), make(cells)
    for read in reads[:-1]:
        read(monitor)  # nothing has run: that nothing is recorded is the truth
    net = nb.Network(cells, there)
    with pytest.warns(nb.LeftOutWarning, match="is in no network, so it does nothing") as warned:
        net.run(1)
    assert len(warned) == 1
    assert "\n" not in str(warned[0].message)
    with warnings.catch_warnings(record=True) as again:
        warnings.simplefilter("always")
        net.run(1)
    assert again == []
    for read in reads:
        message = (
            f"{re.escape(repr(monitor))} is in no network, so it has recorded nothing\n *help: give it to"
        )
        with pytest.raises(nb.NetworkError, match=message):
            read(monitor)
        read(there)
    if hasattr(type(monitor), "_repr_html_"):
        assert "in no network" in monitor._repr_html_()
        assert "no network" not in there._repr_html_()


def test_it_has_its_records_once_it_has_been_there() -> None:
    cells = spiking()
    monitors = [make(cells) for make, _ in KINDS.values()]
    late = nb.Monitor(cells, "spikes", name="late")
    net = nb.Network(cells, monitors)
    with pytest.warns(nb.LeftOutWarning):
        net.run(2)
    with pytest.raises(nb.NetworkError, match="'late' spikes of cells> is in no network"):
        late.t
    net.add(late)
    assert late.t.size == 0  # it has just come
    assert late.span == (2, 2)
    net.remove(*monitors)
    net.run(2)  # without a word: they were removed on purpose
    spikes, values, rate, statistics = monitors
    assert spikes.count.tolist() == [20, 20]
    assert values.v.shape == (20, 1)
    assert (spikes.span, spikes.rate) == ((0, 2), 10_000)  # of the time when it was there
    assert rate.rate.tolist() == [10_000, 10_000]
    assert (statistics.v.count, statistics.v.mean.tolist()) == (20, [0, 0])
    assert late.count.tolist() == [20, 20]
