"""Variants of models: what a table in the file says in place of the rest, under a name of its own."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import numpybrain as nb
from numpybrain import library
from numpybrain.cli.main import main

pytestmark = pytest.mark.filterwarnings("error")

FILE = """
title = "Integrator"
equations = '''
dv/dt = -v/tau + I/ms : mV
tau = 10*ms : ms  # how long it remembers
I = 0*mV : mV  # input
'''
threshold = "v > 5*mV"
reset = "v = 0*mV"
initial = { v = "1*mV" }

[variants.slow]
title = "Remembers longer"
parameters = { tau = "50 ms" }
initial = { v = "2*mV" }
drive = { parameters = { I = "0.3 mV" }, run = "30 ms" }

[variants.silent]
equations = "dv/dt = -v/tau : mV"
threshold = "v > 100*mV"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "own.toml"
    found.write_text(FILE, encoding="utf-8")
    return found


def test_a_variant_is_used_by_its_name() -> None:
    cells = nb.Neurons(10, "adex:regular_bursting", I="210 pA")
    assert len(cells) == 10
    assert (cells.b[0], cells.tau_w[0], cells.V_reset[0]) == (100, 120, -46)
    assert cells.v[0] == -58  # it starts at its own E_L
    assert nb.load_model("adex:regular_bursting").name == "adex:regular_bursting"


def test_what_is_given_beside_it_is_stronger() -> None:
    cells = nb.Neurons(1, "adex:regular_bursting", b="7 pA", initial={"v": "-55 mV"})
    assert (cells.b[0], cells.a[0], cells.v[0]) == (7, 2, -55)
    assert nb.load_model("adex")["b"].expr is not None  # the model itself is what it was
    assert nb.Neurons(1, "adex").b[0] == 80.5


def test_of_a_file_of_ones_own(path: Path) -> None:
    plain, slow, silent = (
        nb.Neurons(1, f"{path}{v}", name=n) for v, n in (("", "p"), (":slow", "s"), (":silent", "q"))
    )
    assert [c.tau[0] for c in (plain, slow, silent)] == [10, 50, 10]
    assert [c.v[0] for c in (plain, slow, silent)] == [1, 2, 1]
    net = nb.Network(plain, slow, silent)
    net.run(10)
    np.testing.assert_allclose([plain.v[0], slow.v[0]], [np.exp(-1), 2 * np.exp(-0.2)], rtol=1e-9)


def test_an_unknown_variant_is_told_with_those_that_there_are(path: Path) -> None:
    with pytest.raises(
        nb.LibraryError, match="no variant 'regular_bursting_': did you mean 'regular_bursting'"
    ):
        nb.Neurons(1, "adex:regular_bursting_")
    with pytest.raises(nb.LibraryError) as caught:
        nb.Neurons(1, "adex:xyz")
    assert "the model 'adex' has no variant 'xyz'" in caught.value.message
    assert caught.value.help is not None
    assert "tonic_spiking" in caught.value.help
    with pytest.raises(nb.LibraryError) as caught:
        nb.Neurons(1, "lif:fast")
    assert caught.value.help == "its variants: none"
    with pytest.raises(nb.LibraryError, match="no variant 'fast'"):
        nb.load_model(f"{path}:fast")
    with pytest.raises(nb.LibraryError, match="unknown model 'adx': did you mean 'adex'"):
        nb.Neurons(1, "adx:tonic_spiking")


def test_equations_of_one_word_and_a_unit_stay_equations() -> None:
    assert nb.Neurons(2, "x:mV").x.tolist() == [0, 0]
    assert nb.Neurons(2, "x:volt\ny:1").y.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[variants]\nfast = "x"', "the variant 'fast' of the model file .* must be a table"),
        ('[variants.fast]\nname = "x"', "unknown key 'name' in the variant 'fast' of the model file"),
        ('[variants.fast]\nresett = "x"', "unknown key 'resett' in the variant .*did you mean 'reset'"),
        ("[variants.fast]\nreset = 1", "'reset' in the variant 'fast' .* must be text"),
        ("[variants.'a b']\nreset = 'v = 0*mV'", "needs a name of letters, digits and _"),
        ("variants = 1", "'variants' in the model file .* must be a table"),
    ],
)
def test_what_is_wrong_in_a_file_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text('equations = "dv/dt = -v/ms : mV"\n' + text, encoding="utf-8")
    with pytest.raises(nb.LibraryError, match=message):
        nb.load_model(path)


def test_a_fault_of_a_variant_says_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'equations = "dv/dt = -v/ms : mV"\n[variants.fast]\nreset = "v = 1*nS"', encoding="utf-8"
    )
    nb.load_model(path)
    with pytest.raises(nb.UnitError) as caught:
        nb.load_model(f"{path}:fast")
    assert any("in the variant 'fast' of the model file" in note for note in caught.value.__notes__)


def test_lists_and_tables(path: Path) -> None:
    names = nb.list_models(variants=True)
    assert "adex:tonic_spiking" in names
    assert "adex:tonic_spiking" not in nb.list_models()
    assert library.variants_of("adex")["adaptation"] == "Adaptation"
    table = library.table_of("adex:adaptation")
    assert (table["name"], table["title"], table["doi"]) == (
        "adex:adaptation",
        "Adaptation",
        "10.1152/jn.00686.2005",
    )
    assert "variants" not in table
    assert library.drive_of("adex:adaptation")["parameters"] == {"I": "500 pA"}
    assert library.drive_of("lif")["parameters"] == {"I": "2 nA"}  # that of its check
    assert library.drive_of(f"{path}:slow") == {"parameters": {"I": "0.3 mV"}, "run": "30 ms"}


def test_a_variant_is_a_model_like_any_other() -> None:
    model = nb.load_model("izhikevich:class_1")
    again = nb.Model.parse(str(model))
    assert str(again) == str(model) == str(pickle.loads(pickle.dumps(model)))
    assert "4.1/ms*v + 108*mV/ms" in str(model["v"].variable.expr.span.text)
    assert "class_1" in repr(model) or "class_1" in str(model)


def test_command_line(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    assert main(["show", "adex"]) == 0
    out = capsys.readouterr().out
    assert "variants:\n" in out
    assert "adex:irregular_spiking" in out
    assert main(["show", "adex:irregular_spiking"]) == 0
    assert "adex:irregular_spiking: Irregular" in capsys.readouterr().out
    assert main(["run", "adex:tonic_spiking", "--set", "I=500 pA", "--for", "100 ms"]) == 0
    assert "spikes  " in capsys.readouterr().out
    assert main(["run", f"{path}:slow", "--for", "10 ms"]) == 0
    assert "Remembers longer" in capsys.readouterr().out
