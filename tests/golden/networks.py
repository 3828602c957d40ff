"""The networks of the golden file, by name, and all that is noted of one."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Callable
from typing import Any

import numpy as np

import numpybrain as nb
from tests.kernel import checkpoints, synapse_checkpoints
from tests.sample import SAMPLE

FIRST, SECOND = 12.3, 9.4  # ms: a checkpoint is taken in between


def cuba() -> nb.Network:
    """The first example of the README, with fewer neurons."""
    cells = nb.Neurons(400, """
        dv/dt  = (ge + gi - (v - E_L)) / tau_m : mV (unless refractory)
        dge/dt = -ge / (5*ms)                  : mV
        dgi/dt = -gi / (10*ms)                 : mV
        E_L    = -49*mV : mV
        tau_m  = 20*ms  : ms
        """, threshold="v > -50*mV", reset="v = -60*mV", refractory="5 ms",
        initial={"v": "-60*mV + 10*mV*rand()"})  # fmt: skip
    exc, inh, some = cells[:320], cells[320:], nb.connect.probability(0.1)
    excite = nb.Synapses(exc, cells, on_pre="ge += 1.62*mV", connect=some)
    inhibit = nb.Synapses(inh, cells, on_pre="gi -= 9*mV", connect=some)
    return nb.Network(cells, excite, inhibit, nb.Monitor(cells, "spikes"), nb.Monitor(cells[:3], "v"))


def library_neurons() -> nb.Network:
    """One group of every model of the library, driven where there is a current."""
    groups = []
    for name in SAMPLE:
        model = nb.load_model(name)
        groups.append(nb.Neurons(3, model, **dict.fromkeys(model.open_names, 0), name=name))
        if "I" in groups[-1].inspect.state.names():
            groups[-1].I = np.array([0.0, 0.5, 1.0]) * (
                1 if name in ("lif", "exponential_if", "adex") else 10
            )
    return nb.Network(*groups, *(nb.Monitor(g, "v", name=f"v of {g.name}") for g in groups), dt=0.02)


def library_synapses() -> nb.Network:
    """All rules of plasticity of the library that need nothing but spikes."""
    cells = checkpoints.lif(20)
    made = [
        nb.Synapses(cells, cells, name, connect=checkpoints.SOME, name=name)
        for name in ("stdp_pair", "stdp_nearest", "stdp_triplet", "stdp_inhibitory_vogels")
    ]
    return nb.Network(cells, nb.Monitor(cells, "spikes"), *made)


def events() -> nb.Network:
    """Custom events with statements, on which synapses act."""
    cells = checkpoints.lif(20, events={"half": "v > 0.5 and v < 0.6"}, on_event={"half": "v += 0.01"})
    other = nb.Neurons(5, "dx/dt = -x/(5*ms) : 1")
    push = nb.Synapses(
        cells, other, on_pre="x_post += 0.1", on_event={"on_pre": "half"}, connect=checkpoints.SOME,
        delay="0.4 ms",
    )  # fmt: skip
    return nb.Network(cells, other, push, nb.Monitor(cells, "half"), nb.Monitor(other, "x", every="0.5 ms"))


NETWORKS: dict[str, Callable[[], nb.Network]] = {
    **{build.__name__: build for build in (cuba, library_neurons, library_synapses, events)},
    **checkpoints.BUILDS,
    **{name: build for name, (build, _) in synapse_checkpoints.CASES.items() if ", " not in name},
}


def machine() -> str:
    """What last digits may depend on: NumPy and the instructions that its loops were chosen for."""
    from numpy._core._multiarray_umath import __cpu_features__ as features

    found = ",".join(sorted(name for name, there in features.items() if there))
    return (
        f"NumPy {np.__version__}, {platform.machine()}, {hashlib.sha256(found.encode()).hexdigest()[:12]}"
    )


def note_values(net: nb.Network) -> dict[str, list[Any]]:
    """Of each array that users see: type, shape, a digest of all bits, and a few sums."""
    found = {}
    for key, value in synapse_checkpoints.watch(net).items():
        array = np.asarray(value)
        digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]
        flat = array.astype(float).ravel()
        flat = flat[np.isfinite(flat)]
        weights = np.cos(np.arange(flat.size))
        sums = [float(f"{x:.13g}") for x in (flat.sum(), np.abs(flat).sum(), flat @ weights)]
        found[key] = [str(array.dtype), list(array.shape), digest, sums]
    return found


def note_texts(net: nb.Network) -> dict[str, str]:
    """The schedule, and what objects tell of themselves."""
    found = {"schedule": plain(str(net.schedule))}
    for k, member in enumerate(net.objects):
        found[f"{k}"] = plain(repr(member))
        if isinstance(member, nb.Synapses) and member.definition is not None:
            found[f"{k} explained"] = plain(member.explain())
        if isinstance(member, nb.Neurons):
            update = member.update
            found[f"{k} update"] = "\n".join(
                [str(update.method), update.why, update.formula, update.source]
            )
    return found


def plain(text: str) -> str:
    """A text without what depends on the place in a file, or on what was made before."""
    text = re.sub(r"\.py:\d+", ".py", text)
    numbers: dict[str, str] = {}
    for name in re.findall(r"\b(?:neurons|synapses|monitor)_\d+\b", text):
        numbers.setdefault(name, f"{name.rpartition('_')[0]}_{chr(ord('a') + len(numbers))}")
    text = re.sub(r"\b(?:neurons|synapses|monitor)_\d+\b", lambda m: numbers[m.group()], text)
    return re.sub(r" {2,}", "  ", text)  # columns are as wide as their longest entry
