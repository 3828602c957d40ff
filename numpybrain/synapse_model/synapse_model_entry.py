"""Entry to the texts of synapses for modules that may do without: SymPy is imported when needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection
    from numpybrain.symbolic.program import Program
    from numpybrain.synapse_model.connection_compiler import Connection
    from numpybrain.synapse_model.synapse_model import SynapseModel
    from numpybrain.synapse_model.variable_placement import Facts


def meaning(
    projection: Projection,
    model: Any,
    texts: Mapping[str, Any],
    given: Mapping[str, Any],
    strict: set[str],
    delays: Mapping[str, Any],
    reserves: Callable[[Iterable[str]], set[str]],
) -> SynapseModel:
    """The texts of synapses, read and checked."""
    from numpybrain import library
    from numpybrain.synapse_model.synapse_model import SynapseModel

    if isinstance(model, str):
        model = library.as_model(model, given, owner="synapses")
    return SynapseModel(projection, model, texts, given, strict, delays, reserves)


def facts(
    near: Mapping[str, str], common: frozenset[str], single: Callable[[str], bool], blocked: frozenset[str]
) -> Facts:
    """Collect the facts of the kernel about where synaptic variables can live."""
    from numpybrain.synapse_model.variable_placement import Facts

    return Facts(near, common, single, blocked)


def result_of(program: Program, store: Any) -> Program:
    """The program that gives what a program adds to a variable."""
    from numpybrain.synapse_model import pathway_programs

    return pathway_programs.result_of(program, store)


def redirected(program: Program, names: Mapping[str, str]) -> Program:
    """A program that writes to other names than it says."""
    from numpybrain.synapse_model import pathway_programs

    return pathway_programs.redirected(program, names)


def synaptic_condition(projection: Projection, text: str) -> Program:
    """A program that says of synapses whether a condition is true."""
    from numpybrain.synapse_model.synaptic_conditions import condition_program

    return condition_program(projection, text)


def connection(
    projection: Projection, text: str, given: Mapping[str, Any], kind: str, side: str
) -> Connection:
    """A connection text, read and checked, as programs."""
    from numpybrain.synapse_model import connection_compiler

    return connection_compiler.connection(projection, text, given, kind, side)


def means_something(projection: Projection, name: str, given: Mapping[str, Any]) -> bool:
    """Whether a single word means a value in texts about connections."""
    from numpybrain.synapse_model import connection_compiler

    return connection_compiler.is_known(projection, name, given)
