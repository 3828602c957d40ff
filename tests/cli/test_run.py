"""The command line: what it prints, where, and with which exit status."""

import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import numpybrain as nb
from tests.sample import SAMPLE
from numpybrain.cli import main

from .common import SOUND, fails

ROOT = Path(__file__).parents[2]


def process(*words, **options):
    """A command line in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-W", "error", "-m", "numpybrain", *words]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # a shell starts what runs in its background deaf to interrupts
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options
    )  # fmt: skip


# ---- the whole ----


def test_without_a_command_it_helps(call):
    status, out, err = call()
    assert (status, err) == (0, "")
    assert all(f"    {command} " in out for command in ("run", "show", "models", "check"))


@pytest.mark.parametrize(
    "command", ["run", "show", "models", "methods", "check", "cite", "doctor", "completion"]
)
def test_every_option_has_a_help_text(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main.main([command, "--help"])
    assert caught.value.code == 0
    parser = next(a for a in main._parser()._actions if a.choices and command in a.choices).choices[command]
    assert all(action.help for action in parser._actions)


def test_version(capsys):
    with pytest.raises(SystemExit) as caught:
        main.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"NumpyBrain {nb.__version__}\n"


@pytest.mark.parametrize(
    "words", [["rn"], ["run"], ["run", "lif", "--fro", "3 s"], ["run", "lif", "-n", "x"]]
)
def test_wrong_usage_is_status_2(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main.main(words)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: numpybrain")


def test_runs_as_a_module_and_stops_quietly_when_nobody_reads():
    running = process("show", "hodgkin_huxley", "--code", "--tree")
    assert running.stdout.readline() == "hodgkin_huxley: Hodgkin-Huxley neuron\n"
    running.stdout.close()
    assert running.stderr.read() == ""
    running.stderr.close()
    assert running.wait() in (0, 1)


# ---- run: models ----


def test_run_of_a_library_model(call):
    status, out, err = call("run", "lif", "--set", "I=2 nA", "--for", "200 ms", "--dt", "0.01 ms")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[:2] == [
        "lif: Leaky integrate-and-fire neuron",
        "1 neuron, 200 ms in steps of 0.01 ms, method exact",
    ]
    check = nb.library.table_of("lif")["check"]  # of the mathematics, without a time grid
    count, rate, first, interval = re.search(
        r"^spikes  (\d+) \((.*) Hz\), the first at (.*) ms, the last interval (.*) ms$", lines[2]
    ).groups()
    assert int(count) == check["spike_count"]
    assert float(rate) == check["spike_count"] / 0.2
    assert float(first) == pytest.approx(check["spike_times"][0], abs=0.011)
    assert float(interval) == pytest.approx(2 + 10 * np.log(20 / 5), abs=0.021)
    final = float(re.search(r"^v       (\S+) mV at the end$", lines[3])[1])
    assert final == pytest.approx(-52.623721, abs=0.05)
    assert len(lines) == 4


@pytest.mark.parametrize("name", SAMPLE)
def test_every_library_model_runs_as_it_is(name, call):
    status, out, err = call("run", name, "--for", "20 ms", "-n", "2")
    assert (status, err) == (0, "")
    assert f"\nspikes" in out
    if "No spikes" in out:
        given = nb.library.table_of(name)["check"]["parameters"]
        hint = out.splitlines()[-1]
        assert hint == "Try  " + " ".join(f'--set {k}="{v}"' for k, v in given.items())


def test_a_silent_model_says_what_can_be_changed(call):
    status, out, _ = call("run", "lif", "--for", "10 ms")
    assert status == 0
    assert "spikes  none\n" in out
    assert "No spikes: the model may need input." in out
    assert re.search(r"^    tau_m    10 ms    membrane time constant$", out, re.MULTILINE)
    assert out.endswith('Try  --set I="2 nA"\n')


def test_one_value_per_neuron_and_start_values(call):
    status, out, _ = call("run", "lif", "-n", 5, "--set", "I=4*nA*i/N", "--set", "v=-60 mV", "--for", 0)
    assert status == 0
    assert "v       -60 mV at the end" in out
    status, out, _ = call("run", "lif", "-n", 5, "--set", "E_L=-65*mV - i*mV", "--for", 0)
    assert "v       -69 to -65 mV at the end" in out  # it starts at E_L
    status, out, _ = call("run", "lif", "-n", 50, "--set", "I=4*nA*i/N", "--for", "1 s")
    rates = re.search(r"\((.*) Hz per neuron, from (.*) to (.*) Hz\)", out).groups()
    mean, low, high = map(float, rates)
    current = 4 * np.arange(50) / 50
    drive = 10 * current[current > 1.5]
    exact = 1000 / (2 + 10 * np.log(drive / (drive - 15)))
    assert low == 0
    assert high == pytest.approx(exact[-1], rel=0.03)
    assert mean == pytest.approx(exact.sum() / 50, rel=0.03)


@pytest.mark.parametrize("number", ["9" * 5000, "1e999", "-1e400", "10**400*nA", "exp(exp(9))*nA"])
def test_values_that_no_float_can_hold(call, number):
    status, out, err = call("run", "lif", "--set", f"I={number}", "--for", 1)
    assert (status, out) == (2, "")
    assert "number out of range" in err
    assert len(err) < 500


def test_bare_numbers_are_in_the_declared_unit(call):
    assert call("run", "lif", "--set", "I=2") == call("run", "lif", "--set", "I=2 nA")


def test_record_method_and_seed(call):
    words = ["run", "lif", "-n", 4, "--set", "v=-65*mV + 10*mV*rand()", "--record", "v,I", "--for", "5 ms"]
    status, out, _ = call(*words, "--seed", 3, "--method", "euler")
    assert status == 0
    assert "method euler\n" in out
    assert "I       0 nA over the run\n" in out
    assert re.search(r"^v       \S+ to \S+ mV over the run$", out, re.MULTILINE)
    assert call(*words, "--seed", 3, "--method", "euler")[1] == out
    assert call(*words, "--seed", 4, "--method", "euler")[1] != out


def test_quiet(call):
    assert call("run", "lif", "--quiet", "--for", 1) == (0, "", "")


def test_a_model_file(call):
    Path("mine.toml").write_text(SOUND)
    status, out, _ = call("run", "mine.toml", "--set", "drive=20 mV", "--for", "100 ms")
    assert status == 0
    assert out.startswith("mine: A model of mine\n")
    interval = float(re.search(r"last interval (\S+) ms", out)[1])
    assert interval == pytest.approx(10 * np.log(2), abs=0.11)


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        (["lif", "--set", "I=2 nA"], "v"),
        (["lif", "-n", "20", "--set", "I=2 nA"], "spikes"),
        (["lif", "-n", "20"], "v"),
        (["lif", "-n", "20", "--set", "I=2 nA", "--record", "v,I"], "v, I"),
        (["lif", "-n", "20", "--set", "I=2 nA", "--record", "v,spikes"], "spikes, v"),
        (["lif", "--set", "I=2 nA", "--record", "spikes"], "spikes"),
    ],
)
def test_plot(call, words, drawn):
    pytest.importorskip("matplotlib")
    status, out, err = call("run", *words, "--for", "20 ms", "--plot", "out.png")
    assert (status, err) == (0, "")
    assert f"\npicture of {drawn} in out.png\n" in out
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in Path().iterdir()] == ["out.png"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lfi"], "LibraryError: unknown model 'lfi': did you mean 'lif'?"),
        (["lif", "--set", "I"], "ArgumentError: --set takes NAME=VALUE (got 'I')"),
        (["lif", "--set", "tau=3 ms"], "UnknownNameError: the model has no parameter 'tau'"),
        (["lif", "--set", "I=3 mV"], "UnitError: 'I' of 'lif' must be a current (got a voltage)"),
        (["lif", "--set", "I=3*nA*foo"], "UnknownNameError: unknown name 'foo' in 'I' of 'lif'"),
        (["lif", "--set", "v=3 nA"], "UnitError: the initial value of 'v' must be"),
        (["lif", "--for", "10 mV"], "UnitError: the duration of a run must be a time (got a voltage)"),
        (["lif", "--for", "-1"], "TimeStepError: the duration of a run is negative"),
        (["lif", "--dt", "0"], "TimeStepError: dt must be positive (got 0 ms)"),
        (["lif", "-n", "0"], "ArgumentError: the number of neurons is a whole number, at least 1"),
        (["lif", "--record", "w"], "UnknownAttributeError: 'lif' has no variable 'w' to record"),
        (["lif", "--method", "exakt"], "MethodError: unknown method 'exakt': did you mean 'exact'?"),
        (["hodgkin_huxley", "--method", "exact"], "MethodError: method 'exact' cannot do this"),
        (["lif", "--plot", "no/out.png"], "ArgumentError: there is no folder 'no'"),
        (["lif", "--plot", "out.xyz"], "ArgumentError: pictures cannot be written as '.xyz'"),
        (["mine.toml"], "LibraryError: cannot read the model file mine.toml: No such file"),
        (["notes.txt"], "LibraryError: 'notes.txt' is no model file"),
        (["lif.py"], "ArgumentError: there is no script 'lif.py'"),
    ],
)
def test_mistakes_in_a_run(call, words, message):
    pytest.importorskip("matplotlib")
    Path("notes.txt").write_text("dv/dt = 1/ms : 1")
    assert fails(call, "run", *words).startswith(message)
    assert [path.name for path in Path().iterdir()] == ["notes.txt"]


def test_open_names(call):
    Path("mine.toml").write_text(SOUND)
    assert "'mine' leaves names open: drive" in fails(call, "run", "mine.toml")
    status, out, _ = call("show", "mine.toml")
    assert status == 0
    assert "open names: drive" in out
    assert "method exact" in call("show", "mine.toml", "--set", "drive=1 mV")[1]


def test_plot_without_matplotlib(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = "plotting needs the package 'matplotlib': pip install \"numpybrain[plot]\"\n"
    assert fails(call, "run", "lif", "--plot", "out.png") == message


# ---- run: scripts ----


def script(text):
    Path("script.py").write_text(textwrap.dedent(text))
    return "script.py"


def test_a_script_is_main_and_gets_its_arguments(call):
    Path("beside.py").write_text("x = 5")
    path = script("""
        import sys
        import beside
        print(__name__, sys.argv, beside.x, "call" in globals())
        """)
    before = list(sys.argv), list(sys.path)
    status, out, err = call("run", path, "--", "--plot", "a b", "--", "-n")
    assert (status, err) == (0, "")
    assert out == "__main__ ['script.py', '--plot', 'a b', '--', '-n'] 5 False\n"
    assert (sys.argv, sys.path) == before
    sys.modules.pop("beside")


def test_an_explained_error_of_a_script_has_no_traceback(call):
    path = script("""\
        import numpybrain as nb

        def make():
            return nb.Neurons(3, "dv/dt = -v/ta : 1\\ntau = 3*ms : ms")

        make()
        """)
    err = fails(call, "run", path)
    assert err.splitlines()[:3] == [
        "script.py, line 4:",
        "UnknownNameError: unknown name 'ta' in the equation for 'v': did you mean 'tau'?",
        "    dv/dt = -v/ta : 1",
    ]


def test_another_error_of_a_script_has_the_traceback_of_the_script(call):
    status, out, err = call("run", script("def f():\n    return 1/0\n\nf()\n"))
    assert (status, out) == (1, "")
    assert err.startswith('Traceback (most recent call last):\n  File "script.py", line 4')
    assert err.endswith("ZeroDivisionError: division by zero\n")
    assert "runpy" not in err
    status, _, err = call("run", script("x = = 3"))
    assert status == 1
    assert err.endswith("SyntaxError: invalid syntax\n")


def test_a_script_may_exit(call):
    with pytest.raises(SystemExit) as caught:
        call("run", script("raise SystemExit(7)"))
    assert caught.value.code == 7


def test_options_of_models_are_not_for_scripts(call):
    err = fails(call, "run", script(""), "--plot", "out.png")
    assert "write  numpybrain run script.py -- --plot ..." in err
    with pytest.raises(SystemExit) as caught:
        call("run", "lif", "--", "x")
    assert caught.value.code == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for processes")
@pytest.mark.parametrize(
    "wait",
    [
        "import time; print('here', flush=True); time.sleep(60)",
        """
        import numpybrain as nb
        def integrate(t):
            if t == 0:
                print("here", flush=True)
        cells = nb.Neurons(1, {"v": "1"}, integrate=integrate)
        nb.Network(cells).run("100000 s")
        """,
    ],
)
def test_interrupt_is_status_130(wait):
    running = process("run", script(wait))
    assert running.stdout.readline() == "here\n"
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, "", "interrupted\n")


def test_a_bar_on_a_terminal_only(call, monkeypatch):
    tqdm = pytest.importorskip("tqdm")
    bars = []

    class Bar(tqdm.tqdm):
        def __init__(self, *args, **options):
            super().__init__(*args, **{**options, "file": open(os.devnull, "w"), "disable": False})
            bars.append(self)

        def close(self):
            super().close()
            self.fp.close()

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    assert call("run", "lif", "--for", 10)[0] == 0
    assert bars == []
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert call("run", "lif", "--for", 10, "--quiet")[0] == 0
    assert bars == []
    assert call("run", "lif", "--for", 10)[0] == 0
    assert [bar.n for bar in bars] == [100]
    assert bars[0].delay == 1.0


# ---- events ----


def test_events_are_reported_like_spikes(call, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SOUND + '[events]\nhigh = "v > 5*mV"\nnever = "v < 0*mV"\n')
    status, out, _ = call("run", path, "--set", "drive=8 mV", "--for", "20 ms")
    assert status == 0
    # 8*(1 - exp(-t/10)) reaches 5 mV at 9.81 ms, so 9.8 ms is the first step at whose end it is above
    assert re.search(r"^event high +102 \(5100 Hz\), the first at 9.8 ms", out, re.MULTILINE)
    assert re.search(r"^event never +none$", out, re.MULTILINE)


def test_events_are_shown(call, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SOUND + '[events]\nhigh = "v>5*mV"\n[on_event]\nhigh = "v -= 1*mV"\n')
    status, out, _ = call("show", path, "--set", "drive=8 mV")
    assert status == 0
    assert "event high:\n    v > 5*mV" in out
    assert "on_event high:\n    v -= 1*mV" in out
