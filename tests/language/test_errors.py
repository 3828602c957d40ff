"""Every file of `errors/` is a bad model, a line of ---, and the whole message that users must see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import numpybrain as nb

FILES = sorted((Path(__file__).parent / "errors").glob("*.txt"))


def read(path: Path) -> tuple[dict[str, str], str]:
    """The sections of a file (its model) and the expected message."""
    model, _, expected = path.read_text(encoding="utf-8").partition("\n---\n")
    parts = re.split(r"^\[(.+)\]\n?", model + "\n", flags=re.M)[1:]
    texts = (text.removesuffix("\n") for text in parts[1::2])
    return dict(zip(parts[::2], texts, strict=True)), expected.rstrip("\n")


def build(sections: dict[str, str]) -> None:
    """Neurons from the sections, and synapses among them if there is a section [on_pre]."""
    texts: dict[str, Any] = dict(sections)
    initial = {k.split()[1]: texts.pop(k) for k in sections if k.startswith("initial ")}
    for kind, argument in (("event ", "events"), ("on_event ", "on_event")):
        found = {k.removeprefix(kind): texts.pop(k) for k in sections if k.startswith(kind)}
        texts |= {argument: found} if found else {}
    on_pre, synapses = texts.pop("on_pre", None), texts.pop("synapses", None)
    cells = nb.Neurons(1, texts.pop("equations"), initial=initial, name="cells", **texts)
    if on_pre is not None:
        nb.Synapses(cells, cells, synapses, on_pre=on_pre, connect=([0], [0]), name="syn")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_message(path: Path) -> None:
    sections, expected = read(path)
    with pytest.raises(nb.NumpyBrainError) as caught:
        build(sections)
    assert isinstance(caught.value, ValueError)  # what a caller would try to catch
    assert f"{type(caught.value).__name__}: {caught.value}" == expected


def test_there_are_many() -> None:
    assert len(FILES) >= 40
