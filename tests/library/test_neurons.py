"""Neurons of the library and their variants: files are complete, and NumpyBrain gives the numbers of the checks."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.library import reference as ref
from tests.library import second

pytestmark = pytest.mark.filterwarnings("error")

NAMES = sorted(second.cells())
CHECKS = {
    full: check
    for name in NAMES
    for full, check in second.checks(name).items()
    if full not in ref.REFERENCES  # `test_library.py` has these
}
VARIANTS = [full for full in CHECKS if ":" in full]
MODELS = [full for full in CHECKS if ":" not in full]
QUICK = (
    "adex:regular_bursting",
    "mihalas_niebur:tonic_bursting",
    "izhikevich:tonic_spiking",
    "izhikevich:class_1",
    "izhikevich:accommodation",
    "izhikevich:rebound_burst",
)
SLOW = (
    "izhikevich:", "izhikevich_2007:", "adex:", "glif:", "mihalas_niebur:", "rothman_manis", "pinsky_rinzel",
    "globus_pallidus", "pospischil_ib", "subthalamic_nucleus",
)  # fmt: skip
CASES = [
    pytest.param(full, marks=pytest.mark.slow) if full.startswith(SLOW) and full not in QUICK else full
    for full in CHECKS
]  # of the same equations, a few are enough every time
ONCE = [full if ":" not in full else pytest.param(full, marks=pytest.mark.slow) for full in CHECKS]
KEYS = {"name", "title", "description", "reference", "doi", "equations", "initial", "check"}


def simulate(full: str, check: dict[str, Any], **texts: Any) -> tuple[list[float], dict[str, float]]:
    """Spike times of one neuron under the conditions of a check, and its state at the end."""
    times = {"spike_times": check["times"]} if "times" in check else {}
    method = {"method": check["method"]} if "method" in check else {}
    made = {**method, **times, **check.get("parameters", {}), **texts}
    cells = nb.Neurons(1, full, initial=check.get("initial", {}), **made)
    fires = nb.load_model(full).definition.threshold is not None
    spikes = nb.Monitor(cells, "spikes") if fires else None
    nb.Network(cells, *([] if spikes is None else [spikes]), dt=check["dt"]).run(check["run"])
    states = {v.name: float(getattr(cells, v.name)[0]) for v in of_kind(full, "differential")}
    return ([] if spikes is None else np.asarray(spikes.t).tolist()), states


def simulated_rate(full: str, check: dict[str, Any]) -> float:
    """Mean rate of many neurons after a while, in Hz."""
    nb.seed(1)
    cells = nb.Neurons(check["n"], full, **check["parameters"])
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=check["dt"]).run(check["run"])
    late = np.asarray(spikes.t) >= check["rate_from"]
    return 1000.0 * late.sum() / check["n"] / (second.number(check["run"]) - check["rate_from"])


def of_kind(full: str, kind: str) -> list[Any]:
    return list(nb.load_model(full).definition.of_kind(kind))


def defaults(full: str) -> dict[str, float]:
    """The parameters of the second writing."""
    signature = inspect.signature(second.reference(full))
    return {
        name: p.default for name, p in signature.parameters.items() if isinstance(p.default, (int, float))
    }


# ---- the files ----


def test_every_neuron_is_written_twice() -> None:
    assert sorted({*NAMES, *ref.REFERENCES}) == nb.list_models()
    assert sorted({*VARIANTS, *nb.list_models()}) == sorted(nb.list_models(variants=True))


@pytest.mark.parametrize("name", MODELS)
def test_the_file_is_complete(name: str) -> None:
    found = second.table(name)
    assert found["name"] == name
    assert KEYS <= found.keys()
    assert re.fullmatch(r"10\.\d{4,9}/\S+[\w)]", found["doi"])
    assert f"doi:{found['doi']}" in found["reference"][0]
    assert all(re.search(r"\((18|19|20)\d\d\)", entry) for entry in found["reference"])
    for variable in of_kind(name, "parameter"):
        assert variable.comment, f"say what {variable.name} is"
    assert found["check"]["source"]


@pytest.mark.parametrize("full", ONCE)
def test_values_are_those_of_the_literature(full: str) -> None:
    """Parameters and start values were typed twice, if they are not those of a variant alone."""
    cells, cell = nb.Neurons(1, full), second.reference(full)()
    written = defaults(full)
    if ":" not in full:
        assert {v.name for v in of_kind(full, "parameter")} == set(written)
    for variable in of_kind(full, "parameter"):
        if variable.name not in written:  # a number in an equation of the variant
            continue
        value = getattr(cells, variable.name)
        assert np.ravel(value)[0] == pytest.approx(written[variable.name], rel=1e-12), variable.name
    assert {v.name for v in of_kind(full, "differential")} == set(cell.start)
    for name, value in cell.start.items():
        assert getattr(cells, name)[0] == pytest.approx(value, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("full", VARIANTS)
def test_a_variant_says_what_it_shows(full: str) -> None:
    table = nb.library.table_of(full)
    assert table["name"] == nb.load_model(full).name == full
    assert table["title"] != nb.library.table_of(full.partition(":")[0])["title"]
    assert nb.library.drive_of(full)["parameters"].keys() <= set(nb.load_model(full))


def test_the_readme_lists_all() -> None:
    text = (second.NEURONS.parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in nb.list_models() if f"`{name}`" not in text] == []


# ---- the numbers ----


@pytest.mark.parametrize("full", CASES)
def test_numpybrain_gives_the_numbers_of_the_check(full: str) -> None:
    check = CHECKS[full]
    if "rate" in check:
        off = second.number(check["rate_tolerance"])
        assert simulated_rate(full, check) == pytest.approx(second.number(check["rate"]), abs=off)
        return
    spikes, states = simulate(full, check)
    if "spike_count" in check:
        times = check["spike_times"]
        assert len(spikes) == check["spike_count"]
        np.testing.assert_allclose(spikes[: len(times)], times, rtol=0, atol=check.get("tolerance", 0))
    for name, text in check.get("final", {}).items():
        off = second.number(check["final_tolerance"][name])
        assert states[name] == pytest.approx(second.number(text), abs=off), name


@pytest.mark.parametrize("full", CHECKS)
def test_tolerances_are_honest(full: str) -> None:
    check = CHECKS[full]
    dt = second.number(check["dt"])
    assert check.get("tolerance", 0) <= 2 * dt
    for name, text in check.get("final_tolerance", {}).items():
        assert second.number(text) <= 4e-3 * max(abs(second.number(check["final"][name])), 1e-2)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.filterwarnings("ignore::numpybrain.StabilityWarning")
def test_every_method_that_takes_it_runs(name: str) -> None:
    took = []
    for method in nb.list_methods():
        try:
            cells = nb.Neurons(1, name, method=method)
        except nb.MethodError:
            continue
        nb.Network(cells, dt="0.01 ms").run("0.5 ms")
        took.append(method)
        assert all(np.isfinite(getattr(cells, v.name)).all() for v in of_kind(name, "differential")), method
    assert {"euler", "heun"} & set(took)


@pytest.mark.slow
@pytest.mark.parametrize("full", CHECKS)
def test_the_check_is_what_scipy_finds(full: str) -> None:
    check = CHECKS[full]
    cell = second.cell_of(second.reference(full), check)
    if cell.hazard is not None:
        assert second.renewal_rate(cell) == pytest.approx(second.number(check["rate"]), rel=1e-5)
        return
    spikes, final = second.solve(cell, second.number(check["run"]), check.get("solver", "DOP853"))
    if cell.crossing is not None:
        assert len(spikes) == check["spike_count"]
        times = check["spike_times"]
        np.testing.assert_allclose(spikes[: len(times)], times, rtol=0, atol=2e-5)
    for name, text in check.get("final", {}).items():
        assert final[name] == pytest.approx(second.number(text), rel=1e-6, abs=1e-9), name
