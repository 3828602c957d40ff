"""Models of groups, for modules that may do without: the language is imported when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpybrain.language.definition import Definition
    from numpybrain.model import Model


def as_model(value: Any, given: Iterable[str] = (), **texts: Any) -> Model:
    """The model that a user means: a Model, equations, a library name or a model file."""
    from numpybrain import library

    return library.as_model(value, given, **texts)


def bind_time_functions(
    definition: Definition, size: Callable[[frozenset[str]], int], generator: Callable[[], Any]
) -> None:
    """Tell functions of time, which stand for parameters, whose values they give."""
    from numpybrain.model import time_courses

    time_courses.bind(definition, size, generator)


def is_repeatable(definition: Definition, name: str) -> bool:
    """Whether a value that is calculated in each step may be calculated in between, to look at it."""
    from numpybrain.model import time_courses

    return time_courses.is_repeatable(definition, name)


def following(definition: Definition, name: str, value: Any, owner: str) -> Definition | None:
    """The definition in which a parameter follows the time from now on; None if the value does not."""
    from numpybrain.model import time_courses

    return time_courses.following(definition, name, value, owner)


def reads_time(definition: Definition, text: str) -> bool:
    """Whether the value of a text depends on the time itself."""
    from numpybrain.model import time_courses

    return time_courses.reads_time(definition, text)


def course_of(definition: Definition, name: str) -> Any:
    """The function of time that a parameter follows; None if it follows none."""
    from numpybrain.model import time_courses

    return time_courses.course_of(definition, name)


def stopped(definition: Definition, name: str) -> Definition:
    """The definition in which a parameter does not follow the time any more."""
    from numpybrain.model import time_courses

    return time_courses.stopped(definition, name)


def random_courses(definition: Definition | None) -> dict[str, Any]:
    """Give the courses with a state, which snapshots keep: name of the parameter -> course."""
    if definition is None or not definition.functions:
        return {}
    from numpybrain.model import time_courses

    return time_courses.random_courses(definition)
