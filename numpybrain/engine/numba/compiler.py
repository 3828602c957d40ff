"""A program becomes a loop over its elements, which numba compiles when it is first called.

What cannot change in a run is calculated once, by NumPy.
"""

from __future__ import annotations

import functools
import linecache
import types
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import llvmlite.binding
import numba
import sympy as sp

from numpybrain.engine.contract import DataLayout
from numpybrain.engine.numba.compiled import Drawn, NumbaProgram
from numpybrain.engine.numba.printer import LoopCode
from numpybrain.engine.numba.runtime_functions import namespace
from numpybrain.engine.numpy.function_builder import function, source_of, words
from numpybrain.engine.numpy.printer import NumpyCode
from numpybrain.engine.numpy.runtime_functions import reserved
from numpybrain.engine.program_analysis import Analysis
from numpybrain.language.function_table import FUNCTIONS
from numpybrain.symbolic import optimise
from numpybrain.symbolic.identifiers import Identifiers
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.special_functions import Aggregate
from numpybrain.utils.memory import remembered
from numpybrain.utils.naming import ARRAY, FIXED, SCALAR, SINGLETON

OWN = (  # names of the loop itself
    "n", "k", "numbers", "free", "found", "count", "start", "some", "chosen", "begin", "end",
    "place", "near", "row", "other", "synapse", "first", "last", "far", "order", "min", "range",
)  # fmt: skip
INDENT = " " * 8
CHECKED = 4096  # pairs of arrays that LLVM looks at before a loop, whether they overlap; 8 would be too few


class RefusedError(Exception):
    """A program cannot be compiled; the reason is its text."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the lines that are calculated for one element.

    Attributes:
        kind: "all" elements; "found": those of all for which the result is true; "chosen" ones; "rows":
            the synapses in the rows of chosen neurons.
        places: index argument -> the variable of the loop that is the index.
    """

    kind: str
    places: tuple[tuple[str, str], ...] = ()

    def text(self, middle: list[str], head: list[str], lines: list[str], condition: str) -> str:
        """The code of the loop; `middle` are the parameters that hold the data."""
        first, last, tail = _AROUND[self.kind]
        inside = "\n".join(lines)
        deeper = "\n".join("    " + line for line in lines)
        body = tail.format(lines=inside, deeper=deeper, condition=condition)
        return "\n".join((f"def loop({', '.join((*first, *middle, *last))}):", *head, body))


_AROUND = {  # parameters before and behind the data, and the code
    "all": (("n",), (), "    for k in range(n):\n{lines}"),
    "found": (
        ("n",),
        ("free", "found", "count"),
        """    for start in range(0, n, 64):
        some = 0
        for k in range(start, min(start + 64, n)):
{deeper}
            some |= 1 if {condition} else 0
        if some:
            for k in range(start, min(start + 64, n)):
    {deeper}
                if {condition} and free[k]:
                    found[count] = k
                    count += 1
    return count""",
    ),
    "chosen": (
        ("chosen", "begin", "end"),
        (),
        """    for place in range(begin, end):
        k = chosen[place]
{lines}""",
    ),
    "rows": (
        ("chosen", "begin", "end", "first", "last", "far", "order"),
        (),
        """    for place in range(begin, end):
        near = chosen[place]
        for row in range(first[near], last[near]):
            other = far[row]
            synapse = order[row] if order.size else row
{deeper}""",
    ),
}
EVERYBODY = Frame("all")


def reason_against(program: Program, layout: DataLayout) -> str | None:
    """The reason why a program cannot become a loop; None if it can."""
    reason = _obvious(program, layout)
    if reason is not None:
        return reason
    found = _compiled(program, layout)
    return found if isinstance(found, str) else None


def compile_program(program: Program, layout: DataLayout) -> NumbaProgram:
    """Compile a program that can become a loop."""
    found = _compiled(program, layout)
    assert not isinstance(found, str)  # it was asked for before
    return found


def _obvious(program: Program, layout: DataLayout) -> str | None:
    """What speaks against a program at first sight."""
    if layout.size != "N" or layout.given or layout.dynamic:
        return "it acts on elements that others choose"
    if program.result is not None or not program.stores:
        return "it gives values to NumPy"
    if program.functions and (program.called or any(not d.sized for d in program.draws.values())):
        return "it calls a Python function"
    if program.aggregates or any(e.has(Aggregate) for e in program.expressions if isinstance(e, sp.Basic)):
        return "it looks at all elements of a group at once"
    if layout.aliases:
        return f"it writes '{next(iter(layout.aliases))}', which it also reads by another name"
    for store in program.stores:
        if layout.access[store.name] not in (ARRAY, SINGLETON) or store.op != "=":
            return f"'{store.name}' is shared, or belongs to others"
    return None


def compile_piece(program: Program, layout: DataLayout, frame: Frame) -> NumbaProgram | str:
    """Compile a program as a piece of what takes several steps at once; or give the reason against it."""
    if program.draws or program.called or layout.given:
        return "it draws numbers, or calls functions"
    if program.rounds and frame.kind != "chosen":  # of which each is chosen once
        return "it assigns in an order"
    if program.aggregates or layout.aliases:
        return "it looks at several elements at once"
    written = {store.name for store in program.stores}
    if frame.kind == "rows" and not written.isdisjoint(program.reads):
        return "it writes what it reads"
    return _compiled(program, layout, frame)


@remembered
def _compiled(program: Program, layout: DataLayout, frame: Frame = EVERYBODY) -> NumbaProgram | str:
    try:
        return _LoopWriter(program, layout, frame).write()
    except RefusedError as refused:
        return str(refused)


class _LoopWriter:
    """Writer of the loop of one program."""

    def __init__(self, program: Program, layout: DataLayout, frame: Frame) -> None:
        self.frame, self.places = frame, dict(frame.places)
        of_all = frame.kind in ("all", "found")  # refractory ones get their values back
        self.shielded = () if of_all else tuple(sorted(layout.shielded))
        self.analysis = analysis = Analysis(program, layout, share=False)
        self.program, self.layout = program, layout
        self.known = namespace()
        taken = reserved() | self.known.keys() | set(OWN)
        self.identifiers = Identifiers(taken, program.names, program.functions)
        self.printer = LoopCode(self.identifiers)
        self.lines: list[str] = []
        self.emitted: set[sp.Symbol] = set()
        self.values: list[str] = []  # in the order in which they are met
        self.links: list[str] = []
        self.numbers: list[str] = []
        self.constants: list[sp.Symbol] = []
        self.once = dict(analysis.once)
        self.uses_t = False

    def write(self) -> NumbaProgram:
        """Write the loop, and what is calculated before."""
        analysis = self.analysis
        values = [*(store.value for store in analysis.stores), analysis.result]
        used = set().union(*map(analysis.reads, values))
        draws = [s for s in analysis.draws if s in used]
        drawn = tuple(self._drawn(s) for s in draws)
        for s, draw in zip(draws, drawn, strict=True):
            self.emitted.add(s)
            self._line(
                self.identifiers.symbol(s), f"{self._array('drawn', s.name)}[{0 if draw.single else 'k'}]"
            )
        new, operators = [], {store.name: store.op for store in analysis.stores}
        for store in analysis.stores:
            name = self.identifiers.of("new", store.name, f"{store.name}_new")
            self._line(name, self._code(store.value))
            new.append((store.name, name))
        for stored, name in new:
            self._value(stored)
            place, op = self._place(stored), operators[stored]
            spares = f"if {self._array('free', stored)}[{place}]: " if stored in self.shielded else ""
            self.lines.append(f"{INDENT}{spares}{self._array('value', stored)}[{place}] {op} {name}")
        condition = "" if analysis.result is None else self._code(analysis.result)
        lacking = sorted(self.printer.called - self.known.keys())
        if lacking:
            raise RefusedError(f"there is no compiled {lacking[0]}")
        return self._finish(draws, drawn, tuple(stored for stored, _ in new), condition)

    # ---- lines of the loop ----

    def _line(self, target: str, code: str) -> None:
        self.lines.append(f"{INDENT}{target} = {code}")

    def _array(self, kind: str, name: str) -> str:
        """The argument that is an array."""
        return self.identifiers.of(kind, name, f"{name}_{'all' if kind == 'value' else kind}")

    def _value(self, name: str) -> None:
        if name not in self.values:
            self.values.append(name)

    def _code(self, expr: Any) -> str:
        """Code of an expression, after the lines that it needs."""

        def open_(e: Any) -> list[sp.Symbol]:
            return [s for s in getattr(e, "free_symbols", ()) if s not in self.emitted]

        for s in optimise.in_order(expr, open_, self._parts):
            self._provide(s)
        for s in sorted(open_(expr), key=lambda s: s.name):
            self._provide(s)
        return self.printer.doprint(expr)

    def _parts(self, s: sp.Symbol) -> tuple[Any, ...]:
        return (self.analysis.definitions[s],) if s in self.analysis.definitions else ()

    def _provide(self, s: sp.Symbol) -> None:
        """Write the line that gives a symbol its value for the element k."""
        if s in self.emitted:
            return
        self.emitted.add(s)
        name = self.program.names.get(s)
        identifier = self.identifiers.symbol(s)
        if s in self.analysis.definitions:
            self._line(identifier, self._code(self.analysis.definitions[s]))
        elif s in self.once:
            self.constants.append(s)
        elif name == "t":
            self.uses_t = True
        elif name is None:
            raise RefusedError(f"'{s.name}' is unknown")
        else:
            self._read(name, identifier)

    def _read(self, name: str, identifier: str) -> None:
        access = self.layout.access.get(name, SCALAR)
        if access == SCALAR and name not in self.layout.varying:
            self.numbers.append(name)
            return
        self._value(name)
        self._line(identifier, f"as_number({self._array('value', name)}[{self._place(name)}])")

    def _place(self, name: str) -> str:
        """Code of the place of the value of a variable that an element has."""
        access, all_of_them = self.layout.access[name], self.frame.kind in ("all", "found")
        if access == SCALAR:
            return "0"
        if access in (ARRAY, SINGLETON) and all_of_them:
            return "k"
        index = self.layout.index_of(name) if self.layout.is_gathered(name) else access
        if not self.layout.is_linked(name):
            if index not in self.places:
                raise RefusedError(f"'{name}' is found by an index")
            return self.places[index]
        if (index and index not in self.places) or not (index or all_of_them):
            raise RefusedError(f"'{name}' is found by an index")
        if name not in self.links:
            self.links.append(name)
        return f"{self._array('link', name)}[{self.places[index] if index else 'k'}]"

    def _drawn(self, s: sp.Symbol) -> Drawn:
        """What is drawn for a symbol."""
        draw, given = self.analysis.draws[s], self.program.draws[s].arguments
        arguments: list[float | str] = []
        for argument in draw.arguments:
            if argument.is_number:
                arguments.append(float(argument))
            elif argument in self.once:
                self._provide(argument)
                arguments.append(self.identifiers.symbol(argument))
            else:
                raise RefusedError(f"arguments of {draw.function}(...) change in a run, or are variables")
        is_fixed = FUNCTIONS[draw.function].tabled and all(map(self.analysis.is_fixed, given))
        return Drawn(draw.function + FIXED if is_fixed else draw.function, tuple(arguments), draw.single)

    # ---- both functions ----

    def _finish(
        self, draws: list[sp.Symbol], drawn: tuple[Drawn, ...], stored: tuple[str, ...], condition: str
    ) -> NumbaProgram:
        name_of = self.identifiers.symbol
        array_like: set[sp.Symbol] = set()
        for s, value in self.analysis.once:
            if self.analysis.is_array_like(value, array_like):
                array_like.add(s)
        single = [s for s in self.constants if s not in array_like]
        whole = [s for s in self.constants if s in array_like]
        symbols = {name: s for s, name in self.program.names.items()}
        unpacked = [*map(name_of, single), *(name_of(symbols[x]) for x in self.numbers)]
        head = [f"    {x} = numbers[{k}]" for k, x in enumerate(unpacked)]
        rows = [f"{INDENT}{name_of(s)} = {self._array('whole', s.name)}[k]" for s in whole]
        if whole and self.frame.kind not in ("all", "found"):
            raise RefusedError("numbers that stay differ among elements")
        parameters = ["numbers", *(self._array("whole", s.name) for s in whole)]
        parameters += [self._array("drawn", s.name) for s in draws]
        parameters += [self._array("link", x) for x in self.links]
        parameters += [self._array("value", x) for x in self.values]
        parameters += [self._array("free", x) for x in self.shielded]
        parameters += [name_of(symbols["t"])] if self.uses_t else []
        text = self.frame.text(parameters, head, [*rows, *self.lines], condition)
        prologue, inputs, code = self._prologue()
        return NumbaProgram(
            self.program, self.layout, made(text, self.known),
            f"{code}# step of the {self.program.label}\n{text}\n", prologue, inputs,
            tuple(map(name_of, self.constants)), tuple(map(name_of, single)), tuple(map(name_of, whole)),
            drawn, tuple(self.numbers), tuple(self.links), tuple(self.values), stored, self.shielded,
            self.uses_t,
        )  # fmt: skip

    def _prologue(self) -> tuple[Callable[..., list[Any]], tuple[str, ...], str]:
        """The function that calculates the constants, the names of what it takes, and its code."""
        printer, name_of = NumpyCode(self.identifiers), self.identifiers.symbol
        lines = [(name_of(s), printer.doprint(value)) for s, value in self.analysis.once]
        used = set().union(*(words(code) for _, code in lines)) - {name for name, _ in lines}
        names = self.program.names
        found = [s for s in sorted(names, key=lambda s: (names[s], s.name)) if name_of(s) in used]
        constants = ", ".join(map(name_of, self.constants))
        give = function([name_of(s) for s in found], lines, f"[{constants}]")
        code = source_of(give, f"once per run, {self.program.label}") + "\n" if self.constants else ""
        return give, tuple(names[s] for s in found), code


@functools.cache
def _allow_many_arrays() -> None:
    """Let LLVM make vector instructions of loops over many arrays, too."""
    llvmlite.binding.set_option("numpybrain", f"--runtime-memory-check-threshold={CHECKED}")
    llvmlite.binding.set_option("numpybrain", f"--memory-check-merge-threshold={CHECKED}")


def made(text: str, known: dict[str, Any]) -> Callable[..., Any]:
    """The function of a text of code that was printed here, compiled by numba when it is first called."""
    _allow_many_arrays()
    place = f"<numpybrain loop {zlib.crc32(text.encode()):x}>"
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
    module = compile(text, place, "exec")
    code = next(c for c in module.co_consts if isinstance(c, types.CodeType))
    plain = types.FunctionType(code, dict(known), "loop")
    return numba.njit(plain, error_model="numpy")  # type: ignore[no-any-return]
