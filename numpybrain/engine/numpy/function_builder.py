"""Printed lines become a Python function, through SymPy's `lambdify` and nothing else.

lambdify compiles in memory, and registers the text so that a debugger can step into it.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp

from numpybrain.engine.numpy.runtime_functions import namespace

WORD = re.compile(r"(?<![\w.])[^\W\d]\w*")


def words(text: str) -> set[str]:
    """The identifiers in a piece of code; comments and names of attributes left out."""
    return set(WORD.findall(re.sub(r"#[^\n]*", "", text)))


class _AsIs:
    """The printer that lambdify is given: everything has been printed already."""

    module_imports: Mapping[str, Any] = {}

    def doprint(self, item: Any) -> str:
        return str(item)


def function(parameters: Iterable[str], lines: list[tuple[str, str]], returned: str) -> Callable[..., Any]:
    """Make one Python function. The `cse` hook of lambdify takes our lines as they are.

    Args:
        parameters: names of the arguments.
        lines: (target, code) of the assignments; "del x" as a target deletes x.
        returned: code of what is returned.
    """
    pairs = [
        (target.removeprefix("del "), None) if target.startswith("del ") else (target, code)
        for target, code in lines
    ]
    made: Callable[..., Any] = sp.lambdify(
        [sp.Symbol(p) for p in parameters],
        returned,
        modules=[namespace()],
        printer=_AsIs(),
        cse=lambda _: (pairs, returned),
        docstring_limit=0,
    )
    return made


def source_of(made: Callable[..., Any], title: str) -> str:
    """The code of a function under a title. `inspect.getsource` would parse it again, to find its end."""
    code = "".join(linecache.getlines(made.__code__.co_filename))
    return f"# {title}\n" + code.replace("_lambdifygenerated", "f")
