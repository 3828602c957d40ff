"""The engine of numba: fused loops, compiled in memory. What it refuses is done by NumPy."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING

from numpybrain.errors import ModelError

if importlib.util.find_spec("numba") is None:
    raise ModelError(
        "engine='numba' needs numba, which is not installed",
        help="pip install 'numpybrain[jit]', or leave engine='numpy'",
    )

from numpybrain.engine.numba import compiler

if TYPE_CHECKING:
    from numpybrain.engine.contract import DataLayout, Leap
    from numpybrain.engine.numba.compiled import NumbaProgram
    from numpybrain.kernel.contracts import Call, RunContext, Stage
    from numpybrain.symbolic.program import Program


class NumbaEngine:
    """Engine that calculates one element after the other, in compiled code."""

    name = "numba"

    def refuses(self, program: Program, layout: DataLayout) -> str | None:
        """Give the reason why it cannot take a program with such data; None if it can."""
        return compiler.reason_against(program, layout)

    def compile(self, program: Program, layout: DataLayout) -> NumbaProgram:
        """Compile a program that it does not refuse."""
        return compiler.compile_program(program, layout)

    def fuse(self, context: RunContext, stages: Sequence[Stage], calls: Sequence[Call]) -> Leap | None:
        """Give what takes several steps at once in place of the calls of all stages; None if it cannot."""
        from numpybrain.engine.numba.fusion import fuse

        return fuse(context, stages, calls)


ENGINE = NumbaEngine()
