"""The condition that ends a run: a function of the user that is asked after each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, shown
from numpybrain.kernel.clock import Clock
from numpybrain.network.user_schedule import timed_call
from numpybrain.utils.python_functions import origin_of


def condition_of(until: Any, clock: Clock) -> Callable[[], bool]:
    """What gives whether a run ends, from a function without arguments or of `t`.

    Raises:
        ArgumentError: if it is no function; later, if it gives neither True nor False.
        NetworkError: if it takes another argument.
    """
    if not callable(until):
        message = f"'until' is a function that is asked after each step (got {shown(until)})"
        raise ArgumentError(message, help="such as until=lambda: cells.v[0] > 1")
    ask = timed_call(until, clock)

    def ends() -> bool:
        found = ask()
        if not isinstance(found, (bool, np.bool_)):
            message = f"{origin_of(until)} says whether the run ends: True or False (got {shown(found)})"
            raise ArgumentError(message, help="of an array write  np.any(...) or np.all(...)")
        return bool(found)

    return ends
