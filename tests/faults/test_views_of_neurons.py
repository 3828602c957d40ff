"""Arrays of neurons take conditions as an index, and texts and quantities as values, as those of synapses do."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain.kernel.operations import Task
from numpybrain.units import mV, nA, volt

N = 6
MODEL = """
    dv/dt = -v/tau : mV
    u : 1
    tau = 10*ms : ms
    n : integer
    b : boolean
    s : 1 (shared)
    c = 4 : 1 (constant)
    x = 2*v : volt
    y = s : 1 (shared)
    z : 1 (linked)
    k = 2*u : 1 (constant over dt)
    """
V = [-70.0, 5.0, -1.0, 7.0, 0.0, 3.0]


def group(**options: Any) -> nb.Neurons:
    cells = nb.Neurons(N, MODEL, name="cells", **options)
    cells.z = nb.link(cells, "u")
    cells.v, cells.u = V, np.arange(N)
    return cells


# ---- reading ----


CONDITIONS: dict[str, Callable[[int], bool]] = {
    "v > 0*mV": lambda k: V[k] > 0,
    "v > 0.002*volt and u != 3": lambda k: V[k] > 2 and k != 3,
    "x < 0*volt or i == 5": lambda k: V[k] < 0 or k == 5,
    "i >= N/2": lambda k: k >= 3,
    "z == 2": lambda k: k == 2,
    "tau > 5*ms": lambda k: True,
    "False": lambda k: False,
    "not b": lambda k: True,
    "t == 0*ms": lambda k: True,
    "u % 2 == 1": lambda k: k % 2 == 1,
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions_choose_neurons(condition: str) -> None:
    cells = group()
    expected = [k for k in range(N) if CONDITIONS[condition](k)]
    assert cells.u[condition].tolist() == expected
    assert cells.v[condition].tolist() == [V[k] for k in expected]
    assert cells.x[condition].tolist() == pytest.approx([2e-3 * V[k] for k in expected])  # a subexpression
    assert cells.i[condition].tolist() == expected
    cells.u[condition] = -1
    assert cells.u.tolist() == [-1 if k in expected else k for k in range(N)]


@settings(max_examples=40)
@given(start=st.integers(0, N - 1), stop=st.integers(1, N), condition=st.sampled_from(sorted(CONDITIONS)))
def test_conditions_of_parts_count_in_the_part(start: int, stop: int, condition: str) -> None:
    if stop <= start:
        return
    cells = group()
    part = cells[start:stop]
    if "i" in condition and "N" in condition:
        expected = [k for k in range(part.size) if k >= part.size / 2]
    elif "i ==" in condition:
        expected = [k for k in range(part.size) if V[start + k] < 0 or k == 5]
    else:
        expected = [k for k in range(part.size) if CONDITIONS[condition](start + k)]
    assert part.u[condition].tolist() == [start + k for k in expected]
    part.u[condition] = "-i - 1"
    changed = {start + k: -k - 1 for k in expected}
    assert cells.u.tolist() == [changed.get(k, k) for k in range(N)]


def test_parts_of_the_group_are_an_index() -> None:
    cells = group()
    assert cells.u[cells[2:4]].tolist() == [2, 3]
    assert cells[1:5].u[cells[2:4]].tolist() == [2, 3]
    cells.u[cells[2:4]] = "i"
    assert cells.u.tolist() == [0, 1, 2, 3, 4, 5]
    cells.u[cells[0]] = 9
    assert cells.u[0] == 9
    for part, key in ((cells[1:3], cells[2:4]), (cells, group()), (cells[1:3], cells)):
        with pytest.raises(nb.IndexRangeError, match="is no part of"):
            part.u[key]


def test_monitors_choose_neurons_by_condition() -> None:
    cells = group()
    monitors = [nb.Monitor(cells, "u", of="v > 0*mV"), nb.Monitor(cells[2:], "u", of="v > 0*mV"),
                nb.Monitor(cells, "u", of=cells[2:4])]  # fmt: skip
    nb.Network(cells, *monitors).step()
    assert [m.u.tolist() for m in monitors] == [[[1, 3, 5]], [[3, 5]], [[2, 3]]]


# ---- writing ----


WRITTEN: dict[str, tuple[Any, Any, Any]] = {  # index, value, what the chosen ones become
    "text": (slice(0, 5), "-60 mV", -60),
    "one quantity": (0, 5 * mV, 5),
    "other unit": (slice(1, 3), 0.004 * volt, 4),
    "quantities": ([0, 2], [1, 2] * mV, [1, 2]),
    "list of quantities": ([0, 2], [1 * mV, 0.002 * volt], [1, 2]),
    "list of texts": ([0, 2], ["1 mV", "2 mV"], [1, 2]),
    "number": (3, 7, 7),
    "array": (slice(None, None, 2), np.array([1.0, 2, 3]), [1, 2, 3]),
    "expression": (slice(2, 5), "i*mV + v", [1, 10, 4]),
    "expression everywhere": (slice(None), "10*mV*(i + 1)", [10, 20, 30, 40, 50, 60]),
    "function": ([4, 1], lambda v, i: v + 100 * i, [400, 105]),
    "function of units": (slice(0, 2), lambda: 3 * mV, 3),
    "booleans": (np.arange(N) > 3, "2 mV", 2),
    "everything": (..., "2 mV", 2),
    "negative index": (-1, "2 mV", 2),
}  # fmt: skip


@pytest.mark.parametrize("which", WRITTEN)
@pytest.mark.parametrize("part", [False, True])
def test_what_is_assigned_is_converted(which: str, part: bool) -> None:
    index, value, number = WRITTEN[which]
    model = "dv/dt = -v/tau : mV\ntau = 10*ms : ms"
    if part:
        whole = nb.Neurons(N + 3, model, name="cells")
        cells: Any = whole[2 : N + 2]
    else:
        whole = cells = nb.Neurons(N, model, name="cells")
    cells.v = V
    right = np.array(V)
    right[index] = number
    cells.v[index] = value
    assert cells.v.tolist() == pytest.approx(right.tolist())
    if part:
        assert whole.v[[0, 1, -1]].tolist() == [0, 0, 0]
    net = nb.Network(whole)
    net.run(10)
    assert cells.v.tolist() == pytest.approx((right * np.exp(-1)).tolist())  # and it is what runs


def test_values_in_place() -> None:
    cells = group()
    cells.v += 5 * mV
    assert cells.v.tolist() == [x + 5 for x in V]
    cells.v -= "0.005*volt"
    assert cells.v.tolist() == pytest.approx(V)
    cells.v -= "i*mV"
    assert cells.v.tolist() == pytest.approx([x - k for k, x in enumerate(V)])
    cells.v *= 2
    cells.v[2:4] += 1
    cells.v["i == 0"] *= 0
    assert cells.v.tolist() == pytest.approx([0, 8, -5, 9, -8, -4])
    part = cells[1:3]
    part.v += 1 * mV
    part.v[0] += 1
    assert cells.v.tolist() == pytest.approx([0, 10, -4, 9, -8, -4])
    with pytest.raises(nb.UnitError, match="'v' of 'cells'"):
        cells.v += 5 * nA


BAD: dict[str, tuple[str, Any, Any, type[nb.NumpyBrainError], str]] = {
    "unit": ("v", slice(2), "1 nA", nb.UnitError, "'v' of 'cells'"),
    "unit of quantity": ("v", 0, 5 * nA, nb.UnitError, "'v' of 'cells' must be a voltage"),
    "shape": ("v", slice(2), [1, 2, 3], nb.ShapeError, r"'v' of 'cells' needs 1 value here, or values of shape \(2,\)"),
    "shape of one": ("v", 0, [1, 2, 3], nb.ShapeError, r"values of shape \(\)"),
    "kind": ("v", 0, None, nb.ArgumentError, "'v' of 'cells' must be"),
    "letters": ("v", 0, "abc", nb.UnknownNameError, "unknown name 'abc'"),
    "fraction": ("n", 0, 2.5, nb.ArgumentError, "'n' of 'cells' must be whole numbers"),
    "function": ("v", 0, lambda: np.ones(2), nb.ShapeError, "'v' of 'cells' needs 1 or 6 values"),
    "subexpression": ("x", 0, 1, nb.ModelError, "'x' of 'cells' is a subexpression"),
    "over dt": ("k", 0, 1, nb.ModelError, "'k' of 'cells'"),
    "linked": ("z", 0, 1, nb.ModelError, "'z' of 'cells' cannot be assigned"),
    "index": ("i", 0, 1, nb.ModelError, "'i' of 'cells' cannot be assigned"),
    "lastspike": ("lastspike", 0, 1, nb.ModelError, "'lastspike' of 'cells' cannot be assigned"),
    "not_refractory": ("not_refractory", 0, True, nb.ModelError, "'not_refractory' of 'cells' cannot be assigned"),
    "no condition": ("v", "v", 1, nb.UnitError, "the condition must be a condition"),
    "condition unit": ("v", "v > 0", None, nb.NumpyBrainError, "'v' of 'cells' must be"),
    "condition name": ("v", "w > 0", 1, nb.UnknownNameError, "unknown name 'w' in the condition"),
}  # fmt: skip


@pytest.mark.parametrize("which", BAD)
@pytest.mark.parametrize("part", [False, True])
def test_wrong_assignments_change_nothing(which: str, part: bool) -> None:
    name, index, value, kind, message = BAD[which]
    cells = group(threshold="v > 100*mV")
    before = {x: np.array(getattr(cells, x)) for x in ("v", "u", "n", "i", "lastspike")}
    owner = cells[:] if part else cells
    with pytest.raises(kind, match=message.replace("'cells'", r"'cells(\[0:6\])?'")):
        getattr(owner, name)[index] = value
    for x, values in before.items():
        np.testing.assert_array_equal(getattr(cells, x), values)


def test_groups_in_python() -> None:
    cells = nb.Neurons(3, {"v": "mV"}, name="cells")
    cells.v[:2] = "-60 mV"
    cells.v[2] = 0.001 * volt
    assert cells.v.tolist() == [-60, -60, 1]
    with pytest.raises(nb.ModelError, match="'cells' is written in Python: it knows no conditions"):
        cells.v["v > 0*mV"]


def test_sides_of_synapses() -> None:
    """Variables with one value for each source or target neuron are no worse."""
    cells = group()
    made = nb.Synapses(
        cells, cells[1:], "q : mV (pre)\np : mV (post)\nw : mV", connect="i != j", name="syn"
    )
    made.q[:3] = "2 mV"
    made.q["i == 4"] = 0.003 * volt
    made.p[cells[2:4]] = "j*mV"
    assert made.q.tolist() == [2, 2, 2, 0, 3, 0]
    assert made.p.tolist() == [0, 1, 2, 0, 0]
    made.w = "i*mV"
    for act in (lambda: made.q.__setitem__(0, "1 nA"), lambda: made.v_post.__setitem__(0, 1),
                lambda: made.q["w > 0*mV"]):  # fmt: skip
        with pytest.raises(nb.NumpyBrainError):
            act()
    assert made.q.tolist() == [2, 2, 2, 0, 3, 0]


def test_delays_are_checked_when_they_are_assigned() -> None:
    cells = group(threshold="v > 100*mV")
    made = nb.Synapses(
        cells, cells, on_pre="u += 1", connect="i == j", delay=[1, 2, 3, 4, 5, 6], name="syn"
    )
    held = made.delay
    for wrong in (-1, np.nan, "1 mV", [1, 2]):
        with pytest.raises(nb.NumpyBrainError):
            made.delay[0] = wrong
        assert held.tolist() == made.delay.tolist() == [1, 2, 3, 4, 5, 6]
    made.delay["i > 3"] = "7 ms"
    assert held.tolist() == [1, 2, 3, 4, 7, 7]


# ---- plain where nothing of this is needed ----


def test_what_is_made_of_an_array_is_plain() -> None:
    v = group().v
    for made in (v + 1, 1 - v, np.sqrt(np.abs(v)), v > 0, v[2:5], v[[1, 2]], v["i < 3"], np.where(v > 1, v, 0),
                 np.concatenate([v, v]), v @ np.ones((N, 2)), np.cumsum(v)):  # fmt: skip
        assert type(made) is np.ndarray
    for number in (v.sum(), v.mean(), v[3], v.max(), np.dot(v, v), v @ v):
        assert isinstance(number, np.floating)
    assert np.asarray(v).base is not None
    assert np.shares_memory(np.asarray(v), v)
    assert v.tolist() == V
    assert repr(v) == repr(np.array(V))
    copied = v.copy()
    copied[:2] = 0
    assert v.tolist() == V


def test_arrays_stay_the_same_and_live() -> None:
    cells = group()
    view = cells.v
    assert cells.v is view
    raw = np.asarray(view)
    raw[0] = 1
    assert view[0] == 1
    cells.v = "2 mV"
    assert raw.tolist() == view.tolist() == [2] * N
    seen = []

    @cells.at("start")
    def look(v: Any, tau: Any) -> None:
        seen.append((type(v), type(tau)))
        v[:] = 3

    nb.Network(cells).step()
    assert seen == [(np.ndarray, np.ndarray)]
    assert view.tolist() == pytest.approx([3 * np.exp(-0.01)] * N)


def test_nothing_is_kept_alive() -> None:
    cells = group()
    net = nb.Network(cells)
    net.step()
    part, dead = cells.v[:3], [weakref.ref(cells), weakref.ref(net)]
    del cells, net
    gc.collect()
    assert [ref() for ref in dead] == [None, None]
    assert part.size == 3


# ---- in a run ----


@pytest.mark.parametrize(
    "how", ["attribute", "element", "condition", "part", "part element", "text", "in place", "taken before"]
)
@pytest.mark.parametrize("when", ["start", "end"])
def test_assignments_in_a_run_are_noticed(how: str, when: str) -> None:
    """`g` is calculated with once per run, until somebody assigns to it, however that is done."""
    cells = nb.Neurons(
        4, "dv/dt = g*h/ms : 1\ng = 1 : 1\nh = 1 : 1 (constant)", name="cells", method="euler"
    )
    taken = cells.g if how == "taken before" else None
    acts: dict[str, Callable[[], Any]] = {
        "attribute": lambda: setattr(cells, "g", 3),
        "element": lambda: cells.g.__setitem__(slice(None), 3),
        "condition": lambda: cells.g.__setitem__("g > 0", 3),
        "part": lambda: [setattr(cells[:2], "g", 3), setattr(cells[2:], "g", 3)],
        "part element": lambda: [cells[:2].g.__setitem__(0, 3), cells.g.__setitem__([1, 2, 3], 3)],
        "text": lambda: cells.g.__setitem__(slice(None), "g + 2"),
        "in place": lambda: setattr(cells, "g", cells.g.__iadd__("2")),
        "taken before": lambda: taken.__setitem__(slice(None), 3),
    }

    def act(t: float) -> None:
        if t == 3:
            acts[how]()

    cells.at(when, act)
    net = nb.Network(cells, dt=1)
    net.run(6)
    right = 3 * 1 + 3 * 3 if when == "start" else 4 * 1 + 2 * 3
    assert cells.v.tolist() == [right] * 4


@pytest.mark.parametrize("element", [False, True])
def test_assignments_to_constants_in_a_run_are_noticed(element: bool) -> None:
    """Those are not looked at in every step, even where somebody holds their arrays."""
    cells = nb.Neurons(2, "dv/dt = h/ms : 1\nh = 1 : 1 (constant)", method="euler")
    held = cells.h

    @cells.at("start", changes=[])
    def change(t: float) -> None:
        if t == 2:
            if element:
                held[0] = 5
            else:
                cells.h = 5

    nb.Network(cells, dt=1).run(4)
    assert cells.v.tolist() == ([12, 4] if element else [12, 12])


def test_assignments_that_everybody_sees_cost_no_new_preparation() -> None:
    """An array that somebody holds is looked at in every step where Python runs: nothing has to be prepared."""
    cells = nb.Neurons(4, "dv/dt = (I - v)/(10*ms) : 1\nI : 1", name="cells")
    count = [0]
    stage = cells.stages[0]
    operation = stage.operation

    def counted(run: Any) -> Any:
        count[0] += 1
        return operation.prepare(run)

    stage.operation = Task(counted, lambda: (operation,))
    cells.at("start", lambda t: cells.I.__setitem__(slice(None), t))
    net = nb.Network(cells, dt=1)
    net.run(50)
    assert count[0] <= 2


# ---- what is written in a run ----


def test_elements_written_in_each_step_have_nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody looks at the array in every step: synapses were asked at each assignment, to no end."""
    cells = nb.Neurons(3, "dv/dt = I/ms : 1\nI : 1", threshold="v > 100")
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="v += w", connect="i != j")

    @cells.at("start")
    def drive(t: float) -> None:
        cells.I[0] = round(t / 0.1)

    net = nb.Network(cells, synapses, dt=0.1)
    net.run(0.5)
    asked = []
    notice = nb.Synapses.notice
    monkeypatch.setattr(nb.Synapses, "notice", lambda s, slot: asked.append(slot) or notice(s, slot))
    net.run(0.5)
    assert not asked
    assert cells.v.tolist() == pytest.approx([0.1 * sum(range(10)), 0, 0])


def test_elements_written_between_steps_are_noticed() -> None:
    """What a step takes for constant is calculated again."""
    cells = nb.Neurons(2, "dv/dt = E*c/ms : 1\nE : 1\nc : 1", E=[1, 1], c=2)
    net = nb.Network(cells, dt=0.1)
    for value in range(5):
        cells.E[1] = value
        net.step()
    assert cells.v.tolist() == pytest.approx([5 * 0.2, 0.2 * sum(range(5))])


def test_delays_written_in_a_run_count_at_once() -> None:
    source = nb.Neurons(1, "x : 1", threshold="True")
    target = nb.Neurons(2, "y : 1")
    synapses = nb.Synapses(source, target, on_pre="y_post += 1", connect=([0, 0], [0, 1]), delay=[0.1, 0.1])

    @source.at("start")
    def change(t: float) -> None:
        if round(t / 0.1) == 4:
            synapses.delay[1] = 0.3

    nb.Network(source, target, synapses, dt=0.1).run(1)
    assert target.y.tolist() == [9, 7]  # spikes of steps 0 to 8; of 0 to 3, and of 4 to 6
