"""Comparisons with other simulators, skipped where these are not installed, or not sound."""

import warnings

import pytest


def brian2():
    """Brian2, or a skip: where it is missing, and where it fails with the NumPy that is there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import brian2
        except Exception as error:  # noqa: BLE001
            pytest.skip(f"Brian2 cannot be imported: {error}", allow_module_level=True)
    return brian2
