"""Neurons of the library a second time, written from the papers, and solved without NumpyBrain.

A function for each model: its arguments are the parameters, with the defaults of the paper, in units in which no
factor is needed (mV, ms, nS, pA, pF, or mS/cm**2, uA/cm**2, uF/cm**2); it gives a `Cell`. `solve` integrates it
with SciPy at tight tolerance: every crossing of the threshold is located, and the solver is started again after
every reset, every refractory period and every jump of the input.

`python -m tests.library.second NAME ...` writes what `solve` finds into the checks of model files.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import cos, exp, pi, sin
from pathlib import Path
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

NEURONS = Path(__file__).resolve().parents[3] / "models" / "neurons"
RTOL, ATOL = 1e-10, 1e-12
UNITS = (
    "ms mV nS pA pF nA Mohm Hz uA cm mS uF mM uM kHz um um2 pC".split()
)  # all of them 1: files and papers use the same

State = list[float]


@dataclass(frozen=True)
class Cell:
    """One neuron.

    Attributes:
        start: states and their values at the beginning, in the order of `rhs`.
        rhs: time and state -> slopes, per ms.
        crossing: state -> a number that becomes positive where there is a spike.
        reset: state -> state after a spike; without one, spikes are upward crossings.
        refractory: ms for which the states `held` then stand still.
        held: their positions.
        jumps: times at which the input jumps.
        hazard: state -> probability of a spike per ms, of a neuron that starts again at `start` after each.
    """

    start: Mapping[str, float]
    rhs: Callable[[float, Sequence[float]], State]
    crossing: Callable[[Sequence[float]], float] | None = None
    reset: Callable[[State], State] | None = None
    refractory: float = 0.0
    held: tuple[int, ...] = (0,)
    jumps: tuple[float, ...] = field(default=())
    hazard: Callable[[Sequence[float]], float] | None = None


@dataclass(frozen=True)
class Course:
    """A value that follows the time, from the text of a drive."""

    text: str

    def __call__(self, t: float) -> float:
        names = {
            **dict.fromkeys(UNITS, 1.0),
            "t": t,
            "exp": exp,
            "sin": sin,
            "cos": cos,
            "pi": pi,
            "abs": abs,
        }
        return float(eval(self.text, {"__builtins__": {}}, names))  # noqa: S307 - texts of our own files

    @property
    def jumps(self) -> tuple[float, ...]:
        return tuple(sorted({float(x) for x in re.findall(r"(?<![\w.])([\d.]+)\*ms\b(?!\*)", self.text)}))


def at(value: float | Course) -> Callable[[float], float]:
    """A parameter as a function of time."""
    return value if isinstance(value, Course) else lambda _t: value


def number(text: str) -> float:
    """A quantity as a number in its unit."""
    text = re.sub(r"(?<=[\d.]) 1/", "/", text)
    return Course(re.sub(r"(?<=[\d.]) (?=[a-zA-Z])", "*", text))(0.0)


def value(text: str) -> float | Course:
    """A parameter of a check or drive: a number in its unit, or a course of time."""
    return Course(text) if re.search(r"\bt\b", text) else number(text)


def cell_of(make: Callable[..., Cell], check: Mapping[str, Any]) -> Cell:
    """The neuron under the conditions of a check."""
    given = {name: value(text) for name, text in check.get("parameters", {}).items()}
    cell = make(**given)
    jumps = {t for v in given.values() if isinstance(v, Course) for t in v.jumps}
    initial = {name: number(text) for name, text in check.get("initial", {}).items()}
    assert initial.keys() <= cell.start.keys()
    return replace(cell, start={**cell.start, **initial}, jumps=tuple(sorted({*cell.jumps, *jumps})))


def solve(cell: Cell, run: float, method: str = "DOP853") -> tuple[list[float], dict[str, float]]:
    """Times of all spikes up to `run`, and the state then."""
    spikes: list[float] = []
    y, t = list(cell.start.values()), 0.0
    free_from = 0.0
    ends = sorted({*(j for j in cell.jumps if 0 < j < run), run})

    def free(t: float, y: np.ndarray) -> State:
        return cell.rhs(t, y.tolist())

    def held(t: float, y: np.ndarray) -> State:
        slopes = cell.rhs(t, y.tolist())
        return [0.0 if k in cell.held else s for k, s in enumerate(slopes)]

    def event(_t: float, y: np.ndarray) -> float:
        return cell.crossing(np.asarray(y).tolist()) if cell.crossing else -1.0

    event.direction, event.terminal = 1, cell.reset is not None  # type: ignore[attr-defined]
    while t < run:
        waits = t < free_from - 1e-12
        stop = min(e for e in (*ends, *((free_from,) if waits else ())) if e > t + 1e-12)
        result = solve_ivp(
            inside(held if waits else free, t, stop), (t, stop), y, method, rtol=RTOL, atol=ATOL,
            events=None if waits else event,
        )  # fmt: skip
        if not result.success:
            raise ArithmeticError(result.message)
        t, y = float(result.t[-1]), result.y[:, -1].tolist()
        if waits:
            continue
        spikes += result.t_events[0].tolist()
        if cell.reset is not None and result.t_events[0].size:
            y = cell.reset(y)
            if len(spikes) > 5000 or cell.crossing(y) > 0:
                raise ArithmeticError(f"spikes follow one another without end at {t} ms")
            free_from = t + cell.refractory
    return spikes, dict(zip(cell.start, y, strict=True))


def renewal_rate(cell: Cell, longest: float = 20_000.0) -> float:
    """Mean rate in Hz of a neuron that starts anew after each spike: one over the integral of the survivor function."""

    def rhs(t: float, y: np.ndarray) -> State:
        state, survivor = y[:-2].tolist(), float(y[-2])
        return [*cell.rhs(t, state), -cell.hazard(state) * survivor, survivor]  # type: ignore[misc]

    result = solve_ivp(rhs, (0, longest), [*cell.start.values(), 1.0, 0.0], rtol=RTOL, atol=ATOL)
    assert result.y[-2, -1] < 1e-6
    return 1000.0 / (cell.refractory + float(result.y[-1, -1]))


def inside(rhs: Callable[..., State], begin: float, end: float) -> Callable[..., State]:
    """A right-hand side that is asked only within an interval, so that an input jumps at its ends."""
    near = 1e-9
    return lambda t, y: rhs(min(max(t, begin + near), end - near), y)


def linoid(x: float) -> float:
    """x/(1 - exp(-x)), with its limit near zero."""
    return 1 + x / 2 + x * x / 12 if abs(x) < 1e-4 else x / (1 - exp(-x))


def sigmoid(x: float) -> float:
    """1/(1 + exp(-x)), without overflow."""
    return 1 / (1 + exp(-x)) if x > 0 else exp(x) / (1 + exp(x))


def cells() -> dict[str, Callable[..., Cell]]:
    """All of them, by the names of their files."""
    from tests.library.second import conductance, firing, rates

    return {**firing.CELLS, **conductance.CELLS, **rates.CELLS}


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((NEURONS / f"{name}.toml").read_text(encoding="utf-8"))


def reference(full: str) -> Callable[..., Cell]:
    """The neuron of a model or of a variant: its own, or the model's with the values of the file."""
    from tests.library.second import firing

    name, _, variant = full.partition(":")
    if not variant or full in firing.VARIANTS:
        return firing.VARIANTS.get(full) or cells()[name]
    given = table(name)["variants"][variant].get("parameters", {})
    return partial(cells()[name], **{n: value(text) for n, text in given.items()})


def checks(name: str) -> dict[str, dict[str, Any]]:
    """The checks of a file and of its variants: full name -> check."""
    data = table(name)
    variants = data.get("variants", {}).items()
    return {name: data["check"], **{f"{name}:{variant}": said["check"] for variant, said in variants}}
