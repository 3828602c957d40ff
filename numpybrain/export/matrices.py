"""Matrices of SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError


def scipy_sparse() -> Any:
    """The module `scipy.sparse`, or None where SciPy is not installed."""
    try:
        from scipy import sparse
    except ImportError:
        return None
    return sparse


def sparse_matrix(values: Any, i: Any, j: Any, shape: tuple[int, int]) -> Any:
    """A sparse matrix (CSR) with `values` at rows i and columns j; what meets in one place adds up.

    Raises:
        ArgumentError: if SciPy is not installed.
    """
    sparse = scipy_sparse()
    if sparse is None:
        message = "a sparse matrix needs the package 'scipy'"
        raise ArgumentError(message, help="pip install scipy, or take the dense matrix")
    return sparse.csr_matrix((values, (i, j)), shape=shape)


def in_rows(values: Any, columns: Any, counts: Any, n_columns: int) -> Any:
    """A sparse array (CSR) of `values` that stand row by row, `counts` of them in each.

    It keeps `values` as they are: who changes them changes the matrix. SciPy has to be installed.
    """
    starts = np.concatenate(([0], np.cumsum(counts)))
    return scipy_sparse().csr_array((values, columns, starts), shape=(len(counts), n_columns))
