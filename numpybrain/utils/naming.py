"""Names of events and other words, checked alike for models and for groups that are written in Python."""

from __future__ import annotations

import keyword
from collections.abc import Container, Iterable, Mapping
from typing import Any

from numpybrain.errors import ArgumentError, ModelError, UnknownNameError, short, shown, suggestion
from numpybrain.source import Span
from numpybrain.utils.quantities import is_function

_SPIKES = "spikes"  # as `numpybrain.kernel.events` calls it
SCALAR, ARRAY, SINGLETON = (
    "scalar",
    "whole",
    "only",
)  # how programs find the values of a name: see `DataLayout`
FIXED = "_fixed"  # behind the name of a function that draws: its other arguments stay in a run
MARK = "'"  # in names that are made up: no name of a user holds it
PAIR = f"i{MARK}", f"j{MARK}", f"element{MARK}"  # what programs of connections take for each pair
ARGUMENTS = ("t", "dt", "rng", "i", "N", "t_in_timesteps", "lastspike", "not_refractory")  # of functions


def reserved(name: str, where: str, span: Span | None = None) -> ModelError:
    """The error for a variable whose name means something else where it would live."""
    return ModelError(f"the name '{name}' is reserved in {where}", span, help="choose another")


def is_made_up(name: str) -> bool:
    """Whether a name is none that a user can write."""
    return not name.isidentifier()


def of_side(function: str, suffix: str) -> str:
    """The name under which synapses know a function of their source ("_pre") or target ("_post")."""
    return f"{function}{MARK}{suffix}" if suffix else function


def of_neurons(name: str, suffix: str) -> str:
    """The name under which synapses know a variable of their source ("_pre") or target ("_post").

    `N` of a group is another number than `N_pre`, which counts the neurons of the part that is connected.
    """
    return of_side(name, suffix) if name == "N" else name + suffix


def follows_time(value: Any) -> bool:
    """Whether a value is a time series, or a Python function with an argument `t`."""
    if not is_function(value):
        return False
    if getattr(value, "held_over_dt", False):
        return True
    from inspect import Parameter, signature

    try:
        found = signature(value).parameters.get("t")
    except (TypeError, ValueError):  # written in C
        return False
    return found is not None and found.default is Parameter.empty


def check_reading(interpretation: Any) -> None:
    """Raise an error unless this says how products of noise and variables are read."""
    if interpretation not in (None, "ito", "stratonovich"):
        raise ArgumentError(f"noise is read as 'ito' or 'stratonovich' (got {shown(interpretation)})")


def names_among(given: Any, what: str) -> tuple[str, ...]:
    """Names that were given as one text or several.

    Raises:
        ArgumentError: if they are something else.
    """
    is_one = isinstance(given, str) or not isinstance(given, Iterable)
    names = (given,) if is_one else tuple(given)
    for name in names:
        if not isinstance(name, str):
            message = f"'{what}' are names (got {type(name).__name__})"
            raise ArgumentError(message, help=f"such as {what}=['m', 'h']")
    return names


STEADY = 'neurons may start in their steady state: nb.Neurons(n, model, initial="steady")'
EXAMPLES = {  # what to write where values are given by names
    "initial": f"give start values by name, such as initial={{'v': '-65 mV'}}; {STEADY}",
    "functions": "such as functions={'f': f}",
    "parameters": "such as parameters={'tau': '10 ms'}",
    "at": "such as at={'end': 'v = clip(v, 0*mV, 1*mV)'}",
    "namespace": "such as namespace=locals() or namespace={'tau': '10 ms'}",
}


def by_names(given: Any, what: str) -> dict[Any, Any]:
    """Give what was given by names, as a dictionary; None is an empty one.

    Raises:
        ArgumentError: if it is no mapping.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        got = repr(short(given)) if isinstance(given, str) else type(given).__name__
        message = f"'{what}' is a dictionary {{name: value}} (got {got})"
        raise ArgumentError(message, help=EXAMPLES.get(what))
    return dict(given)


def check_events(events: Mapping[str, Any], on_event: Mapping[str, Any], variables: Container[str]) -> None:
    """Raise an error unless all events have names of their own, and conditions and statements.

    Whether these are right is not looked at. `variables` are names that are taken.

    Raises:
        ArgumentError, ModelError, UnknownNameError: where they do not.
    """
    for what, given, form in (("events", events, "condition"), ("on_event", on_event, "statements")):
        if not isinstance(given, Mapping):
            message = f"'{what}' is a dictionary {{name: {form}}} (got {type(given).__name__})"
            raise ArgumentError(message)
        for name, text in given.items():
            if not isinstance(text, str) and not callable(text):
                message = f"the {form} of the event '{name}' must be a text or a function"
                raise ArgumentError(message, detail=f"got {type(text).__name__}")
    for name in events:
        _check_name(name, variables)
    for name in on_event:
        if name not in events:
            message = f"there is no event '{short(str(name))}' for 'on_event' to act on"
            advice = "what happens at spikes is the reset: reset=..." if name == _SPIKES else None
            hint = "" if advice else suggestion(str(name), events)
            raise UnknownNameError(message + hint, help=advice)


def _check_name(name: Any, variables: Container[str]) -> None:
    if name == _SPIKES:
        message = "'spikes' are the events that the threshold makes"
        raise ModelError(message, help="give another name, or write threshold=...")
    is_name = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
    if not is_name or name.startswith("_"):
        message = f"{short(repr(name))} cannot be the name of an event"
        raise ModelError(message, help="names are letters, digits and _, and start with a letter")
    if name in ARGUMENTS:
        raise ModelError(f"the name '{name}' of an event is reserved", help="choose another")
    if name in variables:
        message = f"'{name}' is a variable, so no event can have this name"
        raise ModelError(message, help="rename one of the two")
