"""Compiling takes time in proportion to the equations, counted in calls of functions and not in seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from counting import calls

import numpybrain as nb


def lines(n: int, line: str) -> str:
    """One line for each k: `K` is k, `NEXT` the next one in a ring."""
    return "\n".join(line.replace("K", str(k)).replace("NEXT", str((k + 1) % n)) for k in range(n))


def neurons(n: int, line: str, more: str = "", method: str | None = None, **texts: str) -> nb.Network:
    given = {name: lines(n, text) for name, text in texts.items()}
    if "reset" in given:
        given["threshold"] = "v > 1"
        more += "\nv : 1"
    net = nb.Network(nb.Neurons(2, lines(n, line) + more, method=method, **given))
    net.run(0.1)
    return net


def synapses(n: int, model: str, on_pre: str) -> nb.Network:
    cells = nb.Neurons(3, lines(n, "yK_ : 1") + "\nv : 1", threshold="v > 1")
    net = nb.Network(
        cells, nb.Synapses(cells, cells, lines(n, model), on_pre=lines(n, on_pre), connect="i != j")
    )
    net.run(0.1)
    return net


SHAPES: dict[str, Callable[[int], nb.Network]] = {
    "not linear": lambda n: neurons(n, "dxK_/dt = (1 - xK_**3)/((K + 1)*ms) : 1", method="rk4"),
    "a ring": lambda n: neurons(n, "dxK_/dt = (xNEXT_ - xK_**3)/((K + 1)*ms) : 1", method="rk2"),
    "gates": lambda n: neurons(n, "dxK_/dt = (1/(1 + exp(-v - K)) - xK_)/((K + 1)*ms) : 1", "\ndv/dt = -v/ms : 1", "exponential_euler"),
    "parameters": lambda n: neurons(n, "dxK_/dt = (pK_ - xK_)/ms : 1\npK_ : 1"),
    "noise": lambda n: neurons(n, "dxK_/dt = -xK_/((K + 1)*ms) + xi_K/sqrt(ms) : 1"),
    "noises that multiply": lambda n: neurons(n, "dxK_/dt = -xK_/((K + 1)*ms) + xK_*xi_K/sqrt(ms) : 1", method="euler_maruyama"),
    "a reset": lambda n: neurons(n, "yK_ : 1", reset="yK_ += 2"),
    "a reset round a ring": lambda n: neurons(n, "yK_ : 1", reset="yK_ = 2*yNEXT_"),
    "synapses": lambda n: synapses(n, "wK : 1", "yK__post += wK"),
    "plastic synapses": lambda n: synapses(n, "daK/dt = -aK/((K + 1)*ms) : 1 (event-driven)", "aK += 1; yK__post += aK"),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_three_times_the_equations_take_three_times_the_work_or_so(shape: str) -> None:
    make = SHAPES[shape]
    make(2)  # imports, and tables that are made once
    few, many = 10, 30
    ratio = calls(lambda: make(many)) / calls(lambda: make(few))
    assert ratio < 6  # square growth is 9; SymPy, which remembers 1000 results, is not quite linear itself


def test_150_equations() -> None:
    def make(n: int) -> nb.Network:
        return neurons(n, "dxK_/dt = (1 - xK_)/((K + 1)*ms) : 1")

    make(2)
    assert calls(lambda: make(150)) < 5 * calls(lambda: make(50))


def test_what_is_used_up_is_not_deleted_before_the_line_that_uses_it() -> None:
    """Two parts of one line, the first needs for the last time what is there, the second needs a line before."""
    nb.seed(1)
    cells = nb.Neurons(
        2000, "dv/dt = -v/ms : 1\ndu/dt = -u/ms : 1\na : 1\nb : 1\nc : 1", initial={"v": 0.5, "u": 2}
    )
    cells.at(
        "start",
        "a = binomial(int(9 + sin(v)), 0.5); b = binomial(int(9 + sin(v)), 1/(1 + cos(u)**2)); c = cos(u)",
    )
    net = nb.Network(cells)
    net.step()
    assert np.allclose(cells.c, np.cos(2))
    for drawn, p in ((cells.a, 0.5), (cells.b, 1 / (1 + np.cos(2) ** 2))):
        assert abs(drawn.mean() - 9 * p) < 5 * np.sqrt(9 * p * (1 - p) / 2000)
