"""A model as text, and back: the canonical form, which is that of a model file.

In: a model. Out: TOML whose equations are written from their trees. `read` takes it, or bare equations.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ModelSyntaxError
from numpybrain.language import values
from numpybrain.language.nodes import Expr, Quantity
from numpybrain.language.scope import stands_alone
from numpybrain.language.write import write, write_equation, write_statements
from numpybrain.model.arguments import ARGUMENTS, in_files, of_kind, with_choices
from numpybrain.model.pathway_texts import written
from numpybrain.utils.python_functions import origin_of
from numpybrain.utils.quantities import is_function, is_quantity

if TYPE_CHECKING:
    from numpybrain.model.view import ModelView

TABLES = ("check", "drive", "variants")  # keys of files that are tables, beside those of models
LISTS = ("base", "reference")  # one text, or a list of them
MAX_LENGTH = 1_000_000  # characters of one model file


def equations_of(model: ModelView, *, comments: bool = True) -> str:
    """The equations of a model, one line each."""
    equations = [v.equation for v in model.definition.variables.values() if v.equation is not None]
    return "\n".join(write_equation(e if comments else replace(e, comment="")) for e in equations)


def texts_of(model: ModelView) -> dict[str, str]:
    """Threshold, reset, pathways and the rest, as far as the model has them: what -> text."""
    definition = model.definition
    found: dict[str, str] = {}
    for what in of_kind("expression", "statements"):
        value = getattr(definition, what)
        if isinstance(value, tuple):
            found[what] = write_statements(value)
        elif value is not None:
            found[what] = _value(value)
    found |= {n: model.arguments[n] for n in with_choices() if model.arguments[n] is not None}
    if model.method is not None:
        found["method"] = getattr(model.method, "name", model.method)
    for which, name, action in model.pathways:
        text = write_statements(action) if isinstance(action, tuple) else origin_of(action)
        found[model.pathways.heading(which, name)] = text
    return found | {what: str(_value(value)) for what, value in model.pathways.delays().items()}


def tables_of(model: ModelView) -> dict[str, dict[str, str]]:
    """Give the texts of events and stages: "events", "on_event" or "at" -> name or phase -> text."""
    definition = model.definition

    def statements(texts: Mapping[str, Any]) -> dict[str, str]:
        return {n: _value(v) if callable(v) else write_statements(v) for n, v in texts.items()}

    return {
        "events": {name: _value(condition) for name, condition in definition.events.items()},
        "on_event": statements(definition.on_event),
        "at": statements(definition.at),
    }


def write_model(model: ModelView, *, comments: bool = True) -> str:
    """The whole model as the text of a model file."""
    lines = [f'equations = """\n{_escaped(equations_of(model, comments=comments))}\n"""']
    if model.arguments["name"]:
        lines.insert(0, f"name = {_toml(model.name)}")
    for what, text in texts_of(model).items():
        if what in ARGUMENTS and ARGUMENTS[what].kind != "pathways":
            lines.append(_line(what, text, function=callable(model.arguments[what])))
    lines += _pathway_lines(model)
    units = [n for n in model.open_names if stands_alone(n)]
    if units:  # else they would be read as units
        lines.append(f"open_names = {_toml(units)}")
    for what in ("initial", "parameters"):
        given: Mapping[str, Any] = model.arguments[what]
        pairs = [f"{_key(n)} = {_toml(_value(v))}" for n, v in given.items() if not is_function(v)]
        if pairs:
            lines.append(f"{what} = {{ {', '.join(pairs)} }}")
        lines += [f"# {what}: {n} is {_named(v)}" for n, v in given.items() if is_function(v)]
    lines += [f"# function {n}: {origin_of(f)}" for n, f in model.definition.functions.items()]
    return "\n".join((*lines, *_tables(model)))


def _tables(model: ModelView) -> Iterator[str]:
    """Events and stages, as tables at the end; functions, and what acts at their events, as comments."""
    lost = {name for name, condition in model.definition.events.items() if callable(condition)}
    for table, texts in tables_of(model).items():
        if texts:
            yield f"\n[{table}]"
        for name, text in texts.items():
            if (table != "at" and name in lost) or callable(model.arguments[table][name]):
                yield f"# {_key(name)}: {'; '.join(text.splitlines())}"
            else:
                yield f"{_key(name)} = {_text(text)}"


def _line(what: str, text: str, *, function: bool = False) -> str:
    return f"# {what}: {text}" if function else f"{what} = {_text(text)}"


def _pathway_lines(model: ModelView) -> Iterator[str]:
    """`on_pre = "..."`, or a table where pathways have names; functions, and their delays, as comments."""
    lost = {name for _, name, action in model.pathways if callable(action)}
    for what, value in written(model.pathways).items():
        if isinstance(value, Mapping):
            kept = {n: v for n, v in value.items() if n not in lost and not callable(v)}
            pairs = (f"{_key(n)} = {_text(v) if isinstance(v, str) else _toml(_value(v))}"
                     for n, v in kept.items())  # fmt: skip
            if kept:
                yield f"{what} = {{ {', '.join(pairs)} }}"
        elif isinstance(value, str):
            yield _line(what, value)
        elif value is not None and not callable(value):
            yield f"{what} = {_toml(_value(value))}"
    delays = model.pathways.delays()
    gone = {f"delay of {name}" for name in lost} & delays.keys()
    comments = model.pathways.functions() | {what: _value(v) for what, v in delays.items() if what in gone}
    yield from (f"# {what}: {text}" for what, text in comments.items())


def read(text: str) -> dict[str, Any]:
    """The arguments of a model from the text of a model file, or from bare equations."""
    try:
        table = load_toml(text)
    except tomllib.TOMLDecodeError:
        return {"equations": text}
    if "equations" not in table:
        raise ModelSyntaxError("the text has no equations", help='write  equations = """..."""')
    for key, value in table.items():
        kind = wrong_kind(key, value)
        if key in in_files() and kind is not None:
            raise ModelSyntaxError(f"'{key}' of a model must be {kind}")
    return {key: value for key, value in table.items() if key in in_files()}


def wrong_kind(key: str, value: Any) -> str | None:
    """Give the kind of value that a key of a model file needs; None if the value is of that kind."""
    argument = ARGUMENTS.get(key)
    kind = "" if argument is None else argument.kind
    is_list, either = key in LISTS or kind == "names", kind == "pathways"
    if key in TABLES or kind in ("values", "events", "stages"):
        return None if isinstance(value, dict) else "a table"
    if is_list and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return None
    if key == "delay" and isinstance(value, (int, float)):
        return None
    if isinstance(value, str) or (either and isinstance(value, dict)):
        return None
    return "text or a list of texts" if is_list else "text or a table" if either else "text"


def load_toml(text: str) -> dict[str, Any]:
    """Read a text in TOML, unless that takes too long.

    Raises:
        TOMLDecodeError: also if the text is too long or nested too deep.
    """
    if len(text) > MAX_LENGTH or any(line.partition("=")[0].count(".") > 100 for line in text.splitlines()):
        raise tomllib.TOMLDecodeError("too long")
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("nested too deep") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # a whole number of thousands of digits, or a date that there is not
        raise tomllib.TOMLDecodeError(str(error).partition(";")[0]) from None
    values: list[Any] = [table]
    while values:
        value = values.pop()
        if isinstance(value, int) and abs(value) > 2**63:
            raise tomllib.TOMLDecodeError("a whole number is longer than 64 bits")
        if isinstance(value, (dict, list)):
            values.extend(value.values() if isinstance(value, dict) else value)
    return table


def _value(value: Any) -> Any:
    """A value as text or number; of a Python function, its name."""
    if isinstance(value, (Expr, Quantity)):
        return write(value)
    if is_quantity(value):
        numbers, _, unit = values.split(value)
        texts = [f"{n!r} {unit}" for n in np.ravel(np.asarray(numbers)).tolist()]
        return texts if np.ndim(numbers) else texts[0]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return origin_of(value) if callable(value) else value


def _named(function: Any) -> str:
    """A function in few words; a time series as it shows itself."""
    return repr(function) if hasattr(function, "held_over_dt") else origin_of(function)


def _text(text: str) -> str:
    """Text as a value; over several lines if it has several."""
    return f'"""\n{_escaped(text)}\n"""' if "\n" in text else _toml(text)


def _key(name: str) -> str:
    return name if name.isascii() else f'"{name}"'


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, (int, float)):
        return repr(value)
    return '"' + _escaped(str(value)).replace("\n", "\\n") + '"'


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c.isprintable() or c in "\n\t" else _code(c) for c in text)


def _code(char: str) -> str:
    """Escape, as TOML does, a character that does something to a terminal, or is not seen."""
    number = ord(char)
    return f"\\u{number:04x}" if number < 2**16 else f"\\U{number:08x}"
