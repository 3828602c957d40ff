"""Dependencies of the names of a model: as text, for Graphviz, or as a networkx graph.

In: a definition. Out: a `Dependencies`, plain data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpybrain.language.definition import SPECIAL, Definition
from numpybrain.language.flags import WORDS
from numpybrain.language.nodes import Call, Expr, If, Name, Statement, expressions
from numpybrain.model.pathway_texts import Pathways

SHAPES = {"differential": "ellipse", "parameter": "plaintext", "event": "box"}


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`uses[name]` are the names that the right-hand side of `name` uses, in order of appearance.

    `kinds[name]` is the kind of the variable; "event" for threshold, reset, refractoriness and events,
    "open" for what is not defined yet, "function" for a Python function.
    """

    uses: dict[str, tuple[str, ...]]
    kinds: dict[str, str]

    def __str__(self) -> str:
        return "\n".join(f"{name} <- {', '.join(used)}" for name, used in self.uses.items() if used)

    def to_dot(self) -> str:
        """The graph in the language of Graphviz."""
        lines = [
            f'  "{n}" [shape={SHAPES.get(kind, "diamond")}, tooltip="{WORDS.get(kind, kind)}"];'
            for n, kind in self.kinds.items()
        ]
        lines += [f'  "{used}" -> "{name}";' for name, all_used in self.uses.items() for used in all_used]
        return "\n".join(["digraph model {", *lines, "}"])

    def to_networkx(self) -> Any:
        """A directed graph of networkx; an edge leads from what is used to its user.

        Raises:
            ImportError: if networkx is not installed.
        """
        try:
            import networkx as nx
        except ImportError:
            raise ImportError("this needs networkx: pip install networkx") from None
        graph = nx.DiGraph()
        for name, kind in self.kinds.items():
            graph.add_node(name, kind=kind)
        graph.add_edges_from((used, name) for name, all_used in self.uses.items() for used in all_used)
        return graph


def dependencies_of(definition: Definition, pathways: Pathways | None = None) -> Dependencies:
    """Give what every equation, threshold, reset, refractoriness, events and every pathway use."""
    pathways = Pathways() if pathways is None else pathways
    kinds = {v.name: v.kind for v in definition.variables.values()}
    kinds |= dict.fromkeys((*definition.open_names, *pathways.open_names(definition)), "open")
    kinds |= dict.fromkeys((*definition.functions, *definition.open_functions), "function")
    uses = {v.name: _names([v.expr], kinds) for v in definition.variables.values() if v.expr is not None}
    for what, value in definition.texts().items():
        if isinstance(value, Expr):
            uses[what] = _names([value], kinds)
        elif isinstance(value, tuple):
            uses[what] = _names(expressions(value), kinds)
        if what in uses:
            kinds.setdefault(what, "event")
    for what, nodes in pathways.nodes().items():
        texts = [n for n in nodes if isinstance(n, (Statement, If))]
        uses[what] = _names([*expressions(tuple(texts)), *(n for n in nodes if isinstance(n, Expr))], kinds)
        kinds.setdefault(what, "event")
    return Dependencies(uses, kinds)


def _names(trees: list[Expr], kinds: dict[str, str]) -> tuple[str, ...]:
    """The names that are used, each once; a special one such as t becomes known when it is used."""
    found: dict[str, None] = {}
    for tree in trees:
        for node in tree.walk():
            name = node.id if isinstance(node, Name) else node.function if isinstance(node, Call) else ""
            if name in SPECIAL:
                kinds.setdefault(name, "special")
            if name in kinds:
                found[name] = None
    return tuple(found)
