"""Quantities of Brian2, astropy, unyt and quantities themselves, at every place that takes a value."""

from __future__ import annotations

import numpy as np
import pytest
from faults.packages import REAL
from faults.places import ARRAYS, MATRICES, PLACES, WRONG

import numpybrain as nb
from numpybrain.utils import quantities

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("default")]

SAME = {"ms": [(4.0, "ms"), (0.004, "s"), (4000, "us")], "mV": [(4.0, "mV"), (0.004, "V")], "um": [(4.0, "um")],
        "nS": [(4.0, "nS")]}  # fmt: skip


@pytest.fixture(params=REAL)
def package(request):
    pytest.importorskip(request.param)
    return REAL[request.param]


def named(package) -> str:
    return next(name for name, made in REAL.items() if made is package)


@pytest.mark.parametrize("place", PLACES)
def test_converted_everywhere(place, package) -> None:
    unit, take = PLACES[place]
    for number, name in SAME[unit]:
        assert np.allclose(take(package(number, name)), 4.0, rtol=1e-12, atol=0), name


@pytest.mark.parametrize("place", PLACES)
def test_a_wrong_dimension_is_refused_everywhere(place, package) -> None:
    unit, take = PLACES[place]
    with pytest.raises(nb.NumpyBrainError):
        take(package(4.0, WRONG[unit]))


@pytest.mark.parametrize("place", ARRAYS)
def test_arrays_too(place, package) -> None:
    unit, take = ARRAYS[place]
    wanted = np.array([1.0, 2, 3])
    for number, name in SAME[unit]:
        assert np.allclose(take(package(wanted * number / 4, name)), wanted, rtol=1e-12, atol=0)
        several = [package(k * number / 4, name) for k in wanted]
        assert np.allclose(take(several), wanted, rtol=1e-12, atol=0)
    with pytest.raises(nb.NumpyBrainError):
        take(package(wanted, WRONG[unit]))


@pytest.mark.parametrize("place", MATRICES)
def test_matrices(place, package) -> None:
    values = np.array([[0, 1.0, 0], [2, 0, 0], [0, 0, 3]])
    assert np.allclose(MATRICES[place](package(values, "nS")), [1, 2, 3], rtol=1e-12)


def test_units_themselves() -> None:
    brian2, units = pytest.importorskip("brian2"), pytest.importorskip("astropy.units")
    unyt, pq = pytest.importorskip("unyt"), pytest.importorskip("quantities")
    for ms in (brian2.ms, units.ms, unyt.ms, pq.ms):
        assert quantities.is_unit(ms)
        assert not quantities.is_unit(5 * ms)
        assert nb.Network(nb.Neurons(1, "v : 1"), dt=ms).dt == 1
        cells = nb.Neurons(1, "dv/dt = -v/tau : 1", namespace={"ms": ms, "tau": 5 * ms})
        assert cells.tau[0] in (5.0, 0.005)  # in the unit that it was given in; Brian2 keeps seconds


def test_products_and_powers() -> None:
    brian2, units = pytest.importorskip("brian2"), pytest.importorskip("astropy.units")
    unyt, pq = pytest.importorskip("unyt"), pytest.importorskip("quantities")
    made = [
        3 * brian2.uF / brian2.cm**2, 3 * units.uF / units.cm**2, 3 * unyt.uF / unyt.cm**2,
        3 * pq.uF / pq.cm**2,
    ]  # fmt: skip
    for value in made:
        assert nb.Neurons(1, "C : uF/cm**2", C=value).C[0] == pytest.approx(3, rel=1e-12)
        with pytest.raises(nb.UnitError):
            nb.Neurons(1, "C : uF", C=value)
    for value in (2 * brian2.mmolar, 2 * units.mmol / units.L, 2 * pq.mmol / pq.L):
        assert nb.Neurons(1, "c : mM", c=value).c[0] == pytest.approx(2, rel=1e-12)


def test_degrees_have_another_zero() -> None:
    units, unyt, pq = (pytest.importorskip(n) for n in ("astropy.units", "unyt", "quantities"))
    cells = nb.Neurons(1, "T : kelvin")
    cells.T = unyt.unyt_quantity(20, "degC")
    assert cells.T[0] == pytest.approx(293.15)
    for value in (20 * units.deg_C, 20 * pq.degC):
        with pytest.raises(nb.UnitError):
            cells.T = value


def test_masked_quantities_of_astropy() -> None:
    units = pytest.importorskip("astropy.units")
    masked = pytest.importorskip("astropy.utils.masked").Masked
    cells = nb.Neurons(3, "E : mV")
    with pytest.raises(nb.ArgumentError, match="masked"):
        cells.E = masked([1, 2, 3] * units.mV, mask=[0, 1, 0])
    cells.E = masked([1, 2, 3] * units.mV, mask=[0, 0, 0])
    assert cells.E.tolist() == [1, 2, 3]
    matrix = masked(np.ones((3, 3)) * units.nS, mask=np.eye(3, dtype=bool))
    made = nb.Synapses(cells, cells, "w : nS", connect=matrix)
    assert made.size == 6


def test_variables_of_brian2() -> None:
    brian2 = pytest.importorskip("brian2")
    brian2.prefs.codegen.target = "numpy"
    theirs = brian2.NeuronGroup(3, "v : volt")
    theirs.v = [1, 2, 3] * brian2.mV
    cells = nb.Neurons(3, "v : mV")
    cells.v = theirs.v
    assert np.allclose(cells.v, [1, 2, 3])
    cells.v = theirs.v[:]
    assert np.allclose(cells.v, [1, 2, 3])
    with pytest.raises(nb.UnitError):
        nb.Neurons(3, "I : nA").I = theirs.v
