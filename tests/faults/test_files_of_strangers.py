"""Model files that somebody else has written: what they may cost, and what of them reaches a terminal."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

import numpybrain as nb
from numpybrain.cli import main
from numpybrain.errors import visible

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b1m\u202egnp.exe\u2066"
WRITTEN = "".join(f"\\u{ord(c):04x}" for c in ESCAPES)  # as TOML wants it
DANGEROUS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):
    def run(*arguments: str) -> str:
        assert main.main(arguments) in (0, 2)
        out, err = capsys.readouterr()
        return out + err

    return run


def write(folder: Path, text: str, name: str = "own.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


FILES = {
    "title": f'name = "own"\ntitle = "T{WRITTEN}"\nequations = "dv/dt = -v/ms : 1"\n',
    "name": f'name = "own{WRITTEN}"\ntitle = "T"\nequations = "dv/dt = -v/ms : 1"\n',
    "description": 'name = "own"\ntitle = "T"\nequations = "dv/dt = -v/ms : 1"\n'
    f'description = """D{WRITTEN}"""\nreference = ["R{WRITTEN}"]\ndoi = "10.1/{WRITTEN}"\n',
    "key": f'name = "own"\ntitle = "T"\nequations = "dv/dt = -v/ms : 1"\n"k{WRITTEN}" = 1\n',
    "name of an event": 'name = "own"\ntitle = "T"\nequations = "dv/dt = -v/ms : 1"\n'
    f'[events]\n"e{WRITTEN}" = "v > 1"\n',
    "start value": 'name = "own"\ntitle = "T"\nequations = "dv/dt = -v/ms : 1"\n'
    f'initial = {{ "v{WRITTEN}" = 1 }}\n',
    "check": 'name = "own"\ntitle = "T"\nequations = "dv/dt = -v/ms : 1"\nthreshold = "v > 1"\n'
    f'[check]\nparameters = {{ "p{WRITTEN}" = "{WRITTEN}" }}\n',
    "equations": f'name = "own"\ntitle = "T"\nequations = "dv/dt = -v/ms : 1 # {WRITTEN}"\n',
    "base": f'name = "own"\ntitle = "T"\nbase = "{WRITTEN}"\n',
    "method": f'name = "own"\ntitle = "T"\nequations = "dv/dt = -v/ms : 1"\nmethod = "{WRITTEN}"\n',
    "no TOML": f"name = {WRITTEN}\n",
}


@pytest.mark.parametrize("what", FILES)
def test_nothing_of_a_file_does_something_to_a_terminal(what: str, tmp_path: Path, call) -> None:
    path = str(write(tmp_path, FILES[what]))
    for arguments in (
        ("show", path, "--tree", "--code"),
        ("run", path, "--for", "0.2 ms"),
        ("check", path),
    ):
        shown = call(*arguments)
        assert DANGEROUS.search(shown) is None, ascii(shown)
        assert shown.isprintable() or "\n" in shown


def test_a_title_stays_legible(tmp_path: Path, call) -> None:
    shown = call("show", str(write(tmp_path, FILES["title"])))
    assert shown.startswith("own: T\\x1b]0;owned\\x07\\x1b[2J\\x1b[31mred")


def test_colours_are_ours_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert main.main(["show", str(write(tmp_path, FILES["description"]))]) == 0
    left = re.sub(r"\x1b\[[0-9]+m", "", sys.stdout.getvalue())  # type: ignore[attr-defined]
    assert "D\\x1b]0;owned" in left
    assert DANGEROUS.search(left) is None


def test_errors_hold_nothing_dangerous() -> None:
    with pytest.raises(nb.NumpyBrainError) as caught:
        nb.load_model(ESCAPES)
    assert DANGEROUS.search(str(caught.value)) is None
    assert DANGEROUS.search(repr(nb.Model("x : 1", name=ESCAPES))) is None


def test_what_is_printed_of_a_model_is_harmless() -> None:
    """And is read as the same model again."""
    model = nb.Model("x : 1", name=f"{ESCAPES}\U000e0041", initial={"x": "1"})
    for text in (str(model), model.explain(), str(model.tree), model._repr_html_()):
        assert DANGEROUS.search(text) is None, ascii(text)
    again = nb.Model.parse(str(model))
    assert (again.name, str(again)) == (model.name, str(model))


def test_what_is_visible() -> None:
    assert visible("µ = 2·Ω, 5 µm\n\tà") == "µ = 2·Ω, 5 µm\n\tà"
    assert visible("10\u00a0mV\r\n") == "10 mV \n"
    assert visible("\x1b[0m") == "\\x1b[0m"


# ---- what a file may cost -----------------------------------------------------------------------------------


def test_files_that_are_built_on_one_another_without_end(tmp_path: Path) -> None:
    n = 400
    for k in range(n):
        below = f'base = "m{k + 1}.toml"' if k < n - 1 else 'equations = "x : 1"'
        write(tmp_path, f'name = "m{k}"\ntitle = "t"\n{below}\n', f"m{k}.toml")
    with pytest.raises(nb.LibraryError, match="more than 20 model files are built on one another"):
        nb.load_model(tmp_path / "m0.toml")
    assert nb.load_model(tmp_path / f"m{n - 15}.toml").definition.variables.keys() == {"x"}


def test_one_base_of_many_files_is_no_chain(tmp_path: Path) -> None:
    write(tmp_path, 'name = "b"\ntitle = "t"\nequations = "x : 1"', "b.toml")
    for k in range(20):
        write(
            tmp_path, f'name = "m{k}"\ntitle = "t"\nbase = "b.toml"\nequations = "y{k} : 1"', f"m{k}.toml"
        )
    path = write(tmp_path, f'name = "all"\ntitle = "t"\nbase = {[f"m{k}.toml" for k in range(20)]}')
    assert nb.load_model(path).definition.variables.keys() == {"x", *(f"y{k}" for k in range(20))}


@pytest.mark.parametrize(
    "value",
    [
        "9" * 5_000,
        "-" + "9" * 100_000,
        "1979-02-30",
        "25:61:00",
        "0x" + "f" * 5_000,
        "1e999999",
        "[[[" * 30_000,
    ],
)
@pytest.mark.parametrize("key", ["delay", "refractory", "bogus", "initial"])
def test_odd_values_of_toml(key: str, value: str, tmp_path: Path) -> None:
    path = write(tmp_path, f'name = "own"\ntitle = "t"\nequations = "x : 1"\n{key} = {value}\n')
    with pytest.raises(nb.NumpyBrainError):
        nb.Synapses(nb.Neurons(1, "v : 1"), nb.Neurons(1, "v : 1"), path, connect="True")
    try:
        model = nb.Model.parse(path.read_text())
    except nb.NumpyBrainError:
        return
    assert nb.Model.parse(str(model)) == model  # keys that mean nothing are left out


def test_a_whole_number_of_too_many_digits_in_a_table(tmp_path: Path) -> None:
    for digits in (400, 4_000):
        path = write(
            tmp_path, f'name = "o"\ntitle = "t"\nequations = "x : 1"\ninitial = {{ x = {"9" * digits} }}\n'
        )
        with pytest.raises(nb.NumpyBrainError):
            nb.Neurons(1, path)
