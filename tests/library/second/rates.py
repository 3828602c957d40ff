"""Rate units, masses and oscillators, a second time."""

from __future__ import annotations

from collections.abc import Callable

from tests.library.second import Cell

CELLS: dict[str, Callable[..., Cell]] = {}
