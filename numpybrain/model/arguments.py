"""THE table of what a model may say: the arguments of `Model`, of model files, and in part of `Neurons`.

To add an argument is to add an entry, a parameter with its description to the signatures of those who take
it, and the code that gives it its meaning. Model files, sums, renaming, printing and messages read it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpybrain.errors import ArgumentError, shown


@dataclass(frozen=True, slots=True)
class Argument:
    """Something that a model may say.

    Attributes:
        name: what it is called.
        kind: of what sort it is:
            "expression": an expression or a quantity, of which a model has one; "statements": those of two
            models are carried out one after the other; both are read to trees, unless they are Python
            functions. "events": name -> expression or statements. "stages": phase of a step -> statements.
            "pathways": statements or values for all pathways of synapses, or by their names.
            "values": name -> value. "choice": a word, or something else that says how to calculate; a
            model has one. "names": a list of names. "equations", "name": there is one of each.
        owner: "neurons" or "synapses", if only their models may say it.
        default: what holds if a model does not say it.
        choices: the words that there are, if it is a choice among these.
        in_words: what messages call it, where that is not its name.
        in_files: whether model files have it.
        grows: names that are given beside a model come in addition to those of the model.
    """

    name: str
    kind: str
    owner: str = ""
    default: Any = None
    choices: tuple[str, ...] = ()
    in_words: str = ""
    in_files: bool = True
    grows: bool = False

    def check(self, value: Any) -> None:
        """Raise an error if a value is none of the choices."""
        if self.choices and value is not None and value not in self.choices:
            words = " or ".join(map(repr, self.choices))
            raise ArgumentError(f"{self.in_words} {words} (got {shown(value)})")


ARGUMENTS: dict[str, Argument] = {
    argument.name: argument
    for argument in (
        Argument("equations", "equations"),
        Argument("threshold", "expression", "neurons"),
        Argument("reset", "statements", "neurons"),
        Argument("refractory", "expression", "neurons", in_words="refractoriness"),
        Argument("method", "choice"),
        Argument("initial", "values", grows=True),
        Argument("functions", "values", in_files=False),
        Argument("parameters", "values"),
        Argument("name", "name"),
        Argument("open_names", "names"),
        Argument(
            "interpretation", "choice", default="stratonovich", choices=("ito", "stratonovich"),
            in_words="noise is read as",
        ),
        Argument(
            "spike_times", "choice", "neurons", "grid", choices=("grid", "interpolated"),
            in_words="spike times are",
        ),
        Argument("events", "events", "neurons", grows=True),
        Argument("on_event", "events", grows=True),
        Argument("at", "stages", grows=True),
        Argument("on_pre", "pathways", "synapses"),
        Argument("on_post", "pathways", "synapses"),
        Argument("delay", "pathways", "synapses"),
    )
}  # fmt: skip

OF_GROUPS = ("equations", "parameters", "open_names")  # of which groups have forms of their own


def of_kind(*kinds: str) -> list[str]:
    """The names of the arguments of some kinds."""
    return [name for name, argument in ARGUMENTS.items() if argument.kind in kinds]


OF_NEURONS, OF_SYNAPSES = (
    tuple(name for name, argument in ARGUMENTS.items() if argument.owner == owner)
    for owner in ("neurons", "synapses")
)
REPLACING = tuple(name for name in ARGUMENTS if name not in OF_GROUPS)  # what another model says instead
TREES = tuple(of_kind("expression", "statements", "events", "stages"))  # of which models have syntax trees


def in_files() -> list[str]:
    """The keys of model files that say something about the model."""
    return [name for name, argument in ARGUMENTS.items() if argument.in_files]


def growing() -> list[str]:
    """The names of the arguments whose names come in addition to those that a model has."""
    return [name for name, argument in ARGUMENTS.items() if argument.grows]


def with_choices() -> list[str]:
    """The names of the arguments that are one of a few words."""
    return [name for name, argument in ARGUMENTS.items() if argument.choices]


def said(what: str) -> str:
    """Give the words for an argument, in messages."""
    return ARGUMENTS[what].in_words or what


def among(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a model among local variables."""
    return check_choices({name: given[name] for name in ARGUMENTS if name in given})


def of_neurons(given: Mapping[str, Any]) -> dict[str, Any]:
    """Select the local variables that replace what a model of neurons says, as far as they are given."""
    names = [n for n in REPLACING if n not in OF_SYNAPSES and n != "name"]
    found = {name: given[name] for name in names if given.get(name) is not None}
    return check_choices(found)


def check_choices(given: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments back; raises an error if one is none of its choices."""
    for name in with_choices():
        if name in given:
            ARGUMENTS[name].check(given[name])
    return given
