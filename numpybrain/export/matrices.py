"""Matrices of SciPy."""

from __future__ import annotations

from typing import Any

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
