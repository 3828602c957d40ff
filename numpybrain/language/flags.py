"""The flags of equations: which kinds of equations carry them, and whose equations these are.

In: an equation. Out: the kind of variable that it makes, or a `ModelError` at the flag.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from numpybrain.errors import ModelError, NumpyBrainError, nearest, suggestion
from numpybrain.language.nodes import Equation
from numpybrain.source import Span

if TYPE_CHECKING:
    from numpybrain.language.definition import ModelVariable

WORDS = {  # what people call the kinds of variables
    "differential": "differential equation",
    "parameter": "parameter",
    "definition": "subexpression",
    "sampled": "subexpression",
    "summed": "subexpression",
    "linked": "parameter",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """`kinds` of variables that may carry it; `owners` in whose equations it has a meaning.

    `makes` is the kind of variable that it makes of one; `excludes` are flags that contradict it.
    """

    kinds: tuple[str, ...]
    owners: tuple[str, ...] = ("neurons", "synapses")
    makes: str | None = None
    excludes: tuple[str, ...] = ()


FLAGS: dict[str, Flag] = {
    "constant": Flag(("parameter",)),
    "shared": Flag(("parameter", "definition", "differential"), excludes=("pre", "post")),
    "unless refractory": Flag(("differential",), ("neurons",)),
    "constant over dt": Flag(("definition",), makes="sampled"),
    "linked": Flag(("parameter",), makes="linked", excludes=("constant", "shared", "pre", "post")),
    "event-driven": Flag(("differential",), ("synapses",), excludes=("clock-driven",)),
    "clock-driven": Flag(("differential",), ("synapses",)),
    "summed": Flag(("definition",), ("synapses",), makes="summed", excludes=("constant over dt", "shared")),
    "pre": Flag(("differential", "parameter", "definition"), ("synapses",), excludes=("post",)),
    "post": Flag(("differential", "parameter", "definition"), ("synapses",)),
}
# A right-hand side without variables is a parameter's default, except under these.
CALCULATED = frozenset({"constant over dt", "summed"})


def kind_of(equation: Equation, kind: str) -> str:
    """The kind of variable that an equation of this kind makes with its flags."""
    made = kind
    for name in sorted(equation.flags):
        flag = FLAGS.get(name)
        if flag is None:
            message = f"unknown flag '{name}'{suggestion(name, FLAGS)}"
            advice = None if nearest(name, FLAGS) else "flags are " + ", ".join(FLAGS)
            raise ModelError(message, flag_span(equation, name), help=advice)
        if kind not in flag.kinds:
            fitting = " or ".join(dict.fromkeys(WORDS[k] for k in flag.kinds))
            message = f"the flag '{name}' belongs to a {fitting}, not to a {WORDS[kind]}"
            raise ModelError(message, flag_span(equation, name))
        against = sorted(equation.flags & set(flag.excludes))
        if against:
            message = f"the flags '{name}' and '{against[0]}' contradict each other"
            raise ModelError(message, flag_span(equation, name), help="delete one")
        made = flag.makes or made
    return made


def flag_span(equation: Equation, flag: str) -> Span:
    """The place of a flag."""
    source = equation.span.source
    start = source.text.find(flag.split(maxsplit=1)[0], equation.unit.span.end)
    return source.span(start, start + len(flag)) if start >= 0 else equation.span


def misplaced(variables: Mapping[str, ModelVariable], owner: str) -> list[NumpyBrainError]:
    """Errors for flags that have no meaning in the equations of `owner` ("neurons" or "synapses")."""
    errors: list[NumpyBrainError] = []
    for variable in variables.values():
        for name in sorted(variable.flags):
            place = flag_span(variable.equation, name) if variable.equation is not None else None
            if owner not in FLAGS[name].owners:
                whose = FLAGS[name].owners[0]
                errors.append(ModelError(f"the flag '{name}' has a meaning for {whose} only", place))
            elif name == "shared" and variable.kind == "differential" and owner == "neurons":
                message = f"'d{variable.name}/dt' has a value for each neuron, it cannot be shared"
                advice = "make a group of one neuron, and link to it: nb.link(group, 'x', index)"
                errors.append(ModelError(message, place, help=advice))
    return errors
