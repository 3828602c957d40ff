"""How a program meets its data (`DataLayout`), and what compiling it gives (`CompiledProgram`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpybrain.engine.numpy.function_builder import source_of
from numpybrain.utils.naming import ARRAY, SCALAR, SINGLETON, is_made_up


@dataclass(frozen=True, slots=True)
class DataLayout:
    """How a program meets its data.

    Attributes:
        access: name -> SCALAR, WHOLE, ONLY (arrays with one value: the body calculates with numbers, which
            NumPy does five times as fast), or the name of the index argument to gather with.
        varying: names whose values can change during a run.
        aliased: those of them that only Python functions may change.
        dynamic: arguments that are new in every call: indices; and values, called as no variable is.
        rows: variables whose arrays are, in this order, the rows of one block.
        share: compute several exponentials from one, where that is possible.
        size: what random draws are as many as: the name "N", or an index argument.
        shielded: variables that refractory neurons keep from being written.
        fresh: functions of the user that may give something else in each step.
        aliases: stored name -> the other names of its array, in a fixed order.
    """

    access: Mapping[str, str]
    varying: frozenset[str]
    dynamic: tuple[str, ...] = ()
    size: str = "N"
    shielded: frozenset[str] = frozenset()
    rows: tuple[str, ...] = ()
    share: bool = True
    aliased: frozenset[str] = frozenset()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()

    def keeps(self, name: str) -> bool:
        """Whether the values of a name stay in a run, unless Python functions change them."""
        whole = self.access.get(name, SCALAR) in (SCALAR, ARRAY, SINGLETON)
        return whole and name != "t" and name not in self.given and name not in self.varying - self.aliased

    @property
    def given(self) -> frozenset[str]:
        """The values among what is new in every call."""
        return frozenset(filter(is_made_up, self.dynamic))

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for equal layouts."""
        names = tuple(sorted(self.access.items())), tuple(sorted(self.aliases.items()))
        return *names, self.varying, self.shielded, self.share, self.aliased, self.fresh


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """A compiled program.

    `prologue(*values of prologue_inputs)` gives the `constants`. The body takes one value for each of
    `arguments`, then t if it uses it, then the layout's dynamic arguments. Arguments and inputs are
    ("value", name), ("constant", name), ("call", name of a user's function), ("draw", name of one of the
    language that draws), ("size", "size"), ("shield", name), ("block", "first:last"), ("link", name).
    `factors` are constants between exponentials that were computed from one; if one is 0 or infinite
    (offsets of more than 700 apart), the program must be compiled again with `share` off. `hoisted` are
    names and code of what the prologue calculates, numbers left out. `label` is that of the program.
    """

    body: Callable[..., Any]
    arguments: tuple[tuple[str, str], ...]
    prologue: Callable[..., list[Any]]
    prologue_inputs: tuple[tuple[str, str], ...]
    constants: tuple[str, ...]
    factors: tuple[str, ...]
    uses_t: bool
    hoisted: tuple[tuple[str, str], ...]
    label: str = ""

    @property
    def source(self) -> str:
        """The code of both, with headings."""
        source = source_of(self.body, f"step of the {self.label}")
        if not self.constants:
            return source
        return source_of(self.prologue, f"once per run, {self.label}") + "\n" + source
