"""A run that is resumed from a snapshot is, bit for bit, the run that was not interrupted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from tests.kernel.checkpoints import BUILDS, LIF, SOME, drive, lif, observe, same

HERE = Path(__file__)


def uninterrupted(name: str, total: float = 60.0) -> dict[str, Any]:
    nb.seed(1)
    net = BUILDS[name]()
    net.run(total)
    return observe(net)


SLOW = ("method_rk23", "method_rk45", "derivative")  # networks with many evaluations in each step


@pytest.mark.parametrize("name", BUILDS)
def test_resumed_runs_are_uninterrupted_runs(name: str, tmp_path: Path) -> None:
    wanted = uninterrupted(name)
    assert all(value.size for key, value in wanted.items() if key.endswith(" i"))  # somebody spiked
    nb.seed(1)
    net = BUILDS[name]()
    net.run(23.4)
    snapshot = net.snapshot()
    net.save(tmp_path / "checkpoint")
    then = observe(net)
    net.run(36.6)
    same(observe(net), wanted)
    sources = (tmp_path / "checkpoint",) if name in SLOW else (snapshot, tmp_path / "checkpoint")
    for source in sources:
        nb.seed(2)
        other = BUILDS[name]()  # with other draws, and so with other synapses
        for again in (net, other, other):  # back in time, and forward
            again.restore(source)
            same(observe(again), then)
            again.run(36.6)
            same(observe(again), wanted)


@pytest.mark.parametrize("name", BUILDS)
def test_snapshots_of_the_first_step_and_of_every_step(name: str) -> None:
    wanted = uninterrupted(name, 3)
    nb.seed(1)
    net = BUILDS[name]()
    before = net.snapshot()
    nb.seed(3)
    other = BUILDS[name]()
    other.restore(before)
    for _ in range(30):
        other.step()
        other.restore(other.snapshot())
    same(observe(other), wanted)


@settings(max_examples=15)
@given(
    name=st.sampled_from(sorted(BUILDS)),
    cuts=st.lists(st.integers(0, 150), min_size=1, max_size=2),
    seed=st.integers(0, 2**80),
)
def test_any_cuts(name: str, cuts: list[int], seed: int) -> None:
    nb.seed(seed)
    net = BUILDS[name]()
    net.run(20)
    wanted = observe(net)
    nb.seed(seed)
    net = BUILDS[name]()
    for cut in sorted(cuts):
        net._run(cut - net.clock.step, None)
        snapshot = net.snapshot()
        net.run(1)  # what is never to have happened
        nb.seed(seed + 1)
        net = BUILDS[name]()
        net.restore(snapshot)
    net._run(200 - net.clock.step, None)
    same(observe(net), wanted)


@st.composite
def networks(draw: st.DrawFn) -> Any:
    """A random network, as a function that makes it."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    refractory = draw(st.sampled_from([None, "1 ms", "2*ms*rand()", "v < 0.2"]))
    located = draw(st.booleans())
    noisy = draw(st.booleans()) and not located
    delays = draw(st.lists(st.sampled_from([0, 0.1, 1.5, 30]), max_size=3))
    statements = draw(
        st.sampled_from(["v_post += w", "w = rand()", "v_post = w*v_pre", "w += 0.1; v_post += w"])
    )

    def build() -> nb.Network:
        model = LIF.replace("I - v", "I - v + randn()") if noisy else LIF
        times = "interpolated" if located else "grid"
        one, two = (
            lif(n, model=model, refractory=refractory),
            lif(m, I=1.2, spike_times=times, method="rk4"),
        )
        links = [
            nb.Synapses(
                two, one, "w : 1", on_pre=statements, connect=nb.connect.probability(0.5), delay=d, w=0.2
            )
            for d in delays
        ]
        return nb.Network(*drive(one, 1), *drive(two, 1), *links)

    return build


@settings(max_examples=20)
@given(build=networks(), cut=st.integers(0, 300))
def test_random_networks(build: Any, cut: int) -> None:
    nb.seed(4)
    net = build()
    net.run(30)
    wanted = observe(net)
    nb.seed(4)
    net = build()
    net._run(cut, None)
    snapshot = net.snapshot()
    nb.seed(5)
    for again in (net, build()):
        again.restore(snapshot)
        again._run(300 - cut, None)
        same(observe(again), wanted)


OTHER_PROCESS = """
import sys
import numpy as np
import numpybrain as nb
from tests.kernel.checkpoints import BUILDS, observe

name, path, result = sys.argv[1:]
net = BUILDS[name]()
net.load(path)
net.run(36.6)
np.savez(result, **observe(net))
"""


@pytest.mark.parametrize("name", ["plastic", "draws", "interpolated_each", "method_rk45", "python"])
def test_another_process(name: str, tmp_path: Path) -> None:
    wanted = uninterrupted(name)
    nb.seed(1)
    net = BUILDS[name]()
    net.run(23.4)
    net.save(tmp_path / "saved")
    root = str(HERE.parent.parent.parent)
    words = [name, str(tmp_path / "saved"), str(tmp_path / "result.npz")]
    subprocess.run(
        [sys.executable, "-W", "error", "-c", OTHER_PROCESS, *words],
        env={**os.environ, "PYTHONPATH": root, "PYTHONHASHSEED": "7"}, check=True, timeout=120,
    )  # fmt: skip
    with np.load(tmp_path / "result.npz") as result:
        same(dict(result), {key: np.asarray(value) for key, value in wanted.items()})


# ---- what stays, and what goes on differently ----


def test_arrays_that_are_held_outside_stay_live() -> None:
    cells = lif()
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="v_post += w; w *= 1.01", w=0.01, connect=SOME)
    net = nb.Network(*drive(cells), synapses)
    v, w, part = cells.v, synapses.w, cells[3:5].v
    net.run(10)
    snapshot = net.snapshot()
    kept = [v.copy(), w.copy(), part.copy()]
    net.run(10)
    net.restore(snapshot)
    for array, live, before in zip((v, w, part), (cells.v, synapses.w, cells[3:5].v), kept, strict=True):
        assert np.shares_memory(array, live)
        assert np.array_equal(array, before)


def test_a_snapshot_does_not_change_any_more() -> None:
    net = BUILDS["delays_and_parts"]()
    net.run(10)
    snapshot = net.snapshot()
    before = {name: {k: np.copy(v) for k, v in snapshot[name].items()} for name in snapshot.names}
    net.run(10)
    net.restore(snapshot)
    net.run(5)
    for member in net.objects:
        if isinstance(member, nb.Neurons):
            member.v[:] = 7
        elif isinstance(member, nb.Monitor):
            member.t[:] = 7
    for name, values in before.items():
        for key, value in values.items():
            assert np.array_equal(value, snapshot[name][key]), (name, key)
            if isinstance(snapshot[name][key], np.ndarray):
                assert not snapshot[name][key].flags.writeable


def test_numbers_that_became_arrays_and_arrays_that_were_numbers() -> None:
    def build() -> tuple[nb.Network, nb.Neurons]:
        cells = lif()
        return nb.Network(*drive(cells)), cells

    net, cells = build()
    net.run(10)
    one_number = net.snapshot()
    assert one_number[cells.name]["state/values/I"] == 1.5
    held = cells.I
    held[3] = 4
    an_array = net.snapshot()
    net.run(10)
    net.restore(one_number)
    assert np.array_equal(held, np.full(20, 1.5))
    assert np.shares_memory(held, cells.I)
    other, others = build()
    assert not others.inspect.state.slots["I"].is_array
    other.restore(an_array)
    assert others.I.tolist() == [1.5] * 3 + [4] + [1.5] * 16
    other.restore(one_number)
    assert others.I.tolist() == [1.5] * 20
    fresh, some = build()
    fresh.restore(one_number)
    assert not some.inspect.state.slots["I"].is_array


def test_a_script_goes_on_differently() -> None:
    def build() -> tuple[nb.Network, nb.Neurons]:
        nb.seed(1)
        cells = lif(refractory="2 ms", model=f"{LIF}\nx : 1")
        return nb.Network(*drive(cells)), cells

    net, cells = build()
    net.run(15)
    snapshot = net.snapshot()
    cells.I = 2.5
    net.run(15)
    wanted = observe(net)
    net.run(10)
    other, others = build()
    for again, them in ((net, cells), (other, others)):
        again.restore(snapshot)
        again.run(3)
        assert again.t == pytest.approx(18)
        again.restore(snapshot)
        them.I = 2.5
        again.run(15)
        same(observe(again), wanted)


def test_streams_and_special_variables_that_were_asked_for_later() -> None:
    def build() -> tuple[nb.Network, nb.Neurons]:
        cells = nb.Neurons(10, LIF, threshold="v > 1", reset="v = 0")
        return nb.Network(*drive(cells)), cells

    nb.seed(1)
    net, cells = build()
    net.run(10)
    snapshot = net.snapshot()
    last = cells.lastspike
    cells.v = "rand()"
    wanted = cells.v.copy()
    net.run(20)
    assert (last > 0).all()
    late, spiked = net.snapshot(), last.copy()
    net.restore(snapshot)
    assert (last == -1e7).all()
    cells.v = "rand()"
    assert np.array_equal(cells.v, wanted)
    other, others = build()
    other.restore(late)
    assert np.array_equal(others.lastspike, spiked)
    other.restore(snapshot)
    others.v = "rand()"
    assert np.array_equal(others.v, wanted)
    assert (others.lastspike == -1e7).all()


def test_synapses_get_the_pairs_of_the_snapshot() -> None:
    def build(*more: Any) -> tuple[nb.Network, nb.Synapses]:
        nb.seed(1)
        cells = lif()
        synapses = nb.Synapses(cells[2:], cells, "w : 1", on_pre="v_post += w", on_post="w += 0.01", w="rand()",
                               connect=nb.connect.probability(0.2), delay="3 ms")  # fmt: skip
        for rule in more:
            synapses.connect(rule, w=0.25)
        return nb.Network(*drive(cells), synapses, nb.Monitor(synapses, "w", every="1 ms")), synapses

    net, synapses = build(([0, 1], [3, 4]), ([17], [19]))
    net.run(20)
    snapshot = net.snapshot()
    net.run(20)
    wanted = observe(net)
    for more in ((), (([5] * 30, [6] * 30),), (([1, 0], [4, 3]), ([17], [19]))):
        other, others = build(*more)
        assert others.i.tolist() != synapses.i.tolist()
        assert others.N  # which is kept as a variable
        other.restore(snapshot)
        assert (others.size, others.N, others.w.size) == (synapses.size,) * 3
        other.run(20)
        same(observe(other), wanted)
        assert f"on_pre of {synapses.size} synapses" in str(other.schedule)


def test_monitors_begin_anew_without_records() -> None:
    def build(*others: str) -> tuple[nb.Network, nb.Neurons, list[Any]]:
        cells = lif()
        monitors = [nb.Monitor(cells, "spikes"), *(nb.Monitor(cells, name) for name in others)]
        return nb.Network(cells, *monitors), cells, monitors

    net, _, (spikes,) = build()
    net.run(20)
    whole, bare = net.snapshot(), net.snapshot(records=False)
    count = len(spikes)
    net.run(20)
    wanted = spikes.t[count:].tolist()
    assert bare.names == [net.objects[0].name]
    for snapshot, keywords in ((whole, {"records": False}), (bare, {}), (bare, {"records": False})):
        other, _, monitors = build("v", "I")
        other.run(3)
        other.restore(snapshot, **keywords)
        assert [len(m) for m in monitors] == [0, 0, 0]
        other.run(20)
        assert monitors[0].t.tolist() == wanted
        assert monitors[1].t[0] == 20
        assert monitors[0].rate == pytest.approx(len(wanted) / 20 / 0.02)
    with pytest.raises(nb.CheckpointError, match="does not fit"):
        other.restore(whole)


def test_snapshots_can_be_looked_at(tmp_path: Path) -> None:
    cells = lif(name="cells")
    net = nb.Network(cells, nb.Monitor(cells, "spikes", name="../spikes"))
    net.run(12)
    v = cells.v
    snapshot = net.snapshot()
    assert (snapshot.t, snapshot.dt, snapshot.step, snapshot.records) == (12, 0.1, 120, True)
    assert snapshot.names == ["cells", "../spikes"]
    assert np.array_equal(snapshot["cells"]["state/values/v"], v)
    assert snapshot["cells"]["state/values/I"] == 1.5
    assert repr(snapshot).startswith("<Snapshot t=12 ms of 'cells' '../spikes' ")
    assert {"numpy", "numpybrain", "python", "sympy"} == set(snapshot.versions)
    with pytest.raises(nb.UnknownNameError, match="did you mean 'cells'"):
        snapshot["cell"]
    snapshot.save(tmp_path / "a")
    nb.load(tmp_path / "a").save(str(tmp_path / "b"))
    net.save(os.fsencode(tmp_path / "c"))
    contents = {(tmp_path / name).read_bytes() for name in "abc"}
    assert len(contents) == 1  # equal states are equal files
    with np.load(tmp_path / "a") as arrays:  # without NumpyBrain
        assert np.array_equal(arrays["cells/state/values/v"], v)
        assert b'"cells"' in arrays["numpybrain.json"]


@pytest.mark.parametrize("name", ["snapshot", "save", "restore", "load"])
def test_not_in_the_middle_of_a_run(name: str, tmp_path: Path) -> None:
    cells = lif()
    net = nb.Network(cells)

    @cells.at("end")
    def call() -> None:
        getattr(net, name)(*[] if name == "snapshot" else [tmp_path / "x"])

    with pytest.raises(nb.NetworkError, match="must not call") as caught:
        net.run(1)
    assert "run in parts" in str(caught.value)
    assert not list(tmp_path.iterdir())
