"""Finds assignments in a Python function that give an argument a new meaning and change nothing.

`def f(I): I = 3` was meant as `I[:] = 3`: the array that the argument stands for stays as it is. What
counts is an assignment after which the name is not read any more; a name that is used again, as in
`v = v[:10]; v += 1`, may be meant so. The function's code is looked at, not its text.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dis import Instruction
    from types import CodeType

ENDS = ("RETURN", "RAISE", "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD")  # after these, nothing follows


def rebound(function: Callable[..., Any], names: Collection[str]) -> Iterator[tuple[str, str]]:
    """The arguments among `names` that are assigned in vain, and the text of what is assigned."""
    code = _code_of(function)
    if code is None:
        return
    import dis

    steps = list(dis.get_instructions(code))
    places = {step.offset: k for k, step in enumerate(steps)}
    # since Python 3.12, a variable of a comprehension takes the place of an argument, which is put back
    names = set(names) - {n for step in steps if step.opname == "LOAD_FAST_AND_CLEAR" for n in _names(step)}
    line = code.co_firstlineno
    for k, step in enumerate(steps):
        line = step.starts_line if isinstance(step.starts_line, int) and step.starts_line > 1 else line
        for name in _stored(step):
            if name not in names or _is_in_place(steps[k - 1]):
                continue
            if not _is_read(name, k, steps, places, handles=bool(code.co_exceptiontable)):
                yield name, _assigned(code, getattr(step, "line_number", None) or line, name)


def _code_of(function: Any) -> CodeType | None:
    """The code of a function, or of an object that can be called; None if it is not Python's."""
    import inspect

    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    function = getattr(function, "__func__", function)
    if not hasattr(function, "__code__"):
        function = vars(type(function)).get("__call__")
    code = getattr(function, "__code__", None)
    return code if inspect.iscode(code) else None


def _names(step: Instruction) -> tuple[str, ...]:
    """The local variables that an instruction is about; newer versions of Python put two in one."""
    value = step.argval
    return value if isinstance(value, tuple) else (value,)


def _stored(step: Instruction) -> tuple[str, ...]:
    if not step.opname.startswith("STORE_FAST"):
        return ()
    return _names(step)[:1] if "LOAD" in step.opname else _names(step)


def _loaded(step: Instruction) -> tuple[str, ...]:
    if step.opname.startswith("STORE_FAST_LOAD"):
        return _names(step)[1:]
    return _names(step) if "LOAD_FAST" in step.opname else ()


def _is_in_place(before: Instruction) -> bool:
    """Whether what is stored comes from an augmented assignment, which changes an array in place."""
    return before.opname == "BINARY_OP" and before.argrepr.endswith("=")


def _is_read(
    name: str, start: int, steps: list[Instruction], places: dict[int, int], *, handles: bool
) -> bool:
    """Whether a name may be read after the instruction that stores it."""
    if name in _loaded(steps[start]):
        return True
    if handles and any(name in _loaded(step) for step in steps[start:]):
        return True  # who catches an error may come from anywhere
    waiting, seen = [start + 1], set()
    while waiting:
        k = waiting.pop()
        if k in seen or k >= len(steps):
            continue
        seen.add(k)
        step = steps[k]
        if name in _loaded(step):
            return True
        if name in _stored(step):
            continue
        if "JUMP" in step.opname or step.opname in ("FOR_ITER", "SEND"):
            waiting.append(places.get(step.argval, len(steps)))
        if not step.opname.startswith(ENDS):
            waiting.append(k + 1)
    return False


def _assigned(code: CodeType, line: int, name: str) -> str:
    """Give the text that a line assigns to a name, as it is written; "..." if that cannot be read."""
    import linecache
    import re

    text = linecache.getline(code.co_filename, line)
    found = re.search(rf"(?<![\w.]){name}\s*=(?!=)\s*([^#;]+)", text)
    if found is None or text[: found.start()].rstrip().endswith(","):  # one of several
        return "..."
    return found[1].strip()
