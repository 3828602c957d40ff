"""Numerical methods with options, for `method=`.

Names alone are enough for most; `nb.tableau` makes a method of one's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ArgumentError, MethodError, shown

if TYPE_CHECKING:
    from numpybrain.symbolic.methods.base import Method
    from numpybrain.symbolic.tableaus import Tableau


def list_methods() -> list[str]:
    """Names of all numerical methods."""
    from numpybrain.symbolic.methods import METHODS

    return list(METHODS)


def method(name: str | Tableau, *, relative: float | None = None, absolute: Any = None) -> Method:
    """A numerical method with options.

    Args:
        name: "rk23" or "rk45": the methods with step size control; or a tableau with an error estimate.
        relative: the error that is tolerated in a step, as a part of the value; 1e-6 if not given.
        absolute: the error that is tolerated beside it: {variable: quantity or number in its unit}, or one
            number for all. If not given, a tenth of the largest value so far counts near 0.

    Raises:
        MethodError: if there is no such method, or it takes no options.
    """
    from numpybrain.symbolic import methods

    found = methods.as_method(name)
    options: dict[str, Any] = {}
    if relative is not None:
        if isinstance(relative, bool) or not isinstance(relative, (int, float)) or not 0 < relative < 1:
            raise ArgumentError(f"a relative tolerance lies between 0 and 1 (got {shown(relative)})")
        options["relative"] = float(relative)
    if absolute is not None:
        options["absolute"] = dict(absolute) if isinstance(absolute, Mapping) else absolute
    if options and found.loop != "adaptive":
        message = f"method '{found.name}' has a fixed step, so it takes no tolerance"
        raise MethodError(message, help="use 'rk45' or 'rk23'")
    return replace(found, options=options)
