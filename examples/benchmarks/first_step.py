"""How long it takes from equations to the end of the first step, imports left out.

CUBA and COBAHH neurons (4000, no synapses) in NumpyBrain and in Brian2's NumPy and Cython targets, the
latter with a warm cache: the time that a user waits after every change of an equation. Fresh
processes in alternating order, medians. `--quick`: one round, NumpyBrain alone.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from harness import environment

CHILD = Path(__file__).resolve().parent / "peers" / "first_step_.py"


def seconds(model: str, simulator: str, scratch: Path) -> float | None:
    """One measurement in a fresh process; None if it fails."""
    command = [sys.executable, str(CHILD), model, simulator, str(scratch)]
    done = subprocess.run(
        command, env=environment(scratch), cwd=scratch, check=False, capture_output=True, text=True
    )
    if done.returncode:
        print(f"{simulator} failed: {done.stderr.strip().splitlines()[-1]}")
        return None
    return float(done.stdout.strip().splitlines()[-1])


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, help="counted rounds (default 5)")
    parser.add_argument("--quick", action="store_true", help="one round, NumpyBrain alone")
    options = parser.parse_args()
    simulators = ["numpybrain"]
    if not options.quick and find_spec("brian2") is not None:
        simulators += ["brian2-numpy"] + ["brian2-cython"] * (find_spec("Cython") is not None)
    if find_spec("interegular") is not None:
        print("the package interegular is installed: Lark uses it to compare the words of its own grammar,")
        print("which adds some 0.1 s to NumpyBrain's first model in a process")
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        for model in ("cuba", "cobahh"):
            found: dict[str, list[float]] = {}
            for number in range(1 if options.quick else options.repeat + 1):
                for simulator in simulators:
                    took = seconds(model, simulator, Path(folder))
                    if took is not None and (number or options.quick):  # the first fills caches
                        found.setdefault(simulator, []).append(took)
            own = statistics.median(found["numpybrain"])
            print(f"\n{model}: seconds from equations to the end of the first step")
            for simulator, times in found.items():
                middle = statistics.median(times)
                print(f"  {simulator:<14} {middle:6.3f}   NumpyBrain / this: {own / middle:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
