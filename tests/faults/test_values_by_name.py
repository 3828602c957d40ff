"""What is given by names must be a dictionary; whoever writes something else reads what to write."""

from __future__ import annotations

from typing import Any

import pytest

import numpybrain as nb

MODEL = "dv/dt = (1 - v)/(10*ms) : 1"
WRONG: dict[str, tuple[str, Any]] = {
    "start": ("initial", "start"), "text": ("initial", "v = 1"), "list": ("initial", [1, 2]), "number": ("initial", 3),
    "function": ("functions", abs), "names": ("functions", ["f"]),
}  # fmt: skip


@pytest.mark.parametrize("which", WRONG)
def test_neurons_and_models_say_what_to_write(which: str) -> None:
    keyword, value = WRONG[which]
    makers = [
        lambda **k: nb.Neurons(3, MODEL, **k),
        lambda **k: nb.Neurons(3, nb.Model(MODEL), **k),
        lambda **k: nb.Model(MODEL, **k),
        lambda **k: nb.Neurons(3, {"v": "1"}, **k),
    ]
    for make in makers:
        with pytest.raises(nb.ArgumentError, match=rf"'{keyword}' is a dictionary") as caught:
            make(**{keyword: value})
        assert f"{keyword}={{'" in str(caught.value)


def test_who_asks_a_model_for_the_steady_state_reads_how_to_get_it() -> None:
    with pytest.raises(nb.ArgumentError, match=r"\(got 'steady'\)") as caught:
        nb.Model(MODEL, initial="steady")  # type: ignore[arg-type]
    assert 'nb.Neurons(n, model, initial="steady")' in str(caught.value)
    assert nb.Neurons(3, MODEL, initial="steady").v == pytest.approx([1] * 3, rel=1e-12)  # which is true


def test_parameters_of_models() -> None:
    with pytest.raises(nb.ArgumentError, match="'parameters' is a dictionary"):
        nb.Model("dv/dt = -v/tau : 1\ntau : ms", parameters=[10])  # type: ignore[arg-type]


def test_one_open_name_is_no_list_of_letters() -> None:
    assert nb.Model("dv/dt = -v/ms : 1", open_names="ms").open_names == ("ms",)
