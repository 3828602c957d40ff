"""`if` blocks in statements, against Python, whose syntax they share."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb

N = 12
MODEL = "a : 1\nb : 1\nc : 1\nn : integer\nk : boolean"


def block(rng: random.Random, depth: int, indent: str, known: list[str]) -> list[str]:
    """Random lines; temporaries are read only where they are sure to be set."""
    lines = []
    for _ in range(rng.randrange(1, 4)):
        if depth and rng.random() < 0.5:
            fresh = f"x{rng.randrange(100)}"
            lines.append(f"{indent}if {condition(rng, known)}:")
            lines += [
                f"{indent}  {fresh} = {value(rng, known)}",
                *block(rng, depth - 1, indent + "  ", known),
            ]
            if rng.random() < 0.4:
                lines.append(f"{indent}elif {condition(rng, known)}:")
                lines += [f"{indent}    {fresh} = {value(rng, known)}"]
                lines += block(rng, depth - 1, indent + "    ", [*known, fresh])
            closed = rng.random() < 0.5
            if closed:
                lines.append(f"{indent}else: {fresh} = {value(rng, known)}; a -= 0.5")
            if closed and indent == "":
                known = [*known, fresh]
        else:
            target, op = rng.choice("abc"), rng.choice(["=", "+=", "-=", "*="])
            lines.append(f"{indent}{target} {op} {value(rng, known)}")
            if rng.random() < 0.3:
                lines.append(f"{indent}n += {rng.randrange(3)}; k = {condition(rng, known)}  # if: no")
    return lines


def value(rng: random.Random, known: list[str]) -> str:
    a, b = rng.choice(known), rng.choice(known)
    return rng.choice(
        [a, f"0.5*{a} - {b}", f"({a} +\n{b})", f"{a} if {b} > 0 else 1", f"{rng.randrange(9)}/4"]
    )


def condition(rng: random.Random, known: list[str]) -> str:
    a, b = rng.choice(known), rng.choice(known)
    return rng.choice([f"{a} > {b}", f"{a} > 0 and not k", "k", f"-1 < {a} < 1 or n > 2", f"({a} > 0)"])


def by_python(text: str, start: dict[str, Any]) -> dict[str, Any]:
    """The same statements carried out by Python, neuron by neuron."""
    names = list(start)
    found = {name: np.array(values) for name, values in start.items()}
    code = compile(text, "statements", "exec")
    for m in range(N):
        here: dict[str, Any] = {name: start[name][m] for name in names}
        exec(code, {}, here)
        for name in names:
            found[name][m] = here[name]
    return found


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_blocks_do_what_python_does(seed: int) -> None:
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    text = "\n".join(block(rng, 2, "", ["a", "b", "c"]))
    start: dict[str, Any] = {name: numbers.integers(-20, 20, N) / 8 for name in "abc"}  # exact sums
    start |= {"n": numbers.integers(0, 4, N), "k": numbers.random(N) < 0.5}
    cells = nb.Neurons(N, MODEL, threshold="True", reset=text, initial=start)
    nb.Network(cells, dt=0.1).run(0.1)
    expected = by_python(text, start)
    for name, values in expected.items():
        np.testing.assert_allclose(
            getattr(cells, name), values, rtol=1e-12, err_msg=f"{name} after\n{text}"
        )


def test_branches_add_up_at_one_target() -> None:
    cells = nb.Neurons(5, "v : mV\nw : 1", threshold="i < 3")
    syn = nb.Synapses(
        cells, cells, "g : mV",
        on_pre="""
            if g > 2*mV: v_post += g; w_post += 1
            elif g > 0*mV:
                v_post -= 1*mV
            w_post += 10
        """,
        connect=([0, 1, 2, 0, 1], [4, 4, 4, 3, 3]), g=np.array([3.0, 1.0, 5.0, -1.0, 2.0]),
    )  # fmt: skip
    nb.Network(cells, syn).run(0.1)
    assert cells.v.tolist() == [0, 0, 0, -1, 7]
    assert cells.w.tolist() == [0, 0, 0, 20, 32]


def test_branches_multiply_and_assign_in_rounds() -> None:
    cells = nb.Neurons(4, "v : 1\nw : 1", threshold="i < 3", initial={"v": 1.0, "w": 1.0})
    syn = nb.Synapses(
        cells, cells, "g : 1",
        on_pre="if g > 0: v_post *= g\nif w_post < 3:\n    w_post = 2*w_post + g",
        connect=([0, 1, 2], [3, 3, 3]), g=np.array([2.0, -3.0, 4.0]),
    )  # fmt: skip
    nb.Network(cells, syn).run(0.1)
    assert cells.v[3] == 8
    assert cells.w[3] == 4  # 2*1 + 2, and then it is no longer below 3


def test_refractory_neurons_are_shielded_in_a_branch() -> None:
    cells = nb.Neurons(
        2,
        "dv/dt = 0/ms : 1 (unless refractory)\nu : 1",
        threshold="v > 1",
        reset="v = 0",
        refractory="1 ms",
    )
    cells.v = [2, 0]
    syn = nb.Synapses(cells, cells, on_pre="if u_post < 5: v_post += 0.5; u_post += 1",
                      connect=([0, 0], [0, 1]))  # fmt: skip
    nb.Network(cells, syn).run(0.1)
    assert cells.v.tolist() == [0, 0.5]
    assert cells.u.tolist() == [1, 1]


@pytest.mark.parametrize(
    "reset", ["w = v; v = u; u = w", "w = u; u = v; v = w", "w = v; v = u + w; u = w - u"]
)
def test_statements_that_exchange_two_variables_read_both_before_they_write(reset: str) -> None:
    cells = nb.Neurons(
        2, "v : 1\nu : 1", threshold="v > 0.5", reset=reset, initial={"v": "1 - 0.75*i", "u": "0.25"}
    )
    nb.Network(cells, dt=0.1).run(0.1)
    expected = (1.25, 0.75) if "+" in reset else (0.25, 1.0)
    assert (cells.v[0], cells.u[0]) == expected
    assert (cells.v[1], cells.u[1]) == (0.25, 0.25)
