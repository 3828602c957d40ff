"""Objects of a simulation that is there once: they refuse copies, and say how its state is carried over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from numpybrain.errors import ArgumentError

WAY = (
    "its state is what can be kept: snapshot = net.snapshot(), which can be copied and pickled, or "
    "net.save(path); then make the network anew, by the same function, and net.restore(snapshot) or "
    "net.load(path)"
)


Kind = TypeVar("Kind", bound=type)


def lives_once(kind: Kind) -> Kind:
    """Class decorator: objects that hold live arrays and are tied to others refuse to be copied or pickled.

    A shallow copy would share arrays and clock with the original: to run the one would run the other.
    """
    refusals = {"__copy__": "copied", "__deepcopy__": "copied", "__reduce_ex__": "pickled"}
    for method, what in refusals.items():
        setattr(kind, method, _refusal(what))
    return kind


def _refusal(what: str) -> Callable[..., NoReturn]:
    def refuse(self: Any, _argument: Any = None) -> NoReturn:
        name = f" '{self.name}'" if hasattr(self, "name") else ""
        message = f"{type(self).__name__}{name} cannot be {what}: it lives in one simulation"
        raise ArgumentError(message, help=WAY)

    return refuse
