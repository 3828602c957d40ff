"""The numerical methods: one visible table, and the choice among them.

A method is a name, an order, a question ("can you do this system?", answered with a reason) and a
function from a system to a program.
"""

from __future__ import annotations

from numpybrain.errors import MethodError, suggestion
from numpybrain.symbolic.methods.base import Method
from numpybrain.symbolic.methods.exact import EXACT
from numpybrain.symbolic.methods.explicit import EULER, RK2, RK4
from numpybrain.symbolic.methods.exponential import EXPONENTIAL_EULER
from numpybrain.symbolic.system import System

METHODS: dict[str, Method] = {method.name: method for method in (EXACT, EXPONENTIAL_EULER, EULER, RK2, RK4)}
PREFERRED = (EXACT, EXPONENTIAL_EULER, RK4)


def choose(system: System, method: str | Method | None) -> tuple[Method, str]:
    """The method to use, and why.

    Raises:
        MethodError: if `method` is unknown or cannot do the system.
    """
    if system.noise and all(m.refuses(system) for m in METHODS.values()):
        noise = system.noise[0]
        message = f"the equations contain white noise ('{noise}'), and all methods are deterministic"
        raise MethodError(message, help="draw noise in a stage: @cells.at('start')")
    if method is None:
        reasons: list[str] = []
        for candidate in PREFERRED:
            refusal = candidate.refuses(system)
            if refusal is None:
                why = f"{candidate.suits}" + "".join(f"; {r}" for r in reasons)
                return candidate, why
            reasons.append(f"not {candidate.name}: {refusal}")
        message = "no method can integrate these equations"
        raise MethodError(message, detail="; ".join(reasons))
    chosen = METHODS.get(method) if isinstance(method, str) else method
    if not isinstance(chosen, Method):
        raise MethodError(f"unknown method '{method}'{suggestion(str(method), METHODS)}")
    refusal = chosen.refuses(system)
    if refusal is not None:
        able = [f"'{m.name}'" for m in METHODS.values() if m.refuses(system) is None]
        message = f"method '{chosen.name}' cannot do this: {refusal}"
        raise MethodError(message, help=f"use method={' or '.join(able)}" if able else None)
    return chosen, "asked for"
