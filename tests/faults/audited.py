"""A whole simulation under an audit hook. Run as a script: prints what it did that it must not do.

The CUBA network of Vogels & Abbott (2005), as equations: from the first import to the spikes.
"""

from __future__ import annotations

import ast
import importlib.machinery
import os
import sys
from typing import Any

GENERATED = "<lambdifygenerated"
# What our own code is made of: assignments of arithmetic and calls, in one function
ALLOWED = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Delete, ast.Return, ast.Expr, ast.Name, ast.Load,
    ast.Store, ast.Del, ast.Constant, ast.Call, ast.keyword, ast.Attribute, ast.Subscript, ast.Tuple, ast.List,
    ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip
ATTRIBUTES = {"take", "size"}
FORBIDDEN = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "socket.", "ctypes.dlopen", "shutil.",
             "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink", "urllib.", "ftplib.", "smtplib.", "webbrowser.")  # fmt: skip

found: list[str] = []
generated: list[str] = []
importing = importlib.machinery.SourceFileLoader.exec_module.__code__.co_filename


def is_import() -> bool:
    """Whether the import machinery is at work: modules are compiled and executed."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == importing:
            return True
        frame = frame.f_back
    return False


def strange(source: str) -> list[str]:
    """What there is in generated code that does not belong there."""
    nodes = list(ast.walk(ast.parse(source)))
    wrong = [type(n).__name__ for n in nodes if not isinstance(n, ALLOWED)]
    wrong += [n.attr for n in nodes if isinstance(n, ast.Attribute) and n.attr not in ATTRIBUTES]
    return wrong + [n.id for n in nodes if isinstance(n, ast.Name) and n.id.startswith("__")]


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode, flags = arguments
        writes = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (
            isinstance(flags, int) and flags & writes
        ):
            if str(path) != os.devnull:
                found.append(f"open {path} {mode} {flags}")
    elif event.startswith(FORBIDDEN) and not is_import():
        found.append(f"{event} {arguments}")
    elif event == "compile" and not is_import():
        source, filename = arguments
        if str(filename).startswith(GENERATED) and isinstance(source, (str, bytes)):
            text = source if isinstance(source, str) else source.decode()
            generated.append(text)
        elif filename != "<unknown>":  # `ast.parse` of `strange`
            found.append(f"compile {filename} {source!r:.200}")
    elif event == "exec" and not is_import():
        filename = arguments[0].co_filename
        if not filename.startswith(GENERATED):
            found.append(f"exec {filename}")


def main() -> None:
    sys.addaudithook(watch)
    import numpybrain as nb

    nb.seed(1)
    cells = nb.Neurons(
        4000,
        """
        dv/dt  = (ge + gi - (v + 49*mV))/(20*ms) : mV (unless refractory)
        dge/dt = -ge/(5*ms) : mV
        dgi/dt = -gi/(10*ms) : mV
        """,
        threshold="v > -50*mV", reset="v = -60*mV", refractory="5 ms",
        initial={"v": "-60*mV + 10*mV*rand()"},
    )  # fmt: skip
    exc = nb.Synapses(cells[:3200], cells, on_pre="ge += 1.62*mV", connect=nb.connect.probability(0.02))
    inh = nb.Synapses(cells[3200:], cells, on_pre="gi -= 9*mV", connect=nb.connect.probability(0.02))
    spikes = nb.Monitor(cells, "spikes")
    trace = nb.Monitor(cells[:5], "v", every="1 ms")
    net = nb.Network(cells, exc, inh, spikes, trace, dt="0.1 ms")
    net.run("100 ms")
    assert len(spikes) > 1000
    assert cells.update.source
    assert cells.model.explain()
    assert str(net.schedule)
    for text in generated.copy():
        found.extend(f"generated code with {wrong}: {text}" for wrong in strange(text))
    print(len(generated))
    print("\n".join(found))


if __name__ == "__main__":
    main()
