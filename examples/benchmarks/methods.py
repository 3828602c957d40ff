"""What a step of each numerical method costs, on Hodgkin-Huxley neurons.

4000 neurons of the library with currents from 0 to 20 uA/cm2, in the midst of their firing, and steps of
0.025 ms, where every method is stable. One process: the methods take turns, and the medians over the
rounds count. Beside the time stands how often a step asks for the derivatives, counted by a function that
is part of the equations (of implicit methods, for the derivatives and their Jacobian together).
`--quick`: 200 neurons, one round.
"""

import argparse
import statistics
import sys
from itertools import count
from time import perf_counter

import numpy as np

import numpybrain as nb

METHODS = (
    "euler", "exponential_euler", "exponential_midpoint",
    "midpoint", "rk2", "heun2", "ralston2", "rk3", "ssprk3", "rk4", "rk4_38",
    "rk23", "rk45", "backward_euler", "trapezoidal", "rosenbrock",
)  # fmt: skip
DT = 0.025  # ms


def settled(n: int) -> dict[str, np.ndarray]:
    """Values of neurons that have fired for 50 ms, each at its own pace; a current makes the pace."""
    cells = nb.Neurons(n, "hodgkin_huxley", I=np.linspace(0, 20, n))
    nb.Network(cells, dt=0.1).run(50)
    return {name: np.array(getattr(cells, name)) for name in ("v", "m", "h", "n")}


def network(model: nb.Model, method: str, start: dict[str, np.ndarray], **functions: object) -> nb.Network:
    """Neurons that go on from `start`."""
    n = len(start["v"])
    current = np.linspace(0, 20, n)
    cells = nb.Neurons(n, model, method=method, I=current, initial=start, **functions)
    net = nb.Network(cells, dt=DT)
    net.run(4 * DT)  # adaptive methods find their step size
    return net


def evaluations(method: str, start: dict[str, np.ndarray], steps: int) -> float:
    """How often a step asks for the derivatives, in the mean."""
    calls = count()

    def tick(x: object) -> object:
        next(calls)
        return 0 * x

    # A function of a gate is called with every new value of the gate. Implicit methods would need its
    # derivative; they get a function of time, which other methods might ask once for stages of equal time.
    implicit = method in ("backward_euler", "trapezoidal", "rosenbrock")
    extra = f"E_L = -54.387*mV + tick({'t/ms' if implicit else 'h'})*mV : mV"
    net = network(nb.load_model("hodgkin_huxley").extend(extra), method, start, tick=tick)
    before = next(calls)
    net.run(steps * DT)
    return (next(calls) - before - 1) / steps


def seconds(nets: dict[str, nb.Network], steps: int, rounds: int) -> dict[str, float]:
    """The time of a step of each network: the median over rounds in which they take turns."""
    times: dict[str, list[float]] = {method: [] for method in nets}
    for _ in range(rounds):
        for method, net in nets.items():
            began = perf_counter()
            net.run(steps * DT)
            times[method].append((perf_counter() - began) / steps)
    return {method: statistics.median(found) for method, found in times.items()}


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--quick", action="store_true", help="200 neurons, one round")
    options = parser.parse_args()
    n, rounds = (200, 1) if options.quick else (4000, options.repeat)
    steps = 20  # 0.5 ms

    model, start = nb.load_model("hodgkin_huxley"), settled(n)
    took = seconds({method: network(model, method, start) for method in METHODS}, steps, rounds)
    print(f"{n} Hodgkin-Huxley neurons, dt = {DT} ms, medians over {rounds} round(s) of {steps} steps\n")
    print("| method | derivatives per step | us per step | euler = 1 |")
    print("|---|--:|--:|--:|")
    for method, time in took.items():
        asked = evaluations(method, start, rounds * steps)
        print(f"| {method} | {asked:.3g} | {1e6 * time:.0f} | {time / took['euler']:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
