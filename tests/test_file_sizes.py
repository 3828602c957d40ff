"""Files stay short enough to be read in one go."""

from __future__ import annotations

from pathlib import Path

import pytest

import numpybrain as nb

PACKAGE = Path(nb.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 600


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_are_short_and_say_what_they_are(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MAX_LINES
    assert not lines or lines[0].startswith('"""')
