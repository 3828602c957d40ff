"""An event has no value, so nothing else of its group can be called like it, wherever that comes from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import numpybrain as nb

LOW = {"low": "v > 0"}
DECAY = "dv/dt = -v/ms : 1"


WRONG: dict[str, Callable[[], object]] = {
    "differential": lambda: nb.Neurons(2, "dlow/dt = -low/ms : 1", events={"low": "low > 0"}),
    "parameter": lambda: nb.Neurons(2, f"{DECAY}\nlow : 1", events=LOW),
    "subexpression": lambda: nb.Neurons(2, f"{DECAY}\nlow = 2*v : 1", events=LOW),
    "open name": lambda: nb.Neurons(2, "dv/dt = (low - v)/ms : 1", low=3, events=LOW),
    "open name in a namespace": lambda: nb.Neurons(
        2, "dv/dt = (low - v)/ms : 1", namespace={"low": 3}, events=LOW
    ),
    "function": lambda: nb.Neurons(2, "dv/dt = (low(v) - v)/ms : 1", low=np.cos, events=LOW),
    "written in Python": lambda: nb.Neurons(2, {"v": "1", "low": "1"}, events={"low": lambda v: v > 0}),
    "with derivatives": lambda: nb.Neurons(2, {"v": "1", "low": "1"}, derivative=lambda v: -v, events=LOW),
    "sum of models": lambda: nb.Model(DECAY, events=LOW) + nb.Model("low : 1"),
    "extended": lambda: nb.Model(DECAY, events=LOW).extend("low : 1"),
    "renamed variable": lambda: nb.Model(f"{DECAY}\nx : 1", events=LOW).rename(x="low"),
    "renamed event": lambda: nb.Model(f"{DECAY}\nx : 1", events=LOW).rename(low="x"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_name_that_an_event_and_something_else_would_have_is_refused(kind: str) -> None:
    with pytest.raises(nb.ModelError, match=r"(?s)'(low|x)' (is|already)|there is a '(low|x)' already"):
        WRONG[kind]()


def test_an_event_that_is_read_says_how_to_record_it() -> None:
    cells = nb.Neurons(2, DECAY, events=LOW, name="cells")
    with pytest.raises(
        nb.UnknownAttributeError, match="'low' of 'cells' is an event, which has no value"
    ) as caught:
        _ = cells.low
    assert caught.value.help == "record it: nb.Monitor(group, 'low')"
    nb.Monitor(cells, "low")
