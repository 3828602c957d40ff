"""What is assigned to variables, as numbers in their units; and variables of models, as storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpybrain.kernel.variables import Variable, VariableStore
from numpybrain.language import entry as language_entry
from numpybrain.utils.arrays import check_unmasked
from numpybrain.utils.quantities import carries_unit

if TYPE_CHECKING:
    from numpybrain.language.definition import ModelVariable


def in_unit(value: Any, variable: Variable, what: str) -> Any:
    """Number(s) in the unit of a variable, out of numbers, quantities or constant strings.

    Raises:
        ArgumentError: if values are masked.
        UnitError: if a quantity has the wrong dimension.
    """
    is_text = isinstance(value, (str, list, tuple)) and variable.dtype is float
    if is_text or carries_unit(value):
        value = language_entry.convert(value, variable.unit_text, what)
    check_unmasked(value, what)
    return value


def declare(store: VariableStore, variable: ModelVariable) -> None:
    """Add the storage of a variable of a model."""
    flags = variable.flags
    store.add(
        Variable(
            variable.name, variable.kind, variable.unit_text, variable.dtype, variable.dtype(),
            shared="shared" in flags, constant="constant" in flags,
        )
    )  # fmt: skip
