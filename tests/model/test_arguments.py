"""The table of what a model may say, and all who read it."""

from __future__ import annotations

import inspect
import re

import pytest

import numpybrain as nb
from numpybrain.model.arguments import ARGUMENTS, Argument

GIVEN = {  # what each argument may be; of neurons, then of synapses
    "threshold": "v > 1", "reset": "v = 0", "refractory": "2 ms", "method": "euler", "initial": {"v": 0.5},
    "functions": {"f": abs}, "parameters": {"a": 2.0}, "name": "cell", "open_names": ["mA"],
    "interpretation": "ito", "spike_times": "grid", "events": {"low": "v < 0"}, "on_event": {"low": "v = 0.1"},
    "at": {"end": "v += 0.1"},
    "on_pre": "v += 1", "on_post": "v -= 1", "delay": "1 ms",
}  # fmt: skip
EQUATIONS = "dv/dt = (a - v)/(10*ms) : 1\na : 1"


def arguments_of(kind):
    return {
        name: p.default for name, p in inspect.signature(kind).parameters.items() if p.kind != p.VAR_KEYWORD
    }


def test_signatures_have_the_arguments_of_the_table():
    assert set(arguments_of(nb.Model)) == set(ARGUMENTS)
    own = {"n", "model", "namespace", "integrate", "derivative"}
    taken = {n for n, a in ARGUMENTS.items() if a.owner != "synapses"} - {
        "equations",
        "parameters",
        "open_names",
    }
    assert set(arguments_of(nb.Neurons)) - own == taken


@pytest.mark.parametrize("kind", [nb.Model, nb.Neurons])
def test_they_are_described(kind):
    described = set(re.findall(r"^ {8}\**([\w, ]+): ", inspect.getdoc(kind).replace("\n", "\n    "), re.M))
    words = {word for text in described for word in re.split(r",\s*", text)}
    missing = set(arguments_of(kind)) - words
    assert missing == set()


def test_every_argument_is_tried_here():
    assert set(GIVEN) == set(ARGUMENTS) - {"equations"}


@pytest.mark.parametrize("name", GIVEN)
def test_what_is_said_is_kept_printed_and_read(name):
    extra = {"events": GIVEN["events"]} if name == "on_event" else {}
    extra |= {"threshold": "v > 1"} if name in ("reset", "refractory") else {}
    extra |= {"on_pre": "v += 1"} if name == "delay" else {}
    model = nb.Model(EQUATIONS, **extra, **{name: GIVEN[name]})
    kept = model.arguments[name]
    assert list(kept) == GIVEN[name] if name == "open_names" else kept == GIVEN[name]
    renamed = model.rename(v="u") if name != "functions" else model
    assert type(renamed.arguments[name]) is type(kept) or name == "open_names"
    again = nb.Model.parse(str(model))
    if ARGUMENTS[name].in_files and name != "open_names":  # which are written where they would be units
        assert again == model
        assert bool(again.arguments[name])


def test_a_choice_is_one_entry(monkeypatch):
    """Model files, copies, sums and messages know an argument as soon as the table does."""
    entry = Argument("precision", "choice", default="double", choices=("double", "single"),
                     in_words="numbers are")  # fmt: skip
    monkeypatch.setitem(ARGUMENTS, "precision", entry)

    class Precise(nb.Model):
        __slots__ = ()

        def __init__(self, equations, *, precision=None, **others):
            super().__init__(equations, **others)
            entry.check(precision)
            self._arguments["precision"] = precision

    single = Precise(EQUATIONS, precision="single")
    assert 'precision = "single"' in str(single)
    assert single.said(single.definition)["precision"] == "single"
    assert Precise(EQUATIONS).said(single.definition)["precision"] == "double"
    text = str(single)
    assert Precise(**read(text)).arguments["precision"] == "single"
    with pytest.raises(nb.ArgumentError, match="numbers are 'double' or 'single' .got 'half'."):
        Precise(EQUATIONS, precision="half")
    with pytest.raises(nb.ModelError, match="both models have a precision, and not the same"):
        Precise(EQUATIONS, precision="double") + single
    assert renamed(single, {"v": "u"})["precision"] == "single"


def read(text):
    from numpybrain.model.model_file import read

    return read(text)


def renamed(model, names):
    from numpybrain.model.algebra import renamed

    return renamed(model, names)
