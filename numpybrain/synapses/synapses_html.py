"""Display of synapses in notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpybrain.display.html import count, page, plain, strong
from numpybrain.group.variables_html import variables
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpybrain.group.group import Group


def synapses_html(
    group: Group, size: int, ends: tuple[str, str], actions: Mapping[str, Any], delivery: str
) -> str:
    """A table of synapses: from where to where, their variables, and what spikes do.

    `actions`: name of a pathway -> its text or function; `delivery`: how spikes are delivered, if they are
    at once.
    """
    title = [
        f"Synapses {strong(group.name)}",
        f"{strong(ends[0])} &rarr; {strong(ends[1])}",
        count(size, "synapse"),
        *_delays(group, delivery),
    ]
    below = []
    for which, text in actions.items():
        if isinstance(text, str):
            lines = (line.strip() for line in text.strip().splitlines())
            below.append((which, "<br>".join(f"<code>{plain(line)}</code>" for line in lines)))
        else:
            below.append((which, plain(origin_of(text))))
    return page(title, *variables(group), below)


def _delays(group: Group, delivery: str) -> list[str]:
    """Give the delays of the pathways in words."""
    found = [plain(delivery)] if delivery else []
    for slot in group.inspect.state.slots.values():
        value = slot.value
        optional = slot.name != "delay" or bool(delivery)
        if slot.kind != "delay" or (optional and slot.uniform_value() == 0):
            continue
        name = slot.name.replace("_", " of ", 1)
        single = slot.uniform_value()
        time = f"{single:g} ms" if single is not None else f"{value.min():g} to {value.max():g} ms"
        found.append(plain(f"{name} {time}"))
    return found
