"""Random texts anywhere in synapses end in synapses that run, or in an error of NumpyBrain."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb

MODELS = (
    "dw/dt = -w/tau : 1\ntau = 10*ms : ms",
    "dp/dt = -p/(20*ms) : 1 (event-driven)\ndq/dt = (p - q)/(5*ms) : 1 (event-driven)\nw : 1",
    "dp/dt = -p/(20*ms) : 1 (pre)\nw : mV\nD : 1 (shared)",
    "w : 1\ny_post = w*(v_pre - v_post)/mV : 1 (summed)",
    "dz/dt = -z/(5*ms) + xi*second**-0.5 : 1 (clock-driven)\nr = rand() : 1 (constant over dt)\nb : boolean",
    "dp/dt = (v_pre/mV - p)/(5*ms) : 1\ng = p*y_post : 1\nw : 1 (constant)\nz : 1 (linked)",
    "k : integer\nb : boolean (shared)\nx1, x2 : mV",
)
STATEMENTS = (
    "v_post += w*mV; w = clip(w + p, 0, 1)",
    "p += 1; w *= 1 - q/2",
    "if w > 1 and not b:\n    y += w\nelse:\n    w -= 0.1*rand()",
    "a = w + 1; y_post += a; y_pre -= a",
    "w = (t - lastupdate)/ms; k += int(i < j)",
    "D += 1; z += D",
    "y_post = y_post*0.5 + N_incoming; y += delay/ms",
)
VALUES = (
    "1*ms + 2*ms*rand()",
    "i*ms",
    "w + 1",
    "2",
    "1*mV*j/N_post",
    "exp(-(i - j)**2/4)*ms",
    "5 ms",
    "lastupdate",
)
CONDITIONS = (
    "i < j",
    "w > 0.5 and i != j",
    "rand() < 0.3",
    "v_pre > v_post",
    "(i + 1) % N_post",
    "k for k in range(i)",
    "True",
)
PIECES = (
    "w p q D z k b y v y_post v_pre w_post p_pre i j N delay lastupdate t dt xi rand() 1 0 2.5 1e999 ms mV inf "
    "+ - * / ** // % ( ) , : ; = += -= == < not and if else (pre) (post) (shared) (summed) (event-driven) (linked) "
    "(constant) (constant over dt) boolean integer dw/dt dz/dt \n \n\t # _passed_0 source place exp( clip(w, 0, 1) where"
).split(" ")


def changed(texts: tuple[str, ...]) -> st.SearchStrategy[str]:
    """A good text, in which some words have been replaced, taken out or put in."""

    def change(text: str, edits: list[tuple[int, int, str]]) -> str:
        for place, length, piece in edits:
            k = place % (len(text) + 1)
            text = text[:k] + piece + text[k + length :]
        return text

    edit = st.tuples(st.integers(0, 200), st.integers(0, 6), st.sampled_from(["", *PIECES]))
    return st.builds(change, st.sampled_from(texts), st.lists(edit, min_size=0, max_size=3))


def harmless(action: Any) -> None:
    """It succeeds or raises an error of NumpyBrain that can be shown."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            action()
    except nb.NumpyBrainError as error:
        assert 10 < len(str(error)) < 3000
        assert not str(error).startswith(" ")


def cells() -> nb.Neurons:
    made = nb.Neurons(
        3, "y : 1\nv : mV\nu = 2*v : mV", threshold="v > 1*mV", reset="v = 0*mV", name="cells"
    )
    made.v = [2, 0, 2]
    return made


def run(**arguments: Any) -> None:
    group = cells()
    synapses = nb.Synapses(group, group, **{"connect": "i != j", **arguments})
    if "z" in synapses.inspect.state.slots and synapses.inspect.state.slots["z"].kind == "linked":
        synapses.z = nb.link(group, "y", index=synapses.i)
    net = nb.Network(group, synapses, dt=0.1)
    net.run(0.2)
    group.v = 2
    synapses.connect(([0, 1], [0, 0]))
    synapses.explain()
    net.run(0.2)
    synapses.remove("i == 0")
    net.run(0.2)


@given(model=changed(MODELS), on_pre=changed(STATEMENTS), on_post=st.none() | changed(STATEMENTS))
@settings(max_examples=120)
def test_equations_and_statements(model: str, on_pre: str, on_post: str | None) -> None:
    harmless(lambda: run(model=model, on_pre=on_pre, on_post=on_post))


@given(
    delay=changed(VALUES),
    dendrite=st.none() | changed(VALUES),
    w=changed(VALUES),
    connect=changed(CONDITIONS),
)
@settings(max_examples=80)
def test_values_and_connections(delay: str, dendrite: str | None, w: str, connect: str) -> None:
    harmless(
        lambda: run(
            model="w : 1\nu : ms",
            on_pre="y += w",
            delay=delay,
            dendritic_delay=dendrite,
            u=w,
            connect=connect,
        )
    )
    harmless(lambda: run(model="w : 1", on_pre="y += w", w=w, connect=connect))


@given(condition=changed(CONDITIONS), value=changed(VALUES))
@settings(max_examples=80)
def test_conditions_and_assignments(condition: str, value: str) -> None:
    group = cells()
    synapses = nb.Synapses(
        group, group, "w : 1\nu : ms\ndp/dt = -p/ms : 1 (event-driven)", on_pre="p += 1", connect="i != j"
    )
    harmless(lambda: synapses.select(condition))
    harmless(lambda: synapses.w.__setitem__(condition, value))
    harmless(lambda: synapses.u.__setitem__((0, slice(None)), value))
    harmless(lambda: setattr(synapses, "delay", value))
    harmless(lambda: setattr(synapses, "p", value))
    harmless(lambda: synapses.remove(condition))


ARGUMENTS = (
    "source", "target", "model", "on_pre", "on_post", "connect", "delay", "dendritic_delay", "method", "interpretation",
    "on_event", "delivery", "coincident", "functions", "namespace", "name", "w", "foo",
)  # fmt: skip
OBJECTS: tuple[Any, ...] = (
    None, True, 0, -1, 2.5, float("nan"), 1j, "", "w", "5 ms", b"w", (), [], [1, 2], ([0], [1]), {}, {"a": 1}, {1: "w"},
    {"up": "w += 1"}, {"w": "spikes"}, {None: None}, object(), len, lambda: None, lambda w: w, lambda x, y, z: 1, int, nb,
    range(3), {1, 2}, [[1, 0], [0, 1]], ["a"], slice(3), Exception(), nb.Neurons, "exact", "instant", "kept", "\0", "x" * 200,
)  # fmt: skip


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_anything_as_an_argument(argument: str) -> None:
    for value in OBJECTS:
        group = cells()
        given: dict[str, Any] = {
            "source": group, "target": group, "model": "w : 1", "on_pre": "y += w", "connect": "i != j", argument: value,
        }  # fmt: skip

        def make(given: dict[str, Any] = given, group: nb.Neurons = group) -> None:
            synapses = nb.Synapses(given.pop("source"), given.pop("target"), given.pop("model"), **given)
            nb.Network(group, synapses).run(0.2)

        try:
            harmless(make)
        except Exception as error:
            error.add_note(f"{argument} = {value!r}")
            raise
