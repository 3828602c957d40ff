"""The slow loop of the tests of synapses against Brian2: random networks give the same spikes and weights."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from synapses import plans
from synapses.plans import DT, Bundle, Part, Plan, run_reference
from synapses.reference import Doubt

from . import brian2

b2 = brian2()

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

KITS = ("PLAIN", "TRACES", "CLOCKED", "SIDED", "SIDED_WITH_CLOCK", "ALL")


def in_its_words(text: str) -> str:
    """The same text for Brian2: base units, no flags of one side, no conditional expressions."""
    text = re.sub(
        r"(, |\()(pre|post)\)", lambda m: ")" if m[1] == ", " else "(clock-driven)", text
    ).replace(": ms", ": second")
    return text.replace("0.125 if a > 0.1 else -0.0625", "0.125*int(a > 0.1) - 0.0625*int(a <= 0.1)")


# Two statements that change one neuron: it makes the first for all synapses, then the second for all.
IN_BULK = {
    "v_post += w; v_post *= 0.875",
    "v_pre = 0.5*v_pre; w -= 0.0625*v_pre",
    "v_post += 0.25*w; u_post += 0.125*v_post",
    "u_pre = 0.5*u_pre + w; u_post += 0.25*u_pre",  # it loses the first where a neuron has a synapse with itself
}


def whole(part: Part) -> bool:
    return (part.a, part.b) == (0, {"cells": plans.N_CELLS, "inputs": plans.N_INPUTS}[part.group])


def easy(plan: Plan) -> Plan:
    """With Euler steps of the neurons: their exact solution with refractoriness is too much for it."""
    return replace(plan, method="euler")


def suits_brian2(plan: Plan) -> bool:
    """Its limits: one source for each sum, no Jordan blocks, no delays that change between runs per synapse or for all."""
    summed = [text for bundle in plan.synapses for text in bundle.sums]
    if len(summed) > 1 or any("x_0" in (b.clocked or "") for b in plan.synapses):
        return False
    if any(
        "-b/tau_a" in (b.traces or "") or re.search("0.25[*]|0.5[*]a", b.traces or "")
        for b in plan.synapses
    ):
        return False  # equal time constants, complex eigenvalues or none
    if any(not whole(b.target if "I_post" in text else b.source) for b in plan.synapses for text in b.sums):
        return False  # it sums for a part of a group after the state updates
    ways = [way for bundle in plan.synapses for way in bundle.ways]
    return not any(way.text in IN_BULK or way.later.count(None) < len(way.later) for way in ways)


def its_synapses(bundle: Bundle, groups: dict[str, Any], number: int) -> Any:
    source, target = (
        groups[p.group] if whole(p) else groups[p.group][p.a : p.b] for p in (bundle.source, bundle.target)
    )
    ways = {
        f"{way.side}_{k}": way for k, way in enumerate(bundle.ways)
    }  # in alphabetical order, which it uses
    model = in_its_words(re.sub(r"^(tau_\w|x_0|k) = (.*) : (\w+)$", "", bundle.model(), flags=re.MULTILINE))
    synapses = b2.Synapses(
        source, target, model, method=bundle.method if bundle.clocked else "exact", name=f"synapses_{number}",
        on_pre={name: in_its_words(way.text) for name, way in ways.items() if way.side == "pre"},
        on_post={name: in_its_words(way.text) for name, way in ways.items() if way.side == "post"},
        namespace={"tau_a": 2 * b2.ms, "tau_b": 3 * b2.ms, "tau_x": 2.5 * b2.ms, "tau_z": 1.5 * b2.ms},
    )  # fmt: skip
    i, j = np.transpose(bundle.pairs)
    synapses.connect(i=i, j=j)
    for name, values in bundle.values.items():
        scale = 1e-3 if name.startswith("tau") else 1.0
        synapses.set_states({name: scale * np.array(values)}, units=False)
    for name, way in ways.items():
        getattr(synapses, name).delay = np.array(plans.spread(way.delay, len(i))) * DT * b2.ms
    return synapses


def run_brian2(plan: Plan) -> tuple[dict[str, Any], list[Any]]:
    b2.start_scope()
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = DT * b2.ms
    refractory: Any = {None: False, "0.5 ms": 0.5 * b2.ms}.get(plan.refractory, plan.refractory)
    constants = re.compile(r"^ *tau.* = .*$", re.MULTILINE)
    namespace = {"tau": 2 * b2.ms, "tau_u": 3 * b2.ms}
    flag = " (unless refractory)" if plan.held and plan.refractory is not None else ""
    cells = b2.NeuronGroup(
        plans.N_CELLS, in_its_words(constants.sub("", plans.CELLS.format(flag=flag))), threshold="v > 1",
        reset="v = 0; u += 0.1", refractory=refractory, method=plan.method, namespace=namespace, name="groups_1",
    )  # fmt: skip
    inputs = b2.NeuronGroup(plans.N_INPUTS, constants.sub("", plans.INPUTS), threshold="v > 1", reset="v = 0",
                            method=plan.method, namespace=namespace, name="groups_2")  # fmt: skip
    cells.ref = np.array(plan.periods) * DT * b2.ms
    groups = {"cells": cells, "inputs": inputs}
    for name, group in groups.items():
        group.v, group.p = plan.start[name], plan.drive[name]
    synapses = [its_synapses(bundle, groups, k) for k, bundle in enumerate(plan.synapses)]
    spikes = {name: b2.SpikeMonitor(group) for name, group in groups.items()}
    net = b2.Network(*groups.values(), *synapses, *spikes.values())
    for steps in plan.runs:
        net.run(steps * DT * b2.ms)
    return spikes, synapses


@pytest.mark.parametrize("kit", KITS)
def test_the_slow_loop_does_what_brian2_does(kit: str) -> None:
    compared = seed = 0
    while compared < 4:
        seed += 1
        plan = easy(plans.draw(getattr(plans, kit), seed))
        if suits_brian2(plan) and same(plan):
            compared += 1


def same(plan: Plan) -> bool:
    try:
        world, groups = run_reference(plan)
    except Doubt:
        return False
    if max(np.abs(group.trace).max() for group in groups.values()) > 1e6:
        return False
    spikes, synapses = run_brian2(plan)
    for name, group in groups.items():
        steps = np.rint(np.asarray(spikes[name].t_[:]) / (DT * 1e-3)).astype(int).tolist()
        assert list(zip(steps, np.asarray(spikes[name].i[:]).tolist(), strict=True)) == group.spikes, name
    for bundle, one, projection in zip(plan.synapses, synapses, world.projections, strict=True):
        for variable in bundle.values:  # traces are those of the last event
            expected = [getattr(y, variable) for y in projection.synapses]
            np.testing.assert_allclose(
                np.array(getattr(one, variable)[:]) * (1e3 if variable.startswith("tau") else 1),
                expected,
                rtol=1e-9,
                atol=1e-9,
                err_msg=variable,
            )
    return True
