"""Models of synapses: what spikes do there is read, printed, renamed and added like the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

import numpybrain as nb

TEXT = """
dx/dt = -x/tau : 1 (event-driven)  # trace
w : 1
tau = 20*ms : ms
I_syn_post = w*(v_pre - v_post)*k : nA (summed)
"""
MODEL = nb.Model(
    TEXT, on_pre="g_post += w*q; x += 1", on_post="w_new = w + x\nw = clip(w_new, 0, 1)",
    delay="d + 1*ms*rand()", parameters={"q": "2 nS"}, name="mine",
)  # fmt: skip
SEVERAL = nb.Model(
    "w : 1\ny : 1", on_pre={"fast": "g_post += w", "slow": "if w > 0: h_post += w\nelse: y += 1"},
    on_post="w += 1", delay={"slow": "3 ms", "on_post": 0.5}, on_event={"on_post": "burst"},
)  # fmt: skip


def touch(w: Any) -> None:
    w += 1


# ---- read ----


def test_what_was_given_can_be_asked_for() -> None:
    assert MODEL.on_pre == {"on_pre": "g_post += w*q; x += 1"}
    assert MODEL.delay == "d + 1*ms*rand()"
    assert list(SEVERAL.on_pre) == ["fast", "slow"]
    assert SEVERAL.on_event == {"on_post": "burst"}
    assert nb.Model("w : 1", on_pre=touch).on_pre == {"on_pre": touch}
    for model in (MODEL, SEVERAL, nb.Model("I_post = v_pre : 1 (summed)")):
        assert model.is_synaptic
    plain = nb.Model("dv/dt = -v/ms : 1", threshold="v > 1")
    assert (plain.is_synaptic, plain.on_pre, plain.on_post, plain.delay) == (False, {}, {}, None)


def test_names_stay_open_until_synapses_are_made() -> None:
    """Temporaries, units, functions and what all synapses know are no open names."""
    assert MODEL.open_names == ("v_pre", "v_post", "k", "g_post", "d")
    model = nb.Model("", on_pre="u = exp(lastspike_pre/ms) + j + i\nv_post += u*mV + lastupdate*mV/ms")
    assert model.open_names == ("v_post",)
    assert "w_new" not in MODEL.open_names
    assert MODEL.definition.open_names == ("v_pre", "v_post", "k")
    assert MODEL.replace(k="1 nS", d="1 ms").open_names == ("v_pre", "v_post", "g_post")


@pytest.mark.parametrize(
    ("given", "message"),
    [({"on_pre": "w +* 3"}, "expected a statement"),
     ({"on_post": "w + 3"}, "expected"),
     ({"delay": "1 ms +"}, r"unexpected '\+'"),
     ({"on_pre": 3}, r"on_pre is a string or a function \(got int\)"),
     ({"on_pre": {3: "w = 1"}}, r"a pathway of on_pre needs a name such as 'fast' \(got 3\)"),
     ({"on_pre": {"a": "w = 1"}, "on_post": {"a": "w = 2"}}, "both have a pathway 'a'"),
     ({"on_pre": "w = 1", "delay": {"on_pro": 1}}, "delay names a pathway 'on_pro' that there is not: did"),
     ({"on_pre": "w = 1", "on_event": {"a": "spikes"}}, "on_event names a pathway 'a' that there is not"),
     ({"on_pre": "w = 1", "on_event": "burst"}, "on_event says which event starts which pathway"),
     ({"on_pre": "w = 1", "on_event": {"on_pre": "a b"}}, "must be a name"),
     ({"on_pre": "w = 1", "threshold": "w > 1"}, "this one has threshold and on_pre"),
     ({"delay": 1, "reset": "w = 1"}, "this one has reset and delay")],
)  # fmt: skip
def test_faults_are_found_at_once(given: dict[str, Any], message: str) -> None:
    with pytest.raises(nb.NumpyBrainError, match=message):
        nb.Model("w : 1", **given)


def test_the_place_of_a_fault_is_shown() -> None:
    with pytest.raises(nb.ModelSyntaxError) as caught:
        nb.Model("w : 1", on_pre={"slow": "w = 1\nw = (2"})
    assert "w = (2" in str(caught.value)


# ---- whose model it is ----


@pytest.mark.parametrize("more", [{}, {"threshold": "x > 1"}])
def test_neurons_refuse_a_model_of_synapses(more: dict[str, Any]) -> None:
    with pytest.raises(nb.ModelError, match=r"'mine' is a model of synapses: it has on_pre"):
        nb.Neurons(1, MODEL, **more)
    with pytest.raises(nb.ModelError, match="has a meaning for synapses only"):
        nb.Neurons(1, nb.Model("I_post = v_pre : 1 (summed)"), v_pre=1)


def test_synapses_refuse_a_model_of_neurons() -> None:
    from numpybrain import library

    with pytest.raises(nb.ModelError, match=r"'lif' is a model of neurons: it has threshold"):
        library.as_model("lif", owner="synapses")
    assert library.as_model(MODEL, owner="synapses") is MODEL
    made = library.as_model("w : 1", on_pre="v_post += w*k", delay="1 ms", owner="synapses")
    assert made == nb.Model("w : 1", on_pre="v_post += w*k", delay="1 ms")
    other = library.as_model(MODEL, owner="synapses", delay="2 ms")
    assert (other.delay, other.on_pre) == ("2 ms", MODEL.on_pre)


# ---- printed ----


@pytest.mark.parametrize("model", [MODEL, SEVERAL, nb.Model("", on_pre="x_post += 1", delay=1.5)])
def test_what_is_printed_is_read_back(model: nb.Model) -> None:
    assert nb.Model.parse(str(model)) == model
    assert str(nb.Model.parse(str(model))) == str(model)


def test_the_canonical_text() -> None:
    assert str(SEVERAL) == (
        'equations = """\nw : 1\ny : 1\n"""\n'
        'on_pre = { fast = "g_post += w", slow = """\n'
        "if w > 0:\n    h_post += w\nelse:\n    y += 1\n"
        '""" }\n'
        'on_post = "w += 1"\n'
        'delay = { slow = "3 ms", on_post = 0.5 }\n'
        'on_event = { on_post = "burst" }'
    )
    text = str(nb.Model("w : 1", on_pre={"a": touch, "b": "w += 1"}))
    assert 'on_pre = { b = "w += 1" }\n# on_pre a: touch (test_pathways.py:' in text


def test_what_is_printed_has_no_delay_of_a_function() -> None:
    """So that it can be read: the function is a comment, and what belongs to it as well."""
    model = nb.Model(
        "w : 1", on_pre={"a": touch, "b": "w += 1"}, delay={"a": "1 ms", "b": 2}, on_event={"a": "burst"}
    )
    text = str(model)
    assert 'on_pre = { b = "w += 1" }\ndelay = { b = 2 }\n# on_pre a at burst: touch' in text
    assert "# delay of a: 1 ms" in text
    again = nb.Model.parse(text)
    assert (again.on_pre, again.delay, again.on_event) == ({"b": "w += 1"}, {"b": 2}, {})
    alone = nb.Model("w : 1", on_pre=touch, on_event={"on_pre": "burst"})
    assert not nb.Model.parse(str(alone)).is_synaptic


def test_events_of_neurons_and_of_synapses() -> None:
    """In a model with pathways `on_event` is about these, else about the events of the model."""
    cells = nb.Model("w : 1", events={"low": "w < 0"}, on_event={"low": "w = 0"})
    synapses = nb.Model("w : 1", on_pre="w = 1", on_event={"on_pre": "low"})
    assert (cells.on_event, dict(cells.pathways.on_event)) == ({"low": "w = 0"}, {})
    assert (synapses.on_event, synapses.definition.on_event) == ({"on_pre": "low"}, {})
    for model in (cells, synapses):
        assert nb.Model.parse(str(model)) == model
        assert model.rename(w="u").rename(u="w") == model
        assert (model + nb.Model("x : 1")).on_event == model.on_event == model.extend("x : 1").on_event
    with pytest.raises(nb.ModelError, match="this one has events and on_pre"):
        cells + synapses
    with pytest.raises(nb.ModelError, match="this one has events and delay"):
        cells.replace(delay=np.array([1.0, 2.0]))


def test_equality_sees_pathways() -> None:
    same = nb.Model(
        TEXT, on_pre="g_post += w*q\nx += 1", on_post="w_new = w+x; w = clip(w_new, 0, 1)",
        delay="d+1*ms*rand()", parameters={"q": "2 nS"}, name="mine",
    )  # fmt: skip
    assert same == MODEL
    assert hash(same) == hash(MODEL)
    for change in ({"on_pre": "x += q/nS"}, {"on_post": None}, {"delay": "1 ms"}):
        assert MODEL.replace(**change) != MODEL
    assert nb.Model("", on_pre=touch) == nb.Model("", on_pre=touch) != nb.Model("", on_pre=lambda w: None)


def test_explanation_tree_and_graph_show_pathways() -> None:
    text = MODEL.explain()
    assert "on_pre:\n    g_post += w*q\n    x += 1" in text
    assert "delay:\n    d + 1*ms*rand()" in text
    assert "g_post, d: variables of source or target" in text
    assert "on_pre slow:" in SEVERAL.explain()
    assert "on_post at burst:" in SEVERAL.explain()
    assert "delay of slow:\n    3 ms" in SEVERAL.explain()
    tree = MODEL.tree
    assert "on_pre\n  statement g_post +=" in str(tree)
    assert list(json.loads(json.dumps(tree.to_dict()))) == ["equations", "on_pre", "on_post", "delay"]
    found = MODEL.dependencies()
    assert found.uses["on_pre"] == ("w", "q")
    assert (found.kinds["g_post"], found.kinds["on_pre"]) == ("open", "event")
    assert nx.has_path(found.to_networkx(), "tau", "on_post")


def test_notebooks_show_pathways() -> None:
    assert (
        r"\mathrm{on\_pre:}\ & g_{\mathrm{post}} \leftarrow g_{\mathrm{post}} + w\,q"
        in MODEL._repr_latex_()
    )
    latex = nb.Model(
        "w : 1", on_pre="if w > 1: w = 1\nelif w > 0: w += 1; w += 2\nelse: w = 0"
    )._repr_latex_()
    assert (
        r"\begin{cases} w \leftarrow 1 & \mathrm{if}\ w > 1 \\ w \leftarrow w + 1,\quad w \leftarrow w + 2"
        r" & \mathrm{if}\ w > 0 \\ w \leftarrow 0 & \mathrm{otherwise} \end{cases}"
    ) in latex
    page = SEVERAL._repr_html_()
    for text in ("<b>on_pre fast</b>:", "<b>on_post at burst</b>:", "<b>delay of slow</b>:"):
        assert text in page
    assert "touch (test_pathways.py:" in nb.Model("", on_pre=touch)._repr_html_()


# ---- made into others ----


def test_renaming_reaches_pathways_and_both_sides() -> None:
    new = MODEL.rename(g="g_ampa", w="weight", v="V", I_syn="I_ampa", q="quantum", d="least", w_new="u")
    assert new.on_pre == {"on_pre": "g_ampa_post += weight*quantum\nx += 1"}
    assert new.on_post == {"on_post": "u = weight + x\nweight = clip(u, 0, 1)"}
    assert new.delay == "least + 1*ms*rand()"
    assert list(new) == ["x", "weight", "tau", "I_ampa_post"]
    assert new.open_names == ("V_pre", "V_post", "k", "g_ampa_post", "least")
    assert new.values == {"quantum": "2 nS"}
    back = new.rename(g_ampa="g", weight="w", V="v", I_ampa="I_syn", quantum="q", least="d", u="w_new")
    assert back == MODEL


def test_one_side_can_be_renamed_alone() -> None:
    new = MODEL.rename(v_pre="u_pre")
    assert new.open_names[:2] == ("u_pre", "v_post")
    both = nb.Model("g : 1", on_pre="g_post += g; g = 0").rename(g="h")
    assert both.on_pre == {"on_pre": "g_post += h\nh = 0"}  # the synapses' own, not the target's
    swapped = MODEL.rename(v="u", v_pre="s_pre")
    assert swapped.open_names[:2] == ("s_pre", "u_post")


def test_what_cannot_be_renamed() -> None:
    with pytest.raises(nb.UnknownNameError, match="no name 'g_pots': did you mean 'g_post'"):
        MODEL.rename(g_pots="h")
    with pytest.raises(nb.ModelError, match="there is a 'v_post' already"):
        MODEL.rename(g="v")
    with pytest.raises(nb.ModelError, match="the on_pre is a Python function, touch"):
        nb.Model("w : 1", on_pre=touch).rename(w="v")


def test_texts_can_be_replaced_and_extended() -> None:
    new = MODEL.replace(on_post=None, delay="2 ms", q="1 nS")
    assert (new.on_post, new.delay, new.values["q"]) == ({}, "2 ms", "1 nS")
    longer = MODEL.extend("y : 1", on_post="y = w")
    assert (list(longer)[-1], longer.on_post) == ("y", {"on_post": "y = w"})


def test_the_sum_has_the_statements_of_both_in_order() -> None:
    other = nb.Model("z : 1", on_pre="z = x", on_post={"late": "z += 1"}, on_event={"late": "burst"})
    whole = MODEL + other
    assert whole.on_pre == {"on_pre": "g_post += w*q; x += 1\nz = x"}
    assert list(whole.on_post) == ["on_post", "late"]
    assert (whole.delay, whole.on_event) == (MODEL.delay, {"late": "burst"})
    assert ("u : 1" + MODEL).on_pre == MODEL.on_pre


@pytest.mark.parametrize(
    ("first", "second", "delay"),
    [({"delay": "1 ms"}, {"on_pre": "w = 1"}, "1 ms"),
     ({"on_pre": "w = 1", "delay": "1 ms"}, {"on_pre": "w = 2", "delay": "1 ms"}, "1 ms"),
     ({"on_pre": "w = 1", "delay": "1 ms"}, {"on_pre": {"b": "w = 2"}}, {"on_pre": "1 ms"}),
     ({"on_pre": {"b": "w = 1"}}, {"on_pre": "w = 2", "delay": "1 ms"}, {"on_pre": "1 ms"}),
     ({"on_pre": "w = 1", "delay": 1}, {"on_pre": {"b": "w = 2"}, "delay": 2}, {"on_pre": 1, "b": 2}),
     ({"on_pre": "w = 1", "delay": {"on_pre": 1}}, {"on_pre": "w = 2", "delay": 1}, {"on_pre": 1}),
     ({"on_pre": "w = 1"}, {"on_post": "w = 2"}, None)],
)  # fmt: skip
def test_each_pathway_of_a_sum_keeps_its_delay(first: Any, second: Any, delay: Any) -> None:
    assert (nb.Model("w : 1", **first) + nb.Model("w : 1", **second)).delay == delay


def test_contradictions() -> None:
    first = nb.Model("w : 1", on_pre="w = 1", delay="1 ms", on_event={"on_pre": "a"})
    with pytest.raises(nb.ModelError, match="both models have a pathway 'on_pre', and not the same delay"):
        first + nb.Model("", on_pre="w = 2", delay="2 ms")
    with pytest.raises(nb.ModelError, match="not the same on_event"):
        first + nb.Model("", on_pre="w = 2", on_event={"on_pre": "b"})
    with pytest.raises(nb.ModelError, match="one on_pre is a function, the other a text"):
        first + nb.Model("", on_pre=touch)
    with pytest.raises(nb.ModelError, match="one of neurons or of synapses"):
        first + nb.load_model("lif")


# ---- files ----


def test_a_model_file_has_pathways(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\ntitle = "Mine"\n' + str(SEVERAL), encoding="utf-8")
    assert nb.load_model(path) == SEVERAL.replace(name="mine")
    path.write_text('name = "a"\ntitle = "A"\nequations = "w : 1"\non_pre = 3', encoding="utf-8")
    with pytest.raises(nb.LibraryError, match="'on_pre' in the model file .* must be text or a table"):
        nb.load_model(path)
    derived = tmp_path / "derived.toml"
    path.write_text('name = "mine"\ntitle = "Mine"\n' + str(MODEL.replace(name=None)), encoding="utf-8")
    derived.write_text(
        'name = "derived"\ntitle = "D"\nbase = "mine.toml"\non_post = "w += 1"\ndelay = 2', encoding="utf-8"
    )
    model = nb.load_model(derived)
    assert (model.delay, list(model.on_post.values())) == (2, ["w += 1"])
    assert model.pathways.on_pre == MODEL.pathways.on_pre
