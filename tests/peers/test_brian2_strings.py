"""Brian2's own tests hold hundreds of equations: both simulators accept and refuse the same ones.

Where they differ, there is a reason, and each reason is asked for narrowly;
the page of the language lists them.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import numpybrain as nb

from . import brian2

b2 = brian2()

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

b2.BrianLogger.log_level_error()
DIMENSIONS = (1, b2.second, b2.volt, b2.amp, b2.siemens)  # what an open name may be


def strings() -> dict[str, str]:
    """Every string literal of Brian2's tests that may be equations -> where it stands."""
    found: dict[str, str] = {}
    root = Path(b2.__file__).parent / "tests"
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ":" in node.value:
                found.setdefault(node.value, f"{path.name}:{node.lineno}")
    return found


def by_brian2(text: str) -> Exception | None:
    """Why Brian2 refuses a text; None if it takes it and finds an equation in it."""
    try:
        return None if len(b2.Equations(text)) else ValueError("no equation")
    except Exception as error:
        return error


def by_us(text: str) -> nb.NumpyBrainError | None:
    """The same here. Any other error is a fault and passes through."""
    try:
        nb.Model(text)
    except nb.NumpyBrainError as error:
        return error
    return None


# ---- reasons to refuse what Brian2 takes at first ---------------------------------------------


def units_disagree(text: str, error: nb.NumpyBrainError) -> bool:
    """Brian2 finds the same when a group runs: whatever the open names are, one equation is wrong."""
    from brian2.core.functions import DEFAULT_FUNCTIONS
    from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS
    from brian2.core.variables import Variable
    from brian2.parsing.expressions import parse_expression_dimensions
    from brian2.units.fundamentalunits import DimensionMismatchError, get_dimensions

    if not isinstance(error, nb.UnitError):
        return False
    equations = b2.Equations(text)
    second = get_dimensions(b2.second)
    known = {name: Variable(name, dimensions=get_dimensions(u)) for name, u in DEFAULT_UNITS.items()}
    known |= {name: Variable(name) for name in (*DEFAULT_CONSTANTS, "i", "N")}
    known |= {name: Variable(name, dimensions=second) for name in ("t", "dt")}
    known |= {name: Variable(name, dimensions=second**-0.5) for name in equations.stochastic_variables}
    known |= {name: Variable(name, dimensions=e.dim) for name, e in equations.items()}

    def wrong(equation: object, names: dict[str, object]) -> bool:
        want = equation.dim / (second if equation.type == "differential equation" else second**0)
        try:
            return parse_expression_dimensions(equation.expr.code, names) != want
        except DimensionMismatchError:
            return True

    for equation in equations.values():
        if equation.expr is None:
            continue
        opened = sorted(equation.identifiers - {*known, *DEFAULT_FUNCTIONS})
        if len(opened) > 3:
            continue
        choices = itertools.product(DIMENSIONS, repeat=len(opened))
        if all(
            wrong(
                equation,
                DEFAULT_FUNCTIONS
                | known
                | {
                    n: Variable(n, dimensions=get_dimensions(u)) for n, u in zip(opened, units, strict=True)
                },
            )
            for units in choices
        ):
            return True
    return False


def refused_by_groups(text: str, error: nb.NumpyBrainError) -> bool:
    """Brian2 refuses a flag (unknown, on the wrong line, of spatial neurons) when groups are made."""
    if "flag" not in str(error) and "a summed variable" not in str(error):
        return False
    source = b2.NeuronGroup(1, "v : 1")
    makers: list[Callable[[], object]] = [
        lambda: b2.NeuronGroup(1, text),
        lambda: b2.Synapses(source, source, text),
    ]
    return all(refused(make) for make in makers)


def refused(make: Callable[[], object]) -> bool:
    try:
        make()
    except (ValueError, TypeError, SyntaxError, NotImplementedError):
        return True
    return False


def sides(text: str, error: nb.NumpyBrainError) -> bool:
    """Names that mean a side of a synapse; Brian2 refuses them when synapses are made."""
    source = b2.NeuronGroup(1, "v : 1")
    return "'_pre' and '_post' say which side" in str(error) and refused(
        lambda: b2.Synapses(source, source, text)
    )


# ---- reasons to take what Brian2 refuses -------------------------------------------------------


def any_unit_may_be_declared(text: str, error: Exception) -> bool:
    """Brian2 stores base units only, so it refuses `mV`; the factor of `1.0*volt` is 1."""
    whole = f"{error} {error.__cause__}"  # newer versions give the reason as the cause
    return "Error parsing the unit specification" in whole and (
        "but this is not a base unit" in whole or ": 1.0*" in text
    )


def words_of_python(text: str, error: Exception) -> bool:
    """Equations do not become Python code here, so Python's keywords are good names."""
    return "is a Python keyword" in str(error)


REFUSED_HERE = [units_disagree, refused_by_groups, sides]


def noise_in_subexpressions(text: str, error: Exception) -> bool:
    """A subexpression may hold white noise; who uses it must be a differential equation."""
    named = re.search(
        r"defining '(\w+)' contains the symbol 'xi' but is not a differential equation", str(error)
    )
    return named is not None and nb.Model(text)[named[1]].kind == "definition"


TAKEN_HERE = [any_unit_may_be_declared, words_of_python, noise_in_subexpressions]


def difference(text: str) -> str | None:
    """What the two make of a text: None if the same, the name of the reason, or "no reason: ..."."""
    theirs, ours = by_brian2(text), by_us(text)
    if (theirs is None) == (ours is None):
        return None
    if ours is not None:
        reasons = (reason.__name__ for reason in REFUSED_HERE if reason(text, ours))
    else:
        assert theirs is not None
        reasons = (reason.__name__ for reason in TAKEN_HERE if reason(text, theirs))
    return next(reasons, f"no reason: {ours or f'taken here; {theirs}'}")


def test_the_equations_of_brian2s_tests() -> None:
    found = strings()
    results = {text: difference(text) for text in found}
    odd = [f"{found[t]} {t!r}\n{why}" for t, why in results.items() if why and why.startswith("no reason")]
    assert odd == [], "\n\n".join(odd)
    assert sum(by_brian2(text) is None for text in found) >= 300
    assert sum(by_brian2(text) is not None for text in found) >= 50
    used = {why for why in results.values() if why}
    assert used == {reason.__name__ for reason in (*REFUSED_HERE, *TAKEN_HERE)}


AGREE = {  # good texts: no reason excuses a refusal of one
    "units_disagree": "dv/dt = (a - v)/(5*ms) : volt",
    "refused_by_groups": "dv/dt = -v/(5*ms) : volt (unless refractory)",
    "sides": "x : 1",
}


@pytest.mark.parametrize("reason", REFUSED_HERE, ids=lambda r: r.__name__)
def test_a_reason_excuses_no_good_text(reason: Callable[[str, nb.NumpyBrainError], bool]) -> None:
    text = AGREE[reason.__name__]
    for error in (nb.UnitError("'I' must be a voltage"), nb.ModelError("unknown flag")):
        assert not reason(text, error)
