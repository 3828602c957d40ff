"""Classes that users derive from ours may have attributes of their own; ours take no unknown names."""

from __future__ import annotations

from typing import Any

import pytest

import numpybrain as nb

MODEL = "dv/dt = -v/tau : 1\ntau = 10*ms : ms\nw = 2*v : 1"


class Cells(nb.Neurons):
    """Neurons with a few things of their own."""

    kind = "mine"

    def __init__(self, n: int, **options: Any) -> None:
        self.before = {"n": n}
        super().__init__(n, MODEL, **options)
        self.after = [1, 2]
        self.tau = 5  # a variable stays one

    @property
    def double(self) -> Any:
        return 2 * self.v

    @double.setter
    def double(self, value: Any) -> None:
        self.v = value / 2

    def remember(self, value: Any) -> None:
        self.kept = value


class Wires(nb.Synapses):
    def __init__(self, cells: nb.Neurons) -> None:
        self.before = 1
        super().__init__(cells, cells, "w : 1", on_pre="v_post += w", connect="i != j")
        self.after = 2


class Watch(nb.Monitor):
    def __init__(self, cells: nb.Neurons, *names: str) -> None:
        self.before = 1
        super().__init__(cells, *names)
        self.after = 2


def test_neurons() -> None:
    cells = Cells(3, name="cells", threshold="v > 1")
    assert (cells.before, cells.after, cells.kind) == ({"n": 3}, [1, 2], "mine")
    assert cells.tau.tolist() == [5] * 3
    cells.later = "x"
    cells.remember(7)
    assert (cells.later, cells.kept) == ("x", 7)
    cells.double = 4.0
    assert cells.v.tolist() == [2] * 3
    assert cells.double.tolist() == [4] * 3
    nb.Network(cells).run(5)
    assert cells.v == pytest.approx([2 * 0.36787944117144233] * 3)
    for name, value in (("size", 4), ("spiking", 1), ("inspect", 1), ("i", 1), ("w", 1), ("update", None)):
        with pytest.raises(nb.NumpyBrainError):
            setattr(cells, name, value)
    with pytest.raises(nb.UnknownAttributeError, match="did you mean 'tau'"):
        cells.taw


def test_synapses_and_monitors() -> None:
    cells = nb.Neurons(3, MODEL, threshold="v > 1", initial={"v": [2, 0, 0]})
    wires, watch, spikes = Wires(cells), Watch(cells, "v"), Watch(cells, "spikes")
    for made in (wires, watch, spikes):
        made.later = 3
        assert (made.before, made.after, made.later) == (1, 2, 3)
    wires.w = 0.5
    nb.Network(cells, wires, watch, spikes).step()
    assert spikes.i.tolist() == [0]
    assert watch.v.shape == (1, 3)
    for name, value in (("pathways", 4), ("i", 1), ("connect", 1)):
        with pytest.raises(nb.NumpyBrainError):
            setattr(wires, name, value)


def test_annotations_of_a_subclass_are_its_own() -> None:
    class Declared(nb.Neurons):
        label: str
        size: int  # one of ours stays so

    cells = Declared(3, MODEL)
    cells.label = "a"
    cells.label = "b"
    assert cells.label == "b"
    with pytest.raises(nb.ModelError, match="'size' of"):
        cells.size = 4


def test_a_subclass_of_a_subclass() -> None:
    class More(Cells):
        def __init__(self) -> None:
            self.first = 0
            super().__init__(2)
            self.last = 3

    made = More()
    assert (made.first, made.before, made.last) == (0, {"n": 2}, 3)


def test_attributes_do_not_hide_variables() -> None:
    class Hiding(nb.Neurons):
        def __init__(self, model: Any, **options: Any) -> None:
            self.tau = 3
            super().__init__(2, model, **options)

    for model, options in ((MODEL, {}), ({"tau": "1"}, {}), ("dv/dt = -v/tau : 1", {"tau": "10 ms"})):
        with pytest.raises(nb.ModelError, match="'tau'"):
            Hiding(model, **options)


@pytest.mark.parametrize("kind", ["neurons", "synapses", "part"])
def test_our_classes_take_no_unknown_names(kind: str) -> None:
    cells = nb.Neurons(3, MODEL, name="cells", threshold="v > 1")
    made = {
        "neurons": cells,
        "part": cells[:2],
        "synapses": nb.Synapses(cells, cells, MODEL, connect="i != j"),
    }[kind]
    with pytest.raises(nb.UnknownAttributeError, match="did you mean 'tau'"):
        made.taw = 3
    with pytest.raises(nb.NumpyBrainError):
        made.w = 3  # a subexpression


def test_names_are_suggested_in_any_case() -> None:
    """Reading `V` where there is `v`, also of subexpressions, events and what monitors record."""
    cells = nb.Neurons(3, MODEL, name="cells", threshold="v > 1")
    monitor = nb.Monitor(cells, "v")
    for owner, wrong, right in ((cells, "V", "v"), (cells, "W", "w"), (cells, "Tau", "tau"), (cells[:2], "V", "v"),
                                (monitor, "V", "v"), (cells, "Spikes", "spikes")):  # fmt: skip
        with pytest.raises(nb.UnknownAttributeError, match=f"did you mean '{right}'"):
            getattr(owner, wrong)
