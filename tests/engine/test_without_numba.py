"""What is said where an engine cannot be had, whether numba is installed or not."""

from __future__ import annotations

import importlib.util
import sys

import pytest

import numpybrain as nb


def test_numba_is_missing(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "numba" else real(name, *a)
    )
    monkeypatch.delitem(sys.modules, "numpybrain.engine.numba.engine", raising=False)
    with pytest.raises(nb.ModelError, match="needs numba") as caught:
        nb.Network(engine="numba")
    assert "pip install 'numpybrain[jit]'" in str(caught.value)


def test_engines_that_are_none():
    with pytest.raises(nb.ArgumentError, match="there is no engine 'numbra': did you mean 'numba'"):
        nb.Network(engine="numbra")
    with pytest.raises(nb.ArgumentError, match="an engine is a name"):
        nb.Network(engine=3)
    with pytest.raises(nb.ArgumentError, match="groups have engines"):
        nb.Network(engine={"cells": "numpy"})
