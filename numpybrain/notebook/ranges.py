"""Ranges of sliders: in which part of the numbers a parameter may sensibly be moved.

In: a value, its unit, and whether something is divided by it. Out: lowest and highest value, and the step.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numpybrain.language import unit_table
from numpybrain.language.definition import Definition
from numpybrain.language.nodes import Binary, Name

STEPS = 200  # from the lowest to the highest value, about
AROUND = 30e-3  # volts above and below a voltage
SLOPE = 10e-3  # volts; up to this a voltage above 0 is a difference, which stays above 0
TIMES, PART = 3.0, 0.1  # of the value: the highest one, and the lowest one of what is divided by


class Range(NamedTuple):
    """Lowest and highest value of a slider, and its step, in the declared unit."""

    low: float
    high: float
    step: float


def range_of(value: float, unit: unit_table.Unit, *, divides: bool) -> Range:
    """The range around a value; that of what something is divided by does not reach 0."""
    volt = unit_table.named("volt")
    if volt is not None and unit.fits(volt):
        scale = float(unit.scale)
        if not 0 < value * scale <= SLOPE:
            around = AROUND / scale
            return rounded(value - around, value + around)
        divides = True
    if value == 0:
        return rounded(-1.0, 1.0)
    near, far = value * (PART if divides else 0.0), value * TIMES
    return rounded(min(near, far), max(near, far))


def rounded(low: float, high: float) -> Range:
    """A range whose step is 1, 2 or 5 times a power of ten, and divides its ends."""
    rough = (high - low) / STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= rough * (1 - 1e-9))
    digits = max(0, 1 - math.floor(math.log10(step)))
    first = math.ceil if low > 0 else math.floor  # not to 0 from above
    return Range(
        *(round(x, digits) for x in (first(low / step) * step, math.ceil(high / step) * step, step))
    )


def divisors(definition: Definition) -> set[str]:
    """The names that something is divided by."""
    found = set()
    for variable in definition.variables.values():
        for node in variable.expr.walk() if variable.expr is not None else ():
            if isinstance(node, Binary) and node.op == "/":
                found |= {below.id for below in node.right.walk() if isinstance(below, Name)}
    return found
