"""A simulation writes no file, starts no process, opens no connection and executes nothing but its own code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import numpybrain as nb

from . import audited


def test_a_network_under_an_audit_hook(tmp_path: Path) -> None:
    root = Path(nb.__file__).parent.parent
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, str(Path(audited.__file__))]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    generated, *found = done.stdout.splitlines()
    assert [line for line in found if line] == []
    assert int(generated) >= 5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(v):\n    return v.__class__",
        "def f(v):\n    import os\n    return os",
        "def f(v):\n    return (lambda: v)()",
        "def f(v):\n    return __import__(v)",
        "def f(v):\n    return [x for x in v]",
        "def f(v):\n    return v.tofile",
    ],
)
def test_the_hook_would_see_strange_code(source: str) -> None:
    assert audited.strange(source)
    assert not audited.strange(
        "def f(v, c0):\n    v[...] = add(v*c0, 1.0, out=v)  # dv/dt\n    return None"
    )
