"""Texts that a stranger may send. Run as a script: reads them, one line of JSON per text.

`python hostile.py FIRST` starts with text number FIRST. A watchdog ends the process when a text takes
too long, even inside C code; the caller then goes on with the next one.
"""

from __future__ import annotations

import faulthandler
import json
import math
import sys
from time import process_time

HANGS = 8.0  # seconds after which a text is given up

OPEN, CLOSE = "(" * 100_000, ")" * 100_000
CHAIN = "x0 = v : 1\n" + "\n".join(f"x{k} = x{k - 1} + 1 : 1" for k in range(1, 2000))
DOUBLING = "x0 = v : 1\n" + "\n".join(f"x{k} = x{k - 1}*(x{k - 1} + 1) : 1" for k in range(1, 60))

# name -> (equations, expected): a float is the value of `x` in a model where v is 1, else a part of the
# error; None accepts both an error of NumpyBrain and a value.
TEXTS: dict[str, tuple[str, float | str | None]] = {
    "100,000 parentheses": (f"x = {OPEN}1{CLOSE} : 1", "too long"),
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
    "10,000 equations": ("\n".join(f"x{k} : 1" for k in range(10_000)), "too long"),
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
    "name of a printed function": ("x = power + add : 1\npower = 1 : 1\nadd = 2 : 1", 3.0),
    "name of NumPy": ("x = numpy + np : 1\nnumpy = 1 : 1\nnp = 2 : 1", 3.0),
    "name of a builtin": ("x = print + eval : 1\nprint = 1 : 1\neval = 2 : 1", 3.0),
    "name of SymPy": ("x = I + S + Q : 1\nI = 1 : 1\nS = 2 : 1\nQ = 4 : 1", 7.0),
    "names of temporaries": ("x = x0*(a + b)*exp(a + b) : 1\nx0 = 2 : 1\na = 1 : 1\nb = -1 : 1\nc0 : 1", 0.0),
}  # fmt: skip


def outcome(equations: str) -> float | str:
    """The value of `x`, or "ErrorClass: message"; errors of Python itself start with "BARE"."""
    import numpybrain as nb

    try:
        cells = nb.Neurons(1, f"{equations}\nv = 1 : 1")
        return float(getattr(cells, "x", 0.0)[0])
    except nb.NumpyBrainError as error:
        return f"{type(error).__name__}: {error}"
    except Exception as error:
        return f"BARE {type(error).__name__}: {str(error)[:200]}"


def main(first: int) -> None:
    outcome("x = exp(v)/2 : 1")  # imports are not on the bill
    for name, (equations, _) in list(TEXTS.items())[first:]:
        faulthandler.dump_traceback_later(HANGS, exit=True, file=sys.stderr)
        began = process_time()
        found = outcome(equations)
        seconds = process_time() - began
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps([name, seconds, found]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
