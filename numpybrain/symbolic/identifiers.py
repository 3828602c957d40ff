"""Python identifiers for everything that generated code names, each for itself.

A name of a model is a symbol of that name. What the passes make up (stages of a method, shared
subexpressions, random numbers ...) is a symbol whose name no model can have. So the two never meet in an
expression. In code, helpers keep their names, then variables of the model theirs, and whatever else is
called the same gets `_` behind its name.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Hashable, Iterable, Mapping

import sympy as sp

from numpybrain.utils.naming import MARK, is_made_up

HELPERS = "_", "size"  # names that generated code uses beside those of its functions


def made_up(name: str) -> sp.Symbol:
    """A symbol that is no name of any model."""
    return sp.Symbol(name if is_made_up(name) else name + MARK, real=True)


def bare(name: str) -> str:
    """The name of a symbol for people: without what tells made-up ones apart."""
    return re.sub(r"\W", "", name)


class Identifiers:
    """The identifiers of one piece of code.

    Args:
        reserved: identifiers that mean something already.
        names: the symbols that stand for names of the model, which come before all others.
        functions: names of the user's functions.
    """

    def __init__(
        self,
        reserved: Iterable[str] = (),
        names: Mapping[sp.Symbol, str] | None = None,
        functions: Iterable[str] = (),
    ) -> None:
        self._taken = {*reserved, *HELPERS}
        self._found: dict[Hashable, str] = {}
        for s in sorted(names or (), key=lambda s: (is_made_up(s.name), s.name)):
            self.symbol(s)
        for name in functions:
            self.function(name)

    def of(self, kind: str, what: Hashable, wanted: str) -> str:
        """The identifier of something: the one that is wanted, or with `_` behind it."""
        key = (kind, what)
        if key not in self._found:
            name = bare(wanted)
            if not name.isidentifier():
                name = f"v{name}"
            while name in self._taken or keyword.iskeyword(name):
                name += "_"
            self._taken.add(name)
            self._found[key] = name
        return self._found[key]

    def symbol(self, s: sp.Symbol) -> str:
        """The identifier of a symbol."""
        return self.of("symbol", s, s.name)

    def function(self, name: str) -> str:
        """The identifier of a function of the user."""
        return self.of("function", name, name)
