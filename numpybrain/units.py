"""Units as pint objects: `from numpybrain.units import ms, mV, nS`. Every SI unit with every prefix.

They are made when they are first asked for, so that a program without them does not pay for pint.
Strings such as "20 ms" work wherever a quantity does.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from numpybrain.errors import UnknownAttributeError, suggestion
    from numpybrain.language import unit_table

    if name == "registry":
        return unit_table.registry()
    if unit_table.named(name) is None:
        message = f"there is no unit '{name}'"
        raise UnknownAttributeError(message + suggestion(name, unit_table.common()))
    return getattr(unit_table.registry(), name)
