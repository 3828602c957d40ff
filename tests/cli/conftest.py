"""Every command line runs in an empty folder, in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from numpybrain.cli import main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command line: status, what it printed, what it complained about."""

    def run(*words: object) -> tuple[int, str, str]:
        status = main.main([str(word) for word in words])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run
