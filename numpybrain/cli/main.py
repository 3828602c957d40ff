"""The command line: `numpybrain run`, `show`, `models`, `methods`, `check`, `cite`, `doctor`, `completion`.

In: arguments. Out: text, an exit status (0 well, 1 an error of a script, 2 an error that NumpyBrain
explains, 130 interrupted), and a file only where the user named one.
"""

# ruff: noqa: T201 - printing is what a command line does

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from numpybrain.cli import completion
from numpybrain.display import colours
from numpybrain.errors import ArgumentError, LibraryError, NumpyBrainError, visible

FAILED, INTERRUPTED = 2, 130  # exit status
KINDS = {  # headings
    "neurons": "neurons",
    "channels": "channels, to be added to a membrane",
    "synapses": "synapses, for Synapses(source, target, NAME)",
}

EPILOG = """examples:
  numpybrain run lif --set I="2 nA" --plot v.png
  numpybrain run lif --input "I = 2 nA from 20 ms to 80 ms" --record v,spikes --out run.nwb
  numpybrain run lif -n 50 --set I="4*nA*i/N" --for "1 s" --plot raster.png
  numpybrain run network.py -- --option-of-the-script
  numpybrain show hodgkin_huxley --code
  echo "dv/dt = -v/tau : mV" | numpybrain check -
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == [completion.FLAG]:  # of a shell, at each Tab
        words = arguments[2:] if arguments[1:2] == ["--"] else arguments[1:]
        sys.stdout.writelines(f"{word}\n" for word in completion.proposals(_parser(), words))
        return 0
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
    except ImportError as error:
        if error.name is not None:  # Python's own; ours say what to install
            raise
        _print(str(error), stream=sys.stderr)
        return FAILED
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
                     help="what to record, as v or v,w,spikes; the option may be repeated")  # fmt: skip
    run.add_argument("--input", dest="inputs", metavar="INPUT", action="append", default=[],
                     help="'I = 2 nA from 20 ms to 80 ms', 'I = ramp to 2 nA ...', 'I = sine 1 nA at 40 Hz"
                     " ...', 'I = pulses 2 nA of 5 ms every 20 ms', 'I = noise 0.5 nA over 5 ms'; inputs of"
                     " one name are added, on top of --set; the option may be repeated")  # fmt: skip
    run.add_argument("--seed", type=int, metavar="N", help="seed of all random numbers")
    run.add_argument("--plot", metavar="FILE",
                     help="write a picture: what is recorded; else the spikes of several neurons, or the"
                     " first variable of one (.png, .pdf, .svg ...)")  # fmt: skip
    run.add_argument("--out", metavar="FILE",
                     help="write what is recorded, else the spikes (.csv, .npz or .nwb)")  # fmt: skip
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

    methods = commands.add_parser(
        "methods",
        help="list the numerical methods",
        description="List the numerical methods, their order, and the systems that they are for.",
    )
    methods.set_defaults(command=_methods)

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

    cite = commands.add_parser(
        "cite",
        help="print what to cite: NumpyBrain, and the sources of models",
        description="Print the reference of NumpyBrain, and those of models of the library.",
    )
    cite.add_argument("names", metavar="NAME", nargs="*", help="library models")
    cite.add_argument("--bibtex", action="store_true", help="as entries of BibTeX")
    cite.set_defaults(command=_cite)

    doctor = commands.add_parser(
        "doctor",
        help="look at the installation: versions, what is missing, a test run",
        description="Print versions, what is missing and how to install it, and the result of a short run."
        " The exit status is 0 if all that is needed works.",
    )
    doctor.set_defaults(command=_doctor)

    shells = commands.add_parser(
        "completion",
        help="print a script that completes command lines",
        description="Print a script for a shell that completes command lines at the press of Tab. In bash:"
        '  eval "$(numpybrain completion bash)"',
    )
    shells.add_argument("shell", choices=tuple(completion.SCRIPTS), help="the shell")
    shells.set_defaults(command=_completion)
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
    from numpybrain.cli import model_run

    lines, interrupted = model_run.run(options)
    if not options.quiet:
        _print("\n".join(lines))
    if interrupted:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    return 0


def _run_script(options: argparse.Namespace) -> int:
    """Run a script as `python FILE.py` would, but explain NumpyBrain's errors without a traceback."""
    import runpy
    import traceback

    path = options.target
    defaults = vars(_parser().parse_args(["run", path]))
    foreign = [key for key, value in defaults.items()
               if key in vars(options) and key != "command" and vars(options)[key] != value]  # fmt: skip
    if foreign:
        option = {"duration": "for", "given": "set", "inputs": "input"}.get(foreign[0], foreign[0])
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


# ---- show, models, check --------------------------------------------------------------------


def _show(options: argparse.Namespace) -> int:
    """Print a model, and what becomes of it."""
    from numpybrain.cli import model_run, report

    model_run.check_method(options.method)
    model, table = model_run.load(options.target)
    if options.method:
        model = model.replace(method=options.method)
    if options.graph:
        _print(model.dependencies().to_dot())
        return 0
    _print(report.model(model, table, with_tree=options.tree), colours.MODEL)
    unknown = model_run.unknown(model, options)
    if model.is_synaptic:
        _print("\n" + report.around_synapses(unknown, table["name"]))
        return 0
    if unknown:
        _print("\n" + report.open_names(unknown, fragment=_is_fragment(options.target)))
        return 0
    options.n = 1
    update = model_run.neurons(model, table, options).update
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
        heading: {name: _title(library.table_of(name)) for name in library.list_models(kind)}
        for kind, heading in KINDS.items()
    }
    _print(report.library(titles))
    return 0


def _title(table: dict[str, Any]) -> str:
    """The title of a model, with the number of its variants."""
    many = len(table.get("variants", {}))
    return f"{table['title']} ({many} variant{'s' * (many > 1)})" if many else str(table["title"])


def _methods(_: argparse.Namespace) -> int:
    """List the numerical methods."""
    from numpybrain.cli import report
    from numpybrain.symbolic.methods import METHODS

    _print(report.methods(METHODS.values()))
    return 0


def _cite(options: argparse.Namespace) -> int:
    """Print what to cite."""
    from numpybrain.cli import cite

    _print(cite.cited(options.names, bibtex=options.bibtex))
    return 0


def _doctor(_: argparse.Namespace) -> int:
    """Look at the installation."""
    from numpybrain.cli import doctor

    text, well = doctor.examine()
    _print(text)
    return 0 if well else 1


def _completion(options: argparse.Namespace) -> int:
    """Print the script for a shell."""
    sys.stdout.write(completion.script(options.shell))
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
        from numpybrain.cli import model_run

        model = model_run.load(name)[0]
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
