"""A wheel carries everything: the package, the grammar and the models; and it works on its own."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import numpybrain as nb

pytest.importorskip("build")
pytest.importorskip("hatchling")

ROOT = Path(__file__).parent.parent
PARTS = ("numpybrain", "grammar", "models", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")
NETWORK = """
import sys
import numpybrain as nb

nb.seed(5)
cells = nb.Neurons(50, "lif", initial={"v": "-65*mV + 15*mV*rand()"}, I="1.6 nA")
synapses = nb.Synapses(cells, on_pre="v += 0.3*mV", connect=nb.connect.probability(0.2), delay="1 ms")
spikes = nb.Monitor(cells, "spikes")
nb.Network(cells, synapses, spikes).run("200 ms")
print(len(nb.list_models(None)), len(synapses), len(spikes), float(spikes.t.sum()), float(cells.v.sum()).hex())
print(nb.__file__, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the tree."""
    tree = tmp_path_factory.mktemp("tree")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, tree / part)
    target = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(target),
        str(tree),
    ]
    done = subprocess.run(command, cwd=target, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = target.iterdir()
    return path


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def run(folder, cwd):
    """What the network prints when NumpyBrain is imported from a folder, and the file it came from."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", NETWORK], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, Path(done.stderr.strip())


def test_holds_the_package_and_its_data(wheel):
    inside = contents(wheel)
    expected = {f"numpybrain/{path.relative_to(ROOT / 'numpybrain').as_posix()}"
                for path in (ROOT / "numpybrain").rglob("*")
                if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    for folder in ("grammar", "models"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
        expected |= {f"numpybrain/{path.relative_to(ROOT).as_posix()}" for path in files}
    assert {"numpybrain/grammar/equations.lark", "numpybrain/models/neurons/lif.toml"} <= expected
    assert {name for name in inside if name.startswith("numpybrain/")} == expected
    for name in expected:
        here = ROOT / name
        here = here if here.exists() else ROOT / name.removeprefix("numpybrain/")
        assert inside[name] == here.read_bytes()


def test_holds_nothing_else(wheel):
    tops = {name.split("/")[0] for name in contents(wheel)}
    assert tops == {"numpybrain", f"numpybrain-{nb.__version__}.dist-info"}


def test_says_what_it_is(wheel):
    inside = contents(wheel)
    folder = f"numpybrain-{nb.__version__}.dist-info"
    assert b"numpybrain = numpybrain.cli.main:main" in inside[f"{folder}/entry_points.txt"]
    metadata = inside[f"{folder}/METADATA"].decode()
    assert "\nRequires-Python: >=3.11\n" in metadata
    assert "\nLicense-Expression: BSD-3-Clause\n" in metadata
    needed = {line.split(":")[1].strip().split(">")[0] for line in metadata.splitlines()
              if line.startswith("Requires-Dist") and "extra ==" not in line}  # fmt: skip
    assert needed == {"numpy", "sympy", "lark", "pint"}
    assert f"{folder}/licenses/LICENSE" in inside


def test_works_alone_and_gives_the_same_as_the_checkout(wheel, tmp_path):
    unpacked, empty = tmp_path / "unpacked", tmp_path / "empty"
    empty.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    before = sorted(unpacked.rglob("*"))
    alone, from_wheel = run(unpacked, empty)
    checkout, from_checkout = run(ROOT, empty)
    assert from_wheel == unpacked / "numpybrain" / "__init__.py"
    assert from_checkout == ROOT / "numpybrain" / "__init__.py"
    assert alone == checkout
    models, _, spikes, *_ = checkout.split()
    assert int(models) == len(list((ROOT / "models").rglob("*.toml")))
    assert int(spikes) > 50
    assert sorted(unpacked.rglob("*")) == before
    assert list(empty.iterdir()) == []
