"""Questions about synapses that are there: a condition over their variables and those of their neurons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpybrain.errors import ModelError, raise_all
from numpybrain.language.reader import read_expression
from numpybrain.language.scope import BOOLEAN
from numpybrain.language.unit_check import check
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.programs import value_program
from numpybrain.synapse_model.synaptic_scope import synaptic_scope

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection


def condition_program(projection: Projection, text: str) -> Program:
    """A program that says for each synapse whether a condition is true.

    Raises:
        ModelError: if the synapses are written in Python, whose variables texts do not know.
    """
    definition = projection.own.definition
    if definition is None:
        message = f"'{projection.name}' is written in Python: it knows no conditions"
        raise ModelError(message, help="give numbers of synapses, or a pair (i, j)")
    node = read_expression(text, "condition")
    scope = synaptic_scope(projection, definition, "in the condition")
    check(node, scope, BOOLEAN, "the condition")
    raise_all(scope.errors)
    return value_program(definition, node, None, f"condition on {projection.name}", projection.own.around())
