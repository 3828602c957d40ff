"""Inputs: spike sources that are drawn or given, and take part in a network as neurons do."""

from __future__ import annotations

from numpybrain.inputs.poisson import Poisson

__all__ = ["Poisson"]
