"""The positions of random streams in a snapshot: what is kept of them, and how they are taken back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from numpybrain.kernel.random_streams import KINDS, PURPOSES, Streams, bits
from numpybrain.utils.state_reader import StateReader, Value


def get_state(streams: Streams) -> dict[str, Value]:
    """Give the positions of all streams; long numbers in hexadecimal, as some JSON would lose them."""
    entropy, (kind, number), states = streams.position()
    values: dict[str, Value] = {"entropy": f"{entropy:x}", "kind": kind, "number": number}
    for purpose, state in states.items():
        values[f"{purpose}/state"] = f"{state['state']['state']:x}"
        values[f"{purpose}/increment"] = f"{state['state']['inc']:x}"
        values[f"{purpose}/has_half"] = state["has_uint32"]
        values[f"{purpose}/half"] = state["uinteger"]
    return values


def plan_restore(streams: Streams, saved: StateReader) -> list[Callable[[], Any]]:
    """Take streams back; generators that were made since then go to their start."""
    entropy, own = saved.bits("entropy"), streams.position()[1][0]
    key = (saved.whole("kind", len(KINDS)), saved.whole("number", 2**32))
    if key[0] != own:
        saved.refuse("kind", "is that of other objects")
    in_use, states = streams.position()[2], {}
    for purpose in PURPOSES:
        part = saved.part(purpose)
        state: Any = dict(bits(entropy, key, purpose).state)
        if "state" in part:
            values = {"state": part.bits("state"), "inc": part.bits("increment")}
            for name, value in zip(("state", "increment"), values.values(), strict=True):
                if value >= 2**128:
                    part.refuse(name, "is longer than 128 bits")
            half = {"has_uint32": part.whole("has_half", 2), "uinteger": part.whole("half", 2**32)}
            state |= {"state": values, **half}
        elif purpose not in in_use:
            continue
        states[purpose] = state
    return [functools.partial(streams.go_to, entropy, key, states)]
