"""A program becomes a NumPy function, through SymPy's `lambdify` and nothing else.

The prologue computes, once per run, all that cannot change in the run; the body does the step.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy as sp

from numpybrain.engine.contract import DataLayout
from numpybrain.engine.numpy.compiled import NumpyProgram
from numpybrain.engine.numpy.function_builder import function, words
from numpybrain.engine.numpy.printer import NumpyCode
from numpybrain.engine.numpy.runtime_functions import reserved
from numpybrain.engine.program_analysis import Analysis
from numpybrain.language.function_table import FUNCTIONS
from numpybrain.symbolic import optimise
from numpybrain.symbolic.identifiers import Identifiers, made_up
from numpybrain.symbolic.lower import symbol
from numpybrain.symbolic.program import Program, Store
from numpybrain.utils.memory import remembered
from numpybrain.utils.naming import ARRAY, FIXED, SCALAR, SINGLETON

FEWEST = 3  # terms of a sum for which a product with the block pays

LONG = 100  # definitions; a longer chain of them might exceed Python's stack
AT = {"+=": "add_at", "-=": "subtract_at", "*=": "multiply_at"}


def compile_program(program: Program, layout: DataLayout, *, share: bool = True) -> NumpyProgram:
    """Compile a program for a layout; without `share`, no exponential is computed from another one."""
    unshared = functools.partial(compile_program, program, layout, share=False)
    return replace(_compiled(replace(program, label=""), layout, share), program=program, unshared=unshared)


@remembered
def _compiled(program: Program, layout: DataLayout, share: bool) -> NumpyProgram:  # noqa: FBT001  # hashed
    return _Emitter(Analysis(program, layout, share=share)).emit()


class _Emitter:
    """Writes the code of a program that has been analysed."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.program = program = analysis.program
        self.layout = layout = analysis.layout
        self.only = SINGLETON in layout.access.values()
        self.given = layout.given
        indices = set(layout.dynamic) - self.given
        self.identifiers = Identifiers(reserved() | indices, program.names, program.functions)
        self.called = set(map(self.identifiers.function, program.functions))
        self.printer = NumpyCode(
            self.identifiers,
            named=layout.size == "N" and ARRAY in layout.access.values(),
            single=self.only,
        )
        self.printer_of_prologue = NumpyCode(self.identifiers)
        self.lines: list[tuple[str, str]] = []
        self.factors = tuple(map(self.identifiers.symbol, analysis.factors))
        self.definitions, self.draws = analysis.definitions, analysis.draws
        self.prologue = list(analysis.once)
        self.blocks: dict[str, str] = {}  # block -> the argument that it is
        self.rows = {name: k for k, name in enumerate(layout.rows)}
        self.single: set[sp.Symbol] = set()  # of the prologue so far: single numbers,
        self.array_like: set[sp.Symbol] = set()  # and others
        self.looked_at = 0
        self.uses = analysis.count_uses()
        self.emitted: set[sp.Symbol] = set()
        self.used_up: list[sp.Symbol] = []  # definitions that no later line needs
        self.origin = ""  # of the lines that are written now
        self.arrays: set[str] = set()  # names used as whole arrays
        self.shields: set[str] = set()

    # ---- the body ----

    def emit(self) -> NumpyProgram:
        """The compiled program."""
        analysis, result = self.analysis, self.analysis.result
        used = set().union(*(analysis.reads(v) for v in [s.value for s in analysis.stores] + [result]))
        for s in self.draws:  # in the order of definition, whatever is calculated first
            if s in used:
                self._need(s)
        late, read_by_result = [], analysis.reads(result)
        for store in analysis.stores:
            in_place = self.layout.access[store.name] == ARRAY and store.op == "="
            self.origin = self.program.origins.get(store.name, store.name)
            names = analysis.names_of(store)
            later = [name for name in names if analysis.is_read_later(name, store)]
            if in_place and later:
                new = self.identifiers.of("new", store.name, f"{store.name}_new")
                self._line(new, self._code(store.value))
                late.append((store.name, new, self.origin))
            else:
                for name in names:
                    if name in later or name in read_by_result:
                        self._provide(name)  # those after it, and the result, gather the old value
                self._store(store)
        for name, new, self.origin in late:
            self._line("_", f"copyto({self._array(name)}, {new})")
        returned = "None" if result is None else self._code(result)
        numbers = [(name, text) for text, name in self.printer.literals.items()]
        return self._finish(numbers, returned)

    def _code(self, expr: Any) -> str:
        """Code of an expression, after the lines that it needs."""
        return self._codes([expr])[0]

    def _codes(self, expressions: list[Any]) -> list[str]:
        """Code of expressions that stand in one line, after the lines that all of them need."""
        if len(self.definitions) > LONG:
            for expr in expressions:
                for s in optimise.in_order(expr, self._needs, self.analysis.parts):
                    self._provide(s)
        self._need(*expressions)
        return [self.printer.doprint(expr) for expr in expressions]

    def _need(self, *expressions: Any) -> None:
        """Emit what expressions are made of: definitions, draws and gathered values."""
        for expr in expressions:
            for s in sorted(getattr(expr, "free_symbols", ()), key=lambda s: s.name):
                self._provide(s)
        if self.layout.size == "N":  # not before: nothing may be deleted that another one needs
            for expr in expressions:
                self._release(expr)

    def _provide(self, s: sp.Symbol) -> None:
        if s in self.emitted:
            return
        if s in self.definitions:
            self.emitted.add(s)
            self._line(self.identifiers.symbol(s), self._code(self.definitions[s]))
        elif s in self.draws:
            self.emitted.add(s)
            self._draw(s)
        else:
            self._gather(s)

    def _draw(self, s: sp.Symbol) -> None:
        """Emit the call of a function that gives something new every time."""
        draw = self.draws[s]
        size = "1" if draw.single else "size" if self.layout.size == "N" else f"{self.layout.size}.size"
        arguments = self._codes(list(draw.arguments)) + [size] * draw.sized
        if not draw.sized:  # the user's own
            name = self.identifiers.function(draw.function)
        else:
            given = self.program.draws[s].arguments  # as written, before parts of them got names
            is_fixed = FUNCTIONS[draw.function].tabled and all(map(self.analysis.is_fixed, given))
            name = self._drawing(draw.function + FIXED if is_fixed else draw.function)
        first = "[0]" if (self.only or draw.single) and draw.sized else ""
        self._line(self.identifiers.symbol(s), f"{name}({', '.join(arguments)}){first}")

    def _drawing(self, name: str) -> str:
        """The argument that is a function of the language which draws numbers."""
        return self.identifiers.of("draw", name, name)

    def _needs(self, expr: Any) -> list[sp.Symbol]:
        found = getattr(expr, "free_symbols", ())
        return [s for s in found if s not in self.emitted and (s in self.definitions or s in self.draws)]

    def _release(self, expr: Any) -> None:
        """Count down; names used for the last time are deleted after the next line."""
        for s in getattr(expr, "free_symbols", ()):
            if s in self.uses:
                self.uses[s] -= 1
                if not self.uses[s]:
                    self.used_up.append(s)

    def _gather(self, s: sp.Symbol) -> None:
        name = self.program.names.get(s)
        if name is None or name == "t" or name in self.given:
            return
        access = self.layout.access.get(name, SCALAR)
        if access not in (SCALAR, ARRAY):
            self.emitted.add(s)
            place = "[0]" if access == SINGLETON else f".take({self._index(name)})"
            self._line(self.identifiers.symbol(s), self._array(name) + place)

    def _array(self, name: str) -> str:
        """The argument that is the array of a variable (its plain name may be what was gathered)."""
        self.arrays.add(name)
        if self.layout.access[name] in (SCALAR, ARRAY):
            return self.identifiers.symbol(symbol(name))
        return self.identifiers.of("array", name, f"{name}_all")

    def _index(self, name: str) -> str:
        """Code of the indices with which a variable is gathered."""
        index = self.layout.index_of(name)
        if not self.layout.is_linked(name):
            return index
        return f"{self._link(name)}.take({index})" if index else self._link(name)

    def _link(self, name: str) -> str:
        """The argument that says which values a linked variable reads."""
        return self.identifiers.of("link", name, f"link_{name}")

    def _shield(self, name: str) -> str:
        """The argument that writes a variable except where neurons are refractory."""
        return self.identifiers.of("shield", name, f"shield_{name}")

    def _store(self, store: Store) -> None:
        access = self.layout.access[store.name]
        target = self._array(store.name)
        if access in (SCALAR, ARRAY):
            code = self._combination(target, store) if store.op == "=" else ""
            if not code:
                self._need(store.value)
                code = self.printer.into(target, store.value) if store.op == "=" else ""
            if code:
                self._line(target, code)
            else:
                self._line(f"{target}[...]", self.printer.doprint(store.value))
            return
        value = self._code(store.value)
        # of programs for all (ONLY) nothing shields
        index = "0" if access == SINGLETON else self._index(store.name)
        if access != SINGLETON and store.name in self.layout.shielded:
            self.shields.add(store.name)
            self._line("_", f"{self._shield(store.name)}({target}, {index}, {value}, '{store.op}')")
            return
        if store.op == "=":
            self._line(f"{target}[{index}]", value)
        else:
            self._line("_", f"{AT[store.op]}({target}, {index}, {value})")

    def _combination(self, target: str, store: Store) -> str:
        """Code for a sum over rows of the block with weights that are single numbers: one product.

        A product of a weight vector and the block reads every row once, where a sum of products makes
        two passes for each.
        """
        rows, single = self.rows, self._single_constants()
        weights: dict[str, str] = {}
        rest = []
        for term in sp.Add.make_args(store.value):
            found = [s for s in term.args if self.program.names.get(s) in rows] if term.is_Mul else []
            weight = sp.Mul(*(a for a in term.args if a not in found)) if len(found) == 1 else None
            name = self.program.names[found[0]] if weight is not None else ""
            if weight is None or name in weights or not (weight.is_number or weight in single):
                rest.append(term)
            else:
                weights[name] = self.printer.doprint(weight)
        places = sorted(rows[name] for name in weights)
        if len(places) < FEWEST or places != list(range(places[0], places[-1] + 1)):
            return ""
        names = self.layout.rows[places[0] : places[-1] + 1]
        block = f"{names[0]}:{names[-1]}"
        if block not in self.blocks:
            self.blocks[block] = self.identifiers.of("block", block, f"block_{len(self.blocks)}")
        label = made_up(f"weights_{store.name}")
        self.prologue.append((label, f"array([{', '.join(weights[n] for n in names)}])"))
        product = f"dot({self.identifiers.symbol(label)}, {self.blocks[block]})"
        added = self._code(sp.Add(*rest)) if rest else self.printer.number(0)
        return f"add({product}, {added}, out={target})"

    def _single_constants(self) -> set[sp.Symbol]:
        """Constants of the prologue that are single numbers, not arrays."""
        new, self.looked_at = self.prologue[self.looked_at :], len(self.prologue)
        for s, value in new:
            (self.array_like if self.analysis.is_array_like(value, self.array_like) else self.single).add(s)
        return self.single

    def _line(self, target: str, code: str) -> None:
        if self.origin and (self.program.origins or not self.called.isdisjoint(words(code))):
            code += f"  # {self.origin}"
        self.lines.append((target, code))
        if self.layout.size == "N":
            done = sorted(self.used_up, key=lambda s: s.name)
            self.lines += [(f"del {self.identifiers.symbol(s)}", "") for s in done]
            self.used_up.clear()

    # ---- both functions ----

    def _finish(self, numbers: list[tuple[str, str]], returned: str) -> NumpyProgram:
        """Make both functions; `numbers` are names and values of numbers in the body."""
        name_of = self.identifiers.symbol
        definitions = [
            *numbers,
            *((name_of(s), self.printer_of_prologue.doprint(v)) for s, v in self.prologue),
        ]
        text = "\n".join([*(f"{a} = {b}" for a, b in self.lines), returned])
        used = words(text)
        constants = tuple(name for name, _ in definitions if name in used)
        arguments, parameters, uses_t = self._values(used)
        if uses_t:  # numbers of NumPy divide by zero without an error
            self.lines.insert(0, ("t", "float64(t)"))
        found = [("constant", name, name) for name in constants]
        found += [("call", name, self.identifiers.function(name)) for name in self.program.functions]
        found += [("draw", name, self._drawing(name)) for name in drawing_functions()]
        found += [("size", "size", "size")] if self.layout.size == "N" else []
        found += [("shield", name, self._shield(name)) for name in sorted(self.shields)]
        links = sorted(filter(self.layout.is_linked, self.layout.access))
        found += [("link", name, self._link(name)) for name in links]
        found += [("block", name, identifier) for name, identifier in self.blocks.items()]
        for kind, name, identifier in found:
            if identifier in used:
                arguments.append((kind, name))
                parameters.append(identifier)
        parameters += ["t"] if uses_t else []
        parameters += [name_of(made_up(n)) if n in self.given else n for n in self.layout.dynamic]
        body = function(parameters, self.lines, returned)
        setup, inputs = self._prologue(definitions, constants)
        factors = tuple(name for name in self.factors if name in constants)
        hoisted = tuple(definitions[len(numbers) :])
        return NumpyProgram(
            self.program,
            self.layout,
            body,
            tuple(arguments),
            setup,
            inputs,
            constants,
            factors,
            uses_t,
            hoisted,
        )

    def _values(self, used: set[str]) -> tuple[list[tuple[str, str]], list[str], bool]:
        """The values that a body takes, the names under which it does, and whether it uses t."""
        arguments: list[tuple[str, str]] = []
        parameters: list[str] = []
        uses_t = False
        for s, name in sorted(self.program.names.items(), key=lambda item: item[1]):
            identifier = self.identifiers.symbol(s)
            if name == "t":
                uses_t = identifier in used
            if name == "t" or name in self.given:
                continue
            if name in self.arrays and self._array(name) != identifier:
                arguments.append(("value", name))
                parameters.append(self._array(name))
            elif identifier in used and s not in self.emitted:
                arguments.append(("value", name))
                parameters.append(identifier)
        return arguments, parameters, uses_t

    def _prologue(
        self, lines: list[tuple[str, str]], constants: tuple[str, ...]
    ) -> tuple[Callable[..., list[Any]], tuple[tuple[str, str], ...]]:
        """The function that calculates the constants, and what it takes."""
        used = set().union(*(words(code) for _, code in lines)) - {name for name, _ in lines}
        names, name_of = self.program.names, self.identifiers.symbol
        found = [("value", names[s], name_of(s)) for s in sorted(names, key=lambda s: (names[s], s.name))]
        found += [("call", name, self.identifiers.function(name)) for name in self.program.functions]
        found = [item for item in found if item[2] in used]
        made = function([identifier for _, _, identifier in found], lines, f"[{', '.join(constants)}]")
        return made, tuple((kind, name) for kind, name, _ in found)


def drawing_functions() -> list[str]:
    """The functions of the language that draw numbers, those last that may draw from a table."""
    drawing = [f for f in FUNCTIONS.values() if f.draws and (f.made_of is None or f.engines)]
    tabled = sorted(function.name + FIXED for function in drawing if function.tabled)
    return sorted(function.name for function in drawing) + tabled
