"""The command line looks at models: `show`, `models` and `check`."""

import io
import re
import sys
import textwrap
from pathlib import Path

import pytest

import numpybrain as nb
from tests.sample import SAMPLE
from numpybrain.cli import main

from .common import SOUND, fails

# ---- show ----


def test_show(call):
    status, out, err = call("show", "lif")
    assert (status, err) == (0, "")
    assert out.startswith("lif: Leaky integrate-and-fire neuron\n")
    table = nb.library.table_of("lif")
    for line in (*table["description"].split("\n"), *table["equations"].split("\n")):
        assert line.replace(" ", "") in out.replace(" ", "")  # the canonical text has its own spaces
    assert "\nthreshold:\n    v > V_th\n" in out
    assert re.search(r"^    v +differential equation +mV +unless refractory$", out, re.MULTILINE)
    assert re.search(r"^    tau_m +parameter +ms +membrane time constant$", out, re.MULTILINE)
    assert f"https://doi.org/{table['doi']}" in out
    assert "method exact:\n    the equations are linear with constant coefficients\n" in out
    assert "    v = " in out.split("one step, in declared units and ms:\n")[1]
    assert "syntax tree" not in out
    assert "def f(" not in out


def test_show_code_and_tree(call):
    model = nb.load_model("izhikevich")
    _, out, _ = call("show", "izhikevich", "--code", "--tree", "--method", "rk4")
    cells = nb.Neurons(1, model, method="rk4")
    assert textwrap.indent(cells.update.formula, "    ") in out
    assert "\nthe NumPy code that runs:\n" in out
    assert "def f(" in out
    assert textwrap.indent(str(model.tree), "    ") in out
    assert "method rk4:\n    asked for\n" in out


def test_show_removed_singularities(call):
    _, out, _ = call("show", "hodgkin_huxley")
    assert "exprel" in out
    assert "removable singularities, removed:\n" in out


@pytest.mark.parametrize("name", SAMPLE)
def test_every_library_model_can_be_shown(name, call):
    status, out, err = call("show", name, "--code", "--tree")
    assert (status, err) == (0, "")
    assert "\nreference:\n" in out


def test_show_what_is_wrong(call):
    assert "unknown model 'lfi'" in fails(call, "show", "lfi")


def test_models(call):
    status, out, err = call("models")
    assert (status, err) == (0, "")
    kinds = out.rstrip().split("\n\n")
    assert [kind.splitlines()[0] for kind in kinds] == [
        "neurons:",
        "channels, to be added to a membrane:",
        "synapses, for Synapses(source, target, NAME):",
    ]
    for kind, lines in zip(("neurons", "channels", "synapses"), kinds, strict=True):
        rows = dict(line.split(maxsplit=1) for line in lines.splitlines()[1:])
        assert rows.keys() == set(nb.list_models(kind))
        assert rows.items() >= {
            (name, table["title"])
            for name in nb.list_models(kind)
            if "variants" not in (table := nb.library.table_of(name))
        }
    assert "Izhikevich's simple model (20 variants)" in out


@pytest.mark.parametrize("name", nb.list_models("channels"))
def test_a_fragment_says_what_it_lacks(name, call):
    status, out, err = call("show", name)
    assert (status, err) == (0, "")
    opened = nb.load_model(name).open_names
    head, tail = out.split("\nopen names: ")
    assert tail.startswith(", ".join(opened) + "\nThis is a part of a neuron. Add it to others")
    given = re.findall(r"--set (\w+)='([^']+)'", tail)
    assert [n for n, _ in given] == list(opened)
    values = [word for n, value in given for word in ("--set", f"{n}={value}")]
    status, out, err = call("show", name, *values)
    assert (status, err) == (0, "")
    assert out.startswith(head)
    assert "open names" not in out


@pytest.mark.parametrize("name", nb.list_models("synapses"))
def test_a_model_of_synapses_says_what_it_is(name, call):
    status, out, err = call("show", name, "--tree")
    assert (status, err) == (0, "")
    model = nb.load_model(name)
    for what, text in {**model.on_pre, **model.on_post}.items():
        assert text.split("\n")[0].split()[0] in out, what
    tail = out.split("\n\n")[-1]
    assert f"This is a model of synapses:  nb.Synapses(source, target, '{name}', connect=...)" in tail
    assert all(f" {opened}" in tail for opened in model.open_names)
    assert call("check", str(nb.resources.folder("models") / "synapses" / f"{name}.toml"))[0] == 0
    message = "is a model of synapses" if model.pathways else "has a meaning for synapses only"
    assert message in fails(call, "run", name)


def test_what_a_fragment_proposes_works(call):
    _, out, _ = call("show", "na_hh")
    lines = [line for line in out.splitlines() if line.startswith("    parts = ") or "    cell = " in line]
    made = {"nb": nb}
    exec("\n".join(line.strip() for line in lines), made)
    assert made["cell"].open_names == ()


def test_a_channel_is_clamped(call):
    status, out, _ = call("run", "na_hh", "--set", "v=-20 mV", "--record", "I_Na", "--for", "5 ms")
    assert status == 0
    assert re.search(r"^I_Na +\S.* uA/cm\*\*2 over the run$", out, re.MULTILINE)


def test_start_values_of_a_base_follow_values_per_neuron(call):
    status, out, err = call("run", "wang_buzsaki", "-n", "3", "--for", "1 ms", "--set", "I=1*uA/cm**2*i")
    assert (status, err) == (0, "")


# ---- check ----


def test_check_a_sound_file(call):
    Path("mine.toml").write_text(SOUND)
    assert call("check", "mine.toml") == (0, "mine.toml: ok, open names: drive\n", "")
    closed = SOUND.replace("drive", "20*mV")
    Path("mine.toml").write_text(closed)
    assert call("check", "mine.toml") == (0, "mine.toml: ok, method exact\n", "")


def test_a_title_is_for_the_library(call):
    Path("mine.toml").write_text('equations = "dv/dt = -v/(5*ms) : mV"')
    assert call("check", "mine.toml") == (0, "mine.toml: ok, method exact\n", "")
    assert call("show", "mine.toml")[1].startswith("mine\n\nequations:\n")
    assert call("run", "mine.toml", "--for", 1)[1].startswith("mine\n1 neuron, ")


def test_check_shows_the_place(call):
    Path("mine.toml").write_text(SOUND.replace("v > 10*mV", "v > 10*ms"))
    err = fails(call, "check", "mine.toml")
    assert err.startswith("mine.toml:\nUnitError: cannot compare")
    assert "    v > 10*ms\n" in err
    assert "^" in err
    assert err.endswith("in the model file mine.toml\n")


def test_check_goes_on_after_a_mistake(call):
    Path("wrong.toml").write_text("name = ")
    Path("sound.toml").write_text(SOUND)
    Path("empty.toml").write_text('name = "empty"')
    Path("extra.toml").write_text(SOUND + 'treshold = "v > 1"')
    status, out, err = call("check", "wrong.toml", "sound.toml", "empty.toml", "extra.toml", "none.toml")
    assert status == 2
    assert out == "sound.toml: ok, open names: drive\n"
    assert "the model file wrong.toml is not TOML" in err
    assert "the model file empty.toml lacks the key 'equations'" in err
    assert "unknown key 'treshold' in the model file extra.toml: did you mean 'threshold'?" in err
    assert "cannot read the model file none.toml" in err


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("dv/dt = -v/tau : mV\nI : nA", 0, "-: ok, open names: tau\n"),
        ("dv/dt = -v/(5*ms) : mV", 0, "-: ok, method exact\n"),
        ("x : 1", 0, "-: ok\n"),
        ("dv/dt = -v/ : mV", 2, "-:\nModelSyntaxError: expected a value (got ':')\n    dv/dt = -v/ : mV\n"),
    ],
)
def test_check_standard_input(text, status, message, monkeypatch, call):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    found, out, err = call("check", "-")
    assert found == status
    assert (out + err).startswith(message)
    Path("equations.txt").write_text(text)
    found, out, err = call("check", "equations.txt")
    assert found == status
    assert (out + err).startswith(message.replace("-:", "equations.txt:", 1))


def test_check_what_cannot_be_read(call):
    Path("latin.txt").write_bytes(b"dv/dt = 1/ms : 1 # \xe9")
    assert "cannot read 'latin.txt'" in fails(call, "check", "latin.txt")
    assert "cannot read 'none.txt'" in fails(call, "check", "none.txt")
