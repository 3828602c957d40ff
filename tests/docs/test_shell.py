"""What the pages say about the command line is what it prints: blocks of kind `console`, line by line.

A line after "$" is a command; "..." in what is below it stands for anything. All commands of a page run in one
empty folder.
"""

from __future__ import annotations

import doctest
import io
import re
import shlex
import sys
from pathlib import Path

import pytest

from numpybrain.cli import main

PAGES = [
    p
    for p in sorted((Path(__file__).parents[2] / "docs").glob("*.md"))
    if "```console" in p.read_text("utf-8")
]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[tuple[str, str]]:
    """Command lines, and what is printed below them."""
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(BLOCK.findall(text)), re.MULTILINE)
    assert len(found) == sum(block.count("\n$ ") + block.startswith("$ ") for block in BLOCK.findall(text))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    checker = doctest.OutputChecker()
    for line, expected in commands(page.read_text(encoding="utf-8")):
        words = shlex.split(line)
        if words[0] == "echo":
            assert words[2:4] == ["|", "numpybrain"]
            monkeypatch.setattr(sys, "stdin", io.StringIO(words[1]))
            words = words[3:]
        assert words[0] == "numpybrain"
        main.main(words[1:])
        captured = capsys.readouterr()
        printed = captured.out + captured.err
        assert checker.check_output(expected, printed, doctest.ELLIPSIS), f"$ {line}\n{printed}"
