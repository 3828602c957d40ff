"""Entry to the engine of NumPy for those who may do without: SymPy is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpybrain.engine.data_layout import CompiledProgram, DataLayout
    from numpybrain.symbolic.program import Program


def compile_program(program: Program, layout: DataLayout) -> CompiledProgram:
    """Compile a program for a layout."""
    from numpybrain.engine.numpy import compiler

    return compiler.compile_program(program, layout)


def layout(access: Mapping[str, str], varying: frozenset[str], **fields: Any) -> DataLayout:
    """How a program meets its data."""
    from numpybrain.engine.data_layout import DataLayout

    return DataLayout(access, varying, **fields)
