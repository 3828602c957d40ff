"""Plots show what was recorded, with labels and units, and leave matplotlib's state alone."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numpybrain as nb
from numpybrain import plot
from numpybrain.errors import ArgumentError, IndexRangeError
from numpybrain.plot import spikes

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402


@pytest.fixture(autouse=True)
def no_figure_stays():
    plt.close("all")  # what other tests have left
    yield
    plt.close("all")


def recorded(n, *variables, of=None, run="50 ms", current="2 + 2*i/N", part=None):
    """A monitor of leaky integrate-and-fire neurons that has run."""
    cells = nb.Neurons(n, "lif", name="cells")
    cells.I = f"({current})*nA"
    mon = nb.Monitor(cells if part is None else cells[part], *variables, of=of, name="mon")
    nb.Network(cells, mon).run(run)
    return mon


def drawn(axes):
    return [line.get_xydata() for line in axes.lines if len(line.get_xydata())]


def labels(axes):
    return axes.get_legend_handles_labels()[1]


# ---- files and figures ----


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
@pytest.mark.parametrize("kind", ["spikes", "v"])
def test_writes_the_file_and_leaves_pyplot_alone(tmp_path, ending, start, kind):
    path = tmp_path / f"picture.{ending}"
    figure = recorded(3, kind).plot(path)
    assert isinstance(figure, Figure)
    assert path.read_bytes().startswith(start)
    assert plt.get_fignums() == []
    assert list(tmp_path.iterdir()) == [path]


def test_paths_may_be_strings_and_open_files(tmp_path):
    mon = recorded(3, "spikes")
    mon.plot(str(tmp_path / "picture.png"), dpi=50, size=(4, 2))
    target = io.BytesIO()
    mon.plot(target, dpi=50, size=(4, 2))
    assert target.getvalue().startswith(b"\x89PNG")
    width, height = plt.imread(tmp_path / "picture.png").shape[1::-1]
    assert (width, height) == (200, 100)


def test_without_a_path_the_figure_belongs_to_pyplot():
    figure = recorded(3, "spikes").plot()
    assert plt.figure(plt.get_fignums()[0]) is figure


def test_settings_of_matplotlib_stay_as_they_were(tmp_path):
    before = dict(matplotlib.rcParams)
    recorded(20, "spikes").plot(tmp_path / "picture.png")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere/picture.png", "there is no folder 'nowhere' to write 'picture.png' to"),
        ("picture.xyz", "pictures cannot be written as '.xyz'"),
        (".", "'.' is a folder, not a file"),
    ],
)
def test_files_that_cannot_be_written(tmp_path, monkeypatch, path, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError) as caught:
        recorded(3, "spikes").plot(path)
    assert caught.value.message == message
    assert list(tmp_path.iterdir()) == []


def test_says_what_to_install(monkeypatch):
    mon = recorded(3, "spikes")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = "plotting needs the package 'matplotlib': pip install \"numpybrain[plot]\""
    for path in (None, "picture.png"):
        with pytest.raises(ImportError) as caught:
            mon.plot(path)
        assert str(caught.value) == message


def test_matplotlib_is_imported_late():
    root = Path(__file__).parents[2]
    code = "import sys, numpybrain.plot, numpybrain.cli.main; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


# ---- spikes ----


@pytest.mark.parametrize("n", [3, 100])
def test_a_raster_has_every_spike(n):
    mon = recorded(n, "spikes")
    raster = mon.plot().axes[0]
    assert len(mon) > n
    (points,) = drawn(raster)
    assert np.array_equal(points, np.column_stack([mon.t, mon.i]))
    assert raster.get_ylabel() == "neuron"
    assert raster.get_xlim() == (0, 50)
    assert raster.get_ylim() == (-0.5, n - 0.5 if n == 3 else n)


def test_the_rate_strip_holds_every_spike():
    mon = recorded(100, "spikes", run="37 ms")
    figure = mon.plot(window=5)
    raster, strip = figure.axes
    assert (strip.get_xlabel(), strip.get_ylabel()) == ("time (ms)", "rate (Hz)")
    assert raster.get_xlabel() == ""
    rates, edges, _ = strip.patches[0].get_data()
    assert np.allclose((rates * np.diff(edges)).sum() * 100 / 1000, len(mon))
    assert list(edges) == [0, 5, 10, 15, 20, 25, 30, 37]  # the last 2 ms are too short for a bin


def test_spikes_on_an_edge_count_for_the_step_that_they_are_in():
    cells = nb.Neurons(10, {"v": "1"}, threshold=lambda t, v: np.isclose(t % 1, 0) | (v < 0))
    mon = nb.Monitor(cells, "spikes")
    nb.Network(cells, mon).run("20 ms")
    strip = mon.plot(window=1).axes[1]
    rates, _, _ = strip.patches[0].get_data()
    assert np.allclose(rates, 1000)  # one spike of each neuron in every bin


@pytest.mark.parametrize("duration", [0.1, 1, 7, 100, 999, 1000, 12_345, 1e6])
def test_default_bins_are_round_and_few(duration):
    edges = spikes.edges_of(0.0, duration, None, 0.1)
    widths = np.diff(edges)
    assert edges[0] == 0
    assert edges[-1] == duration
    assert len(widths) <= 251
    assert duration < 100 or len(widths) >= 90
    mantissa = f"{widths[0]:e}"[0]
    assert mantissa in "125" or len(widths) == 1


def test_a_rate_of_few_neurons_is_drawn_on_request_only():
    mon = recorded(3, "spikes")
    assert len(mon.plot().axes) == 1
    assert len(mon.plot(rate=True).axes) == 2
    assert len(recorded(30, "spikes").plot(rate=False).axes) == 1


def test_few_neurons_have_whole_ticks():
    raster = recorded(3, "spikes").plot().axes[0]
    assert list(raster.get_yticks()) == [0, 1, 2]


def test_groups_have_colours_and_rates_of_their_own():
    mon = recorded(100, "spikes")
    cells = mon.source
    figure = mon.plot(groups={"low": cells[:80], "high": slice(80, None)})
    raster, strip = figure.axes
    assert labels(raster) == ["low", "high"]
    low, high = drawn(raster)
    assert low[:, 1].max() < 80 <= high[:, 1].min()
    assert len(low) + len(high) == len(mon)
    rates = [patch.get_data().values.mean() for patch in strip.patches]
    assert rates[0] < rates[1]
    colours = [line.get_color() for line in raster.lines if len(line.get_xydata())]
    assert colours == list(plot.COLOURS[:2])


def test_a_part_of_a_group_is_named():
    mon = recorded(100, "spikes", part=slice(60, 100))
    cells = mon.group
    figure = mon.plot(groups={"last": cells[90:]})
    raster = figure.axes[0]
    assert raster.get_ylabel() == "neuron in cells[60:100]"
    (points,) = drawn(raster)
    assert points[:, 1].min() >= 30
    with pytest.raises(ArgumentError, match=r"'mon' has not recorded all of 'cells\[50:70\]'"):
        mon.plot(groups={"x": cells[50:70]})


def test_groups_that_are_no_slices_stand_one_above_another():
    mon = recorded(100, "spikes")
    cells = mon.group
    parts = {"even": cells[::2], "few": cells[[99, 3]], "last": cells[90:]}
    raster = mon.plot(groups=parts).axes[0]
    drawn_here = drawn(raster)
    first = 0
    for part, points in zip(parts.values(), drawn_here[:3], strict=True):
        numbers = np.arange(100)[part.where]
        chosen = np.isin(mon.i, numbers)
        assert sorted(points[:, 0]) == sorted(mon.t[chosen])
        where = {int(number): first + k for k, number in enumerate(numbers)}
        assert sorted(points[:, 1]) == sorted(where[int(i)] for i in mon.i[chosen])
        first += part.size
    some = recorded(100, "spikes", part=[99, 3, 50])
    assert some.plot().axes[0].get_ylabel() == "neuron in cells[[99, 3, 50]]"
    (points,) = drawn(some.plot(groups={"one": some.group[50:51]}).axes[0])
    assert set(points[:, 1]) == {2}
    with pytest.raises(ArgumentError, match="has not recorded all of"):
        some.plot(groups={"x": some.group[[99, 4]]})


def test_very_many_spikes_become_an_image(monkeypatch):
    monkeypatch.setattr(spikes, "MAX_DOTS", 100)
    mon = recorded(100, "spikes")
    figure = mon.plot()
    raster = figure.axes[0]
    assert drawn(raster) == []
    rates = raster.collections[0].get_array()
    rows, columns = rates.shape
    per_cell = rates * (50 / 1000 / columns) * (100 / rows)
    assert np.allclose(per_cell.sum(), len(mon))
    assert any(axes.get_ylabel() == "rate (Hz)" for axes in figure.axes[2:])


@pytest.mark.parametrize("n", [1, 100])
def test_no_spikes(n):
    mon = recorded(n, "spikes", current="0")
    texts = [text.get_text() for text in mon.plot().axes[0].texts]
    assert texts == ["no spikes"]
    never_run = nb.Monitor(nb.Neurons(n, "lif"), "spikes")
    assert never_run.plot().axes[0].get_xlim() == (0, 1)


# ---- variables ----


def test_traces_have_names_units_and_one_time():
    mon = recorded(3, "v", "I", "not_refractory")
    figure = mon.plot()
    assert [axes.get_ylabel() for axes in figure.axes] == ["v (mV)", "I (nA)", "not_refractory"]
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "", "time (ms)"]
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    for name, axes in zip(mon.variables, figure.axes, strict=True):
        lines = drawn(axes)
        assert len(lines) == 3
        for k, points in enumerate(lines):
            assert np.array_equal(points, np.column_stack([mon.t, getattr(mon, name)[:, k]]))
    assert [t.get_text() for t in figure.axes[2].get_yticklabels()] == ["false", "true"]


def test_the_legend_names_neurons_of_the_group():
    assert labels(recorded(10, "v", part=slice(4, 7)).plot().axes[0]) == [
        "neuron 4", "neuron 5", "neuron 6",
    ]  # fmt: skip
    assert labels(recorded(10, "v", part=[7, 2]).plot().axes[0]) == ["neuron 7", "neuron 2"]
    mon = recorded(10, "v", of=[8, 2])
    assert labels(mon.plot().axes[0]) == ["neuron 8", "neuron 2"]
    assert labels(mon.plot(of=1).axes[0]) == []  # one line needs no name
    assert labels(recorded(10, "v").plot(of=slice(0, 10, 5)).axes[0]) == ["neuron 0", "neuron 5"]


def test_ten_lines_can_be_told_apart():
    axes = recorded(10, "v").plot().axes[0]
    colours = {tuple(matplotlib.colors.to_rgb(line.get_color())) for line in axes.lines}
    assert len(colours) == 10


def test_many_neurons_become_a_mean_a_band_and_examples():
    mon = recorded(50, "v")
    axes = mon.plot().axes[0]
    assert labels(axes) == ["mean of 50", "10 to 90 %", "neuron 0", "neuron 24", "neuron 49"]
    mean, *examples = drawn(axes)
    assert np.allclose(mean[:, 1], mon.v.mean(axis=1))
    assert np.array_equal(examples[1][:, 1], mon.v[:, 24])
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert mon.v.min() <= band.min() <= band.max() <= mon.v.max()


def test_many_truths_become_a_share():
    mon = recorded(50, "not_refractory")
    axes = mon.plot().axes[0]
    assert "10 to 90 %" not in labels(axes)
    assert np.allclose(drawn(axes)[0][:, 1], mon.not_refractory.mean(axis=1))


def test_neurons_that_are_all_alike_are_one_line():
    axes = recorded(50, "v", current="2").plot().axes[0]
    assert labels(axes) == ["all 50 neurons alike"]
    assert len(drawn(axes)) == 1


def test_synapses_are_called_synapses():
    cells = nb.Neurons(3, "lif", I="2 nA")
    synapses = nb.Synapses(cells, cells, "w : mV", on_pre="v += w", connect=nb.connect.all_to_all())
    synapses.w = np.arange(9)
    mon = nb.Monitor(synapses, "w", every="1 ms")
    nb.Network(cells, synapses, mon).run("5 ms")
    axes = mon.plot().axes[0]
    assert axes.get_ylabel() == "w (mV)"
    assert labels(axes)[0] == "synapse 0"


def test_nothing_recorded_yet():
    mon = nb.Monitor(nb.Neurons(3, "lif"), "v")
    axes = mon.plot().axes[0]
    assert [text.get_text() for text in axes.texts] == ["nothing recorded"]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("mV", "mV"),
        ("uF/cm**2", "µF/cm²"),
        ("Mohm", "MΩ"),
        ("1/ms", "1/ms"),
        ("mV*ms**(-1)", "mV·ms⁻¹"),
        ("um", "µm"),
        ("unit", "unit"),
    ],
)
def test_units_are_printed_well(written, printed):
    assert plot.pretty_unit(written) == printed


# ---- options that do not fit ----


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("spikes", {"of": 1}, "'of' does nothing in a plot of spikes"),
        ("v", {"rate": True}, "'rate' does nothing in a plot of variables"),
        ("v", {"groups": {"a": slice(1)}}, "'groups' does nothing in a plot of variables"),
        ("v", {"window": 3}, "'window' does nothing in a plot of variables"),
        ("spikes", {"groups": {"a": [1, 2]}}, "the group 'a' is a part of the neurons, or a slice"),
        ("spikes", {"window": 0, "rate": True}, "the width of bins must be positive (got 0 ms)"),
        ("v", {"of": []}, "'of' names no column"),
    ],
)
def test_options_that_do_not_fit(kind, options, message):
    with pytest.raises(ArgumentError) as caught:
        recorded(3, kind).plot(**options)
    assert caught.value.message == message


def test_columns_out_of_range():
    with pytest.raises(IndexRangeError, match=r"'mon', which has 3 \(0..2\)"):
        recorded(3, "v").plot(of=[7])
