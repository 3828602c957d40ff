"""Plots of synapses show every synapse, its value and the degrees of neurons, however many there are."""

import io
import sys

import numpy as np
import pytest
from counting import calls

import numpybrain as nb
from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError, UnknownNameError
from numpybrain.plot import COLOURS, synapse_maps

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402


@pytest.fixture(autouse=True)
def no_figure_stays():
    plt.close("all")  # what other tests have left
    yield
    plt.close("all")


def connected(n, m, model="w : nS", connect=None, part=None, **parameters):
    """Synapses between n and m neurons; by default with one pair in five and weights 0, 1, 2 ..."""
    pre = nb.Neurons(n, "u : mV", threshold="u > 1*mV", reset="u = 0*mV", name="pre")
    post = nb.Neurons(m, "u : mV", threshold="u > 1*mV", reset="u = 0*mV", name="post")
    rule = nb.connect.probability(0.2) if connect is None else connect
    source = pre if part is None else pre[part]
    made = nb.Synapses(source, post, model, connect=rule, name="syn", **parameters)
    if "w" in made.inspect.state.slots and "w" not in parameters and len(made):
        made.w = np.arange(len(made))
    return made


def reference(synapses, values):
    """Number of synapses and mean of their values for each pair, shape (n_target, n_source), by a loop."""
    count = np.zeros((synapses.target.size, synapses.source.size))
    total = count.copy()
    for i, j, x in zip(synapses.i, synapses.j, values, strict=True):
        count[j, i] += 1
        total[j, i] += x
    return count, total / np.where(count, count, np.nan)


def parts(figure):
    """The axes by what they say."""
    found = {}
    for axes in figure.axes:
        name = axes.get_title(loc="left") and "outdegree"
        name = name or (axes.get_xlabel().startswith("indegree") and "indegree")
        name = name or (axes.get_xlabel().startswith("source") and (axes.get_title() or "map"))
        found[name or "legend" if axes.get_xlabel() != "synapses per pair" else "density"] = axes
    return found


def mesh(axes):
    """The values of a map, and its edges."""
    (found,) = axes.collections
    values = np.ma.asarray(found.get_array(), dtype=float).filled(np.nan)
    corners = found.get_coordinates()
    return values, corners[0, :, 0], corners[:, 0, 1]


# ---- files and figures ----


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
@pytest.mark.parametrize("n", [5, 100])
def test_writes_the_file_and_leaves_pyplot_alone(tmp_path, ending, start, n):
    before = dict(matplotlib.rcParams)
    path = tmp_path / f"picture.{ending}"
    figure = connected(n, n).plot(path)
    assert isinstance(figure, Figure)
    assert path.read_bytes().startswith(start)
    assert plt.get_fignums() == []
    assert list(tmp_path.iterdir()) == [path]
    assert dict(matplotlib.rcParams) == before


def test_open_files_and_sizes():
    target = io.BytesIO()
    connected(5, 5).plot(target, dpi=50, size=(6, 4))
    target.seek(0)
    assert plt.imread(target).shape[:2] == (200, 300)


def test_without_a_path_the_figure_belongs_to_pyplot():
    figure = connected(5, 5).plot()
    assert plt.figure(plt.get_fignums()[0]) is figure


def test_files_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError, match="there is no folder 'nowhere' to write 'picture.png' to"):
        connected(5, 5).plot("nowhere/picture.png")
    with pytest.raises(ArgumentError, match=r"pictures cannot be written as '\.xyz'"):
        connected(5, 5).plot("picture.xyz")
    assert list(tmp_path.iterdir()) == []


def test_says_what_to_install(monkeypatch):
    synapses = connected(5, 5)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for path in (None, "picture.png"):
        with pytest.raises(ImportError, match=r"plotting needs the package 'matplotlib': pip install"):
            synapses.plot(path)


# ---- maps ----


def test_few_synapses_are_dots_in_the_colours_of_their_values():
    synapses = connected(300, 150, connect=nb.connect.probability(0.01))
    found = parts(synapses.plot())
    assert set(found) == {"map", "outdegree", "indegree", "legend"}
    (dots,) = found["map"].collections
    assert np.array_equal(dots.get_offsets(), np.column_stack([synapses.i, synapses.j]))
    assert np.array_equal(dots.get_array(), synapses.w)
    assert found["map"].get_xlim() == (-0.5, 299.5)
    assert found["map"].get_ylim() == (-0.5, 149.5)
    assert found["map"].get_xlabel() == "source neuron in pre"
    assert found["map"].get_ylabel() == "target neuron in post"
    assert found["legend"].get_xlabel() == "w (nS)"


def test_few_neurons_are_the_cells_of_a_matrix():
    synapses = connected(7, 5)
    found = parts(synapses.plot())
    values, across, up = mesh(found["map"])
    assert np.array_equal(values, reference(synapses, synapses.w)[1], equal_nan=True)
    assert list(across) == [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    assert list(up) == [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5]
    assert list(found["map"].get_xticks()) == [0, 1, 2, 3, 4, 5, 6]


def test_several_synapses_of_a_pair_show_their_mean_or_their_number():
    i, j = np.array([0, 0, 1, 2]), np.array([1, 1, 0, 2])
    synapses = connected(3, 3, connect=(i, j), w=np.array([1.0, 5.0, 7.0, -2.0]))
    values, _, _ = mesh(parts(synapses.plot())["map"])
    assert (values[1, 0], values[0, 1], values[2, 2]) == (3, 7, -2)
    assert np.isnan(values).sum() == 6
    found = parts(connected(3, 3, "", connect=(i, j)).plot())
    values, _, _ = mesh(found["map"])
    assert (values[1, 0], values[0, 1]) == (2, 1)
    assert "density" in found


def test_connections_without_values_have_one_colour_and_no_legend():
    synapses = connected(7, 5, "", connect=nb.connect.probability(0.5))
    found = parts(synapses.plot())
    assert set(found) == {"map", "outdegree", "indegree"}
    values, _, _ = mesh(found["map"])
    assert np.array_equal(np.isnan(values), reference(synapses, np.ones(len(synapses)))[0] == 0)
    (dots,) = parts(connected(100, 100, "", connect="i == j").plot())["map"].collections
    assert matplotlib.colors.to_hex(dots.get_facecolor()[0]) == COLOURS[0].lower()


@pytest.mark.parametrize(("n", "m"), [(301, 77), (250, 1013)])
def test_many_synapses_are_blocks_with_their_density_and_their_mean(monkeypatch, n, m):
    monkeypatch.setattr(synapse_maps, "MAX_DOTS", 100)
    synapses = connected(n, m, w="rand()*nS")
    found = parts(synapses.plot())
    assert set(found) == {"map", "mean w", "outdegree", "indegree", "density", "legend"}
    density, across, up = mesh(found["map"])
    means, *same = mesh(found["mean w"])
    assert np.array_equal(same[0], across)
    assert np.array_equal(same[1], up)
    count, value = reference(synapses, synapses.w)
    for row in range(0, len(up) - 1, 7):
        for column in range(0, len(across) - 1, 7):
            block = (
                slice(int(up[row] + 0.5), int(up[row + 1] + 0.5)),
                slice(int(across[column] + 0.5), int(across[column + 1] + 0.5)),
            )
            expected = count[block].mean()
            if not expected:
                assert np.isnan(density[row, column])
                assert np.isnan(means[row, column])
                continue
            assert density[row, column] == pytest.approx(expected)
            mean = np.nansum(count[block] * value[block]) / count[block].sum()
            assert means[row, column] == pytest.approx(mean)
    assert (across[0], across[-1], up[0], up[-1]) == (-0.5, n - 0.5, -0.5, m - 0.5)
    assert np.diff(across).min() >= 1
    assert np.ptp(np.diff(across)) <= 1  # as equal as whole neurons can be


def test_both_signs_have_their_middle_at_zero():
    found = parts(connected(3, 3, connect=nb.connect.all_to_all(), w=np.arange(9) - 2.0).plot())
    (cells,) = found["map"].collections
    assert cells.norm.vmin == -cells.norm.vmax
    assert cells.cmap.name == "coolwarm"
    (cells,) = parts(connected(3, 3, connect=nb.connect.all_to_all()).plot())["map"].collections
    assert 0 <= cells.norm.vmin < cells.norm.vmax <= 8


def test_a_few_outliers_do_not_take_the_colours():
    weights = np.append(np.linspace(1, 2, 999), 1e6)
    synapses = connected(1, 1000, connect=nb.connect.all_to_all(), w=weights)
    (dots,) = parts(synapses.plot())["map"].collections
    assert 1 < dots.norm.vmin < dots.norm.vmax < 2


# ---- margins ----


@pytest.mark.parametrize(("n", "m"), [(30, 20), (150, 30)])
def test_margins_are_degrees(n, m):
    synapses = connected(n, m)
    found = parts(synapses.plot())
    out, into, _ = (found[k].patches[0].get_data() for k in ("outdegree", "indegree", "outdegree"))
    assert np.array_equal(out.values, [np.sum(synapses.i == k) for k in range(n)])
    assert np.array_equal(into.values, [np.sum(synapses.j == k) for k in range(m)])
    assert np.array_equal(out.edges, np.arange(n + 1) - 0.5)
    degrees = np.array([np.sum(synapses.j == k) for k in range(m)])
    assert found["indegree"].get_xlabel() == f"indegree\n{degrees.mean():.4g} ± {degrees.std():.2g}"


def test_margins_of_many_neurons_are_means_and_ranges_of_blocks():
    synapses = connected(1000, 30)
    band, line = (p.get_data() for p in parts(synapses.plot())["outdegree"].patches)
    degrees = np.array([np.sum(synapses.i == k) for k in range(1000)])
    edges = (line.edges + 0.5).astype(int)
    blocks = [degrees[a:b] for a, b in zip(edges[:-1], edges[1:], strict=True)]
    assert np.allclose(line.values, [b.mean() for b in blocks])
    assert np.array_equal(band.values, [b.max() for b in blocks])
    assert np.array_equal(band.baseline, [b.min() for b in blocks])


# ---- the variable ----


def bars(figure):
    axes = parts(figure)["legend"]
    return np.array([(p.get_x() + p.get_width() / 2, p.get_height()) for p in axes.patches]).T


def test_the_histogram_holds_every_synapse_in_the_colours_of_the_map():
    synapses = connected(60, 60, w="randn()*nS")
    figure = synapses.plot()
    centres, counts = bars(figure)
    expected, edges = np.histogram(synapses.w, 60)
    assert np.array_equal(counts, expected)
    assert np.allclose(centres, (edges[1:] + edges[:-1]) / 2)
    found = parts(figure)
    (cells,) = found["map"].collections
    colours = [p.get_facecolor() for p in found["legend"].patches]
    assert np.allclose(colours, cells.cmap(cells.norm(centres)))
    (note,) = (t.get_text() for t in found["legend"].texts)
    assert note == f"{synapses.w.mean():.3g} ± {synapses.w.std():.2g}"


def test_few_different_values_have_a_bar_each():
    synapses = connected(60, 60, w="(1 + 2*(i % 3))*nS")
    centres, counts = bars(synapses.plot())
    assert np.allclose(centres, [1, 3, 5])
    assert list(counts) == [np.sum(synapses.i % 3 == k) for k in range(3)]


def test_delays_are_drawn_too():
    synapses = connected(60, 60, "w : nS", delay="1*ms + (j % 2)*ms", w="rand()*nS")
    figure = synapses.plot(values="delay")
    assert parts(figure)["legend"].get_xlabel() == "delay (ms)"
    assert np.allclose(bars(figure)[0], [1, 2])
    values, _, _ = mesh(parts(figure)["map"])
    for row in (4, 7):
        assert np.nanmin(values[row]) == np.nanmax(values[row]) == 1 + row % 2


def test_subexpressions_variables_of_neurons_and_numbers_are_drawn():
    model = "w : nS\ncharge = w*5*ms*mV : fC\np : nS (pre)"
    synapses = connected(6, 6, model)
    synapses.source.u = np.arange(6) * 2.0
    for values, label, expected in (
        ("charge", "charge (fC)", synapses.w * 5.0),
        ("u_pre", "u_pre (mV)", synapses.i * 2.0),
        (synapses.w**2, "values", synapses.w**2),
    ):
        figure = synapses.plot(values=values)
        assert parts(figure)["legend"].get_xlabel() == label
        seen, _, _ = mesh(parts(figure)["map"])
        assert np.allclose(seen, reference(synapses, expected)[1], equal_nan=True)


@pytest.mark.parametrize(
    ("model", "parameters", "name"),
    [
        ("w : nS\nu0 : nS", {"u0": "rand()*nS"}, "w"),
        ("dw/dt = -w/(10*ms) : nS", {}, "w"),
        ("weight : nS\na : 1", {"weight": "rand()*nS"}, "weight"),
        ("g : nS\nE : mV", {"g": "rand()*nS", "E": "-80 mV"}, "g"),
        ("g : nS\nh : nS", {"g": "rand()*nS", "h": "rand()*nS"}, None),
        ("g = 1*nS : nS\nh = 2*nS : nS", {}, None),
        ("", {}, None),
    ],
)
def test_the_weight_is_found(model, parameters, name):
    found = parts(connected(30, 30, model, **parameters).plot())
    if name is None:
        assert "legend" not in found
    else:
        assert found["legend"].get_xlabel() == f"{name} (nS)"


def test_one_value_for_all_is_said_in_the_title():
    for model, title in (("w : nS", "w = 1.5 nS"), ("w : 1", "w = 1.5"), ("g : nS", "g = 1.5 nS")):
        name = model[0]
        synapses = connected(30, 30, model, **{name: 1.5})
        figure = synapses.plot()
        share = len(synapses) / 900
        expected = f"syn: {len(synapses)} synapses, {share:.3g} per pair, {title}"
        assert parts(figure)["outdegree"].get_title(loc="left") == expected
        assert "legend" not in parts(figure)


def test_values_that_are_no_numbers_are_counted():
    synapses = connected(3, 3, connect=nb.connect.all_to_all())
    synapses.w[4] = np.nan
    figure = synapses.plot()
    assert bars(figure)[1].sum() == 8
    assert parts(figure)["legend"].texts[0].get_text().endswith(", 1 not finite")
    synapses.w[:] = np.nan
    assert "legend" not in parts(synapses.plot())


def test_drawing_changes_nothing():
    model = "dx/dt = -x/(10*ms) : 1 (event-driven)\nw : nS"
    synapses = connected(30, 30, model, on_pre="x += 1", w="1*nS")
    before = {name: slot.aliased for name, slot in synapses.inspect.state.slots.items()}
    places = set(synapses.inspect.placed_unasked)
    synapses.plot(values="x")
    synapses.plot()
    assert {name: slot.aliased for name, slot in synapses.inspect.state.slots.items()} == before
    assert synapses.inspect.placed_unasked == places
    assert not synapses.inspect.state.slots["w"].is_array


# ---- parts ----


def test_a_part_of_the_synapses():
    synapses = connected(200, 200, connect=nb.connect.all_to_all())
    found = parts(synapses.plot(of=(slice(10, 30), slice(150, 160))))
    assert found["map"].get_xlim() == (9.5, 29.5)
    assert found["map"].get_ylim() == (149.5, 159.5)
    values, _, _ = mesh(found["map"])
    assert np.array_equal(values, np.arange(40_000).reshape(200, 200).T[150:160, 10:30])
    assert np.array_equal(found["indegree"].patches[0].get_data().values, np.full(10, 20))
    values, _, _ = mesh(parts(synapses.plot(of="i == j and i < 20"))["map"])
    assert np.array_equal(np.diag(values), np.arange(20) * 201)
    assert np.isfinite(values).sum() == 20


def test_parts_of_groups_are_named():
    synapses = connected(100, 30, part=slice(60, 100))
    axes = parts(synapses.plot())["map"]
    assert axes.get_xlabel() == "source neuron in pre[60:100]"
    assert axes.get_xlim() == (-0.5, 39.5)


def test_no_synapses():
    for synapses in (connected(30, 30, connect="i < 0"), connected(300, 30, connect="i < 0")):
        for of in (None, "i > 3"):
            axes = parts(synapses.plot(of=of))["map"]
            assert [text.get_text() for text in axes.texts] == ["no synapses"]
            assert axes.get_ylim() == (-0.5, 29.5)
    found = parts(connected(30, 30).plot(of=[]))
    assert found["outdegree"].get_title(loc="left") == "syn: 0 synapses, 0 per pair"
    assert "legend" not in found


def test_synapses_written_in_python():
    pre = nb.Neurons(10, {"v": "1"}, threshold=lambda v: v > 1, name="pre")
    synapses = nb.Synapses(
        pre, pre, {"w": "nS"}, on_pre=lambda w: None, connect=nb.connect.all_to_all(), delay="2 ms"
    )
    synapses.w = np.arange(100)
    found = parts(synapses.plot())
    assert np.array_equal(mesh(found["map"])[0], np.arange(100).reshape(10, 10).T)
    assert found["legend"].get_xlabel() == "w (nS)"
    assert "delay = 2 ms" in parts(synapses.plot(values="delay"))["outdegree"].get_title(loc="left")


# ---- options that do not fit ----


def test_options_that_do_not_fit():
    synapses = connected(5, 5, connect=nb.connect.all_to_all())
    with pytest.raises(UnknownNameError, match="'syn' has no variable 'wight'"):
        synapses.plot(values="wight")
    with pytest.raises(
        ShapeError, match=r"'values' needs one number for each of 25 synapses \(got shape \(3,\)"
    ):
        synapses.plot(values=[1, 2, 3])
    with pytest.raises(IndexRangeError, match="index 7 is out of range"):
        synapses.plot(of=(7, 1))


def test_nothing_is_drawn_for_each_of_millions_of_synapses(tmp_path):
    nb.seed(1)
    few, many = (
        connected(n, n, connect=nb.connect.probability(200 / n), w="rand()*nS") for n in (300, 10_000)
    )
    assert len(many) > 1.9e6 > 30 * len(few)
    few.plot(tmp_path / "picture.png", dpi=50)  # matplotlib gets ready
    counts = [calls(lambda: s.plot(tmp_path / "picture.png", dpi=50)) for s in (few, many)]
    assert counts[1] < counts[0] + 200_000  # one for ten synapses
