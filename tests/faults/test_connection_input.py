"""What users hand over as connections and delays: tables, quantities, times that are too long."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.units import ms, second

W = np.array([[0, 1.5, 0], [2.0, 0, 1.0], [0, 0.5, 0]])


class Table:
    """What a `DataFrame` of pandas looks like, as far as a matrix is concerned."""

    ndim = 2

    def __init__(self, values: Any, index: Any = None, columns: Any = None) -> None:
        self.values = np.asarray(values)
        self.shape = self.values.shape
        self.index = range(self.shape[0]) if index is None else index
        self.columns = range(self.shape[1]) if columns is None else columns

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
        return self.values


def table(values: Any, **labels: Any) -> Any:
    try:
        import pandas as pd
    except ImportError:
        return Table(values, **labels)
    return pd.DataFrame(values, **labels)


TABLES = [Table, table]  # the latter is one of pandas where that is installed


def pair(**options: Any) -> nb.Synapses:
    cells = nb.Neurons(3, "v : 1", threshold="v > 0.5", reset="v = 0")
    given = {"on_pre": "v += w", **options}
    return nb.Synapses(cells, cells, "w : 1", name="syn", **given)


# ---- tables ----


@pytest.mark.parametrize("form", TABLES)
def test_tables_are_matrices(form: Any) -> None:
    for connect in (form(W), nb.connect.matrix(form(W), weight="w"), lambda: form(W)):
        made = pair(connect=connect)
        np.testing.assert_array_equal(made.matrix("w"), W)
    assert len(pair(connect=form(W > 1))) == 2
    made = pair(connect=form(W, index=["a", "b", "c"], columns=["a", "b", "c"]))
    np.testing.assert_array_equal(made.matrix("w"), W)
    made = pair(connect=form(W, index=[0, 1, 2], columns=[10, 20, 30]))
    np.testing.assert_array_equal(made.matrix("w"), W)


@pytest.mark.parametrize("form", TABLES)
def test_tables_that_do_not_fit_are_refused(form: Any) -> None:
    with pytest.raises(nb.ShapeError, match=r"one row for each source.*\n.*got shape \(2, 3\)"):
        pair(connect=form(W[:2]))
    with pytest.raises(nb.ArgumentError, match="holds numbers or booleans"):
        pair(connect=form(np.array([["a"] * 3] * 3, dtype=object)))


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("axis", ["index", "columns"])
def test_tables_in_another_order_than_their_labels_are_refused(form: Any, axis: str) -> None:
    """By position, neuron 0 would get what the table says of neuron 2."""
    what = {"index": "rows", "columns": "columns"}[axis]
    with pytest.raises(nb.ArgumentError, match=f"{what} of a connection table are not in the order"):
        pair(connect=form(W, **{axis: [2, 0, 1]}))


@pytest.mark.parametrize("form", [*TABLES, np.asarray])
def test_what_is_not_known_is_no_synapse(form: Any) -> None:
    holes = W.copy()
    holes[2, 1] = np.nan
    with pytest.raises(nb.ArgumentError, match="NaN for source 2 and target 1"):
        pair(connect=form(holes))


# ---- delays ----


SAME: dict[str, Any] = {
    "list of numbers": [1, 2, 3],
    "quantity": [1, 2, 3] * ms,
    "other unit": np.array([1, 2, 3]) * 1e-3 * second,
    "list of quantities": [1 * ms, 2 * ms, 3 * ms],
    "list of texts": ["1 ms", "2 ms", "0.003 s"],
    "expression": "(i + 1)*ms",
    "function": lambda i: i + 1.0,
}


@pytest.mark.parametrize("which", SAME)
@pytest.mark.parametrize("how", ["all", "by name", "dendritic", "later"])
def test_delays_for_each_synapse(which: str, how: str) -> None:
    delay = SAME[which]
    if how == "later":
        made = pair(connect="i == j")
        made.delay = delay
    else:
        given: dict[str, Any] = {"all": {"delay": delay}, "by name": {"delay": {"on_pre": delay}}}.get(
            how, {"dendritic_delay": delay}
        )
        made = pair(connect="i == j", **given)
    found = {"by name": "delay_on_pre", "dendritic": "dendritic_delay"}.get(how, "delay")
    np.testing.assert_allclose(getattr(made, found), [1, 2, 3])


TOO_LONG = [np.array([1e18, 1, 1]), 1e18, "1e18*ms", np.array([1e300, 0, 0]), 1e17 * second]


@pytest.mark.parametrize("delay", TOO_LONG, ids=str)
@pytest.mark.parametrize("which", ["delay", "dendritic_delay"])
def test_delays_that_no_step_can_count_are_refused(delay: Any, which: str) -> None:
    """Steps are counted in 64 bits: such a delay became a negative one, and an index out of bounds."""
    made = pair(connect="i == j", **{which: delay})
    cells, words = made.source, which.replace("_", " ")
    with pytest.raises(nb.TimeStepError, match=f"the {words} of 'syn' is too long"):
        nb.Network(cells, made, dt=0.1).run(1)


def test_dendritic_delays_are_bounded_by_memory() -> None:
    made = pair(connect="i == j", dendritic_delay=1e9)
    with pytest.raises(nb.TimeStepError, match="the dendritic delay of 'syn' is too long"):
        nb.Network(made.source, made).run(1)


@pytest.mark.parametrize("delay", [1e10, np.array([1e10, 0.5, 0.5])], ids=str)
def test_long_delays_outlast_the_run(delay: Any) -> None:
    cells = nb.Neurons(3, "v : 1\nn : 1", threshold="v > 0.5", reset="v = 0", initial={"v": 1})
    made = nb.Synapses(cells, cells, on_pre="n += 1", connect="i == j", delay=delay)
    nb.Network(cells, made).run(5)
    assert cells.n.tolist() == ([0] * 3 if np.ndim(delay) == 0 else [0, 1, 1])


def test_refractory_periods_of_any_length() -> None:
    """A neuron with an endless period spikes once."""
    for period in ("ref", lambda ref, spikes: ref[spikes]):
        cells = nb.Neurons(3, "v : 1\nref : ms", threshold="v > 0.5", refractory=period, initial={"v": 1})
        cells.ref = [1e18, np.inf, 2]
        spikes = nb.Monitor(cells, "spikes")
        nb.Network(cells, spikes, dt=1).run(10)
        assert spikes.count.tolist() == [1, 1, 5]
    for length in (1e18, np.inf):
        cells = nb.Neurons(3, "v : 1\nref : ms", threshold="v > 0.5", refractory="ref", initial={"v": 1})
        cells.ref = length
        spikes = nb.Monitor(cells, "spikes")
        nb.Network(cells, spikes, dt=1).run(10)
        assert spikes.count.tolist() == [1, 1, 1]


# ---- nobody ----


@pytest.mark.parametrize("nobody", [[], (), np.array([]), np.empty(0, dtype=int)], ids=repr)
def test_an_empty_answer_is_nobody(nobody: Any) -> None:
    cells = nb.Neurons(3, {"v": "1"}, threshold=lambda: nobody, events={"low": lambda: nobody})
    spikes, low = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "low")
    nb.Network(cells, spikes, low).run(1)
    assert len(spikes) == len(low) == 0


def test_sometimes_nobody() -> None:
    cells = nb.Neurons(3, {"v": "1"}, threshold=lambda t: [0, 2] if t == 2 else [])
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=1).run(5)
    assert (spikes.t.tolist(), spikes.i.tolist()) == ([2, 2], [0, 2])


def test_a_wrong_answer_is_still_refused() -> None:
    for wrong in ([0.5], np.ones(2, bool), np.empty((0, 3))):
        cells = nb.Neurons(3, {"v": "1"}, threshold=lambda wrong=wrong: wrong)
        with pytest.raises((nb.ShapeError, nb.ArgumentError), match="must return 3 booleans, or indices"):
            nb.Network(cells).run(1)
