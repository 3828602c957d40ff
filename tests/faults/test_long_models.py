"""What a model may hold is bounded by what it costs, not by how it is written: comments and names are free."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

SCALES = np.linspace(1.0, 9.0, 40).tolist()


def gates(n: int, comment: str) -> str:
    """Gates as an export writes them: long names, all digits, a comment on every line."""
    lines = []
    for k, tau in zip(range(n), SCALES, strict=False):
        name = f"population_of_channels_number_{k}_gate_of_activation"
        lines += [
            f"time_constant_of_{name} = {tau!r}*ms : ms  # {comment}",
            f"d{name}/dt = -{name}/time_constant_of_{name} : 1  # {comment}",
        ]
    return "\n".join(lines)


def test_a_model_of_many_characters_is_read_and_right() -> None:
    text = gates(40, "as it was exported, with all that is known about it " * 12)
    assert len(text) > 57_286
    cells = nb.Neurons(1, text, method="exact")
    for variable in cells.model:
        if variable.startswith("population"):
            setattr(cells, variable, 1.0)
    nb.Network(cells, dt="0.1 ms").run("1 ms")
    found = [getattr(cells, f"population_of_channels_number_{k}_gate_of_activation")[0] for k in range(40)]
    np.testing.assert_allclose(found, np.exp(-1 / np.array(SCALES)), rtol=1e-12)


def test_a_model_file_may_be_as_long() -> None:
    model = nb.Model(gates(40, "a comment " * 300))
    assert len(str(model)) > 200_000
    assert nb.Model.parse(str(model)) == model


def test_too_much_to_read_is_refused_with_the_reason() -> None:
    text = "x = " + "(" + " + ".join(["v"] * 100) + ")" + " : 1\n"
    with pytest.raises(nb.ModelSyntaxError, match="more than 45000 words and signs"):
        nb.Model(text * 300)


def test_a_megabyte_of_comments_is_too_long() -> None:
    with pytest.raises(nb.ModelSyntaxError, match="at most 1000000"):
        nb.Model("x : 1 # " + "c" * 1_000_000)
