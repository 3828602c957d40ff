"""`import numpybrain` costs what NumPy costs; SymPy and Lark come with the first string, pint with quantities."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import numpybrain as nb

ROOT = Path(nb.__file__).parent.parent
HEAVY = ("sympy", "lark", "pint", "matplotlib", "scipy", "pandas", "numba", "tqdm", "ipywidgets", "IPython")


def run(code: str, **variables: str) -> str:
    """What a fresh Python prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


LOADED = f"import sys; print(*[m for m in {HEAVY} if m in sys.modules])"

IN_PYTHON = """
import numpy as np
import numpybrain as nb

def integrate(v, dt):
    v += dt*(1.5 - v)/10

def push(v_post, post):
    np.add.at(v_post, post, 0.1)

nb.seed(1)
cells = nb.Neurons(10, {"v": "1"}, integrate=integrate, threshold=lambda v: v > 1,
                   reset=lambda v, spikes: v.__setitem__(spikes, 0), refractory="2 ms", initial={"v": lambda rng, N: rng.random(N)})
synapses = nb.Synapses(cells[:5], cells, on_pre=push, connect=nb.connect.probability(0.5), delay="0.5 ms")
spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v", every="1 ms")
cells.at("start", lambda t, v: None)
net = nb.Network(cells, synapses, spikes, trace, dt="0.1 ms")
net.run("100 ms")
net.run(0.1)
str(net.schedule)
repr(net), repr(cells), dir(nb), dir(cells)
assert len(spikes) > 10 and trace.v.shape == (101, 10)
"""

WITHOUT = {"the import": "import numpybrain", "all names but the model's": "import numpybrain as nb\n[getattr(nb, n) for n in ('Neurons', 'Synapses', 'Monitor', 'Network', 'connect', 'seed', 'errors')]",
           "a network in Python": IN_PYTHON}  # fmt: skip


@pytest.mark.parametrize("name", WITHOUT)
def test_what_is_not_imported(name: str) -> None:
    assert run(f"{WITHOUT[name]}\n{LOADED}").split() == []


def test_the_first_string_imports_them() -> None:
    code = "cells = nb.Neurons(1, 'dv/dt = -v/ms : 1\\nx : mV'); cells.x = '2 uV'; nb.Network(cells).run('1 ms')"
    assert set(run(f"import numpybrain as nb; {code}\n{LOADED}").split()) == {"sympy", "lark"}


def test_quantities_import_pint() -> None:
    assert "pint" in run(f"from numpybrain.units import mV\n{LOADED}").split()


def test_looking_for_a_model_imports_no_sympy() -> None:
    assert (
        "sympy"
        not in run(
            f"import numpybrain as nb; nb.Model('dv/dt = -v/ms : 1'); nb.list_models()\n{LOADED}"
        ).split()
    )


CALLS = """
import sys
found = [0]
def count(frame, event, argument):
    found[0] += event in ("call", "c_call")
sys.setprofile(count)
{}
sys.setprofile(None)
print(found[0])
"""

ALL = "import numpybrain as nb\nfor name in nb.__all__:\n    getattr(nb, name)"
NO_TEXT = "import numpybrain as nb\nnb.Neurons, nb.Synapses, nb.Monitor, nb.Network, nb.connect"


def test_the_import_costs_little_more_than_that_of_numpy(tmp_path: Path) -> None:
    """In calls of functions, in Python and in C: no more before a class is asked for, a third more after."""
    compiled = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    run(ALL, **compiled)
    codes = {"numpy": "import numpy", "package": "import numpybrain", "classes": NO_TEXT}
    found = {what: int(run(CALLS.format(code), **compiled)) for what, code in codes.items()}
    assert found["package"] < 1.1 * found["numpy"]
    assert found["classes"] < 1.35 * found["numpy"]


def test_names_that_are_imported_later_are_those_of_their_modules() -> None:
    assert sorted(nb.__all__) == sorted({name for name in nb.__all__ if hasattr(nb, name)})
    assert {*nb.__all__} <= {*dir(nb)}
    assert nb.Neurons is nb.neurons.neurons.Neurons
    namespace: dict[str, object] = {}
    exec("from numpybrain import *", namespace)  # noqa: S102  # the form itself is tried
    assert {*nb.__all__} <= {*namespace}
