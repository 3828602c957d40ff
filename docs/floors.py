"""Draws the floors of the package from its imports: `python docs/floors.py` writes docs/floors.svg.

A box for each part of the package, as tall as it has lines; an arrow for each part that imports another.
Imports inside of functions count, and those that only type checkers see. Arrows that go up are red.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "numpybrain"
# Ground last, as one draws a house; parts on one line do not import each other.
FLOORS = (
    ("cli", "plot"),
    ("notebook", "dynamics"),
    ("network",),
    ("monitors", "diagnostics", "checkpoints", "inputs"),
    ("synapses", "current"),
    ("connect", "synapse_model"),
    ("neurons",),
    ("group",),
    ("library", "model", "functions", "methods"),
    ("engine",),
    ("symbolic", "display"),
    ("language", "units"),
    ("kernel", "analysis", "export"),
    ("utils", "errors", "source", "resources"),
)
WIDTH, ROW, GAP = 900, 46, 18


def part_of(path: Path) -> str:
    """The part of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def read() -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Lines of each part, and how often one part imports another."""
    lines: Counter[str] = Counter()
    arrows: Counter[tuple[str, str]] = Counter()
    for path in sorted(PACKAGE.rglob("*.py")):
        text, part = path.read_text(encoding="utf-8"), part_of(path)
        lines[part] += text.count("\n")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("numpybrain."):
                arrows[part, node.module.split(".")[1]] += 1
    return lines, arrows


def label(words: str, x: float, y: float, style: str) -> str:
    """Words in the middle of a box."""
    return f'<text x="{x:.0f}" y="{y}" text-anchor="middle" {style}>{words}</text>'


def draw() -> str:
    """The picture as SVG."""
    lines, arrows = read()
    place = {}
    boxes = []
    for k, floor in enumerate(FLOORS):
        y, width = 20 + k * (ROW + GAP), (WIDTH - 20) / len(floor) - 20
        for n, part in enumerate(floor):
            x = 20 + n * (width + 20)
            place[part] = x + width / 2, y, k
            middle = x + width / 2
            boxes.append(
                f'<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="{ROW}" rx="6" fill="#eef3f8" '
                'stroke="#4477aa"/>'
            )
            boxes.append(label(part, middle, y + 20, 'font-weight="bold"'))
            boxes.append(label(f"{lines[part]:,} lines", middle, y + 37, 'fill="#666"'))
    found = []
    for (above, below), count in sorted(arrows.items()):
        if above == below or above not in place or below not in place:
            continue
        (x1, y1, k1), (x2, y2, k2) = place[above], place[below]
        goes_up = k2 < k1
        start, end = (y1, y2 + ROW) if goes_up else (y1 + ROW, y2)
        colour, width = ("#cc3311", 1.6) if goes_up else ("#999", min(0.4 + 0.06 * count, 2.5))
        half = (start + end) / 2
        found.append(
            f'<path d="M{x1:.0f},{start} C{x1:.0f},{half:.0f} {x2:.0f},{half:.0f} {x2:.0f},{end}" '
            f'fill="none" stroke="{colour}" stroke-width="{width:.1f}" opacity="0.6"/>'
        )
    height = 20 + len(FLOORS) * (ROW + GAP)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
    head += 'font-family="sans-serif" font-size="13">'
    ground = '<rect width="100%" height="100%" fill="white"/>'
    return "\n".join([head, ground, *found, *boxes, "</svg>", ""])


if __name__ == "__main__":
    (ROOT / "docs" / "floors.svg").write_text(draw(), encoding="utf-8")
