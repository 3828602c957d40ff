"""The library's models of synapses: files are complete, their numbers are true, and NumpyBrain gives them."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

from . import synapse_reference as ref
from .test_library import unit_of_default

NAMES = sorted(path.stem for path in ref.SYNAPSES.glob("*.toml"))
REQUIRED = {"name", "title", "description", "reference", "doi", "check"}
OPTIONAL = {"base", "equations", "on_pre", "on_post", "delay", "method", "initial"}
REQUIRED_IN_CHECK = {"source", "dt", "at", "values", "tolerance"}
OPTIONAL_IN_CHECK = {"pre", "post", "v_pre", "v_post", "add", "parameters"}
# name = number*unit : unit (flags)  # comment
PARAMETER = re.compile(
    r"(?P<name>\w+)\s*=\s*(?P<value>-?[\d.]+(?:e[+-]?\d+)?)(?:(?P<sign>[*/])(?P<unit>[\w*/]+))?"
    r"\s*:\s*(?P<declared>[\w*/]+)\s*(?:\(shared\)\s*)?(?:#\s*(?P<comment>\S.*))?"
)
STATE = re.compile(
    r"^d(?P<name>\w+)/dt\s*=[^:]+:\s*(?P<declared>[\w*/]+)[^#\n]*(?:#\s*(?P<comment>.+))?$", re.M
)


@functools.cache
def load(name: str) -> dict[str, Any]:
    """The file; with a base, with the equations that the model has in all."""
    table = tomllib.loads((ref.SYNAPSES / f"{name}.toml").read_text(encoding="utf-8"))
    if "base" in table:
        table["equations"] = tomllib.loads(str(nb.load_model(name)))["equations"]
    return table


def lines_of(name: str) -> dict[str, re.Match[str]]:
    matches = (PARAMETER.fullmatch(line.strip()) for line in load(name)["equations"].splitlines())
    return {match["name"]: match for match in matches if match}


# ---- one synapse ----


def neurons(times: Sequence[float], potential: Any, dt: float, name: str) -> nb.Neurons:
    """One neuron that spikes when it is told to, at a potential that is held."""
    steps = {round(t / dt) for t in times}
    cells = nb.Neurons(
        1, "v : mV\nI_syn : pA", name=name,
        threshold=lambda t, v: np.full(v.shape, round(t / dt) in steps),
    )  # fmt: skip
    cells.v = potential[0][1]
    changes = {round(t / dt): value for t, value in potential[1:]}

    def hold(t: float, v: Any) -> None:
        if round(t / dt) in changes:
            v[:] = changes[round(t / dt)]

    if changes:
        cells.at("start")(hold)
    return cells


def simulate(
    model: Any,
    protocol: ref.Protocol,
    at: Sequence[float],
    dt: float,
    names: Sequence[str],
    **arguments: Any,
) -> dict[str, np.ndarray]:
    """Variables of one synapse, and of its neurons, at the times `at`."""
    source = neurons(protocol.pre, protocol.v_pre, dt, "source")
    target = neurons(protocol.post, protocol.v_post, dt, "target")
    synapses = nb.Synapses(source, target, model, connect=nb.connect.all_to_all(), **arguments)
    net = nb.Network(source, target, synapses, dt=dt)
    found: dict[str, list[float]] = {name: [] for name in names}
    added = {time: (name, by) for time, name, by in protocol.add}
    for time in sorted({*at, *added}):
        net.run(time - net.t)
        if time in added:
            name, by = added[time]
            setattr(synapses, name, getattr(synapses, name) + by)
        for name in names if time in at else ():
            holder = {"I_syn": target, "v_post": target, "I_syn_pre": source}.get(name, synapses)
            bare = name.removesuffix("_pre").removesuffix("_post")
            found[name].append(float(np.ravel(getattr(holder, bare))[0]))
    return {name: np.array(values) for name, values in found.items()}


@functools.cache
def simulation(name: str) -> dict[str, np.ndarray]:
    check = load(name)["check"]
    return simulate(
        name, ref.protocol_of(check), check["at"], ref.magnitude(check["dt"]), list(check["values"]),
        **check.get("parameters", {}),
    )  # fmt: skip


# ---- (a) the file ----


def test_every_model_has_a_reference_and_every_reference_a_model() -> None:
    assert sorted(ref.REFERENCES) == NAMES == nb.list_models("synapses")


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_complete(name: str) -> None:
    model = load(name)
    assert REQUIRED <= model.keys() <= REQUIRED | OPTIONAL
    check = model["check"]
    assert REQUIRED_IN_CHECK <= check.keys() <= REQUIRED_IN_CHECK | OPTIONAL_IN_CHECK
    assert model["name"] == name
    for text in ("title", "description", "equations"):
        assert model[text].strip()
    assert nb.load_model(name).is_synaptic


@pytest.mark.parametrize("name", NAMES)
def test_the_sources_can_be_found(name: str) -> None:
    model = load(name)
    assert re.fullmatch(r"10\.\d{4,9}/\S+[\w)]", model["doi"])
    assert f"doi:{model['doi']}" in model["reference"][0]
    for entry in model["reference"]:
        assert re.search(r"\((18|19|20)\d\d\)", entry), "a reference needs its year"
        assert "doi:10." in entry or "MIT Press" in entry


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_are_those_of_the_literature(name: str) -> None:
    """The defaults were typed twice: in the model file and, from the paper, in the reference."""
    reference, lines = ref.REFERENCES[name], lines_of(name)
    assert {key: float(line["value"]) for key, line in lines.items()} == reference.parameters
    for key, line in lines.items():
        assert unit_of_default(line) == line["declared"] == reference.units[key]
        assert line["comment"], f"say what {key} is"
    for state in STATE.finditer(load(name)["equations"]):
        assert state["comment"], f"say what {state['name']} is"


# ---- (b) the numbers of the check ----


@pytest.mark.parametrize("name", NAMES)
def test_the_check_is_what_the_reference_finds(name: str) -> None:
    check, reference = load(name)["check"], ref.REFERENCES[name]
    given = {key: ref.magnitude(text) for key, text in check.get("parameters", {}).items()}
    found = ref.solve(reference, ref.protocol_of(check), check["at"], given)
    for key, texts in check["values"].items():
        assert all(text.partition(" ")[2] == reference.units[key].removeprefix("1") * (reference.units[key] != "1")
                   or text.partition(" ")[2] == reference.units[key] for text in texts)  # fmt: skip
        np.testing.assert_allclose([ref.magnitude(t) for t in texts], found[key], rtol=1e-8, atol=1e-12)


# ---- (c) NumpyBrain gives the numbers ----


@pytest.mark.parametrize("name", NAMES)
def test_numpybrain_gives_the_numbers_of_the_check(name: str) -> None:
    check, found = load(name)["check"], simulation(name)
    for key, texts in check["values"].items():
        expected = [ref.magnitude(text) for text in texts]
        np.testing.assert_allclose(found[key], expected, rtol=check["tolerance"], atol=1e-12, err_msg=key)


# Equations that a method solves exactly, or nearly: with the time of the simulator no error is left.
EXACT = [
    "alpha", "ampa", "delta", "double_exponential", "exponential_conductance", "exponential_current",
    "gaba_a", "gap_junction", "gap_junction_rectifying", "nmda", "stdp_reward",
]  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_no_error_is_left_but_the_step(name: str) -> None:
    """A spike of one step acts on the state of the next, and a sum is that of the start of a step."""
    check, reference = load(name)["check"], ref.REFERENCES[name]
    dt, at = ref.magnitude(check["dt"]), check["at"]
    given = {key: ref.magnitude(text) for key, text in check.get("parameters", {}).items()}
    protocol = ref.protocol_of(check)
    now = ref.solve(reference, protocol, at, given, late=dt)
    before = ref.solve(reference, protocol, [t - dt for t in at], given, late=dt)
    for key, values in simulation(name).items():
        expected = (before if key.startswith("I_syn") else now)[key]
        rtol = 1e-4 if name == "stdp_reward" else 1e-6 if name == "nmda" else 1e-9
        np.testing.assert_allclose(values, expected, rtol=rtol, atol=1e-12, err_msg=key)


# ---- (d) what is stored where ----

PLACES = {
    "bcm": {"x": "pre", "y": "post", "theta": "post"},
    "graded": {"s": "pre"},
    "oja": {"x": "pre", "y": "post"},
    "short_term_three_state": {"x": "pre", "y": "pre", "u": "pre"},
    "stdp_anti_hebbian": {"x": "pre", "y": "post"},
    "stdp_symmetric": {"x": "pre", "y": "post"},
    "alpha": {"s": "pre", "h": "pre"},
    "ampa": {"T": "pre", "s": "pre", "pulse": "pre"},
    "calcium_graupner_brunel": {},
    "delta": {},
    "double_exponential": {"s": "pre", "h": "pre"},
    "exponential_conductance": {"s": "pre"},
    "exponential_current": {"s": "pre"},
    "gaba_a": {"T": "pre", "s": "pre", "pulse": "pre"},
    "gaba_b": {"T": "pre", "r": "pre", "G": "pre", "pulse": "pre"},
    "gap_junction": {},
    "gap_junction_rectifying": {},
    "homeostatic_scaling": {"a": "post", "E": "post", "w": "post"},  # until weights differ
    "nmda": {"s": "pre", "x": "pre"},
    "short_term_mongillo": {"u": "pre", "x": "pre"},
    "short_term_tsodyks_markram": {"u": "pre", "x": "pre"},
    "stdp_clopath": {"u_minus": "post", "u_plus": "post"},
    "stdp_inhibitory_vogels": {"x": "pre", "y": "post"},
    "stdp_nearest": {"x": "pre", "y": "post"},
    "stdp_pair": {"x": "pre", "y": "post"},
    "stdp_reward": {"x": "pre", "y": "post"},
    "stdp_triplet": {"x": "pre", "x_slow": "pre", "y": "post", "y_slow": "post"},
}


@pytest.mark.parametrize("name", NAMES)
def test_what_belongs_to_a_neuron_is_stored_once_per_neuron(name: str) -> None:
    source, target = (neurons([], [(0, -65)], 0.1, side) for side in ("source", "target"))
    synapses = nb.Synapses(source, target, name, connect=nb.connect.all_to_all())
    assert {n: side for n, side in synapses.inspect.sides_of.items() if not n.startswith("_")} == PLACES[
        name
    ]


@pytest.mark.parametrize("name", ["ampa", "stdp_pair", "stdp_clopath"])
def test_delays_of_their_own_need_values_of_their_own(name: str) -> None:
    """Then spikes of one neuron arrive at different times; the numbers are the same for equal delays."""
    check = load(name)["check"]
    late = ref.protocol_of({**check, "pre": [t + 2 for t in check["pre"]]})
    dt, names = ref.magnitude(check["dt"]), list(check["values"])
    expected = simulate(name, late, check["at"], dt, names)
    found = simulate(name, ref.protocol_of(check), check["at"], dt, names, delay="2*ms + 0*ms*rand()")
    for key in names:
        np.testing.assert_allclose(found[key], expected[key], rtol=1e-9)
