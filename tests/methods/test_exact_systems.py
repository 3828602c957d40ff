"""`exact` against SciPy's matrix exponential: 204 random systems of 1 to 6 variables, whatever their eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

import numpybrain as nb

DT, EACH = 0.5, 34  # ms; systems of each size
KINDS = ("any", "repeated", "zero", "complex", "defective", "nilpotent", "nearly equal", "growing")


def blocks(kind: str, k: int, rng: np.random.Generator) -> np.ndarray:
    """A matrix of size k whose eigenvalues are of one kind, in its own basis."""
    rate = -rng.uniform(0.1, 2)
    if kind == "any":
        return rng.normal(size=(k, k))
    if kind == "repeated":
        return rate * np.eye(k)
    if kind == "zero":
        return np.diag([0.0 if j % 2 == 0 else rate for j in range(k)])
    if kind == "complex":
        pairs = [
            np.array([[-rng.uniform(0, 1), w], [-w, -rng.uniform(0, 1)]]) for w in rng.uniform(1, 5, k // 2)
        ]
        return scipy.linalg.block_diag(*pairs, *([[[rate]]] if k % 2 else []))
    if kind == "defective":
        return rate * np.eye(k) + np.eye(k, k=1)
    if kind == "nilpotent":
        return np.eye(k, k=1)
    if kind == "nearly equal":
        return np.diag(rate * (1 + 1e-9 * np.arange(k))) + np.eye(k, k=1)
    return np.diag(-rate * np.arange(1, k + 1) / k) + np.triu(rng.normal(size=(k, k)), 1)


def systems(k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Matrices, inputs and start values."""
    rng = np.random.default_rng(100 + k)
    found = []
    for n in range(EACH):
        turn = scipy.linalg.qr(rng.normal(size=(k, k)))[0] @ np.diag(rng.uniform(0.5, 2, k))
        if n % 3 == 2:
            turn = np.eye(k)  # as it is: with zeros where there is no coupling
        found.append(
            10 ** rng.uniform(-2, 0.5) * turn @ blocks(KINDS[n % len(KINDS)], k, rng) @ np.linalg.inv(turn)
        )
    inputs = rng.normal(size=(EACH, k)) * (rng.random((EACH, k)) < 0.7)
    return np.array(found), inputs, rng.normal(size=(EACH, k))


def expected(
    matrix: np.ndarray, inputs: np.ndarray, start: np.ndarray, time: float
) -> tuple[np.ndarray, float]:
    """The state after a time, and the size of what it is made of."""
    k = len(matrix)
    block = np.zeros((k + 1, k + 1))
    block[:k, :k], block[:k, k] = matrix, inputs
    power = scipy.linalg.expm(block * time)
    return (power @ [*start, 1])[:k], float(np.linalg.norm(power) * np.linalg.norm([*start, 1]))


@pytest.mark.parametrize("k", range(1, 7))
def test_a_system_for_each_neuron(k: int) -> None:
    matrices, inputs, starts = systems(k)
    lines = []
    for i in range(k):
        terms = " + ".join(f"a{i}_{j}*x{j}" for j in range(k))
        lines += [f"dx{i}/dt = ({terms} + b{i})/ms : 1", f"b{i} : 1", *(f"a{i}_{j} : 1" for j in range(k))]
    parameters = {f"a{i}_{j}": matrices[:, i, j] for i in range(k) for j in range(k)}
    parameters |= {f"b{i}": inputs[:, i] for i in range(k)}
    cells = nb.Neurons(EACH, "\n".join(lines), **parameters)
    assert cells.update.method == "exact"
    for i in range(k):
        setattr(cells, f"x{i}", starts[:, i])
    net = nb.Network(cells, dt=DT)
    for steps in (1, 3):
        net.run(DT * (steps - round(net.t / DT)))
        found = np.transpose([getattr(cells, f"x{i}") for i in range(k)])
        for n in range(EACH):
            value, size = expected(matrices[n], inputs[n], starts[n], DT * steps)
            assert np.linalg.norm(found[n] - value) < 1e-12 * size


@pytest.mark.parametrize("k", [1, 2, 4, 6])
def test_coefficients_in_the_text(k: int) -> None:
    """Numbers rather than parameters: what is 0 is left out, so that the system falls into parts."""
    matrices, inputs, starts = systems(k)
    for n in range(2, EACH, 9):
        lines = [
            f"dx{i}/dt = ({' + '.join(f'({float(matrices[n, i, j])!r})*x{j}' for j in range(k))}"
            f" + ({float(inputs[n, i])!r}))/ms : 1"
            for i in range(k)
        ]  # fmt: skip
        cells = nb.Neurons(
            1, "\n".join(lines), method="exact", initial={f"x{i}": float(starts[n, i]) for i in range(k)}
        )
        nb.Network(cells, dt=DT).run(2 * DT)
        value, size = expected(matrices[n], inputs[n], starts[n], 2 * DT)
        found = [getattr(cells, f"x{i}")[0] for i in range(k)]
        assert np.linalg.norm(found - value) < 1e-12 * size


def test_the_step_does_not_matter() -> None:
    matrices, inputs, starts = systems(4)
    n = 3  # complex eigenvalues
    lines = [
        f"dx{i}/dt = ({' + '.join(f'({float(matrices[n, i, j])!r})*x{j}' for j in range(4))} + {float(inputs[n, i])!r})/ms : 1"
        for i in range(4)
    ]  # fmt: skip
    value, size = expected(matrices[n], inputs[n], starts[n], 8.0)
    for dt in (8.0, 1.0, 0.125):
        cells = nb.Neurons(1, "\n".join(lines), initial={f"x{i}": float(starts[n, i]) for i in range(4)})
        nb.Network(cells, dt=dt).run(8)
        assert np.linalg.norm([getattr(cells, f"x{i}")[0] for i in range(4)] - value) < 1e-11 * size
