"""What users import: sorted, importable, documented; errors that are what callers expect to catch."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import numpybrain as nb
from numpybrain import connect, errors, units

PUBLIC = [(nb, name) for name in nb.__all__] + [(connect, name) for name in connect.__all__]


def test_names_are_sorted_and_unique() -> None:
    for module in (nb, connect):
        assert list(module.__all__) == sorted(set(module.__all__))


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=lambda x: x if isinstance(x, str) else "")
def test_every_name_can_be_imported_and_is_documented(module: Any, name: str) -> None:
    found = getattr(module, name)
    assert inspect.getdoc(found)
    assert name in dir(module)


CLASSES = [getattr(nb, name) for name in nb.__all__ if inspect.isclass(getattr(nb, name))]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
def test_public_members_are_documented(cls: type) -> None:
    own = [
        m
        for n, m in vars(cls).items()
        if not n.startswith("_") and (inspect.isfunction(m) or isinstance(m, property))
    ]
    assert [m for m in own if not inspect.getdoc(m)] == []
    for function in (m for m in own if inspect.isfunction(m)):
        for parameter in inspect.signature(function).parameters.values():
            assert parameter.name == "self" or parameter.annotation is not parameter.empty, (
                function,
                parameter,
            )


def test_arguments_of_constructors_are_explained() -> None:
    for cls in (nb.Neurons, nb.Synapses, nb.Monitor, nb.Network, nb.Model):
        text = inspect.getdoc(cls) or ""
        for parameter in list(inspect.signature(cls.__init__).parameters.values())[1:]:
            assert parameter.name in text, f"{cls.__name__}({parameter.name})"


BUILTIN = {
    "ArgumentError": (TypeError, ValueError), "CheckpointError": (OSError, ValueError), "DivergenceError": (ArithmeticError,), "IndexRangeError": (IndexError, ValueError), "LibraryError": (ValueError,),
    "MethodError": (ValueError,), "ModelError": (ValueError,), "ModelSyntaxError": (ValueError,), "NetworkError": (ValueError,),
    "ShapeError": (ValueError,), "TimeStepError": (ValueError,), "UnitError": (ValueError,), "UnknownAttributeError": (AttributeError, ValueError),
    "UnknownNameError": (ValueError,),
}  # fmt: skip


@pytest.mark.parametrize("name", BUILTIN)
def test_errors_are_builtin_errors_too(name: str) -> None:
    error = getattr(nb, name)
    assert issubclass(error, (nb.NumpyBrainError, *BUILTIN[name]))
    assert all(issubclass(error, kind) for kind in (nb.NumpyBrainError, *BUILTIN[name]))
    assert not issubclass(error, KeyError)  # it would print its message with escapes


def test_every_error_is_public() -> None:
    made = {
        n
        for n, c in vars(errors).items()
        if inspect.isclass(c) and issubclass(c, Exception) and c.__module__ == errors.__name__
    }
    assert made <= set(nb.__all__)


def test_the_version_is_that_of_the_project() -> None:
    import tomllib
    from pathlib import Path

    project = Path(nb.__file__).parent.parent / "pyproject.toml"
    if not project.exists():
        pytest.skip("installed without its pyproject.toml")
    assert tomllib.loads(project.read_text())["project"]["version"] == nb.__version__


def test_units_are_those_of_pint() -> None:
    import pint

    for name in ("ms", "mV", "nS", "uF", "second", "Mohm", "um"):
        assert isinstance(getattr(units, name), pint.Unit)
    assert (3 * units.mV).to("volt").magnitude == pytest.approx(0.003)
    with pytest.raises(AttributeError):
        units.furlong
    with pytest.raises(ImportError):
        from numpybrain.units import mvv
