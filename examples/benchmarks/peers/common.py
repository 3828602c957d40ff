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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START = time.perf_counter()

N_CELLS = 4000
N_EXCITATORY = 3200
PROBABILITY = 0.02
DT_MS = 0.1
QUICK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Size:
    """Model time of a benchmark in seconds, and the neurons whose spikes are counted."""

    seconds: float
    n_cells: int


SIZES = {
    "cuba": Size(1.0, N_CELLS),
    "cobahh": Size(0.5, N_CELLS),
    "stdp": Size(5.0, 1),
    "stdp_all_to_all": Size(1.0, 1000),
    "cuba_delays": Size(1.0, N_CELLS),
    "gap_junctions": Size(0.5, 10_000),
    "nmda": Size(0.1, 2000),
    "nmda_selective": Size(0.1, 2000),
    "brunel": Size(0.5, 12_500),
}


@dataclass(frozen=True, slots=True)
class Task:
    """What one child shall simulate; `cache` is where it may leave compiled code."""

    model: str
    mode: str
    seconds: float
    seed: int
    cache: Path


@dataclass(slots=True)
class Building:
    """Making of synapses: how long it took, and how much more memory the process has since."""

    seconds: float | None = None
    megabytes: float | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """What a child has built: neurons whose spikes count, and all else that runs with them.

    `building` is about the synapses; `weight` tells the mean of plastic weights, from 0 to 1.
    """

    cells: Any
    others: list[Any]
    building: Building
    weight: Callable[[], float | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from the start to the run, and of the run; `cpu` without those in which others ran."""

    set_up: float
    run: float
    cpu: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How long it took, and the spikes of all cells.

    `building` is about the synapses; `weight` the mean of plastic weights at the end, from 0 to 1.
    """

    times: Times
    spikes: int
    building: Building | None = None
    weight: float | None = None


def timed(run: Callable[[], object]) -> Times:
    """Call `run`; say how long it took, and what came before it."""
    before, cpu = time.perf_counter(), time.process_time()
    run()
    return Times(before - START, time.perf_counter() - before, time.process_time() - cpu)


@contextmanager
def building() -> Iterator[Building]:
    """Measure what is done inside."""
    found = Building()
    before, memory = time.perf_counter(), resident_memory()
    yield found
    found.seconds = time.perf_counter() - before
    now = resident_memory()
    found.megabytes = None if now is None or memory is None else now - memory


def resident_memory() -> float | None:
    """Memory (MB) that this process has now, where Linux tells."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    return next(
        float(line.split()[1]) / 1e3 for line in status.read_text().splitlines() if line.startswith("VmRSS")
    )


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
    parser.add_argument("model", choices=sorted(SIZES))
    parser.add_argument("--mode", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    del sys.argv[1:]  # NEST and ANNarchy read the command line too

    size = SIZES[options.model]
    seconds = min(QUICK_SECONDS, size.seconds) if options.quick else size.seconds
    task = Task(options.model, options.mode, seconds, options.seed, options.cache)
    outcome = simulate(task)
    built = outcome.building or Building()
    result: dict[str, Any] = {
        "set_up": outcome.times.set_up,
        "run": outcome.times.run,
        "cpu": outcome.times.cpu,
        "spikes": outcome.spikes,
        "rate": outcome.spikes / size.n_cells / seconds,
        "memory": peak_memory(),
        "build": built.seconds,
        "synapses_memory": built.megabytes,
        "weight": outcome.weight,
    }
    print(json.dumps(result), flush=True)
