"""Objects that declare their state, of the kernel and of strangers, take it back as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.checkpoints.checkpoint import Part, Snapshot
from numpybrain.kernel.monitor import EventMonitor, VariableMonitor
from numpybrain.kernel.network import Network
from numpybrain.kernel.state import Form, State, in_place
from tests.golden.objects import of_the_kernel


def forged(snapshot: Any, name: str, **values: Any) -> Snapshot:
    """A snapshot with other values of one object."""
    parts = [
        Part(p.fingerprint, {**p.values, **(values if p.name == name else {})}) for p in snapshot._parts
    ]
    return Snapshot(parts, step=snapshot.step, dt=snapshot.dt, records=True, versions={})


WRONG = {
    "cells": {
        "v": [np.zeros(5), np.zeros(6, dtype=int), 1.0], "event spikes": [np.array([6]), np.array([-1])],
        "held": [np.array([7]), np.zeros(9, dtype=int)], "free": [np.zeros(6)], "while": [2],
    },
    "synapses": {
        "pathway 0 steps": [np.zeros(9, dtype=int)], "pathway 1 synapses": [np.array([6])],
        "pathway 0 spikes_sizes": [np.full(1, 5)],
    },
    "spikes": {"t": [np.zeros((2, 2))], "i": [np.array([6])]},
    "trace": {"v": [np.zeros((3, 5))], "unknown": [1]},
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_objects_of_the_kernel_refuse_what_does_not_fit(name: str) -> None:
    net = of_the_kernel()
    net.run(6.4)
    snapshot = net.snapshot()
    net.run(3.1)
    before = [{k: np.copy(v) for k, v in member.get_state().items()} for member in net.objects]
    for key, values in WRONG[name].items():
        for value in values:
            with pytest.raises(
                nb.CheckpointError, match=f"does not fit '{name}'; nothing has been changed"
            ):
                net.restore(forged(snapshot, name, **{key: value}))
    for member, then in zip(net.objects, before, strict=True):
        np.testing.assert_equal(dict(member.get_state()), then)
    assert net.t == pytest.approx(9.5)


def test_objects_of_the_kernel_go_back_without_a_snapshot() -> None:
    """By the two methods that all objects have, in a network of the kernel alone."""
    members = of_the_kernel().objects
    for member in members:
        member.network = None
    net = Network()
    net.add(*members)
    net.run(64)
    states = [{k: np.copy(v) for k, v in member.get_state().items()} for member in members]
    net.run(50)
    later = [{k: np.copy(v) for k, v in member.get_state().items()} for member in members]
    for member, state in zip(members, states, strict=True):
        member.set_state({k: v if v.ndim else v.item() for k, v in state.items()})
    net.clock.at(64)
    net.run(50)
    for member, state in zip(members, later, strict=True):
        np.testing.assert_equal(dict(member.get_state()), state)


def test_monitors_of_the_kernel_begin_anew() -> None:
    net = of_the_kernel()
    watching = [m for m in net.objects if isinstance(m, (EventMonitor, VariableMonitor))]
    net.run(5)
    snapshot = net.snapshot(records=False)
    net.run(5)
    net.restore(snapshot)
    assert [m.get_state()["t"].size for m in watching] == [0, 0]
    net.run(2.2)  # steps 50 to 71
    assert watching[1].get_state()["t"] == pytest.approx([5.6, 6.3, 7.0])


class Counted(nb.Neurons):
    """Neurons that count their spikes, and say when they last were looked at."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.counts, self.seen = np.zeros(self.size, dtype=int), 0.5

        @self.at("end")
        def count() -> None:
            self.counts[self.spikes] += 1

    def declare_state(self) -> Iterable[State]:
        def put(values: Any) -> None:
            self.seen = values["seen"]

        yield from super().declare_state()
        yield in_place({"counts": self.counts})
        yield State({"seen": Form(float)}, lambda: {"seen": self.seen}, put)


def test_a_class_of_the_user_adds_to_the_state_of_its_base() -> None:
    def made() -> tuple[nb.Network, Counted]:
        model = "dv/dt = (1.5 - v)/(5*ms) : 1"
        cells = Counted(3, model, threshold="v > 1", reset="v = 0", initial={"v": "i/3"}, name="cells")
        return nb.Network(cells, nb.Monitor(cells, "spikes", name="spikes")), cells

    net, cells = made()
    net.run(20)
    cells.seen = 2.5
    snapshot, counts = net.snapshot(), cells.counts.copy()
    other, others = made()
    live = others.counts
    for wrong in ({"counts": np.zeros(2, dtype=int)}, {"seen": "x"}, {"more": 1}):
        with pytest.raises(nb.CheckpointError, match="does not fit 'cells'; nothing has been changed"):
            other.restore(forged(snapshot, "cells", **wrong))
    assert (others.v == [0, 1 / 3, 2 / 3]).all()
    other.restore(snapshot)
    assert counts.sum() > 0
    assert (live == counts).all()
    assert others.seen == 2.5
    net.reset()
    assert (cells.counts == 0).all()
    assert cells.seen == 0.5
