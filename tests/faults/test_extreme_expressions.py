"""Random expressions over 0, huge, tiny and infinite numbers: a value, or an error of ours; never another one."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest

import numpybrain as nb

NUMBERS = [
    "0",
    "inf",
    "-inf",
    "1e308",
    "1e5",
    "1e-308",
    "-1e5",
    "2",
    "0.5",
    "1e300",
    "1e16",
    "64",
    "-1",
    "1e-300",
    "1/3",
]
NAMES = ["v", "w", "a", "t", "dt"]
ONE = """sin cos tan sinh cosh tanh arcsin arccos arctan exp log log10 log2 expm1 log1p exprel floor ceil erf abs sign
    heaviside sqrt int poisson""".split()
TWO = ["min", "max", "mod", "binomial"]
METHODS = [None, "euler", "rk4", "exponential_midpoint", "exact", "rk45", "backward_euler", "heun"]
N_SEEDS, N_SOON = 500, 50


def expression(rng: random.Random, depth: int) -> str:
    kind = rng.random()
    if depth == 0 or kind < 0.1:
        return rng.choice(NUMBERS + NAMES)
    a, b = expression(rng, depth - 1), expression(rng, depth - 1)
    if kind < 0.6:
        return f"({a} {rng.choice(['+', '-', '*', '/', '**', '//', '%'])} {b})"
    if kind < 0.8:
        return f"{rng.choice(ONE)}({a})"
    if kind < 0.87:
        return f"{rng.choice(TWO)}({a}, {b})"
    if kind < 0.94:
        return f"({a} if {b} {rng.choice(['<', '>=', '=='])} {expression(rng, depth - 1)} else {b})"
    return f"(-({a}))**{rng.choice(NUMBERS)}"


def attempt(rng: random.Random) -> None:
    """Everything that one can do with such expressions."""
    x, rate, new, start = (expression(rng, rng.randint(1, 4)) for _ in range(4))
    equations = f"dv/dt = ({rate})/ms : 1\nx = {x} : 1\nw = 1 : 1\na : 1"
    n, method = rng.choice([1, 3]), rng.choice(METHODS)
    cells = nb.Neurons(
        n, equations, threshold="v > 0.5", reset=f"w = {new}; v = 0", method=method, initial={"v": start}
    )
    assert cells.update.formula
    assert cells.model.explain()
    assert np.shape(cells.x) in ((n,), ())
    nb.Network(cells, nb.Monitor(cells, "x"), dt="0.1 ms").run("0.3 ms")


@pytest.mark.parametrize(
    "seed", [*range(N_SOON), *(pytest.param(s, marks=pytest.mark.slow) for s in range(N_SOON, N_SEEDS))]
)
def test_extreme_numbers_end_in_a_value_or_an_error_of_ours(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nb.StabilityWarning)
        try:
            attempt(random.Random(f"extreme {seed}"))
        except nb.NumpyBrainError as error:
            assert 0 < len(str(error)) < 3000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inf - inf + v", "this has no value"),
        ("inf*0*v", "this has no value"),
        ("sin(inf)*v", "this has no value"),
        ("1e308*10*v", "number out of range"),
        ("v*1e200*1e200", "number out of range"),
        ("((3*v)**64)**64", "number out of range"),
        ("((0.5*v)**64)**64", "number out of range"),
        ("exp(exp(9))*v", "number out of range"),
        ("v*exp(710)", "number out of range"),
        ("log(-2)*v", "this is no real number"),
        ("v/(3 - 2 - 1)", "division by zero"),
        ("v//0", "division by zero"),
        ("v % 0", "division by zero"),
        ("0**(-v)", "division by zero"),
    ],
)
def test_what_no_float_can_hold_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(nb.NumpyBrainError, match=message) as caught:
        nb.Neurons(1, f"x = {text} : 1\nv = 1 : 1").x
    assert caught.value.span is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.7e308*v", 1.7e308),
        ("v + 1e308 - 1e308", 1.0),
        ("v/inf", 0.0),
        ("exp(-inf) + v", 1.0),
        ("max(v, -inf)", 1.0),
        ("arcsin(sin(1e300))*v", np.arcsin(np.sin(1e300))),
        ("cos(1e22)*v", np.cos(1e22)),
        ("((1 + 1e-300)**1000)**1000*v", 1.0),
        ("(((1 + 1e-10)*v)**64)**64", (1 + 1e-10) ** 4096),
        ("tanh(1e300)*v", 1.0),
        ("v*1.234567890123456789**400/1.234567890123456789**399", 1.234567890123456789),
    ],
)
def test_what_floats_can_hold_is_right(text: str, expected: float) -> None:
    assert nb.Neurons(1, f"x = {text} : 1\nv = 1 : 1").x == pytest.approx([expected], rel=1e-12)


@pytest.mark.parametrize("op", ["/=", "//=", "%="])
def test_statements_that_divide_by_zero(op: str) -> None:
    with pytest.raises(nb.ModelError, match="division by zero") as caught:
        cells = nb.Neurons(1, "v = 1 : 1\nx = 2 : 1", threshold="True", reset=f"x {op} 3 - 3")
        nb.Network(cells).run(1)
    assert caught.value.span is not None
    assert caught.value.span.text == "3 - 3"


LONG = 10**400
LONGER = 10**5000  # which Python does not print


@pytest.mark.parametrize(
    "action",
    [
        lambda cells: nb.Network(cells, dt=LONG),
        lambda cells: nb.Network(cells, dt="1e200*1e200*ms"),
        lambda cells: nb.Network(cells, dt="1e400 ms"),
        lambda cells: nb.Network(cells, dt="1e308 s"),
        lambda cells: nb.Network(cells).run("1e400 ms"),
        lambda cells: nb.Monitor(cells, "v", every="1e400 ms"),
        lambda cells: nb.timed([1, 2], dt="1e400 ms"),
        lambda cells: nb.Network(cells).run(LONG),
        lambda cells: nb.Network(cells).run("1e18 ms"),
        lambda cells: nb.Network(cells).run(1e300),
        lambda cells: nb.Neurons(1, "v : 1", threshold="v > 1", refractory=LONG),
        lambda cells: nb.Neurons(LONG, "v : 1"),
        lambda cells: nb.Neurons(-LONGER, "v : 1"),
        lambda cells: nb.Neurons(1, "v = k : 1\nk : 1", k=LONG),
        lambda cells: nb.Neurons(1, "dv/dt = 0/ms : 1", initial={"v": LONG}),
        lambda cells: nb.Monitor(cells, "v", every=LONG),
        lambda cells: nb.Synapses(cells, cells, on_pre="v += 1", connect="True", delay=LONG),
        lambda cells: nb.Synapses(cells, cells, connect="k for k in range(1e16)"),
        lambda cells: nb.seed(-LONGER),
        lambda cells: nb.timed([1, 2], dt=LONGER),
        lambda cells: nb.timed([1, LONGER], dt=1),
        lambda cells: nb.tableau([[0]], [LONGER]),
        lambda cells: nb.method("rk45", relative=LONGER),
        lambda cells: nb.Synapses(cells, cells, connect=nb.connect.fixed_total(LONGER)),
        lambda cells: nb.Synapses(cells, cells, connect=nb.connect.fixed_indegree(LONG, multiple=True)),
        lambda cells: nb.Synapses(cells, cells, connect=nb.connect.probability(LONGER)),
        lambda cells: nb.Synapses(cells, cells, "w : 1", connect="True", w=[LONGER]),
        lambda cells: nb.Neurons(1, "k : integer", initial={"k": LONGER}),
        lambda cells: setattr(cells, "v", LONGER),
        lambda cells: setattr(cells[:1], "v", LONGER),
        lambda cells: cells[LONGER],
        lambda cells: cells[-LONGER:LONGER],
        lambda cells: cells[::LONGER],
        lambda cells: nb.Monitor(cells, "v", of=[LONGER]),
        lambda cells: nb.Model("x : 1", open_names=True),
        lambda cells: nb.Model.parse('equations = "x : 1"\nopen_names = true'),
        lambda cells: nb.Model.parse('equations = "x : 1"\ninitial = 3'),
    ],
)
def test_numbers_that_nothing_can_hold(action: object) -> None:
    cells = nb.Neurons(2, "v : 1", threshold="v > 1")
    with pytest.raises(nb.NumpyBrainError):
        action(cells)  # type: ignore[operator]


@pytest.mark.parametrize("n", [1, 100])
@pytest.mark.parametrize(
    "text", ["poisson(1e300)", "poisson(1e300*v)", "poisson(inf)", "binomial(1e300, 0.5)", "poisson(-v)"]
)
def test_random_numbers_with_impossible_parameters(text: str, n: int) -> None:
    cells = nb.Neurons(n, f"dv/dt = {text}/ms : 1", initial={"v": 1})
    with pytest.raises(nb.ArgumentError, match="needs"):
        nb.Network(cells).run(1)


# ---- what is measured in units ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "x = 1 : ((((kg**100)**100)**100)**100)",
        "x : ((((mV**64)**64)**64)**64)**64",
        "x = ((((mV**64)**64)**64)**64)**64/mV**2 : 1",
        "x = mV**90*mV**90*mV**90*mV**90*mV**90/mV : 1",
    ],
)
def test_exponents_of_units_that_multiply(text: str) -> None:
    with pytest.raises(nb.UnitError, match="unit out of range") as caught:
        nb.Model(text)
    assert caught.value.span is not None


def test_large_units_that_cancel() -> None:
    cells = nb.Neurons(1, "x = (v**20)**3/(2*mV)**60 : 1\nv = 3*mV : mV")
    assert cells.x == pytest.approx([1.5**60], rel=1e-9)


# ---- what is deep ---------------------------------------------------------------------------------------


def chain(n: int, call: str, times: int) -> str:
    lines = [f"y{k} = {call * times}{f'y{k - 1}' if k else 'v'}{')' * times} : 1" for k in range(n)]
    return "\n".join([*lines, f"x = y{n - 1} : 1", "v = 1 : 1"])


@pytest.mark.parametrize("n", [3, 7, 30])
def test_nesting_that_adds_up_over_lines_is_refused(n: int) -> None:
    with pytest.raises(nb.ModelError, match="becomes too large"):
        nb.Neurons(1, chain(n, "sin(", 90))


@pytest.mark.parametrize(("n", "times"), [(1, 45), (50, 2), (4, 25), (2, 45)])
@pytest.mark.parametrize("call", ["sin(", "min(2, ", "log1p("])
def test_what_is_just_not_too_deep_is_right(n: int, times: int, call: str) -> None:
    x = 1.0
    for _ in range(n * times):
        x = {"sin(": np.sin, "min(2, ": lambda x: min(2, x), "log1p(": np.log1p}[call](x)
    cells = nb.Neurons(3, f"{chain(n, call, times)}\ndu/dt = (x - u)/ms : 1", method="rk4")
    assert cells.x == pytest.approx([x] * 3, rel=1e-9)
    nb.Network(cells, dt="0.1 ms").run("0.2 ms")


def test_many_arguments_and_conditions_are_not_deep() -> None:
    many = ", ".join(["v + 1", *(f"v - {k}" for k in range(198))])
    conditions = " and ".join(f"v > -{k + 1}" for k in range(190))
    limits = " < ".join(["v", *(f"v + {k + 1}" for k in range(90))])
    cells = nb.Neurons(
        2, f"x = max({many}) : 1\ny = int({conditions}) : 1\nz = int({limits}) : 1\nv = 2 : 1"
    )
    assert cells.x.tolist() == [3, 3]
    assert cells.y.tolist() == cells.z.tolist() == [1, 1]


def test_too_deep_for_what_is_left_of_pythons_stack() -> None:
    def descend(depth: int) -> None:
        if depth:
            descend(depth - 1)
        else:
            nb.Neurons(1, chain(1, "sin(", 90))

    with pytest.raises(nb.ModelError, match="nested too deep"):
        descend(750)


# ---- what is multiplied out -------------------------------------------------------------------------------


def test_singularities_are_not_looked_for_in_a_sum_of_millions_of_terms() -> None:
    names = "abcdfghk"
    cells = nb.Neurons(
        1,
        f"S = ({'+'.join(names)})**16 : 1\nx = (exp(v + S) - 1)/(2*v + S) : 1\nv = 1 : 1\n"
        + "\n".join(f"{n} = {k / 100} : 1" for k, n in enumerate(names)),
    )
    total = sum(k / 100 for k in range(8)) ** 16
    assert cells.x == pytest.approx([np.expm1(1 + total) / (2 + total)], rel=1e-12)


def test_temporaries_of_a_reset_that_double() -> None:
    """A reset is looked into where v grows as exp(v)."""
    lines = ["a0 = w", *(f"a{k} = a{k - 1}*(a{k - 1} + 1)" for k in range(1, 40)), "v = a39"]
    cells = nb.Neurons(1, "dv/dt = (exp(v) - v)/ms : 1\nw : 1", threshold="v > 1", reset="; ".join(lines))
    nb.Network(cells, dt="0.1 ms").run("1 ms")
    assert cells.v[0] < 1


@pytest.mark.parametrize("equations", ["dv/dt = -v/ms : 1", "dv/dt = -v/ms : 1\nk : integer"])
def test_more_neurons_than_there_is_memory_for(equations: str, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = np.zeros

    def full(shape: object, *more: object, **options: object) -> object:
        if np.prod(shape) > 10**9:  # type: ignore[arg-type]
            raise MemoryError
        return zeros(shape, *more, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(np, "zeros", full)
    with pytest.raises(nb.ArgumentError, match="no memory for 500,000,000,000 values"):
        nb.Network(nb.Neurons(5 * 10**11, equations)).run(1)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("(7//2)*ms", 3),
        ("(3 if 2 > 1 else 4)*ms", 3),
        ("sqrt(9 % 10)*ms", 3),
        ("min(3, 4)*ms", 3),
        ("sqrt(9)/2*ms", 1.5),
        ("int(3.9)*ms", 3),
        ("clip(2, 3, 4)*ms", 3),
    ],
)
def test_constant_refractory_periods(text: str, period: float) -> None:
    cells = nb.Neurons(2, "v = 1 : 1", threshold="v > 0", refractory=text)
    spikes = nb.Monitor(cells[:1], "spikes")
    nb.Network(cells, spikes, dt="0.1 ms").run("20 ms")
    assert np.diff(spikes.t) == pytest.approx(np.full(len(spikes) - 1, period), abs=1e-9)
    assert len(spikes) > 5


@pytest.mark.parametrize("text", ["sqrt((2 % 3) - 5)*ms", "sqrt(2 - 3)*ms", "log(-1)*ms", "-3*sqrt(4)*ms"])
def test_constant_refractory_periods_that_are_none(text: str) -> None:
    with pytest.raises(nb.NumpyBrainError):
        cells = nb.Neurons(2, "v = 1 : 1", threshold="v > 0", refractory=text)
        nb.Network(cells, dt="0.1 ms").run("1 ms")


def test_what_goes_through_zero_with_infinity_is_left_alone() -> None:
    """sin(inf*a)/a is no sin(u)/u: there is no number k with a = k*inf*a."""
    x = nb.Neurons(2, "x = sin(inf*a)/a : 1\na = 1 : 1").x
    assert np.isnan(x).all()
