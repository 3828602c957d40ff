"""The commands that help: `methods`, `doctor` and `completion`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import metadata

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.cli import completion, doctor, main


def test_methods(call):
    status, out, err = call("methods")
    assert (status, err) == (0, "")
    heads, *rows = out.splitlines()
    assert heads.split() == ["name", "order", "with", "noise", "stable", "up", "to", "for"]
    assert [row.split()[0] for row in rows] == nb.list_methods()
    found = {row.split()[0]: row.split()[1] for row in rows}
    assert found["exact"] == "exact"
    assert (found["rk4"], found["euler"], found["trapezoidal"]) == ("4", "1", "2")
    assert "2.79" in next(
        row for row in rows if row.startswith("rk4 ")
    )  # where |1+z+z^2/2+z^3/6+z^4/24| = 1


# ---- doctor ----


def test_doctor(call):
    status, out, err = call("doctor")
    assert (status, err) == (0, "")
    assert out.startswith(f"NumpyBrain {nb.__version__}, Python {sys.version.split()[0]}, ")
    for name in ("numpy", "sympy", "lark", "pint"):
        assert re.search(rf"^    {name} +{re.escape(metadata.version(name))}", out, re.MULTILINE)
    assert "cache: none" in out
    assert "BLAS: " in out
    assert "lif with 2 nA fires 6 times in 100 ms, as it should" in out
    assert out.endswith("all is well\n")
    spikes = np.arange(1, 10) * (10 * np.log(4)) + np.arange(9) * 2  # of the closed form
    assert (spikes < doctor.RUN).sum() == doctor.SPIKES


@pytest.mark.parametrize(
    ("requirement", "package"),
    [
        ("numpy>=1.26", ("numpy", "", "1.26")),
        ('matplotlib>=3.7; extra == "plot"', ("matplotlib", "plot", "3.7")),
        ("scipy<3,>=1.11 ; extra == 'fast'", ("scipy", "fast", "1.11")),
        ('h5py; python_version < "4" and extra == "export"', ("h5py", "export", "0")),
    ],
)
def test_what_metadata_say(monkeypatch, requirement, package):
    monkeypatch.setattr(metadata, "requires", lambda _: [requirement, 'numpybrain[test]; extra == "dev"'])
    (found,) = doctor._packages()
    assert found[:3] == package


def test_doctor_says_what_is_missing_or_too_old(call, monkeypatch):
    listed = [
        "numpy>=99.1",
        "no-such-package>=1",
        'not-there>=2; extra == "plot"',
        'pytest>=1; extra == "test"',
    ]
    monkeypatch.setattr(metadata, "requires", lambda _: listed)
    status, out, _ = call("doctor")
    assert status == 1
    assert f"older than 99.1: pip install --upgrade numpybrain" in out
    assert re.search(r"^    no-such-package +missing +pip install --upgrade numpybrain$", out, re.MULTILINE)
    assert re.search(
        r'^    not-there +missing +pip install --upgrade "numpybrain\[plot\]"$', out, re.MULTILINE
    )
    assert "pytest" not in out
    assert out.endswith("something is missing or wrong; see above\n")


def test_doctor_of_a_checkout_that_is_not_installed(monkeypatch):
    def requires(_):
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "requires", requires)
    assert [p.name for p in doctor._packages()] == ["numpy", "sympy", "lark", "pint"]


def test_doctor_finds_a_run_that_goes_wrong(call, monkeypatch):
    monkeypatch.setattr(doctor, "SPIKES", 7)
    status, out, _ = call("doctor")
    assert status == 1
    assert "fires 6 times in 100 ms, where it should 7 times" in out


# ---- completion ----


@pytest.mark.parametrize(
    ("words", "some", "none"),
    [
        (
            [],
            ["run", "show", "models", "methods", "check", "cite", "doctor", "completion", "--version"],
            ["lif"],
        ),
        (["r"], ["run"], ["show"]),
        (["run", ""], ["lif", "hodgkin_huxley"], ["na_hh", "--for"]),
        (["cite", "adex", "na"], ["na_hh"], ["lif"]),
        (["run", "hod"], ["hodgkin_huxley"], ["lif"]),
        (["show", "na"], ["na_hh"], ["lif"]),
        (["run", "lif", "--m"], ["--method"], ["--for"]),
        (["run", "lif", "--method", "exp"], ["exponential_euler"], ["exact"]),
        (["run", "lif", "--record", ""], ["spikes", "v", "I"], ["I="]),
        (["run", "lif", "--set", ""], ["I=", "v="], ["spikes"]),
        (["run", "lif", "--input", ""], ["I="], ["v="]),
        (["run", "--quiet", ""], ["lif"], []),
        (["run", "--for", "1 s", "l"], ["lif"], []),
        (["completion", ""], ["bash", "zsh", "fish"], []),
        (["run", "lif", ""], [], ["lif"]),
        (["run", "lif", "--plot", ""], [], ["lif"]),
        (["run", "a.py", "--", "-"], [], ["--for"]),
        (["check", ""], [], ["lif"]),
        (["nonsense", ""], [], ["run"]),
        (["run", "none.toml", "--set", ""], [], []),
    ],
)
def test_proposals(words, some, none, call):
    status, out, err = call(completion.FLAG, *words)
    assert (status, err) == (0, "")
    found = out.splitlines()
    assert set(some) <= set(found)
    assert not set(none) & set(found)
    assert all(word.startswith(words[-1]) for word in found if words)


@pytest.mark.parametrize("shell", completion.SCRIPTS)
def test_scripts(shell, call, tmp_path):
    status, out, err = call("completion", shell)
    assert (status, err) == (0, "")
    assert "numpybrain --complete" in out
    if shutil.which(shell):
        file = tmp_path / "script"
        file.write_text(out)
        subprocess.run([shell, "-n", file], check=True)


def test_no_other_shell(capsys):
    with pytest.raises(SystemExit):
        main.main(["completion", "tcsh"])
    assert "invalid choice: 'tcsh'" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_asks_and_gets_an_answer(tmp_path, monkeypatch):
    """The script, with a stand-in for the program that shows what it is asked."""
    asked = 'numpybrain() { printf "%s|" "$@" >asked; printf "lif\\nI=\\n"; }\n'
    line = 'COMP_WORDS=(numpybrain run "a b" l); COMP_CWORD=3; _numpybrain; printf "%s," "${COMPREPLY[@]}"'
    done = subprocess.run(
        ["bash", "-c", completion.script("bash") + asked + line],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "lif,I=,"
    assert (tmp_path / "asked").read_text() == "--complete|run|a b|l|"
