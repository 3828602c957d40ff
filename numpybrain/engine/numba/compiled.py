"""Compiled programs of numba, and what they are with their data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine import engine_table
from numpybrain.engine.numpy.random_calls import drawing
from numpybrain.kernel.refractory import Refractoriness

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
        shielded: those of them that refractory neurons keep from it.
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
    shielded: tuple[str, ...]
    uses_t: bool

    def bind(self, data: ProgramData) -> Executable:
        """Calculate what stays in a run, and bind all that stays where it is."""
        n, known = data.size(), self._known(data)
        found = None if known is None else self.arguments(data, n, known)
        if known is None or found is None:
            return engine_table.compile_program(self.program, self.layout).bind(data)
        draws = [self._draw(draw, known, data, n) for draw in self.drawn]
        k = 1 + len(self.whole)
        return NumbaExecutable(self, n, found[:k], draws, found[k:])

    def _known(self, data: ProgramData) -> dict[str, Any] | None:
        """What is calculated once; None if NumPy had better do all."""
        with np.errstate(all="ignore"):
            try:
                found = self.prologue(*map(data.value, self.inputs))
            except ZeroDivisionError:  # NumPy knows what is 0
                return None
        return dict(zip(self.constants, found, strict=True))

    def arguments(
        self, data: ProgramData, n: int, known: dict[str, Any] | None = None
    ) -> list[Array] | None:
        """The arguments of the loop that are data: numbers, `whole`, links, values; None if it cannot."""
        known = self._known(data) if known is None else known
        arrays = [data.value(name) for name in self.values]
        if known is None or not all(map(_is_plain, arrays)):
            return None
        if any(data.value(name).dtype != np.float64 for name in self.stored):
            return None
        if any(np.ndim(known[name]) for name in self.single):
            return None
        numbers = [float(known[name]) for name in self.single]
        numbers += [float(data.value(name)) for name in self.numbers]
        whole = [np.array(np.broadcast_to(known[name], n), dtype=float) for name in self.whole]
        links = [np.asarray(data.link(name), dtype=np.intp) for name in self.links]
        owners = [getattr(data.shield(name), "__self__", None) for name in self.shielded]
        if not all(isinstance(owner, Refractoriness) for owner in owners):
            return None
        free = [owner.free for owner in owners if owner is not None]
        return [np.array(numbers, dtype=float), *whole, *links, *arrays, *free]

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
        before: list[Array],
        draws: list[Callable[[], Array]],
        behind: list[Array],
    ) -> None:
        self.compiled = compiled
        self._before = [n, *before]
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
