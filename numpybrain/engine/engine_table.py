"""The table of engines, and the choice among them; an engine is imported when it is first needed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from numpybrain.errors import ArgumentError, ModelError, suggestion

if TYPE_CHECKING:
    from numpybrain.engine.contract import CompiledProgram, DataLayout, Engine
    from numpybrain.symbolic.program import Program

DEFAULT = "numpy"  # does what others refuse
ENGINES: dict[str, str | Engine] = {  # name -> the engine, or the module whose `ENGINE` it is
    DEFAULT: "numpybrain.engine.numpy.engine",
    "numba": "numpybrain.engine.numba.engine",
}


def engine_of(name: str) -> Engine:
    """An engine by its name.

    Raises:
        ArgumentError: if there is none of that name.
    """
    found = ENGINES.get(name)
    if found is None:
        message = f"there is no engine '{name}'{suggestion(name, ENGINES)}"
        raise ArgumentError(message, help=f"there are {', '.join(ENGINES)}")
    if isinstance(found, str):
        made: Engine = importlib.import_module(found).ENGINE
        return made
    return found


def choose(program: Program, layout: DataLayout, name: str) -> tuple[str, str | None]:
    """The name of the engine that takes a program: the one that is asked for, or that of NumPy, and why."""
    reason = None if name == DEFAULT else engine_of(name).refuses(program, layout)
    return (name, None) if reason is None else (DEFAULT, reason)


def compile_program(program: Program, layout: DataLayout, name: str = DEFAULT) -> CompiledProgram:
    """Compile a program by the engine that is asked for, or by that of NumPy if it refuses.

    Raises:
        ModelError: if both refuse.
    """
    chosen, _ = choose(program, layout, name)
    engine = engine_of(chosen)
    reason = engine.refuses(program, layout) if chosen == DEFAULT else None
    if reason is not None:
        raise ModelError(f"the {program.label} cannot be calculated: {reason}")
    return engine.compile(program, layout)
