"""What is wrong with synapses, said when they are made: the message, the place, and what to write instead."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import (
    ArgumentError,
    MethodError,
    ModelError,
    ShapeError,
    TimeStepError,
    UnitError,
    UnknownNameError,
)

UP = {"up": "y += 1"}

# arguments, kind, message, the marked text (None: nothing to point at), help
CASES: dict[str, tuple[dict[str, Any], type[nb.NumpyBrainError], str, str | None, str]] = {
    # names
    "target variable": ({"on_pre": "yy += 1"}, UnknownNameError, "unknown name 'yy' in on_pre: did you mean 'y'?", "yy", "define it"),
    "side": ({"on_pre": "y_pst += 1"}, UnknownNameError, "unknown name 'y_pst' in on_pre: did you mean 'y_post'?", "y_pst", "define it"),
    "open name": ({"on_pre": "y += ww"}, UnknownNameError, "unknown name 'ww' in on_pre", "ww", "give it as a keyword: ww=..."),
    "function": ({"on_pre": "y += f(v)"}, UnknownNameError, "unknown function 'f'", "f", "hand it over: f=..."),
    "keyword": ({"model": "w : 1", "on_pre": "y += w", "W": 3}, UnknownNameError, "'syn' has no variable 'W': did you mean 'w'?", None, ""),
    "event": (
        {"on_pre": "y += 1", "on_event": {"on_pre": "burst"}}, UnknownNameError,
        "'cells' has no event 'burst' to start 'on_pre' of 'syn'", None, "Neurons(..., events={'burst': ",
    ),
    "pathway of an event": ({"on_pre": UP, "on_event": {"pu": "spikes"}}, ArgumentError, "there is no pathway 'pu' for an event: there are 'up'", None, ""),
    "pathway of a delay": ({"on_pre": UP, "delay": {"b": 1}}, ArgumentError, "no pathway 'b' to delay", None, "there are up"),
    "library": ({"model": "stdp_par"}, nb.LibraryError, "unknown model 'stdp_par': did you mean 'stdp_pair'?", None, "list_models(None)"),
    # what cannot be assigned
    "subexpression of the source": ({"on_pre": "l_pre += 1"}, ModelError, "'l_pre' is a subexpression and cannot be assigned", "l_pre", ""),
    "own subexpression": ({"model": "w = 2*v : 1", "on_pre": "w += 1"}, ModelError, "'w' is a subexpression and cannot be assigned", "w", ""),
    "constant": ({"model": "w : 1 (constant)", "on_pre": "w += 1"}, ModelError, "'w' is constant and cannot be assigned", "w", ""),
    "number": ({"on_pre": "i = 1"}, ModelError, "'i' cannot be assigned", "i", ""),
    "delay": ({"on_pre": "delay = 1*ms"}, ModelError, "'delay' cannot be assigned", "delay", ""),
    "spike time": ({"on_pre": "lastspike_post = 1*ms"}, ModelError, "'lastspike_post' cannot be assigned", "lastspike_post", ""),
    # units
    "jump": ({"model": "w : mV", "on_pre": "y += w"}, UnitError, "the right side of '+=' must be a number (got a voltage)", "w", ""),
    "condition": ({"model": "w : 1", "on_pre": "if w:\n    y += 1"}, UnitError, "what follows 'if' must be a condition", "w", "compare: w > 0"),
    "delay in mV": ({"on_pre": "y += 1", "delay": "1 mV"}, UnitError, "'delay' of 'syn' must be a time (got a voltage)", "1 mV", ""),
    "delay of both": ({"on_pre": "y += 1", "delay": "1*ms + 2*mV"}, UnitError, "cannot add second and volt", "2*mV", ""),
    "sum": ({"model": "y_post = w : mV (summed)\nw : mV"}, ModelError, "'y' of 'cells' is a number and 'y_post' is a voltage", "y_post", "units that fit"),
    # sums, delays, methods
    "sum into nothing": ({"model": "z_post = w : 1 (summed)\nw : 1"}, ModelError, "'cells' has no variable 'z' to sum into", "z_post", "declare it there:  z : 1"),
    "sum into a state": ({"model": "v_post = w : 1 (summed)\nw : 1"}, ModelError, "nothing can be summed into it", "v_post", "as a parameter:  v : 1"),
    "sum of no side": ({"model": "y = w : 1 (summed)\nw : 1"}, ModelError, "a summed variable belongs to the source or target", "y", "write y_post = ..."),
    "negative delay": ({"on_pre": "y += 1", "delay": "-1*ms*(1 + i)"}, TimeStepError, "the delay of 'syn' is negative (got -1 ms)", None, "0 ms or longer"),
    "no delay": ({"on_pre": "y += 1", "delay": [np.nan] * 6}, TimeStepError, "the delay of 'syn' is no finite time (got nan ms)", None, ""),
    "negative dendrite": ({"on_pre": "y += 1", "dendritic_delay": -1}, TimeStepError, "the dendritic delay of 'syn' is negative", None, ""),
    "delays": ({"on_pre": "y += 1", "delay": [1, 2]}, ShapeError, "'delay' of 'syn' needs 1 or 6 values (got shape (2,))", None, ""),
    "values": ({"model": "w : 1", "w": [1, 2]}, ShapeError, "'w' of 'syn' needs 1 or 6 values (got shape (2,))", None, ""),
    "dendrite": ({"on_pre": "y_post = 2", "dendritic_delay": 1}, ModelError, "with a dendritic delay, on_pre only adds to target neurons: not so 'y_post'", None, "x_post += ..."),
    "dendrite of a function": ({"on_pre": lambda y_post: None, "dendritic_delay": 1}, ArgumentError, "a dendritic delay needs statements", None, "variables of the synapses"),
    "method": ({"model": "dw/dt = -w**2/ms : 1", "method": "exact"}, MethodError, "method 'exact' cannot do this: ", None, "use method='rk4'"),
    "noise": ({"model": "dw/dt = -w/ms : 1", "interpretation": "foo"}, ArgumentError, "noise is read as 'ito' or 'stratonovich' (got 'foo')", None, ""),
    # arguments
    "statements": ({"on_pre": 3}, ArgumentError, "on_pre is a string or a function (got int)", None, ""),
    "statements of a pathway": ({"on_pre": {"a": None}}, ArgumentError, "the pathway 'a' is a string or a function (got NoneType)", None, ""),
    "name of a pathway": ({"on_pre": {3: "y += 1"}}, ModelError, "a pathway has a name such as 'up' (got 3)", None, ""),
    "twice": ({"on_pre": UP, "on_post": UP}, ArgumentError, "there are two pathways 'up'", None, "a name of its own"),
    "events": ({"on_pre": UP, "on_event": "burst"}, ArgumentError, "on_event says which event starts which pathway (got str)", None, "on_event={'on_pre': 'burst'}"),
    "model": ({"model": 3}, ArgumentError, "a model is equations, a name, a path or a Model (got int)", None, ""),
    "functions": ({"on_pre": "y += f(v)", "functions": {"f": 3}}, ArgumentError, "'f' is no function (got int)", None, ""),
    "all functions": ({"functions": abs}, ArgumentError, "'functions' is a dictionary {name: value} (got builtin_function_or_method)", None, ""),
    "namespace": ({"namespace": 3}, ArgumentError, "'namespace' is a dictionary {name: value} (got int)", None, ""),
    "source": ({"source": [1]}, ArgumentError, "the source of synapses is a group of neurons (got list)", None, ""),
    "target": ({"target": "cells"}, ArgumentError, "the target of synapses is a group of neurons (got str)", None, "Synapses(cells, cells, ...)"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong(name: str) -> None:
    arguments, kind, message, marked, advice = CASES[name]
    cells = nb.Neurons(3, "y : 1\ndv/dt = -v/(10*ms) : 1\nl = 2*v : 1", threshold="v > 1", name="cells")
    given = {"source": cells, "target": cells, "connect": "i != j", "name": "syn", **arguments}
    with pytest.raises(kind, match=re.escape(message)) as caught:
        nb.Network(cells, nb.Synapses(**given))
    error, text = caught.value, str(caught.value)
    assert text.startswith(message) or message in text.splitlines()[0]
    assert not text.splitlines()[0].endswith(".")
    assert advice in text
    if marked is None:
        assert error.span is None
    else:
        assert error.span is not None
        assert error.span.text == marked
