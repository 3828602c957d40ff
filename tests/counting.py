"""What something costs, in counts that are the same on every machine: instructions, calls, memory, random numbers."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np


def calls(act: Callable[[], Any]) -> int:
    """How many functions are called, in Python and in C."""
    found = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return found


def instructions(act: Callable[[], Any]) -> int:
    """How many instructions the Python interpreter carries out: loops in Python show, those of NumPy do not."""
    found = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal found
        frame.f_trace_opcodes = True
        found += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return found


def memory(act: Callable[[], Any]) -> int:
    """How many bytes more are in use at the most than before: a look at all of many values shows."""
    gc.collect()
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Counted:
    """A random generator that counts what it gives.

    Attributes:
        generator: the generator.
    """

    def __init__(self, seed: int = 1) -> None:
        self._bits = np.random.Philox(seed)  # which counts blocks of four numbers of 64 bits
        self.generator = np.random.Generator(self._bits)

    @property
    def drawn(self) -> int:
        """How many numbers of 64 bits were drawn so far."""
        return 4 * int(self._bits.state["state"]["counter"][0])
