"""Models of the library with which tests of the whole program run, one of each make; `tests/library` has all."""

from __future__ import annotations

SAMPLE = [
    "adex", "exponential_if", "fitzhugh_nagumo", "hodgkin_huxley", "izhikevich", "lif", "morris_lecar",
    "pospischil_rs", "traub_miles_hh", "wang_buzsaki",
]  # fmt: skip
