"""Stages that models say: statements that act in a phase of every step."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

EQUATIONS = "dv/dt = -v/(10*ms) : 1\nlimit = 5 : 1"
AT = {"end": "v = clip(v, -limit, limit)", "start": "v += 1"}


def steps(v, limit, n):
    for _ in range(n):
        v = np.clip((v + 1) * np.exp(-0.1), -limit, limit)
    return v


def test_they_act_in_every_step_in_the_order_of_the_phases():
    cells = nb.Neurons(2, nb.Model(EQUATIONS, at=AT), limit=[3, 50])
    net = nb.Network(cells, dt=1)
    net.run(20)
    assert np.allclose(cells.v, steps(np.zeros(2), np.array([3, 50]), 20), rtol=1e-14)
    shown = [(stage.phase, stage.description) for stage in net.schedule]
    assert shown[0] == ("start", "run 'v += 1'")
    assert shown[-1] == ("end", "run 'v = clip(v, -limit, limit)'")


def test_a_file_has_them(tmp_path):
    model = nb.Model(EQUATIONS, at=AT)
    again = nb.Model.parse(str(model))
    assert again == model
    assert again != nb.Model(EQUATIONS, at={"start": "v += 1"})
    path = tmp_path / "limited.toml"
    path.write_text(
        f'equations = """\n{EQUATIONS}\n"""\nat = {{ start = "v += 1", end = "v = clip(v, -limit, limit)" }}'
    )
    cells = nb.Neurons(1, str(path), limit=3)
    nb.Network(cells, dt=1).run(5)
    assert np.allclose(cells.v, steps(np.zeros(1), 3, 5), rtol=1e-14)


def test_those_given_beside_a_model_come_in_addition():
    cells = nb.Neurons(1, nb.Model(EQUATIONS, at=AT), at={"end": "v = 7", "reset": "v *= 2"})
    assert {s.phase for s in cells.stages if s.order == 3} == {"start", "reset", "end"}
    nb.Network(cells, dt=1).run(1)
    assert cells.v[0] == 7


def test_models_are_renamed_and_added_with_them():
    both = nb.Model(EQUATIONS, at=AT).rename(v="u") + nb.Model("w : 1", at={"end": "w += 1"})
    cells = nb.Neurons(1, both, limit=3)
    nb.Network(cells, dt=1).run(4)
    assert np.allclose(cells.u, steps(np.zeros(1), 3, 4), rtol=1e-14)
    assert cells.w[0] == 4
    assert "at end" in str(both.tree)
    assert "at end" in str(both.dependencies())
    assert "at end" in str(both.explain())
    assert "clip" in both._repr_html_()


def test_open_names_are_given_later():
    model = nb.Model("v : mV", at={"end": "v += rise"})
    assert model.open_names == ("rise",)
    cells = nb.Neurons(1, model, rise="2 mV")
    nb.Network(cells).run(0.3)
    assert np.isclose(cells.v[0], 6)


def test_synapses_have_them():
    cells = nb.Neurons(3, "v : 1", initial={"v": "i"})
    model = nb.Model("w : 1\nk : 1", on_pre="v_post += w", at={"end": "w = clip(w + k*v_post, 0, 1.5)"})
    synapses = nb.Synapses(cells, cells, model, k=1, connect="all_to_all", at={"start": "w += 0.25"})
    nb.Network(cells, synapses, dt=1).run(2)
    expected = [min(min(0.25 + j, 1.5) + 0.25 + j, 1.5) for j in range(3)] * 3
    assert np.array_equal(synapses.w, expected)


def test_groups_in_python_have_them():
    def grow(v):
        v += 1

    cells = nb.Neurons(2, {"v": "1"}, at={"end": grow})
    nb.Network(cells).run(0.2)
    assert np.array_equal(cells.v, [2, 2])
    words = nb.Neurons(2, {"v": "1"}, at={"end": "v += 1"})
    nb.Network(words).run(0.2)
    assert np.array_equal(words.v, [2, 2])


def test_runs_go_on_from_snapshots():
    def network():
        cells = nb.Neurons(2, nb.Model(EQUATIONS, at=AT), name="limited")
        return nb.Network(cells, dt=1), cells

    first, _ = network()
    first.run(5)
    second, cells = network()
    second.restore(first.snapshot())
    second.run(5)
    assert np.allclose(cells.v, steps(np.zeros(2), 5, 10), rtol=1e-14)


WRONG = [
    ({"ende": "v = 1"}, nb.ModelError, "no phase 'ende': did you mean 'end'"),
    ({"end": 3}, nb.ArgumentError, "at the end of steps must be a text or a function"),
    ({"end": "v = = 2"}, nb.ModelSyntaxError, "expected a value"),
    ({"end": "v = 3*mV"}, nb.UnitError, "must be a number"),
    ({"end": "limits = 3; i = 2"}, nb.ModelError, "'i' cannot be assigned"),
    ("v = 1", nb.ArgumentError, r"such as at=\{'end'"),
]


@pytest.mark.parametrize(("at", "error", "words"), WRONG)
def test_what_is_wrong_is_said(at, error, words):
    with pytest.raises(error, match=words):
        nb.Model(EQUATIONS, at=at)
