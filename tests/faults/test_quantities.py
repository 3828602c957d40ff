"""Quantities of other packages are converted wherever a value is taken, and refused where they do not fit."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.utils import quantities
from numpybrain.units import mV, nS

from .packages import LIKE
from .places import ARRAYS, MATRICES, PLACES, WRONG

SAME = {"ms": [(4.0, "ms"), (0.004, "s"), (4000, "us")], "mV": [(4.0, "mV"), (0.004, "V")], "um": [(4.0, "um")],
        "nS": [(4.0, "nS")], "1": [(4.0, "1")]}  # fmt: skip


@pytest.mark.parametrize("package", LIKE)
@pytest.mark.parametrize("place", PLACES)
def test_converted_everywhere(place, package) -> None:
    unit, take = PLACES[place]
    for number, name in SAME[unit]:
        assert np.allclose(take(LIKE[package](number, name)), 4.0, rtol=1e-12, atol=0), name


@pytest.mark.parametrize("package", LIKE)
@pytest.mark.parametrize("place", PLACES)
def test_a_wrong_dimension_is_refused_everywhere(place, package) -> None:
    unit, take = PLACES[place]
    with pytest.raises(nb.NumpyBrainError):
        take(LIKE[package](4.0, WRONG[unit]))


@pytest.mark.parametrize("package", LIKE)
@pytest.mark.parametrize("place", ARRAYS)
def test_arrays_too(place, package) -> None:
    unit, take = ARRAYS[place]
    for number, name in SAME[unit]:
        wanted = np.array([1, 2, 3])
        assert np.allclose(take(LIKE[package](wanted * number / 4, name)), wanted, rtol=1e-12, atol=0)
        several = [LIKE[package](k * number / 4, name) for k in wanted]
        assert np.allclose(take(several), wanted, rtol=1e-12, atol=0)
    with pytest.raises(nb.NumpyBrainError):
        take(LIKE[package]([1, 2, 3], WRONG[unit]))
    with pytest.raises(nb.NumpyBrainError):
        take([LIKE[package](1, name), LIKE[package](1, WRONG[unit]), 3])


@pytest.mark.parametrize("package", [name for name in LIKE if name != "xarray"])
@pytest.mark.parametrize("place", MATRICES)
def test_matrices(place, package) -> None:
    values = np.array([[0, 1.0, 0], [2, 0, 0], [0, 0, 3]])
    assert np.allclose(MATRICES[place](LIKE[package](values, "nS")), [1, 2, 3], rtol=1e-12)
    with pytest.raises(nb.UnitError):
        MATRICES[place](LIKE[package](values, "mV"))


def test_units_of_one_letter() -> None:
    values = np.diag([1.0, 2, 3])
    cells = nb.Neurons(3, "v : 1\nx : m", x=[1, 2, 3])
    rule = nb.connect.matrix(values, weight="w", unit="A/V")
    assert nb.Synapses(cells, cells, "w : S", connect=rule).w.tolist() == [1, 2, 3]
    assert nb.Synapses(cells, cells, connect=nb.connect.gaussian("x", "1 m", p=1)).size >= 3


def test_the_edges_of_a_graph() -> None:
    networkx = pytest.importorskip("networkx")
    for package in LIKE.values():
        graph = networkx.DiGraph()
        graph.add_nodes_from(range(2))
        graph.add_edge(0, 1, weight=package(3.0, "nS"))
        cells = nb.Neurons(2, "v : 1")
        rule = nb.connect.graph(graph, weight="w")
        assert np.allclose(nb.Synapses(cells, cells, "w : nS", connect=rule).w, [3])
        rule = nb.connect.graph(graph, weight="w", unit="uS")
        assert np.allclose(nb.Synapses(cells, cells, "w : nS", connect=rule).w, [3])


@pytest.mark.parametrize("package", LIKE)
def test_whole_numbers_and_conditions(package) -> None:
    cells = nb.Neurons(1, "k : integer\nb : boolean")
    cells.k = LIKE[package](5, "1")
    assert cells.k[0] == 5
    for value in (LIKE[package](5, "ms"), [LIKE[package](5, "ms")], LIKE[package](0.5, "1")):
        with pytest.raises(nb.NumpyBrainError):
            cells.k = value
    with pytest.raises(nb.NumpyBrainError):
        cells.b = LIKE[package](1, "1")
    assert cells.k[0] == 5


@pytest.mark.parametrize("package", LIKE)
def test_what_python_functions_return(package) -> None:
    quantity = LIKE[package]

    def build(**texts):
        return nb.Network(nb.Neurons(1, {"v": "mV"}, **texts))

    with pytest.raises(nb.NumpyBrainError):
        build(derivative=lambda v: quantity(4.0, "mV")).run(0.1)
    with pytest.raises(nb.NumpyBrainError):
        build(integrate=lambda v: None, threshold=lambda v: quantity([4], "1")).run(0.1)

    def f(v):
        return quantity(4.0, "mV")

    f = nb.function("mV -> mV")(f)
    with pytest.raises(nb.UnitError, match="'f' returned"):
        nb.Network(nb.Neurons(1, "dv/dt = f(v)/ms : mV", functions={"f": f})).run(0.1)


# ---- indices are no quantities -------------------------------------------------------------------------


@pytest.mark.parametrize("package", LIKE)
def test_indices_are_bare(package) -> None:
    cells = nb.Neurons(3, "v : 1")
    bad = LIKE[package](np.array([0, 1]), "ms")
    with pytest.raises(nb.NumpyBrainError):
        nb.Synapses(cells, cells, connect=(bad, [0, 1]))
    with pytest.raises(nb.NumpyBrainError):
        nb.Monitor(cells, "v", of=bad)
    with pytest.raises(nb.NumpyBrainError):
        nb.link(cells, "v", index=bad)


# ---- looks like a quantity, but of whom? ---------------------------------------------------------------


class Stranger(np.ndarray):
    units = "mV?"


class StrangeNumber:
    unit = object()

    def __float__(self) -> float:
        return 4.0


class FloatWithUnit(float):
    unit = "mV"


@pytest.mark.parametrize("value", [np.ones(3).view(Stranger), StrangeNumber(), FloatWithUnit(4.0)])
def test_strangers_are_refused(value) -> None:
    for place, (_, take) in PLACES.items():
        with pytest.raises(
            nb.NumpyBrainError, match=r"cannot be read|must be|can be replaced|whole number"
        ):
            take(value)
            raise AssertionError(place)


def test_times_of_python_and_numpy() -> None:
    for value in (
        datetime.timedelta(milliseconds=4),
        np.timedelta64(4, "ms"),
        np.timedelta64(4_000_000, "ns"),
    ):
        for place, (unit, take) in PLACES.items():
            if unit == "ms":
                assert np.allclose(take(value), 4.0, rtol=1e-12), place
            else:
                with pytest.raises(nb.NumpyBrainError):
                    take(value)
    delays = np.array([1, 2, 3], dtype="timedelta64[ms]")
    for place, (unit, take) in ARRAYS.items():
        if unit == "ms":
            assert np.allclose(take(delays), [1, 2, 3], rtol=1e-12), place
    with pytest.raises(nb.UnitError, match="cannot be read"):
        nb.Network(nb.Neurons(1, "v : 1")).run(np.timedelta64(5))
    with pytest.raises(nb.NumpyBrainError):
        nb.Network(nb.Neurons(1, "v : 1")).run(np.timedelta64("NaT", "ms"))


# ---- pint ---------------------------------------------------------------------------------------------


def test_degrees_have_another_zero() -> None:
    import pint

    registry = pint.UnitRegistry()
    cells = nb.Neurons(1, "T : kelvin")
    cells.T = registry.Quantity(20, "degC")
    assert cells.T[0] == pytest.approx(293.15)
    cells.T = registry.Quantity(20, "delta_degC")
    assert cells.T[0] == pytest.approx(20)


def test_units_are_quantities() -> None:
    from numpybrain.units import registry

    assert nb.Neurons(1, "tau : ms", tau=registry.second).tau[0] == 1000
    assert nb.Network(nb.Neurons(1, "v : 1"), dt=registry.ms).dt == 1


def test_dt_has_no_noise_of_seconds() -> None:
    for k in range(1, 100):
        assert nb.Network(nb.Neurons(1, "v : 1"), dt=LIKE["brian2"](k / 100, "ms")).dt == k / 100


def test_an_open_name_keeps_the_unit_where_it_is_written() -> None:
    for package, quantity in LIKE.items():
        cells = nb.Neurons(1, "dv/dt = (E - v)/(10*ms) : mV", E=quantity(4, "mV"))
        unit = cells.inspect.state.slots["E"].unit_text
        assert (cells.E[0], unit) == pytest.approx((4e-3, "volt") if package == "brian2" else (4, "mV"))


def test_what_carries_no_unit_is_left_alone() -> None:
    for value in (
        3,
        3.0,
        "3 ms",
        np.ones(2),
        [1, 2],
        np.float32(1),
        None,
        len,
        np.ma.ones(2),
        nb.timed([1], 1),
    ):
        assert not quantities.is_quantity(value)
    assert quantities.is_quantity(3 * mV)
    assert quantities.is_unit(nS)
    assert not quantities.is_unit(3 * nS)


def test_tables_and_tensors_of_others_are_numbers() -> None:
    pandas = pytest.importorskip("pandas")
    cells = nb.Neurons(3, "E : mV\ndv/dt = (E - v)/(10*ms) : mV")
    cells.v = pandas.Series([1.0, 2, 3])
    assert cells.v.tolist() == [1, 2, 3]
    assert nb.Neurons(3, "E : mV", E=pandas.Series([1.0, 2, 3])).E.tolist() == [1, 2, 3]
