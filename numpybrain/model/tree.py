"""A model as a tree, and its single variables: for printing and for looking at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpybrain.errors import visible
from numpybrain.language import unit_table
from numpybrain.language.definition import MS, SPECIAL, Definition, ModelVariable, OuterScope
from numpybrain.language.nodes import Expr, Name, Quantity
from numpybrain.language.scope import Symbol
from numpybrain.language.unit_table import PLAIN
from numpybrain.model.given_values import from_values
from numpybrain.model.pathway_texts import Pathways

if TYPE_CHECKING:
    from numpybrain.model.view import ModelView


@dataclass(frozen=True, slots=True, repr=False)
class Tree:
    """The syntax tree of a model, for printing."""

    definition: Definition
    pathways: Pathways = field(default_factory=Pathways)

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionaries, ready for JSON."""
        return {what: [n.to_dict() for n in nodes] for what, nodes in self.nodes().items()}

    def nodes(self) -> dict[str, list[Any]]:
        """What the model consists of -> its nodes: "equations", "threshold" ..."""
        d = self.definition
        found: dict[str, list[Any]] = {
            "equations": [v.equation for v in d.variables.values() if v.equation is not None]
        }
        for what, value in d.texts().items():
            if isinstance(value, (Expr, Quantity)):
                found[what] = [value]
            elif isinstance(value, tuple):
                found[what] = list(value)
        return found | self.pathways.nodes()

    def _repr_html_(self) -> str:
        from numpybrain.model import model_html

        return model_html.tree_html(self.nodes())

    def __repr__(self) -> str:
        return visible(str(self))

    def __str__(self) -> str:
        return "\n".join(
            f"{what}\n" + "\n".join(node.pretty(1) for node in nodes)
            for what, nodes in self.nodes().items()
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One variable of a model."""

    model: ModelView
    variable: ModelVariable

    @property
    def name(self) -> str:
        """Its name."""
        return self.variable.name

    @property
    def kind(self) -> str:
        """One of "differential", "definition" and "parameter"."""
        return self.variable.kind

    @property
    def unit(self) -> str:
        """The declared unit, as written."""
        return self.variable.unit_text

    @property
    def comment(self) -> str:
        """The comment on its line."""
        return self.variable.comment

    @property
    def depends(self) -> tuple[str, ...]:
        """Names of the variables that its right-hand side uses, in order of appearance."""
        expr = self.variable.expr
        names = [n.id for n in expr.walk() if isinstance(n, Name)] if expr is not None else []
        known = (*self.model.definition.variables, *self.model.definition.open_names, "t", "dt", "i", "N")
        return tuple(dict.fromkeys(n for n in names if n in known))

    @property
    def expr(self) -> Any:
        """The right-hand side as a SymPy expression over plain numbers in declared units.

        For a differential equation it is the rate per millisecond; None without right-hand side. Symbols
        are `sympy.Symbol("v")` and so on (an open name is in base units until it is given), functions are
        SymPy's own. Only where a singularity was removed, `exprel` and `quotient` stand in its place, which
        `diff`, `evalf` and `lambdify` know; `plain` is without these.
        """
        from numpybrain.symbolic.lower import Lowering
        from numpybrain.symbolic.plain import presented

        variable, definition = self.variable, self.model.definition
        if variable.expr is None:
            return None
        values, name = self.model.values, self.model.name
        given = from_values({n: values[n] for n in definition.open_names if n in values}, name)[0]
        opened = {
            n: given[n].symbol if n in given else Symbol(PLAIN, "open") for n in definition.open_names
        }
        lowering = Lowering(definition, OuterScope(opened), with_noise=True)
        unit = variable.unit
        if variable.kind == "differential" and isinstance(unit, unit_table.Unit):
            unit = unit / MS
        names = (*definition.variables, *opened, *SPECIAL)
        return presented(lowering.lower(variable.expr, unit), names, definition.functions)

    @property
    def plain(self) -> Any:
        """`expr` with SymPy's own functions only, for `solve` and `series`: 0/0 at the singularities."""
        from numpybrain.symbolic.plain import without_singular_functions

        expr = self.expr
        return None if expr is None else without_singular_functions(expr)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name} : {self.unit}>"
