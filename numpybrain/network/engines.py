"""Engines of a network: which one calculates what."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.engine_table import DEFAULT, engine_of
from numpybrain.errors import ArgumentError, shown
from numpybrain.group.group import Group
from numpybrain.kernel.contracts import Operation, RunContext, Stage


def assign(engine: Any, context: RunContext) -> None:
    """Tell the runs of a network its engine; if there is a dictionary, groups are told theirs.

    Raises:
        ArgumentError: if there is no such engine, or what should have one is no group.
        ModelError: if what it needs is not installed.
    """
    if not isinstance(engine, Mapping):
        context.engine = _known(engine)
        context.fuse = functools.partial(engine_of(engine).fuse, context)
        return
    for group, name in engine.items():
        if not isinstance(group, Group):
            message = f"groups have engines: neurons, synapses (got {shown(group)})"
            raise ArgumentError(message, help="such as engine={cells: 'numba'}, or engine='numba' for all")
        group.inspect.environment.engine = _known(name)


def _known(name: Any) -> str:
    if not isinstance(name, str):
        message = f"an engine is a name, or a dictionary {{group: name}} (got {shown(name)})"
        raise ArgumentError(message, help="such as engine='numba'")
    engine_of(name)
    return name


def told(stage: Stage) -> str:
    """Which engine carries out a stage, and if it is not the one that was asked for, why; "" for NumPy."""
    found = [piece.carried_out for piece in _programs(stage.operation)]
    refused = list(dict.fromkeys(reason for _, reason in found if reason is not None))
    names = list(
        dict.fromkeys(name for name, reason in found if name and reason is None and name != DEFAULT)
    )
    parts = names + [f"{DEFAULT}: {reason}" for reason in refused]
    return ", ".join(parts)


def _programs(operation: Operation) -> Iterator[BoundProgram]:
    if isinstance(operation, BoundProgram):
        yield operation
    parts = getattr(operation, "parts", None)
    if parts is not None:
        for part in parts():
            yield from _programs(part)
