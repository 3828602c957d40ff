"""Explanation of synapses, in words: where variables live, pathways and delays, sums, methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from numpybrain.language.flags import WORDS
from numpybrain.model.explain import NOTES, columns, section, update_sections

if TYPE_CHECKING:
    from numpybrain.synapses.dynamics import SynapseDynamics
    from numpybrain.synapses.pathway import Pathway
    from numpybrain.synapses.synapse_space import SynapseSpace

FAR = {"pre": "source", "post": "target"}
PLACES = {
    "synapse": "one value per synapse",
    "shared": "one value for all",
    "pre": "one value per source neuron",
    "post": "one value per target neuron",
}


def explain(
    title: str,
    space: SynapseSpace,
    pathways: Mapping[str, Pathway],
    dynamics: SynapseDynamics | None,
    instant: str | None,
) -> str:
    """Explain where variables live and why, what pathways do and when, sums, methods, formulas.

    `title` says whose synapses they are; `instant` how spikes are delivered at once, if they are.
    """
    if space.model is None:
        parts = [f"{title}, written in Python"]
        parts += [section(p.name, f"{p.origin}, {_delay(p, instant)}") for p in pathways.values()]
        return "\n\n".join(parts)
    space.place()
    updates = {} if dynamics is None else dynamics.present_updates()
    parts = [title]
    rows = list(columns(_names(space)))
    if rows:
        parts.append(section("names", "\n".join(rows)))
    for each in () if dynamics is None else dynamics.sums:
        how = "calculated synapse by synapse" if not each.sum.products else "a product with a matrix"
        if each.late.differs() is not None:
            how += f", of the {FAR[each.late.side]} neurons as they were before the delay, in whole steps"
        parts.append(section(f"sum into {each.sum.name}", f"{each.sum.formula}\n{how}"))
    for place, update in updates.items():
        if update.plan is not None:
            found = "\n\n".join(update_sections(update.plan))
            parts.append(section(f"state update, {PLACES[place]}", found))
    parts += [section(p.name, "\n".join(_pathway(p, instant))) for p in pathways.values()]
    return "\n\n".join(parts)


def _names(space: SynapseSpace) -> Iterator[tuple[str, ...]]:
    assert space.definition is not None  # asked before
    stored = {slot.name for slot in space.slots()}
    for v in space.definition.variables.values():
        notes = [NOTES[f] for f in sorted(v.flags) if f in NOTES and f not in PLACES]
        if v.name in stored:
            place = PLACES[space.place_of(v.name)]
            if v.name in space.placed_unasked:
                place += ", since it cannot differ among the synapses of one"
            elif v.kind == "parameter" and v.name in space.singles():
                place = "one value for all, as long as nobody gives several"
            notes.insert(0, place)
        yield v.name, v.unit_text, WORDS[v.kind], "; ".join(filter(None, (*notes, v.comment)))


def _pathway(pathway: Pathway, instant: str | None) -> Iterator[str]:
    side = "source" if pathway.side == "pre" else "target"
    yield f"at {pathway.event} of {side} neurons, {_delay(pathway, instant)}"
    if callable(pathway.text):
        yield pathway.origin
        return
    yield from (line.strip() for line in pathway.text.strip().splitlines())
    programs = pathway.programs()
    for what, program in zip(("once for each spike", "at each synapse"), programs, strict=True):
        if program is not None:
            yield f"{what}:"
            yield from (f"    {line}" for line in program.formula.splitlines())


def _delay(pathway: Pathway, instant: str | None) -> str:
    if instant is not None and pathway.side == "pre":
        return instant
    single, value = pathway.slot.uniform_value(), pathway.slot.value
    if single is not None:
        return f"delay {single:g} ms"
    if not value.size:
        return "delays that differ"
    if not value.size:
        return "delays that differ"
    return f"delays of {value.min():g} to {value.max():g} ms"
