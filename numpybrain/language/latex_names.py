"""LaTeX of single words: names with their subscripts, numbers, units and plain text.

In: strings as the user wrote them. Out: LaTeX for math mode. Nothing of what comes in can leave it:
names are letters, digits and `_`, and `upright` escapes the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from fractions import Fraction

from numpybrain.language import unit_table

# The other capitals look Latin, and LaTeX has no names for them. Lambda is "lamda" to Unicode.
_GREEK = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
    "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi",
    "Omega",
]  # fmt: skip
GREEK = {name: rf"\{name}" for name in _GREEK} | {"epsilon": r"\varepsilon"}
for _name in _GREEK:
    _case = "CAPITAL" if _name[0].isupper() else "SMALL"
    _letter = f"GREEK {_case} LETTER {_name.upper().replace('LAMBDA', 'LAMDA')}"
    GREEK[unicodedata.lookup(_letter)] = GREEK[_name]

CONSTANTS = {"e": r"\mathrm{e}", "inf": r"\infty", "True": r"\mathrm{true}", "False": r"\mathrm{false}"}
WHOLE = {"not_refractory"}  # names in which the underscore is a space, not a subscript
UPRIGHT = {
    **{char: f"\\{char}" for char in "#$%&_{}"},
    "\\": r"\backslash ",
    "^": r"\wedge ",
    "~": r"\sim ",
    "-": r"\text{-}",
    " ": r"\ ",
}
SYMBOLS = {
    "\N{MICRO SIGN}": r"\mu ",
    "\N{GREEK SMALL LETTER MU}": r"\mu ",
    "\N{GREEK CAPITAL LETTER OMEGA}": r"\Omega ",
}


def upright(text: str) -> str:
    """Any text, in upright letters and with everything escaped that means something to LaTeX."""
    plain = " ".join(text.split())
    inside = "".join(UPRIGHT.get(c, c) for c in plain)
    return rf"\mathrm{{{inside}}}" if plain else ""


def name_latex(name: str, *, constant: bool = False) -> str:
    r"""A name: Greek letters as such, what follows `_` (and digits at the end) as subscript.

    With `constant`, `e` and `inf` are the numbers.
    """
    if constant and name in CONSTANTS:
        return CONSTANTS[name]
    parts = name.split("_")
    if name in WHOLE or not all(parts):  # x_ and x__y must not look like x and x_y
        return rf"\mathit{{{name.replace('_', UPRIGHT['_'])}}}"
    base, below = parts[0], [_subscript(part) for part in parts[1:]]
    numbered = re.fullmatch(r"(\D+)(\d+)", base)
    if numbered:
        base = numbered[1]
        below.insert(0, numbered[2])
    head = GREEK.get(base) or (base if len(base) == 1 else rf"\mathit{{{base}}}")
    return rf"{head}_{{{','.join(below)}}}" if below else head


def _subscript(part: str) -> str:
    """One part of a subscript: words upright, up to two letters as a symbol."""
    if part == "inf":  # the usual notation of steady states: m_inf
        return r"\infty"
    if part in GREEK:
        return GREEK[part]
    return part if len(part) <= 2 or part.isdigit() else rf"\mathrm{{{part}}}"


def number_latex(text: str) -> str:
    r"""A number as written, its exponent as a power of ten: `1.5e-3` is `1.5 \times 10^{-3}`."""
    mantissa, _, exponent = text.lower().partition("e")
    mantissa = mantissa.rstrip(".")
    if mantissa.startswith("."):
        mantissa = "0" + mantissa
    if not exponent:
        return mantissa
    power = rf"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \times {power}"


def unit_latex(factors: Iterable[tuple[str, Fraction]]) -> str:
    r"""A unit from its factors (name, exponent), upright: `\mathrm{\mu F\,cm^{-2}}`; `1` for none."""
    words = []
    for name, exponent in factors:
        if name[0].isdigit() or name[0] == ".":
            continue  # a factor 1
        symbol = "".join(SYMBOLS.get(c) or UPRIGHT.get(c, c) for c in unit_table.symbol(name)).strip()
        words.append(symbol if exponent == 1 else f"{symbol}^{{{exponent}}}")
    inside = r"\,".join(words)
    return rf"\mathrm{{{inside}}}" if words else "1"
