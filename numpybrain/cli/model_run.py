"""The command `run` with a model: neurons with inputs, their records, a report, a picture and a file.

In: the options of the command line. Out: lines to be printed, and the files that were named.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from numpybrain.cli import inputs
from numpybrain.current import Course
from numpybrain.errors import ArgumentError, LibraryError, NumpyBrainError

if TYPE_CHECKING:
    from numpybrain.language.definition import ModelVariable
    from numpybrain.model import Model
    from numpybrain.neurons.neurons import Neurons

NO_COURSES: Mapping[str, Course] = MappingProxyType({})
FORMATS = ("csv", "npz", "nwb")  # of --out
SPIKES = "spikes"


class Recorded(NamedTuple):
    """The monitors of a run; None where there is nothing of the kind.

    Attributes:
        spikes: of spikes, whenever there is a threshold.
        variables: of what `--record` names.
        events: of the other events of the model.
        spare: of the first variable, where a picture needs something to show.
        asked: which of them `--record` asks for.
    """

    spikes: Any
    variables: Any
    events: list[Any]
    spare: Any
    asked: list[Any]

    @property
    def all(self) -> list[Any]:
        """Every monitor."""
        return [m for m in (self.variables, self.spikes, self.spare, *self.events) if m is not None]


def run(options: argparse.Namespace) -> tuple[list[str], bool]:
    """Make neurons of one model, run them, draw and write: lines to print, and whether it was interrupted.

    Raises:
        NumpyBrainError: for what is wrong with the options, before anything runs.
        ImportError: if a package is missing that a picture or a file needs; likewise.
    """
    import numpybrain as nb
    from numpybrain.cli import report

    check_method(options.method)
    if options.plot is not None:
        from numpybrain import plot

        plot.check_path(options.plot)  # before a run that may take long
    if options.seed is not None:
        nb.seed(options.seed)
    model, table = load(options.target)
    model.check_owner("neurons")
    courses = inputs.courses(options.inputs, _parameters(model))
    missing = [name for name in unknown(model, options) if name not in courses]
    if missing:
        message = f"'{table['name']}' leaves names open: {', '.join(missing)}"
        raise ArgumentError(message, help=f"give each a value, such as  --set {missing[0]}='1 mV'")
    cells = neurons(model, table, options, courses)
    recorded = _monitors(cells, model, options)
    write = None if options.out is None else _writer(options.out, recorded, model)
    net = nb.Network(cells, recorded.all, dt=number(options.dt))
    interrupted = _run(net, number(options.duration), quiet=options.quiet)

    lines = [report.title(table)]
    lines += report.run(cells, net, recorded.spikes, recorded.variables, recorded.events)
    if options.plot is not None:
        lines.append(_draw(recorded, options))
    if write is not None:
        lines.append(write())
    if recorded.spikes is not None and not len(recorded.spikes) and not interrupted:
        lines += report.parameters(cells, table)
    return lines, interrupted


def check_method(name: str | None) -> None:
    """Raise a `MethodError`, with a list of all methods, if there is none of this name."""
    if name is not None:
        from numpybrain.symbolic import methods

        methods.as_method(name)


def _monitors(cells: Neurons, model: Model, options: argparse.Namespace) -> Recorded:
    """Monitors of what is asked for, of what is reported anyway, and of what a picture shows."""
    import numpybrain as nb

    names = list(dict.fromkeys(name.strip() for text in options.record for name in text.split(",")))
    definition = model.definition
    found = {name: nb.Monitor(cells, name) for name in definition.events}
    spikes = nb.Monitor(cells, SPIKES) if definition.threshold is not None or SPIKES in names else None
    variables = [name for name in names if name not in (SPIKES, *found)]
    records = nb.Monitor(cells, variables) if variables else None
    asked = [found[name] for name in names if name in found] + [spikes] * (SPIKES in names)
    asked += [records] * bool(variables)
    states = [v.name for v in definition.of_kind("differential")]
    needs_spare = options.plot is not None and records is None and states and SPIKES not in names
    spare = nb.Monitor(cells[: min(options.n, 10)], states[0]) if needs_spare else None
    return Recorded(spikes, records, list(found.values()), spare, asked)


def _run(net: Any, duration: float | str, *, quiet: bool) -> bool:
    """Run, and give whether Ctrl-C was pressed; on a terminal, longer runs show how far they have come."""
    progress = None
    if not quiet and sys.stderr.isatty():
        from numpybrain.network.progress import shown

        progress = shown(delay=1.0, keep=False)
    try:
        net.run(duration, progress=progress)
    except KeyboardInterrupt:
        return True
    return False


def _draw(recorded: Recorded, options: argparse.Namespace) -> str:
    """Write the picture, and tell what it shows."""
    spikes = recorded.spikes
    many = spikes is not None and len(spikes) > 0 and options.n > 1
    asked_for_spikes = spikes if spikes in recorded.asked else None
    if recorded.variables is not None and asked_for_spikes is not None:
        _draw_both(spikes, recorded.variables, options.plot)
        return f"picture of spikes, {', '.join(recorded.variables.variables)} in {options.plot}"
    drawn = recorded.variables or asked_for_spikes or (spikes if many else None) or recorded.spare or spikes
    if drawn is None:
        raise ArgumentError("there is nothing to plot", help="name a variable: --record NAME")
    drawn.plot(options.plot)
    return f"picture of {', '.join(drawn.variables)} in {options.plot}"


def _draw_both(spikes: Any, variables: Any, path: str) -> None:
    """A raster above the traces of variables, on one axis of time."""
    from numpybrain import plot
    from numpybrain.plot.figures import new_figure, save

    n = len(variables.variables)
    high = min(2.5, 0.8 + 0.1 * spikes.count.size)
    figure = new_figure(path, (8.0, high + 1.9 * n))
    above, *below = figure.subplots(1 + n, 1, sharex=True, height_ratios=[high, *[1.9] * n])
    plot.raster(spikes, ax=above)
    above.set_xlabel("")
    plot.traces(variables, ax=below)
    save(figure, path, 150)


def _writer(path: str, recorded: Recorded, model: Model) -> Any:
    """A callable that writes what is recorded, and tells what that is.

    Raises:
        ArgumentError: if it is no file of a kind that we write, or nothing is recorded that fits.
        ImportError: if the package is missing that writes it.
    """
    place = Path(path)
    kind = place.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        said = f"'.{kind}'" if kind else "no ending, so it does not say what to write"
        message = f"'{path}' has {said}" if not kind else f"records cannot be written as {said}"
        raise ArgumentError(message, help="use one of ." + ", .".join(FORMATS))
    if not place.parent.is_dir():
        raise ArgumentError(f"there is no folder '{place.parent}' to write '{place.name}' to")
    records = recorded.asked or [m for m in (recorded.spikes,) if m is not None]
    if not records:
        raise ArgumentError("there is nothing to write", help="name a variable: --record NAME")
    if kind != "nwb" and len(records) > 1:
        message = f"a .{kind} file holds spikes, or variables"
        raise ArgumentError(message, help="write a .nwb file, or record one kind of them")
    if kind == "nwb":
        from importlib.util import find_spec

        if find_spec("pynwb") is None:
            raise ImportError("NWB files need the package 'pynwb': pip install \"numpybrain[export]\"")

    def write() -> str:
        from numpybrain import export

        names = ", ".join(name for each in records for name in each.variables)
        if kind == "nwb":
            export.to_nwb(path, *records, session_description=f"numpybrain run {model.name}")
        else:
            (export.to_csv if kind == "csv" else export.to_npz)(path, records[0])
        return f"{names} written to {path}"

    return write


def load(target: str) -> tuple[Model, dict[str, Any]]:
    """A model of the library or of a file, and the table that describes it."""
    from numpybrain import library

    if target.endswith(".toml"):
        return library.load_model(Path(target)), library.read_table(Path(target))
    if ":" in target:
        return library.load_model(target), library.table_of(target)
    if Path(target).is_file():
        raise LibraryError(f"'{target}' is no model file", help="model files are called NAME.toml")
    return library.load_model(target), library.table_of(target)


def given_values(options: argparse.Namespace) -> dict[str, Any]:
    """The values of --set; a bare number is in the declared unit, as everywhere."""
    values: dict[str, Any] = {}
    for item in options.given:
        name, equals, text = (part.strip() for part in item.partition("="))
        if not (name and equals and text):
            raise ArgumentError(f"--set takes NAME=VALUE (got '{item}')", help='write  --set I="1 nA"')
        values[name] = number(text)
    return values


def number(text: str) -> float | str:
    """A bare number, or the text for the language to read."""
    try:
        found = float(text)
    except ValueError:
        return text
    return found if math.isfinite(found) else text  # of too many digits, or infinite on purpose


def unknown(model: Model, options: argparse.Namespace) -> list[str]:
    """The names that the model leaves open and --set does not give."""
    given = given_values(options)
    return [name for name in model.open_names if name not in given]


def _on_top(course: Course, value: Any, name: str, known: Mapping[str, ModelVariable]) -> Course:
    """An input, added to the value of --set."""
    if not isinstance(value, str) and name in known:
        value = f"{value} {known[name].unit_text}"
    try:
        on_top: Course = course + value
    except NumpyBrainError as error:
        message = f"--input '{name} = ...' is added to a constant --set {name}=..., and '{value}' is none"
        raise ArgumentError(message, detail=error.message) from None
    return on_top


def _parameters(model: Model) -> list[str]:
    """The names that inputs may be given to."""
    return [*(v.name for v in model.definition.of_kind("parameter")), *model.open_names]


def neurons(
    model: Model,
    table: dict[str, Any],
    options: argparse.Namespace,
    courses: Mapping[str, Course] = NO_COURSES,
) -> Neurons:
    """Neurons with the values of --set: constants, start values, or one value per neuron; and inputs."""
    import numpybrain as nb
    from numpybrain.language import values
    from numpybrain.model.time_courses import follows

    known = model.definition.variables
    single, initial, each = {}, {}, {}
    given = given_values(options)
    for name, course in courses.items():
        given[name] = _on_top(course, given[name], name, known) if name in given else course
    for name, value in given.items():
        if name in known and known[name].kind == "differential":
            initial[name] = value
            continue
        single[name] = value
        if isinstance(value, str) and name in known and known[name].kind == "parameter":
            if follows(model.definition, value):
                continue
            try:
                values.interpret(value, name)
            except NumpyBrainError:  # no constant, so an expression: "2*nA*i/N"
                each[name] = single.pop(name)
    texts = {"method": options.method} if options.method else {}
    cells = nb.Neurons(options.n, model, name=table["name"], initial=initial, **texts, **single)
    for name, text in each.items():
        setattr(cells, name, text)
    if each:  # start values may depend on them
        from numpybrain.language.dependencies import initial_order

        own = model.arguments["initial"]
        for name in {**initial, **dict.fromkeys(initial_order(model.definition.initial, known))}:
            setattr(cells, name, initial.get(name, own.get(name)))
    return cells
