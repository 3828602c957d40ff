"""A second engine: slow and plain. Each program is calculated one element after the other, with module `math`.

It keeps the contract of `numpybrain/engine/contract.py` and uses nothing of the engine of NumPy.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import sympy as sp

from numpybrain.language.function_table import FUNCTIONS
from numpybrain.symbolic.special_functions import Aggregate
from numpybrain.utils.naming import ARRAY, SCALAR, SINGLETON

TIME = "t"


def _propagator(*entries):
    """exp(A*dt) and its integral, by the series of both in short steps that are doubled."""
    *flat, dt = entries
    k = math.isqrt(len(flat))
    block = np.zeros((2 * k, 2 * k))
    block[:k, :k] = np.array(flat).reshape(k, k) * dt / 2**20
    block[:k, k:] = np.eye(k) * dt / 2**20
    step = np.eye(2 * k) + block + block @ block / 2 + block @ block @ block / 6
    for _ in range(20):
        step = step @ step
    return step[:k, :k], step[:k, k:]


def _exprel(x):
    return math.expm1(x) / x if x else 1.0


def _approach(x, b, d, dt):
    return x + (b - d * x) * dt * _exprel(-d * dt)


NODES = {
    "less": lambda a, b: a < b, "less_equal": lambda a, b: a <= b, "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b, "equal": lambda a, b: a == b, "not_equal": lambda a, b: a != b,
    "logical_and": lambda a, b: bool(a and b), "logical_or": lambda a, b: bool(a or b),
    "logical_not": lambda a: not a, "floor_divide": lambda a, b: a // b,
    "exprel": _exprel, "relax": lambda d, dt: dt * _exprel(-d * dt), "approach": _approach,
    "propagator": _propagator, "entry": lambda p, part, i, j: p[part][i, j],
    **{f.code_name: f.value for f in FUNCTIONS.values() if f.value is not None and not f.aggregates},
}  # fmt: skip


class SlowEngine:
    """The engine. `taken` and `refused` are the labels of the programs that it was asked for."""

    name = "slow"

    def __init__(self):
        self.taken, self.refused = [], []

    def refuses(self, program, layout):
        if program.functions and program.called:
            self.refused.append(program.label)
            return "it calls a function of the user"
        if any(e.has(Aggregate) for e in program.expressions if isinstance(e, sp.Basic)):
            self.refused.append(program.label)
            return "it looks at all elements of a group at once"
        return None

    def fuse(self, context, stages, calls):
        return None

    def compile(self, program, layout):
        self.taken.append(program.label)
        return SlowProgram(program, layout)


class SlowProgram:
    def __init__(self, program, layout):
        self.program, self.layout = program, layout
        self.symbols = [*program.names, *program.draws, *(s for s, _ in program.steps)]

    def bind(self, data):
        return SlowExecutable(self, data)

    def function(self, expr):
        return sp.lambdify(self.symbols, expr, [NODES, "math"])


class SlowExecutable:
    """A program with its data."""

    def __init__(self, compiled, data):
        self.compiled, self.data = compiled, data
        program = compiled.program
        self.draws = [(s, d, [compiled.function(a) for a in d.arguments]) for s, d in program.draws.items()]
        self.steps = [(s, compiled.function(e)) for s, e in program.steps]
        self.stores = [(s.name, s.op, compiled.function(s.value)) for s in program.stores]
        parts = program.result if isinstance(program.result, sp.Tuple) else [program.result]
        self.results = [compiled.function(part) for part in parts] if program.result is not None else []

    @property
    def uses_t(self):
        return TIME in self.compiled.program.reads

    @property
    def reads_values(self):
        layout = self.compiled.layout
        return any(n in layout.varying or layout.is_gathered(n) for n in self.compiled.program.reads)

    @property
    def source(self):
        return self.compiled.program.formula

    def _place(self, name, k, dynamic):
        """Which of the values of a name the element k uses."""
        layout = self.compiled.layout
        if not layout.is_gathered(name):
            return k if layout.access.get(name) == ARRAY else 0
        index = layout.index_of(name)
        place = dynamic[index][k] if index else k
        return self.data.link(name)[place] if layout.is_linked(name) else place

    def _values(self, k, dynamic, t):
        """The values of all symbols for the element k, but for what is drawn and calculated."""
        found = {}
        for s, name in self.compiled.program.names.items():
            if name in dynamic:
                given = dynamic[name]
                found[s] = float(given[k]) if np.ndim(given) else given
            elif name == TIME:
                found[s] = t
            elif name in self.compiled.layout.access:
                value = self.data.value(name)
                found[s] = value[self._place(name, k, dynamic)].item() if np.ndim(value) else value
            else:
                found[s] = 0.0  # of a name that the program does not use
        return found

    def call(self, clock):
        layout, program = self.compiled.layout, self.compiled.program

        def run(*given):
            dynamic = dict(zip(layout.dynamic, given, strict=True))
            many = max([self.data.size() if layout.size == "N" else 0, *map(np.size, given)])
            known = [self._values(k, dynamic, clock.t) for k in range(many)]
            for s, draw, arguments in self.draws:
                rng, size = self.data.generator(), 1 if draw.single else many
                parts = [[f(*self._in_order(v)) for v in known] for f in arguments]
                kinds = {"rand": rng.random, "randn": rng.standard_normal, "poisson": rng.poisson}
                for name in ("exponential", "gamma", "truncated_normal"):
                    kinds[name] = functools.partial(FUNCTIONS[name].engines["numpy"], rng)
                numbers = kinds[draw.function](*(np.array(p[:size]) for p in parts), size)
                for k, values in enumerate(known):
                    values[s] = float(numbers[0 if draw.single else k])
            for values in known:
                for s, function in self.steps:
                    values[s] = function(*self._in_order(values))
            new = [[f(*self._in_order(values)) for values in known] for _, _, f in self.stores]
            found = [np.array([f(*self._in_order(values)) for values in known]) for f in self.results]
            for (name, op, _), numbers in zip(self.stores, new, strict=True):
                self._store(name, op, numbers, dynamic)
            if program.result is None:
                return None
            return tuple(found) if isinstance(program.result, sp.Tuple) else found[0]

        return run

    def _in_order(self, values):
        """The arguments of a function that `lambdify` has made."""
        return [values.get(s, 0.0) for s in self.compiled.symbols]

    def _store(self, name, op, numbers, dynamic):
        array = self.data.value(name)
        for k, number in enumerate(numbers if array.size > 1 or op != "=" else numbers[:1]):
            place = self._place(name, k, dynamic)
            if name in self.compiled.layout.shielded:
                self.data.shield(name)(array, np.array([place]), np.array([number]), op)
            elif op == "=":
                array[place] = number
            elif op == "*=":
                array[place] *= number
            else:
                array[place] += number if op == "+=" else -number
