"""The model library: every file is complete, its numbers are true, and NumpyBrain gives them."""

from __future__ import annotations

import functools
import math
import re
import tomllib
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

from . import reference as ref

pytestmark = pytest.mark.filterwarnings("error")

NAMES = sorted(ref.REFERENCES)  # the others are in `test_neurons.py`
REQUIRED = {
    "name", "title", "description", "reference", "doi",
    "equations", "threshold", "initial", "check",
}  # fmt: skip
REQUIRED_IN_CHECK = {
    "source", "parameters", "method", "dt", "run", "spike_times", "spike_count", "tolerance",
}  # fmt: skip
OPTIONAL = {"reset", "refractory", "method", "base", "variants", "drive"}
OPTIONAL_IN_CHECK = {"initial", "final", "final_tolerance"}

# A parameter line holds its default in its declared unit and says what it is:
# name = number*unit : unit  # comment
PARAMETER = re.compile(
    r"(?P<name>\w+)\s*=\s*(?P<value>-?[\d.]+(?:e[+-]?\d+)?)(?:(?P<sign>[*/])(?P<unit>[\w*/]+))?"
    r"\s*:\s*(?P<declared>[\w*/]+)\s*(?:#\s*(?P<comment>\S.*))?"
)
# Lazy up to the first ':', over line ends, because an expression may run on.
DIFFERENTIAL = re.compile(r"^d(?P<name>\w+)/dt[^:]+:\s*(?P<declared>[^#(\n]+?)\s*(?:[#(]|$)", re.M)


@functools.cache
def load(name: str) -> dict[str, Any]:
    """The file; with a base, all that the model has, in its canonical form."""
    table = tomllib.loads((ref.NEURONS / f"{name}.toml").read_text(encoding="utf-8"))
    if "base" not in table:
        return table
    written = tomllib.loads(str(nb.load_model(name)))
    return written | table | {key: written[key] for key in ("equations", "initial")}


@functools.cache
def solution(name: str) -> ref.Solution:
    reference = ref.REFERENCES[name]
    return ref.solve(reference, **ref.conditions(reference, load(name)["check"]))


@functools.cache
def simulation(name: str) -> ref.Solution:
    """What NumpyBrain makes of the ``[check]`` table."""
    check = load(name)["check"]
    return simulate(name, check["method"], check["dt"], check["run"])


def simulate(name: str, method: str | None, dt: str, run: str) -> ref.Solution:
    """Run one neuron under the conditions of its check; without a method, with the model's own."""
    model, check = load(name), load(name)["check"]
    arguments: dict[str, Any] = dict(check["parameters"])
    if method is not None:
        arguments["method"] = method
    nb.seed(1)
    cells = nb.Neurons(
        1,
        nb.load_model(name),
        initial=model["initial"] | check.get("initial", {}),
        **arguments,
    )
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=dt).run(run)
    states = ref.REFERENCES[name].states
    final = {state: float(getattr(cells, state)[0]) for state in states}
    return ref.Solution(np.asarray(spikes.t).tolist(), final)


def parameter_lines(equations: str) -> dict[str, re.Match[str]]:
    matches = (PARAMETER.fullmatch(line.strip()) for line in equations.splitlines())
    return {match["name"]: match for match in matches if match}


def unit_of_default(line: re.Match[str]) -> str:
    if line["unit"] is None:
        return "1"
    return line["unit"] if line["sign"] == "*" else f"1/{line['unit']}"


# -- (a) the file ---------------------------------------------------------------------------------


def test_numpybrain_lists_the_models() -> None:
    assert set(NAMES) <= set(nb.list_models())


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_complete(name: str) -> None:
    model = load(name)
    assert model.keys() >= REQUIRED
    assert model.keys() <= REQUIRED | OPTIONAL
    check = model["check"]
    assert check.keys() >= REQUIRED_IN_CHECK
    assert check.keys() <= REQUIRED_IN_CHECK | OPTIONAL_IN_CHECK
    assert check.get("final", {}).keys() == check.get("final_tolerance", {}).keys()
    assert model["name"] == name
    for text in ("title", "description", "equations", "threshold"):
        assert model[text].strip()


@pytest.mark.parametrize("name", NAMES)
def test_the_sources_can_be_found(name: str) -> None:
    model = load(name)
    assert re.fullmatch(r"10\.\d{4,9}/\S+[\w)]", model["doi"])
    assert any(f"doi:{model['doi']}" in entry for entry in model["reference"])
    for entry in model["reference"]:
        assert re.search(r"\((18|19|20)\d\d\)", entry), "a reference needs its year"
        assert "doi:10." in entry or "ISBN" in entry or "MIT Press" in entry


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_are_those_of_the_literature(name: str) -> None:
    """The defaults were typed twice: in the model file and, from the paper, in the reference."""
    reference = ref.REFERENCES[name]
    lines = parameter_lines(load(name)["equations"])
    assert {key: float(line["value"]) for key, line in lines.items()} == reference.parameters
    for key, line in lines.items():
        assert unit_of_default(line) == line["declared"] == reference.units[key]
        assert line["comment"], f"say what {key} is"
    states = {m["name"]: m["declared"] for m in DIFFERENTIAL.finditer(load(name)["equations"])}
    assert states == {state: reference.units[state] for state in reference.states}
    assert load(name)["initial"].keys() == states.keys()


# -- (b) the numbers of the check -----------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_check_is_what_scipy_finds(name: str) -> None:
    reference, check, found = ref.REFERENCES[name], load(name)["check"], solution(name)
    times = check["spike_times"]
    assert check["spike_count"] == len(found.spike_times)
    assert 0 < len(times) <= check["spike_count"]
    assert times == pytest.approx(found.spike_times[: len(times)], abs=1e-5)
    for state, text in check.get("final", {}).items():
        value = ref.number(text, reference.units[state])
        assert value == pytest.approx(found.final[state], rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_tolerance_is_honest(name: str) -> None:
    """A spike may be reported one step early, and each reset may move all that follows by one."""
    reference, check = ref.REFERENCES[name], load(name)["check"]
    late = check["spike_count"] if reference.reset else 1
    assert check["tolerance"] <= late * ref.number(check["dt"], "ms") * 1.1


def test_the_leaky_neuron_agrees_with_its_closed_form() -> None:
    arguments = ref.conditions(ref.LIF, load("lif")["check"])
    exact = ref.lif_closed_form(arguments["parameters"], ref.LIF.initial["v"], run=arguments["run"])
    assert solution("lif").spike_times == pytest.approx(exact.spike_times, abs=1e-7)
    assert solution("lif").final == pytest.approx(exact.final, abs=1e-7)


# Where rest loses or regains its stability, as published or in closed form: this tests the
# right-hand sides of the reference, which were typed by hand like everything else.

CLASS_1 = {"V_3": 12.0, "V_4": 17.4, "g_Ca": 4.0, "phi": 1 / 15}  # Rinzel & Ermentrout, class I


def fitzhugh_nagumo_hopf(sign: int) -> float:
    """Where the trace of the Jacobian, (1 - v**2)/tau - b/tau_w, vanishes."""
    p = ref.FITZHUGH_NAGUMO.parameters
    v = sign * math.sqrt(1 - p["b"] * p["tau"] / p["tau_w"])
    return (v + p["a"]) / p["b"] - v + v**3 / 3


def adex_hopf() -> float:
    """Touboul & Brette (2008): rest loses stability here if a/g_L > tau_m/tau_w."""
    p = ref.ADEX.parameters
    ratio, coupling = p["C"] / p["g_L"] / p["tau_w"], p["a"] / p["g_L"]
    assert coupling > ratio
    depth = p["V_T"] - p["E_L"] - p["Delta_T"] + p["Delta_T"] * math.log1p(ratio)
    return (p["g_L"] + p["a"]) * depth + p["g_L"] * p["Delta_T"] * (coupling - ratio)


@pytest.mark.parametrize(
    ("name", "current", "precision", "stable", "guess"),
    [
        # Hassard (1978), Journal of Theoretical Biology 71:401-420
        ("hodgkin_huxley", 9.78, 0.005, "below", {"v": -59.6, "m": 0.1, "h": 0.4, "n": 0.4}),
        ("hodgkin_huxley", 154.5, 0.05, "above", {"v": -43.5, "m": 0.4, "h": 0.1, "n": 0.65}),
        # Rinzel & Ermentrout (1989)
        ("morris_lecar", 93.86, 0.005, "below", {"v": -26.6, "w": 0.13}),
        ("morris_lecar", 212.0, 0.05, "above", {"v": 6.0, "w": 0.55}),
        ("fitzhugh_nagumo", fitzhugh_nagumo_hopf(-1), 1e-6, "below", {"v": -0.97, "w": -0.34}),
        ("fitzhugh_nagumo", fitzhugh_nagumo_hopf(+1), 1e-6, "above", {"v": 0.97, "w": 2.1}),
        ("adex", adex_hopf(), 1e-3, "below", {"v": -50.27, "w": 81.3}),
        # 0.04*v**2 + 5*v + 140 - u + I: the trace 0.08*v + 5 - a vanishes at v = -62.25, u = b*v
        ("izhikevich", 3.7975, 1e-4, "below", {"v": -62.25, "u": -12.45}),
    ],
)
def test_rest_changes_stability_where_it_should(
    name: str, current: float, precision: float, stable: str, guess: dict[str, float]
) -> None:
    below, above = (
        ref.growth_rate(ref.REFERENCES[name], {"I": current + shift}, guess)
        for shift in (-precision, precision)
    )
    assert (below < 0 < above) if stable == "below" else (above < 0 < below)


def test_the_exponential_neuron_loses_rest_at_its_rheobase() -> None:
    p = ref.EXPONENTIAL_IF.parameters
    rheobase = p["g_L"] * (p["V_T"] - p["Delta_T"] - p["E_L"])
    rest = ref.equilibrium(ref.EXPONENTIAL_IF, {"I": rheobase - 1e-6}, {"v": -60.5})
    assert rest == pytest.approx([p["V_T"]], abs=0.05)
    assert ref.exponential_if_rhs([p["V_T"]], {**p, "I": rheobase}) == pytest.approx([0], abs=1e-12)
    assert ref.exponential_if_rhs([p["V_T"]], {**p, "I": rheobase + 1e-6})[0] > 0


def test_the_class_1_morris_lecar_neuron_rests_where_published() -> None:
    """Rinzel & Ermentrout, figure 4 at I = 30 uA/cm**2: (V, w) = (-41.84, 0.002)."""
    rest = ref.equilibrium(ref.MORRIS_LECAR, CLASS_1 | {"I": 30.0}, {"v": -41.0, "w": 0.003})
    assert rest[0] == pytest.approx(-41.84, abs=0.01)
    assert rest[1] == pytest.approx(0.002, abs=5e-4)


# -- (c) NumpyBrain gives the numbers -------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_numpybrain_gives_the_numbers_of_the_check(name: str) -> None:
    reference, check, found = ref.REFERENCES[name], load(name)["check"], simulation(name)
    times = check["spike_times"]
    assert len(found.spike_times) == check["spike_count"]
    assert found.spike_times[: len(times)] == pytest.approx(times, abs=check["tolerance"])
    for state, text in check.get("final", {}).items():
        unit = reference.units[state]
        tolerance = ref.number(check["final_tolerance"][state], unit)
        assert found.final[state] == pytest.approx(ref.number(text, unit), abs=tolerance)


@pytest.mark.parametrize("name", NAMES)
def test_numpybrain_takes_the_same_steps_as_plain_python(name: str) -> None:
    """Same method, same step: the same spikes to the step, the same values but for rounding."""
    reference, check = ref.REFERENCES[name], load(name)["check"]
    assert check["method"] == "rk4"
    arguments = ref.conditions(reference, check)
    expected = ref.on_grid(reference, **arguments, dt=ref.number(check["dt"], "ms"))
    found = simulation(name)
    assert found.spike_times == pytest.approx(expected.spike_times, abs=1e-9)
    assert found.final == pytest.approx(expected.final, rel=1e-6, abs=1e-12)


# -- (d) every method -----------------------------------------------------------------------------


def is_conditionally_linear(name: str) -> bool:
    """Whether each state's slope is a straight line in that state (second difference zero)."""
    reference = ref.REFERENCES[name]
    _, y = ref.start(reference, {}, {})
    for k in range(len(y)):
        slopes = []
        for shift in (-0.5, 0.0, 0.5):
            moved = [value + shift * (i == k) for i, value in enumerate(y)]
            slopes.append(reference.rhs(moved, reference.parameters)[k])
        low, middle, high = slopes
        if abs(low - 2 * middle + high) > 1e-9 * (abs(low) + abs(middle) + abs(high)):
            return False
    return True


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4"])
@pytest.mark.parametrize("name", NAMES)
def test_every_explicit_method_runs(name: str, method: str) -> None:
    final = simulate(name, method, "0.01 ms", "5 ms").final
    assert np.isfinite(list(final.values())).all()


@pytest.mark.parametrize("name", NAMES)
def test_exponential_euler_runs_or_refuses(name: str) -> None:
    if is_conditionally_linear(name):
        final = simulate(name, "exponential_euler", "0.01 ms", "5 ms").final
        assert np.isfinite(list(final.values())).all()
    else:
        with pytest.raises(nb.MethodError):
            simulate(name, "exponential_euler", "0.01 ms", "5 ms")


@pytest.mark.parametrize("name", NAMES)
def test_the_default_method_is_stable_at_the_usual_step(name: str) -> None:
    """At 0.1 ms, with the input of the check, for its whole run up to 200 ms."""
    run = min(ref.number(load(name)["check"]["run"], "ms"), 200.0)
    found = simulate(name, None, "0.1 ms", f"{run} ms")
    expected = sum(t < run for t in solution(name).spike_times)
    assert np.isfinite(list(found.final.values())).all()
    assert abs(len(found.spike_times) - expected) <= 1
