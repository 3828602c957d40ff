"""Equal models are read and compiled once; what is kept for that is bounded, and nothing of the user's."""

from __future__ import annotations

import copy
import gc
import itertools
import pickle
import random
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.utils import memory
from numpybrain.language import parse_model, reader
from numpybrain.utils.memory import Content, Remembered
from numpybrain.engine.numpy import compiler
from numpybrain.symbolic import programs, decay, statement_programs

KEPT: list[Remembered[Any, Any]] = [
    f.__wrapped__ if not isinstance(f, Remembered) else f
    for f in (reader._parse, parse_model.define, programs._update_plan, programs._value_program, decay._decays,
              statement_programs._statements_program, compiler._compiled)
]  # fmt: skip

_new = itertools.count(101)


def model() -> str:
    """Equations that nobody has seen before."""
    return f"""
        dv/dt = (g - v)/({next(_new)}*ms) + 0.02*sin(t/ms)/ms : 1 (unless refractory)
        dg/dt = -g/tau : 1
        tau = 5*ms : ms
        """


def groups(n: int, equations: str) -> list[nb.Neurons]:
    made = [
        nb.Neurons(
            3 + k, equations, threshold="v > 0.1", reset="v = 0; g += 0.1", refractory="2 ms", tau=5 + k
        )
        for k in range(n)
    ]
    for group in made:
        group.at("end", "g += 0.01*rand()")
    return made


def synapses(n: int, cells: nb.Neurons, plus: str) -> list[nb.Synapses]:
    stdp = "w : 1\nda/dt = -a/(20*ms) : 1 (event-driven)"
    return [
        nb.Synapses(
            cells,
            cells,
            stdp,
            on_pre=f"g_post += w + {plus}; a += 1",
            on_post="w += a",
            connect="i != j",
            w=k,
        )
        for k in range(n)
    ]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How often texts are parsed, systems are lowered and programs are compiled."""
    found = dict.fromkeys(("parse", "lower", "compile"), 0)

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def count(*args: Any, **kwargs: Any) -> Any:
            found[name] += 1
            return function(*args, **kwargs)

        return count

    monkeypatch.setattr(reader._Builder, "build", counting("parse", reader._Builder.build))
    monkeypatch.setattr(programs, "lower_system", counting("lower", programs.lower_system))
    monkeypatch.setattr(compiler._Emitter, "emit", counting("compile", compiler._Emitter.emit))
    return found


def test_equal_groups_are_read_and_compiled_once(work: dict[str, int]) -> None:
    def make(n: int) -> dict[str, int]:
        work.update(dict.fromkeys(work, 0))
        nb.Network(groups(n, model())).run(5)
        return dict(work)

    make(2)
    one, many = make(2), make(40)
    assert many["compile"] == one["compile"]
    assert many["lower"] == one["lower"] == 1
    assert many["parse"] <= one["parse"] + 40  # an error in a statement of `at` says whose it is
    for name in ("compile", "lower"):
        work[name] = 0
    nb.Network(groups(40, model().replace("ms : 1 (", "ms + 0/ms : 1 ("))).run(5)
    assert 0 < work["compile"] <= one["compile"]


def test_equal_synapses_are_read_and_compiled_once(work: dict[str, int]) -> None:
    def make(n: int) -> dict[str, int]:
        (cells,) = groups(1, model())
        work.update(dict.fromkeys(work, 0))
        nb.Network(cells, synapses(n, cells, str(next(_new)))).run(5)
        return dict(work)

    make(2)
    one, many = make(2), make(40)
    assert many == one


def build(seed: int) -> tuple[nb.Network, list[nb.Neurons]]:
    """Random groups, some of which are equal, or equal but for one thing."""
    nb.seed(seed)
    draw = random.Random(seed)
    cells = []
    for _ in range(8):
        unit = draw.choice(["mV", "volt", "1"])
        rest = "" if unit == "1" else f"*{draw.choice(['mV', 'volt'])}"
        function = draw.choice([lambda x: 0.5 * x, lambda x: 0.25 * x])
        equations = f"""
            dv/dt = (f(a/b)*b - v)/tau : {unit} (unless refractory)
            a = {draw.choice(["0.5", "2", "0.0", "-0.0", "1"])}{rest} : {unit}
            b = 1{rest} : {unit}
            tau : {draw.choice(["ms", "second"])}
            """
        given = {"f": function} if draw.random() < 0.5 else {}
        text = equations if given else equations.replace("f(a/b)*b", draw.choice(["a", "2*a", "abs(a)"]))
        group = nb.Neurons(
            draw.choice([1, 2, 3]), text, threshold=f"v > 0.2{rest}", reset=f"v = {draw.choice(['0', '-0.1'])}{rest}",
            refractory=draw.choice(["1 ms", "0.5 ms"]), tau=draw.choice(["5 ms", "9 ms"]),
            method=draw.choice([None, "euler", "rk4"] if not given else ["euler", "rk4"]), **given,
        )  # fmt: skip
        if draw.random() < 0.5:
            group.tau = np.linspace(0.9, 1.1, group.size) * group.tau
        cells.append(group)
    wires = [
        nb.Synapses(draw.choice(cells), draw.choice(cells), f"w : {draw.choice(['1', 'integer'])}", connect="all_to_all",
                    on_pre=draw.choice(["v_post *= 0.9 + 0*w", "v_post *= 0.9"]), w=draw.choice([0, 1]), delay=draw.choice(["0 ms", "1 ms"]))
        for _ in range(4)
    ]  # fmt: skip
    return nb.Network(cells, wires), cells


@pytest.mark.parametrize("seed", range(12))
def test_results_are_those_without_memory(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for entries in (memory.ENTRIES, 0):
        monkeypatch.setattr(memory, "ENTRIES", entries)
        for kept in KEPT if not entries else ():
            kept.results.clear()
            kept.length = 0
        net, cells = build(seed)
        net.run(20)
        found.append([cell.v.tolist() for cell in cells])
    assert found[0] == found[1]


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "ENTRIES", 10)
    monkeypatch.setattr(memory, "LETTERS", 20_000)
    for _ in range(30):
        (cells,) = groups(1, model())
        nb.Network(cells, nb.Neurons(1, model(), method="euler"), synapses(1, cells, str(next(_new)))).run(
            0.1
        )
        for kept in KEPT:
            assert len(kept.results) <= 10
            assert kept.length == sum(key.length for key in kept.results) <= 20_000
    assert all(kept.results for kept in KEPT)
    before = [list(kept.results) for kept in KEPT]
    nb.Neurons(1, "\n".join(f"dx{k}_/dt = -x{k}_/ms : 1" for k in range(200)))  # too long to be kept
    assert list(KEPT[0].results)[-1] in before[0] or KEPT[0].length <= 20_000
    assert KEPT[1].length <= 20_000


def test_nothing_of_the_user_is_kept_alive() -> None:
    class Number(float):
        pass

    references = []
    for value in (lambda v: v / 2, np.linspace(0, 1, 3), Number(0.5)):
        cells = nb.Neurons(
            3,
            model().replace("sin(t/ms)", "f(v)" if callable(value) else "1"),
            functions={"f": value} if callable(value) else None,
            initial={} if callable(value) else {"v": value},
            threshold="f(v) > 2" if callable(value) else "v > 2",
        )
        nb.Network(cells).run(1)
        references.append(weakref.ref(value))
        del cells, value
    gc.collect()
    assert [reference() for reference in references] == [None, None, None]


DIFFERENT: list[Any] = [
    1,
    1.0,
    True,
    0.0,
    -0.0,
    "1",
    None,
    (1,),
    ((1,),),
    (1, 2),
    [1],
    {"a": 1},
    {"a": 1.0},
    frozenset({1}),
    (),
    "",
]


def test_what_differs_is_not_taken_for_equal() -> None:
    found = [Content(value) for value in DIFFERENT]
    for one, other in itertools.combinations(range(len(found)), 2):
        assert found[one] != found[other], (DIFFERENT[one], DIFFERENT[other])
    assert found == [Content(copy.deepcopy(value)) for value in DIFFERENT]
    one, other = (
        parse_model.define(f"dv/dt = -v/ms : 1{space}\nx : {unit}")
        for space, unit in (("", "mV"), ("  # a word", "mV"))
    )
    assert one is not other
    assert Content(one) == Content(other)  # comments and places in a text mean nothing
    assert Content(one) != Content(parse_model.define("dv/dt = -v/ms : 1\nx : volt"))


def test_copies_do_not_carry_hashes_along() -> None:
    """Texts have other hashes in another program."""
    definition = parse_model.define("dv/dt = -v/ms : 1")
    nb.Neurons(2, "dv/dt = -v/ms : 1")
    Content(definition)
    assert definition.content is not None
    for same in (copy.deepcopy(definition), pickle.loads(pickle.dumps(definition))):
        assert same.content is None
        assert Content(same) == Content(definition)


def test_errors_point_at_their_own_text() -> None:
    for line in (1, 3, 2):
        with pytest.raises(nb.UnknownNameError) as error:
            nb.Neurons(1, "\n" * (line - 1) + "dv/dt = -v/tau : 1\nx : 1")
        assert f"(line {line} of the equations)" in str(error.value)
