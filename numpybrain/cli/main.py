"""The command line: `numpybrain run`, `show`, `models` and `check`.

In: arguments. Out: text, an exit status (0 well, 1 an error of a script, 2 an error that NumpyBrain
explains, 130 interrupted), and a file only where the user named one.
"""

# ruff: noqa: T201 - printing is what a command line does

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from numpybrain.display import colours
from numpybrain.errors import ArgumentError, LibraryError, NumpyBrainError, visible

if TYPE_CHECKING:
    from numpybrain.model import Model
    from numpybrain.neurons.neurons import Neurons

FAILED, INTERRUPTED = 2, 130  # exit status
KINDS = {  # headings
    "neurons": "neurons",
    "channels": "channels, to be added to a membrane",
    "synapses": "synapses, for Synapses(source, target, NAME)",
}

EPILOG = """examples:
  numpybrain run lif --set I="2 nA" --plot v.png
  numpybrain run lif -n 50 --set I="4*nA*i/N" --for "1 s" --plot raster.png
  numpybrain run network.py -- --option-of-the-script
  numpybrain show hodgkin_huxley --code
  echo "dv/dt = -v/tau : mV" | numpybrain check -
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    parser = _parser()
    options = parser.parse_args(arguments[:cut])
    options.rest = arguments[cut + 1 :]
    if options.command is None:
        parser.print_help()
        return 0
    if options.rest and not _is_script(getattr(options, "target", "")):
        parser.error("only a script (FILE.py) takes arguments after --")
    try:
        status = int(options.command(options))
        sys.stdout.flush()
    except NumpyBrainError as error:
        return _complain(error)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="numpybrain",
        description="Spiking neural networks from equations. Nothing is written unless you name a file.",
        epilog=EPILOG,
        formatter_class=raw,
    )
    from numpybrain import __version__

    parser.add_argument("--version", action="version", version=f"NumpyBrain {__version__}")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    run = commands.add_parser(
        "run",
        help="run a model, a model file or a script",
        description="Run neurons of a model and print what they did, or run a Python script. The"
        " arguments of a script follow after --.",
    )
    run.add_argument("target", metavar="NAME|FILE", help="library model, FILE.toml or FILE.py")
    run.add_argument("--for", dest="duration", metavar="TIME", default="500 ms",
                     help='model time, "500 ms" if not given')  # fmt: skip
    run.add_argument("--dt", metavar="TIME", default="0.1 ms", help='time step, "0.1 ms" if not given')
    run.add_argument("-n", "--n", type=int, metavar="N", default=1, help="how many neurons, 1 if not given")
    run.add_argument("--record", metavar="NAMES", action="append", default=[],
                     help="variables to record, as v or v,w; the option may be repeated")  # fmt: skip
    run.add_argument("--seed", type=int, metavar="N", help="seed of all random numbers")
    run.add_argument("--plot", metavar="FILE",
                     help="write a picture: what is recorded; else the spikes of several neurons, or the"
                     " first variable of one (.png, .pdf, .svg ...)")  # fmt: skip
    run.add_argument("--quiet", action="store_true", help="print nothing but errors")
    run.set_defaults(command=_run)

    show = commands.add_parser(
        "show",
        help="print a model: equations, units, method, formula",
        description="Print a model: its equations, the unit and kind of each name, the numerical method"
        " and why it was chosen, and the update rule after the method.",
    )
    show.add_argument("target", metavar="NAME|FILE", help="library model or FILE.toml")
    show.add_argument("--code", action="store_true", help="also print the NumPy code that runs")
    show.add_argument("--tree", action="store_true", help="also print the syntax tree")
    show.add_argument("--graph", action="store_true",
                      help="print only which name uses which, in the language of Graphviz")  # fmt: skip
    show.set_defaults(command=_show)
    for command in (run, show):
        command.add_argument("--set", dest="given", metavar="NAME=VALUE", action="append", default=[],
                             help='value of a parameter or start value of a variable, as I="1 nA" or'
                             ' I="2*nA*i/N"; the option may be repeated')  # fmt: skip
        command.add_argument("--method", metavar="NAME",
                             help="numerical method, such as exact, exponential_euler or rk4")  # fmt: skip

    models = commands.add_parser("models", help="list the model library")
    models.set_defaults(command=_models)

    check = commands.add_parser(
        "check",
        help="check a model file or equations",
        description="Check model files and print 'ok', or what is wrong and where. Names that the text"
        " leaves open are listed.",
    )
    check.add_argument("files", metavar="FILE", nargs="+",
                       help="FILE.toml is a model file, any other file holds equations, - is standard"
                       " input")  # fmt: skip
    check.set_defaults(command=_check)
    return parser


def _complain(error: NumpyBrainError) -> int:
    lines = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
    _print("\n".join(lines), colours.ERROR, sys.stderr)
    return FAILED


# ---- run ------------------------------------------------------------------------------------


def _is_script(target: str) -> bool:
    return target.endswith(".py")


def _run(options: argparse.Namespace) -> int:
    if _is_script(options.target):
        return _run_script(options)
    return _run_model(options)


def _run_script(options: argparse.Namespace) -> int:
    """Run a script as `python FILE.py` would, but explain NumpyBrain's errors without a traceback."""
    import runpy
    import traceback

    path = options.target
    defaults = vars(_parser().parse_args(["run", path]))
    foreign = [key for key, value in defaults.items()
               if key in vars(options) and key != "command" and vars(options)[key] != value]  # fmt: skip
    if foreign:
        option = {"duration": "for", "given": "set"}.get(foreign[0], foreign[0])
        message = f"--{option} is for models; a script takes its own arguments after --"
        raise ArgumentError(message, help=f"write  numpybrain run {path} -- --{option} ...")
    if not Path(path).is_file():
        raise ArgumentError(f"there is no script '{path}'")
    saved = sys.argv, sys.path
    sys.argv, sys.path = [path, *options.rest], [str(Path(path).resolve().parent), *sys.path]
    try:
        runpy.run_path(path, run_name="__main__")
    except Exception as error:  # noqa: BLE001 - the script is the user's
        place = error.__traceback__
        while place is not None and place.tb_frame.f_code.co_filename != path:
            place = place.tb_next  # our own frames tell the user nothing
        if not isinstance(error, NumpyBrainError):
            traceback.print_exception(type(error), error, place)
            return 1
        lines = [f.lineno for f in traceback.extract_tb(place) if f.filename == path]
        if lines:
            _print(f"{path}, line {lines[-1]}:", stream=sys.stderr)
        return _complain(error)
    finally:
        sys.argv, sys.path = saved
    return 0


def _run_model(options: argparse.Namespace) -> int:
    """Make neurons of one model, run them, say what they did."""
    import numpybrain as nb
    from numpybrain.cli import report

    if options.plot is not None:
        from numpybrain import plot

        try:
            plot.check_path(options.plot)  # before a run that may take long
        except ImportError as error:
            _print(str(error), stream=sys.stderr)
            return FAILED
    if options.seed is not None:
        nb.seed(options.seed)
    model, table = _load(options.target)
    model.check_owner("neurons")
    unknown = _unknown(model, options)
    if unknown:
        message = f"'{table['name']}' leaves names open: {', '.join(unknown)}"
        raise ArgumentError(message, help=f"give each a value, such as  --set {unknown[0]}='1 mV'")
    cells = _neurons(model, table, options)
    names = [name.strip() for text in options.record for name in text.split(",")]
    events = [nb.Monitor(cells, name) for name in model.definition.events]  # as spikes, in any case
    records = nb.Monitor(cells, names) if names else None
    spikes = nb.Monitor(cells, "spikes") if model.definition.threshold is not None else None
    states = [v.name for v in model.definition.of_kind("differential")]
    spare = None
    if options.plot is not None and records is None and states:
        spare = nb.Monitor(cells[: min(options.n, 10)], states[0])
    members = [m for m in (records, spikes, spare, *events) if m is not None]
    net = nb.Network(cells, members, dt=_number(options.dt))
    _with_progress(net, _number(options.duration), quiet=options.quiet)

    lines = [report.title(table), *report.run(cells, net, spikes, records, events)]
    if options.plot is not None:
        many = spikes is not None and len(spikes) > 0 and options.n > 1
        drawn = records or (spikes if many else None) or spare or spikes
        if drawn is None:
            raise ArgumentError("there is nothing to plot", help="name a variable: --record NAME")
        drawn.plot(options.plot)
        lines.append(f"picture of {', '.join(drawn.variables)} in {options.plot}")
    if spikes is not None and not len(spikes):
        lines += report.parameters(cells, table)
    if not options.quiet:
        _print("\n".join(lines))
    return 0


def _load(target: str) -> tuple[Model, dict[str, Any]]:
    """A model of the library or of a file, and the table that describes it."""
    from numpybrain import library

    if target.endswith(".toml"):
        return library.load_model(Path(target)), library.read_table(Path(target))
    if Path(target).is_file():
        raise LibraryError(f"'{target}' is no model file", help="model files are called NAME.toml")
    return library.load_model(target), library.table_of(target)


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """The values of --set; a bare number is in the declared unit, as everywhere."""
    values: dict[str, Any] = {}
    for item in options.given:
        name, equals, text = (part.strip() for part in item.partition("="))
        if not (name and equals and text):
            raise ArgumentError(f"--set takes NAME=VALUE (got '{item}')", help='write  --set I="1 nA"')
        values[name] = _number(text)
    return values


def _number(text: str) -> float | str:
    """A bare number, or the text for the language to read."""
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text  # of too many digits, or infinite on purpose


def _unknown(model: Model, options: argparse.Namespace) -> list[str]:
    """The names that the model leaves open and --set does not give."""
    given = _given(options)
    return [name for name in model.open_names if name not in given]


def _neurons(model: Model, table: dict[str, Any], options: argparse.Namespace) -> Neurons:
    """Neurons with the values of --set: constants, start values, or one value per neuron."""
    import numpybrain as nb
    from numpybrain.language import values
    from numpybrain.model.time_courses import follows

    known = model.definition.variables
    single, initial, each = {}, {}, {}
    for name, value in _given(options).items():
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


def _with_progress(net: Any, duration: float | str, *, quiet: bool) -> None:
    """Run; on a terminal, runs longer than a second show how far they have come."""
    if quiet or not sys.stderr.isatty():
        net.run(duration)
        return
    from numpybrain.network.progress import shown

    net.run(duration, progress=shown(delay=1.0, keep=False))


# ---- show, models, check --------------------------------------------------------------------


def _show(options: argparse.Namespace) -> int:
    """Print a model, and what becomes of it."""
    from numpybrain.cli import report

    model, table = _load(options.target)
    if options.method:
        model = model.replace(method=options.method)
    if options.graph:
        _print(model.dependencies().to_dot())
        return 0
    _print(report.model(model, table, with_tree=options.tree), colours.MODEL)
    unknown = _unknown(model, options)
    if model.is_synaptic:
        _print("\n" + report.around_synapses(unknown, table["name"]))
        return 0
    if unknown:
        _print("\n" + report.open_names(unknown, fragment=_is_fragment(options.target)))
        return 0
    options.n = 1
    update = _neurons(model, table, options).update
    _print("\n" + report.update(update, with_code=options.code), colours.MODEL)
    return 0


def _print(text: str, rules: colours.Rules = (), stream: TextIO | None = None) -> None:
    """Print, in colours on a terminal. All that is printed may hold what a stranger wrote in a file."""
    stream = sys.stdout if stream is None else stream
    print(colours.for_stream(visible(text), rules, stream), file=stream)


def _is_fragment(target: str) -> bool:
    """Whether a model of the library is made to be added to others."""
    from numpybrain import library

    return target in library.list_models("channels")


def _models(_: argparse.Namespace) -> int:
    """List the library."""
    from numpybrain import library
    from numpybrain.cli import report

    titles = {
        heading: {name: str(library.table_of(name)["title"]) for name in library.list_models(kind)}
        for kind, heading in KINDS.items()
    }
    _print(report.library(titles))
    return 0


def _check(options: argparse.Namespace) -> int:
    """Check every file; one that is wrong does not hide the others."""
    status = 0
    for name in options.files:
        try:
            _print(f"{name}: ok{_verdict(name)}")
        except NumpyBrainError as error:
            _print(f"{name}:", stream=sys.stderr)
            status = _complain(error)
    return status


def _verdict(name: str) -> str:
    """Describe what a sound model leaves open, or how it will be integrated."""
    from numpybrain.model import Model

    if name.endswith(".toml"):
        model = _load(name)[0]
    else:
        try:
            text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise LibraryError(f"cannot read '{name}': {error}") from None
        model = Model(text)
    if model.open_names:
        return f", open names: {', '.join(model.open_names)}"
    plan = model.plan() if not model.is_synaptic else None
    return f", method {plan.method.name}" if plan is not None else ""
