"""Objects of a simulation that is there once: they refuse copies, and say how its state is carried over."""

from __future__ import annotations

from typing import Any, NoReturn

from numpybrain.errors import ArgumentError

WAY = (
    "its state is what can be kept: snapshot = net.snapshot(), which can be copied and pickled, or "
    "net.save(path); then make the network anew, by the same function, and net.restore(snapshot) or "
    "net.load(path)"
)


class Live:
    """Base of what holds live arrays and is tied to other objects: a copy would be a half one.

    A shallow copy would share arrays and clock with the original: to run the one would run the other.
    """

    __slots__ = ()

    def __copy__(self) -> NoReturn:
        raise self._no_copy("copied")

    def __deepcopy__(self, memo: Any) -> NoReturn:
        raise self._no_copy("copied")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise self._no_copy("pickled")

    def _no_copy(self, what: str) -> ArgumentError:
        kind = type(self).__name__
        name = f" '{self.name}'" if hasattr(self, "name") else ""
        return ArgumentError(f"{kind}{name} cannot be {what}: it lives in one simulation", help=WAY)
