"""Measure one model in several simulators: alternating fresh processes, medians, one table.

`cuba.py`, `cobahh.py` and `synapses.py` call `main`. It starts one child process per simulator and
round (the files in `peers/`), measures the whole time of each from outside, reads what the child
measured inside, and prints a table; with `--json FILE` it also writes every single figure. It imports no
simulator, and nothing but the standard library: on some systems the peak memory of a child is
never reported lower than that of its parent.
"""

import argparse
import json
import os
import platform
import shutil
import site
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
TIMEOUT = 1800  # seconds for one process; a first compilation on a slow machine takes a while
# Mean and standard deviation of the rate (Hz) over networks with other random numbers.
RATES = {
    "cuba": (5.6, 0.25),
    "cobahh": (36.0, 3.0),
    "stdp": (42.0, 7.0),
    "stdp_all_to_all": (42.5, 4.0),
    "cuba_delays": (5.6, 0.25),
    "gap_junctions": (38.2, 0.2),
    "nmda": (1.5, 0.1),
    "nmda_selective": (1.5, 0.1),
    "brunel": (38.0, 0.5),
}
ALL = tuple(RATES)
SYNAPSES = tuple(model for model in ALL if model not in ("cuba", "cobahh"))
FEW = ("cuba", "cobahh", "cuba_delays")
ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")


@dataclass(frozen=True, slots=True)
class Simulator:
    """One line of the table: the child that runs it and what must be installed for it."""

    name: str
    child: str
    package: str  # its name on the package index
    modules: tuple[str, ...]
    mode: str = ""
    programs: tuple[str, ...] = ()
    models: tuple[str, ...] = ALL  # that it has

    def missing(self) -> str:
        """Name what is not installed, or return an empty string."""
        modules = [f"module {name}" for name in self.modules if find_spec(name) is None]
        programs = [f"program {name}" for name in self.programs if shutil.which(name) is None]
        return ", ".join(modules + programs)

    def version(self) -> str:
        """Version of the installed package; a checkout that is not installed has none."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return "not installed, from the checkout"


NUMPYBRAIN = Simulator("numpybrain", "numpybrain_.py", "numpybrain", ("numpybrain",))
PEERS = {
    peer.name: peer
    for peer in (
        Simulator("brian2-numpy", "brian2_.py", "brian2", ("brian2",), "numpy"),
        Simulator("brian2-cython", "brian2_.py", "brian2", ("brian2", "Cython"), "cython"),
        Simulator("brian2-cpp", "brian2_.py", "brian2", ("brian2",), "cpp", ("make",)),
        Simulator("annarchy", "annarchy_.py", "annarchy", ("ANNarchy", "nanobind"), "", ("cmake",), FEW),
        Simulator("nest", "nest_.py", "nest-simulator", ("nest",), models=(*FEW, "brunel")),
    )
}

Figures = dict[str, float | None]


class ChildError(Exception):
    """A child process did not come to its result; says why."""


def environment(scratch: Path) -> dict[str, str]:
    """Return the children's environment: one thread, and every cache below `scratch`."""
    env = dict(os.environ)
    env |= {f"{library}_NUM_THREADS": "1" for library in ONE_THREAD}
    env |= {name: str(scratch) for name in ("HOME", "TMPDIR", "TEMP", "TMP")}
    env["XDG_CACHE_HOME"] = env["XDG_CONFIG_HOME"] = str(scratch / "xdg")
    env["PYTHONUSERBASE"] = site.getuserbase()  # else lost with HOME
    # Programs of this Python environment (cython, cmake) may not be on the user's path.
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)])
    # Code generators iterate over sets: with another hash seed a warm cache may not be found.
    env["PYTHONHASHSEED"] = "0"
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # packages that are installed have their bytecode already
    if (CHECKOUT / "numpybrain").is_dir():
        paths = [str(CHECKOUT), *filter(None, [env.get("PYTHONPATH")])]
        env["PYTHONPATH"] = os.pathsep.join(paths)
    return env


def run_child(simulator: Simulator, model: str, options: argparse.Namespace, scratch: Path) -> Figures:
    """Run `simulator` once in a fresh process; return its figures and its whole time."""
    command = [sys.executable, str(HERE / "peers" / simulator.child), model]
    command += ["--seed", str(options.seed), "--cache", str(scratch)]
    command += ["--mode", simulator.mode] if simulator.mode else []
    command += ["--quick"] if options.quick else []
    env = environment(scratch)
    before, cpu = time.perf_counter(), cpu_of_children()
    try:
        process = subprocess.run(
            command, env=env, cwd=scratch, timeout=TIMEOUT,
            check=False, capture_output=True, text=True, errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        reason = f"no result after {TIMEOUT} s"
        raise ChildError(reason) from None
    whole, cpu = time.perf_counter() - before, cpu_of_children() - cpu
    # Simulators print too, some of them after the result.
    results = [line for line in process.stdout.splitlines() if line.startswith('{"set_up"')]
    if process.returncode or not results:
        output = (process.stderr or process.stdout).strip().splitlines()
        raise ChildError(output[-1] if output else f"exit status {process.returncode}")
    return {"whole": whole, "whole_cpu": cpu, **json.loads(results[-1])}


def cpu_of_children() -> float:
    """Seconds that processors have worked for child processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def select(model: str, names: list[str] | None) -> list[Simulator]:
    """Return NumpyBrain and the wished peers, without those that are missing (one line each)."""
    if (CHECKOUT / "numpybrain").is_dir():
        sys.path.insert(0, str(CHECKOUT))  # so that `missing` finds what the children will find
    wished = PEERS.values() if names is None else [PEERS[name] for name in dict.fromkeys(names)]
    selected = []
    for simulator in (NUMPYBRAIN, *wished):
        if model not in simulator.models:
            print(f"skipped {simulator.name}: it has no {model} here")
        elif missing := simulator.missing():
            print(f"skipped {simulator.name}: {missing} is not installed")
        else:
            selected.append(simulator)
    return selected


def measure(
    model: str, simulators: list[Simulator], options: argparse.Namespace
) -> tuple[dict[str, Figures], dict[str, list[Figures]]]:
    """Run everything; return the first, uncounted run of each simulator and its counted rounds."""
    first: dict[str, Figures] = {}
    rounds: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        for number in range(options.repeat + 1):
            for simulator in simulators:
                name = simulator.name
                if number and name not in first:
                    continue  # it failed before
                print(f"{name}, {f'round {number}' if number else 'first run'} ...", end=" ")
                sys.stdout.flush()
                try:
                    figures = run_child(simulator, model, options, Path(folder))
                except ChildError as error:
                    print(f"failed, skipped: {error}")
                    first.pop(name, None)
                    rounds.pop(name, None)
                    continue
                print(f"{figures['whole']:.1f} s")
                if number:
                    rounds.setdefault(name, []).append(figures)
                else:
                    first[name] = figures
    return first, rounds


def medians(first: dict[str, Figures], rounds: dict[str, list[Figures]]) -> dict[str, Figures]:
    """Return the medians over the rounds, with the whole time of the first run beside them."""
    summary: dict[str, Figures] = {}
    for name, runs in rounds.items():
        summary[name] = {
            key: None if runs[0][key] is None else statistics.median(run[key] for run in runs)
            for key in runs[0]
        }
        summary[name]["first"] = first[name]["whole"]
    return summary


# heading, key of the figure, decimals; the second group is NumpyBrain's figure over the peer's
COLUMNS = (
    ("first s", "first", 2), ("whole s", "whole", 2), ("set-up s", "set_up", 2), ("build s", "build", 2),
    ("run s", "run", 3), ("run CPU s", "cpu", 3), ("MB", "memory", 0), ("Hz", "rate", 2),
    ("w", "weight", 3),
)  # fmt: skip
RATIOS = (
    ("first", "first"), ("whole", "whole"), ("whole CPU", "whole_cpu"), ("build", "build"),
    ("run", "run"), ("run CPU", "cpu"), ("MB", "memory"),
)  # fmt: skip


def table(summary: dict[str, Figures]) -> str:
    """Return the table as Markdown, which is legible as plain text too."""

    def number(value: float | None, decimals: int) -> str:
        return "-" if value is None else f"{value:.{decimals}f}"

    own = summary.get(NUMPYBRAIN.name, {})
    columns = [c for c in COLUMNS if any(figures[c[1]] is not None for figures in summary.values())]
    rows = [["simulator", *(c[0] for c in columns), *(f"{r[0]} ratio" for r in RATIOS)]]
    for name, figures in summary.items():
        row = [name, *(number(figures[key], decimals) for _, key, decimals in columns)]
        for _, key in RATIOS:
            ours, theirs = own.get(key), figures[key]
            row.append(number(ours / theirs if ours and theirs else None, 2))
        rows.append(row)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def strange_rates(model: str, summary: dict[str, Figures]) -> list[str]:
    """Return the simulators whose rate no scatter explains: they simulated something else."""
    mean, deviation = RATES[model]
    return [name for name, f in summary.items() if abs(f["rate"] - mean) > 4 * deviation]


def main(models: tuple[str, ...], description: str) -> int:
    """Run a benchmark from the command line, which chooses if there are several; return the exit status."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if len(models) > 1:
        parser.add_argument("model", choices=models, help="which network")
    parser.add_argument(
        "--peer", nargs="*", choices=PEERS, metavar="NAME",
        help=f"compare with these ({', '.join(PEERS)}); without it: with all that are installed",
    )  # fmt: skip
    parser.add_argument("--repeat", type=int, default=3, help="counted rounds (default 3)")
    parser.add_argument("--quick", action="store_true", help="0.1 s of model time, one round")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (default 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    options = parser.parse_args()
    if options.repeat < 1:
        parser.error("--repeat must be at least 1")
    if options.quick:
        options.repeat = 1

    model = options.model if len(models) > 1 else models[0]
    simulators = select(model, options.peer)
    first, rounds = measure(model, simulators, options)
    summary = medians(first, rounds)
    if not summary:
        print("nothing was measured")
        return 1
    versions = {s.name: s.version() for s in simulators if s.name in summary}
    print(f"\n{model}: medians over {options.repeat} round(s), one thread, fresh processes.")
    print("first: the whole time of the first run, with empty caches; not part of the medians.")
    print("ratio: NumpyBrain's figure / this one's, so below 1 NumpyBrain needs less.\n")
    print(table(summary))
    if not options.quick:  # a short run is mostly the transient from the start values
        for name in strange_rates(model, summary):
            print(f"\nbeware: {name} does not fire at {RATES[model][0]} Hz; is it the same model?")
    print("\n" + "; ".join(f"{name}: {number}" for name, number in versions.items()))
    if options.json:
        report = {
            "model": model,
            "quick": options.quick,
            "seed": options.seed,
            "python": platform.python_version(),
            "versions": versions,
            "median": summary,
            "first": first,
            "rounds": rounds,
        }
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0
