"""Models renamed, extended and added, and model files that build on others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

SOMA = nb.Model(
    "dv/dt = (I_Na + I_K - g*v)/C : mV\ng = 2*nS : nS\nC = 100*pF : pF",
    threshold="v > 20*mV", reset="v = 0*mV", initial={"v": "5 mV"}, name="soma",
)  # fmt: skip
SODIUM = "I_Na = g_Na*(E_Na - v) : pA\ng_Na = 1*nS : nS\nE_Na = 50*mV : mV"
POTASSIUM = nb.Model("I_K = g*(E - v) : pA\ng = 3*nS : nS\nE = -70*mV : mV")


def test_a_sum_is_the_model_that_one_would_have_written() -> None:
    whole = SOMA + SODIUM + POTASSIUM.rename(g="g_K", E="E_K")
    assert whole.open_names == ()
    cells = nb.Neurons(1, whole)
    nb.Network(cells, dt=0.1).run(10)
    total, drive = 2 + 1 + 3, 1 * 50 - 3 * 70
    steady, rate = drive / total, total / 100
    assert cells.v[0] == pytest.approx(steady + (5 - steady) * np.exp(-rate * 10), rel=1e-12)
    assert cells.update.method == "exact"


def test_text_plus_model() -> None:
    assert set("g_Na E_Na I_Na v g C".split()) <= set(SODIUM + SOMA)


def test_resets_follow_each_other_and_values_join() -> None:
    a = nb.Model("v : 1\nw : 1", threshold="v > 0", reset="w = v", parameters={"v": 2})
    b = nb.Model("u : 1\nw : 1", reset="u = w + k; w += 1", parameters={"k": 5}, initial={"w": 3})
    whole = a + b
    assert whole.values == {"v": 2, "k": 5}
    cells = nb.Neurons(1, whole)
    nb.Network(cells).run(0.1)
    assert (cells.u[0], cells.w[0]) == (7, 3)


def test_equal_lines_may_stand_in_both() -> None:
    first = nb.Model("v : mV\ntau = 10*ms : ms  # one")
    second = nb.Model("tau =  10*ms:ms # two\nx = v/tau : mV/ms")
    assert list(first + second) == ["v", "tau", "x"]


@pytest.mark.parametrize(
    ("other", "message"),
    [("g = 3*nS : nS", "'g' is defined in both models, and not alike"),
     (nb.Model("x : 1", threshold="x > 1"), "both models have a threshold, and not the same"),
     (nb.Model("x : 1", reset=lambda x: None), "one reset is a function, the other a text")],
)  # fmt: skip
def test_contradictions(other: Any, message: str) -> None:
    with pytest.raises(nb.ModelError) as caught:
        SOMA + other
    assert str(caught.value).startswith(message)


def test_renaming_reaches_every_text() -> None:
    model = nb.Model(
        "dv/dt = (f(v) + I)/tau : mV (unless refractory)\ntau = w*2 : ms\nw : ms\nn : 1",
        threshold="v > w*mV/ms", refractory="w", initial={"v": "n*mV", "n": 2},
        reset="if v > 1*mV:\n    v = n*mV\nelse: n += 1", parameters={"I": "3 mV", "w": "2*ms"},
    )  # fmt: skip
    new = model.rename(v="u", w="period", f="shape", n="count", I="drive")
    for old in ("v", "w", "f", "n", "I"):
        assert not any(old in used for used in new.dependencies().uses.values())
    assert new.values == {"drive": "3 mV", "period": "2*ms"}
    assert new.rename(u="v", period="w", shape="f", count="n", drive="I") == model
    swapped = nb.Model("a = 2*b : 1\nb : 1").rename(a="b", b="a")
    assert str(swapped) == 'equations = """\nb = 2*a : 1\na : 1\n"""'


def test_the_renamed_model_computes_the_same() -> None:
    model = nb.load_model("adex")
    new = model.rename(v="v_soma", w="adaptation")
    results = []
    for made, name in ((model, "v"), (new, "v_soma")):
        cells = nb.Neurons(3, made, I=[0.5, 0.8, 1.1])
        nb.Network(cells, dt=0.1).run(30)
        results.append(np.array(getattr(cells, name)))
    np.testing.assert_array_equal(*results)


def test_wrong_renaming() -> None:
    with pytest.raises(nb.UnknownNameError, match="no name 'gg': did you mean 'g'"):
        SOMA.rename(gg="h")
    with pytest.raises(nb.ModelError, match="there is a 'C' already"):
        SOMA.rename(g="C")
    with pytest.raises(nb.ArgumentError, match="must be a name"):
        SOMA.rename(g="1 + 2")
    with pytest.raises(nb.ModelError, match="the name 'lambda_pre' is reserved"):
        SOMA.rename(g="lambda_pre")
    with pytest.raises(nb.ModelError, match="the threshold is a Python function, <lambda>"):
        nb.Model("v : 1", threshold=lambda v: v > 1).rename(v="u")


def test_extending_replaces_lines() -> None:
    new = SOMA.extend("g = 5*nS : nS\nI_Na = 0*pA : pA\nI_K = 0*pA : pA", reset=None)
    cells = nb.Neurons(1, new)
    assert cells.g[0] == 5
    assert new.definition.reset is None
    assert list(new)[:3] == ["v", "g", "C"]


def test_statements_and_expressions() -> None:
    rise = nb.Statements("g += k*w; n = n + 1", g="g_ampa", k=0.25)
    assert rise == "g_ampa += 0.25*w\nn = n + 1"
    assert rise + "w = 0" == "g_ampa += 0.25*w\nn = n + 1\nw = 0"
    assert "w = 0" + nb.Statements("w += 1") == "w = 0\nw += 1"
    assert rise.rename(g_ampa="g_nmda") == "g_nmda += 0.25*w\nn = n + 1"
    assert nb.Expression("v > x", x="-50 mV") == "v > -50*mV"
    assert nb.Expression("a*b", a="c + d") == "(c + d)*b"
    assert nb.Expression("v*2").rename(v="u") == "u*2"
    cells = nb.Neurons(1, "v : mV\nn : 1", threshold=nb.Expression("v > x", x="-1 mV"),
                       reset=nb.Statements("v -= k", k="5 mV") + "n += 1")  # fmt: skip
    nb.Network(cells).run(0.1)
    assert (cells.v[0], cells.n[0]) == (-5, 1)
    with pytest.raises(nb.ModelError, match="can be renamed, but not replaced by a value"):
        nb.Statements("g += 1", g=3)
    with pytest.raises(nb.ModelSyntaxError):
        nb.Statements("g +=")
    with pytest.raises(nb.ArgumentError, match="by a name, an expression or a number"):
        nb.Expression("g + 1", g=[1])


# ---- model files -----------------------------------------------------------------------------

BASE = 'name = "base"\ntitle = "t"\nequations = "dv/dt = (I - v)/tau : mV\\ntau = 10*ms : ms"\n'


def files(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(f'name = "{name}"\ntitle = "t"\n{text}\n')


def test_a_file_builds_on_files_and_library(tmp_path: Path) -> None:
    files(
        tmp_path,
        base='equations = "dv/dt = (I - v)/tau : mV\\ntau = 10*ms : ms"\nthreshold = "v > 1*mV"',
        drive='equations = "I = 3*mV : mV"',
        both='base = ["base.toml", "drive.toml"]\nequations = "w : 1"\nreset = "w += 1"\n[parameters]\ntau = "4 ms"',
        faster='base = "both.toml"\nthreshold = "v > 2*mV"\n[initial]\nv = "2.5 mV"',
        squid='base = "hodgkin_huxley"\nequations = "C = 2*uF/cm**2 : uF/cm**2"',
    )
    both = nb.load_model(tmp_path / "both.toml")
    assert list(both) == ["v", "tau", "I", "w"]
    assert both.values == {"tau": "4 ms"}
    cells = nb.Neurons(1, tmp_path / "faster.toml")
    assert cells.tau[0] == 4
    nb.Network(cells).run(0.1)
    assert cells.w[0] == 1
    squid = nb.Neurons(1, tmp_path / "squid.toml")
    assert (squid.C[0], squid.g_Na[0], squid.v[0]) == (2, 120, -65)


@pytest.mark.parametrize(
    ("text", "message"),
    [('base = "a.toml"', "is its own base"), ('base = "b.toml"', "is its own base"),
     ('base = "hodgkin"', "unknown model 'hodgkin': did you mean 'hodgkin_huxley'?"),
     ('base = []', "names no model"), ('base = [1]', "'base' in the model file"),
     ('base = "../../secret.toml"', "cannot read the model file"), ('base = 3', "must be text"),
     ('threshold = "v > 1"', "lacks the key 'equations'")],
)  # fmt: skip
def test_bad_bases(tmp_path: Path, text: str, message: str) -> None:
    files(tmp_path, a=text, b='base = "a.toml"')
    with pytest.raises(nb.LibraryError) as caught:
        nb.load_model(tmp_path / "a.toml")
    assert message in str(caught.value)


def test_a_base_lies_beside_the_file(tmp_path: Path) -> None:
    """A file from elsewhere does not make us read other folders."""
    inner = tmp_path / "inner"
    inner.mkdir()
    files(tmp_path, outside='equations = "v : 1"')
    files(inner, a='base = "../outside.toml"')
    with pytest.raises(nb.LibraryError, match="cannot read the model file"):
        nb.load_model(inner / "a.toml")
