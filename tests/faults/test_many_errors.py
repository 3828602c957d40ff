"""What many errors in one text cost: advice is looked for where somebody will read it."""

from __future__ import annotations

import difflib
import pickle
from typing import Any

import pytest
from counting import calls

import numpybrain as nb
from numpybrain.utils import memory


def unknown(n: int) -> str:
    """A model of n variables, each with an unknown name, some of which look like a known one."""
    return "\n".join(f"voltage{k} = voltagf{k} + q{k} : 1" for k in range(n))


def raised(n: int) -> nb.NumpyBrainError:
    with pytest.raises(nb.UnknownNameError) as error:
        nb.Neurons(1, unknown(n))
    return error.value


def test_similar_names_are_looked_for_in_errors_that_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """For each of 400 names 400 others were compared, twice, and five errors were shown: seconds."""
    asked = []
    look = difflib.get_close_matches

    def close_matches(name: str, *args: Any, **kwargs: Any) -> list[str]:
        asked.append(name)
        return look(name, *args, **kwargs)

    monkeypatch.setattr(difflib, "get_close_matches", close_matches)
    error = raised(200)
    assert 5 <= len(asked) < 10
    assert str(error).count("unknown name") == 5
    assert str(error).splitlines()[0] == (
        "unknown name 'voltagf0' in the equation for 'voltage0': did you mean 'voltage0'?"
    )
    assert "unknown name 'q0' in the equation for 'voltage0'" in str(error)


@pytest.mark.slow
def test_the_time_grows_with_the_number_of_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "ENTRIES", 0)
    raised(10)
    few, many = calls(lambda: raised(20)), calls(lambda: raised(120))
    assert many < 9 * few


def test_advice_is_there_before_the_text_is() -> None:
    error = raised(3)
    assert error.message == error.args[0]
    assert error.message.endswith("did you mean 'voltage0'?")
    assert error.others[0].message.startswith("unknown name 'q0'")
    assert error.others[0].help == "define it, or give it as a keyword: q0=..."
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    with pytest.raises(nb.UnknownNameError) as other:
        nb.Neurons(1, "v : 1", v="3*vol")
    assert pickle.loads(pickle.dumps(other.value)).message == other.value.message
