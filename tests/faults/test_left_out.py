"""What does nothing says so: objects in no network, monitors of spikes that cannot be."""

from __future__ import annotations

import gc
import warnings
from typing import Any

import pytest

import numpybrain as nb


def cells(name: str = "cells", **options: Any) -> nb.Neurons:
    given = {"threshold": "v > 1", "reset": "v = 0", **options}
    return nb.Neurons(3, "dv/dt = -v/(10*ms) : 1", name=name, **given)


def silent(act: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        act()


@pytest.mark.parametrize("what", ["synapses", "monitor", "spikes", "monitor of synapses", "other target"])
def test_left_out_objects_warn_once(what: str) -> None:
    source = cells()
    target = cells("target") if what == "other target" else source
    inner = nb.Synapses(source, source, on_pre="v += 1", connect="i != j", name="inner")
    made = {
        "synapses": lambda: nb.Synapses(source, source, on_pre="v += 1", connect="i != j", name="left"),
        "other target": lambda: nb.Synapses(source, target, on_pre="v += 1", connect="i != j", name="left"),
        "monitor": lambda: nb.Monitor(source, "v", name="left"),
        "spikes": lambda: nb.Monitor(source[:2], "spikes", name="left"),
        "monitor of synapses": lambda: nb.Monitor(inner, "delay", name="left"),
    }[what]()
    net = nb.Network(source, inner)
    with pytest.warns(
        nb.LeftOutWarning, match=r"<\w+ 'left' .* is in no network, so it does nothing"
    ) as caught:
        net.run(1)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert made.name == "left"
    silent(lambda: net.run(1))


def test_objects_in_a_network_are_not_left_out() -> None:
    group = cells()
    made = nb.Synapses(group, group, on_pre="v += 1", connect="i != j")
    monitor = nb.Monitor(group, "v")
    net = nb.Network(group, made, monitor)
    silent(lambda: net.run(1))
    later = nb.Monitor(group, "spikes")
    net.add(later)
    silent(lambda: net.run(1))


def test_groups_that_do_not_run_wait_for_nobody() -> None:
    """Objects are made one after the other; only a run can tell that one was forgotten."""
    group, other = cells(), cells("other")
    kept = nb.Monitor(other, "v")
    net = nb.Network(group)
    silent(lambda: net.run(1))
    assert len(kept) == 0


def test_objects_that_are_gone_are_not_left_out() -> None:
    group = cells()
    nb.Monitor(group, "v")
    with pytest.raises(nb.NumpyBrainError):
        nb.Synapses(group, group, on_pre="nothing += 1", connect="i != j")
    with pytest.raises(nb.NumpyBrainError):
        nb.Network(nb.Monitor(group, "v"))
    silent(lambda: nb.Network(group).run(1))


def test_a_network_that_is_gone_counts_as_none() -> None:
    group = cells()
    kept = nb.Monitor(group, "v", name="kept")
    net = nb.Network(group, kept)
    net.run(1)
    del net
    gc.collect()
    again = nb.Network(group)
    with pytest.warns(nb.LeftOutWarning, match="'kept'"):
        again.run(1)


def test_groups_keep_nothing_alive() -> None:
    import weakref

    group = cells()
    made = [nb.Monitor(group, "v"), nb.Synapses(group, group, connect=([0], [1]))]
    dead = [weakref.ref(each) for each in made]
    del made
    gc.collect()
    assert [ref() for ref in dead] == [None, None]


def test_what_is_made_between_steps_is_missed_too() -> None:
    """Steps that follow each other are prepared once; a new object is no reason to prepare, but to look."""
    group = cells()
    net = nb.Network(group)
    net.step()
    net.step()
    kept = nb.Monitor(group, "v", name="kept")
    with pytest.warns(nb.LeftOutWarning, match="'kept'"):
        net.step()
    silent(net.step)
    with pytest.raises(
        nb.NetworkError, match="'kept' v of .* is in no network, so it has recorded nothing"
    ):
        len(kept)


# ---- spikes without a threshold ----


@pytest.mark.parametrize("model", ["dv/dt = -v/(10*ms) : 1", {"v": "1"}])
def test_monitors_of_spikes_need_a_threshold(model: Any) -> None:
    group = nb.Neurons(3, model, name="cells")
    for source in (group, group[:2]):
        with pytest.raises(
            nb.ArgumentError, match="'cells' has no threshold, so there are no spikes"
        ) as caught:
            nb.Monitor(source, "spikes")
        assert "threshold='" in str(caught.value)
    assert nb.Monitor(group, "v").variables == ["v"]


def test_a_threshold_that_is_a_function_is_one() -> None:
    group = nb.Neurons(3, {"v": "1"}, threshold=lambda t: [1] if t == 0 else [])
    spikes = nb.Monitor(group, "spikes")
    nb.Network(group, spikes).run(1)
    assert spikes.i.tolist() == [1]
