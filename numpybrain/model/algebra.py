"""Models made of models: renamed, added, extended.

In: models. Out: the texts of a new model, which is read and checked like any other. All texts are
written from their trees, so what a new model says can be printed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ModelError, UnknownNameError, suggestion
from numpybrain.language.definition import ModelVariable
from numpybrain.language.nodes import Expr, Quantity
from numpybrain.language.reader import read_equations, read_quantity
from numpybrain.language.rewrite import names_for, replaced, replaced_in
from numpybrain.language.scope import stands_alone
from numpybrain.language.write import write, write_equation, write_statements
from numpybrain.model.arguments import of_kind, said
from numpybrain.model.pathway_texts import SIDES, WHICH, written
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.model.view import ModelView


def renamed(model: ModelView, names: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of a model with other names."""
    definition, pathways = model.definition, model.pathways
    known = (
        *definition.variables,
        *definition.open_names,
        *definition.open_functions,
        *definition.functions,
        *definition.events,
        *(n for n in pathways.names()[0] if n in pathways.open_names(definition) or not stands_alone(n)),
    )
    names_for(names)
    names = _with_sides(names, known, definition.variables)
    for new in names.values():
        if new in known and new not in names:
            raise ModelError(f"there is a '{new}' already", help=f"rename that too: rename({new}=...)")
    nodes = names_for(names)
    new_pathways = pathways.renamed(nodes)

    def name(old: str) -> str:
        return names.get(old, old)

    def text(what: str, value: Any, write_it: Callable[[Any], str]) -> Any:
        if callable(value):
            message = f"the {what} is a Python function, {origin_of(value)}"
            raise ModelError(message, help="rename its arguments, and hand it over anew")
        return None if value is None else write_it(value)

    def node(value: Any) -> Any:
        return write(replaced(value, nodes)) if isinstance(value, (Expr, Quantity)) else value

    def statements(value: Any) -> str:
        return write_statements(replaced_in(value, nodes))

    equations = [v.equation for v in definition.variables.values() if v.equation is not None]
    return {
        "equations": "\n".join(write_equation(replaced(e, nodes)) for e in equations),
        **{what: text(said(what), getattr(definition, what), node) for what in of_kind("expression")},
        **{what: text(said(what), getattr(definition, what), statements) for what in of_kind("statements")},
        "events": {name(n): text(f"event '{n}'", e, node) for n, e in definition.events.items()},
        "on_event": {
            name(n): text(f"reaction to '{n}'", s, statements) for n, s in definition.on_event.items()
        },
        "at": {phase: text(f"stage at '{phase}'", s, statements) for phase, s in definition.at.items()},
        **{what: model.arguments[what] for what in of_kind("choice", "name")},
        "initial": {name(n): node(value) for n, value in definition.initial.items()},
        "functions": {name(n): f for n, f in definition.functions.items()},
        "parameters": {name(n): _renamed_value(v, nodes) for n, v in model.values.items()},
        "open_names": [name(n) for n in definition.given],
        **written(new_pathways),
    }


def _with_sides(
    names: Mapping[str, str], known: Collection[str], own: Mapping[str, ModelVariable]
) -> dict[str, str]:
    """New names, also for `x_pre` and `x_post` if `x` is a variable of the neurons around synapses."""
    found: dict[str, str] = {}
    for old, new in names.items():
        forms = {old: new} if old in known else {}
        if old not in own:
            forms |= {f"{old}{side}": f"{new}{side}" for side in SIDES if f"{old}{side}" in known}
        if not forms:
            raise UnknownNameError(f"the model has no name '{old}'{suggestion(old, known)}")
        found.update(forms)
    return {**found, **{n: new for n, new in names.items() if n in found}}


def _renamed_value(value: Any, nodes: Mapping[str, Expr]) -> Any:
    if not isinstance(value, str):
        return value
    return write(replaced(read_quantity(value), nodes))


def added(first: ModelView, second: ModelView) -> dict[str, Any]:
    """The arguments of the sum of two models: all equations, all resets one after the other."""
    a, b = first.arguments, second.arguments
    lines = {e.name: e for e in read_equations(a["equations"])} if a["equations"].strip() else {}
    for equation in read_equations(b["equations"]) if b["equations"].strip() else ():
        if lines.setdefault(equation.name, equation) != equation:
            name = equation.name
            message = f"'{name}' is defined in both models, and not alike"
            details = f"{write_equation(lines[name])}   and   {write_equation(equation)}"
            raise ModelError(message, detail=details, help=f"rename one: .rename({name}=...)")
    found: dict[str, Any] = {"equations": "\n".join(map(write_equation, lines.values()))}
    for what in of_kind("expression", "choice"):
        found[what] = _one_of(what, a[what], b[what])
    for what in of_kind("statements"):
        found[what] = _both(what, a[what], b[what])
    found["events"], found["on_event"] = _events(first, second)
    x, y = a["at"], b["at"]
    found["at"] = {n: _both(f"stage at '{n}'", x.get(n), y.get(n)) for n in {**x, **y}}
    found |= _both_pathways(first, second)
    for what in of_kind("values"):
        for name in a[what].keys() & b[what].keys():
            if not _alike(a[what][name], b[what][name]):
                raise ModelError(f"both models give '{name}' a value", help="replace it in one of them")
        found[what] = {**a[what], **b[what]}
    variables = {*first.definition.variables, *second.definition.variables}
    found["open_names"] = [n for n in (*a["open_names"], *b["open_names"]) if n not in variables]
    found["name"] = " + ".join(m.name for m in (first, second) if m.arguments["name"]) or None
    return found


def _one_of(what: str, a: Any, b: Any) -> Any:
    if a is not None and b is not None and a != b:
        message = f"both models have a {what}, and not the same"
        raise ModelError(message, help=f"take it away from one: .replace({what}=None)")
    return b if a is None else a


def _events(first: ModelView, second: ModelView) -> tuple[dict[str, Any], dict[str, Any]]:
    """All events of neurons; what two models do at the same event happens one after the other."""
    a, b = first.arguments, second.arguments
    conditions = first.definition.events
    for name, condition in second.definition.events.items():
        if conditions.get(name, condition) != condition:
            message = f"both models have an event '{name}', and not the same"
            raise ModelError(message, help=f"rename one: .rename({name}=...)")
    x, y = ({n: m.arguments["on_event"][n] for n in m.definition.on_event} for m in (first, second))
    both = {n: _both(f"reaction to '{n}'", x.get(n), y.get(n)) for n in (*x, *y)}
    return {**a["events"], **b["events"]}, both


def _both(what: str, a: Any, b: Any) -> Any:
    """The statements of both, one after the other."""
    if callable(a) and callable(b) and a is not b:
        message = f"both models have a {what} that is a function"
        raise ModelError(message, help="write one that does both")
    if (callable(a) or callable(b)) and a is not None and b is not None and a is not b:
        raise ModelError(f"one {what} is a function, the other a text", help="make both of one kind")
    parts = [part for part in (a, b) if part is not None]
    return "\n".join(parts) if len(parts) == 2 and not callable(a) else (parts or [None])[0]


def _both_pathways(first: ModelView, second: ModelView) -> dict[str, Any]:
    """Join the pathways in the sum: those of one name become one, each keeps its delay and event."""
    found: dict[str, Any] = {}
    for which in WHICH:
        a, b = getattr(first, which), getattr(second, which)
        both = {n: _both(which, a.get(n), b.get(n)) for n in {**a, **b}}
        found[which] = both[which] if both.keys() == {which} else both or None
    found["delay"] = _both_delays(first, second)
    events = _joined("on_event", first.pathways.on_event, second.pathways.on_event)
    return {**found, "on_event": events} if events else found


def _both_delays(first: ModelView, second: ModelView) -> Any:
    """One delay for all if that means the same, else one for each pathway."""
    for one, other in ((first, second), (second, first)):
        plain = one.delay is not None and not isinstance(one.delay, Mapping)
        same = other.delay is None or _alike(one.delay, other.delay)
        reached = other.on_pre if other.delay is None else ()
        if plain and same and (not one.on_pre or one.on_pre.keys() >= set(reached)):
            return one.delay
    delays = [
        m.delay
        if isinstance(m.delay, Mapping)
        else {}
        if m.delay is None
        else dict.fromkeys(m.on_pre, m.delay)
        for m in (first, second)
    ]
    return _joined("delay", *delays) or None


def _joined(what: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    for name in a.keys() & b.keys():
        if not _alike(a[name], b[name]):
            message = f"both models have a pathway '{name}', and not the same {what}"
            raise ModelError(message, help=f"take it away from one: .replace({what}=None)")
    return {**a, **b}


def _alike(a: Any, b: Any) -> bool:
    return a is b or str(a) == str(b)


def extended(base: ModelView, equations: str) -> str:
    """The equations of a base with further ones; one of the same name takes the place of the old."""
    lines = {e.name: e for e in read_equations(base.arguments["equations"])}
    lines.update({e.name: e for e in read_equations(equations)} if equations.strip() else {})
    return "\n".join(map(write_equation, lines.values()))
