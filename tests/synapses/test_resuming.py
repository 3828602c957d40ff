"""Random small networks that are resumed at any step are, bit for bit, those that were not interrupted."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

import numpybrain as nb
from tests.kernel.checkpoints import same
from tests.kernel.synapse_checkpoints import watch

from . import plans
from .plans import Bundle, Plan
from .test_random_synapses import build_simulator, change_delays, examples


def other_pairs(bundle: Bundle) -> Bundle:
    """Synapses in another order, one less if there are several."""
    which = slice(None, 0 if len(bundle.pairs) > 1 else None, -1)
    ways = [replace(w, delay=w.delay if isinstance(w.delay, int) else w.delay[which]) for w in bundle.ways]
    values = {name: given[which] for name, given in bundle.values.items()}
    return replace(bundle, pairs=bundle.pairs[which], ways=tuple(ways), values=values)


def starts(plan: Plan) -> list[int]:
    """The steps at which runs begin."""
    return [0, *itertools.accumulate(plan.runs)][:-1]


def go_on(net: nb.Network, synapses: list[nb.Synapses], plan: Plan, end: int) -> None:
    """Run to a step, changing delays when it is time; at the last step that comes later."""
    begins = starts(plan)
    while net.clock.step < end:
        if net.clock.step in begins:
            change_delays(plan, begins.index(net.clock.step), synapses)
        stop = min(step for step in [*begins, end] if step > net.clock.step)
        net._run(min(stop, end) - net.clock.step, None)


def compare(kit: plans.Kit, seed: int) -> None:
    rng, plan = random.Random(seed), plans.draw(kit, seed)
    net, synapses = build_simulator(plan)
    try:
        go_on(net, synapses, plan, 60)
    except nb.DivergenceError:
        return
    wanted = watch(net)
    net, synapses = build_simulator(plan)
    for cut in sorted(rng.choices(range(1, 60), k=rng.randint(1, 3))):
        go_on(net, synapses, plan, cut)
        snapshot = net.snapshot()
        go_on(net, synapses, plan, min(cut + rng.randint(0, 5), 60))  # what is never to have happened
        if rng.random() < 0.8:
            net, synapses = build_simulator(replace(plan, synapses=tuple(map(other_pairs, plan.synapses))))
        if rng.random() < 0.3:
            watch(net)  # reads all arrays
        net.restore(snapshot)
    go_on(net, synapses, plan, 60)
    same(watch(net), wanted)


FEW = ("TRACES", "DENDRITIC", "ALL")  # of these every day
MORE = [pytest.param(k, marks=pytest.mark.slow) for k in ("PLAIN", "CLOCKED", "SIDED", "SIDED_WITH_CLOCK")]


@pytest.mark.parametrize("kit", [*FEW, *MORE])
def test_random_networks_go_on(kit: str) -> None:
    @examples(14)
    def check(seed: int) -> None:
        compare(getattr(plans, kit), seed)

    check()
