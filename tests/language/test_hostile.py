"""Texts that a stranger may send: a clear error or the right value, soon, and nothing is executed."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import numpybrain as nb

from . import hostile

LIMIT = 20.0  # seconds of the processor for one text: ten times what is meant, for busy machines
MEMORY = 300.0  # MB that one text may add to what was used at most before
PACKAGE = Path(nb.__file__).parent


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[float, float, float | str]]:
    """What became of every text, read in processes of their own, in an empty folder."""
    folder = tmp_path_factory.mktemp("hostile")
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    found: dict[str, tuple[float, float, float | str]] = {}
    names = hostile.ALL
    while len(found) < len(names):
        command = [sys.executable, str(Path(hostile.__file__)), str(len(found))]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=folder, check=False
        )
        for line in done.stdout.splitlines():
            name, *result = json.loads(line)
            found[name] = tuple(result)
        if len(found) < len(names):  # the process ended early
            found[names[len(found)]] = (hostile.HANGS, 0.0, f"HANGS\n{done.stderr[-1500:]}")
    assert list(folder.iterdir()) == []
    return found


@pytest.mark.parametrize("name", hostile.ALL)
def test_a_clear_error_or_the_right_value(
    outcomes: dict[str, tuple[float, float, float | str]], name: str
) -> None:
    expected = hostile.expected(name)
    seconds, memory, found = outcomes[name]
    if isinstance(found, str):
        assert not found.startswith(("BARE", "HANGS")), found
        assert len(found) < 5000, found[:500]
    if isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-15)
    elif isinstance(expected, str):
        assert isinstance(found, str)
        assert expected in found
    assert seconds < LIMIT
    assert memory < MEMORY


WORSE = ["v = 0; import os", "v = __import__('os')", "v.real = 1", "v = lambda: 0", "exec = 1; v = exec(1)"]


@pytest.mark.parametrize("text", WORSE)
def test_statements_execute_nothing(text: str) -> None:
    with pytest.raises(nb.NumpyBrainError):
        nb.Neurons(1, "v : 1", threshold="v > 1", reset=text)


@pytest.mark.parametrize(
    "text", ["__import__('os')", "().__class__", "open('x', 'w')", "9**9**9", "1 ms ms"]
)
def test_quantities_execute_nothing(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cells = nb.Neurons(1, "v : mV")
    with pytest.raises(nb.NumpyBrainError):
        cells.v = text
    with pytest.raises(nb.NumpyBrainError):
        nb.Network(cells, dt=text)
    assert list(tmp_path.iterdir()) == []


ALLOWED = {  # code that was printed there, from SymPy's expressions; "exec" is the kind of text that it is
    "engine/numba/compiler.py": {"compile", "exec"},
}
FORBIDDEN = {"eval", "exec", "sympify", "parse_expr", "compile", "__import__"}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_the_package_evaluates_no_text(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    used |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    used |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} - {"compile"}
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
    assert (used | imported) & FORBIDDEN == ALLOWED.get(path.relative_to(PACKAGE).as_posix(), set())
