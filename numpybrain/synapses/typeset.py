"""What a notebook shows of synapses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpybrain.display.html import count, page, plain, strong
from numpybrain.group.typeset import variables
from numpybrain.kernel.functions import origin_of

if TYPE_CHECKING:
    from numpybrain.synapses.synapses import Synapses


def synapses_html(group: Synapses) -> str:
    """A table of synapses: from where to where, their variables, and what spikes do."""
    title = [
        f"Synapses {strong(group.name)}",
        f"{strong(group.source.name)} &rarr; {strong(group.target.name)}",
        count(group.size, "synapse"),
        *_delays(group),
    ]
    below = []
    for which, pathway in group.pathways.items():
        text = pathway.text
        if isinstance(text, str):
            lines = (line.strip() for line in text.strip().splitlines())
            below.append((which, "<br>".join(f"<code>{plain(line)}</code>" for line in lines)))
        else:
            below.append((which, plain(origin_of(text))))
    return page(title, *variables(group), below)


def _delays(group: Synapses) -> list[str]:
    """In words, the delays of the pathways."""
    found = []
    if group.delivery is not None:
        found.append(plain(f"{group.delivery} delivery, coincident events {group.coincident}"))
    for slot in group.inspect.state.slots.values():
        value = slot.value
        optional = slot.name != "delay" or group.delivery is not None
        if slot.kind != "delay" or (optional and slot.uniform_value() == 0):
            continue
        name = slot.name.replace("_", " of ", 1)
        single = slot.uniform_value()
        time = f"{single:g} ms" if single is not None else f"{value.min():g} to {value.max():g} ms"
        found.append(plain(f"{name} {time}"))
    return found
