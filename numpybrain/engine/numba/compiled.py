"""Compiled programs of numba, and what they are with their data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine import engine_table
from numpybrain.engine.numpy.random_calls import drawing
from numpybrain.errors import ModelError

if TYPE_CHECKING:
    from numpybrain.engine.contract import DataLayout, Executable, ProgramData
    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.variables import Array
    from numpybrain.symbolic.program import Program


@dataclass(frozen=True, slots=True)
class Drawn:
    """Random numbers that a program draws in each call: an array, or one number if it is `single`.

    `arguments` are numbers, or names of constants.
    """

    function: str
    arguments: tuple[float | str, ...]
    single: bool


@dataclass(frozen=True, slots=True, eq=False)
class NumbaProgram:
    """A compiled program.

    The loop takes the number of elements, the numbers of `single` in one array, then the arrays `whole`,
    the arrays drawn, `links`, `values`, and t if it uses it.

    Attributes:
        loop: the loop over the elements.
        source: its code, with that of what is calculated once.
        prologue: gives the values of `constants`, from those of `inputs`.
        single, whole: those of the constants that are one number, and one for each element.
        drawn: what is drawn, in this order.
        numbers: names whose values are numbers all through the run, behind those of `single`.
        links: variables of which each element reads that of another one.
        values: variables, all or just one of them for all.
        stored: those that the loop writes.
    """

    program: Program
    layout: DataLayout
    loop: Callable[..., None]
    source: str
    prologue: Callable[..., list[Any]]
    inputs: tuple[str, ...]
    constants: tuple[str, ...]
    single: tuple[str, ...]
    whole: tuple[str, ...]
    drawn: tuple[Drawn, ...]
    numbers: tuple[str, ...]
    links: tuple[str, ...]
    values: tuple[str, ...]
    stored: tuple[str, ...]
    uses_t: bool

    def bind(self, data: ProgramData) -> Executable:
        """Calculate what stays in a run, and bind all that stays where it is."""
        arrays = [data.value(name) for name in self.values]
        if any(data.value(name).dtype != np.float64 for name in self.stored) or not all(
            map(_is_plain, arrays)
        ):
            return engine_table.compile_program(self.program, self.layout).bind(data)
        n = data.size()
        with np.errstate(all="ignore"):
            try:
                found = self.prologue(*map(data.value, self.inputs))
            except ZeroDivisionError:  # NumPy knows what is 0
                return engine_table.compile_program(self.program, self.layout).bind(data)
        known = dict(zip(self.constants, found, strict=True))
        if any(np.ndim(known[name]) for name in self.single):
            raise ModelError(f"the {self.program.label} cannot be compiled", help="take engine='numpy'")
        numbers = [float(known[name]) for name in self.single] + [
            float(data.value(x)) for x in self.numbers
        ]
        whole = [np.array(np.broadcast_to(known[name], n), dtype=float) for name in self.whole]
        draws = [self._draw(draw, known, data, n) for draw in self.drawn]
        links = [np.asarray(data.link(name), dtype=np.intp) for name in self.links]
        return NumbaExecutable(self, n, np.array(numbers, dtype=float), whole, draws, [*links, *arrays])

    def _draw(self, draw: Drawn, known: dict[str, Any], data: ProgramData, n: int) -> Callable[[], Array]:
        """Give the call that draws numbers for one step."""
        function = drawing(data.generator(), draw.function)
        arguments = [known[a] if isinstance(a, str) else a for a in draw.arguments]
        arguments.append(1 if draw.single else n)
        return lambda: function(*arguments)


def _is_plain(array: Array) -> bool:
    """Whether loops find an array as they expect it."""
    return array.ndim == 1 and array.flags.c_contiguous and array.flags.aligned


class NumbaExecutable:
    """A compiled program with its data."""

    __slots__ = ("_before", "_behind", "_draws", "compiled")

    def __init__(
        self,
        compiled: NumbaProgram,
        n: int,
        numbers: Array,
        whole: list[Array],
        draws: list[Callable[[], Array]],
        behind: list[Array],
    ) -> None:
        self.compiled = compiled
        self._before = [n, numbers, *whole]
        self._draws = draws
        self._behind = behind

    @property
    def uses_t(self) -> bool:
        """Whether what it does in a step depends on the time."""
        return self.compiled.uses_t

    @property
    def reads_values(self) -> bool:
        """Whether each call looks at values of variables, and not only at what binding has calculated."""
        return bool(self.compiled.values)

    @property
    def source(self) -> str:
        """The code that runs."""
        return self.compiled.source

    def call(self, clock: Clock) -> Callable[..., Any]:
        """Give a callable that carries the program out."""
        loop, before, behind, draws = self.compiled.loop, self._before, self._behind, self._draws
        uses_t = self.compiled.uses_t
        if not draws and not uses_t:
            given = (*before, *behind)
            return lambda: loop(*given)

        def call() -> None:
            time = (clock.t,) if uses_t else ()
            loop(*before, *[draw() for draw in draws], *behind, *time)

        return call
