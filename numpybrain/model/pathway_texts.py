"""Pathways of spikes at synapses in a model: `on_pre`, `on_post`, `delay` and `on_event`, read.

In: texts, functions, or mappings of these. Out: `Pathways`, whose names stay unchecked: only synapses
know what is around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from numpybrain.errors import ArgumentError, ModelError, shown, suggestion
from numpybrain.language.definition import SPECIAL, Definition, is_noise
from numpybrain.language.function_table import CONSTANTS, FUNCTIONS
from numpybrain.language.nodes import Call, Expr, If, Name, Node, Quantity, Statements
from numpybrain.language.reader import read_quantity, read_statements
from numpybrain.language.rewrite import replaced, replaced_in
from numpybrain.language.scope import stands_alone
from numpybrain.language.write import write, write_statements
from numpybrain.utils.python_functions import origin_of

WHICH = ("on_pre", "on_post")
SIDES = ("_pre", "_post")
AROUND = {"j", "lastupdate"}  # what else synapses know

Action = Statements | Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Pathways:
    """`on_pre` and `on_post`: name of a pathway -> statements or function.

    `delay`: one for all `on_pre`, or name of a pathway -> delay; trees where texts were given.
    `on_event`: name of a pathway -> event, where that is not a spike.
    """

    on_pre: Mapping[str, Action] = field(default_factory=dict)
    on_post: Mapping[str, Action] = field(default_factory=dict)
    delay: Any = None
    on_event: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.on_pre or self.on_post or self.on_event) or self.delay is not None

    def __iter__(self) -> Iterator[tuple[str, str, Action]]:
        """Give for each pathway: "on_pre" or "on_post", its name, and what it does."""
        for which in WHICH:
            for name, action in getattr(self, which).items():
                yield which, name, action

    def delays(self) -> dict[str, Any]:
        """A heading -> a delay."""
        if isinstance(self.delay, Mapping):
            return {f"delay of {name}": value for name, value in self.delay.items()}
        return {} if self.delay is None else {"delay": self.delay}

    def heading(self, which: str, name: str) -> str:
        """Give the heading of a pathway: on_pre, on_pre fast, on_post at burst."""
        event = f" at {self.on_event[name]}" if name in self.on_event else ""
        return (which if name == which else f"{which} {name}") + event

    def nodes(self) -> dict[str, list[Any]]:
        """A heading -> the trees of what was given as a text."""
        found = {
            self.heading(which, name): list(action)
            for which, name, action in self
            if isinstance(action, tuple)
        }
        delays = self.delays()
        return found | {what: [v] for what, v in delays.items() if isinstance(v, (Expr, Quantity))}

    def functions(self) -> dict[str, str]:
        """A heading -> the Python function there, with its place."""
        found = {self.heading(which, name): action for which, name, action in self}
        return {w: origin_of(f) for w, f in {**found, **self.delays()}.items() if callable(f)}

    def names(self) -> tuple[list[str], set[str]]:
        """Names that are used, called or assigned, in order; those among them that are temporaries.

        A bare name that is assigned before it is read is a temporary, unless there is a variable of it.
        """
        used: dict[str, None] = {}
        temporary: set[str] = set()
        for nodes in self.nodes().values():
            for node in nodes:
                for item in _parts(node):
                    for name in _names_in(item.expr if hasattr(item, "expr") else item):
                        used.setdefault(name)
                    target = getattr(item, "name", None)
                    if target is None:
                        continue
                    if item.op == "=" and target not in used and not target.endswith(SIDES):
                        temporary.add(target)
                    used.setdefault(target)
        return list(used), temporary

    def open_names(self, definition: Definition) -> list[str]:
        """Names that neither a model, nor the language, nor synapses know by themselves."""
        used, temporary = self.names()
        return [n for n in used if n not in temporary and not _is_known(n, definition)]

    def renamed(self, names: Mapping[str, Expr]) -> Pathways:
        """The same with other names.

        Raises:
            ModelError: if there are Python functions among them.
        """
        for what, origin in self.functions().items():
            message = f"the {what} is a Python function, {origin}"
            raise ModelError(message, help="rename its arguments, and hand it over anew")
        one = self.delay
        return replace(
            self,
            on_pre={n: replaced_in(action, names) for n, action in self.on_pre.items()},  # type: ignore[arg-type]
            on_post={n: replaced_in(action, names) for n, action in self.on_post.items()},  # type: ignore[arg-type]
            delay={n: _replaced(d, names) for n, d in one.items()}
            if isinstance(one, Mapping)
            else _replaced(one, names),
        )


NO_PATHWAYS = Pathways()


def _replaced(delay: Any, names: Mapping[str, Expr]) -> Any:
    return replaced(delay, names) if isinstance(delay, (Expr, Quantity)) else delay


def read_pathways(on_pre: Any, on_post: Any, delay: Any, on_event: Any) -> Pathways:
    """Read the texts; raises errors with the place of what is no statement or no delay."""
    actions = {which: _actions(which, given) for which, given in zip(WHICH, (on_pre, on_post), strict=True)}
    for name in actions["on_pre"].keys() & actions["on_post"].keys():
        raise ModelError(f"on_pre and on_post both have a pathway '{name}'", help="rename one")
    known = [*actions["on_pre"], *actions["on_post"]]
    return Pathways(**actions, delay=_delay(delay, known), on_event=_events(on_event, known))


def by_name(which: str, given: Any) -> dict[str, Any]:
    """Name of a pathway -> what was given for it; one without a name is called like its kind."""
    if given is None:
        return {}
    return dict(given) if isinstance(given, Mapping) else {which: given}


def written(pathways: Pathways) -> dict[str, Any]:
    """The arguments of a model that stand for these pathways: texts of the trees, functions as they are."""

    def action(value: Action) -> Any:
        return write_statements(value) if isinstance(value, tuple) else value

    def delay(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: delay(one) for name, one in value.items()}
        return write(value) if isinstance(value, (Expr, Quantity)) else value

    found: dict[str, Any] = {}
    for which in WHICH:
        actions = {name: action(value) for name, value in getattr(pathways, which).items()}
        found[which] = actions[which] if actions.keys() == {which} else actions or None
    found["delay"] = delay(pathways.delay)
    return {**found, "on_event": dict(pathways.on_event)} if pathways.on_event else found


def _actions(which: str, given: Any) -> dict[str, Action]:
    found: dict[str, Action] = {}
    for name, value in by_name(which, given).items():
        if not (isinstance(name, str) and name.isidentifier()):
            raise ArgumentError(f"a pathway of {which} needs a name such as 'fast' (got {shown(name)})")
        if not callable(value) and not isinstance(value, str):
            message = f"{which} is a string or a function (got {type(value).__name__})"
            raise ArgumentError(
                message, help=f"several pathways:  {which}={{'fast': '...', 'slow': '...'}}"
            )
        what = which if name == which else f"{which} {name}"
        found[name] = read_statements(value, what) if isinstance(value, str) else value
    return found


def _delay(given: Any, known: list[str]) -> Any:
    if isinstance(given, Mapping):
        _check_names("delay", given, known)
        return {name: _delay(value, []) for name, value in given.items()}
    return read_quantity(given, "delay") if isinstance(given, str) else given


def _events(given: Any, known: list[str]) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        message = f"on_event says which event starts which pathway (got {type(given).__name__})"
        raise ArgumentError(message, help="write  on_event={'on_pre': 'burst'}")
    _check_names("on_event", given, known)
    for name, event in given.items():
        if not (isinstance(event, str) and event.isidentifier()):
            raise ArgumentError(f"the event of the pathway '{name}' must be a name (got {shown(event)})")
    return dict(given)


def _check_names(what: str, given: Mapping[str, Any], known: list[str]) -> None:
    for name in given:
        if name not in known:
            raise ModelError(f"{what} names a pathway '{name}' that there is not{suggestion(name, known)}")


def _parts(node: Any) -> Iterator[Any]:
    """Conditions and assignments in the order in which they run; a delay is one expression."""
    if isinstance(node, If):
        yield node.condition
        for block in (node.yes, node.no):
            for item in block:
                yield from _parts(item)
    elif isinstance(node, Quantity):
        return
    else:
        yield node


def _names_in(node: Node) -> Iterator[str]:
    for part in node.walk():
        if isinstance(part, Name):
            yield part.id
        elif isinstance(part, Call):
            yield part.function


def _is_known(name: str, definition: Definition) -> bool:
    if name in definition.variables or name in definition.functions:
        return True
    bare = name.removesuffix("_pre").removesuffix("_post")
    if bare in SPECIAL or name in AROUND or name in CONSTANTS or name in FUNCTIONS or is_noise(name):
        return True
    return name not in definition.given and stands_alone(name) is not None
