"""Display of the variables of a group in notebooks, with the values that they have now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.display.html import ABOUT, about, equation_html, name_html, own_names, unit_html

if TYPE_CHECKING:
    from numpybrain.group.group import Group
    from numpybrain.kernel.variables import Variable


def variables(
    group: Group, read: Callable[[str], Any] | None = None
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Heads and rows of the variables of a group, with the values that they have now.

    `read` gives these by name where they are not those of the whole group.
    """
    slots = {s.name: s for s in group.inspect.slots() if s.kind not in ("special", "delay")}
    if group.inspect.definition is None:
        heads: tuple[str, ...] = ("variable", "value", "unit")
        return heads, [[name_html(n), _range(s, read), unit_html(s.unit_text)] for n, s in slots.items()]
    own = {*own_names(group.inspect.definition), *group.inspect.around().names}
    rows = []
    for name, variable in group.inspect.definition.variables.items():
        is_calculated = variable.kind != "parameter"  # else its equation says where its value came from
        value = _range(slots[name], read) if name in slots else ""
        rows.append([equation_html(variable, own, with_right=is_calculated), value, *about(variable)])
    return ("equation", "value", *ABOUT), rows


def _range(slot: Variable, read: Callable[[str], Any] | None) -> str:
    """The present value, or the smallest and the largest of several."""
    values = np.asarray(slot.value if read is None else read(slot.name))
    if not values.size:
        return ""
    low, high = values.min(), values.max()
    if slot.dtype is bool:
        return str(bool(low)) if low == high else "True and False"
    return f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"
