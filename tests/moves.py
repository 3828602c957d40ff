"""Counts how often making an object goes from one file of the package to another: `python -m tests.moves`.

A move is a call of a function in another file than that of its caller. Those inside of `language/` and inside of
`symbolic/` do not count: the road of a text through them is what they are for.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpybrain as nb

PACKAGE = Path(nb.__file__).parent
INSIDE = ("language", "symbolic")

LIF = "dv/dt = (I - v)/tau : mV\nI : mV\ntau : ms"


def moves(act: Callable[[], Any]) -> Counter[tuple[str, str]]:
    """The moves while something is done, by where they come from and where they go."""
    found: Counter[tuple[str, str]] = Counter()
    here = ["outside"]

    def place(frame: FrameType) -> str | None:
        try:
            return Path(frame.f_code.co_filename).relative_to(PACKAGE).as_posix()
        except ValueError:
            return None

    def watch(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            name = place(frame)
            if name is not None:
                enter(name)
        elif event == "return" and frame.f_back is not None and place(frame) is not None:
            back: FrameType | None = frame.f_back
            while back is not None and place(back) is None:
                back = back.f_back
            here[0] = "outside" if back is None else str(place(back))

    def enter(name: str) -> None:
        if name != here[0]:
            parts = {name.split("/")[0], here[0].split("/")[0]}
            if not any(parts == {part} for part in INSIDE):
                found[here[0], name] += 1
            here[0] = name

    sys.setprofile(watch)
    try:
        act()
    finally:
        sys.setprofile(None)
    return found


def neurons() -> nb.Neurons:
    """A leaky integrate-and-fire group."""
    return nb.Neurons(100, LIF, threshold="v > -50*mV", reset="v = -60*mV", tau="10 ms", I=-48)


def synapses(cells: nb.Neurons) -> nb.Synapses:
    """Synapses with a weight, a delay and a probability."""
    rule = nb.connect.probability(0.1)
    return nb.Synapses(cells, cells, "w : mV", on_pre="v_post += w", connect=rule, w=0.5, delay="1.5 ms")


def count() -> dict[str, Counter[tuple[str, str]]]:
    """The moves of making each object once the package has been used."""
    cells = neurons()
    synapses(cells)
    return {"Neurons": moves(neurons), "Synapses": moves(lambda: synapses(cells))}


if __name__ == "__main__":
    for what, found in count().items():
        print(f"{what}: {sum(found.values())} moves")
        for (start, end), n in found.most_common(45):
            print(f"  {n:4}  {start} -> {end}")
