"""Delays that nothing has: an equation reads its neurons as they are now."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

SUM = "w : 1\ns_post = w*x_pre : 1 (summed)"
TRACE = "dy/dt = (x_pre - y)/(5*ms) : 1"


def group(**options):
    return nb.Neurons(2, "x : 1\ns : 1", threshold="x > 1", **options)


def make(model=SUM, **options):
    return nb.Synapses(group(), group(), model, connect="all_to_all", **options)


@pytest.mark.parametrize("model", [TRACE, f"{SUM}\n{TRACE}", "q = x_pre : 1 (constant over dt)"])
@pytest.mark.parametrize(
    "delay", ["5 ms", 5, [1, 2, 3, 4], "1*ms + 2*ms*rand()", lambda N: np.ones(N), np.float64(0.5)]
)
@pytest.mark.parametrize("which", ["delay", "dendritic_delay"])
def test_refused(model, delay, which) -> None:
    with pytest.raises(nb.ArgumentError, match="is not delayed"):
        make(model, **{which: delay})


def test_sums_into_the_source_have_no_dendritic_delay() -> None:
    with pytest.raises(nb.ArgumentError, match="is not delayed"):
        make("w : 1\ns_pre = w*x_post : 1 (summed)", dendritic_delay="5 ms")


def test_refused_when_it_comes_later() -> None:
    synapses = make(TRACE)
    with pytest.raises(nb.ArgumentError, match="is not delayed"):
        synapses.delay = 3
    assert (synapses.delay == 0).all()
    with pytest.raises(nb.ArgumentError):
        synapses.connect("True", delay=3)
    assert synapses.size == 4
    with pytest.raises(nb.ArgumentError):
        make(nb.Model(TRACE, delay="3 ms"))


def test_a_delay_of_spikes_that_nobody_listens_to() -> None:
    with pytest.raises(nb.ArgumentError, match="no on_pre"):
        make("w : 1", on_post="w += 1", delay="5 ms")
    make("w : 1", on_post="w += 1", delay={"on_post": "5 ms"})
    make("w : 1", on_post="w += 1", dendritic_delay="5 ms")
    with pytest.raises(nb.ArgumentError, match="is not delayed"):
        make(dendritic_delay="5 ms")


def test_what_has_a_delay_keeps_it() -> None:
    assert (make(on_pre="x_post += w", delay="5 ms").delay == 5).all()
    assert (make(delay=0).delay == 0).all()
    assert (make(delay="0 ms").delay == 0).all()
    assert (make(None, delay="5 ms").delay == 5).all()  # a number, to look at or to draw
    assert (make("w : 1", delay=[1, 2, 3, 4]).delay == [1, 2, 3, 4]).all()


def test_a_sum_may_read_the_delay() -> None:
    synapses = make("s_post = x_pre*exp(-delay/ms) : 1 (summed)", delay=[1, 1, 2, 2])
    a, b = synapses.source, synapses.target
    a.x = 0.5
    nb.Network(a, b, synapses).run(0.1)
    assert np.allclose(b.s, 0.5 * (np.exp(-1) + np.exp(-2)))
