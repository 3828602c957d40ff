"""What is called otherwise elsewhere: errors say what to write here, and what they say is right."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import scipy.special

import numpybrain as nb
from numpybrain.utils import foreign_names
from numpybrain.language import unit_hints

# ---- functions -------------------------------------------------------------------------------

FUNCTIONS = {
    "asin": math.asin, "acos": math.acos, "atan": math.atan, "ln": math.log, "pow": math.pow, "power": math.pow,
    "square": lambda x: x*x, "exp2": lambda x: 2**x, "cbrt": np.cbrt, "sec": lambda x: 1/math.cos(x),
    "csc": lambda x: 1/math.sin(x), "cot": lambda x: 1/math.tan(x), "fabs": math.fabs, "absolute": abs,
    "sgn": np.sign, "signum": np.sign, "minimum": min, "fmin": min, "maximum": max, "fmax": max,
    "fmod": np.mod, "rem": np.mod, "remainder": np.mod, "ceiling": math.ceil, "trunc": math.trunc, "fix": math.trunc,
    "round": round, "rint": np.rint, "H": lambda x: np.heaviside(x, 0.5), "Heaviside": lambda x: np.heaviside(x, 0.5),
    "step": lambda x: np.heaviside(x, 0.5), "sigmoid": scipy.special.expit, "expit": scipy.special.expit,
    "logistic": scipy.special.expit, "exprelr": lambda x: 1/scipy.special.exprel(x),
    "vtrap": lambda x, y: x/(math.exp(x/y) - 1),
}  # fmt: skip
RANDOM = {"random", "gauss"}
CHOICES = {"ifelse", "ite"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_to_write_is_the_same_function(name: str) -> None:
    two = "{1}" in unit_hints.ELSEWHERE[name]
    for x, y in ((0.3, 0.8), (0.9, 0.2)):
        call = f"{name}(a - b, c)" if two else f"{name}(a - b)"
        with pytest.raises(nb.UnknownNameError, match=f"unknown function '{name}'\n") as caught:
            nb.Neurons(1, f"z = 2*{call}*3 : 1\na : 1\nb : 1\nc : 1")
        assert caught.value.help is not None
        text = caught.value.help.removeprefix("write ")
        model = nb.Model(f"z = 2*({text})*3 : 1\na : 1\nb : 1\nc : 1")
        found = float(model["z"].expr.subs({"a": x + 1, "b": 1, "c": y}))
        want = FUNCTIONS[name](x, y) if two else FUNCTIONS[name](x)
        assert found == pytest.approx(6 * float(want), rel=1e-9)


def test_every_function_of_others_is_tried() -> None:
    assert {*FUNCTIONS, *RANDOM, *CHOICES} == set(unit_hints.ELSEWHERE)


@pytest.mark.parametrize("name", sorted(RANDOM | CHOICES))
def test_what_to_write_is_read(name: str) -> None:
    arguments = {"random": "", "gauss": "3, 5"}.get(name, "v > 1, 2, 3")
    with pytest.raises(nb.UnknownNameError) as caught:
        nb.Neurons(1, "v : 1", threshold=f"{name}({arguments}) > 1")
    nb.Neurons(1, "v : 1", threshold=f"{caught.value.help.removeprefix('write ')} > 1")


def test_a_function_that_is_given_is_called_whatever_its_name() -> None:
    cells = nb.Neurons(1, "v = atan(1) : 1", atan=lambda x: 5 * x)
    monitor = nb.Monitor(cells, "v")
    nb.Network(cells, monitor).run(0.1)
    assert monitor.v[0, 0] == 5


def test_a_choice_as_in_c() -> None:
    with pytest.raises(nb.ModelSyntaxError) as caught:
        nb.Model("x = 1 + (v >= 1 ? f : exp(v)) : 1\nv : 1\nf = 3 : 1")
    assert caught.value.help == "write  f if v >= 1 else exp(v)"


# ---- conditions as numbers --------------------------------------------------------------------

CONDITIONS = {
    "2*(v > 0.5)": lambda v, k: 2 * (v > 0.5), "-(v > 0.5)": lambda v, k: -int(v > 0.5),
    "(v > 0.2) + (v > 0.5) - k": lambda v, k: int(v > 0.2) + int(v > 0.5) - k, "k*v + (1 - k)*2": lambda v, k: v if k else 2,
    "(v > 0.5)**2/4": lambda v, k: (v > 0.5) / 4, "exp(k)": lambda v, k: math.exp(k), "max(k, v)": lambda v, k: max(k, v),
    "v > 0.5": lambda v, k: v > 0.5, "3 if v > 0.5 else k": lambda v, k: 3 if v > 0.5 else k, "v*True + False": lambda v, k: v,
    "where(k, v > 0.5, 7)": lambda v, k: v > 0.5 if k else 7, "not_refractory*v": lambda v, k: v,
    "((v > 0.5) == 1)*5 + (k < v)": lambda v, k: (v > 0.5) * 5 + (k < v), "int(v > 0.5) + int(k)": lambda v, k: int(v > 0.5) + k,
    "(k + k) % 2 + 5 // (1 + k)": lambda v, k: 2 * k % 2 + 5 // (1 + k),
}  # fmt: skip


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_in_a_calculation_is_0_or_1(text: str) -> None:
    values, flags = np.array([0.1, 0.3, 0.6, 0.9]), [True, False, True, False]
    cells = nb.Neurons(4, f"x = {text} : 1\nv : 1\nk : boolean\ny : 1\nn : integer", threshold="v > 2")
    cells.v, cells.k = values, flags
    cells.at("end", f"y = {text}; n += v > 0.5")
    monitor = nb.Monitor(cells, "x")
    nb.Network(cells, monitor).run(0.1)
    want = [float(CONDITIONS[text](v, k)) for v, k in zip(values, flags, strict=True)]
    np.testing.assert_allclose(monitor.x[0], want)
    np.testing.assert_allclose(cells.y, want)
    assert cells.n.tolist() == [0, 0, 1, 1]


def test_conditions_add_up_at_a_target() -> None:
    """Two synapses at one target in one step: as the loop over them does."""
    source = nb.Neurons(3, "v = 1 : 1", threshold="v > 0.5")
    target = nb.Neurons(1, "n : integer\nx : 1")
    syn = nb.Synapses(source, target, "w : 1", on_pre="n += w > 0.5; x += 2*(w > 0.5)", connect="True")
    syn.w = [0.2, 0.7, 0.9]
    nb.Network(source, target, syn).run(0.3)
    assert (target.n[0], target.x[0]) == (6, 12)


# ---- units ------------------------------------------------------------------------------------


def test_values_know_units_of_one_letter() -> None:
    cells = nb.Neurons(2, "dv/dt = (E - v)/tau : volt\nE : volt\ntau : ms", E="0.07*V", tau="10*ms + 0.01*s",
                       initial={"v": "-0.07*V"})  # fmt: skip
    assert (cells.E[0], cells.tau[0], cells.v[0]) == (0.07, 20, -0.07)
    cells.v = "E - 1*V"
    assert cells.v[0] == 0.07 - 1


def test_names_of_the_model_come_before_units_of_one_letter() -> None:
    cells = nb.Neurons(2, "V : mV\nE : mV", initial={"V": "3*mV", "E": "2*V"})
    assert cells.E.tolist() == [6, 6]


def test_a_name_that_hides_a_unit_is_no_fault_in_itself() -> None:
    cells = nb.Neurons(1, "dv/dt = -v/(cm*R) : mV\ncm : uF\nR = 1*kohm : kohm", cm="2 uF", initial={"v": 1})
    nb.Network(cells).run(2)
    assert cells.v[0] == pytest.approx(math.exp(-1))


# ---- names without value or unit -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tau": 10, "E": "-70 mV"}, r"'tau' must be a time \(got the bare number 10\)"),
        ({"tau": [10, 20], "E": "-70 mV"}, r"'tau' must be a time \(got bare numbers\)"),
        ({"tau": np.float64(2.5), "E": "-70 mV"}, "tau='2.5 ms'"),
        ({"tau": "10 ms", "E": -70}, "E='-70 mV'"),
        ({"tau": 10}, "'tau' must be a time"),
        ({"tau": "10 mV", "E": "-70 mV"}, r"must be a voltage per time \(got a number\)"),
    ],
)
def test_the_unit_that_is_missing_is_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(nb.UnitError, match=message):
        nb.Neurons(2, "dv/dt = (E - v)/tau : mV", **values)


def test_the_unit_that_is_missing_at_synapses() -> None:
    cells = nb.Neurons(2, "dv/dt = -v/(10*ms) : mV", threshold="v > 1*mV", reset="v = 0*mV")
    with pytest.raises(nb.UnitError, match=r"'w' must be a voltage \(got the bare number 0.5\)") as caught:
        nb.Synapses(cells, cells, on_pre="v += w", w=0.5, connect="True")
    assert caught.value.span.text == "w"
    assert caught.value.help == "give it its unit, such as w='0.5 mV'"


def test_a_bare_number_for_a_number_is_right() -> None:
    cells = nb.Neurons(2, "dv/dt = (k - v)/tau : 1", k=3, tau="10 ms")
    assert cells.k.tolist() == [3, 3]


# ---- the module ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*foreign_names.NAMES, "ms", "mV", "second", "nS", "Hz"])
def test_names_of_brian2(name: str) -> None:
    with pytest.raises(AttributeError, match=f"no attribute '{name}'") as caught:
        getattr(nb, name)
    assert isinstance(caught.value, nb.UnknownAttributeError)
    assert caught.value.help
    assert "did you mean" not in caught.value.message
    for public in re.findall(r"nb\.(\w+)", caught.value.help):
        assert public in nb.__all__
    if caught.value.help.startswith("from"):
        exec(caught.value.help, {})  # noqa: S102 - what we say ourselves


def test_what_is_said_of_groups_and_monitors_works() -> None:
    names: dict[str, Any] = {"nb": nb, "n": 4, "i": [1, 1], "t": [0.0, 0.1]}
    poisson = eval(foreign_names.NAMES["PoissonGroup"], names)  # noqa: S307
    given = eval(foreign_names.NAMES["SpikeGeneratorGroup"], names)  # noqa: S307
    spikes = eval(foreign_names.NAMES["SpikeMonitor"], {"nb": nb, "group": given})  # noqa: S307
    nb.Network(poisson, given, spikes).run(1)
    assert spikes.i.tolist() == [1, 1]


def test_what_is_no_name_of_anybody() -> None:
    with pytest.raises(nb.UnknownAttributeError, match="did you mean 'Neurons'"):
        nb.Neuron  # noqa: B018


def group() -> nb.Neurons:
    return nb.Neurons(2, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0")


ARGUMENTS = [
    (lambda: nb.Neurons(N=10, model="v : 1"), "the number comes first"),
    (lambda: nb.Neurons("v : 1", 10), "the number comes first"),
    (lambda: nb.Neurons(10, "v : 1", dt="0.1 ms"), "nb.Network(..., dt="),
    (lambda: nb.Neurons(10, "v : 1", method_options={}), "nb.method"),
    (lambda: nb.Synapses(group(), on_pre="v += 1", p=0.1), "nb.connect.probability"),
    (lambda: nb.Synapses(group(), on_pre="v += 1", connect="True", p=0.1), "nb.connect.probability"),
    (lambda: nb.Synapses(group(), connect="True", pre="v += 1"), "on_pre="),
    (lambda: nb.Synapses(group(), on_pre="v += 1", connect="True").connect(condition="i != j"), "connect='i != j'"),
    (lambda: nb.Synapses(group(), on_pre="v += 1", connect="True").connect("True", p=0.5), "nb.connect.probability"),
    (lambda: nb.Monitor(group(), "v", record=True), "of=[0, 1]"),
    (lambda: nb.Monitor(group(), variables="v"), "names come after the group"),
    (lambda: nb.Network(group(), clock=None), "nb.Network(..., dt="),
    (lambda: nb.inputs.Poisson(5, rates="10 Hz"), "rate='10 Hz'"),
    (lambda: nb.inputs.Poisson(5, 10, dt=0.1), "nb.Network(..., dt="),
    (lambda: nb.inputs.Poisson(5, 10, spike_times="interpolated"), "nb.inputs.SpikeTimes"),
    (lambda: nb.inputs.Gamma(5, 10, 2, spike_times="interpolated"), "nb.inputs.SpikeTimes"),
    (lambda: nb.inputs.MIP(5, correlation=0.1, rates=3), "rate='10 Hz'"),
    (lambda: nb.inputs.SpikeTimes(indices=[0], times=[1]), "neurons and times come first"),
    (lambda: nb.inputs.SpikeTimes([0], [1], sorted=True), "need not be sorted"),
    (lambda: group().poisson(target_var="v", n=1, rate=1, weight=1), "cells.poisson('v'"),
    (lambda: group()[:1].poisson("v", N=1, rate=1, weight=1), "n=100"),
    (lambda: nb.Network(group()).run(1, report="text"), "progress=True"),
    (lambda: nb.Network(group()).run(1, namespace={}), "where a group is made"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ARGUMENTS)))
def test_arguments_of_brian2(number: int) -> None:
    make, said = ARGUMENTS[number]
    with pytest.raises((nb.ArgumentError, nb.UnknownNameError)) as caught:
        make()
    assert said in str(caught.value.help)


def test_an_argument_that_is_misspelt() -> None:
    with pytest.raises(nb.ArgumentError, match="did you mean 'every'"):
        nb.Monitor(group(), "v", evry=1)
    with pytest.raises(TypeError):
        nb.Network(group()).run(1, progres=True)


@pytest.mark.parametrize("name", ["p", "rates", "order", "condition"])
def test_words_of_others_are_names_like_any_other(name: str) -> None:
    cells = nb.Neurons(2, f"dv/dt = {name}/ms : 1\n{name} : 1", **{name: 3})
    assert getattr(cells, name)[0] == 3
    syn = nb.Synapses(cells, cells, f"{name} : 1", on_pre=f"v += {name}", connect="True", **{name: 2})
    assert getattr(syn, name)[0] == 2


# ---- models and methods --------------------------------------------------------------------------

MEANT = {
    "hh": "hodgkin_huxley", "izh": "izhikevich", "ml": "morris_lecar", "fhn": "fitzhugh_nagumo", "iaf": "lif",
    "EIF": "exponential_if", "HodgkinHuxley": "hodgkin_huxley", "wb": "wang_buzsaki", "stdp": "stdp_pair",
    "tsodyks": "short_term_tsodyks_markram", "aeif_psc_exp": "exponential_current", "aeif_cond_alpha": "aeif_cond_exp",
    "fitzhugh": "fitzhugh_nagumo", "lecar": "morris_lecar", "gaba": "gaba_a", "hodgkin_huxly": "hodgkin_huxley",
}  # fmt: skip


@pytest.mark.parametrize("name", MEANT)
def test_short_names_of_models(name: str) -> None:
    with pytest.raises(nb.LibraryError, match=f"unknown model '{name}': did you mean .*'{MEANT[name]}'"):
        nb.Neurons(1, name)
    assert MEANT[name] in nb.list_models(None)


def test_the_methods_there_are() -> None:
    from numpybrain.symbolic.methods import ELSEWHERE

    with pytest.raises(nb.MethodError, match="it is called 'exact' here") as caught:
        nb.Neurons(1, "dv/dt = -v/ms : 1", method="linear")
    assert caught.value.help == f"methods are {', '.join(nb.list_methods())}"
    assert set(ELSEWHERE.values()) <= set(nb.list_methods())
    assert not set(ELSEWHERE) & set(nb.list_methods())


def test_models_of_others_are_in_the_library() -> None:
    from numpybrain.library import ELSEWHERE

    assert {m for meant in ELSEWHERE.values() for m in meant} <= set(nb.list_models(None))
