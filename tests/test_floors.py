"""The floors of the package: who may import whom, and who may import what from outside."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import numpybrain as nb
from numpybrain import resources

PACKAGE = Path(nb.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

GROUND = {
    "arrays",
    "elsewhere",
    "errors",
    "memory",
    "naming",
    "quantities",
    "purity",
    "source",
    "resources",
    "stage",
    "tableaus",
}  # floor 0
TOP = {
    "plot",
    "export",
    "sweep",
    "cli",
    "colours",
    "progress",
    "report",
    "typeset",
    "__main__",
}  # floor 4: may import everything

# part of the package -> what it may import when it is loaded; inside functions see LATER
INSIDE = {
    **dict.fromkeys(GROUND, GROUND),
    "language": GROUND | {"language"},
    "symbolic": GROUND | {"language", "symbolic"},
    "model": GROUND | {"language", "symbolic", "model"},
    "synaptic": GROUND | {"language", "symbolic", "model"},
    "connecting": GROUND | {"language", "symbolic", "model"},
    "kernel": GROUND | {"kernel"},
    "library": GROUND | {"kernel", "language", "model", "library"},
    "inputs": GROUND | {"kernel", "model", "library"},
    "functions": GROUND | {"kernel"},
    "methods": GROUND,
    "units": GROUND,
    "__init__": GROUND | {"kernel", "__init__", "functions", "inputs", "methods"},
}
OUTSIDE = {
    **dict.fromkeys(GROUND, {"numpy"}),
    "language": {"numpy", "lark", "pint"},
    "symbolic": {"numpy", "sympy"},
    "model": {"numpy"},
    "synaptic": {"numpy", "sympy"},
    "connecting": {"numpy", "sympy"},
    "kernel": {"numpy"},
    "library": {"numpy"},
    "inputs": {"numpy"},
    "functions": {"numpy"},
    "methods": set(),
    "units": set(),
    "__init__": set(),
}
# What may be imported inside functions beyond that. `cli` and `plot` import optional packages there.
LATER_INSIDE = {
    "language": set(),
    "symbolic": set(),
    "model": {"symbolic", "kernel", "typeset"},
    "units": {"language"},
    "methods": {"symbolic"},
}
LATER_OUTSIDE = {"language": set(), "symbolic": set(), "model": {"networkx"}}


def part_of(path: Path) -> str:
    """The part of the package that a file belongs to: "kernel", "model" ..."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> tuple[set[str], set[str]]:
    """Modules that a file imports when it is loaded, and those that it imports inside functions.

    What stands under `if TYPE_CHECKING:` is imported by nobody.
    """
    at_load: set[str] = set()
    later: set[str] = set()

    def visit(node: ast.AST, found: set[str]) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            found = later
        if isinstance(node, ast.Import):
            found.update(a.name for a in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            found.add(node.module)
            found.update(f"{node.module}.{a.name}" for a in node.names if node.module == "numpybrain")
        for child in ast.iter_child_nodes(node):
            visit(child, found)

    visit(ast.parse(path.read_text(encoding="utf-8")), at_load)
    return at_load, later


def split(modules: set[str]) -> tuple[set[str], set[str]]:
    """Parts of the package, and packages from outside the standard library."""
    inside, outside = set(), set()
    for module in modules:
        top, *rest = module.split(".")
        if top == "numpybrain":
            if rest:
                inside.add(rest[0])
        elif top not in sys.stdlib_module_names:
            outside.add(top)
    return inside, outside


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_respect_the_floors(path: Path) -> None:
    part = part_of(path)
    at_load, later = imports(path)
    inside, outside = split(at_load)
    if part in TOP:
        assert outside <= {"numpy"}  # the rest is optional, or slow
        return
    assert inside - {part} <= INSIDE[part], "imported when loaded"
    assert outside <= OUTSIDE[part]
    if part == "kernel":  # one door to the language and to SymPy, and inside of functions only
        inside_later, outside_later = split(later)
        assert inside_later <= GROUND | TOP | {
            "kernel",
            "language",
            "symbolic",
            "model",
            "synaptic",
            "connecting",
            "library",
        }
        assert outside_later <= {"numpy"}
    if part in LATER_INSIDE:
        inside_later, outside_later = split(later)
        assert inside_later - {part} <= INSIDE[part] | LATER_INSIDE[part]
        assert outside_later <= OUTSIDE[part] | LATER_OUTSIDE.get(part, set())


def test_every_part_has_a_floor() -> None:
    assert {part_of(path) for path in FILES} <= set(INSIDE) | TOP


def test_the_kernel_never_imports_sympy_lark_or_pint() -> None:
    for path in (PACKAGE / "kernel").rglob("*.py"):
        at_load, later = imports(path)
        assert split(at_load | later)[1] <= {"numpy"}


def test_the_data_folders_are_imported_by_nobody() -> None:
    for name in ("grammar", "models"):
        folder = resources.folder(name)
        assert folder.is_dir()
        assert not list(folder.rglob("*.py"))
