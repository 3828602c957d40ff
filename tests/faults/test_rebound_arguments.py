"""A function that assigns to its argument in place of the array changes nothing; it is told what to write."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

MODEL = "dv/dt = (I - v)/(10*ms) : 1\nI : 1\nw : 1"


def cells(**options: Any) -> nb.Neurons:
    return nb.Neurons(3, MODEL, name="cells", **options)


# ---- functions that change nothing, and what they should say ----


def plain(I):
    I = 3


def sum_of_both(v, w):
    v = v + w  # not in place


def one_way(t, I):
    if t > 5:
        I = 2.0
    else:
        I = 0.0


def in_a_loop(v):
    for k in range(3):
        v = k


def as_a_loop(v):
    for v in range(3):
        pass


def several(v, w):
    v, w = 1, 2


def after_use(v, w):
    w[:] = v
    v = 0


def twice(v):
    v = 1
    v = 2


class Callable_:
    def __call__(self, I):
        I = 4

    def method(self, I):
        I = 5


BAD: dict[str, tuple[Callable[..., Any], str]] = {
    "plain": (plain, "I[:] = 3"), "sum": (sum_of_both, "v[:] = v + w"), "one way": (one_way, "I[:] = 2.0"),
    "loop": (in_a_loop, "v[:] = k"), "as a loop": (as_a_loop, "v[:] = ..."), "several": (several, "v[:] = ..."),
    "after use": (after_use, "v[:] = 0"), "twice": (twice, "v[:] = 1"), "object": (Callable_(), "I[:] = 4"),
    "method": (Callable_().method, "I[:] = 5"), "partial": (functools.partial(plain), "I[:] = 3"),
    "lambda": (lambda v: [v := 1, None][1], "v[:] = ..."),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("phase", ["start", "end"])
def test_stages(name: str, phase: str) -> None:
    function, line = BAD[name]
    with pytest.raises(nb.ArgumentError, match="which changes no array") as caught:
        cells().at(phase, function)
    assert str(caught.value).endswith(f"help: write  {line}")
    assert "test_rebound_arguments.py" in str(caught.value)


def test_functions_of_every_kind_that_change_arrays() -> None:
    def reset(v, spikes):
        v = 0

    def event(w, low):
        w = 1

    def integrate(v, dt):
        v = v + dt

    def on_pre(w, synapses):
        w = 2

    def to_target(v_post, post):
        v_post = 2

    def to_source(w_pre, pre, post):
        w_pre = 2

    group = cells()
    makers: dict[str, Callable[[], Any]] = {
        "v[spikes] = 0": lambda: cells(threshold="v > 1", reset=reset),
        "w[low] = 1": lambda: cells(events={"low": "v < 0"}, on_event={"low": event}),
        "v[:] = v + dt": lambda: nb.Neurons(3, {"v": "1"}, integrate=integrate),
        "w[synapses] = 2": lambda: nb.Synapses(group, group, "w : 1", on_pre=on_pre, connect="i != j"),
        "v_post[post] = 2": lambda: nb.Synapses(group, group, on_pre=to_target, connect="i != j"),
        "w_pre[pre] = 2": lambda: nb.Synapses(group, group, on_pre=to_source, connect="i != j"),
    }
    for line, make in makers.items():
        with pytest.raises(nb.ArgumentError, match=re.escape(f"help: write  {line}")):
            make()


# ---- functions that mean what they do ----


def scaled(v, I):
    v = v / 1000
    I[:] = v


def part(v):
    v = v[:2]
    v += 1


def slices(v, w):
    w = v
    w[0] = 5


def in_place(v):
    v += 1


def power(I, v):
    for _ in range(2):
        v += I
        I = I * 2


def guarded(v, w):
    try:
        w = v[7]
    except IndexError:
        w[:] = 4


def in_closure(v, w):
    w = 3

    def inner():
        v[:] = w

    inner()


def other_names(t, v):
    t = t * 2
    u = t
    v[:] = u


def in_comprehension(v, w):
    largest = max(v for v in [4.0, 6.0])
    w[:] = [largest + v for v in range(3)]


GOOD: dict[str, tuple[Callable[..., Any], dict[str, list[float]]]] = {
    "scaled": (scaled, {"I": [1e-3, 2e-3, 3e-3]}), "part": (part, {"v": [2, 3, 3]}), "slices": (slices, {"v": [5, 2, 3]}),
    "in place": (in_place, {"v": [2, 3, 4]}), "power": (power, {"v": [4, 5, 6]}), "guarded": (guarded, {"w": [4] * 3}),
    "closure": (in_closure, {"v": [3] * 3}), "other names": (other_names, {"v": [0] * 3}),
    "comprehension": (in_comprehension, {"v": [1, 2, 3], "w": [6, 7, 8]}),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_is_meant_so_is_left_alone(name: str) -> None:
    function, expected = GOOD[name]
    group = nb.Neurons(3, {"v": "1", "I": "1", "w": "1"})
    group.v, group.I = [1, 2, 3], 1
    group.at("start", function)
    nb.Network(group).step()
    for variable, values in expected.items():
        assert getattr(group, variable).tolist() == values


def test_functions_that_return_values_may_do_as_they_like() -> None:
    def threshold(v):
        v = v > 1
        return v

    def rates(v):
        v = -v / 10
        return v

    assert cells(threshold=threshold).size == 3
    assert nb.Neurons(3, {"v": "1"}, derivative=rates).size == 3


def test_functions_without_code_are_not_looked_at() -> None:
    from numpybrain.engine.rebinding import rebound

    assert list(rebound(np.sin, ["x"])) == []
    assert list(rebound(max, ["x"])) == []
