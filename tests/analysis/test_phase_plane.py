"""Phase plane: nullclines and fixed points of FitzHugh-Nagumo in closed form, and fields of models."""

import numpy as np
import pytest

import numpybrain as nb
from numpybrain import analysis
from numpybrain.errors import ArgumentError, IndexRangeError, ModelError, ShapeError, UnknownNameError

V, W = np.linspace(-2.5, 2.5, 31), np.linspace(-1.5, 2.5, 27)


def fitzhugh_nagumo(v, w, current=0.5):
    return v - v**3 / 3 - w + current, (v + 0.7 - 0.8 * w) / 12.5


def test_nullclines_are_the_cubic_and_the_line():
    cubic, line = analysis.nullclines(fitzhugh_nagumo, V, W)
    v, w = cubic.reshape(-1, 2).T
    assert np.abs(w - (v - v**3 / 3 + 0.5)).max() < 1e-9
    v, w = line.reshape(-1, 2).T
    assert np.abs(v + 0.7 - 0.8 * w).max() < 1e-9
    # Each is one line, from edge to edge of what is seen: an end of a segment that no other has is on the edge.
    for segments in (cubic, line):
        ends, count = np.unique(segments.reshape(-1, 2).round(9), axis=0, return_counts=True)
        loose = ends[count == 1]
        assert len(loose) == 2 or segments is cubic
        for x, y in loose:
            assert min(abs(x - V[0]), abs(x - V[-1]), abs(y - W[0]), abs(y - W[-1])) < 1e-8
    assert np.hypot(*np.diff(line, axis=1)[:, 0].T).sum() == pytest.approx(
        np.hypot(2.5 - -1.5, 0.8 * 4),
        rel=1e-9,  # v = 0.8 w - 0.7 from the lower edge to the upper one
    )


@pytest.mark.parametrize(("current", "kind", "stable"), [(0.0, "focus", True), (0.5, "focus", False)])
def test_the_fixed_point_is_the_root_of_the_cubic(current, kind, stable):
    (point,) = analysis.fixed_points(lambda v, w: fitzhugh_nagumo(v, w, current), V, W)
    roots = np.roots([-1 / 3, 0, 1 - 1 / 0.8, current - 0.7 / 0.8])
    (v,) = roots[np.abs(roots.imag) < 1e-9].real
    assert (point.x, point.y) == pytest.approx((v, (v + 0.7) / 0.8), abs=1e-8)
    expected = np.linalg.eigvals([[1 - v**2, -1], [1 / 12.5, -0.8 / 12.5]])
    assert np.sort_complex(point.eigenvalues) == pytest.approx(np.sort_complex(expected), abs=1e-6)
    assert (point.kind, point.is_stable) == (kind, stable)


def test_three_fixed_points_of_which_one_is_a_saddle():
    found = analysis.fixed_points(lambda x, y: (x - x**3 - y, 0.5 * x - y), V, V)
    x = np.sqrt(0.5)
    assert np.allclose([(p.x, p.y) for p in found], [(-x, -x / 2), (0, 0), (x, x / 2)], atol=1e-8)
    assert [p.kind for p in found] == ["focus", "saddle", "focus"]
    assert [p.is_stable for p in found] == [True, False, True]


def test_a_saddle_of_a_nullcline_is_two_lines_that_do_not_cross():
    x = np.linspace(-1, 1, 4)  # x*y = 0.05 within the middle cell
    segments, _ = analysis.nullclines(lambda x, y: (x * y - 0.05, 1.0), x, x)
    a, b = segments.reshape(-1, 2).T
    assert np.allclose(a * b, 0.05)
    middle = segments.mean(axis=1)
    assert (middle[:, 0] * middle[:, 1] > 0).all()


def test_what_is_wrong_with_a_field():
    with pytest.raises(ShapeError, match="ascending positions 'x'"):
        analysis.vector_field(fitzhugh_nagumo, [1, 0], [0, 1])
    with pytest.raises(ShapeError, match=r"gives the pair \(dx/dt, dy/dt\)"):
        analysis.vector_field(lambda x, y: x, [0, 1], [0, 1, 2])


# ---- of models ----


def test_the_field_of_a_model_is_that_of_its_equations():
    cells = nb.Neurons(3, "fitzhugh_nagumo", I=[0, 0.5, 1])
    v, w = np.random.default_rng(1).uniform(-2, 2, (2, 4, 5))
    for neuron, current in enumerate([0, 0.5, 1]):
        found = cells.vector_field("v", "w", neuron)(v, w)
        assert np.allclose(found, fitzhugh_nagumo(v, w, current), atol=1e-12)
    field = cells.vector_field("w", "v", -1)
    assert np.allclose(field(w, v), fitzhugh_nagumo(v, w, 1)[::-1])
    assert (field.names, field.units, field.now) == (("w", "v"), ("1", "1"), (-0.625, -1.2))


def test_units_and_other_variables_are_those_of_the_neuron():
    text = """
    dv/dt = (E - v + R*I_s - u)/tau : mV
    dI_s/dt = -I_s/(5*ms)           : pA
    du/dt = a*(b*v - u)             : mV
    a : 1/second
    tau = 0.02*second : second
    R = 0.1*Gohm : Gohm
    E : volt
    """
    cells = nb.Neurons(1, text, a=20.0, b=0.5, E="-70 mV")
    cells.I_s = 30
    v, u = np.array([-70.0, -50.0]), np.array([0.0, 4.0])
    dv, du = cells.vector_field("v", "u")(v, u)
    assert np.allclose(dv, (-70 - v + 0.1 * 30 - u) / 20)
    assert np.allclose(du, 0.02 * (0.5 * v - u))
    assert cells.I_s[0] == 30


def test_what_varies_by_itself_is_fixed_and_noise_left_out():
    other = nb.Neurons(2, "u : mV", u=[3.0, 7.0])
    text = """
    dv/dt = (I + J + K - v)/(10*ms) + s*xi/sqrt(5*ms) : mV
    dw/dt = (v - w)/(5*ms)                            : mV
    I                                                 : mV (linked)
    J = 2*mV + w                                      : mV (constant over dt)
    K                                                 : mV
    s                                                 : mV
    """
    cells = nb.Neurons(2, text, K=lambda t: 0.5 * (t >= 0), s=1.0, I=nb.link(other, "u"))
    cells.w = 4
    v, w = np.array([0.0, 1.0, 2.0]), np.array([5.0, 6.0, 7.0])
    dv, dw = cells.vector_field("v", "w", 1)(v, w)
    assert np.allclose(dv, (7 + (2 + 4) + 0.5 - v) / 10)
    assert np.allclose(dw, (v - w) / 5)


def test_what_has_no_field():
    cells = nb.Neurons(2, "fitzhugh_nagumo")
    with pytest.raises(UnknownNameError, match="'I' is no variable of '.*' with a differential equation"):
        cells.vector_field("v", "I")
    with pytest.raises(ArgumentError, match="'v' twice"):
        cells.vector_field("v", "v")
    with pytest.raises(IndexRangeError):
        cells.vector_field("v", "w", 2)
    with pytest.raises(ShapeError):
        cells.vector_field("v", "w")([1], [1, 2])
    with pytest.raises(ModelError, match="no equations"):
        nb.Neurons(1, {"v": "1", "w": "1"}, integrate=lambda v: None).vector_field("v", "w")
