"""Resumed runs of synapses are, bit for bit, the runs that were not interrupted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from tests.kernel.checkpoints import same
from tests.kernel.synapse_checkpoints import CASES, parts, watch

BEFORE, CUT, END = 113, 234, 400  # steps
# Arrays that somebody has read may change in a run with Python functions, so nothing is calculated once; and
# a method that learns begins anew when its variables move: both changes last digits.
ROUNDED = ("growing", "python", "rk", "backward_euler", "rosenbrock")


def begun(case: str, steps: int = 0) -> nb.Network:
    """A network that has run, been changed, and run again for some steps."""
    build, change = CASES[case]
    nb.seed(1)
    net = build()
    net._run(BEFORE, None)
    change(parts(net))
    net._run(steps, None)
    return net


def fresh(case: str) -> nb.Network:
    """The network of the same script, with other draws, and so with other synapses."""
    nb.seed(2)
    return CASES[case][0]()


@pytest.mark.parametrize("case", CASES)
def test_resumed_runs_are_uninterrupted_runs(case: str, tmp_path: Path) -> None:
    net = begun(case, END - BEFORE)
    wanted = watch(net)
    assert sum(len(m) for m in net.objects if isinstance(m, nb.Monitor) and m.records_spikes) > 20
    net = begun(case, CUT - BEFORE)
    snapshot = net.snapshot()
    net.save(tmp_path / "saved")
    net._run(END - CUT, None)
    for again, source in ((net, None), (net, snapshot), (fresh(case), tmp_path / "saved")):
        if source is not None:
            again.restore(source)
            again._run(END - CUT, None)
        if source is not None or not case.startswith(ROUNDED):
            same(watch(again), wanted)
    if case.startswith(ROUNDED):
        return
    early = fresh(case)
    watch(early)  # reads all arrays
    for again in (early, net, fresh(case), early):
        again.restore(snapshot)
        again._run(END - CUT, None)
        same(watch(again), wanted)


@settings(max_examples=20)
@given(
    case=st.sampled_from([case for case in CASES if not case.startswith(ROUNDED)]),
    cuts=st.lists(st.integers(BEFORE, 300), min_size=1, max_size=3, unique=True).map(sorted),
    reading=st.booleans(),
)
def test_any_cuts(case: str, cuts: list[int], reading: bool) -> None:
    net = begun(case, 300 - BEFORE)
    wanted = watch(net)
    net = begun(case, cuts[0] - BEFORE)
    for cut in cuts:
        net._run(cut - net.clock.step, None)
        snapshot = net.snapshot()
        net._run(7, None)  # what is never to have happened
        net = fresh(case)
        if reading:
            watch(net)
        net.restore(snapshot)
    net._run(300 - net.clock.step, None)
    same(watch(net), wanted)


def test_what_is_kept_for_the_reset_of_the_next_step() -> None:
    case = "instant kept, reset first"
    wanted = watch(begun(case, END - BEFORE))
    net, resumed = begun(case), 0
    while net.clock.step < END - 20:
        net.step()
        if parts(net)[0].pathways["on_pre"].kept:
            other = fresh(case)
            other.restore(net.snapshot())
            other._run(END - net.clock.step, None)
            same(watch(other), wanted)
            resumed += 1
    assert resumed > 3


OTHER_PROCESS = """
import sys
import numpy as np
from tests.kernel.synapse_checkpoints import CASES, watch

case, path, result = sys.argv[1:]
net = CASES[case][0]()
net.load(path)
net._run(166, None)
np.savez(result, **watch(net))
"""


@pytest.mark.parametrize(
    "case",
    [
        "dendrites, edited",
        "plastic, read",
        *(pytest.param(c, marks=pytest.mark.slow) for c in ("pathways", "sums", "python", "rk23")),
    ],
)
def test_another_process(case: str, tmp_path: Path) -> None:
    wanted = watch(begun(case, END - BEFORE))
    begun(case, CUT - BEFORE).save(tmp_path / "saved")
    root = str(Path(__file__).parent.parent.parent)
    words = [case, str(tmp_path / "saved"), str(tmp_path / "result.npz")]
    subprocess.run(
        [sys.executable, "-W", "error", "-c", OTHER_PROCESS, *words],
        env={**os.environ, "PYTHONPATH": root, "PYTHONHASHSEED": "7"}, check=True, timeout=120,
    )  # fmt: skip
    with np.load(tmp_path / "result.npz") as result:
        same(dict(result), {key: np.asarray(value) for key, value in wanted.items()})
