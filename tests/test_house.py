"""The plan of the package: what users see of objects, what classes derive from, how far making an object goes."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from pathlib import Path

import pytest

import numpybrain as nb
from numpybrain.kernel.contracts import SimulationObject
from tests import moves

PACKAGE = Path(nb.__file__).parent
MOST = 28  # names that Tab shows, variables not counted

# How often making an object goes to another file, at most: these may only become smaller.
MOVES = {"Neurons": 100, "Synapses": 200}


@pytest.fixture(scope="module")
def cells():
    return nb.Neurons(3, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0")


def test_tab_shows_what_users_use(cells):
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="v += w", connect="i != j")
    for made in (cells, synapses):
        names = [n for n in dir(made) if not n.startswith("_") and n not in made.variables()]
        assert len(names) <= MOST, names


def test_classes_derive_from_one_class_and_from_contracts():
    """Errors apart, which are also what Python calls them."""
    contracts = {"Protocol", "SimulationObject", "Operation", "Generic[T]"}
    for path in PACKAGE.rglob("*.py"):
        if path.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = [ast.unparse(base) for base in node.bases]
                others = [base for base in bases if base not in contracts]
                assert len(others) <= 1, (path.name, node.name, bases)


def test_files_of_one_name_hold_one_thing():
    """Those of the kernel have the names of what users have of the same, and engines have the same parts."""
    folders = {path: path.parent for path in PACKAGE.rglob("*.py") if path.stem != "__init__"}
    engines = PACKAGE / "engine"
    names = Counter(
        s for s, _ in {(p.stem, engines if f.parent == engines else f) for p, f in folders.items()}
    )
    twins = {name for name, count in names.items() if count > 1}
    assert twins <= {"monitor", "network", "neurons", "subgroup", "synapses"}
    assert all((PACKAGE / "kernel" / f"{name}.py").exists() and names[name] == 2 for name in twins)


def test_the_contract_of_objects_is_what_networks_ask_for(cells):
    assert isinstance(cells, SimulationObject)
    names = {n for n, _ in inspect.getmembers(SimulationObject) if not n.startswith("_")}
    assert all(hasattr(cells, name) for name in names)
    assert names & set(dir(cells)) <= {"network"}  # what users do not call does not fill their screens


@pytest.mark.parametrize("what", MOVES)
def test_making_an_object_does_not_wander(what):
    assert sum(moves.count()[what].values()) <= MOVES[what]
