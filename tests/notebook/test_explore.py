"""Models with sliders: without a browser, the sliders are moved in Python."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import ArgumentError, UnknownNameError
from numpybrain.language import language_entry
from numpybrain.notebook.ranges import range_of, rounded
from numpybrain.units import second

LEAK = "dv/dt = (E - v)/tau : mV\nE = 10*mV : mV  # <b>where v goes</b>\ntau = 10*ms : ms\nm = 2 : 1\nn = 3 : 1\non : boolean"


def test_without_ipywidgets_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match=r"pip install \"numpybrain\[notebook\]\""):
        nb.explore("lif")


# ---- ranges ----


@pytest.mark.parametrize(
    ("value", "unit", "divides", "low", "high"),
    [
        (-65.0, "mV", False, -95, -35),
        (0.0, "mV", False, -30, 30),
        (-0.065, "volt", False, -0.095, -0.035),
        (2.0, "mV", False, 0.2, 6),  # such as the slope of an exponential, by which is divided
        (10.0, "ms", True, 1, 30),
        (10.0, "ms", False, 0, 30),
        (2.0, "nA", False, 0, 6),
        (0.0, "nA", False, -1, 1),
        (-3.0, "nA", False, -9, 0),
        (120.0, "mS/cm**2", False, 0, 360),
        (1e-12, "farad", True, 1e-13, 3e-12),
    ],
)
def test_ranges(value, unit, divides, low, high) -> None:
    found = range_of(value, language_entry.unit(unit), divides=divides)
    assert found[:2] == pytest.approx((low, high))
    assert 60 <= (high - low) / found.step <= 210


def test_steps_are_round() -> None:
    for low, high in ((0, 6), (0.2, 6), (-95, -35), (0, 1e-9), (-1234.5, 98765.4)):
        found = rounded(low, high)
        mantissa = float(f"{found.step:e}".split("e")[0])
        assert mantissa in (1, 2, 5)
        assert found.low <= low + found.step
        assert found.high >= high


# ---- sliders ----


@pytest.fixture
def widgets():
    return pytest.importorskip("ipywidgets")


def test_moving_a_slider_runs_the_model_again(widgets) -> None:
    found = nb.explore("lif", time="300 ms")  # with the current of its own check
    assert list(found.sliders) == ["E_L", "tau_m", "R", "V_th", "V_reset", "t_ref", "I"]
    assert isinstance(found.sliders["I"], widgets.FloatSlider)
    assert found.sliders["I"].description == "I (nA)"
    for current, tau in ((2, 10), (3, 10), (3, 20)):
        found.sliders["I"].value, found.sliders["tau_m"].value = current, tau
        exact = 2 + tau * np.log(10 * current / (10 * current - 15))
        assert np.diff(found.spikes.t) == pytest.approx(exact, abs=0.11)
        assert found.cells.tau_m == tau
        assert found.values["I"] == current
    picture = found._picture.value
    assert picture.count("<polyline") == 1
    assert picture.count(f'stroke="#D55E00"') == len(found.spikes)
    assert f"{len(found.spikes)} spikes, " in picture
    assert found.code() == 'nb.Neurons(1, "lif", tau_m="20 ms", I="3 nA")'
    again = eval(found.code())
    spikes = nb.Monitor(again, "spikes")
    nb.Network(again, spikes).run("300 ms")
    assert np.array_equal(spikes.t, found.spikes.t)
    found.reset()
    assert (found.sliders["I"].value, found.sliders["tau_m"].value) == (2, 10)
    assert found.code() == 'nb.Neurons(1, "lif", I="2 nA")'


def test_equations_and_models(widgets) -> None:
    for model in (LEAK, nb.Model(LEAK)):
        found = nb.explore(model, time=50, tau="5 ms")
        assert list(found.sliders) == ["E", "tau", "m"]  # `n` is how many neurons there are
        assert found.spikes is None
        found.sliders["E"].value = 4
        t = found.trace.t
        assert found.trace.v[:, 0] == pytest.approx(4 * (1 - np.exp(-t / 5)))
        assert found.code() == 'nb.Neurons(1, model, E="4 mV", tau="5 ms")'
        assert found.sliders["E"].tooltip == "<b>where v goes</b>"  # an attribute, not a part of the page


def test_names_that_the_model_leaves_open(widgets) -> None:
    found = nb.explore("dv/dt = (I/g - v)/tau : mV", I="2 nA", g="1 uS", tau=0.01 * second, time=20)
    assert [s.description for s in found.sliders.values()] == ["I (nA)", "g (uS)", "tau (s)"]
    assert found.sliders["g"].min > 0
    found.sliders["I"].value = 4
    assert found.trace.v[-1, 0] == pytest.approx(4 * (1 - np.exp(-19.9 / 10)))
    with pytest.raises(UnknownNameError):
        nb.explore("dv/dt = (I/g - v)/tau : mV", I="2 nA")


def test_which_sliders(widgets) -> None:
    found = nb.explore("lif", sliders=["I"], time=10)
    assert list(found.sliders) == ["I"]
    found = nb.explore(
        "lif", sliders={"I": (0, 5), "R": (1, 20, 0.5)}, time=10, I="1 nA", record=["v", "I"]
    )
    assert [(s.min, s.max, s.step) for s in found.sliders.values()] == [(0, 5, 0.05), (1, 20, 0.5)]
    assert found._picture.value.count("<svg") == 2
    assert "I (nA)" in found._picture.value
    with pytest.raises(UnknownNameError, match="no parameter 'J' to slide"):
        nb.explore("lif", sliders=["J"])
    for wrong in ((5, 0), (1,), "x", (0, 5, -1), 3):
        with pytest.raises(ArgumentError, match="the slider of 'I' takes"):
            nb.explore("lif", sliders={"I": wrong})
    with pytest.raises(ArgumentError, match="no differential equation"):
        nb.explore("x = 1 : 1")


def test_what_goes_wrong_is_told_where_the_picture_was(widgets) -> None:
    found = nb.explore("dv/dt = k*v**3/ms : 1\nk = -1 : 1", initial={"v": 3.0}, time=20, dt=0.1, method="euler",
                       sliders={"k": (-1, 60)})  # fmt: skip
    assert found.message == ""
    found.sliders["k"].value = 50
    assert found.trace is None
    assert "DivergenceError" in found.message
    assert "<svg" not in found._picture.value
    assert "DivergenceError" in found._picture.value
    found.sliders["k"].value = -1
    assert found.message == ""
    assert "<svg" in found._picture.value


def test_noise_is_the_same_with_a_seed(widgets) -> None:
    found = nb.explore("dv/dt = -v/tau + xi*sqrt(2/tau) : 1\ntau = 5*ms : ms", time=20, seed=5)
    first = found.trace.v.copy()
    found.run()
    assert np.array_equal(found.trace.v, first)


def test_a_strangers_text_does_not_act(widgets) -> None:
    text = "<img src=x onerror=alert(1)>"
    model = nb.Model(f"dv/dt = -v/tau : mV # {text}\ntau = 5*ms : ms # {text}", name=text)
    found = nb.explore(model, time=5)
    assert "<img" not in found._picture.value
    assert not any(getattr(s, "description_allow_html", False) for s in found.sliders.values())


def test_library_models_can_be_explored(widgets) -> None:
    for name in ("adex", "fitzhugh_nagumo", "izhikevich"):  # of all kinds of units
        found = nb.explore(name, time="30 ms")
        assert found.message == ""
        assert found.sliders


def test_a_notebook_shows_the_widget(widgets) -> None:
    found = nb.explore("lif", time=5)
    bundle = found._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == found.widget.model_id
    assert re.fullmatch(r"<Exploration of 'lif': E_L .* I>", repr(found))
