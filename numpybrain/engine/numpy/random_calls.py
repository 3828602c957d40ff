"""Functions of the language that draw random numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.engine.numpy import tabled_distributions
from numpybrain.errors import ArgumentError
from numpybrain.kernel.variables import Array
from numpybrain.language.function_table import FUNCTIONS
from numpybrain.utils.naming import FIXED

MOST = 10**18  # trials of a binomial distribution: NumPy counts in 64 bits


def drawing(generator: np.random.Generator, name: str) -> Callable[..., Array]:
    """The function of the language that draws as many numbers as its last argument says.

    With `FIXED` behind the name, its other arguments stay the same unless Python functions assign to them.
    """
    if name == "rand":
        return generator.random
    if name == "randn":
        return generator.standard_normal
    function = FUNCTIONS[name.removesuffix(FIXED)]
    if "numpy" in function.engines:
        return functools.partial(function.engines["numpy"], generator)

    def poisson(mean: Any, size: int) -> Array:
        try:
            return generator.poisson(mean, size).astype(float)
        except ValueError:  # NumPy has looked at all of them
            message = "poisson(l) needs a number l that is not negative, and at most 1e18"
            raise ArgumentError(message) from None

    def binomial(n: Any, p: Any, size: int) -> Array:
        count, chance = np.asarray(n), np.asarray(p)
        is_count = (count >= 0) & (count <= MOST) & (count % 1 == 0)
        if not np.all(is_count) or not np.all((chance >= 0) & (chance <= 1)):
            raise ArgumentError("binomial(n, p) needs whole numbers 0 <= n <= 1e18, and 0 <= p <= 1")
        return generator.binomial(count.astype(np.int64), chance, size).astype(float)

    is_poisson = name.startswith("poisson")
    draw: Callable[..., Array] = poisson if is_poisson else binomial
    if not name.endswith(FIXED):
        return draw
    table_of: Callable[..., tabled_distributions.Counts | None] = (
        tabled_distributions.poisson if is_poisson else tabled_distributions.binomial
    )

    def tabled(*arguments: Any) -> Array:
        *parameters, size = arguments
        given = [_same(p) for p in parameters] if size > tabled_distributions.FEW else [None]
        table = None if None in given else table_of(*given)
        return draw(*arguments) if table is None else table.draw(generator, size)

    return tabled


def _same(values: Any) -> float | None:
    """The number that values have in common, however they are kept; None if they differ."""
    if not np.ndim(values):
        return float(values)
    first = values[0]
    return float(first) if (values == first).all() else None
