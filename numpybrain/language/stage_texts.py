"""Stages of models: statements that act in a phase of every step.

In: texts by phase. Out: trees by phase, or errors. Python functions pass through untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpybrain.errors import ArgumentError, ModelError, shown, suggestion
from numpybrain.kernel.contracts import PHASES
from numpybrain.language.definition import Python
from numpybrain.language.nodes import Statements
from numpybrain.language.reader import read_statements


def read_stages(at: Mapping[str, Any]) -> dict[str, Statements | Python]:
    """Statements, read, in the order of the phases."""
    for phase, text in at.items():
        if phase not in PHASES:
            message = f"'at' has no phase {shown(phase)}{suggestion(str(phase), PHASES)}"
            raise ModelError(message, help=f"there are {', '.join(PHASES)}")
        if not isinstance(text, str) and not callable(text):
            message = f"what is done at the {phase} of steps must be a text or a function"
            raise ArgumentError(message, detail=f"got {type(text).__name__}")
    return {
        phase: read_statements(at[phase], f"'at {phase}'") if isinstance(at[phase], str) else at[phase]
        for phase in PHASES
        if phase in at
    }
