"""Random small networks with synapses against a slow and obvious loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

import numpybrain as nb

from . import plans
from .plans import DT, INPUTS, N_CELLS, N_INPUTS, Kit, Plan, in_ms, run_reference, simulator_synapses, value
from .reference import Doubt


def examples(number: int) -> Callable:
    def decorate(test: Callable) -> Callable:
        drawn = given(st.integers(0, 2**32))(test)
        return settings(max_examples=number, phases=[Phase.generate])(
            drawn
        )  # a smaller seed is no smaller network

    return decorate


def build_simulator(plan: Plan) -> tuple[nb.Network, list[nb.Synapses]]:
    """The network; neurons come first, then synapses, then monitors of spikes and of variables."""
    cells = nb.Neurons(
        N_CELLS, plans.CELLS.format(flag=" (unless refractory)" if plan.held else ""), threshold="v > 1",
        reset="v = 0; u += 0.1", refractory=plan.refractory, method=plan.method,
        p=plan.drive["cells"], ref=np.array(plan.periods) * DT,
    )  # fmt: skip
    inputs = nb.Neurons(
        N_INPUTS, INPUTS, threshold="v > 1", reset="v = 0", method=plan.method, p=plan.drive["inputs"]
    )
    groups = {"cells": cells, "inputs": inputs}
    for name, group in groups.items():
        group.v = plan.start[name]
    synapses = [simulator_synapses(bundle, groups) for bundle in plan.synapses]
    spikes = [nb.Monitor(group, "spikes") for group in groups.values()]
    traces = [nb.Monitor(cells, "v, u"), nb.Monitor(inputs, "v")]
    return nb.Network(cells, inputs, synapses, spikes, traces, dt=DT), synapses


def change_delays(plan: Plan, number: int, synapses: list[nb.Synapses]) -> None:
    """What comes before a run, by its number."""
    for bundle, one in zip(plan.synapses, synapses, strict=True):
        for way in bundle.ways:
            if number and way.later[number - 1] is not None:
                one.pathways[way.name].delay = in_ms(way.later[number - 1])


def run_simulator(plan: Plan) -> tuple[dict[str, nb.Monitor], dict[str, nb.Monitor], list[nb.Synapses]]:
    net, synapses = build_simulator(plan)
    for number, steps in enumerate(plan.runs):
        change_delays(plan, number, synapses)
        net.run(steps * DT)
    monitors = [member for member in net.objects if isinstance(member, nb.Monitor)]
    spikes, traces = ({"cells": one, "inputs": other} for one, other in (monitors[:2], monitors[2:]))
    return spikes, traces, synapses


def compare(kit: Kit, seed: int) -> None:
    plan = plans.draw(kit, seed)
    try:
        with np.errstate(all="ignore"):  # some networks explode
            world, groups = run_reference(plan)
            world.bring_traces()
    except Doubt:
        assume(False)
    assume(max(np.abs(group.trace).max() for group in groups.values()) < 1e6)
    spikes, traces, synapses = run_simulator(plan)
    for name, group in groups.items():
        steps = np.rint(spikes[name].t / DT).astype(int).tolist()
        assert list(zip(steps, spikes[name].i.tolist(), strict=True)) == group.spikes, name
        expected = np.array(group.trace)
        for k, variable in enumerate(group.names):
            found = getattr(traces[name], variable)
            np.testing.assert_allclose(
                found, expected[:, :, k], rtol=1e-9, atol=1e-9, err_msg=f"{name}.{variable}"
            )
    for number, (bundle, one, projection) in enumerate(
        zip(plan.synapses, synapses, world.projections, strict=True)
    ):
        for variable in bundle.values:
            expected_values = [getattr(y, variable) for y in projection.synapses]
            np.testing.assert_allclose(
                value(one, bundle, variable),
                expected_values,
                rtol=1e-9,
                atol=1e-9,
                err_msg=f"{number}: {variable}",
            )


@examples(30)
def test_pathways_and_delays(seed: int) -> None:
    compare(plans.PLAIN, seed)


@examples(24)
def test_traces_between_events(seed: int) -> None:
    compare(plans.TRACES, seed)


@examples(24)
def test_variables_with_the_clock_and_sums(seed: int) -> None:
    compare(plans.CLOCKED, seed)


@examples(12)
def test_one_value_for_each_neuron(seed: int) -> None:
    compare(plans.SIDED, seed)


@examples(12)
def test_one_value_for_each_neuron_with_the_clock(seed: int) -> None:
    compare(plans.SIDED_WITH_CLOCK, seed)


@examples(16)
def test_delays_of_the_dendrite(seed: int) -> None:
    compare(plans.DENDRITIC, seed)


@examples(16)
def test_everything_at_once(seed: int) -> None:
    compare(plans.ALL, seed)


@pytest.mark.parametrize(
    "kit", ["PLAIN", "TRACES", "CLOCKED", "SIDED", "SIDED_WITH_CLOCK", "DENDRITIC", "ALL"]
)
def test_the_comparison_sees_what_it_is_for(kit: str) -> None:
    """Networks fire, weights change, delays matter; few are left out for doubt."""
    spikes = changed = doubtful = 0
    for seed in range(40):
        plan = plans.draw(getattr(plans, kit), seed)
        try:
            world, groups = run_reference(plan)
        except Doubt:
            doubtful += 1
            continue
        spikes += sum(len(group.spikes) for group in groups.values())
        for bundle, projection in zip(plan.synapses, world.projections, strict=True):
            changed += any(y.w != w for y, w in zip(projection.synapses, bundle.values["w"], strict=True))
    assert doubtful < 8
    assert spikes > 400
    assert changed > 8
