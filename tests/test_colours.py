"""Colours appear on terminals only, and never change the text."""

from __future__ import annotations

import io
import re

import pytest

import numpybrain as nb
from tests.sample import SAMPLE
from numpybrain.cli import report
from numpybrain.display import colours


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def bare(text: str) -> str:
    return re.sub(r"\033\[\d+m", "", text)


@pytest.mark.parametrize("name", SAMPLE)
def test_the_text_stays_the_same(name: str) -> None:
    text = report.model(nb.load_model(name), nb.library.table_of(name), with_tree=True)
    painted = colours.paint(text, colours.MODEL)
    assert bare(painted) == text
    assert f"{colours.BOLD}equations:{colours.OFF}" in painted
    assert f" : {colours.CYAN}mV{colours.OFF}" in painted or "mV" not in text


def test_errors_have_a_red_name_and_caret() -> None:
    with pytest.raises(nb.UnitError) as caught:
        nb.Model("dv/dt = -v : mV")
    text = f"UnitError: {caught.value}"
    painted = colours.paint(text, colours.ERROR)
    assert bare(painted) == text
    assert painted.startswith(f"{colours.RED}UnitError{colours.OFF}: ")
    assert f"{colours.GREEN}help: divide it by a time constant{colours.OFF}" in painted
    assert re.search(r"\033\[31m +\^\^\033\[0m", painted)


@pytest.mark.parametrize(
    ("stream", "variables", "expected"),
    [(Terminal(), {}, True), (io.StringIO(), {}, False), (Terminal(), {"NO_COLOR": "1"}, False),
     (Terminal(), {"TERM": "dumb"}, False)],
)  # fmt: skip
def test_only_terminals_get_colours(
    stream: io.StringIO, variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (colours.for_stream("a:", colours.MODEL, stream) != "a:") == expected
