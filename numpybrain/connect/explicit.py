"""Connections that are there already: index arrays, matrices, graphs, functions that return them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.connect.rule import (
    ConnectionContext,
    ConnectionRule,
    Connections,
    Pairs,
    check_range,
    remembered,
)
from numpybrain.errors import ArgumentError, ShapeError, shown, suggestion
from numpybrain.kernel.variables import Array
from numpybrain.language import language_entry
from numpybrain.utils.arrays import filled, plain
from numpybrain.utils.python_functions import function_arguments
from numpybrain.utils.quantities import carries_unit, is_quantity, read_quantity


@remembered
def matrix(values: Any, *, weight: str | None = None, unit: str | None = None) -> ConnectionRule:
    """A synapse for every entry of a matrix that is not 0; ordered by source, then target.

    Args:
        values: shape (n_source, n_target): an array, a quantity, or a sparse matrix of SciPy; of the
            latter every stored entry is a synapse, 0 or not (stored twice, they are added up).
        weight: the synaptic variable that gets the values; without it, they are not used.
        unit: the unit of the values, such as "nS"; else that of the quantity, else the variable's own.

    A bare matrix, `connect=values`, is the same with the one variable of the synapses that has no value
    as `weight`; it gives the structure alone if it is boolean or there is no such variable. Two lists are
    no matrix, but a pair of index arrays.

    Raises:
        ShapeError: when it is used, if the shape does not fit the groups.
    """
    _check_weight(weight, unit)

    def make(ends: ConnectionContext) -> Connections:
        return _of_matrix(values, ends, weight, unit)

    return ConnectionRule("matrix(...)", make)


@remembered
def graph(
    values: Any, *, weight: str | None = None, attribute: str = "weight", unit: str | None = None
) -> ConnectionRule:
    """The edges of a graph of networkx; ordered by source, then target.

    Args:
        values: nodes are neurons: those with the labels 0 ... n-1 by their labels, others in the order
            of `values.nodes`. Edges without direction become two synapses; each edge of a multigraph
            becomes a synapse of its own.
        weight: the synaptic variable that gets the values of an edge attribute.
        attribute: which one.
        unit: the unit of these values; without it that of the variable.

    Raises:
        ShapeError: when it is used, unless source and target have as many neurons as the graph nodes.
    """
    if not is_graph(values):
        raise ArgumentError(f"connect.graph takes a graph of networkx (got {type(values).__name__})")
    _check_weight(weight, unit)

    def make(ends: ConnectionContext) -> Connections:
        return _of_graph(values, ends, weight, attribute, unit)

    return ConnectionRule("graph(...)", make)


def _check_weight(weight: Any, unit: Any) -> None:
    if weight is not None and not isinstance(weight, str):
        raise ArgumentError(f"'weight' is the name of a synaptic variable (got {shown(weight)})")
    if unit is not None and weight is None:
        raise ArgumentError("a unit needs a variable", help='say which: weight="w"')


def is_matrix(value: Any) -> bool:
    """Whether a value is meant as a matrix: a two-dimensional array, or a sparse one."""
    return hasattr(value, "tocsr") or (getattr(value, "ndim", None) == 2)


def is_graph(value: Any) -> bool:
    """Whether a value is a graph of networkx."""
    return all(hasattr(value, name) for name in ("nodes", "edges", "adj"))


def from_bare_matrix(value: Any, ends: ConnectionContext) -> Connections:
    """The synapses of a matrix of which nothing more is given."""
    stored = read_quantity(value).numbers if is_quantity(value) else value
    stored = stored if hasattr(stored, "tocsr") else _array_of(stored)
    return _of_matrix(value, ends, None if stored.dtype == bool else "", None)


def _array_of(values: Any) -> Array:
    """The numbers of a dense matrix; also of a table of pandas, unless its labels say another order."""
    if hasattr(values, "index") and hasattr(values, "columns"):
        for labels, what in ((values.index, "rows"), (values.columns, "columns")):
            names = np.asarray(labels)
            numbered = names.dtype.kind in "iu" and set(names.tolist()) == set(range(names.size))
            if numbered and (names != np.arange(names.size)).any():
                message = f"the {what} of a connection table are not in the order of their numbers"
                shown = ", ".join(map(str, names[:5].tolist()))
                advice = "sort it: table.sort_index().sort_index(axis=1), or hand over table.to_numpy()"
                raise ArgumentError(message, detail=f"got {shown}{' ...' * (names.size > 5)}", help=advice)
    return plain(filled(values, 0), "a connection matrix")  # what is masked is no synapse


def _of_matrix(values: Any, ends: ConnectionContext, weight: str | None, unit: str | None) -> Connections:
    numbers, own = values, None
    if is_quantity(values):
        numbers, own = language_entry.magnitudes(values)
    shape = (ends.n_source, ends.n_target)
    if hasattr(numbers, "tocsr"):
        rows = numbers.tocsr().copy()
        rows.sum_duplicates()
        found_shape, data = rows.shape, rows.data
        _fits(found_shape, shape)
        i = np.repeat(np.arange(shape[0], dtype=np.intp), np.diff(rows.indptr))
        j = rows.indices
    else:
        numbers = _array_of(numbers)
        if numbers.dtype.kind not in "biuf":
            message = f"a connection matrix holds numbers or booleans (got {numbers.dtype})"
            raise ArgumentError(
                message, help="an array of quantities is made by writing the unit first: nS*array"
            )
        _fits(numbers.shape, shape)
        i, j = numbers.nonzero()
        data = numbers[i, j]
    if data.dtype.kind == "f" and np.isnan(data).any():
        k = int(np.isnan(data).argmax())
        message = f"a connection matrix is NaN for source {i[k]} and target {j[k]}"
        raise ArgumentError(message, help="0 means no synapse: np.nan_to_num(matrix), or table.fillna(0)")
    if weight is None:
        return Connections(i, j)
    return _weighted(i, j, weight, np.asarray(data), own, unit)


def _weighted(
    i: Array, j: Array, weight: str, values: Array, own: str | None, unit: str | None
) -> Connections:
    """Synapses with weights, in their own unit if they have one, and in the unit that was asked for."""
    if own is not None and unit is not None:
        values = values * language_entry.factor(own, unit, f"'{weight}'")
    given = unit or own
    return Connections(i, j, {weight: values}, None if given is None else {weight: given})


def _fits(have: tuple[int, ...], want: tuple[int, ...]) -> None:
    if have != want:
        message = f"a connection matrix has one row for each source, one column for each target {want}"
        raise ShapeError(message, detail=f"got shape {have}")


def _of_graph(
    values: Any, ends: ConnectionContext, weight: str | None, attribute: str, unit: str | None
) -> Connections:
    nodes = list(values.nodes)
    n = ends.one_size("a graph")
    if n != len(nodes):
        raise ShapeError(f"a graph of {len(nodes)} nodes needs groups of as many neurons (got {n})")
    labels = {node for node in nodes if isinstance(node, (int, np.integer)) and not isinstance(node, bool)}
    index = {node: node if labels == set(range(n)) else k for k, node in enumerate(nodes)}
    edges, numbers = [], []
    for a, b, properties in values.edges(data=True):
        ways = [(a, b)] if values.is_directed() or a == b else [(a, b), (b, a)]
        edges += [(index[x], index[y]) for x, y in ways]
        if weight is not None:
            if attribute not in properties:
                message = f"the edge from {a!r} to {b!r} has no attribute '{attribute}'"
                raise ArgumentError(message + suggestion(attribute, map(str, properties)))
            numbers += [properties[attribute]] * len(ways)
    numbers, own = language_entry.magnitudes(numbers) if carries_unit(numbers) else (numbers, None)
    table = np.array(edges, dtype=np.intp).reshape(-1, 2)
    order = np.lexsort((table[:, 1], table[:, 0]))
    i, j = table[order].T
    if weight is None:
        return Connections(i, j)
    found = plain(numbers, f"the attribute '{attribute}' of edges").astype(float)[order]
    return _weighted(i, j, weight, found, own, unit)


def from_indices(given: Any, ends: ConnectionContext) -> Pairs:
    """The pairs of two index arrays.

    Raises:
        IndexRangeError: if an index is outside of its group.
        ShapeError: if index arrays differ in length.
    """
    name = ends.name
    i, j = (_indices(part, name) for part in given)
    if i.size == 1 or j.size == 1:
        i, j = np.broadcast_arrays(i, j)
    if i.shape != j.shape:
        raise ShapeError(f"index arrays of '{name}' differ in length (got {i.size} and {j.size})")
    check_range(i, j, ends)
    return i, j


def _indices(part: Any, name: str) -> Array:
    index = plain(part, f"an index array of '{name}'")
    if index.size == 0:
        return np.empty(0, dtype=np.intp)
    if index.dtype.kind not in "iu" or index.ndim > 1:
        message = f"index arrays of '{name}' must be whole numbers in one dimension"
        raise ArgumentError(message, detail=f"got {index.dtype} of shape {index.shape}")
    return np.atleast_1d(index).astype(np.intp)


def called(function: Callable[..., Any], ends: ConnectionContext) -> Any:
    """Call a connection function with the arguments that it has by name, and give what it returns."""
    offered = {"N_pre": ends.n_source, "N_post": ends.n_target, "rng": ends.rng}
    names = function_arguments(function)
    unknown = [n for n in names if n not in offered]
    if unknown:
        message = f"unknown argument '{unknown[0]}' of a connection function"
        advice = "write a function of N_pre, N_post and rng that returns two index arrays"
        raise ArgumentError(message + suggestion(unknown[0], offered), help=advice)
    return function(**{n: offered[n] for n in names})
