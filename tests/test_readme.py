"""The README tells the truth: its Python runs, prints what it says, and its files exist.

`python tests/test_readme.py` writes what is printed now into the README, and makes its picture again.
"""

import contextlib
import doctest
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

import numpybrain as nb

pytest.importorskip("matplotlib")

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language):
    return [text for kind, text in BLOCK.findall(README.read_text(encoding="utf-8")) if kind == language]


def python_and_output():
    """Each Python block, with the text block that follows it or None."""
    found = BLOCK.findall(README.read_text(encoding="utf-8"))
    for (kind, text), (next_kind, output) in zip(found, [*found[1:], ("", "")], strict=True):
        if kind == "python":
            yield text, output if next_kind == "text" else None


def run_readme(namespace):
    """Run the Python blocks in order, as one program; what each should print and what it prints."""
    for text, expected in python_and_output():
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(text, "readme.py", "exec"), namespace)
        yield expected, printed.getvalue()


def agree(expected, printed):
    """Whether this was printed; `...` stands for anything."""
    return doctest.OutputChecker().check_output(trimmed(expected or ""), trimmed(printed), doctest.ELLIPSIS)


def trimmed(text):
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def test_python_blocks_run_and_print_what_the_readme_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for expected, printed in run_readme(namespace):
        assert agree(expected, printed), f"the README says\n{expected}\nand this is printed\n{printed}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raster.png"]
    assert (tmp_path / "raster.png").read_bytes().startswith(b"\x89PNG")


def test_there_is_a_text_block_for_everything_that_prints():
    for text, output in python_and_output():
        assert ("print(" in text) == (output is not None)


def test_links_lead_somewhere():
    text = README.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("http") or (ROOT / target).exists(), target


def test_the_two_commands_name_what_exists():
    run, test = (line for line in "".join(blocks("sh")).splitlines() if line.startswith("python3 -m venv"))
    assert "python examples/cuba.py --plot raster.png" in run
    assert test.endswith("python -m pytest -q -n auto")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra in re.findall(r"\.\[([\w,]+)\]", run + test):
        for name in extra.split(","):
            assert re.search(rf"^{name} = \[", project, re.MULTILINE)


@pytest.mark.parametrize(
    "line", [x for b in blocks("sh") for x in b.splitlines() if x.startswith("numpybrain ")]
)
def test_command_lines_run(line, tmp_path):
    import shlex

    words = shlex.split(line, comments=True)[1:]
    (tmp_path / "my_model.toml").write_text((ROOT / "models/neurons/lif.toml").read_text(encoding="utf-8"))
    words = [str(ROOT / w) if w.startswith("examples/") else w for w in words]
    done = subprocess.run(
        [sys.executable, "-m", "numpybrain", *words], cwd=tmp_path, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_methods_are_those_of_the_readme():
    from numpybrain.symbolic.methods import METHODS

    text = README.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in METHODS)


def rewrite():
    """Bring the outputs in the README up to date, where they differ."""
    import os
    import tempfile

    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for (code, expected), (_, printed) in zip(
            python_and_output(), run_readme({"__name__": "__main__"}), strict=True
        ):
            if expected is not None and not agree(expected, printed):
                old = f"{code}```\n\n```text\n{expected}```"
                assert text.count(old) == 1
                text = text.replace(old, f"{code}```\n\n```text\n{trimmed(printed)}\n```")
        README.write_text(text, encoding="utf-8")
        (ROOT / "docs" / "raster.png").write_bytes(Path("raster.png").read_bytes())
        os.chdir(ROOT)


if __name__ == "__main__":
    rewrite()
