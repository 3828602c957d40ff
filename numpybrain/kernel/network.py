"""Network: objects that run together, with one clock, one schedule of stages, and the loop over them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import length_hint
from time import perf_counter
from typing import Any

import numpy as np

from numpybrain.errors import NetworkError
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import Call, Coordinator, RunContext, SimulationObject, Stage
from numpybrain.kernel.schedule import Schedule
from numpybrain.kernel.variables import Variable

SAMPLED = 64  # of so many steps, the stages of one are timed


class Network:
    """Objects that run together.

    Args:
        dt: the time step in ms, if there is no schedule.
        schedule: with the clock; made if none is given.
        face: what the objects know as their network, if something stands before this one.

    Attributes:
        context: of the runs.
        stages, calls: those of the present run, in order.
        ends: not empty if the run ends after the present step.
        torn: the stage of an incomplete step in which an error came up.
        followed: called when all stages have been prepared again in the middle of a run.
        leap: goes on from a step towards another one, and gives how far it came; see `RunContext.fuse`.
    """

    def __init__(self, dt: float = 0.1, schedule: Schedule | None = None, face: Any = None) -> None:
        self.schedule = Schedule(Clock(dt)) if schedule is None else schedule
        self.clock = self.schedule.clock
        self.context = RunContext(self.clock)
        self.objects: list[SimulationObject] = []
        self.is_running = False
        self.stages: list[Stage] = []
        self.calls: list[Call] = []
        self.ends: list[bool] = []
        self.torn: Stage | None = None
        self.followed: Callable[[], None] = nothing
        self.leap: Callable[[int, int], int] | None = None
        self._coordinators: dict[type[Coordinator], Coordinator] = {}
        self._readers: dict[Variable, list[int]] | None = None  # stages that read a variable, when asked
        self._face = weakref.ref(self if face is None else face)

    def add(self, *objects: SimulationObject) -> list[SimulationObject]:
        """Add objects, and what they bring; gives those that are new. All are checked before any is added.

        Raises:
            NetworkError: if an object belongs to another network, or something that it needs is missing.
        """
        given = {id(o): o for o in _with_brought(objects)}.values()
        new = [o for o in given if all(o is not m for m in self.objects)]
        members = {id(m) for m in (*self.objects, *new)}
        for member in new:
            other = member.network() if member.network is not None else None
            if other is not None and other is not self._face():
                message = f"'{member.name}' belongs to another network already"
                raise NetworkError(message, help="make new objects, or add to that network")
            for words, needed in member.requires().items():
                if id(needed) not in members:
                    message = f"'{needed.name}', {words}, is not in the network"
                    raise NetworkError(message, help="give it to Network(...) too")
            member.check(self.clock)
        for member in new:
            member.join(self._face, self.context)
            self.objects.append(member)
            self.schedule.extend(member.stages)
            for kind in member.coordinators:
                self._coordinators.setdefault(kind, kind()).include(member)
        for coordinator in self._coordinators.values():
            self.schedule.extend(coordinator.new_stages())
        return new

    def remove(self, *objects: SimulationObject) -> list[SimulationObject]:
        """Take objects out, with what only they bring; gives all that have gone.

        Raises:
            NetworkError: if an object is not there, or others that stay need it; nothing is changed then.
        """
        for item in (o for o in objects if all(o is not m for m in self.objects)):
            raise NetworkError(f"'{item.name}' is not in the network")
        staying = [m for m in self.objects if all(m is not o for o in _with_brought(objects))]
        needed = {id(o) for o in _with_brought(staying)} - {id(o) for o in objects}
        gone = [m for m in self.objects if all(m is not s for s in staying) and id(m) not in needed]
        for member in (m for m in self.objects if all(m is not g for g in gone)):
            for words, other in member.requires().items():
                if any(other is g for g in gone):
                    message = f"'{other.name}', {words}, is still needed"
                    raise NetworkError(message, help=f"remove '{member.name}' too, in the same call")
        out = [stage for member in gone for stage in member.stages]
        for member in gone:
            self.objects[:] = [m for m in self.objects if m is not member]
            for kind in member.coordinators:
                out += self._coordinators[kind].exclude(member)
            member.network = None
        self.schedule.stages[:] = [s for s in self.schedule.stages if all(s is not o for o in out)]
        return gone

    # ---- what a run calls ----

    def prepare(self, steps: int, *, skipped: int = 0) -> None:
        """Get ready for a run; stages with nothing to do are left out, and so many that are `skipped`."""
        self.listen()
        for member in self.objects:
            member.begin(steps)
        self.stages[:] = self.schedule
        self.calls[:] = self._callables()
        self.calls[:skipped] = [nothing] * skipped
        if not self.context.has_python:  # else idle stages stay, they may get something to do
            busy = [(s, c) for s, c in zip(self.stages, self.calls, strict=True) if c is not nothing]
            self.stages[:] = [s for s, _ in busy]
            self.calls[:] = [c for _, c in busy]

    def listen(self) -> None:
        """Assignments are noticed from now on."""
        for member in self.objects:
            member.listen(self.refresh)
        for stage in self.schedule.stages:
            stage.seconds = 0.0

    def _callables(self) -> list[Call]:
        """Give the callable of each stage, for every step."""
        context, calls = self.context, []
        context.begin()
        self._readers = None
        with np.errstate(all="ignore"):
            for stage in self.stages:
                calls.append(stage.operation.prepare(context) or nothing)
                for watcher in context.watchers:
                    watcher.passed(stage)
            for watcher in context.watchers:
                watcher.complete()
            self.leap = None if context.fuse is None else context.fuse(self.stages, calls)
        return calls

    def _prepare_again(self) -> None:
        self.calls[:] = self._callables()
        self.followed()

    def follow(self) -> None:
        """There are other arrays now, or other variables are written, perhaps in the middle of a run."""
        if self.is_running:
            self.context.note_again(self.schedule)
            self._prepare_again()

    def refresh(self, variable: Variable, *, taken: bool = False, in_place: bool = False) -> None:
        """Renew in a run what follows from a variable that was assigned, or whose array was taken."""
        context = self.context
        if in_place and variable.kind != "delay" and context.varies(variable):
            return  # everybody looks at its array in every step, and it is the same array
        if variable.kind == "linked":  # what is written through it is written elsewhere now
            self.follow()
            return
        moved = [member.notice(variable) for member in self.objects]
        if any(moved):
            self._prepare_again()
            return
        known = not taken and variable.is_array and context.varies(variable)
        if known or context.is_written(variable):
            return  # everybody looks at its array in every step
        if self._readers is None:
            self._readers = {}
            for k, stage in enumerate(self.stages):
                for read in set(stage.operation.reads):
                    self._readers.setdefault(read, []).append(k)
        with np.errstate(all="ignore"):
            for k in self._readers.get(variable, ()):
                self.calls[k] = self.stages[k].operation.prepare(context) or nothing

    # ---- the loop ----

    def stop(self) -> None:
        """End the run after the present step; a stage calls it, or what is called between steps.

        Raises:
            NetworkError: if there is no run.
        """
        if not self.is_running:
            raise NetworkError(
                "the network is not running", help="a stage or a progress function calls stop()"
            )
        self.ends.append(True)

    def run(self, steps: int) -> None:
        """Run some steps, unless a stage ends it before."""
        self.context.note(self.schedule)
        self.is_running = True
        try:
            self.prepare(steps)
            self.loop(steps)
        finally:
            self.is_running = False
            for member in self.objects:
                member.listen(None)

    def loop(
        self,
        steps: int,
        between: Callable[[int], None] | None = None,
        stops: Sequence[Any] = (),
        sampled: int = SAMPLED,
    ) -> None:
        """Call all that has been prepared, in some steps, or until `stop()` is called.

        Args:
            steps: how many.
            between: called between two steps, at the start and at least after every `sampled` steps, with
                how many have been taken.
            stops: as soon as it is not empty, `between` is called after the present step.
            sampled: of so many steps, the stages of one are timed.
        """
        clock, stages, calls, ends = self.clock, self.stages, self.calls, self.ends
        dt, first = clock.dt, clock.step
        last, step = first + steps, first
        left: Iterator[Call] | None = None  # what is still to be called in this step; None between steps
        self.torn = None
        with np.errstate(all="ignore"):
            try:
                if between is not None:
                    between(0)
                while step < last and not ends:
                    left = iter(calls)
                    clock.at(step)
                    # the first steps are all timed, later ones stand for those that follow them
                    is_timed = self.leap is None and step + 1 - first < sampled
                    stop = min(step + (1 if is_timed else sampled), last)
                    steps_alike = stop - step
                    before = perf_counter()
                    for stage, call in zip(stages, left, strict=True):
                        call()
                        now = perf_counter()
                        stage.seconds += (now - before) * steps_alike
                        before = now
                    step += 1
                    while step < stop and not stops and not ends:
                        if self.leap is not None and (after := self.leap(step, stop)) > step:
                            step = after
                            continue
                        left = iter(calls)
                        clock.step = step
                        clock.t = step * dt
                        for call in left:
                            call()
                        step += 1
                    left = None
                    clock.at(step)
                    if between is not None:
                        between(step - first)
            except BaseException:
                begun = 0 if left is None else len(calls) - length_hint(left)
                if begun and clock.step == step:
                    self.torn = stages[begun - 1]
                else:  # between two steps
                    clock.at(step)
                raise
            finally:
                ends.clear()


def nothing() -> None:
    """Do nothing: the callable of a stage that has nothing to do."""


def _with_brought(objects: Iterable[SimulationObject]) -> Iterator[SimulationObject]:
    for item in objects:
        yield item
        yield from _with_brought(item.brings)
