"""Models with events: printed and read, in files, renamed, added, and looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import numpybrain as nb

DT = 0.1  # ms


def drop(w: np.ndarray, b: np.ndarray) -> None:
    w[b] = 0


MODEL = nb.Model(
    "dv/dt = (E - v)/tau : mV\nw : 1\ntau = 10*ms : ms\nk = 2 : 1", threshold="v > 1*mV", reset="v = 0*mV",
    events={"low": "v < k*mV", "often": "w > 2"},
    on_event={"low": "v += 1*mV\nif w > 1: w = 0"}, parameters={"k": 3}, name="both",
)  # fmt: skip
PRINTED = '''name = "both"
equations = """
dv/dt = (E - v)/tau : mV
w : 1
tau = 10*ms : ms
k = 2 : 1
"""
threshold = "v > 1*mV"
reset = "v = 0*mV"
parameters = { k = 3 }

[events]
low = "v < k*mV"
often = "w > 2"

[on_event]
low = """
v += 1*mV
if w > 1:
    w = 0
"""'''


def test_a_model_with_events_is_a_file() -> None:
    again = nb.Model.parse(str(MODEL))
    assert again == MODEL
    assert str(again) == str(MODEL)
    assert str(MODEL) == PRINTED
    assert MODEL.replace(events={}, on_event={}) != MODEL
    assert len({MODEL, again, MODEL.replace(on_event=None)}) == 2
    assert MODEL.open_names == ("E",)


def test_functions_are_comments_in_a_printed_model() -> None:
    model = nb.Model(
        "v : 1", events={"a": lambda v: v > 1, "b": "v > 2"}, on_event={"a": "v = 1", "b": drop}
    )
    text = str(model)
    assert "# a: <lambda> (test_model_events.py:" in text
    assert "# a: v = 1" in text
    again = nb.Model.parse(text)
    assert list(again.definition.events) == ["b"]
    assert not again.definition.on_event
    with pytest.raises(nb.ModelError, match="the event 'a' is a Python function, <lambda>"):
        model.rename(v="u")


def test_model_files(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(f'title = "t"\n{MODEL}\n')
    head = 'name = "more"\ntitle = "t"\nbase = "base.toml"\n'
    (tmp_path / "more.toml").write_text(f'{head}[events]\nhigh = "v > 5*mV"\n[on_event]\noften = "w = 0"\n')
    model = nb.load_model(tmp_path / "more.toml")
    assert list(model.definition.events) == ["low", "often", "high"]
    assert list(model.definition.on_event) == ["low", "often"]
    cells = nb.Neurons(
        2, tmp_path / "more.toml", events={"top": "v > 9*mV"}, on_event={"top": "w = 1"}, E="20 mV"
    )
    top = nb.Monitor(cells, "top")
    cells.v = [10, 0]
    nb.Network(cells, top, dt=DT).run(DT)
    assert (top.t.tolist(), top.i.tolist()) == ([0], [0])
    assert list(cells.model.definition.events) == ["low", "often", "high", "top"]
    (tmp_path / "bad.toml").write_text(f'{head}events = "v > 1"\n')
    with pytest.raises(nb.LibraryError, match="'events' in the model file .* must be a table"):
        nb.load_model(tmp_path / "bad.toml")


def test_renaming_reaches_events() -> None:
    new = MODEL.rename(v="u", k="limit", w="count", low="cold", E="rest", tau="period")
    assert str(new).partition("\n[events]")[2] == (
        '\ncold = "u < limit*mV"\noften = "count > 2"\n\n[on_event]\n'
        'cold = """\nu += 1*mV\nif count > 1:\n    count = 0\n"""'
    )
    assert new.rename(u="v", limit="k", count="w", cold="low", rest="E", period="tau") == MODEL
    with pytest.raises(nb.ModelError, match="there is a 'low' already"):
        MODEL.rename(v="low")
    with pytest.raises(nb.UnknownNameError, match="did you mean 'often'"):
        MODEL.rename(oftn="x")


def test_sums_have_the_events_of_both() -> None:
    other = nb.Model("w : 1\nu : 1", events={"often": "w>2", "up": "u > 0"}, on_event={"often": "u += w"})
    whole = MODEL.replace(on_event={"often": "w = 1"}) + other
    assert list(whole.definition.events) == ["low", "often", "up"]
    cells = nb.Neurons(1, whole, E="0 mV", initial={"w": 3})
    nb.Network(cells, dt=DT).run(DT)
    assert (cells.w[0], cells.u[0]) == (1, 1)
    with pytest.raises(nb.ModelError, match="both models have an event 'often', and not the same"):
        MODEL + nb.Model("w : 1", events={"often": "w > 3"})
    with pytest.raises(nb.ModelError, match="'w' is a variable, so no event can have this name"):
        MODEL + nb.Model("u : 1", events={"w": "u > 3"})
    function = nb.Model("w : 1", events={"often": "w > 2"}, on_event={"often": lambda w: None})
    with pytest.raises(nb.ModelError, match="one reaction to 'often' is a function, the other a text"):
        whole + function
    with pytest.raises(nb.ModelError, match="both models have a reaction to 'often' that is a function"):
        function + function.replace(on_event={"often": lambda w: None})
    assert function + function == function


def test_extending_and_replacing() -> None:
    new = MODEL.extend("x : 1", events={"high": "x > 0"}, on_event={"high": "x = 0"})
    assert list(new.definition.events) == ["high"]
    with pytest.raises(nb.UnknownNameError, match="no event 'low' for 'on_event' to act on"):
        MODEL.replace(events=None)
    with pytest.raises(nb.UnknownNameError, match="did you mean 'events'"):
        nb.Neurons(1, "v : 1", event={"e": "v > 1"})


def test_looking_at_a_model() -> None:
    found = MODEL.dependencies()
    assert found.uses["event low"] == ("v", "k")
    assert found.uses["on_event low"] == ("w",)
    assert found.kinds["event low"] == "event"
    assert "event often   " in MODEL.replace(E="1 mV").explain()
    assert {"event low", "event often", "on_event low"} <= set(MODEL.tree.to_dict())
    shown = MODEL.replace(on_event={"low": "w = 0"})
    assert r"\mathrm{event\ often:}\ & w > 2" in shown._repr_latex_()
    assert "<b>on_event low</b>" in shown._repr_html_()
    cells = nb.Neurons(1, {"v": "1"}, events={"e": lambda v: v > 1}, on_event={"e": lambda v, e: None})
    assert "<b>event e</b>: &lt;lambda&gt; (test_model_events.py" in cells._repr_html_()
