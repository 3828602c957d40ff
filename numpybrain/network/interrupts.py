"""Ctrl-C in a run: a step that has begun is finished first."""

from __future__ import annotations

# What is inside of `signal`, without its enumerations: they cost each run 14 us, a quarter of `net.step()`.
import _signal  # type: ignore[import-not-found,unused-ignore]
from types import FrameType
from typing import Any, Self


class Interrupts:
    """Ctrl-C while a network runs: noted when it comes, answered when a step is complete.

    To answer means to call the handler that was there before, of Python or of the user; if it raises no
    error, the run goes on. A second Ctrl-C before that is answered at once. Within a run only the main
    thread gets signals, so in other threads there is nothing to do; nor is there in a run that a stage of
    another network has called, whose step is a part of the other one's, nor where Ctrl-C is ignored or
    kills the process.

    Attributes:
        pending: the frames in which Ctrl-C was pressed and has not been answered; not empty if the run
            must stop after this step.
        is_installed: whether it answers for Ctrl-C, in a run of the main thread.
    """

    def __init__(self) -> None:
        self.pending: list[FrameType | None] = []
        self._before: Any = None  # the handler
        self.is_installed = False
        self._holding = False

    def __enter__(self) -> Self:
        import threading  # which NumPy does not need

        if threading.current_thread() is threading.main_thread():
            before = _signal.getsignal(_signal.SIGINT)
            outer = getattr(before, "__self__", None)
            if callable(before) and not (isinstance(outer, Interrupts) and outer.is_installed):
                self._before = before
                try:
                    _signal.signal(_signal.SIGINT, self._note)
                except ValueError:  # the main thread of a subinterpreter, which gets no signals
                    return self
                self.is_installed = True
        return self

    def __exit__(self, *_error: object) -> None:
        if not self.is_installed:
            return
        self.is_installed = self._holding = False
        if _signal.getsignal(_signal.SIGINT) == self._note:  # a stage may have set another one
            _signal.signal(_signal.SIGINT, self._before)
        self.answer()

    def hold(self) -> None:
        """Note Ctrl-C from now on, however often it comes: what is left takes no time."""
        self._holding = True

    def answer(self) -> None:
        """Do what Ctrl-C does outside of a run, which may raise an error."""
        while self.pending:
            self._before(_signal.SIGINT, self.pending.pop(0))

    def _note(self, number: int, frame: FrameType | None) -> None:
        """The handler in a run. It may be called afterwards, too, by code that has kept it."""
        if self.is_installed and (self._holding or not self.pending):
            self.pending.append(frame)
            return
        self.answer()
        self._before(number, frame)
