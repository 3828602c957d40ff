"""Random programs against an interpreter that takes neurons, synapses and statements one by one."""

from __future__ import annotations

import warnings

import pytest

import numpybrain as nb
from tests.programs.random_programs import check


@pytest.mark.parametrize("seed", range(30))
def test_random_programs(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nb.StabilityWarning)
        check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_many_random_programs(block: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nb.StabilityWarning)
        for seed in range(1000 + 100 * block, 1000 + 100 * (block + 1)):
            check(seed)
