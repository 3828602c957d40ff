"""What all tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SOUND = """
name = "mine"
title = "A model of mine"
equations = '''
dv/dt = (drive - v)/tau : mV
tau = 10*ms : ms  # time constant
'''
threshold = "v > 10*mV"
reset = "v = 0*mV"
"""


def fails(call: Callable[..., tuple[int, str, str]], *words: Any) -> str:
    """The message of a command line that must fail."""
    status, out, err = call(*words)
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    return err
