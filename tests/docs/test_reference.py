"""The reference is complete: every public name stands in it, and every page is found from the first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import numpybrain as nb

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = "\n".join(path.read_text(encoding="utf-8") for path in (DOCS / "reference").glob("*.md"))
DIRECTIVE = re.compile(
    r"^\.\. (?:auto)?(?:class|function|module|exception):: numpybrain\.([\w.]+)$", re.MULTILINE
)
DOCUMENTED = DIRECTIVE.findall(REFERENCE)
MODULES = ("analysis", "connect", "current", "export", "inputs", "plot")


def test_every_public_name_is_in_the_reference_once():
    assert sorted(name for name in DOCUMENTED if "." not in name) == sorted(nb.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_modules_say_what_is_public_and_everything_has_a_docstring(name):
    module = getattr(nb, name)
    for member in module.__all__:
        found = getattr(module, member)
        if callable(found):
            assert found.__doc__, f"nb.{name}.{member}"


def test_every_error_is_shown():
    """Each class of the error gallery is raised there, or warned of."""
    page = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    classes = [n for n in nb.__all__ if n.endswith("Error") and n != "NumpyBrainError"]
    for name in classes:
        assert f"\nnumpybrain.errors.{name}: " in page, name
    for name in ("StabilityWarning", "LeftOutWarning"):
        section = page[page.index(f"autoclass:: numpybrain.{name}") :]
        assert ">>> print(warned[0].message)" in section


def test_every_page_is_in_a_table_of_contents():
    pages = {
        path.relative_to(DOCS).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for path in DOCS.rglob("*.md")
        if not path.relative_to(DOCS).parts[0].startswith(("_", "auto_examples", "library"))
    }
    listed = {"index"}
    for name, text in pages.items():
        for tree in re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            for line in tree.splitlines():
                if line and not line.startswith(":"):
                    target = (DOCS / name).parent / line.strip()
                    listed.add(
                        Path(re.sub(r"[^/]+/\.\./", "", target.relative_to(DOCS).as_posix())).as_posix()
                    )
    assert set(pages) <= listed
