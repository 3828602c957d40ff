"""Connection rules: which neurons are connected. All are vectorised; sparse rules never visit all pairs.

A rule is a value: `nb.connect.probability(0.1)`. `Synapses(..., connect=rule)` and `synapses.connect(rule)`
take one, and also a text, a pair of index arrays, a matrix, a graph of networkx or a function. Random
rules draw from the stream of the synapses for connecting, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from numpybrain.connect import expressions
from numpybrain.connect.explicit import (
    called,
    from_bare_matrix,
    from_indices,
    graph,
    is_graph,
    is_matrix,
    matrix,
)
from numpybrain.connect.expressions import condition, each
from numpybrain.connect.graphs import scale_free, small_world
from numpybrain.connect.lattices import grid4, grid8, grid_n, ring
from numpybrain.connect.random import (
    all_to_all,
    fixed_indegree,
    fixed_outdegree,
    fixed_total,
    one_to_one,
    probability,
)
from numpybrain.connect.rule import ConnectionContext, Connections, check_range
from numpybrain.connect.rule import ConnectionRule as Rule
from numpybrain.connect.spatial import difference_of_gaussians, exponential, gaussian
from numpybrain.errors import ArgumentError, suggestion
from numpybrain.synapse_model import synapse_model_entry
from numpybrain.utils.foreign_names import first_here
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection

RULES: dict[str, Callable[[], Rule]] = {"all_to_all": all_to_all, "one_to_one": one_to_one}


def links(connect: Any, projection: Projection, values: Mapping[str, Any]) -> tuple[Connections, set[str]]:
    """The synapses that a user means by `connect`, and the names among `values` that a text used.

    Raises:
        ArgumentError: if it is nothing that says who is connected to whom.
        IndexRangeError: if an index is outside of its group.
        ShapeError: if sizes do not fit.
    """
    if connect is None:
        message = f"'{projection.name}' needs a connection rule"
        advice = first_here("connect", values) or "such as connect=nb.connect.probability(0.1)"
        raise ArgumentError(message, help=advice)
    ends = ConnectionContext.of(projection, values)
    found = _links(connect, ends, projection, again=True)
    check_range(found.i, found.j, ends)
    return found, ends.used


def described(connect: Any) -> str:
    """What a user has meant by `connect`, in words, for a description of the network."""
    if isinstance(connect, Rule):
        return f"`{connect.name}`"
    if isinstance(connect, str):
        return f"`{' '.join(connect.split())}`"
    if is_graph(connect):
        return "a given graph"
    if is_matrix(connect):
        return "a given matrix"
    return origin_of(connect) if callable(connect) else "given pairs"


def _links(connect: Any, ends: ConnectionContext, projection: Projection, *, again: bool) -> Connections:
    if isinstance(connect, Rule):
        return connect.links(ends)
    if isinstance(connect, str):
        if connect in RULES:
            return RULES[connect]().links(ends)
        word = connect.isidentifier()
        if word and not synapse_model_entry.means_something(projection, connect, ends.values):
            message = f"unknown connection rule '{connect}'{suggestion(connect, RULES)}"
            raise ArgumentError(message)
        return Connections(*expressions.from_text(connect, ends))
    if is_graph(connect):
        return graph(connect).links(ends)
    if is_matrix(connect):
        return from_bare_matrix(connect, ends)
    if callable(connect) and again:
        return _links(called(connect, ends), ends, projection, again=False)
    if not isinstance(connect, (tuple, list)) or len(connect) != 2:
        message = f"'connect' of '{projection.name}' says who is connected to whom"
        advice = "a rule of nb.connect, a text, a pair of index arrays, a matrix, a graph or a function"
        raise ArgumentError(message, detail=f"got {type(connect).__name__}", help=f"give {advice}")
    return Connections(*from_indices(connect, ends))


__all__ = [
    "Rule",
    "all_to_all",
    "condition",
    "difference_of_gaussians",
    "each",
    "exponential",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_total",
    "gaussian",
    "graph",
    "grid4",
    "grid8",
    "grid_n",
    "matrix",
    "one_to_one",
    "probability",
    "ring",
    "scale_free",
    "small_world",
]
