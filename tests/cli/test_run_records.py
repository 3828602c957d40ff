"""The command `run`: inputs, records and files, and what is left when it is interrupted."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.cli import inputs, main
from numpybrain.errors import NumpyBrainError

from .common import SOUND, fails

STEP = "I = 2 nA from 20 ms to 80 ms"


# ---- inputs ----


def at(text: str, times: list[float]) -> list[float]:
    course = inputs.courses([text], ["I"])["I"]
    return [round(float(course(t)), 9) for t in times]


@pytest.mark.parametrize(
    ("text", "times", "values"),
    [
        (STEP, [0, 19.9, 20, 79.9, 80, 200], [0, 0, 2, 2, 0, 0]),
        ("I=2nA from 20ms to 80ms", [19, 20, 80], [0, 2, 0]),
        ("I = 2 from 20 to 80", [19, 20, 80], [0, 2, 0]),
        ("I = 1.5e3 pA", [0, 1e6], [1500, 1500]),
        ("I = 2 nA from 0.02 s", [19.9, 20, 1e6], [0, 2, 2]),
        ("I = 2*nA - 500*pA to 5 ms", [0, 4.9, 5], [1.5, 1.5, 0]),
        ("I = ramp to 4 nA from 20 ms to 60 ms", [0, 20, 30, 50, 60, 70], [0, 0, 1, 3, 0, 0]),
        ("I = ramp 4 nA to 40 ms", [0, 10, 39.9, 40], [0, 1, 3.99, 0]),
        ("I = sine 3 nA at 25 Hz from 10 ms to 100 ms", [0, 10, 20, 40, 100], [0, 0, 3, -3, 0]),
        ("I = pulses 1 nA of 2 ms every 10 ms from 5 ms", [4, 5, 6.9, 7, 15, 17], [0, 1, 1, 0, 1, 0]),
    ],
)
def test_shapes(text, times, values):
    assert at(text, times) == values


def test_noise_within_its_time():
    nb.seed(3)
    course = inputs.courses(["I = noise 0.5 nA over 5 ms from 20 ms to 4000 ms"], ["I"])["I"].begin()
    found = np.array([course(t, 1) for t in np.arange(0, 4100, 1.0)])
    assert not found[:20].any()
    assert not found[4000:].any()
    assert found[20:4000].std() == pytest.approx(0.5, rel=0.15)


@pytest.mark.parametrize(
    ("text", "message", "mark"),
    [
        ("2 nA", "an input begins with the name of a parameter and '='", "2 nA"),
        ("I + J = 2 nA", "an input begins with the name of a parameter and '='", "I + J"),
        ("J = 2 nA", "the model has no parameter 'J': there are 'I'", "J"),
        ("I = ", "the value of 'I' is missing", ""),
        ("I = from 20 ms", "the value of 'I' is missing", ""),
        ("I = 2 nq from 20 ms", "unknown unit 'nq'", "2 nq"),
        ("I = 2 nA from 20 mV", "the time after 'from' must be a time (got a voltage)", "20 mV"),
        ("I = 2 nA from to 80 ms", "the time after 'from' is missing", "from"),
        ("I = 2 nA from 80 ms to 20 ms", "the input ends at 20 ms, before it begins", "20 ms"),
        ("I = 2 nA to 5 ms to 9 ms", "'to' is there twice", "to"),
        ("I = 2 nA at 40 Hz", "a constant input has no 'at'", "at"),
        ("I = sine 2 nA", "'sine' lacks 'at ...'", "2 nA"),
        ("I = sine 2 nA every 3 ms", "a sine has no 'every'", "every"),
        ("I = noise 2 nA of 3 ms", "noise has no 'of'", "of"),
        ("I = pulses 2 nA of 3 ms", "'pulses' lacks 'every ...'", "2 nA"),
        ("I = ramp 2 nA from 3 ms", "a ramp needs an end", "2 nA"),
    ],
)
def test_mistakes_in_inputs(text, message, mark):
    with pytest.raises(NumpyBrainError) as caught:
        inputs.courses([text], ["I"])
    error = caught.value
    assert error.message.startswith(message)
    assert error.span.source.text == text
    assert error.span.text == mark
    assert error.help is not None or error.message.startswith("the model has")


def test_a_run_with_inputs(call):
    """Two steps of the leaky integrator; between and after them v decays to E_L."""
    words = ["run", "lif", "--input", "I = 1 nA from 20 ms to 50 ms", "--input", "I = -1 nA from 80 ms",
             "--record", "v,I", "--for", "150 ms", "--out", "out.npz"]  # fmt: skip
    status, out, err = call(*words)
    assert (status, err) == (0, "")
    assert out.endswith("\nv, I written to out.npz\n") or "\nv, I written to out.npz\n" in out
    data = np.load("out.npz")
    t, v = data["t"], data["v"].ravel()
    exact = np.full(t.size, -65.0)
    for amplitude, start, stop in ((10, 20, 50), (-10, 80, np.inf)):
        since, over = t - start, np.minimum(t, stop) - start
        exact += np.where(since > 0, amplitude * (1 - np.exp(-over / 10)) * np.exp(-(since - over) / 10), 0)
    assert np.abs(v - exact).max() < 1e-9
    assert sorted(set(data["I"].ravel())) == [-1, 0, 1]


def test_inputs_are_added_to_each_other_and_to_set(call):
    words = [
        "run",
        "lif",
        "--input",
        STEP,
        "--input",
        "I = 1 nA",
        "--record",
        "I",
        "--out",
        "i.npz",
        "--for",
        100,
    ]
    assert call(*words, "--set", "I=-3 nA")[0] == 0
    assert sorted(set(np.load("i.npz")["I"].ravel())) == [-2, 0]
    assert call(*words, "--set", "I=0.5")[0] == 0
    assert sorted(set(np.load("i.npz")["I"].ravel())) == [1.5, 3.5]
    err = fails(call, *words, "--set", "I=2*nA*i/N", "-n", 3)
    assert "--input 'I = ...' is added to a constant --set I=..., and '2*nA*i/N' is none" in err


def test_an_input_for_an_open_name(call):
    Path("mine.toml").write_text(SOUND)
    status, out, _ = call("run", "mine.toml", "--input", "drive = 20 mV from 10 ms", "--for", "100 ms")
    assert status == 0
    first = float(re.search(r"the first at (\S+) ms", out)[1])
    assert first == pytest.approx(10 + 10 * np.log(2), abs=0.11)


def test_an_input_that_does_not_fit(call):
    err = fails(call, "run", "lif", "--input", "I = 2 mV from 20 ms")
    assert "UnitError" in err
    assert "must be a current" in err or "current" in err
    assert "--input" in fails(call, "run", "lif", "--input", "I = sine 1 nA at 3 mV")


# ---- records and files ----


def test_spikes_together_with_variables(call):
    status, out, _ = call("run", "lif", "--set", "I=2 nA", "--record", "spikes,v", "--for", 100)
    assert status == 0
    assert re.search(r"^spikes +6 ", out, re.MULTILINE)
    assert re.search(r"^v .* mV over the run$", out, re.MULTILINE)


@pytest.mark.parametrize("names", [[], ["--record", "spikes"], ["--record", "v"]])
def test_csv(call, names):
    words = ["run", "lif", "-n", 2, "--set", "I=2 nA", *names, "--for", 50, "--out", "out.csv"]
    status, out, err = call(*words)
    assert (status, err) == (0, "")
    lines = [line for line in Path("out.csv").read_text().splitlines() if not line.startswith("#")]
    if names[-1:] == ["v"]:
        assert lines[0] == "t,v[0],v[1]"
        assert len(lines) == 501
        assert "\nv written to out.csv\n" in out
    else:
        assert lines[0] == "t,i"
        assert [line.split(",")[1] for line in lines[1:]] == ["0", "1"] * 3
        assert "\nspikes written to out.csv\n" in out


def test_nwb_holds_both(call):
    pynwb = pytest.importorskip("pynwb")
    words = ["run", "lif", "--set", "I=2 nA", "--record", "v,spikes", "--for", 50, "--out", "out.nwb"]
    assert "\nv, spikes written to out.nwb\n" in call(*words)[1]
    with pynwb.NWBHDF5IO("out.nwb", "r") as file:
        read = file.read()
        assert len(read.units["spike_times"][0]) == 3
        assert len(read.acquisition) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "data"], "ArgumentError: 'data' has no ending, so it does not say what to write"),
        (["--out", "data.txt"], "ArgumentError: records cannot be written as '.txt'"),
        (["--out", "no/data.csv"], "ArgumentError: there is no folder 'no'"),
        (
            ["--out", "d.csv", "--record", "spikes,v"],
            "ArgumentError: a .csv file holds spikes, or variables",
        ),
        (["--plot", "v"], "ArgumentError: 'v' has no ending, so it does not say what to write"),
        (
            ["--method", "exakt", "--plot", "no/v.png"],
            "MethodError: unknown method 'exakt': did you mean 'exact'?",
        ),
        (["--method", "exakt", "--input", "?"], "MethodError: unknown method 'exakt'"),
    ],
)
def test_mistakes_before_the_run(call, words, message):
    pytest.importorskip("matplotlib")
    err = fails(call, "run", "lif", *words)
    assert err.startswith(message)
    if "--method" in words:
        assert f"methods are {', '.join(nb.list_methods())}" in err
    elif words[1] in ("data", "data.txt"):
        assert "use one of .csv, .npz, .nwb" in err
    assert list(Path().iterdir()) == []


def test_a_wrong_method_comes_first_in_show_too(call):
    assert "methods are exact, " in fails(call, "show", "none_such", "--method", "exakt")
    Path("mine.toml").write_text(SOUND)  # has open names, so no method is chosen yet
    assert "unknown method 'exakt'" in fails(call, "show", "mine.toml", "--method", "exakt")


def test_nwb_without_its_package(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynwb", None)
    assert fails(call, "run", "lif", "--out", "a.nwb").startswith(
        "NWB files need the package 'pynwb': pip install"
    )


def test_ctrl_c_reports_draws_and_writes_what_there_is(call, monkeypatch):
    pytest.importorskip("matplotlib")
    run = nb.Network.run

    def pressed(net, duration, **options):
        net.at("end", lambda t: signal.raise_signal(signal.SIGINT) if t >= 49.95 else None)
        return run(net, duration, **options)

    monkeypatch.setattr(nb.Network, "run", pressed)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        words = ["--set", "I=2 nA", "--record", "v", "--for", "10 s", "--plot", "v.png", "--out", "v.csv"]
        status, out, err = call("run", "lif", *words)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (status, err) == (main.INTERRUPTED, "interrupted\n")
    assert "\n1 neuron, 50.1 ms in steps of 0.1 ms" in out
    assert re.search(r"^spikes  3 ", out, re.MULTILINE)
    assert Path("v.png").read_bytes().startswith(b"\x89PNG")
    assert Path("v.csv").read_text().splitlines()[-1].startswith("50.0,")
