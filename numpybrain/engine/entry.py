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


def compile_program(program: Program, layout: DataLayout, name: str = DEFAULT) -> CompiledProgram:
    """Compile a program by the engine that is asked for, or by that of NumPy if it refuses.

    Raises:
        ModelError: if both refuse.
    """
    engine = engine_of(name)
    if engine.refuses(program, layout) is not None:
        engine = engine_of(DEFAULT)
        reason = engine.refuses(program, layout)
        if reason is not None:
            raise ModelError(f"the {program.label} cannot be calculated: {reason}")
    return engine.compile(program, layout)
