"""Ion channels: each fragment has the numbers of its paper, and fragments add up to neurons."""

from __future__ import annotations

import re
import tomllib
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

from . import rates

pytestmark = pytest.mark.filterwarnings("error")

FOLDER = Path(__file__).resolve().parents[2] / "models" / "channels"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
CHANNELS = sorted(rates.CHANNELS)
PARTS = ("membrane", "na_hh", "k_hh", "leak")
SUM = "I_ion = I_Na + I_K + I_leak : uA/cm**2"
KEYS = {"name", "title", "description", "reference", "doi", "equations", "initial", "check"}


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def total(*names: str) -> nb.Model:
    first, *others = map(nb.load_model, names)
    return sum(others, first)


def value(text: str) -> float:
    return float(text.split()[0])


def clamped(name: str, point: rates.Values, **initial: Any) -> nb.Neurons:
    """One neuron of a fragment alone, with its open names held."""
    held = {open_name: f"{x!r} {rates.UNITS[open_name]}" for open_name, x in point.items()}
    return nb.Neurons(1, nb.load_model(name), initial=initial, **held)


def moving(name: str) -> dict[str, rates.Gate]:
    """The gates that are variables, and not at once where they should be."""
    channel = rates.CHANNELS[name]
    first = channel.points()[0]
    return {gate: f for gate, f in channel.gates.items() if f(first)[1] > 0}


# ---- the files ----


def test_the_channels_are_those_that_are_listed() -> None:
    assert nb.list_models("channels") == NAMES
    assert set(NAMES) - set(CHANNELS) == {"membrane", "ca_pool"}
    assert not set(NAMES) & set(nb.list_models())


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_complete(name: str) -> None:
    found = table(name)
    assert found["name"] == name
    assert found.keys() <= KEYS | {"threshold", "refractory"}
    assert KEYS - {"initial", "check"} <= found.keys()
    assert re.fullmatch(r"10\.\d{4,9}/\S+[\w)]", found["doi"])
    assert any(f"doi:{found['doi']}" in entry for entry in found["reference"])
    for entry in found["reference"]:
        assert re.search(r"\((18|19|20)\d\d\)", entry), "a reference needs its year"
        assert "doi:10." in entry or "MIT Press" in entry
    model = nb.load_model(name)
    for variable in model.definition.of_kind("parameter"):
        assert variable.comment, f"say what {variable.name} is"
        assert variable.expr is not None, "a parameter needs a default"
    states = {variable.name for variable in model.definition.of_kind("differential")}
    assert states == set(found.get("initial", {}))


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_leaves_open_where_it_is(name: str) -> None:
    channel, model = rates.CHANNELS[name], nb.load_model(name)
    assert set(model.open_names) == set(channel.at)
    assert model[channel.current].unit == "uA/cm**2"
    states = {variable.name for variable in model.definition.of_kind("differential")}
    assert states == set(moving(name))
    tail = channel.current.removeprefix("I_")
    shared = {"V_T", "phi", "V_x", "celsius"}
    assert all(n == channel.current or n.endswith(f"_{tail}") or n in shared for n in model)


@pytest.mark.parametrize("name", CHANNELS)
def test_the_check_is_what_the_paper_says(name: str) -> None:
    channel, check = rates.CHANNELS[name], table(name)["check"]
    assert {n: tuple(map(value, texts)) for n, texts in check["at"].items()} == channel.at
    for k, point in enumerate(channel.points()):
        assert value(check["current"][k]) == pytest.approx(channel.steady_current(point), rel=1e-8)
        steady = {n: float(texts[k]) for n, texts in check.get("steady", {}).items()}
        tau = {n: value(texts[k]) for n, texts in check.get("tau", {}).items()}
        assert steady == pytest.approx({n: f(point)[0] for n, f in channel.gates.items()}, rel=1e-8)
        assert tau == pytest.approx({n: f(point)[1] for n, f in moving(name).items()}, rel=1e-8)


# ---- the numbers ----


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("name", CHANNELS)
def test_gates_come_to_their_steady_state_in_their_time(name: str, which: int) -> None:
    channel, check = rates.CHANNELS[name], table(name)["check"]
    point = channel.points()[which]
    gates = moving(name)
    cells = clamped(name, point, **dict.fromkeys(gates, 0.0))
    run = 1.0  # ms
    if gates:
        net = nb.Network(cells, dt=run)  # at constant v one step is exact, however long
        net.run(run)
        for gate, f in gates.items():
            steady, tau = f(point)
            assert getattr(cells, gate)[0] == pytest.approx(steady * (1 - exp(-run / tau)), rel=1e-9)
        net.run(40 * max(f(point)[1] for f in gates.values()))
    for gate, texts in check.get("steady", {}).items():
        assert getattr(cells, gate)[0] == pytest.approx(float(texts[which]), rel=1e-8)
    found = getattr(cells, channel.current)[0]
    assert found == pytest.approx(value(check["current"][which]), rel=1e-7)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_starts_in_equilibrium(name: str) -> None:
    channel = rates.CHANNELS[name]
    for point in channel.points():
        cells = clamped(name, point)
        for gate, f in channel.gates.items():
            assert getattr(cells, gate)[0] == pytest.approx(f(point)[0], rel=1e-12)


@pytest.mark.parametrize("name", [n for n in CHANNELS if rates.CHANNELS[n].singular])
def test_rates_are_finite_where_they_are_0_by_0(name: str) -> None:
    channel = rates.CHANNELS[name]
    for v in channel.singular:
        for near in (v, np.nextafter(v, 0.0), v + 1e-9):
            cells = clamped(name, {"v": float(near)})
            for gate, f in channel.gates.items():
                assert getattr(cells, gate)[0] == pytest.approx(f({"v": v})[0], rel=1e-7)
            if moving(name):
                nb.Network(cells).run(1)
            assert getattr(cells, channel.current)[0] == pytest.approx(
                channel.steady_current({"v": v}), rel=1e-6
            )


def test_calcium_flows_in_and_is_removed() -> None:
    """At a constant current: ca_inf + tau*I/(2*F*d), where 1 uA/cm**2/(C/mol*um) is 0.01 mM/s."""
    for current, raised in ((-2.0, 5.0 * 2.0 / (2 * 96485.33 * 1.0) * 10.0), (2.0, 0.0)):
        cells = nb.Neurons(1, "ca_pool", I_Ca=f"{current} uA/cm**2")
        nb.Network(cells).run(300)
        assert cells.ca[0] == pytest.approx(2.4e-4 + raised, rel=1e-9)


# ---- added ----


def test_the_sum_is_the_model_of_1952() -> None:
    cells = nb.Neurons(1, total(*PARTS) + SUM, I="10 uA/cm**2", method="rk4")
    whole = nb.Neurons(1, "hodgkin_huxley", I="10 uA/cm**2", method="rk4")
    records = nb.Monitor(cells, ["v", "m_Na", "h_Na", "n_K"]), nb.Monitor(whole, ["v", "m", "h", "n"])
    spikes = nb.Monitor(cells, "spikes"), nb.Monitor(whole, "spikes")
    nb.Network(cells, whole, *records, *spikes, dt=0.025).run(100)
    assert len(spikes[0]) == 7
    np.testing.assert_array_equal(spikes[0].t, spikes[1].t)
    for part, name in (("v", "v"), ("m_Na", "m"), ("h_Na", "h"), ("n_K", "n")):
        a, b = getattr(records[0], part), getattr(records[1], name)
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


def test_the_order_of_the_sum_does_not_matter() -> None:
    start = {"v": "-60 mV"}
    for names in (PARTS, PARTS[::-1]):
        cells = nb.Neurons(1, total(*names) + SUM, initial=start)
        f = rates.CHANNELS["k_hh"].gates["n_K"]
        assert cells.n_K[0] == pytest.approx(f({"v": -60.0})[0], rel=1e-12)


def test_all_channels_fit_together() -> None:
    names = [
        "membrane",
        "na_tm",
        "k_tm",
        "k_m",
        "k_a",
        "k_ahp",
        "ca_t",
        "ca_l",
        "ca_pool",
        "h_current",
        "leak",
    ]
    currents = ("Na", "K", "M", "A", "AHP", "CaT", "CaL", "h", "leak")
    model = total(*names) + "I_Ca = I_CaT + I_CaL : uA/cm**2"
    model += f"I_ion = {' + '.join('I_' + c for c in currents)} : uA/cm**2"
    assert model.open_names == ()
    cells = nb.Neurons(1, model, E_leak="-70 mV", I="20 uA/cm**2")
    nb.Network(cells, dt=0.01).run(50)
    assert all(np.isfinite(getattr(cells, name)).all() for name in model)
    assert 2.4e-4 < cells.ca[0] < 0.1


def test_the_same_channel_twice() -> None:
    """Half the conductance in each of two copies is one channel."""
    k = nb.load_model("k_hh").replace(g_K="18 mS/cm**2")
    second = k.rename(
        I_K="I_K2", n_K="n_K2", alpha_n_K="alpha_n_K2", beta_n_K="beta_n_K2", g_K="g_K2", E_K="E_K2"
    )
    model = total("membrane", "na_hh", "leak") + k + second
    two = nb.Neurons(1, model + "I_ion = I_Na + I_K + I_K2 + I_leak : uA/cm**2", I="10 uA/cm**2")
    one = nb.Neurons(1, total(*PARTS) + SUM, I="10 uA/cm**2")
    nb.Network(two, one, dt=0.05).run(30)
    assert two.v[0] == pytest.approx(one.v[0], rel=1e-9)
    assert two.n_K2[0] == pytest.approx(one.n_K[0], rel=1e-9)


def test_alternatives_are_not_added_by_mistake() -> None:
    with pytest.raises(nb.ModelError, match="defined in both models, and not alike"):
        total("na_hh", "na_tm")


def test_a_unit_that_does_not_fit_is_found() -> None:
    with pytest.raises(nb.UnitError):
        nb.Neurons(1, "na_hh", v="1 ms")


# ---- whole neurons ----


@pytest.mark.parametrize(("current", "count"), [(0.5, 32), (1, 60), (2, 102), (5, 190)])
def test_the_interneuron_fires_as_elsewhere(current: float, count: int) -> None:
    """Spikes in the first second, as BrainPy's model and SciPy's solver have them."""
    cells = nb.Neurons(1, "wang_buzsaki", I=f"{current} uA/cm**2")
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.05).run(1000)
    assert len(spikes) == count


def test_the_regular_spiking_cell_rests_and_adapts() -> None:
    cells = nb.Neurons(2, "pospischil_rs", I=np.array([0.0, 2.0]))
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.05).run(400)
    assert cells.v[0] == pytest.approx(-71.9, abs=0.05)
    assert set(spikes.i) == {1}
    intervals = np.diff(spikes.t)
    assert (np.diff(intervals) > -0.051).all()
    assert intervals[-1] > 1.5 * intervals[0]
