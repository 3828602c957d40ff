"""What Python and IPython show of texts of several lines, of parts, and of errors."""

from __future__ import annotations

import re
import sys
import traceback

import numpy as np

import numpybrain as nb
from numpybrain.display.text import Text
from numpybrain.errors import HERE, NumpyBrainError, UnknownNameError

MODEL = nb.Model("dv/dt = -v/tau : mV\ntau = 10*ms : ms")


def wrong():
    return nb.Neurons(3, "dv/dt = -v/ta : 1\ntau = 3*ms : ms")


def caught(call) -> NumpyBrainError:
    try:
        call()
    except NumpyBrainError as error:
        return error
    raise AssertionError


# ---- texts ----


def test_texts_are_shown_as_they_are_printed() -> None:
    cells = nb.Neurons(3, MODEL, name="cells")
    synapses = nb.Synapses(cells, on_pre="v += 1*mV", connect="i != j")
    for text in (MODEL.explain(), synapses.explain(), cells.update.formula, cells.update.source):
        assert isinstance(text, str)
        assert repr(text) == str(text)
        assert len(text) > 10
    assert type(str(MODEL.explain())) is str
    net = nb.Network(cells)
    for thing in (net.schedule, MODEL.tree):
        assert repr(thing) == str(thing)
        assert "\n" in repr(thing)
    assert repr(cells.update) == "<state update, exact of 'cells'>"


def test_a_shown_text_does_nothing_to_a_terminal() -> None:
    assert repr(Text("a\x1b[31mb\nc")) == "a\\x1b[31mb\nc"


def test_a_part_says_of_what() -> None:
    cells = nb.Neurons(300, "lif", name="cells")
    assert repr(cells[:5]) == "<Subgroup cells[0:5], 5 of 300>"
    assert repr(cells[10:][:5]) == "<Subgroup cells[10:15], 5 of 300>"


# ---- errors ----


def frames(lines: str) -> list[str]:
    return re.findall(r'File "([^"]+)"', lines)


def test_an_error_without_the_frames_of_the_package(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", None)
    error = caught(wrong)
    lines = "".join(error._render_traceback_())
    assert set(frames(lines)) == {__file__}
    assert "in wrong\n" in lines
    assert lines.rstrip().endswith(str(error))
    ordinary = "".join(traceback.format_exception(error))  # elsewhere all is as it was
    assert len(frames(ordinary)) > len(frames(lines))
    assert any(name.startswith(HERE) for name in frames(ordinary))


def test_functions_of_the_user_within_a_run_are_shown(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", None)

    def reset(v):
        wrong()

    cells = nb.Neurons(1, {"v": "1"}, threshold=lambda v: v < np.inf, reset=reset)
    lines = "".join(caught(lambda: nb.Network(cells).run(1))._render_traceback_())
    assert set(frames(lines)) == {__file__}
    assert "in reset\n" in lines
    assert lines.index("in reset\n") < lines.index("in wrong\n")


def test_errors_that_were_never_raised() -> None:
    assert "UnknownNameError: x" in "".join(UnknownNameError("x")._render_traceback_())
