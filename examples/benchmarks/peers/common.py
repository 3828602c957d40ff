"""What every child process shares: the task it is given, its clock, and the line of JSON it prints.

A child is one file of this folder, run as a program in a fresh Python process::

    python peers/nest_.py cuba --seed 1 --cache FOLDER [--mode MODE] [--quick]

It imports its simulator inside the function that uses it, so that the clock below, started when
this module is imported, also sees how long that import takes.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

START = time.perf_counter()

N_CELLS = 4000
N_EXCITATORY = 3200
PROBABILITY = 0.02
DT_MS = 0.1
SECONDS = {"cuba": 1.0, "cobahh": 0.5}  # model time
QUICK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Task:
    """What one child shall simulate; `cache` is where it may leave compiled code."""

    model: str
    mode: str
    seconds: float
    seed: int
    cache: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds from the start to the run, seconds of the run, and the spikes of all cells."""

    set_up: float
    run: float
    spikes: int


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Call `run`; return the seconds that passed since the start, and those it took."""
    before = time.perf_counter()
    run()
    after = time.perf_counter()
    return before - START, after - before


def peak_memory() -> float | None:
    """Largest resident memory (MB) of this process or of a program it ran, if the system tells."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    # Compiled stand-alone simulations live in a child of this process.
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    largest = max(resource.getrusage(process).ru_maxrss for process in who)
    return largest / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kilobytes elsewhere


def main(simulate: Callable[[Task], Outcome]) -> None:
    """Read the task from the command line, simulate it, print the result as one line of JSON."""
    parser = argparse.ArgumentParser(description="One benchmark run of one simulator.")
    parser.add_argument("model", choices=sorted(SECONDS))
    parser.add_argument("--mode", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    del sys.argv[1:]  # NEST and ANNarchy read the command line too

    seconds = QUICK_SECONDS if options.quick else SECONDS[options.model]
    task = Task(options.model, options.mode, seconds, options.seed, options.cache)
    outcome = simulate(task)
    result = {
        "set_up": outcome.set_up,
        "run": outcome.run,
        "spikes": outcome.spikes,
        "rate": outcome.spikes / N_CELLS / seconds,
        "memory": peak_memory(),
    }
    print(json.dumps(result), flush=True)
