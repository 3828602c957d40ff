"""The engine of NumPy: vectorised code, compiled in memory. It takes every program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from numpybrain.engine.numpy import compiler
from numpybrain.engine.numpy.runtime_functions import lacking

if TYPE_CHECKING:
    from numpybrain.engine.contract import DataLayout
    from numpybrain.engine.numpy.compiled import NumpyProgram
    from numpybrain.kernel.contracts import Call, RunContext, Stage
    from numpybrain.symbolic.program import Program


class NumpyEngine:
    """Engine that calculates with whole arrays."""

    name = "numpy"

    def refuses(self, program: Program, layout: DataLayout) -> str | None:
        """Give the reason why it cannot take a program: functions of the language that it lacks."""
        unknown = lacking(program)
        return f"NumPy has no {unknown}(...)" if unknown is not None else None

    def compile(self, program: Program, layout: DataLayout) -> NumpyProgram:
        """Compile a program for a layout."""
        return compiler.compile_program(program, layout)

    def fuse(self, context: RunContext, stages: Sequence[Stage], calls: Sequence[Call]) -> None:
        """Each step is a call of all stages."""


ENGINE = NumpyEngine()
