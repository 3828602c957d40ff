"""Plots draw in the axes that they are given, with one vocabulary, and show what was recorded and nothing else."""

import inspect
import io

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import ArgumentError, ShapeError, TimeStepError, UnknownNameError

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402


@pytest.fixture(autouse=True)
def no_figure_stays():
    plt.close("all")  # what other tests have left
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def ran():
    """A network that has run, and what can be drawn of it."""
    nb.seed(2)
    a = nb.Neurons(40, "lif", name="a", I="(2 + 2*i/N)*nA")
    b = nb.Neurons(12, "lif", name="b", I="3*nA")
    syn = nb.Synapses(a[:30], b, "w : mV", on_pre="v += w", connect=nb.connect.probability(0.3), name="syn")
    syn.w = np.arange(len(syn)) / len(syn)
    back = nb.Synapses(b, a, "w : mV", on_pre="v += w", connect="i == j", name="back")
    late = nb.Monitor(b, "spikes", start="30 ms", name="late")
    found = {
        "spikes": nb.Monitor(a, "spikes", name="spikes"), "late": late, "trace": nb.Monitor(a[:3], "v", name="trace"),
        "both": nb.Monitor(a[:3], "v", "I", name="both"), "rate": nb.PopulationRate(a, bin="5 ms"),
    }  # fmt: skip
    net = nb.Network(a, b, syn, back, *found.values(), dt="0.1 ms")
    net.run("100 ms")
    return {**found, "net": net, "syn": syn, "back": back, "a": a, "b": b}


def field(x, y):
    return x - x**3 / 3 - y + 0.5, 0.08 * (x + 0.7 - 0.8 * y)


CALLS = {
    "raster": lambda r, **o: nb.plot.raster(r["spikes"], **o),
    "traces": lambda r, **o: nb.plot.traces(r["trace"], **o),
    "rate": lambda r, **o: nb.plot.rate(r["spikes"], **o),
    "isi": lambda r, **o: nb.plot.isi(r["spikes"], **o),
    "weights": lambda r, **o: nb.plot.weights(r["syn"], **o),
    "matrix": lambda r, **o: nb.plot.matrix(r["syn"], **o),
    "phase_plane": lambda r, **o: nb.plot.phase_plane(field, xlim=(-2, 2), ylim=(-1, 2), **o),
    "f_i": lambda r, **o: nb.plot.f_i(r["a"].I, r["spikes"], **o),
    "spectrum": lambda r, **o: nb.plot.spectrum(r["trace"], **o),
    "sta": lambda r, **o: nb.plot.sta(r["spikes"], r["trace"], of=slice(0, 3), **o),
    "schedule": lambda r, **o: nb.plot.schedule(r["net"], **o),
    "network": lambda r, **o: nb.plot.network(r["net"], **o),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_plot_draws_in_given_axes_and_gives_them(name, ran):
    figure = matplotlib.figure.Figure()
    ax, other = figure.subplots(1, 2)
    assert CALLS[name](ran, ax=ax, title="what it is") is ax
    assert ax.get_title(loc="left") == "what it is"
    assert ax.has_data() or ax.patches or ax.texts
    assert not other.has_data()
    assert plt.get_fignums() == []
    with pytest.raises(ArgumentError, match="'ax' takes axes of matplotlib"):
        CALLS[name](ran, ax=figure)
    with pytest.raises(ArgumentError, match="'size' is that of a new figure"):
        CALLS[name](ran, ax=other, size=(3, 3))
    made = CALLS[name](ran, size=(3, 2))
    assert plt.get_fignums() == [made.figure.number]
    assert tuple(made.figure.get_size_inches()) == (3, 2)


@pytest.mark.parametrize("name", CALLS)
def test_every_argument_is_documented(name):
    function = getattr(nb.plot, name)
    given = inspect.signature(function).parameters
    words = inspect.getdoc(function).partition("Args:")[2].partition("Returns:")[0]
    for argument in given:
        assert f"\n    {argument}: " in words, argument
    assert {"ax", "title", "size"} <= given.keys()
    of_time = {"raster", "traces", "rate", "isi", "sta"}
    assert ({"t", "unit"} <= given.keys()) == (name in of_time)


@pytest.mark.parametrize("name", CALLS)
def test_parts_of_figures_and_free_axes_are_axes_too(name, ran):
    figure = matplotlib.figure.Figure(figsize=(6, 3))
    left, right = figure.subfigures(1, 2)
    more = {"rate": True} if name == "raster" else {}
    for ax in (left.subplots(), right.add_axes((0.2, 0.2, 0.7, 0.7))):
        assert CALLS[name](ran, ax=ax, **more) is ax
    figure.savefig(io.BytesIO(), dpi=40)


# ---- rasters ----


def points(axes):
    marks = [line for line in axes.lines if line.get_linestyle() == "None"]
    return np.concatenate([line.get_xydata() for line in marks if len(line.get_xydata())])


def test_several_groups_stand_in_one_raster(ran):
    a, b = ran["spikes"], ran["late"]
    axes = nb.plot.raster([a, b])
    found = points(axes)
    expected = np.concatenate([np.column_stack([a.t, a.i]), np.column_stack([b.t, b.i + 40])])
    assert np.array_equal(found, expected)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a\n(40)", "b\n(12)"]
    assert axes.get_xlim() == (0, 100)


def test_a_group_may_be_the_whole_group(ran):
    axes = nb.plot.raster(ran["spikes"], groups={"all": ran["a"], "first": ran["a"][:10]})
    every, first = (line.get_xydata() for line in axes.lines if len(line.get_xydata()))
    assert len(every) == len(ran["spikes"])
    assert first[:, 1].max() < 10
    with pytest.raises(ArgumentError, match="'spikes' has not recorded all of 'b'"):
        nb.plot.raster(ran["spikes"], groups={"others": ran["b"]})


def test_a_recording_that_began_later_is_drawn_from_there(ran):
    axes = nb.plot.raster(ran["late"], rate=True, bin="10 ms")
    assert axes.get_xlim() == (30, 100)
    strip = axes.figure.axes[1]
    rates, edges, _ = strip.patches[0].get_data()
    assert list(edges) == list(range(30, 101, 10))
    assert (rates * 0.010 * 12).sum() == pytest.approx(len(ran["late"]))


def test_a_part_of_the_time_in_seconds(ran):
    axes = nb.plot.raster(ran["spikes"], t=("0.02 s", 60), unit="s")
    assert axes.get_xlim() == (0.02, 0.06)
    assert axes.get_xlabel() == "time (s)"
    t = ran["spikes"].t
    assert len(points(axes)) == ((t >= 20) & (t < 60)).sum()
    with pytest.raises(TimeStepError, match="'t' goes from 60 to 20 ms"):
        nb.plot.raster(ran["spikes"], t=(60, 20))
    with pytest.raises(ArgumentError, match="no unit of time 'sec'"):
        nb.plot.raster(ran["spikes"], unit="sec")
    with pytest.raises(ArgumentError, match=r"\(from, to\)"):
        nb.plot.raster(ran["spikes"], t=5)


@pytest.mark.parametrize(
    ("stop", "label"), [(9999.0, "time (ms)"), (10_000.0, "time (s)"), (2e6, "time (s)")]
)
def test_from_ten_seconds_on_times_are_in_seconds(stop, label):
    trains = nb.SpikeTrains(np.array([0, 1]), np.array([5.0, 7.0]), 2, 0.0, stop, np.arange(2))
    axes = nb.plot.raster(trains)
    assert axes.get_xlabel() == label
    assert axes.get_xlim() == (0, stop / (1000 if label == "time (s)" else 1))


def test_the_legend_stays_and_dots_become_pixels_however_many_there_are():
    n = 210_000
    i = np.arange(n) % 100
    trains = nb.SpikeTrains(i, np.arange(n) / 100, 100, 0.0, n / 100, np.arange(100))
    groups = {"low": slice(0, 80), "high": slice(80, 100)}
    axes = nb.plot.raster(trains, groups=groups)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["low", "high"]
    low, high = axes.collections  # images
    assert len(low.get_array()) == 80
    assert len(high.get_array()) == 20
    dots = nb.plot.raster(trains, groups=groups, image=False)
    assert all(line.get_rasterized() for line in dots.lines if len(line.get_xydata()))
    few = nb.plot.raster(trains, t=(0, 100))
    assert not any(line.get_rasterized() for line in few.lines)


def test_the_rate_may_be_drawn_in_axes_of_its_own(ran):
    ax, strip = matplotlib.figure.Figure().subplots(2, 1)
    nb.plot.raster(ran["spikes"], ax=ax, rate=strip, bin=10)
    assert len(ax.figure.axes) == 2
    rates, edges, _ = strip.patches[0].get_data()
    assert (rates * np.diff(edges)).sum() * 40 / 1000 == pytest.approx(len(ran["spikes"]))


# ---- traces, rates, intervals ----


def test_spikes_rise_from_the_trace_to_the_peak(ran):
    axes = nb.plot.traces(ran["trace"], spikes=ran["spikes"], peak="20 mV", t=(0, 60))
    lines = axes.collections
    assert len(lines) == 3
    for k, (line, drawn) in enumerate(zip(lines, axes.lines, strict=True)):
        segments = np.array(line.get_segments())
        t = ran["spikes"].train(k)
        assert np.array_equal(segments[:, 0, 0], t[t < 60])
        assert (segments[:, 1, 1] == 20).all()
        at = np.rint(segments[:, 0, 0] / 0.1).astype(int)
        assert np.array_equal(segments[:, 0, 1], ran["trace"].v[at, k])
        assert line.get_color()[0][:3] == pytest.approx(matplotlib.colors.to_rgb(drawn.get_color()))
    with pytest.raises(ArgumentError, match="give spikes= too"):
        nb.plot.traces(ran["trace"], peak=0)


def test_each_variable_has_its_axes(ran):
    given = matplotlib.figure.Figure().subplots(2, 1)
    found = nb.plot.traces(ran["both"], ax=given)
    assert list(found) == list(given)
    assert [axes.get_ylabel() for axes in found] == ["v (mV)", "I (nA)"]
    one = nb.plot.traces(ran["both"], "I", ax=given[0])
    assert one is given[0]
    with pytest.raises(ArgumentError, match="'ax' takes 2 axes, one for each variable"):
        nb.plot.traces(ran["both"], ax=given[0])
    with pytest.raises(UnknownNameError, match="'both' has not recorded 'u'"):
        nb.plot.traces(ran["both"], "u")
    with pytest.raises(ArgumentError, match="a monitor of spikes"):
        nb.plot.traces(ran["spikes"])
    with pytest.raises(ArgumentError, match="a monitor of variables"):
        nb.plot.raster(ran["trace"])


def test_a_population_rate_is_drawn_in_its_bins(ran):
    axes = nb.plot.rate(ran["rate"])
    rates, edges, _ = axes.patches[0].get_data()
    assert np.array_equal(rates, ran["rate"].rate)
    assert np.allclose(edges, np.arange(0, 101, 5))
    smooth = nb.plot.rate({"a": ran["spikes"]}, bin=1, smooth="3 ms")
    expected = ran["spikes"].population_rate("1 ms", smooth="3 ms")
    assert np.allclose(smooth.lines[0].get_xydata(), np.column_stack(expected))
    with pytest.raises(ArgumentError, match="not of both"):
        nb.plot.rate([ran["rate"], ran["spikes"]])
    with pytest.raises(ArgumentError, match="'bin' does nothing in a plot of population rates"):
        nb.plot.rate(ran["rate"], bin=1)


def test_a_histogram_of_intervals_is_a_density(ran):
    axes = nb.plot.isi(ran["spikes"], bins=np.linspace(0, 50, 26))
    density, edges, _ = axes.patches[0].get_data()
    intervals = np.concatenate([np.diff(ran["spikes"].train(k)) for k in range(40)])
    assert np.allclose(density, np.histogram(intervals, edges, density=True)[0])
    one = nb.plot.isi(ran["spikes"], of=3, bins=[0, 100])
    assert one.patches[0].get_data().values == pytest.approx(0.01)
    assert nb.plot.isi(ran["spikes"], unit="s").get_ylabel() == "density (1/s)"


# ---- curves ----


def test_a_phase_plane_of_a_model_has_its_nullclines_and_path():
    cells = nb.Neurons(1, "fitzhugh_nagumo", I=0.5)
    path = nb.Monitor(cells, "v", "w")
    nb.Network(cells, path, dt="0.1 ms").run("20 ms")
    axes = nb.plot.phase_plane(cells, "v", "w", trajectory=path)
    cubic, line = (
        np.concatenate(c.get_segments()).T for c in axes.collections if hasattr(c, "get_segments")
    )
    assert np.abs(cubic[1] - (cubic[0] - cubic[0] ** 3 / 3 + 0.5)).max() < 1e-9
    assert np.abs(line[0] + 0.7 - 0.8 * line[1]).max() < 1e-9
    drawn = [x.get_xydata() for x in axes.lines if len(x.get_xydata()) > 100]
    assert np.array_equal(drawn[0], np.column_stack([path.v[:, 0], path.w[:, 0]]))
    assert "unstable focus" in axes.get_legend_handles_labels()[1]
    with pytest.raises(ArgumentError, match="names of two variables"):
        nb.plot.phase_plane(cells)
    with pytest.raises(ArgumentError, match="needs to know its range"):
        nb.plot.phase_plane(cells, "v", "w")


def test_rates_over_currents_with_a_curve(ran):
    axes = nb.plot.f_i(ran["a"].I, ran["spikes"], curve=lambda x: 2 * x)
    dots, curve = (line.get_xydata() for line in axes.lines)
    expected = [1000 / np.diff(ran["spikes"].train(k)).mean() for k in range(40)]
    assert np.allclose(dots, np.column_stack([ran["a"].I, expected]))
    assert np.allclose(curve[:, 1], 2 * curve[:, 0])
    with pytest.raises(ShapeError, match="one rate for each current"):
        nb.plot.f_i([1, 2], [1, 2, 3])


def test_spectra_and_averages_are_those_of_the_monitors(ran):
    axes = nb.plot.spectrum(ran["trace"], segment="50 ms")
    frequency, power = ran["trace"].spectrum(segment="50 ms")
    assert np.allclose(axes.lines[0].get_xydata(), np.column_stack([frequency, power.mean(axis=1)])[1:-1])
    assert axes.get_ylabel() == "power (mV²/Hz)"
    axes = nb.plot.sta(ran["spikes"], ran["trace"], of=[0, 1, 2], before=5, after=2)
    expected = ran["spikes"].sta(ran["trace"], of=[0, 1, 2], before=5, after=2)
    assert np.allclose(axes.lines[0].get_xydata(), np.column_stack(expected))
    assert axes.get_ylabel() == "mean v (mV)"


# ---- connections, diagrams ----


def test_a_matrix_shows_every_synapse_or_number(ran):
    syn = ran["syn"]
    mesh = nb.plot.matrix(syn).collections[0]
    values = mesh.get_array().filled(np.nan)
    expected = np.full((12, 30), np.nan)
    expected[syn.j, syn.i] = syn.w
    assert np.array_equal(values, expected, equal_nan=True)
    numbers = np.array([[1, np.nan], [-3, 2]])
    mesh = nb.plot.matrix(numbers, label="correlation").collections[0]
    assert np.array_equal(mesh.get_array().filled(np.nan), numbers, equal_nan=True)
    assert mesh.get_clim() == (-3, 3)
    with pytest.raises(ShapeError, match="rows and columns"):
        nb.plot.matrix(np.arange(3))


def test_a_histogram_of_weights_counts_every_synapse(ran):
    axes = nb.plot.weights([ran["syn"], ran["back"]], "w", bins=7)
    counts = [patch.get_data().values.sum() for patch in axes.patches]
    assert counts == [len(ran["syn"]), len(ran["back"])]
    assert axes.get_xlabel() == "w (mV)"


def test_a_diagram_names_groups_and_projections_with_their_sizes(ran):
    axes = nb.plot.network(ran["net"])
    texts = {text.get_text() for text in axes.texts}
    assert {"a, 40", "0 to 29", "b\n12", f"syn\n{len(ran['syn'])} synapses", "back\n12 synapses"} == texts
    boxes = [p for p in axes.patches if isinstance(p, matplotlib.patches.FancyBboxPatch)]
    arrows = [p for p in axes.patches if isinstance(p, matplotlib.patches.FancyArrowPatch)]
    assert (len(boxes), len(arrows)) == (2, 2)
    assert not any(character.isdigit() for t in nb.plot.network(ran["net"], counts=False).texts
                   for character in t.get_text() if " to " not in t.get_text())  # fmt: skip
    cells = nb.Neurons(9, "v : 1", threshold="v > 1", name="cells")
    pairs = ([0, 1], [0, 1])
    ends = ((cells[::2], cells[[0, 5]]), (cells[:5], cells["i > 6"]))
    several = [nb.Synapses(*both, on_pre="v += 1", connect=pairs) for both in ends]
    texts = [text.get_text() for text in nb.plot.network(nb.Network(cells, *several)).texts]
    assert {"cells[::2]", "cells[[0, 5]]", "0 to 4", 'cells["i > 6"]'} <= set(texts)
    with pytest.raises(ArgumentError, match="no group to draw"):
        nb.plot.network(nb.Network())


def test_a_diagram_of_a_schedule_has_every_stage_in_order(ran):
    axes = nb.plot.schedule(ran["net"])
    rows = [t.get_text() for t in axes.texts]
    for stage in ran["net"].schedule:
        assert stage.owner in rows
        assert stage.description in rows
    phases = [t.get_text() for t in axes.texts if t.get_position()[0] == 1 and t.get_text()]
    assert phases[1:] == list(dict.fromkeys(s.phase for s in ran["net"].schedule))
    shares = [float(t.removesuffix(" %")) for t in rows if t.endswith(" %")]
    assert len(shares) == len(ran["net"].schedule)
    assert sum(shares) == pytest.approx(100, abs=len(shares) / 2)


# ---- style ----


def test_the_style_holds_within_a_block_and_can_be_changed():
    before = matplotlib.rcParams["axes.prop_cycle"], matplotlib.rcParams["font.size"]
    with nb.plot.style(font_size=6):
        cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
        assert cycle == list(nb.plot.COLOURS)
        assert matplotlib.rcParams["font.size"] == 6
    assert (matplotlib.rcParams["axes.prop_cycle"], matplotlib.rcParams["font.size"]) == before
    with pytest.raises(ArgumentError, match="no setting 'font_sise': did you mean 'font_size'"):
        nb.plot.style(font_sise=6)
    with matplotlib.rc_context():
        matplotlib.rcParams.update(nb.plot.STYLE)


def test_monitors_draw_in_given_axes(ran):
    ax = matplotlib.figure.Figure().subplots()
    assert ran["spikes"].plot(ax=ax, title="x", t=(0, 50)) is ax
    assert ax.get_xlim() == (0, 50)
    assert len(ax.figure.axes) == 1  # no rate that nobody asked for


def test_synapses_draw_their_matrix_in_given_axes(ran):
    ax = matplotlib.figure.Figure().subplots()
    assert ran["syn"].plot(ax=ax, values="w", title="x") is ax
    assert ax.get_title(loc="left") == "x"
    assert any(a.get_title(loc="left") == "y" for a in ran["syn"].plot(title="y").axes)
