"""Matrices of SciPy."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from importlib import util
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError


def sparse_matrix(values: Any, i: Any, j: Any, shape: tuple[int, int]) -> Any:
    """A sparse matrix (CSR) with `values` at rows i and columns j; what meets in one place adds up.

    Raises:
        ArgumentError: if SciPy is not installed.
    """
    try:
        from scipy import sparse
    except ImportError:
        message = "a sparse matrix needs the package 'scipy'"
        raise ArgumentError(message, help="pip install scipy, or take the dense matrix") from None
    return sparse.csr_matrix((values, (i, j)), shape=shape)


@functools.cache
def row_product() -> Callable[..., None] | None:
    """SciPy's loop `csr_matvec(rows, columns, starts, indices, values, x, y)`, y += A x, if there is SciPy.

    Only the module with the loop is loaded, which takes a millisecond; `scipy.sparse` as a whole takes a
    hundred, more than the loop saves in a short run. The module is not public, so it is tried out first.
    """
    name = "_sparsetools"
    loaded = sys.modules.get(f"scipy.sparse.{name}")
    scipy = None if loaded is not None else util.find_spec("scipy")
    for folder in () if scipy is None else scipy.submodule_search_locations or ():
        spec = PathFinder.find_spec(name, [str(Path(folder) / "sparse")])
        if spec is not None and spec.loader is not None:
            try:
                loaded = util.module_from_spec(spec)
                spec.loader.exec_module(loaded)
            except ImportError:
                return None
    multiply: Callable[..., None] | None = getattr(loaded, "csr_matvec", None)
    return multiply if multiply is not None and _works(multiply) else None


def _works(multiply: Callable[..., None]) -> bool:
    starts, indices = np.array([0, 2, 2, 3], dtype=np.intp), np.array([0, 2, 1], dtype=np.intp)
    found = np.array([0.0, 7.0, 0.0])
    try:
        multiply(3, 3, starts, indices, np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0]), found)
    except (TypeError, ValueError):
        return False
    return bool((found == [201.0, 7.0, 30.0]).all())
