"""Writes what SciPy finds into the checks of model files: `python -m tests.library.second NAME ...`."""

from __future__ import annotations

import math
import re
import sys
from typing import Any

import numpybrain as nb
from tests.library import second
from tests.library.reference import REFERENCES
from tests.library.test_neurons import simulate, simulated_rate

FIRST = set(REFERENCES)
MADE = ("rate", "rate_tolerance", "spike_times", "spike_count", "tolerance", "final", "final_tolerance")
MAX_TIMES = 12


def up(x: float) -> float:
    """The next number above with one digit: 2e-5 for 1.3e-5."""
    if x == 0:
        return 1e-9
    digit = 10.0 ** math.floor(math.log10(x))
    return float(f"{math.ceil(x / digit) * digit:.1g}")


def lines(full: str, make: Any, check: dict[str, Any]) -> list[str]:
    cell = second.cell_of(make, check)
    if cell.hazard is not None:
        rate = second.renewal_rate(cell)
        print(f"{full}: {rate:.4f} Hz, ours {simulated_rate(full, check):.4f}")
        return [f'rate = "{rate:.6g} Hz"', f'rate_tolerance = "{up(0.02 * rate):g} Hz"']
    run = second.number(check["run"])
    method = check.get("solver", "DOP853")
    spikes, final = second.solve(cell, run, method)
    found, states = simulate(full, check)
    many = len(spikes) if len(spikes) <= MAX_TIMES else MAX_TIMES
    same = len(found) == len(spikes)
    error = max((abs(a - b) for a, b in zip(found, spikes[:many])), default=0.0)
    print(
        f"{full}: {len(spikes)} spikes, ours {len(found)}, error {error:.2e}", "" if same else "DIFFERENT"
    )
    out = []
    if cell.crossing is not None:
        text = ", ".join(f"{t:.6f}" for t in spikes[:many])
        out += [f"spike_times = [{text}]", f"spike_count = {len(spikes)}"]
        if spikes:
            out.append(f"tolerance = {max(up(2 * error), 1e-4):g}")
    units = {v.name: v.unit_text for v in nb.load_model(full).definition.variables.values()}
    kept = {}
    for name, value in final.items():
        off = abs(states[name] - value)
        if off <= 1e-3 * max(abs(value), 1e-2):
            kept[name] = (value, max(up(2 * off), up(1e-7 * max(abs(value), 1e-3))))
        else:
            print(f"   {name} ends at {value:.8g}, ours {states[name]:.8g}: left out")

    def quantity(x: str, unit: str) -> str:
        return f'"{x}"' if unit == "1" else f'"{x} {unit}"'

    if kept:
        values = ", ".join(f"{n} = {quantity(f'{v:.8g}', units[n])}" for n, (v, _) in kept.items())
        off = ", ".join(f"{n} = {quantity(f'{o:g}', units[n])}" for n, (_, o) in kept.items())
        out += [f"final = {{ {values} }}", f"final_tolerance = {{ {off} }}"]
    return out


def fill(name: str) -> None:
    path = second.NEURONS / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    for full, check in second.checks(name).items():
        if name in FIRST and ":" not in full:  # its check is that of reference.py
            continue
        variant = full.partition(":")[2]
        head = f"[variants.{variant}.check]" if variant else "[check]"
        before, after = text.split(head + "\n", 1)
        body, mark, rest = re.split(r"(?m)(^(?=\[)|\Z)", after, maxsplit=1)
        kept = [x for x in body.rstrip("\n").split("\n") if x.partition(" =")[0] not in MADE]
        kept += lines(full, second.reference(full), check)
        gap = "\n\n" if rest else "\n"
        text = before + head + "\n" + "\n".join(kept) + gap + rest
    path.write_text(text, encoding="utf-8")


for name in sys.argv[1:]:
    fill(name)
