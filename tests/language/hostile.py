"""What a stranger may send. Run as a script: reads it all, one line of JSON per text.

`python hostile.py FIRST` starts with text number FIRST. A watchdog ends the process when a text has used too
much time of the processor, even inside C code; the caller then goes on with the next one. How busy the
machine is does not matter. Memory is limited as well.
"""

from __future__ import annotations

import faulthandler
import json
import math
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

try:
    import resource
except ImportError:  # there is none on Windows
    resource = None

HANGS = 60.0  # seconds of the processor after which a text is given up
SPACE = 4 << 30  # bytes of memory that the process may ask for

OPEN, CLOSE = "(" * 100_000, ")" * 100_000
CHAIN = "x0 = v : 1\n" + "\n".join(f"x{k} = x{k - 1} + 1 : 1" for k in range(1, 2000))
DOUBLING = "x0 = v : 1\n" + "\n".join(f"x{k} = x{k - 1}*(x{k - 1} + 1) : 1" for k in range(1, 60))

# name -> (equations, expected): a float is the value of `x` in a model where v is 1, else a part of the
# error; None accepts both an error of NumpyBrain and a value.
TEXTS: dict[str, tuple[str, float | str | None]] = {
    "100,000 parentheses": (f"x = {OPEN}1{CLOSE} : 1", "nested more than"),
    "20,000 parentheses": (f"x = {OPEN[:20_000]}1{CLOSE[:20_000]} : 1", "nested"),
    "50 parentheses": (f"x = {OPEN[:50]}v{CLOSE[:50]} : 1", 1.0),
    "line of 10 MB": ("x = " + "1+" * 5_000_000 + "1 : 1", "too long"),
    "long sum": ("x = " + "v+" * 20_000 + "v : 1", None),
    "long product": ("x = " + "v*" * 20_000 + "v : 1", None),
    "long comparison": ("x = int(" + "v<" * 20_000 + "v) : 1", None),
    "long and": ("x = int(" + "v>0 and " * 5_000 + "v>0) : 1", None),
    "many signs": ("x = " + "-" * 20_000 + "v : 1", "nested"),
    "many not": ("x = int(" + "not " * 9_000 + "v > 0) : 1", "nested"),
    "many powers": ("x = " + "v**" * 12_000 + "v : 1", "nested"),
    "many if": ("x = " + "1 if v > 1 else " * 2_500 + "2 : 1", "nested"),
    "sum of 60": ("x = " + "v + " * 59 + "v : 1", 60.0),
    "tower of 9": ("x = 9**9**9**9 : 1", "number out of range"),
    "power with tower": ("x = v**9**9**9 : 1", "number out of range"),
    "negative tower": ("x = v*9**-9**9**9 : 1", "number out of range"),
    "nested powers": ("x = ((((v**64)**64)**64)**64)**64 : 1", 1.0),
    "power of a sum": ("x = ((v + 1)**64*(v - 2)**64)**64 : 1", math.inf),
    "power above 1e308": ("x = 10**309 : 1", "number out of range"),
    "power below 1e308": ("x = 10**308/10**307 : 1", 10.0),
    "number above 1e308": ("x = 1e999 : 1", "number out of range"),
    "exponent of many digits": ("x = 1e99999999999999999999 : 1", "number out of range"),
    "number of many digits": ("x = " + "9" * 20_000 + " : 1", "number out of range"),
    "digits behind the point": ("x = 0." + "3" * 300 + " : 1", 1 / 3),
    "unit power": ("x : m**99999999", "exponent of a unit"),
    "long name": ("x = " + "q" * 20_000 + " : 1", "unknown name"),
    "10,000 equations": ("\n".join(f"x{k} : 1" for k in range(10_000)), "at most"),
    "1000 equations": ("\n".join(f"x{k} : 1" for k in range(1000)), "at most"),
    "400 subexpressions": ("x = x399 + 1 : 1\n" + "\n".join(f"x{k} = {k}*v : 1" for k in range(400)), 400.0),
    "chain of 400": (CHAIN[:CHAIN.index("x400 =")] + "x = x399 : 1", None),
    "chain of subexpressions": (CHAIN + "\nx = x1999 : 1", None),
    "doubling subexpressions": (DOUBLING + "\nx = x59 : 1", None),
    "400 unknown names": ("\n".join(f"x{k} = q{k} : 1" for k in range(400)), "unknown name"),
    "400 unknown units": ("\n".join(f"x{k} : q{k}" for k in range(400)), "unknown unit"),
    "the same name 400 times": ("x : 1\n" * 400, "defined twice"),
    "NUL": ("x = v\0 : 1", "invisible character U+0000"),
    "NUL in a comment": ("x = v : 1 # \0", "invisible character U+0000"),
    "bidi override": ("x = v : 1 # \u202e", "invisible character U+202E"),
    "zero width space": ("x = v\u200b : 1", "invisible character U+200B"),
    "soft hyphen": ("x = v\u00ad : 1", "invisible character U+00AD"),
    "no-break space": ("x =\u00a0v : 1", "invisible character U+00A0"),
    "surrogate": ("x = v\ud800 : 1", "invisible character U+D800"),
    "superscript two": ("x = v\u00b2 : 1", ""),
    "digits of another script": ("x = v + \u0663 : 1", None),
    "two kinds of micro": ("x = \u00b5 - \u03bc : 1\n\u00b5 = 3 : 1\n\u03bc = 1 : 1", None),
    "ligature": ("x = \ufb01 : 1\n\ufb01 = 2 : 1", None),
    "attribute": ("x = v.__class__ : 1", "unexpected '.'"),
    "dunder name": ("__builtins__ : 1", "is reserved"),
    "unknown dunder name": ("x = __builtins__ : 1", "unknown name"),
    "import": ("x = __import__('os') : 1", "unexpected"),
    "call of a dunder": ("x = __import__(v) : 1", "unknown function"),
    "eval": ("x = eval(v) : 1", "unknown function"),
    "exec": ("x = exec(v) : 1", "unknown function"),
    "open": ("x = open(v) : 1", "unknown function"),
    "lambda": ("x = (lambda: v)() : 1", ""),
    "string": ('x = "v" : 1', "unexpected"),
    "f-string": ("x = f'{v}' : 1", "unexpected"),
    "assignment in an expression": ("x = (y := v) : 1", ""),
    "comprehension": ("x = [v for v in v] : 1", "unexpected '['"),
    "statement": ("import os\nx = v : 1", "expected"),
    "backslash": ("x = v \\\n + 1 : 1", "unexpected"),
    "keyword as name": ("x = yield : 1\nyield = 3 : 1", 3.0),
    "powers of a multiple": ("x = (((((3*v)**64)**64)**64)**64)**64 : 1", "number out of range"),
    "powers of nearly one": ("x = ((1+1e-300)**1000)**1000*v : 1", 1.0),
    "powers of a root": ("x = ((((sqrt(2)*v)**64)**64)**64)**64 : 1", "number out of range"),
    "powers of pi": ("x = ((((pi*v)**64)**64)**64)**(10**300) : 1", None),
    "powers of what may be complex": ("x = ((arcsin(v/2)**1e5)**arctan(v))**v : 1", 0.0),
    "huge powers of what may be complex": ("x = ((arcsin(v/2)**1e300)**arctan(v))**v : 1", 0.0),
    "exponents of units that multiply": ("x = 1 : ((((kg**100)**100)**100)**100)", "unit out of range"),
    "exponents of units in an expression": ("x = ((((mV**64)**64)**64)**64)**64 : 1", "unit out of range"),
    "tower of exponentials": ("x = exp(exp(exp(exp(exp(9)))))*v : 1", "number out of range"),
    "sine of a tower": ("x = arcsin(sin(10**300))*arctan(tan(exp(exp(exp(9)))))*v : 1", "number out of range"),
    "expanding": (
        "S = (a+b+c+d+f+g+h+k)**16 : 1\nx = (exp(v + S) - 1)/(2*v + S) : 1\n"
        + "\n".join(f"{name} = 0 : 1" for name in "abcdfghk"), math.expm1(1) / 2,
    ),
    "expanding in a product": (
        "x = " + "*".join(f"(exp((a+b+v)**{k} + {k}*v) - 1)" for k in range(2, 60)) + "/("
        + "*".join(f"((a+b+v)**{k} + {k + 1}*v)" for k in range(2, 60)) + ") : 1\na = 1 : 1\nb = 2 : 1", None,
    ),
    "3 lines of 90 calls": ("\n".join(f"x{k} = {'sin(' * 90}{f'x{k - 1}' if k else 'v'}{')' * 90} : 1" for k in range(3)) + "\nx = x2 : 1", "too large"),
    "7 lines of 90 calls": ("\n".join(f"x{k} = {'sin(' * 90}{f'x{k - 1}' if k else 'v'}{')' * 90} : 1" for k in range(7)) + "\nx = x6 : 1", "too large"),
    "minimum of 199": ("x = min(" + "v, " * 198 + "v) : 1", 1.0),
    "and of 190": ("x = int(" + "v > 0 and " * 189 + "v > 0) : 1", 1.0),
    "whole divisions": ("x = v" + "//2" * 150 + " : 1", "deep"),
    "infinity minus itself": ("x = v + inf - inf : 1", "has no value"),
    "sine of infinity": ("x = sin(inf)*v : 1", "has no value"),
    "product of large numbers": ("x = v" + "*1e308" * 190 + " : 1", "number out of range"),
    "long exact fractions": ("x = v" + "*(1 + 1e-300)" * 190 + " : 1", 1.0),
    "derivative of a long product": ("x = v : 1\ndu/dt = (" + "*".join(f"exp(-u/{k})" for k in range(1, 190)) + ")*u/ms : 1", 1.0),
    "name of a printed function": ("x = power + add : 1\npower = 1 : 1\nadd = 2 : 1", 3.0),
    "name of NumPy": ("x = numpy + np : 1\nnumpy = 1 : 1\nnp = 2 : 1", 3.0),
    "name of a builtin": ("x = print + eval : 1\nprint = 1 : 1\neval = 2 : 1", 3.0),
    "name of SymPy": ("x = I + S + Q : 1\nI = 1 : 1\nS = 2 : 1\nQ = 4 : 1", 7.0),
    "names of temporaries": ("x = x0*(a + b)*exp(a + b) : 1\nx0 = 2 : 1\na = 1 : 1\nb = -1 : 1\nc0 : 1", 0.0),
}  # fmt: skip


# ---- statements, names and files ---------------------------------------------------------------


def nested(depth: int) -> str:
    lines = [" " * k + "if v:" for k in range(depth)]
    return "\n".join([*lines, " " * depth + "x = 1"])


# name -> (reset, expected): a float is `x` after one step, in which v is 1 and the reset runs
STATEMENTS: dict[str, tuple[str, float | str | None]] = {
    "if nested 10,000 deep": (nested(10_000), None),
    "if nested 250 deep": (nested(250), "nested more than"),
    "if nested 8000 deep in one line": ("if v:" * 8_000 + "x = 1", "nested more than"),
    "if nested 20 deep": (nested(20).replace("v:", "v > 0:"), 1.0),
    "50,000 lines of if": ("if v > 0:\n" * 50_000, None),
    "4500 lines of if": ("if v > 0:\n" * 4_500, "is empty"),
    "4500 lines of if, deeper and back": ("if v:\n if v:\n" * 3_000 + "x = 1", "is empty"),
    "1000 blocks": ("if v > 0: x += 1\n" * 1_000, "more than 300 statements"),
    "300 blocks": ("if v > 0: x += 1\n" * 300, 300.0),
    "300 statements in a row": ("x = 0.5*cos(x) + 1\n" * 300, None),
    "2000 elif": ("if v < 0: x = 2\n" + "elif v < 0: x = 3\n" * 2_000 + "else: x = 1", "more than 300 statements"),
    "250 elif": ("if v < 0: x = 2\n" + "elif v < 0: x = 3\n" * 250 + "else: x = 1", "more than 200 branches"),
    "150 elif": ("if v < 0: x = 2\n" + "elif v < 0: x = 3\n" * 150 + "else: x = 1", 1.0),
    "100,000 characters of else": ("else" * 25_000, None),
    "40,000 characters of else": ("else" * 10_000, ""),
    "8000 else": ("else:" * 8_000, "'else' without 'if'"),
    "many else of one if": ("if v > 0: x = 1\n" + "else: x = 2\n" * 2_000, "'else' without 'if'"),
    "many semicolons": (";" * 40_000 + "x = 1", 1.0),
    "many colons": ("x = 1" + ":" * 40_000, ""),
    "many line ends": ("\n" * 40_000 + "x = 1", 1.0),
    "many tabs": ("if v > 0:\n" + "\t" * 40_000 + "x = 1", 1.0),
    "bidi override in statements": ("x = 1 # \u202e", "invisible character U+202E"),
    "bidi isolate in statements": ("x = \u2066v\u2069", "invisible character U+2066"),
    "the mark of a block": ("if v > 0:\ue000x = 1\ue001", "invisible character U+E000"),
    "division by zero": ("x /= 0", "division by zero"),
    "power of powers": ("x = 3*v; " + "x **= 64; " * 20, None),
    "doubling with itself": ("x = 3*v; " + "x *= x; " * 200, None),
    "1000 temporaries": ("t0 = v\n" + "".join(f"t{k} = t{k - 1} + 1\n" for k in range(1, 1_000)) + "x = t999", "more than 300 statements"),
    "50 doubling temporaries": ("a0 = v\n" + "".join(f"a{k} = a{k - 1}*(a{k - 1} + 1)\n" for k in range(1, 50)) + "x = a49", None),
    "call in statements": ("x = __import__('os')", "unexpected"),
}  # fmt: skip


def rename(name: str) -> Callable[[Any, Path], object]:
    return lambda nb, folder: nb.Model("x = 2*k : 1\nk = 0.5 : 1", name="m").rename(k=name)


def fill(value: str) -> Callable[[Any, Path], object]:
    return lambda nb, folder: nb.Neurons(
        1, "x : 1", threshold="True", reset=nb.Statements("x = k", k=value)
    )


def file(text: str) -> Callable[[Any, Path], object]:
    """A model file with this text, read."""

    def load(nb: Any, folder: Path) -> object:
        path = folder / "own.toml"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        return nb.Neurons(1, path, threshold="v > 1")

    return load


def with_value(text: str) -> Callable[[Any, Path], object]:
    """The same constant expression wherever a value is taken."""

    def take(nb: Any, folder: Path) -> object:
        cells = nb.Neurons(
            1, "x : 1\nv = 1 : 1", threshold="v > 2", refractory=f"({text})*ms", initial={"x": text}
        )
        nb.Synapses(cells, cells, "w : 1", on_pre="x += w", connect="True", delay=f"({text})*ms", w=text)
        nb.Network(cells, dt=f"({text})*ms").run(f"({text})*ms")
        return cells

    return take


def chained(n: int) -> Callable[[Any, Path], object]:
    """Model files of which each is the base of the one before."""

    def load(nb: Any, folder: Path) -> object:
        for k in range(n):
            (folder / f"m{k}.toml").write_text(HEAD + f'base = "m{k + 1}.toml"')
        (folder / f"m{n}.toml").write_text(BODY)
        return nb.Neurons(1, folder / "m0.toml")

    return load


HEAD = 'name = "own"\ntitle = "t"\n'
BODY = HEAD + 'equations = "x = 3 : 1"\n'

# name -> (action, expected): a float is `x` of the neurons or model that the action gives
ACTIONS: dict[str, tuple[Callable[[Any, Path], object], float | str | None]] = {
    "rename to two words": (rename("a b"), "must be a name"),
    "rename to a statement": (rename("a : 1\nimport os"), "must be a name"),
    "rename to a constant": (rename("pi"), "is reserved"),
    "rename to a dunder": (rename("__class__"), "is reserved"),
    "rename to a word of the language": (rename("if"), ""),
    "rename to a flag": (rename("constant"), 1.0),
    "rename to a keyword of Python": (rename("lambda"), 1.0),
    "rename to a long name": (rename("q" * 49_000), None),
    "rename to what is there": (rename("x"), "there is a 'x' already"),
    "replace with code": (lambda nb, _: nb.Model("x = k : 1\nk = 1 : 1").replace(k="__import__('os')"), ""),
    "replace what is not there": (lambda nb, _: nb.Model("x : 1").replace(**{"x\n: 1": 1}), "no parameter"),
    "replace a name of 1 MB": (lambda nb, _: nb.Model("x : 1").replace(**{"q" * 1_000_000: 1}), "no parameter"),
    "fill in code": (fill("__import__('os')"), "unexpected"),
    "fill in statements": (fill("1; x = 2"), "expected an operator"),
    "fill in a tower": (fill("9**9**9"), "number out of range"),
    "fill in parentheses": (fill(OPEN[:20_000] + "1" + CLOSE[:20_000]), "nested"),
    "fill in a quantity": (fill("1 ms\n"), ""),
    "its own base": (file(HEAD + 'base = "own.toml"'), "is its own base"),
    "base in another folder": (file(HEAD + 'base = "../../etc/passwd.toml"'), "cannot read the model file"),
    "base at an absolute path": (file(HEAD + 'base = "/etc/passwd.toml"'), "cannot read the model file"),
    "base with NUL": (file(HEAD + 'base = "a\\u0000.toml"'), ""),
    "base that is no name": (file(HEAD + 'base = "../lif"'), "unknown model"),
    "itself 20 times": (file(HEAD + f"base = {['own.toml'] * 20}"), "is its own base"),
    "1000 bases": (file(HEAD + f"base = {['lif'] * 1000}"), "at most"),
    "20 unknown bases": (file(HEAD + f"base = {['q' * 1000] * 20}"), "unknown model"),
    "no base": (file(HEAD + "base = []"), "names no model"),
    "TOML of 10 MB of equations": (file(HEAD + 'equations = "x = ' + "1+" * 5_000_000 + '1 : 1"'), "too large"),
    "TOML of 10 MB of description": (file(BODY + 'description = "' + "d" * 10_000_000 + '"'), "too large"),
    "TOML of 10 MB of keys": (file(BODY + "".join(f"k{n} = 1\n" for n in range(900_000))), "too large"),
    "TOML of 10 MB of brackets": (file(BODY + "a = " + "[" * 10_000_000), "too large"),
    "TOML of many brackets": (file(BODY + "a = " + "[" * 50_000), ""),
    "TOML of many dots": (file(BODY + "a" + ".a" * 20_000 + " = 1"), ""),
    "TOML that is not UTF-8": (file(BODY + "# \ud800"), "not UTF-8"),
    "a value that is nearly one": (with_value("((1+1e-300)**1000)**1000"), 1.0),
    "a value of many digits": (with_value("9" * 300 + "/" + "9" * 300), 1.0),
    "a value out of range": (with_value("exp(exp(exp(9)))"), "number out of range"),
    "10 files built on one another": (chained(10), 3.0),
    "400 files built on one another": (chained(400), "built on one another"),
    "TOML integer of 5000 digits": (file(BODY + "delay = " + "9" * 5_000), "not TOML"),
    "TOML integer of 900,000 digits": (file(BODY + "delay = " + "9" * 900_000), "not TOML"),
    "printed model of many dots": (lambda nb, _: nb.Model.parse("a" + ".a" * 20_000 + " = 1"), ""),
    "printed model of many brackets": (lambda nb, _: nb.Model.parse("a = " + "[" * 50_000), ""),
    "printed model of 10 MB": (lambda nb, _: nb.Model.parse("a = 1\n" * 2_000_000), "too long"),
}  # fmt: skip

ALL = [*TEXTS, *STATEMENTS, *ACTIONS]


def expected(name: str) -> float | str | None:
    """What must become of a text."""
    return {**TEXTS, **STATEMENTS, **ACTIONS}[name][1]


def attempt(nb: Any, name: str) -> float:
    """The value of `x` in what is made of a text."""
    if name in TEXTS:
        cells = nb.Neurons(1, f"{TEXTS[name][0]}\nv = 1 : 1")
    elif name in STATEMENTS:
        cells = nb.Neurons(1, "v = 1 : 1\nx : 1", threshold="True", reset=STATEMENTS[name][0])
        nb.Network(cells, dt=0.1).run(0.1)
    else:
        with tempfile.TemporaryDirectory() as folder:
            made = ACTIONS[name][0](nb, Path(folder))
            cells = nb.Neurons(1, made) if isinstance(made, nb.Model) else made
    return float(getattr(cells, "x", [0.0])[0])


def outcome(name: str) -> float | str:
    """The value of `x`, or "ErrorClass: message"; errors of Python itself start with "BARE"."""
    import numpybrain as nb

    try:
        return attempt(nb, name)
    except nb.NumpyBrainError as error:
        return f"{type(error).__name__}: {error}"
    except Exception as error:
        return f"BARE {type(error).__name__}: {str(error)[:200]}"


def peak() -> float:
    """The most memory that this process has used so far, in MB; 0 where nobody counts it."""
    if resource is None:
        return 0.0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 2**10


def watch(seconds: float) -> None:
    """End this process when it has used so much time of the processor; 0 for no limit."""
    if not hasattr(signal, "setitimer"):  # on Windows it is the time of the clock
        faulthandler.cancel_dump_traceback_later()
        if seconds:
            faulthandler.dump_traceback_later(10 * seconds, exit=True, file=sys.stderr)
        return
    faulthandler.register(signal.SIGVTALRM, file=sys.stderr, chain=True)  # and the signal ends it
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def limit_memory() -> None:
    """Let the process ask for `SPACE` bytes at most, where there are limits."""
    if resource is not None and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (SPACE, resource.getrlimit(resource.RLIMIT_AS)[1]))


def main(first: int) -> None:
    from numpybrain.utils import memory

    memory.ENTRIES = 0  # nothing is remembered: a text costs as much as at first
    for name in ("sum of 60", "many semicolons", "no base"):
        outcome(name)  # imports are not on the bill
    limit_memory()
    for name in ALL[first:]:
        watch(HANGS)
        began, before = process_time(), peak()
        found = outcome(name)
        seconds = process_time() - began
        watch(0)
        print(json.dumps([name, seconds, peak() - before, found]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
