"""Random systems of equations, step by step against plain NumPy loops over the same texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import exprel

import numpybrain as nb

N, DT, STEPS = 4, 0.05, 6
FUNCTIONS = {"exp": np.exp, "tanh": np.tanh, "sin": np.sin, "abs": np.abs, "sqrt": np.sqrt, "ms": 1.0}


class Random:
    """A random system: texts of A and B for every equation dx/dt = (A*x + B)/ms."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        n = int(self.rng.integers(1, 7))
        self.variables = [f"x{k}" for k in range(n)]
        self.single, self.each, self.named = ["a", "b"], ["p", "q"], ["s", "r"]
        self.sub = {name: self.expression(2, [*self.variables, "a", "p"]) for name in self.named}
        self.values: dict[str, Any] = {name: self.rng.normal() for name in self.single}
        self.values |= {name: self.rng.normal(size=N) for name in self.each}
        self.start = {x: self.rng.normal(size=N) for x in self.variables}
        self.equations = {x: self.parts(x) for x in self.variables}

    def parts(self, x: str) -> tuple[str, str]:
        """A and B, which do not depend on x itself (so subexpressions only if they do not)."""
        free = [s for s in self.named if x not in self.sub[s]]
        others = [v for v in self.variables if v != x]
        names = [*others, *others, *self.single, *self.each, *free]
        return self.expression(2, names), self.expression(3, names)

    def expression(self, depth: int, names: list[str]) -> str:
        if depth == 0:
            number = f"{self.rng.integers(1, 30) / 10}"
            return str(self.rng.choice([*names, *names, number, "sin(3*t/ms)"]))
        a, b = (self.expression(depth - 1, names) for _ in range(2))
        forms = [
            f"({a} + {b})", f"({a} - {b})", f"0.5*{a}*{b}", f"-0.3*{a}", f"exp(-({a})**2)", f"tanh({a})",
            f"0.2*({a})**3/(1 + ({b})**2)", f"({a} if {b} > 0.2 else 0.5*{b})", f"sqrt(1 + ({a})**2)",
            f"exp(-abs({a})/3)", f"exp(-abs({a})*2/3 + tanh({b}))", "exp(-tanh(a)/5 - 1)", f"({a})/(2 + sin({b}))",
        ]  # fmt: skip
        return str(self.rng.choice(forms))

    def text(self) -> str:
        lines = [f"d{x}/dt = (({a})*{x} + {b})/ms : 1" for x, (a, b) in self.equations.items()]
        lines += [f"{name} = {text} : 1" for name, text in self.sub.items()]
        return "\n".join([*lines, *(f"{name} : 1" for name in (*self.single, *self.each))])

    def evaluate(self, text: str, state: dict[str, Any], t: float) -> Any:
        """The value that Python gives to one of the texts; conditions choose by neuron."""
        known = {**FUNCTIONS, **self.values, **state, "t": t}
        result = np.empty(N)
        for k in range(N):
            here = {n: v[k] if isinstance(v, np.ndarray) else v for n, v in known.items()}
            for name in self.named:
                here[name] = eval(self.sub[name], {}, here)
            result[k] = eval(text, {}, here)
        return result

    def rates(self, state: dict[str, Any], t: float) -> dict[str, Any]:
        return {x: self.evaluate(f"({a})*{x} + {b}", state, t) for x, (a, b) in self.equations.items()}

    def step(self, method: str, state: dict[str, Any], t: float) -> dict[str, Any]:
        """One step from a textbook."""

        def moved(slopes: dict[str, Any], part: float) -> dict[str, Any]:
            return {x: state[x] + part * DT * slopes[x] for x in state}

        if method == "exponential_euler":
            new = {}
            for x, (a, b) in self.equations.items():
                rate, rest = self.evaluate(a, state, t), self.evaluate(b, state, t)
                new[x] = state[x] + (rate * state[x] + rest) * DT * exprel(rate * DT)
            return new
        k1 = self.rates(state, t)
        if method == "euler":
            return moved(k1, 1)
        k2 = self.rates(moved(k1, 0.5), t + DT / 2)
        if method == "rk2":
            return moved(k2, 1)
        k3 = self.rates(moved(k2, 0.5), t + DT / 2)
        k4 = self.rates(moved(k3, 1), t + DT)
        return moved({x: (k1[x] + 2 * k2[x] + 2 * k3[x] + k4[x]) / 6 for x in state}, 1)


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4", "exponential_euler"])
@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 12))]
)
def test_steps(seed: int, method: str) -> None:
    system = Random(seed)
    cells = nb.Neurons(N, system.text(), method=method, **system.values, initial=system.start)
    assert cells.update.method == method
    trace = nb.Monitor(cells, *system.variables, *system.named)
    nb.Network(cells, trace, dt=DT).run(STEPS * DT)
    state = system.start
    for k in range(STEPS):
        for name in system.variables:
            np.testing.assert_allclose(getattr(trace, name)[k], state[name], rtol=1e-9, atol=1e-11)
        for name in system.named:
            expected = system.evaluate(system.sub[name], state, k * DT)
            np.testing.assert_allclose(getattr(trace, name)[k], expected, rtol=1e-9, atol=1e-11)
        state = system.step(method, state, k * DT)


@pytest.mark.parametrize("seed", range(12))
def test_linear_systems_of_any_shape_are_exact(seed: int) -> None:
    """Chains, blocks and lone equations, with numbers and arrays as coefficients, inputs and without."""
    from scipy.linalg import expm

    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 7))
    matrix = rng.normal(size=(n, n)) * (rng.random((n, n)) < rng.choice([0.2, 0.5, 1.0]))
    rest = rng.normal(size=n) * (rng.random(n) < 0.5)
    factor = rng.uniform(0.5, 2, N) if seed % 2 else np.full(N, 1.5)
    lines = []
    for k in range(n):
        terms = [f"({matrix[k, j]!r})*x{j}*f" for j in rng.permutation(n) if matrix[k, j]]
        lines.append(
            f"dx{k}/dt = ({' + '.join([*terms, f'({rest[k]!r})'])})/ms : 1".replace("np.float64", "")
        )
    start = rng.normal(size=(n, N))
    cells = nb.Neurons(
        N, "\n".join([*lines, "f : 1"]), f=factor, initial={f"x{k}": start[k] for k in range(n)}
    )
    assert cells.update.method == "exact"
    nb.Network(cells, dt=DT).run(STEPS * DT)
    found = np.array([getattr(cells, f"x{k}") for k in range(n)])
    for j in range(N):
        block = np.zeros((n + 1, n + 1))
        block[:n, :n], block[:n, n] = matrix * factor[j], rest
        expected = (expm(block * DT * STEPS) @ [*start[:, j], 1])[:n]
        np.testing.assert_allclose(found[:, j], expected, rtol=1e-11, atol=1e-12)
