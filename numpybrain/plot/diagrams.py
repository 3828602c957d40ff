"""Diagrams of a network: who projects to whom, and what a step does in which order.

In: a network. Out: axes of matplotlib. Objects are known by what they have: a source and a target is a
projection, a size is a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError
from numpybrain.group.part_arrays import span_of
from numpybrain.kernel.subgroup import where_of, whole_of
from numpybrain.plot.figures import INK, cycle, entitle, matplotlib, panel, room_of

Size = tuple[float, float]

BOX = (1.5, 0.62)  # width and height of a box in inches
GAP = (1.9, 0.75)  # between boxes: room for arrows and their names
LOOP = 0.42  # height of a loop
LANE = 0.5  # between arrows that go side by side
LINE = 0.2  # height of a line of a schedule in inches
LETTER = 0.62  # width of a letter, as a part of the size of the font
FONT = 8.0  # points


Part = tuple[int, int, str]  # the first neuron, the one behind the last, and what is written there


@dataclass(slots=True)
class Box:
    """Group of a network, in the diagram.

    Attributes:
        group: the object.
        parts: neurons that projections leave or reach, in ascending order; empty for the whole.
        column, row: its place.
        x, y: its middle in inches.
        height: in inches.
    """

    group: Any
    parts: list[Part] = field(default_factory=list)
    column: int = 0
    row: int = 0
    x: float = 0.0
    y: float = 0.0
    height: float = BOX[1]

    def middle(self, part: Part) -> float:
        """Height at which an arrow of a part begins or ends."""
        if part not in self.parts:
            return self.y
        step = self.height / len(self.parts)
        return self.y - self.height / 2 + (self.parts.index(part) + 0.5) * step


@dataclass(frozen=True, slots=True)
class Arrow:
    """Projection of a network: from which part of a box to which part of another."""

    label: str
    source: Box
    target: Box
    begin: Part
    end: Part


def network(
    net: Any,
    *,
    ax: Any = None,
    title: str | None = None,
    colours: Sequence[Any] | None = None,
    counts: bool = True,
    size: Size | None = None,
) -> Any:
    """Diagram of a network: groups are boxes, with their sizes; projections arrows, with those of theirs.

    Groups stand from left to right in the order in which activity passes. Parts of a group from which, or
    to which, a projection goes are parts of its box.

    Args:
        net: the network.
        ax: axes of matplotlib to draw in; by default those of a new figure, large enough.
        title: of the axes.
        colours: of the projections, in the order of the network; by default `COLOURS`.
        counts: whether the numbers of neurons and synapses are written.
        size: width and height of a new figure in inches.

    Returns:
        The axes, without scales.

    Raises:
        ArgumentError: if the network has no group.
    """
    boxes, arrows = _read(net)
    _place(boxes, arrows)
    up = [a for a in arrows if a.source is a.target and _is_up(a)]
    down = [a for a in arrows if a.source is a.target and not _is_up(a)]
    far = any(abs(a.source.column - a.target.column) > 1 for a in arrows)
    width = max(b.x for b in boxes) + BOX[0] / 2 + 0.1
    height = max(b.y + b.height / 2 for b in boxes) + 0.3 + (LOOP + 0.3) * bool(up) + 0.5 * far
    low = min(b.y - b.height / 2 for b in boxes) - 0.15 - (LOOP + 0.3) * bool(down)
    lanes = LANE * len(arrows) / 2 if len(boxes) > 1 else 0.0
    low, height = min(low, BOX[1] / 2 - lanes), max(height, BOX[1] / 2 + lanes)
    axes = panel(ax, size, (width + 0.2, height - low + 0.3))
    axes.set(xlim=(-0.1, width), ylim=(low, height), aspect="equal", anchor="W")
    axes.set_axis_off()
    if arrows:
        palette = list(colours or cycle(len(arrows)))
        _arrows(axes, arrows, [palette[k % len(palette)] for k in range(len(arrows))], counts=counts)
    for box in boxes:
        _box(axes, box, counts=counts)
    return entitle(axes, title)


def schedule(
    net: Any,
    *,
    ax: Any = None,
    title: str | None = None,
    shares: bool | None = None,
    colours: Sequence[Any] | None = None,
    size: Size | None = None,
) -> Any:
    """Diagram of a schedule: what a time step does, from top to bottom, by phase.

    Args:
        net: the network, or its schedule.
        ax: axes of matplotlib to draw in; by default those of a new figure, large enough. Letters become
            smaller where there is little room.
        title: of the axes.
        shares: whether the share of each stage in the time of the last run is drawn; by default if there
            was one.
        colours: of the phases, in their order; by default `COLOURS`.
        size: width and height of a new figure in inches.

    Returns:
        The axes, without scales.

    Raises:
        ArgumentError: if there is no stage.
    """
    stages = list(getattr(net, "schedule", net))
    if not stages:
        raise ArgumentError("there is no stage to draw", help="give the network its objects first")
    total = sum(s.seconds for s in stages)
    with_shares = total > 0 if shares is None else shares
    phases = list(dict.fromkeys(s.phase for s in stages))
    rows = [(s.owner, s.description, s.origin) for s in stages]
    letters = [max(map(len, phases)), *(max(len(row[c]) for row in rows) for c in range(3))]
    starts = np.concatenate([[0], np.cumsum(np.array(letters) + 3)]) + 1.0
    bar = 14.0 if with_shares else 0.0
    width = starts[-1] + bar + (6 if with_shares else 0)
    letter = LETTER * FONT / 72
    heads = ("phase", "object", "what it does", "comes from", *(["share of the time"] * with_shares))
    axes = panel(ax, size, (width * letter + 0.3, (len(stages) + 1.5) * LINE + 0.4))
    room = room_of(axes)
    if ax is None:
        room = axes.figure.get_size_inches() - 0.2
    font = min(FONT, 72 * room[0] / width / LETTER, 72 * room[1] / (len(stages) + 1.5) * FONT / 72 / LINE)
    axes.set(xlim=(0, width), ylim=(len(stages) + 0.5, -1))
    axes.set_axis_off()
    palette = dict(zip(phases, colours or cycle(len(phases)), strict=False))
    for x, head in zip(starts, heads, strict=False):
        axes.text(x, -0.5, head, fontsize=font, va="center", color=INK, weight="bold")
    for k, stage in enumerate(stages):
        colour = palette.get(stage.phase, INK)
        y = k + 0.5
        first = k == 0 or stages[k - 1].phase != stage.phase
        axes.axhspan(k, k + 1, color=colour, alpha=0.1, lw=0)
        axes.axvspan(
            0, 0.4, 1 - (k + 2) / (len(stages) + 1.5), 1 - (k + 1) / (len(stages) + 1.5), color=colour
        )
        for x, text in zip(starts, (stage.phase if first else "", *rows[k]), strict=False):
            axes.text(x, y, text, fontsize=font, va="center", clip_on=True)
        if with_shares:
            share = stage.seconds / total if total else 0.0
            axes.barh(y, bar * share, 0.6, starts[-1], color=colour)
            axes.text(starts[-1] + bar * share + 0.6, y, f"{100 * share:.0f} %", fontsize=font, va="center")
    return entitle(axes, title)


# ---- networks -------------------------------------------------------------------------------


def _read(net: Any) -> tuple[list[Box], list[Arrow]]:
    """The groups and projections of a network, in its order.

    Raises:
        ArgumentError: if there is no group.
    """
    objects = list(net.objects)
    projections = [o for o in objects if hasattr(type(o), "i") and _ends(o) is not None]
    boxes: dict[int, Box] = {}

    def box_of(whole: Any) -> Box:
        return boxes.setdefault(id(whole), Box(whole))

    members = {id(o) for o in projections}
    for one in objects:
        if id(one) not in members and hasattr(one, "size") and not hasattr(one, "source"):
            box_of(one)
    arrows = []
    for syn in projections:
        ends = []
        for group in (syn.source, syn.target):
            box, part = box_of(whole_of(group)), _part(group)
            if part != _part(box.group) and part not in box.parts:
                box.parts.append(part)
            ends.append((box, part))
        n = len(syn)
        text = f"{syn.name}\n{n:,}".replace(",", " ") + f" synapse{'s' * (n != 1)}"
        arrows.append(Arrow(text, ends[0][0], ends[1][0], ends[0][1], ends[1][1]))
    if not boxes:
        raise ArgumentError("there is no group to draw", help="give the network its objects first")
    for box in boxes.values():
        box.parts.sort()
        box.height = max(BOX[1], 0.45 * len(box.parts) + 0.35 * bool(box.parts))
    return list(boxes.values()), arrows


def _part(group: Any) -> Part:
    """The neurons of a group, or of a part of one, and what is written where they are."""
    where = where_of(group)
    start, stop = span_of(where)
    text = f"{start} to {stop - 1}" if isinstance(where, slice) else group.name
    return start, stop, text


def _ends(one: Any) -> tuple[Any, Any] | None:
    """Source and target of a projection; None for what is none."""
    source, target = getattr(one, "source", None), getattr(one, "target", None)
    if source is None or target is None or not hasattr(source, "size") or not hasattr(target, "size"):
        return None
    return source, target


def _place(boxes: list[Box], arrows: list[Arrow]) -> None:
    """Put boxes in columns: behind those from which they get spikes, circles apart."""
    order = {id(b): k for k, b in enumerate(boxes)}
    forward = [(a.source, a.target) for a in arrows if order[id(a.source)] < order[id(a.target)]]
    for _ in boxes:
        for source, target in forward:
            target.column = max(target.column, source.column + 1)
    columns: dict[int, list[Box]] = {}
    for box in boxes:
        columns.setdefault(box.column, []).append(box)
    heights = {c: sum(b.height for b in some) + GAP[1] * (len(some) - 1) for c, some in columns.items()}
    tallest = max(heights.values())
    for column, some in columns.items():
        top = (tallest + heights[column]) / 2
        for row, box in enumerate(some):
            box.row, box.x = row, BOX[0] / 2 + column * (BOX[0] + GAP[0])
            box.y = top - box.height / 2
            top -= box.height + GAP[1]


def _box(axes: Any, box: Box, *, counts: bool) -> None:
    """A box with the name and the size of its group, and with its parts."""
    mpl = matplotlib()
    left, bottom = box.x - BOX[0] / 2, box.y - box.height / 2
    axes.add_patch(
        mpl.patches.FancyBboxPatch(
            (left, bottom), BOX[0], box.height, boxstyle="round,pad=0,rounding_size=0.08", fc="white",
            ec=INK, lw=1.2, zorder=3,
        )
    )  # fmt: skip
    text = box.group.name + (f"\n{box.group.size:,}".replace(",", " ") if counts else "")
    if not box.parts:
        axes.text(box.x, box.y, text, ha="center", va="center", fontsize=FONT, zorder=4)
        return
    axes.text(left + 0.03, bottom + box.height + 0.06, text.replace("\n", ", "), ha="left", va="bottom",
              fontsize=FONT, zorder=4)  # fmt: skip
    step = box.height / len(box.parts)
    for k, (_, _, words) in enumerate(box.parts):
        y = bottom + (k + 0.5) * step
        axes.text(box.x, y, words, ha="center", va="center", fontsize=FONT - 1, zorder=4)
        if k:
            edge = bottom + k * step
            axes.plot([left, left + BOX[0]], [edge, edge], color=INK, lw=0.8, ls=":", zorder=4)


def _arrows(axes: Any, arrows: list[Arrow], palette: list[Any], *, counts: bool) -> None:
    """Arrows with their names, those between the same boxes in lanes of their own."""
    top = max(max(a.source.y + a.source.height / 2, a.target.y + a.target.height / 2) for a in arrows)
    lanes: dict[frozenset[int], list[Arrow]] = {}
    for arrow in arrows:
        lanes.setdefault(frozenset((id(arrow.source), id(arrow.target))), []).append(arrow)
    for several in lanes.values():  # so that they do not cross
        several.sort(key=lambda a: -a.source.middle(a.begin) - a.target.middle(a.end))
    for arrow, colour in zip(arrows, palette, strict=True):
        text = arrow.label if counts else arrow.label.partition("\n")[0]
        among = lanes[frozenset((id(arrow.source), id(arrow.target)))]
        lane = (len(among) - 1) / 2 - among.index(arrow)
        if arrow.source is arrow.target:
            path, place = _loop(arrow, [a for a in among if _is_up(a) == _is_up(arrow)].index(arrow))
        else:
            path, place = _way(arrow, lane, top)
        axes.add_patch(
            matplotlib().patches.FancyArrowPatch(
                path=path, arrowstyle="-|>", mutation_scale=11, color=colour, lw=1.3, zorder=2
            )
        )
        axes.text(
            *place, text, color=colour, fontsize=FONT - 1, ha="center", va="center", zorder=5,
            linespacing=1.1, bbox={"fc": "white", "ec": "none", "pad": 1.0},
        )  # fmt: skip


def _is_up(arrow: Arrow) -> bool:
    """Whether a loop is above its box: that of the whole, and of the upper half of its parts."""
    return arrow.source.middle(arrow.begin) >= arrow.source.y


def _loop(arrow: Arrow, before: int) -> tuple[Any, tuple[float, float]]:
    """A loop above or below a box, and the place of its name."""
    box, up = arrow.source, 1 if _is_up(arrow) else -1
    x = box.x + (0.3 if box.parts and up > 0 else -0.2) + 0.45 * before
    y = box.y + up * box.height / 2
    out = up * (LOOP + 0.38 * before)
    points = [(x, y), (x - 0.06, y + 1.3 * out), (x + 0.36, y + 1.3 * out), (x + 0.3, y)]
    return matplotlib().path.Path(points, [1, 4, 4, 4]), (x + 0.15, y + out + up * 0.17)


def _way(arrow: Arrow, lane: float, top: float) -> tuple[Any, tuple[float, float]]:
    """An arrow between two boxes, and the place of its name."""
    source, target = arrow.source, arrow.target
    if source.column == target.column:
        way = np.sign(target.y - source.y)
        x = source.x + 1.25 * lane
        begin = np.array([source.x + 0.4 * lane, source.y + way * source.height / 2])
        end = np.array([target.x + 0.4 * lane, target.y - way * target.height / 2])
        middle = np.array([x, (begin[1] + end[1]) / 2])
    else:
        side = 1 if target.column > source.column else -1
        begin = np.array([source.x + side * BOX[0] / 2, source.middle(arrow.begin) + 0.12 * lane])
        end = np.array([target.x - side * BOX[0] / 2, target.middle(arrow.end) + 0.12 * lane])
        middle = (begin + end) / 2 + (0, LANE * lane)
        if abs(target.column - source.column) > 1:  # over what stands between
            middle[1] = top + 0.5 + LANE * abs(lane)
    control = 2 * middle - (begin + end) / 2
    return matplotlib().path.Path([begin, control, end], [1, 3, 3]), (float(middle[0]), float(middle[1]))
