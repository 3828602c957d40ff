"""A run leaves no file behind but the one that was asked for: not here, not at home, not in /tmp."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.py"))
CUBA = str(ROOT / "examples" / "cuba.py")
LINES = {  # command line -> the file it is asked for
    "models": None,
    "show hodgkin_huxley --code --tree": None,
    "run lif --set I=2": None,
    "run lif --set I=2 --record v --plot picture.png": "picture.png",
    "run lif -n 20 --set I=2 --plot picture.svg": "picture.svg",
    "run lif --plot picture.xyz": None,
    "run lif --set I=nonsense": None,
    f"check {ROOT / 'models' / 'neurons' / 'lif.toml'}": None,
    f"run {CUBA} -- --quick": None,
}
FOLDERS = ("work", "home", "tmp")


@pytest.fixture(scope="session")
def fonts(tmp_path_factory):
    """Matplotlib's own cache of fonts lies elsewhere."""
    return tmp_path_factory.mktemp("matplotlib")


@pytest.fixture
def left(tmp_path, fonts):
    """Run Python in an empty world; the names of all files there afterwards, and the exit status."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "PYTHON", "MPL"))}
    environment = {
        **kept,
        "HOME": str(tmp_path / "home"),
        "USERPROFILE": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "TEMP": str(tmp_path / "tmp"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "MPLCONFIGDIR": str(fonts),
    }

    def run(*words):
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path / "work", env=environment, capture_output=True
        )
        found = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
        folders = [path.name for path in tmp_path.rglob("*") if path.is_dir()]
        assert sorted(folders) == sorted(FOLDERS)
        return found, done.returncode

    return run


def checkout():
    """All files of the checkout that a run could touch, with their times."""
    folders = [ROOT / name for name in ("numpybrain", "grammar", "models", "examples")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in files if "__pycache__" not in path.parts}


@pytest.mark.parametrize(
    "name", ["cuba.py", *(pytest.param(e, marks=pytest.mark.slow) for e in EXAMPLES if e != "cuba.py")]
)
def test_examples(name, left):
    pytest.importorskip("matplotlib")
    path = str(ROOT / "examples" / name)
    before = checkout()
    assert left(path, "--quick", "--plot", "picture.png") == (["work/picture.png"], 0)
    assert checkout() == before


@pytest.mark.parametrize("line", LINES)
def test_command_lines(line, left):
    pytest.importorskip("matplotlib")
    before = checkout()
    found, status = left("-m", "numpybrain", *line.split())
    assert found == ([f"work/{LINES[line]}"] if LINES[line] else [])
    assert status == (2 if "nonsense" in line or "xyz" in line else 0)
    assert checkout() == before


def test_a_checkpoint_is_one_file(left):
    code = """
import numpybrain as nb
cells = nb.Neurons(5, "dv/dt = -v/(10*ms) : 1")
net = nb.Network(cells)
net.restore(net.snapshot())
net.save("saved")
net.save("saved")
net.load("saved")
for path in ("missing/saved", "."):
    try:
        net.save(path)
    except nb.CheckpointError:
        pass
"""
    assert left("-c", code) == (["work/saved"], 0)


def test_an_interrupted_and_a_failing_network_leave_nothing(left):
    code = """
import numpybrain as nb
cells = nb.Neurons(5, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0")
@cells.at("end")
def stop(t):
    if t > 5:
        raise {}
nb.Network(cells, nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")).run("100 ms")
"""
    for error in ("KeyboardInterrupt", "RuntimeError"):
        found, status = left("-c", code.format(error))
        assert found == []
        assert status != 0
