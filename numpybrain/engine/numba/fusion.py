"""Many steps of a network in one call, where all that happens in them can be compiled.

Stages of neurons are known by their operations in the kernel; pathways tell a `SpikeDelivery`; what only
looks at events is called afterwards, for each step that has some. If a stage is none of these, all are
called step by step, as ever.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.contract import RingDelivery, SpikeDelivery
from numpybrain.engine.explosion import ExplosionCheck
from numpybrain.engine.numba import compiler, step_parts
from numpybrain.engine.numba.compiler import EVERYBODY, Frame, RefusedError
from numpybrain.engine.state_update import ProgramUpdate
from numpybrain.kernel.events import NO_INDICES, EventBuffer
from numpybrain.kernel.network import nothing
from numpybrain.kernel.operations import Task
from numpybrain.kernel.refractory import FixedPeriod, Refractoriness
from numpybrain.kernel.spiking import HeldUpdate, Reaction, Threshold

if TYPE_CHECKING:
    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.contracts import Call, RunContext, Stage

LONGEST = 0.05  # seconds that a call may take, for Ctrl-C and progress
FEWEST = 8  # steps that are taken at once, even if they take longer
INDENT = " " * 8


class Spiking:
    """Spikes of one group in a call: all of them in order, and where those of each step end.

    Attributes:
        buffer: where the spikes of the present step are kept for others.
        observers: calls that only look at these spikes, and at the time.
        is_found: whether the stage that finds them has been passed.
    """

    def __init__(self, buffer: EventBuffer, n: int, number: int) -> None:
        self.buffer, self.n = buffer, n
        self.number = number
        self.spikes = np.empty(8 * n + 1024, dtype=np.intp)
        self.ends = np.zeros(1, dtype=np.intp)
        self.observers: list[Call] = []
        self.is_found = False


class Refractory:
    """Refractory neurons of one group, in arrays for compiled code."""

    def __init__(self, refractoriness: Refractoriness) -> None:
        self._of = refractoriness
        self.free = refractoriness.free
        size = 2 * self.free.size + 16
        self.held, self.until = np.empty(size, dtype=np.intp), np.empty(size, dtype=np.int64)
        self.ends = np.zeros(2, dtype=np.intp)
        self.kept = np.empty(size)
        self.steps = np.zeros(1, dtype=np.int64)

    def begin(self) -> bool:
        """Take over who is refractory; false if it is not for a fixed time."""
        policy = self._of.policy
        if not isinstance(policy, FixedPeriod):
            return False
        held, until = policy.until()
        self.held[: held.size], self.until[: held.size] = held, until
        self.ends[:] = 0, held.size
        self.steps[0] = policy.steps
        return True

    def end(self) -> None:
        """Give back who is refractory."""
        now = slice(*self.ends)
        self._of.policy.resume(self.held[now], self.until[now])


class Carried:
    """Spikes under way on one pathway with one delay."""

    def __init__(self, delivery: SpikeDelivery, source: Spiking) -> None:
        self._queue, self.steps, self._source = delivery.waiting, delivery.steps, source
        self.past = NO_INDICES
        self.ends = np.zeros(self.steps + 1, dtype=np.intp)

    def begin(self, step: int) -> bool:
        """Take over what arrives from a step on; false if it is not whole spikes."""
        due, parts = self._queue.due, []
        if any(not step <= k < step + self.steps for k in due):
            return False
        for k in range(self.steps):
            batches = due.get(step + k, [])
            if any(synapses is not None or spikes is None for spikes, synapses, _ in batches):
                return False
            parts += [spikes for spikes, _, _ in batches]
            self.ends[k + 1] = self.ends[k] + sum(spikes.size for spikes, _, _ in batches)  # type: ignore[union-attr]
        self.past = np.concatenate([NO_INDICES, *parts])  # type: ignore[list-item]
        return True

    def end(self, first: int, step: int) -> None:
        """Give back what arrives later."""
        for k in range(first, step):
            self._queue.due.pop(k, None)
        ends = self._source.ends
        for k in range(max(0, step - first - self.steps), step - first):
            if ends[k + 1] > ends[k]:
                spikes = self._source.spikes[ends[k] : ends[k + 1]].copy()
                self._queue.send(first + k + self.steps, spikes, None, first + k)


class Sent:
    """Spikes whose effects wait in a ring."""

    def __init__(self, delivery: RingDelivery, spiking: Sequence[Spiking]) -> None:
        self._delivery, self.spiking = delivery, spiking
        self.first = np.zeros(1, dtype=np.int64)

    def begin(self) -> None:
        """Take over which step the ring begins with."""
        self.first[0] = self._delivery.ring.first

    def end(self, first: int, step: int) -> None:
        """Give back how far the ring has come, and what has not arrived."""
        delivery, ring, sent = self._delivery, self._delivery.ring, []
        ring.first = int(self.first[0])
        for k in range(first, step):
            parts = []
            for (_, offset), spiking in zip(delivery.sources, self.spiking, strict=True):
                ends = spiking.ends
                if ends[k - first + 1] > ends[k - first]:
                    parts.append(spiking.spikes[ends[k - first] : ends[k - first + 1]] + offset)
            if parts:
                ring.last = max(ring.last, k + delivery.longest)
                if k + delivery.longest >= step:
                    sent.append((k, np.concatenate(parts)))
        delivery.advanced(step - 1, sent)


class Fusion:
    """What takes several steps at once, for all stages of a run.

    Args:
        stages, calls: those of a step.
        context: of the run.

    Raises:
        RefusedError: if there is a stage that cannot be a part of it.
    """

    def __init__(self, stages: Sequence[Stage], calls: Sequence[Call], context: RunContext) -> None:
        self._clock: Clock = context.clock
        self._lines: list[str] = []
        self._known: dict[str, Any] = {}
        self._given: dict[str, Any] = {}  # parameter -> what it is, or a call that gives it
        self._spiking: dict[int, Spiking] = {}
        self._refractory: dict[int, Refractory] = {}
        self._carried: list[Carried] = []
        self._sent: list[Sent] = []
        self._bound: list[BoundProgram] = []
        self._pace = FEWEST  # steps that take less than `LONGEST`
        for stage in stages:
            if isinstance(stage.operation, Threshold):
                spikes = stage.operation.spikes
                self._spiking[id(spikes)] = Spiking(spikes, stage.operation.variables.n, len(self._spiking))
        for stage, call in zip(stages, calls, strict=True):
            self._stage(stage.operation, call)
        self._loop = self._made()

    # ---- the stages ----

    def _stage(self, operation: Any, call: Call) -> None:
        told = operation.tells() if isinstance(operation, Task) else None
        if isinstance(told, SpikeDelivery):
            self._delivery(told)
        elif isinstance(told, RingDelivery):
            self._ring(told)
        elif call is nothing:
            return
        elif isinstance(told, EventBuffer):
            self._of(told).observers.append(call)
        elif isinstance(operation, ProgramUpdate):
            self._update(operation)
        elif isinstance(operation, HeldUpdate):
            self._held_update(operation)
        elif isinstance(operation, Threshold):
            self._threshold(operation)
        elif isinstance(operation, Reaction):
            self._reaction(operation)
        else:
            raise RefusedError("a stage is not compiled")

    def _update(self, update: ProgramUpdate) -> None:
        if update.go_on is not None:
            raise RefusedError("refractory neurons have a program of their own")
        self._call(update.bound, EVERYBODY, [self._give(update.bound.n_elements)])

    def _held_update(self, operation: HeldUpdate) -> None:
        refractory = self._refractory_of(operation.refractoriness)
        queue = self._queue(refractory)
        self._line(f"release(step, {queue}, {self._give(refractory.free)})", step_parts.release)
        if operation.update is None:
            return
        if operation.go_on is not None or not isinstance(operation.update, ProgramUpdate):
            raise RefusedError("the state update is no program")
        held, _, ends = (self._give(x) for x in (refractory.held, refractory.until, refractory.ends))
        kept = [(self._give(a), self._give(np.empty_like(refractory.kept))) for a in operation.held()]
        for array, values in kept:
            self._line(f"keep({array}, {held}, {ends}, {values})", step_parts.keep)
        self._update(operation.update)
        for array, values in kept:
            self._line(f"give_back({array}, {held}, {ends}, {values})", step_parts.give_back)

    def _threshold(self, operation: Threshold) -> None:
        condition = getattr(operation.above, "holds", None)
        if not isinstance(condition, BoundProgram):
            raise RefusedError("the threshold is no text")
        spiking = self._spiking[id(operation.spikes)]
        spiking.is_found = True
        refractoriness = operation.refractoriness
        free = np.ones(spiking.n, dtype=bool) if refractoriness is None else refractoriness.free
        names = self._spikes(spiking)
        self._line(f"begin = {names[1]}[m]")
        behind = [self._give(free), names[0], "begin"]
        n = self._give(spiking.n)
        self._call(condition, Frame("found"), [n], behind, "end")
        self._line(f"{names[1]}[m + 1] = end")
        self._line(f"room = min(room, {names[0]}.size - end - {n})")
        if refractoriness is not None:
            refractory = self._refractory_of(refractoriness)
            until = f"step + {self._give(refractory.steps)}[0]"
            self._line(
                f"hold({names[0]}, begin, end, {until}, {self._queue(refractory)}, {self._give(free)})",
                step_parts.hold,
            )
        last = operation.variables.slots.get("lastspike")
        if last is not None:
            array = self._give(last.array(operation.variables.n))
            self._line(f"note_time({names[0]}, begin, end, t, {array})", step_parts.note_time)

    def _reaction(self, operation: Reaction) -> None:
        statements: Any = operation.statements
        if isinstance(statements, ExplosionCheck) and not statements.watched:
            statements = statements.reset
        if not isinstance(statements, BoundProgram):
            raise RefusedError("what happens at events is no text, or is looked after")
        spikes, ends = self._spikes(self._of(operation.events))
        frame = Frame("chosen", (("spikes", "k"),))
        self._call(statements, frame, [spikes, f"{ends}[m]", f"{ends}[m + 1]"])

    def _delivery(self, delivery: SpikeDelivery) -> None:
        spiking = self._of(delivery.events)
        spikes, ends = self._spikes(spiking)
        near, far = ("pre", "post") if delivery.side == "pre" else ("post", "pre")
        frame = Frame("rows", ((near, "near"), (far, "other"), ("synapse", "synapse")))
        rows = delivery.rows
        order = NO_INDICES if rows.order is None else rows.order
        behind = [self._give(np.ascontiguousarray(x)) for x in (rows.first, rows.last, rows.far, order)]
        d = delivery.steps
        if not d:
            if delivery.waiting:
                raise RefusedError("something is under way")
            self._call(delivery.act, frame, [spikes, f"{ends}[m]", f"{ends}[m + 1]", *behind])
            return
        carried = Carried(delivery, spiking)
        self._carried.append(carried)
        past, past_ends = self._give(lambda: carried.past), self._give(carried.ends)
        self._line(f"if m < {d}:")
        self._call(
            delivery.act, frame, [past, f"{past_ends}[m]", f"{past_ends}[m + 1]", *behind], deeper=True
        )
        self._line("else:")
        now = [spikes, f"{ends}[m - {d}]", f"{ends}[m - {d - 1}]"]
        self._call(delivery.act, frame, [*now, *behind], deeper=True)

    def _ring(self, delivery: RingDelivery) -> None:
        ring = delivery.ring
        if any(target.dtype != np.float64 for target, _ in delivery.targets.values()):
            raise RefusedError("it adds to whole numbers")
        sent = Sent(delivery, [self._of(events) for events, _ in delivery.sources])
        self._sent.append(sent)
        self._bound += delivery.acts
        first, span = self._give(sent.first), self._give(ring.span)
        rows = {name: self._give(array) for name, array in ring.rows.items()}
        for x in rows.values():
            self._line(f"turn(step, {first}, {span}, {x})", step_parts.turn)
        self._line(f"if not 0 <= step - {first}[0] < {span}:")
        next_block = f"{span} <= step - {first}[0] < 2*{span}"
        self._line(f"    {first}[0] = {first}[0] + {span} if {next_block} else step")
        table = ", ".join(map(self._give, (delivery.rows.first, delivery.rows.last, delivery.keys)))
        place = f"(step - {first}[0])*{self._give(ring.n)}"
        for name, x in rows.items():
            amounts = self._give(np.array(delivery.amounts[name], dtype=float).reshape(-1))
            for (events, offset), _ in zip(delivery.sources, sent.spiking, strict=True):
                spikes, ends = self._spikes(self._of(events))
                now = f"{spikes}, {ends}[m], {ends}[m + 1], {self._give(offset)}"
                self._line(f"send({now}, {table}, {place}, {amounts}, {x})", step_parts.send)
        for name, (target, free) in delivery.targets.items():
            who = np.ones(0, dtype=bool) if free is None else free
            row = f"{rows[name]}[step - {first}[0]]"
            self._line(f"arrive({row}, {self._give(target)}, {self._give(who)})", step_parts.arrive)

    # ---- code ----

    def _of(self, buffer: EventBuffer) -> Spiking:
        """The spikes of a group."""
        found = self._spiking.get(id(buffer))
        if found is None or not found.is_found:
            raise RefusedError("spikes come from elsewhere, or from the step before")
        return found

    def _refractory_of(self, refractoriness: Refractoriness) -> Refractory:
        return self._refractory.setdefault(id(refractoriness), Refractory(refractoriness))

    def _queue(self, refractory: Refractory) -> str:
        return ", ".join(self._give(x) for x in (refractory.held, refractory.until, refractory.ends))

    def _spikes(self, spiking: Spiking) -> tuple[str, str]:
        return self._give(spiking.spikes), self._give_later(lambda: spiking.ends, spiking.number)

    def _give(self, value: Any) -> str:
        """The parameter that is an array, or what a call gives."""
        for name, known in self._given.items():
            if known is value and not isinstance(value, int):
                return name
        name = f"x{len(self._given)}"
        self._given[name] = value
        return name

    def _give_later(self, value: Callable[[], Any], number: int) -> str:
        name = f"ends{number}"
        self._given.setdefault(name, value)
        return name

    def _line(self, code: str, function: Any = None) -> None:
        self._lines.append(INDENT + code)
        if function is not None:
            self._known[function.__name__] = function

    def _call(
        self,
        bound: BoundProgram,
        frame: Frame,
        before: list[str],
        behind: Sequence[str] = (),
        target: str = "",
        *,
        deeper: bool = False,
    ) -> None:
        """Write the call of a program."""
        assert bound.fitted is not None  # it has been prepared
        layout, data = bound.fitted
        made = compiler.compile_piece(bound.program, layout, frame)
        if isinstance(made, str):
            raise RefusedError(made)
        arguments = made.arguments(data, bound.n_elements)
        if arguments is None:
            raise RefusedError("its data are of another kind")
        self._bound.append(bound)
        name = next(
            (n for n, known in self._known.items() if known is made.loop), f"piece{len(self._known)}"
        )
        self._known[name] = made.loop
        given = [*before, *map(self._give, arguments), *(["t"] if made.uses_t else []), *behind]
        code = f"{name}({', '.join(given)})"
        self._line(("    " if deeper else "") + (f"{target} = {code}" if target else code))

    def _made(self) -> Callable[..., int]:
        parameters = ", ".join(("step", "stop", "dt", *self._given))
        head = [
            f"def loop({parameters}):",
            "    m = 0",
            "    room = 1",
            "    while step < stop and room >= 0:",
        ]
        lines = [
            f"{INDENT}t = step*dt",
            f"{INDENT}room = 1",
            *self._lines,
            f"{INDENT}m += 1",
            f"{INDENT}step += 1",
        ]
        for bound in self._bound:
            bound.carried_out = "numba", None
        return _compiled("\n".join((*head, *lines, "    return step")), tuple(self._known.items()))

    # ---- running ----

    def __call__(self, step: int, stop: int) -> int:
        """Take steps, up to `stop` at most; gives the step that it has come to."""
        steps = min(stop - step, self._pace)
        for refractory in self._refractory.values():
            if not refractory.begin():
                return step
        if not all(carried.begin(step) for carried in self._carried):
            return step
        for sent in self._sent:
            sent.begin()
        for spiking in self._spiking.values():
            if spiking.ends.size <= steps:
                spiking.ends = np.zeros(steps + 1, dtype=np.intp)
        given = [value() if callable(value) else value for value in self._given.values()]
        before = perf_counter()
        after = int(self._loop(step, step + steps, self._clock.dt, *given))
        self._set_pace((perf_counter() - before) / (after - step))
        for refractory in self._refractory.values():
            refractory.end()
        for carried in self._carried:
            carried.end(step, after)
        for sent in self._sent:
            sent.end(step, after)
        self._tell(step, after)
        self._clock.at(after)
        return after

    def _set_pace(self, seconds: float) -> None:
        """Find out how many steps may be taken at once; the first call, which compiles, tells nothing."""
        self._pace = max(FEWEST, min(int(LONGEST / 2 / max(seconds, 1e-9)), 4 * self._pace))

    def _tell(self, first: int, after: int) -> None:
        """Let observers see the spikes, step by step."""
        clock = self._clock
        for spiking in self._spiking.values():
            ends = spiking.ends.tolist()
            spikes = spiking.spikes[: ends[after - first]].copy()
            spikes.setflags(write=False)
            buffer = spiking.buffer
            for k in range(after - first):
                begin, end = ends[k], ends[k + 1]
                if begin == end or not spiking.observers:
                    continue
                clock.at(first + k)
                buffer.indices = spikes[begin:end]
                for observe in spiking.observers:
                    observe()
            last = ends[after - first - 1]
            buffer.indices = spikes[last:] if last < spikes.size else NO_INDICES


@functools.lru_cache(maxsize=32)
def _compiled(text: str, known: tuple[tuple[str, Any], ...]) -> Callable[..., int]:
    """The function of a text, the same for the same text and pieces."""
    return compiler.made(text, dict(known))


def fuse(context: RunContext, stages: Sequence[Stage], calls: Sequence[Call]) -> Fusion | None:
    """Give what takes several steps of all stages at once; None if one of them cannot be compiled."""
    if context.has_python or context.is_open:
        return None
    try:
        return Fusion(stages, calls, context)
    except RefusedError:
        return None
