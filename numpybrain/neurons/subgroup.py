"""Parts of a group of neurons, with the same attributes: slices, and neurons by their indices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, UnknownAttributeError, shown, suggestion
from numpybrain.group.group import Group, add_user_stage
from numpybrain.group.indexing import indices_among
from numpybrain.group.part_arrays import span_of
from numpybrain.group.timing import Timing
from numpybrain.group.views import SynapticArray
from numpybrain.kernel import subgroup
from numpybrain.kernel.events import SPIKES
from numpybrain.neurons.part_space import PartSpace
from numpybrain.utils.foreign_names import explains_arguments
from numpybrain.utils.live import lives_once
from numpybrain.utils.quantities import is_function

if TYPE_CHECKING:
    from numpybrain.kernel.variables import Array
    from numpybrain.neurons.poisson_drive import PoissonDrive

FEW = 6  # indices that a name shows
SAME = ("definition", "dt", "model", "network", "update")  # in a part as in its group


def contiguous(item: Any, n: int, name: str) -> tuple[int, int]:
    """Start and stop of an index or slice.

    Raises:
        IndexRangeError: if it is outside of the group or empty.
    """
    if isinstance(item, (int, np.integer)) and not isinstance(item, bool):
        index = int(item) + (n if item < 0 else 0)
        if not 0 <= index < n:
            message = f"index {shown(item)} is out of range: '{name}' has {n} neurons (0..{n - 1})"
            raise IndexRangeError(message)
        return index, index + 1
    if not isinstance(item, slice):
        message = f"'{name}' takes a slice, indices, booleans or a condition (got {type(item).__name__})"
        raise ArgumentError(message, help=f"such as {name}[:10] or {name}[[1, 4]]")
    start, stop, step = _bounds(item, n, name)
    if step != 1:
        raise ArgumentError(f"a part of '{name}' must be contiguous (got step {shown(step)})")
    if stop <= start:
        raise IndexRangeError(f"the part {start}:{stop} of '{name}' is empty")
    return start, stop


def _bounds(item: slice, n: int, name: str) -> tuple[int, int, int]:
    """Start, stop and step of a slice, none of which may lie outside of the group."""
    if item.step == 0:
        raise ArgumentError(f"the step of a slice of '{name}' is 0", help=f"such as {name}[::2]")
    try:
        found = item.indices(n)
    except TypeError:
        raise ArgumentError(f"a slice of '{name}' needs whole numbers (got {shown(item)})") from None
    for given in (item.start, item.stop):
        if given is not None and not -n <= given <= n:
            message = f"index {shown(given)} is out of range: '{name}' has {n} neurons (0..{n - 1})"
            raise IndexRangeError(message)
    return found


@lives_once
class Subgroup(subgroup.Subgroup):
    """Some neurons of a group: a slice (`cells[:10]`), or neurons by their indices (`cells["v > 0*mV"]`).

    `part.v` can be read and assigned. Of a slice it is a live view. Of neurons by their indices it is a
    copy, in the order in which they were named; what is assigned to it, `part.v[0] = 1` or `part.v += 1`,
    reaches the group. A condition is evaluated once, when the part is made.

    In what is assigned to a part and in its stages, as everywhere with parts, `i` counts in the part, and
    `N` is its size. What a model calculates (`x = i/N : 1`) is about the group.

    Attributes:
        neurons: the group.
        where: the neurons, as an index of the arrays of the group: a slice, or indices, each once.
        name: for messages.
    """

    __slots__ = ()

    neurons: Group

    @property
    def N(self) -> int:  # noqa: N802 - as in texts
        """The same."""
        return self.size

    @property
    def i(self) -> Array:
        """The indices of the neurons, in the part."""
        return SynapticArray.of(np.arange(self.size), self.inspect, "i")

    @property
    def inspect(self) -> PartSpace:
        """Variables of the part, as texts, functions and indices about it see them."""
        return PartSpace(self.neurons.inspect, self.name, self.where)

    @property
    def start(self) -> int:
        """The first of its neurons in the group."""
        return span_of(self.where)[0]

    @property
    def stop(self) -> int:
        """The neuron of the group that is behind its last one."""
        return span_of(self.where)[1]

    @property
    def spikes(self) -> Array:
        """The indices, in the part, of its neurons that fired in the last step; ascending."""
        return self._fired()[1]

    @property
    def spike_times(self) -> Array | None:
        """Times of these spikes in ms, if they lie between time steps."""
        times = self.neurons.inspect.events[SPIKES].times
        return None if times is None else times.take(self._fired()[0])

    def _fired(self) -> tuple[Array, Array]:
        return self.inspect.among(self.neurons.inspect.events[SPIKES].indices)

    # ---- variables ----

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        neurons = self.neurons
        if name in SAME:
            return getattr(neurons, name)
        space = neurons.inspect
        if space.knows(name) or space.look_up(name) is not None:
            return self._cut(name, getattr(neurons, name))
        if hasattr(neurons, name):
            message = f"'{name}' is of the whole group, not of the part '{self.name}'"
            raise UnknownAttributeError(message, help=f"write  {neurons.name}.{name}")
        names = (*neurons.variables(), *(n for n in dir(type(self)) if not n.startswith("_")))
        raise UnknownAttributeError(f"'{self.name}' has no variable '{name}'" + suggestion(name, names))

    def __setattr__(self, name: str, value: Any) -> None:
        self.write(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *SAME, *self.neurons.variables()})

    def read(self, name: str) -> Any:
        """The live array of a variable, as a view; the number itself if it is shared."""
        return self._cut(name, self.neurons.inspect.read(name))

    def evaluate(self, name: str) -> Any:
        """The present values of a subexpression, shape (n,); one value if it is shared."""
        found = self.neurons.evaluate(name)
        return found[self.where] if np.ndim(found) else found

    def write(self, name: str, value: Any) -> None:
        """Assign to a variable: number(s) in its unit, a quantity, a string or a function."""
        space = self.neurons.inspect
        if space.holder(name) is None:
            raise space.why_not(name, is_own=self.neurons._is_own(name))  # noqa: SLF001  # the same family
        where = self.where
        if space.sampling is not None and space.sampling.take_part(name, value, where, self.inspect):
            return
        if isinstance(value, str) or is_function(value):
            value = self.inspect.worth(name, value)
        space.write(name, value, where)

    def _cut(self, name: str, values: Any) -> Any:
        if not isinstance(values, np.ndarray) or values.shape != (self.neurons.size,):
            return values
        found, is_copy = np.asarray(values)[self.where], isinstance(self.where, np.ndarray)
        return SynapticArray.of(found, self.inspect, name, is_copy=is_copy)

    # ---- stages ----

    def at(
        self,
        phase: str,
        function: Any = None,
        *,
        every: Any = None,
        start: Any = None,
        stop: Any = None,
        before: bool = False,
        changes: Iterable[str] | None = None,
        shielded: bool = True,
    ) -> Callable[..., Any]:
        """Add a stage about these neurons: a function that gets their part of the arrays, or statements.

        The arguments are those of `Neurons.at`; `i`, `N` and `spikes` count in the part.
        """
        group, scope, timing = (
            self.neurons,
            self.inspect,
            Timing.of(every, start, stop, f"a stage of '{self.name}'"),
        )

        def add(f: Any) -> Any:
            add_user_stage(
                group, phase, f, scope, timing, before=before, changes=changes, shielded=shielded
            )
            return f

        return add if function is None else add(function)  # type: ignore[no-any-return]

    @explains_arguments("poisson")
    def poisson(
        self, variable: str, n: int, rate: Any, weight: Any, *, name: str | None = None
    ) -> PoissonDrive:
        """Let many independent Poisson sources drive each neuron of the part; see `Neurons.poisson`."""
        from numpybrain.neurons.poisson_drive import drive

        return drive(self, variable, n, rate, weight, name=name)

    def __getitem__(self, item: Any) -> Subgroup:
        return part_of(self, item)

    def __len__(self) -> int:
        return self.size

    def _repr_html_(self) -> str:
        from numpybrain.neurons import neurons_html

        return neurons_html.part_html(self, self.read)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}, {self.size} of {self.neurons.size}>"


def part_of(group: Any, item: Any) -> Subgroup:
    """The part of a group, or of a part of one, that an index means.

    Raises:
        ArgumentError: if a neuron is named twice.
        IndexRangeError: if one is out of range.
    """
    is_stride = isinstance(item, slice) and item.step not in (None, 1)
    is_part = isinstance(group, Subgroup)
    whole, name = (group.neurons if is_part else group), group.name
    within = subgroup.where_of(group)
    if not is_stride and not isinstance(item, (list, np.ndarray, str)):
        start, stop = contiguous(item, group.size, name)
        if isinstance(within, slice):
            return Subgroup(whole, slice(within.start + start, within.start + stop))
        return Subgroup(whole, within[start:stop], f"{name}[{start}:{stop}]")
    key = group.inspect.find_elements(item) if isinstance(item, str) else item
    if is_stride:
        key = np.arange(*_bounds(item, group.size, name))
    index = indices_among(key, group.size, f"'{name}'", "neurons")
    found, counts = np.unique(index, return_counts=True)
    if found.size < index.size:
        message = f"neuron {found[counts > 1][0]} is named more than once in a part of '{name}'"
        raise ArgumentError(message, help="each neuron is in a part once")
    where = subgroup.in_whole(index, within)
    where.flags.writeable = False  # what has been made of the part would not follow
    return Subgroup(whole, where, f"{name}[{_index_text(item)}]")


def _index_text(item: Any) -> str:
    """An index as it is written, or its beginning."""
    if isinstance(item, str):
        return f'"{item}"'
    if isinstance(item, slice):
        first, last = ("" if x is None else str(x) for x in (item.start, item.stop))
        return f"{first}:{last}:{item.step}"
    shortened = np.asarray(item)
    if shortened.dtype == bool:
        return "mask"
    some = ", ".join(map(str, shortened[:FEW].tolist()))
    return f"[{some}, ...]" if shortened.size > FEW else f"[{some}]"
