"""`i` and `N` in subexpressions of neurons are those of the group, also seen from synapses of a part of it."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

MODEL = "z = i/N : 1\nh = 1.0*N : 1\nv : 1\nu : 1"


def ends() -> tuple[nb.Neurons, nb.Neurons]:
    return nb.Neurons(10, MODEL, threshold="True"), nb.Neurons(5, MODEL)


def test_in_statements() -> None:
    source, target = ends()
    synapses = nb.Synapses(
        source[6:],
        target[1:3],
        on_pre="v_post += z_pre; u_post = h_pre + 100*z_post + 0.5*N_pre",
        connect="True",
    )
    nb.Network(source, target, synapses, dt=0.1).run(0.1)
    np.testing.assert_allclose(target.v, [0, 3, 3, 0, 0], rtol=1e-14)
    np.testing.assert_allclose(target.u, [0, 10 + 100 / 5 + 2, 10 + 200 / 5 + 2, 0, 0], rtol=1e-14)


def test_in_values_sums_and_matrices() -> None:
    source, target = ends()
    synapses = nb.Synapses(
        source[6:],
        target[1:3],
        "w : 1\nu_post = z_pre + h_post : 1 (summed)",
        connect="True",
        w="z_pre*h_post",
    )
    np.testing.assert_allclose(synapses.w, np.repeat([0.6, 0.7, 0.8, 0.9], 2) * 5, rtol=1e-14)
    np.testing.assert_allclose(synapses.matrix("z_pre")[:, 0], [0.6, 0.7, 0.8, 0.9], rtol=1e-14)
    nb.Network(source, target, synapses, dt=0.1).run(0.1)
    np.testing.assert_allclose(target.u[1:3], 3 + 4 * 5, rtol=1e-14)


@pytest.mark.parametrize(
    ("connect", "i"),
    [("z_pre > 0.75", [2, 3]), ("h_pre > 9 and i > 1", [2, 3]), ("z_pre > 0.75 and z_post > 0.3", [2, 3]),
     ("0 for k in range(1) if z_pre < 0.65", [0])],
)  # fmt: skip
def test_in_conditions(connect: str, i: list[int]) -> None:
    source, target = ends()
    synapses = nb.Synapses(source[6:], target[2:3], connect=connect)
    assert synapses.i.tolist() == i
