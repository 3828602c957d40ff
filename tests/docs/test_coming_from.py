"""Scripts of other simulators on the pages "Coming from ..." give the spikes that NumpyBrain's side prints."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "coming-from"
SCRIPT = re.compile(r"<!-- run: (\w+) -->\n```python\n(.*?)^```$(.*)", re.MULTILINE | re.DOTALL)
PAGES = {path.stem: SCRIPT.search(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.md")}
WITH_SCRIPT = [name for name, found in PAGES.items() if found]
TOLERANCE = {"neuron": 0.11}  # ms; its method is another, and times are printed with one digit


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", text)]


def printed_here(text):
    """What the next session on the page prints."""
    session = re.search(r"^```python\n(>>>.*?)^```$", text, re.MULTILINE | re.DOTALL)[1]
    return "\n".join(line for line in session.splitlines() if not line.startswith((">>>", "...")))


def test_there_are_scripts():
    assert {"brian2", "nest", "neuron"} == set(WITH_SCRIPT)
    for name in WITH_SCRIPT:
        assert len(numbers(printed_here(PAGES[name][3]))) > 3


@pytest.mark.peers
@pytest.mark.parametrize("name", WITH_SCRIPT)
def test_the_other_side_prints_the_same(name, tmp_path):
    package, script, rest = PAGES[name].groups()
    if util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "script.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if re.match(r"[\d\[]", line)]
    expected = printed_here(rest)
    assert numbers("\n".join(lines)) == pytest.approx(numbers(expected), abs=TOLERANCE.get(name, 1e-9))
