"""Display of networks and schedules in notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpybrain.display.html import LEFT, count, folded, page, plain, strong

Rows = Sequence[tuple[str, ...]]


def network_html(network: Any) -> str:
    """The objects of a network, and its schedule, folded."""
    title = [f"Network at {plain(f'{network.t:g} ms')}", plain(f"steps of {network.dt:g} ms")]
    rows = [[strong(each.name), plain(type(each).__name__), _size(each)] for each in network.objects]
    inside = page(title, ("object", "kind", "size"), rows, [])
    stages = count(len(network.schedule), "stage")
    return f"<div>{inside}{folded(f'Schedule, {stages}', schedule_table(network.schedule.rows()))}</div>"


def _size(thing: Any) -> str:
    """What an object consists of, in words."""
    source, target = getattr(thing, "source", None), getattr(thing, "target", None)
    if source is not None and target is not None:
        return plain(f"{count(len(thing), 'synapse')}, {source.name} → {target.name}")
    if source is not None:
        names = ", ".join(getattr(thing, "variables", ()))
        return plain(f"{names} of {source.name}" if names else f"of {source.name}")
    return plain(count(thing.size, "neuron")) if hasattr(thing, "size") else ""


def schedule_html(rows: Rows) -> str:
    """Every stage of a step, in the order in which they run; the first row has the heads."""
    return f"<div><p>Schedule, {count(len(rows) - 1, 'stage')}</p>{schedule_table(rows)}</div>"


def schedule_table(rows: Rows) -> str:
    """The stages as a table: phase, object, what it does, where it comes from, share of the time."""
    lines = [_line(row, "td" if k else "th") for k, row in enumerate(rows)]
    return f"<table>{''.join(lines)}</table>"


def _line(cells: tuple[str, ...], tag: str) -> str:
    return "<tr>" + "".join(f'<{tag} style="{LEFT}">{plain(cell)}</{tag}>' for cell in cells) + "</tr>"
