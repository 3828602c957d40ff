"""Looking at synapses by pairs of neurons and by conditions, against loops over all synapses."""

from __future__ import annotations

import copy
import gc
import pickle
import re
import weakref
from typing import Any

import numpy as np
import pytest
from counting import instructions, memory
from hypothesis import given
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain.errors import (
    ArgumentError,
    IndexRangeError,
    ModelError,
    NumpyBrainError,
    ShapeError,
    UnitError,
)
from numpybrain.units import mV, volt

N, M = 5, 4


def some(seed: int = 0, count: int = 30, parts: bool = False) -> nb.Synapses:
    """Synapses in no order, several for some pairs; w is 0, 1, 2 ... in creation order."""
    rng = np.random.default_rng(seed)
    source = nb.Neurons(N + 2 * parts, "x : 1", name="source", initial={"x": "i"})
    target = nb.Neurons(M + 2 * parts, "y : 1", name="target")
    ends = (source[1:-1], target[1:-1]) if parts else (source, target)
    pairs = (rng.integers(0, N, count), rng.integers(0, M, count))
    made = nb.Synapses(*ends, "w : mV\nq : 1 (pre)", connect=pairs, name="syn")
    made.w = np.arange(float(count))
    return made


def keys(n: int) -> st.SearchStrategy[Any]:
    index = st.integers(-n, n - 1)
    ends = st.one_of(st.none(), st.integers(-n - 2, n + 2))
    return st.one_of(
        index,
        index.map(np.int32),
        st.builds(slice, ends, ends, st.sampled_from([None, 1, 2, -1])),
        st.lists(index, max_size=4),
        st.lists(index, max_size=4).map(lambda x: np.array(x, dtype=int)),
        st.lists(st.booleans(), min_size=n, max_size=n).map(np.array),
        st.just(slice(None)),
    )


def meant(key: Any, n: int) -> set[int]:
    """The neurons that a key means, by NumPy."""
    found = np.arange(n)[key] if not isinstance(key, list) else np.arange(n)[np.array(key, dtype=int)]
    return set(np.atleast_1d(found).tolist())


@given(i=keys(N), j=keys(M), parts=st.booleans(), seed=st.integers(0, 3), count=st.sampled_from([0, 1, 30]))
def test_pairs(i: Any, j: Any, parts: bool, seed: int, count: int) -> None:
    synapses = some(seed, count, parts)
    sources, targets = meant(i, N), meant(j, M)
    pairs = list(zip(synapses.i.tolist(), synapses.j.tolist(), strict=True))
    expected = [k for k, (a, b) in enumerate(pairs) if a in sources and b in targets]
    assert synapses.w[i, j].tolist() == expected
    assert synapses.select((i, j)).tolist() == expected
    synapses.w[i, j] = -1
    assert synapses.w.tolist() == [-1 if k in expected else k for k in range(count)]


def test_parts_of_groups() -> None:
    synapses = some(parts=True)
    source, target = synapses.source, synapses.target
    assert synapses.w[source, target[1:3]].tolist() == synapses.w[:, 1:3].tolist()
    assert synapses.w[source.neurons[2:4], :].tolist() == synapses.w[1:3, :].tolist()
    whole = nb.Synapses(source.neurons, target.neurons, "w : 1", connect="all_to_all")
    whole.w = "i*10 + j"
    assert whole.w[source.neurons, 0].tolist() == [0, 10, 20, 30, 40, 50, 60]


CONDITIONS: dict[str, Any] = {
    "i < j": lambda s, k: s.i[k] < s.j[k],
    "i == 2 and w > 10.5*mV": lambda s, k: s.i[k] == 2 and s.w[k] > 10.5,
    "x_pre > 2 or not j == 1": lambda s, k: s.i[k] > 2 or s.j[k] != 1,
    "w % (2*mV) == 0*mV": lambda s, k: k % 2 == 0,
    "True": lambda s, k: True,
    "i == -1": lambda s, k: False,
    "q < 2": lambda s, k: s.i[k] < 2,
    "N_incoming > 7": lambda s, k: (s.j == s.j[k]).sum() > 7,
    "j in_range": None,
}


@pytest.mark.parametrize("condition", [c for c, f in CONDITIONS.items() if f])
def test_conditions(condition: str) -> None:
    synapses = some()
    synapses.q = np.arange(N)
    expected = [k for k in range(30) if CONDITIONS[condition](synapses, k)]
    assert synapses.select(condition).tolist() == expected
    assert synapses.w[condition].tolist() == expected
    synapses.w[condition] += 100
    assert synapses.w.tolist() == [k + 100 if k in expected else k for k in range(30)]


def test_what_is_assigned_is_converted() -> None:
    synapses = some()
    first, rest = synapses.select((0, slice(None))), synapses.select("i > 0")
    for value, number in [
        (3, 3),
        ("2 mV", 2),
        (0.004 * volt, 4),
        (np.ones(first.size) * mV, 1),
        ("i + j*mV/mV", None),
    ]:
        if number is None:
            with pytest.raises(UnitError):
                synapses.w[0, :] = value
            continue
        synapses.w[0, :] = value
        assert synapses.w[first].tolist() == [number] * first.size
        assert synapses.w[rest].tolist() == rest.tolist()
    synapses.w["i == 0"] = "(10*i + j)*mV"
    assert synapses.w[first].tolist() == synapses.j[first].tolist()
    synapses.w[::-1] = np.arange(30) * mV
    assert synapses.w.tolist() == list(range(29, -1, -1))
    with pytest.raises(UnitError, match=re.escape("'w' of 'syn'")):
        synapses.w["i > 0"] = "1 ms"


def test_monitors_choose_in_the_same_ways() -> None:
    synapses = some()
    ways = ["i < j and w > 3*mV", (2, slice(None)), (slice(None), [0, 1]), [3, 1], slice(2, 9, 3)]
    monitors = [nb.Monitor(synapses, "w", of=way) for way in ways]
    nb.Network(synapses.source, synapses.target, synapses, *monitors).step()
    for way, monitor in zip(ways, monitors, strict=True):
        assert monitor.w.tolist() == [synapses.w[way].tolist()]


def test_live() -> None:
    synapses = some()
    w = synapses.w
    w[3] = 50
    synapses.w[4] = 60
    w[w > 25] *= 2
    assert synapses.w[[3, 4, 26]].tolist() == w[[3, 4, 26]].tolist() == [100, 120, 52]
    synapses.delay = np.full(30, 1.0)
    synapses.delay[2, :] = 3
    assert [float(d) for d in synapses.delay] == [3.0 if i == 2 else 1.0 for i in synapses.i]


def test_what_is_made_of_it_is_an_array() -> None:
    """NumPy's own operations know nothing of synapses."""
    w = some().w
    for made in (
        w + 1,
        np.sqrt(w),
        w > 3,
        w[2:5],
        w[[1, 2]],
        w["i < j"],
        np.where(w > 1, w, 0),
        np.cumsum(w),
    ):
        assert type(made) is np.ndarray
    for number in (w.sum(), w.mean(), w[3], w.max(), np.dot(w, w)):
        assert isinstance(number, np.floating)
    for same in (
        w.copy(),
        copy.copy(w),
        copy.deepcopy(w),
        pickle.loads(pickle.dumps(w)),
        w.astype(int),
        w.reshape(5, 6),
    ):
        assert getattr(same, "synapses", None) is None
        np.testing.assert_array_equal(np.ravel(same), np.arange(30))
    assert w.reshape(5, 6)[1, 2] == 8
    assert w[:, None].shape == (30, 1)
    assert repr(w) == repr(np.arange(30.0))
    assert str(w) == str(np.arange(30.0))
    for _ in range(3):
        w[...] = w * 2
    assert w[7] == 56


def test_matrices_and_degrees() -> None:
    synapses = some()
    dense, ones = np.zeros((N, M)), np.zeros((N, M))
    for k in range(30):
        dense[synapses.i[k], synapses.j[k]] += k
        ones[synapses.i[k], synapses.j[k]] += 1
    np.testing.assert_array_equal(synapses.matrix("w"), dense)
    sparse = synapses.matrix("w", sparse=True)
    np.testing.assert_array_equal(sparse.toarray(), dense)
    assert synapses.outdegree.tolist() == ones.sum(1).tolist()
    assert synapses.indegree.tolist() == ones.sum(0).tolist()
    assert synapses.N_outgoing.tolist() == [ones.sum(1)[i] for i in synapses.i]
    assert synapses.N_incoming.tolist() == [ones.sum(0)[j] for j in synapses.j]
    synapses.q = np.arange(N)
    np.testing.assert_array_equal(synapses.matrix("q"), ones * np.arange(N)[:, None])
    np.testing.assert_array_equal(synapses.matrix("x_pre"), ones * np.arange(N)[:, None])


def test_variables_of_all_kinds_have_views() -> None:
    cells = nb.Neurons(3, "x : 1", threshold="x > 0", reset="x = 0")
    synapses = nb.Synapses(
        cells, cells,
        """dp/dt = -p/(2*ms) : 1
        dr/dt = -r/(2*ms) : 1 (event-driven)
        k : integer
        b : boolean
        z : 1 (linked)
        s : 1 (shared)""",
        on_pre="p += 1; r += 1; k += 1; b = True", connect="i != j",
    )  # fmt: skip
    synapses.z = nb.link(cells, "x", index=synapses.i)
    cells.x = [1, 0, 0]
    seen: list[Any] = []

    @cells.at("end")
    def look(t: float) -> None:
        seen.append([getattr(synapses, name)[0, :].tolist() for name in ("p", "r", "k", "b", "z")])

    net = nb.Network(cells, synapses)
    net.step()
    assert seen == [[[1, 1], [1, 1], [1, 1], [True, True], [0, 0]]]
    assert synapses.r["i == 0"].tolist() == pytest.approx([np.exp(-0.05)] * 2, rel=1e-12)
    synapses.b[:, 2] = True
    assert synapses.b.tolist() == [True, True, False, True, False, False]
    synapses.r[0, :] = 3
    net.step()
    assert synapses.r.tolist() == pytest.approx([3 * np.exp(-0.05)] * 2 + [0] * 4, rel=1e-12)
    assert synapses.s == 0


BAD: dict[str, tuple[Any, type[NumpyBrainError], str]] = {
    "three": ((0, 1, 2), ArgumentError, "synapses of 'syn' are found by a pair (got 3 indices)"),
    "target": (
        (0, 9),
        IndexRangeError,
        "index 9 is out of range: the target 'target' has 4 neurons (0..3)",
    ),
    "source": (
        (-6, 0),
        IndexRangeError,
        "index -6 is out of range: the source 'source' has 5 neurons (0..4)",
    ),
    "letters": (
        (0, "a"),
        ArgumentError,
        "neurons of the target 'target' are chosen by indices, a slice or booleans",
    ),
    "booleans": (
        (np.ones(3, bool), 0),
        ShapeError,
        "the source 'source' has 5 neurons, and needs as many booleans (got 3)",
    ),
    "fraction": ([0.5], ArgumentError, "synapses of 'syn' are chosen by indices, a slice or booleans"),
    "number": (30, IndexRangeError, "index 30 is out of range: 'syn' has 30 synapses (0..29)"),
    "nothing": (None, ArgumentError, "synapses of 'syn' are chosen by"),
    "syntax": ("w >", NumpyBrainError, "expected a value"),
    "no condition": ("w + 1*mV", UnitError, "the condition must be a condition (got a voltage)"),
    "unit": ("w > 1", UnitError, "cannot compare"),
    "name": ("foo > 1", NumpyBrainError, "unknown name 'foo' in the condition"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_indices(name: str) -> None:
    key, kind, message = BAD[name]
    synapses = some()
    with pytest.raises(kind, match=re.escape(message)):
        synapses.select(key)
    with pytest.raises(kind, match=re.escape(message)):
        synapses.remove(key)
    assert len(synapses) == 30


def test_other_groups_are_no_index() -> None:
    synapses = some()
    other = nb.Neurons(N, "x : 1", name="other")
    for key in ((other, 0), (other[:2], 0)):
        with pytest.raises(IndexRangeError, match="is no part of the source 'source'"):
            synapses.w[key]
    with pytest.raises(ArgumentError, match=re.escape("found by a pair (got 3 indices)")):
        synapses.w[0, 0, 0]
    with pytest.raises(ArgumentError, match="say whether they are the sources or the targets"):
        synapses.w[synapses.source]
    with pytest.raises(NumpyBrainError, match="'syn' has no variable 'v': there are 'w'"):
        synapses.matrix("v")


def test_synapses_in_python_know_no_conditions() -> None:
    cells = nb.Neurons(3, {"x": "1"})
    synapses = nb.Synapses(
        cells, cells, {"w": "1"}, on_pre=lambda w: None, connect=([0, 1], [1, 2]), name="syn"
    )
    assert synapses.w[0, :].tolist() == [0]
    assert synapses.matrix("w").shape == (3, 3)
    with pytest.raises(ModelError, match="'syn' is written in Python: it knows no conditions"):
        synapses.w["i < j"]


def test_a_view_keeps_no_network_alive() -> None:
    synapses = some()
    net = nb.Network(synapses.source, synapses.target, synapses)
    net.step()
    view = synapses.w
    assert view[0, 1].size <= 30
    dead = [weakref.ref(net), weakref.ref(synapses)]
    part = view[:3]
    del net, view, synapses
    gc.collect()
    assert [ref() for ref in dead] == [None, None]
    assert part.tolist() == [0, 1, 2]


def test_a_row_costs_no_look_at_all_synapses() -> None:
    n = 2000
    cells = nb.Neurons(n, "x : 1")
    synapses = nb.Synapses(cells, cells, "w : 1", connect="all_to_all", w=1)  # 4 million synapses
    assert synapses.w[3, :].size == n
    for key in ((5, slice(None)), (5, 7), (slice(None), 5)):
        assert synapses.w[key].sum() == synapses.w[key].size
        assert memory(lambda key=key: synapses.w[key]) < 1e6  # a boolean for each would be 4 MB
        assert instructions(lambda key=key: synapses.w[key]) < 2000
