"""Every test starts from the same seed; hypothesis draws the same examples everywhere and leaves no files."""

from __future__ import annotations

import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

import numpybrain as nb

_storage = tempfile.TemporaryDirectory(prefix="hypothesis-")  # gone when the tests are over
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = _storage.name

settings.register_profile(
    "numpybrain",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("numpybrain")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    nb.seed(20250101)
