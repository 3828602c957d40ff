"""The floors of the package: who may import whom, and who may import what from outside.

All imports count: those inside functions, and those that only type checkers see.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import numpybrain as nb
from numpybrain import resources

PACKAGE = Path(nb.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Ground first: a part imports only what stands before it.
FLOORS = (
    "source errors resources utils analysis export kernel language units display symbolic engine model library "
    "functions methods group plot neurons synapse_model connect synapses current inputs "
    "monitors diagnostics checkpoints network dynamics notebook __init__ cli __main__"
).split()

# The same for the files of the kernel, in the order in which one reads them.
KERNEL = (
    "__init__ clock state events variables contracts operations schedule network "
    "refractory spiking neurons subgroup csr connectivity spike_queue synapses records monitor"
).split()
# part of the package -> packages from outside that it may import at all; others import NumPy
OUTSIDE = {
    "language": {"lark", "pint"},
    "symbolic": {"sympy"},
    "engine": {"sympy"},
    "engine/numba": {"sympy", "numba", "llvmlite"},
    "synapse_model": {"sympy"},
    "model": {"networkx"},
    "diagnostics": {"sympy"},
}
# imported inside of functions, where they are used
OPTIONAL = set(
    "h5py hdmf matplotlib neo ipywidgets networkx pandas pynwb quantities scipy threadpoolctl tqdm xarray zarr".split()
)


def part_of(path: Path) -> str:
    """The part of the package that a file belongs to: "kernel", "model" ..."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Modules that a file imports, or names from modules, and whether that happens when it is loaded."""

    def visit(node: ast.AST, at_load: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            at_load = False
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            at_load = False
        if isinstance(node, ast.Import):
            yield from ((a.name, at_load) for a in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            yield from ((f"{node.module}.{a.name}", at_load) for a in node.names)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, at_load)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), at_load=True)


def inside(module: str) -> str | None:
    """The part of the package that a module belongs to; None for others."""
    top, *rest = module.split(".")
    if top != "numpybrain":
        return None
    return rest[0] if rest and rest[0] in FLOORS else "__init__"


def test_every_part_has_a_floor() -> None:
    assert {part_of(path) for path in FILES} <= set(FLOORS)


def test_imports_go_down() -> None:
    found: Counter[tuple[str, str]] = Counter()
    for path in FILES:
        part = part_of(path)
        for module, _ in imports(path):
            other = inside(module)
            if other is not None and FLOORS.index(other) > FLOORS.index(part):
                found[part, other] += 1
    assert found == {}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_what_comes_from_outside(path: Path) -> None:
    part = part_of(path)
    if path.parent.name == "numba":  # the engine, which is imported where it is asked for
        part = "engine/numba"
    for module, at_load in imports(path):
        top = module.split(".")[0]
        if top in ("numpybrain", "numpy") or top in sys.stdlib_module_names:
            continue
        assert top in OUTSIDE.get(part, set()) or (top in OPTIONAL and not at_load), module


def test_the_kernel_has_floors_too() -> None:
    for path in (PACKAGE / "kernel").rglob("*.py"):
        own = KERNEL.index(path.stem)
        for module, _ in imports(path):
            if inside(module) == "kernel":
                below = module.split(".")[2] if module.count(".") > 1 else ""
                assert KERNEL.index(below) < own, (path.name, module)


def test_the_kernel_imports_numpy_and_errors_only() -> None:
    for path in (PACKAGE / "kernel").rglob("*.py"):
        for module, _ in imports(path):
            assert inside(module) in (None, "kernel", "errors"), (path.name, module)


def test_there_are_no_circles() -> None:
    """No file imports another that imports it, one way round or another, for type checkers or later."""
    names = {_module(path): path for path in FILES}
    graph = {}
    for path in FILES:
        modules = (m if m in names else m.rpartition(".")[0] for m, _ in imports(path))
        graph[path] = {names[m] for m in modules if m in names and m != "numpybrain"} - {path}
    assert max(map(len, _circles(graph))) == 1


def _module(path: Path) -> str:
    return ".".join(("numpybrain", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    )


def _circles(graph: dict[Path, set[Path]]) -> list[set[Path]]:
    """Files from which one comes back to each of them."""
    reach: dict[Path, set[Path]] = {}
    for start in graph:
        seen, waiting = set(), [start]
        while waiting:
            for other in graph[waiting.pop()] - seen:
                seen.add(other)
                waiting.append(other)
        reach[start] = seen
    return [{start} | {other for other in reach[start] if start in reach[other]} for start in graph]


def test_the_data_folders_are_imported_by_nobody() -> None:
    for name in ("grammar", "models"):
        folder = resources.folder(name)
        assert folder.is_dir()
        assert not list(folder.rglob("*.py"))
