"""Variables and parameters as attributes: the declared unit is the unit one reads and writes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.units import mV, nA, ohm, volt

MODEL = """
    dv/dt = (E - v + R*I)/tau : mV
    x = 2*v : volt
    I : nA
    E = -70*mV : mV
    R = 10*Mohm : Mohm
    tau = 10*ms : ms
    s = 1 : 1 (shared)
    n : integer
    b : boolean
    c = 4 : 1 (constant)
"""


def group(**options: Any) -> nb.Neurons:
    return nb.Neurons(3, MODEL, name="cells", **options)


WRITTEN = [
    ("v", -65, [-65] * 3), ("v", "-65 mV", [-65] * 3), ("v", "-0.065*volt", [-65] * 3), ("v", -65 * mV, [-65] * 3),
    ("v", -0.065 * volt, [-65] * 3), ("v", [1, 2, 3], [1, 2, 3]), ("v", np.array([1, 2, 3]), [1, 2, 3]),
    ("v", [1, 2, 3] * volt, [1000, 2000, 3000]), ("v", ["1 mV", "1 volt", 1 * mV], [1, 1000, 1]), ("v", "i*mV", [0, 1, 2]),
    ("v", "E + 2*i*mV", [-70, -68, -66]), ("v", "x", [0, 0, 0]), ("v", lambda i: 2.0 * i, [0, 2, 4]), ("v", np.float32(1.5), [1.5] * 3),
    ("v", lambda: 3 * volt, [3000] * 3), ("v", lambda E, N: E / N, [-70 / 3] * 3), ("v", [7], [7] * 3), ("v", "5 if i > 0 else 1", None),
    ("I", "2 nA", [2] * 3), ("I", 3000 * nA, [3000] * 3), ("I", "100 pA", [0.1] * 3), ("R", 1e6 * ohm, [1] * 3), ("tau", "1 s", [1000] * 3),
    ("tau", "i*ms + 1*ms", [1, 2, 3]), ("n", 3, [3] * 3), ("n", [1, 2, 3], [1, 2, 3]), ("n", "i*i", [0, 1, 4]), ("b", True, [True] * 3),
    ("b", [True, False, True], [True, False, True]), ("b", "i > 0", [False, True, True]), ("v", "-inf", [-np.inf] * 3),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "expected"), WRITTEN, ids=lambda v: repr(v)[:25])
def test_writing(name: str, value: Any, expected: list[Any] | None) -> None:
    cells = group()
    if expected is None:
        with pytest.raises(nb.NumpyBrainError):
            setattr(cells, name, value)
        return
    setattr(cells, name, value)
    found = getattr(cells, name)
    assert found.shape == (3,)
    assert found.tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [w for w in WRITTEN if w[2] is not None and w[0] in "IR" or w[0] == "tau"],
)
def test_parameters_as_keywords(name: str, value: Any, expected: list[float]) -> None:
    assert getattr(group(**{name: value}), name).tolist() == pytest.approx(expected)
    assert getattr(group(namespace={name: value, "unknown": 3}), name).tolist() == pytest.approx(expected)


@pytest.mark.parametrize(("name", "value", "expected"), [w for w in WRITTEN if w[2] is not None])
def test_initial_values(name: str, value: Any, expected: list[Any]) -> None:
    assert getattr(group(initial={name: value}), name).tolist() == pytest.approx(expected)


def test_initial_values_see_those_given_before() -> None:
    cells = group(initial={"I": "(i + 1)*nA", "v": "E + R*I"})
    assert cells.v.tolist() == [-60.0, -50.0, -40.0]


def test_types_and_live_views() -> None:
    cells = group()
    assert (cells.v.dtype, cells.n.dtype.kind, cells.b.dtype) == (np.dtype(float), "i", np.dtype(bool))
    view = cells.v
    cells.v = 5
    assert view.tolist() == [5.0] * 3
    view[1] = 7
    nb.Network(cells).run(0)
    assert cells.v is view
    assert cells.v.tolist() == [5.0, 7.0, 5.0]
    assert cells.x.tolist() == [0.01, 0.014, 0.01]
    assert cells.s == 1.0
    assert cells.i.tolist() == [0, 1, 2]
    assert cells.N == 3


@pytest.mark.parametrize("dt", [0.1, 0.25])
def test_dt_is_that_of_the_network(dt: float) -> None:
    cells = nb.Neurons(2, "dv/dt = 1/dt : 1\nx = dt : ms", name="cells")
    net = nb.Network(cells, dt=dt)
    net.run(3 * dt)
    assert (cells.dt, cells.v.tolist(), cells.x.tolist()) == (dt, [3.0, 3.0], [dt, dt])


def test_parts_are_views_too() -> None:
    cells = group()
    cells[1:].v = [3, 4]
    cells[0].v = "2 mV"
    cells[1:].I = 5 * nA
    assert cells.v.tolist() == [2.0, 3.0, 4.0]
    assert cells.I.tolist() == [0.0, 5.0, 5.0]
    part = cells[1:].v
    part[:] = 9
    assert cells.v.tolist() == [2.0, 9.0, 9.0]
    assert cells[1:].x.tolist() == pytest.approx([0.018, 0.018])
    cells[1:].v = "i*mV"  # i counts in the part
    assert cells.v.tolist()[0] == 2.0
    cells[-1].tau = "2 ms"
    assert cells.tau.tolist() == [10.0, 10.0, 2.0]


BAD = {
    "unknown": ("u", 1, nb.UnknownAttributeError), "misspelt": ("taw", 1, nb.UnknownAttributeError), "length": ("v", [1, 2], nb.ShapeError),
    "length of array": ("v", np.ones(4), nb.ShapeError), "two dimensions": ("v", np.ones((3, 1)), nb.ShapeError),
    "dimension": ("v", 3 * nA, nb.UnitError), "dimension of a string": ("v", "3 nA", nb.UnitError),
    "dimension in a list": ("v", ["3 nA", 1, 2], nb.UnitError), "dimension of an expression": ("v", "I + 1*nA", nb.UnitError),
    "unknown name": ("v", "w + 1*mV", nb.UnknownNameError), "syntax": ("v", "1 +", nb.ModelSyntaxError), "None": ("v", None, nb.ArgumentError),
    "dictionary": ("v", {}, nb.ArgumentError), "complex": ("v", 1j, nb.ArgumentError), "subexpression": ("x", 1, nb.ModelError),
    "special": ("N", 4, nb.ModelError), "shared": ("s", [1, 2, 3], nb.ShapeError), "function argument": ("v", lambda w: w, nb.UnknownNameError),
    "function result": ("v", lambda: [1, 2], nb.ShapeError), "index": ("i", 3, nb.ModelError), "size": ("size", 7, nb.NumpyBrainError),
    "condition": ("b", "i", nb.UnitError), "words": ("n", "three", nb.UnknownNameError), "not whole": ("n", 2.5, nb.NumpyBrainError),
    "bare text in a list": ("v", ["1", "2", "3"], nb.UnitError),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_assignments_change_nothing(name: str) -> None:
    variable, value, error = BAD[name]
    cells = group(initial={"v": "3 mV"})
    with pytest.raises(error):
        setattr(cells, variable, value)
    with pytest.raises(nb.NumpyBrainError):
        setattr(cells[:], variable, value)
    assert cells.v.tolist() == [3.0] * 3
    assert len(cells) == cells.N == cells.size == 3
    nb.Network(cells).run(1)


def test_misspelt_names_are_suggested() -> None:
    with pytest.raises(AttributeError, match="did you mean 'tau'"):
        group().taus
    with pytest.raises(AttributeError, match="did you mean 'tau'"):
        group().taus = 3
    assert not hasattr(group(), "w")
    assert {"v", "tau", "I"} <= set(dir(group()))


OPEN = "dv/dt = (g*(E - v) + I)/C : mV"
VALUES = {"g": "10 nS", "E": "-70 mV", "I": [0.1, 0.2] * nA, "C": "200 pF"}


def test_open_names_are_given_as_keywords_or_in_a_namespace() -> None:
    model = nb.Model(OPEN)
    assert model.open_names == ("g", "E", "I", "C")
    for given in (VALUES, {"namespace": {**VALUES, "other": 3}}):
        cells = nb.Neurons(2, model, **given)
        nb.Network(cells).run("1 s")
        assert cells.v == pytest.approx([-60, -50], rel=1e-9)  # E + I/g
    with pytest.raises(nb.UnknownNameError, match="unknown name 'C'"):
        nb.Neurons(2, model, **{k: v for k, v in VALUES.items() if k != "C"})
    with pytest.raises(nb.UnitError):
        nb.Neurons(2, model, **{**VALUES, "C": "200 mV"})
    with pytest.raises(nb.UnknownNameError):
        nb.Neurons(2, model, **VALUES, gg=3)


def test_models_can_be_changed_only_by_making_others() -> None:
    model = nb.Model(MODEL, parameters={"tau": "5 ms"})
    other = model.replace(tau="2 s", E=-60)
    assert nb.Neurons(1, model).tau.tolist() == [5.0]
    assert (nb.Neurons(1, other).tau.tolist(), nb.Neurons(1, other).E.tolist()) == ([2000.0], [-60.0])
    assert nb.Neurons(1, other, tau=3).tau.tolist() == [3.0]
    with pytest.raises(nb.ModelError):
        model.tau = 3
    for wrong, error in (
        ({"taw": 1}, nb.UnknownNameError),
        ({"tau": "1 mV"}, nb.UnitError),
        ({"v": 1}, nb.UnknownNameError),
    ):
        with pytest.raises(error):
            model.replace(**wrong)


# ---- parameters that change ----------------------------------------------------------------------------

SCALES = {
    "one for all": (2.0, 3.0),
    "one each": ([1.0, 2.0], [3.0, 4.0]),
    "one, then each": (2.0, [1.0, 3.0]),
    "each, then one": ([1.0, 2.0], 4.0),
}


@pytest.mark.parametrize("method", ["exact", "exponential_euler", "rk4"])
@pytest.mark.parametrize("name", SCALES)
def test_parameters_may_change_between_runs(name: str, method: str) -> None:
    first, then = SCALES[name]
    cells = nb.Neurons(2, "dv/dt = (a - v)/tau : 1\na = 1 : 1\ntau : ms", tau=first, method=method)
    net = nb.Network(cells, dt=0.01)
    net.run(1)
    cells.tau = then
    cells.a = 2
    net.run(1)
    middle = 1 - np.exp(-1 / np.asarray(first))
    expected = 2 + (middle - 2) * np.exp(-1 / np.asarray(then))
    assert cells.v == pytest.approx(np.broadcast_to(expected, 2), rel=1e-9 if method == "rk4" else 1e-13)


@pytest.mark.parametrize("how", ["attribute", "live array", "statement", "whole group"])
@pytest.mark.parametrize("method", ["exact", "exponential_euler", "euler"])
def test_parameters_may_change_inside_a_run(how: str, method: str) -> None:
    cells = nb.Neurons(2, "dv/dt = -v/tau : 1\ntau = 2*ms : ms", initial={"v": "1"}, method=method)

    def halve() -> None:
        cells.tau = 1.0

    def halve_array(tau: np.ndarray, t: float) -> None:
        if t > 0.45:
            tau[:] = 1.0

    if how == "attribute":
        cells.at("start", lambda t: halve() if t > 0.45 else None)
    elif how == "live array":
        cells.at("start", halve_array)
    elif how == "statement":
        cells.at("start", "tau = (1*ms if t > 0.45*ms else 2*ms)")
    else:
        tau = cells.tau
        cells.at("start", lambda t: tau.fill(1.0 if t > 0.45 else 2.0))
    nb.Network(cells, dt=0.1).run(1)
    slow, fast = ((1 - 0.05) ** 5, (1 - 0.1) ** 5) if method == "euler" else (np.exp(-0.25), np.exp(-0.5))
    assert cells.v == pytest.approx([slow * fast] * 2, rel=1e-13)


def test_thresholds_and_synapses_see_changed_parameters() -> None:
    cells = nb.Neurons(2, "v : 1\nu : 1\nlimit = 5 : 1", threshold="v < limit", reset="u += limit")
    synapses = nb.Synapses(cells, cells, "w = 1 : 1", on_pre="v_post += w*limit_post", connect="one_to_one")
    net = nb.Network(cells, synapses)
    net.run(0.1)
    cells.limit = [6, 1]
    synapses.w = [10, 1]
    net.run(0.1)
    assert cells.u.tolist() == [5.0 + 6.0, 5.0]
    assert cells.v.tolist() == [5.0 + 60.0, 5.0]


@pytest.mark.parametrize("values", [([0, 2], 0), (0, [0, 2]), ([0, 2], 2)])
def test_threshold_of_parameters_alone(values: tuple[Any, Any]) -> None:
    first, then = values
    cells = nb.Neurons(2, "v : 1\nlimit : 1", threshold="limit < 1", limit=first)
    cells.at("start", lambda t: setattr(cells, "limit", then) if t > 0.15 else None)
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.1).run(0.4)
    expected = [
        (k, i) for k in range(4) for i in range(2) if np.broadcast_to(first if k < 2 else then, 2)[i] < 1
    ]
    assert list(zip(np.rint(spikes.t / 0.1).astype(int), spikes.i, strict=True)) == expected


@pytest.mark.parametrize("method", ["exact", "euler", "exponential_euler"])
def test_a_time_constant_that_was_not_given(method: str) -> None:
    cells = nb.Neurons(2, "dv/dt = (u - v)/tau : 1\ndu/dt = -u/tau : 1\ntau : ms", method=method)
    with pytest.raises(nb.NumpyBrainError, match="tau"):
        nb.Network(cells).run(1)


@pytest.mark.parametrize(
    "name", ["size", "name", "inspect", "update", "at", "network", "model", "evaluate"]
)
def test_names_of_attributes_are_no_names_of_variables(name: str) -> None:
    """Whoever read `cells.size` would get the number of neurons."""
    for model in (f"x : 1\n{name} : 1", f"x : 1\n{name} = 2*x : 1", f"d{name}/dt = -{name}/ms : 1"):
        with pytest.raises(nb.ModelError, match=f"the name '{name}' is reserved in neurons") as caught:
            nb.Neurons(3, model)
        assert "^" in str(caught.value)
        assert "choose another" in str(caught.value)
    with pytest.raises(nb.ModelError, match=f"the name '{name}' is reserved in neurons"):
        nb.Neurons(3, {name: "1"})
    nb.Neurons(3, nb.Model(f"x : 1\n{name} : 1").rename(**{name: "other"}))
