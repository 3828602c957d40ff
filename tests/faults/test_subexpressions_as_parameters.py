"""A subexpression that depends on parameters alone may be given a value, and is a parameter then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

CELL = """
    dv/dt = (E - v + R*I)/tau : mV
    V_r = E - 5*mV : mV
    V_t = V_r + gap : mV
    gap = 25*mV : mV
    E = -65*mV : mV
    tau = 10*ms : ms
    R = 10*Mohm : Mohm
    I = drive : nA
    I_v = v/R : nA
    """
TEXTS: dict[str, Any] = {"threshold": "v > V_t", "reset": "v = V_r", "initial": {"v": "E"}, "drive": "3 nA"}


def first_and_interval(cells: nb.Neurons) -> tuple[float, float]:
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.01).run(60)
    return float(spikes.t[0]), float(np.diff(spikes.t).mean())


def expected(reset: float, level: float, goal: float = -35.0) -> tuple[float, float]:
    return tuple(float(10 * np.log((goal - start) / (goal - level))) for start in (-65.0, reset))  # type: ignore[return-value]


def test_a_keyword_makes_it_a_parameter() -> None:
    plain = nb.Neurons(1, CELL, **TEXTS)
    assert first_and_interval(plain) == pytest.approx(expected(-70, -45), abs=0.02)
    given = nb.Neurons(1, CELL, V_r="-66 mV", **TEXTS)
    assert given.V_r.tolist() == [-66]
    assert first_and_interval(given) == pytest.approx(expected(-66, -41), abs=0.02)
    both = nb.Neurons(1, CELL, V_r="-60 mV", V_t="-40 mV", **TEXTS)
    assert first_and_interval(both) == pytest.approx(expected(-60, -40), abs=0.02)


def test_what_uses_it_follows() -> None:
    cells = nb.Neurons(3, CELL, V_r=[-70, -72, -74], **TEXTS)
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.01).run(60)
    for k, reset in enumerate((-70, -72, -74)):
        assert np.diff(spikes.train(k)).mean() == pytest.approx(expected(reset, reset + 25)[1], abs=0.02)
    cells.V_r = -71  # it is an attribute like any parameter
    assert cells.V_r.tolist() == [-71] * 3


def test_models_replace_print_and_rename_it() -> None:
    model = nb.Model(CELL, **{k: v for k, v in TEXTS.items() if k != "drive"}, parameters={"drive": "3 nA"})
    changed = model.replace(V_r="-68 mV")
    assert first_and_interval(nb.Neurons(1, changed)) == pytest.approx(expected(-68, -43), abs=0.02)
    assert nb.Model.parse(str(changed)) == changed
    again = nb.Neurons(1, nb.Model.parse(str(changed)))
    assert again.V_r.tolist() == [-68]
    renamed = changed.rename(V_r="v_reset")
    assert nb.Neurons(1, renamed).v_reset.tolist() == [-68]
    assert "V_r" in model.explain()
    assert nb.Neurons(1, model, V_r=-67).V_r.tolist() == [-67]
    assert nb.Neurons(1, changed, V_r=-67).V_r.tolist() == [-67]
    other = nb.Model(CELL, parameters={"V_r": "-60 mV"})
    assert "drive" in other.open_names


def test_names_that_only_it_needs_stay_unknown() -> None:
    equations = "dv/dt = (V_r - v)/(10*ms) : mV\nV_r = E_unknown - shift : mV"
    cells = nb.Neurons(1, equations, V_r="-60 mV")
    nb.Network(cells, dt=0.1).run(100)
    assert cells.v[0] == pytest.approx(-60, abs=0.01)
    assert nb.Model(equations).replace(V_r="-60 mV").open_names == ()
    with pytest.raises(nb.UnknownNameError, match="E_unknown"):
        nb.Neurons(1, equations)


def test_units_are_checked_and_converted() -> None:
    assert nb.Neurons(1, CELL, V_r="-0.06 V", **TEXTS).V_r.tolist() == [-60]
    for model in (CELL, nb.Model(CELL)):
        with pytest.raises(nb.UnitError, match="V_r"):
            nb.Neurons(1, model, V_r="3 nA", **TEXTS)
    with pytest.raises(nb.UnitError, match="V_r"):
        nb.Model(CELL, parameters={"V_r": "3 nA"})


@pytest.mark.parametrize(
    ("name", "text", "beside"),
    [
        ("I_v", None, "'v'"), ("x", "x = 2*t/ms : 1", "'t'"), ("x", "x = rand() : 1", "rand()"), ("x", "x = xi*ms**0.5 : 1", "'xi'"),
        ("x", "x = y : 1\ny = lastspike/ms : 1", "'lastspike'"), ("x", "x = y : 1\ny = t/ms : 1 (constant over dt)", "'y'"),
        ("x", "x = i*1.0 : 1", "'i'"),
    ],
)  # fmt: skip
def test_what_depends_on_more_is_refused(name: str, text: str | None, beside: str) -> None:
    equations = CELL + (f"\n{text}" if text else "")
    with pytest.raises(
        nb.UnknownNameError, match=f"'{name}' is a subexpression, not a parameter"
    ) as caught:
        nb.Neurons(1, equations, **{name: 3.0}, **TEXTS)
    assert f"it depends on {beside}" in str(caught.value)
    assert "parameters alone" in str(caught.value.help)


def test_a_namespace_does_not_change_what_a_model_defines() -> None:
    cells = nb.Neurons(1, CELL, namespace={"V_r": -50.0, "drive": "3 nA"},
                       **{k: v for k, v in TEXTS.items() if k != "drive"})  # fmt: skip
    assert first_and_interval(cells) == pytest.approx(expected(-70, -45), abs=0.02)


@pytest.mark.parametrize(
    ("given", "total"), [({}, 12.0), ({"w": 5.0}, 10.0), ({"w": [1.0, 2.0]}, 3.0), ({"w_0": 1.0}, 4.0)]
)
def test_synapses(given: dict[str, Any], total: float) -> None:
    text = "w = 2*w_0 : 1\nw_0 = 3 : 1\nlate = w*t/ms : 1"
    source = nb.Neurons(2, "x : 1", threshold="t < 0.05*ms")
    target, twin = nb.Neurons(1, "y : 1"), nb.Neurons(1, "y : 1")
    synapses = nb.Synapses(source, target, text, on_pre="y_post += w", connect="all_to_all", **given)
    model = nb.Model(text, on_pre="y_post += w")
    again = nb.Synapses(source, twin, model, connect="all_to_all", **given)
    nb.Network(source, target, twin, synapses, again, dt=0.1).run(1)
    assert target.y[0] == twin.y[0] == total
    with pytest.raises(nb.UnknownNameError, match="'late' is a subexpression.*depends on 't'"):
        nb.Synapses(source, target, text, on_pre="y_post += w", connect="all_to_all", late=3.0)


def test_models_of_synapses_keep_it() -> None:
    model = nb.Model("w = 2*w_0 : 1\nw_0 = 3 : 1", on_pre="y_post += w", parameters={"w": 5.0})
    source, target = nb.Neurons(2, "x : 1", threshold="t < 0.05*ms"), nb.Neurons(1, "y : 1")
    synapses = nb.Synapses(source, target, model, connect="all_to_all")
    nb.Network(source, target, synapses, dt=0.1).run(1)
    assert target.y[0] == 10
