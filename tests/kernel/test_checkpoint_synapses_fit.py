"""What synapses must have in common with those of a snapshot; and what comes right though it was different."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import numpybrain as nb
from numpybrain.checkpoints.checkpoint import Part, Snapshot
from tests.kernel.checkpoints import SOME, lif, observe, same

TRACES = """
    w : 1
    da/dt = -a/(20*ms) : 1 (event-driven)
    db/dt = -b/(15*ms) : 1 (event-driven, post)
    """
DELAYS = {"up": "1.5 ms", "down": "0.2*ms + rand()*ms"}


def build(**changes: Any) -> nb.Network:
    """A network of whose synapses one thing may be different."""
    cells, others = lif(name="cells"), lif(10, name="others")
    ends = changes.pop("ends", slice(0, 15)), changes.pop("target", others)
    pathways = {"up": "v_post += w; a += 0.1; w = clip(w - 0.01*b, 0, 1)", "down": "v_post -= 0.3*w"}
    given = {
        "model": TRACES,
        "on_pre": pathways,
        "on_post": "b += 0.1",
        "dendritic_delay": "0.7 ms",
        "delay": DELAYS,
    }
    values = {k: v for k, v in {**given, **changes}.items() if v is not None}
    synapses = nb.Synapses(cells[ends[0]], ends[1], connect=SOME, w=0.1, name="synapses", **values)
    return nb.Network(cells, others, synapses)


def busy() -> nb.Network:
    """The network when something is under way everywhere."""
    net = build()
    net.run(10)
    while not all(
        np.any(net.snapshot()["synapses"][f"pathways/up/{key}"]) for key in ("spikes", "dendrite_left")
    ):
        net.step()
    return net


ONE, TWO = "v_post += w", "v_post -= 0.3*w"
DIFFERENT: dict[str, tuple[dict[str, Any], str]] = {
    "names of pathways": (
        {"on_pre": {"up": ONE, "below": TWO}, "delay": {"up": "1.5 ms"}}, "pathways is ['up', 'below', 'on_post'], was ['up', 'down', 'on_post']",
    ),
    "one pathway less": ({"on_pre": {"up": ONE}, "delay": {"up": 1.5}}, "pathways is ['up', 'on_post'], was"),
    "order of pathways": ({"on_pre": {"down": TWO, "up": ONE}}, "pathways is ['down', 'up', 'on_post'], was"),
    "side of a pathway": (
        {"on_pre": {"up": ONE}, "on_post": {"down": "w *= 1.1", "on_post": "b += 0.1"}},
        "events is ['pre spikes', 'post spikes', 'post spikes'], was ['pre spikes', 'pre spikes', 'post spikes']",
    ),
    "own delay": ({"delay": {"up": "1.5 ms"}}, "variable 'delay_down' is missing"),
    "no dendrite": ({"dendritic_delay": None}, "variable 'dendritic_delay' is missing"),
    "delivery": (
        {"delivery": "instant", "dendritic_delay": None, "delay": None}, "delivery is ['instant', 'lost'], was [None, None]",
    ),
    "side of a variable": (
        {"model": TRACES.replace("driven, post", "driven"), "on_post": "w *= 1.0"}, "places is {}, was {'b': 'post'}",
    ),
    "another variable": ({"model": TRACES + "c : 1"}, "variable 'c' is new"),
    "kind of a variable": (
        {"model": TRACES.replace("da/dt = -a/(20*ms) : 1 (event-driven)", "a : 1")}, "'a' of 'synapses': kind is parameter, was differential",
    ),
    "source": ({"ends": slice(0, 16)}, "source is [0, 0, 16], was [0, 0, 15]"),
    "target": ({"target": None}, "target is [0, 0, 15], was [1, 0, 10]"),
}  # fmt: skip


@pytest.mark.parametrize("case", DIFFERENT)
def test_other_synapses_are_refused_unchanged(case: str) -> None:
    changes, words = DIFFERENT[case]
    other = build(**changes)
    other.run(3)
    before = observe(other)
    with pytest.raises(nb.CheckpointError) as caught:
        other.restore(busy().snapshot())
    assert words in str(caught.value)
    assert "nothing has been changed" in str(caught.value)
    same(observe(other), before)


WRONG: dict[str, list[Any]] = {
    "sides/post/values/b": [np.zeros(9), np.zeros((10, 1)), np.zeros(10, dtype=int), "b", None],
    "sides/post/values/_since_b": [np.zeros(11), "x"],
    "sides/pre/values/a": [np.zeros(14), np.zeros(150), "x"],
    "sides/pre/values/unknown": [np.zeros(15)],
    "sides/post/exposed": [1, None],
    "blocked": [1, None],
    "state/values/delay_down": [np.zeros(3), "x", None],
    "pathways/up/kept": [-1, 1, "x", None],
    "pathways/up/kept/0/synapses": [np.array([0])],
    "pathways/up/dendrite_left": [-1, 10**6, None],
    "pathways/up/dendrite_v_post": [np.zeros(11), np.zeros(0), np.zeros((8, 10)), None],
    "pathways/up/spikes": [np.array([20]), None],
    "pathways/up/spikes_sizes": [np.array([1]), np.zeros(0), None],
    "pathways/up/synapses": [np.array([10**6]), np.array([-1]), None],
    "pathways/on_post/synapses_sizes": [np.array([7] * 9), None],
    "pathways/other/steps": [np.zeros(0, dtype=int)],
    "updates/pre/unknown/x": [np.zeros(1)],
}


@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("key", WRONG)
def test_wrong_values_are_refused_unchanged(key: str, read: bool) -> None:
    net = busy()
    snapshot = net.snapshot()
    other = build()
    if read:
        assert other.objects[2].a.size == other.objects[2].size
    before = observe(other)
    for value in WRONG[key]:
        parts = []
        for part in snapshot._parts:
            values = {**part.values, **({key: value} if part.name == "synapses" else {})}
            parts.append(Part(part.fingerprint, {k: v for k, v in values.items() if v is not None}))
        forged = Snapshot(parts, step=snapshot.step, dt=0.1, records=True, versions={})
        if key.startswith("updates"):
            other.restore(forged)  # what has been learnt about variables that live elsewhere is left alone
            continue
        with pytest.raises(nb.CheckpointError, match="nothing has been changed"):
            other.restore(forged)
        same(observe(other), before)
    other.restore(snapshot)
    net.run(20)
    other.run(20)
    same(
        {k: v for k, v in observe(other).items() if k != "2 a"},
        {k: v for k, v in observe(net).items() if k != "2 a"},
    )


# ---- what was found on the way ---------------------------------------------------------------------


@pytest.mark.parametrize("read", [False, True])
def test_a_dendrite_that_only_some_pathways_have(read: bool) -> None:
    """A pathway that adds to no neurons has no dendrite, whether its variable has been read or not."""

    def made() -> tuple[nb.Network, nb.Synapses]:
        cells = lif()
        synapses = nb.Synapses(
            cells, cells, "da/dt = -a/(20*ms) : 1\nw = 0.05 : 1", on_pre={"trace": "a += 1", "act": "v_post += w"},
            connect=SOME, dendritic_delay="1 ms",
        )  # fmt: skip
        return nb.Network(cells, synapses), synapses

    nb.seed(1)
    (net, synapses), (other, others) = made(), made()
    if read:
        assert others.a.size
    net.run(10)
    other.restore(net.snapshot())
    net.run(10)
    other.run(10)
    assert np.array_equal(others.a, synapses.a)
    net.restore(other.snapshot())
    assert np.array_equal(others.a, synapses.a)


@pytest.mark.parametrize("cuts", [[5], [1.2, 3.8], [1.7, 3.3]])
def test_a_weight_that_is_assigned_in_a_run_counts_at_the_arrival(cuts: list[float]) -> None:
    source = nb.Neurons(1, {"v": "1"}, threshold=lambda t, v: np.full(v.shape, round(t / 0.1) == 10))
    cells = nb.Neurons(3, "v : 1")
    synapses = nb.Synapses(
        source, cells, "w : 1", on_pre="v_post += w", connect="all_to_all", w=1, delay=[0.3, 2, 3]
    )

    @cells.at("start")
    def assign(t: float) -> None:
        if round(t / 0.1) == 15:
            synapses.w = 5

    net = nb.Network(source, cells, synapses)
    for length in cuts:
        net.run(length)
    assert cells.v.tolist() == [1, 5, 5]


@pytest.mark.parametrize("cuts", [[6], [2, 4], [0.5, 1.7, 3.8]])
def test_delays_that_a_function_changes_from_the_first_run_on(cuts: list[float]) -> None:
    source = nb.Neurons(1, {"v": "1"}, threshold=lambda t, v: np.full(v.shape, round(t / 0.1) in (10, 20)))
    cells = nb.Neurons(1, "v : 1")
    synapses = nb.Synapses(source, cells, on_pre="v_post += 1", connect="all_to_all", delay=1)
    trace = nb.Monitor(cells, "v")

    @synapses.at("start")
    def move(delay: np.ndarray, t: float) -> None:
        delay[:] = 2 if round(t / 0.1) > 15 else 3

    net = nb.Network(source, cells, synapses, trace)
    for length in cuts:
        net.run(length)
    assert np.rint(trace.t[np.diff(trace.v[:, 0], prepend=0) > 0] / 0.1).tolist() == [41]
    assert cells.v[0] == 2  # both have arrived at 4 ms: after 3 ms, and after 2 ms


def test_longer_and_shorter_delays_with_spikes_under_way() -> None:
    """In one run, in parts, and resumed, with amounts whose sum depends on their order."""
    rng = np.random.default_rng(3)
    amounts = rng.random(200) * 10.0 ** rng.integers(-8, 8, 200)

    def made() -> tuple[nb.Network, nb.Neurons, nb.Synapses]:
        source = nb.Neurons(200, "v : 1", threshold="rand() < 0.2")
        cells = nb.Neurons(2, "v : 1")
        synapses = nb.Synapses(
            source,
            cells,
            "w : 1",
            on_pre="v_post += w",
            connect="all_to_all",
            w=np.repeat(amounts, 2),
            delay=2,
        )
        return nb.Network(source, cells, synapses), cells, synapses

    delays = [1.5, rng.random(400) * 4, rng.random(400) * 0.5, rng.random(400) * 3, 0.4]
    sums = []
    for cuts in ([], range(5, 100, 7), range(1, 100)):
        for resumed in (False, True):
            nb.seed(1)
            net, cells, synapses = made()
            for step in range(100):
                if step % 20 == 0:
                    synapses.delay = delays[step // 20]
                if step in cuts:
                    snapshot = net.snapshot()
                    if resumed:
                        net, cells, synapses = made()
                    net.restore(snapshot)
                stops = [s for s in [*cuts, 20, 40, 60, 80, 100] if s > step]
                if step % 20 == 0 or step in cuts:
                    net._run(min(stops) - step, None)
            sums.append(cells.v.tobytes())
    assert len(set(sums)) == 1


def test_links_of_synapses_that_go() -> None:
    def made(*pairs: Any) -> tuple[nb.Network, nb.Synapses]:
        cells = lif()
        synapses = nb.Synapses(cells, cells, "x : 1 (linked)", on_pre="v_post += 0.01*x", connect=pairs)
        synapses.x = nb.link(cells, "v", index=np.arange(len(pairs[0]))[::-1])
        return nb.Network(cells, synapses), synapses

    net, synapses = made([0, 1, 2], [3, 4, 5])
    full = net.snapshot()
    synapses.remove(1)
    net.run(5)
    assert np.array_equal(synapses.x, net.objects[0].v[[2, 0]])
    less = net.snapshot()
    for again, one in ((net, synapses), made([7, 8, 9, 3], [1, 2, 3, 4])):
        again.restore(full)
        assert one.i.tolist() == [0, 1, 2]
        assert np.array_equal(one.x, again.objects[0].v[[2, 1, 0]])
        again.restore(less)
        assert np.array_equal(one.x, again.objects[0].v[[2, 0]])
        again.run(1)


def test_a_shared_variable_that_is_no_number_stays_one() -> None:
    cells = nb.Neurons(3, "x : 1 (shared)", x=np.nan)
    net = nb.Network(cells, check_finite=False)
    cells.inspect.state.slots["x"].array(1)
    assert np.isnan(cells.x)
    net.restore(net.snapshot())
    assert np.isnan(cells.x)


def test_links_to_one_value_for_all_need_no_index() -> None:
    def made(connect: Any) -> tuple[nb.Network, nb.Synapses]:
        cells = lif(model="dv/dt = -v/ms : 1\nx : 1 (shared)", x=3)
        synapses = nb.Synapses(cells, cells, "y : 1 (linked)", on_pre="v_post += y", connect=connect)
        synapses.y = nb.link(cells, "x")
        return nb.Network(cells, synapses), synapses

    (net, _), (other, others) = made("i < 3 and j < 4"), made("i == j")
    other.restore(net.snapshot())
    other.run(1)
    assert others.size == 12
    assert np.all(others.y == 3)


def test_monitors_of_synapses_without_records() -> None:
    def made() -> tuple[nb.Network, nb.Synapses, list[nb.Monitor]]:
        cells = lif()
        synapses = nb.Synapses(
            cells, cells, "w : 1", on_pre="v_post += w", connect=([0, 1, 2], [3, 4, 5]), w=[1, 2, 3]
        )
        monitors = [nb.Monitor(synapses, "w"), nb.Monitor(synapses, "w", of=[2, 0])]
        return nb.Network(cells, synapses, monitors), synapses, monitors

    net, synapses, _ = made()
    synapses.connect(([7], [8]), w=4)
    more = net.snapshot(records=False)
    synapses.remove([1, 2, 3])
    less = net.snapshot(records=False)
    for snapshot, everything, two in ((more, [1, 2, 3, 4], [3, 1]), (less, [1], [np.nan, 1])):
        other, _, monitors = made()
        other.restore(snapshot)
        other.run(0.1)
        for monitor, wanted in zip(monitors, (everything, two), strict=True):
            np.testing.assert_array_equal(monitor.w[0], wanted)


def test_a_monitor_when_no_synapse_is_left() -> None:
    cells = lif()
    synapses = nb.Synapses(cells, cells, "w : 1", connect=([0, 1], [3, 4]), w=2)
    monitor = nb.Monitor(synapses, "w", of=[1])
    net = nb.Network(cells, synapses, monitor)
    net.run(0.1)
    synapses.remove([0, 1])
    net.run(0.1)
    np.testing.assert_array_equal(monitor.w, [[2], [np.nan]])


@pytest.mark.parametrize("method", ["rk4", "rk45", "backward_euler"])
def test_loops_over_one_value_for_all_and_over_variables_that_have_moved(method: str) -> None:
    cells = nb.Neurons(4, "v : 1", threshold="v > 1")
    synapses = nb.Synapses(
        cells, cells, "dD/dt = (1.1 - D**3)/(20*ms) : 1 (shared)\nds/dt = (0.5 - s**3)/(5*ms) : 1\nx : 1",
        on_pre={"one": "s += 1", "two": "x += s"}, connect="all_to_all", method=method,
    )  # fmt: skip
    net = nb.Network(cells, synapses)
    assert "s" in synapses.inspect.placed_unasked
    net.run(5)
    assert synapses.s.shape == (16,)
    net.run(5)
    assert "s" not in synapses.inspect.placed_unasked
    exact = solve_ivp(
        lambda t, y: [(1.1 - y[0] ** 3) / 20, (0.5 - y[1] ** 3) / 5],
        (0, 10),
        [0, 0],
        rtol=1e-10,
        atol=1e-12,
    ).y[:, -1]
    tolerance = 1e-2 if method == "backward_euler" else 1e-6
    assert pytest.approx(exact[0], rel=tolerance) == synapses.D
    assert synapses.s == pytest.approx(np.full(16, exact[1]), rel=tolerance)


def test_reading_a_number_that_equations_with_flags_use() -> None:
    cells = lif()
    synapses = nb.Synapses(cells, cells, "da/dt = -a/tau_a : 1 (event-driven, pre)\ntau_a = 20*ms : ms",
                           on_pre="a += 1", connect=SOME)  # fmt: skip
    net = nb.Network(cells, synapses)
    net.run(5)
    assert (synapses.tau_a == 20).all()
    net.run(5)
