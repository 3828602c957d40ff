"""Plots look as they did: small pictures without text, made with the matplotlib of `baseline/MATPLOTLIB`.

Under another matplotlib the comparison is skipped, as that draws lines elsewhere by a fraction of a pixel.
What is drawn is made of numbers that stand here: no random stream and no simulation changes a picture.
After a change that was meant, `python -m tests.plot.test_baseline` draws all pictures anew: look at them.
"""

from pathlib import Path

import numpy as np
import pytest

import numpybrain as nb

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.testing.compare import compare_images  # noqa: E402
from matplotlib.text import Text  # noqa: E402

FOLDER = Path(__file__).parent / "baseline"
MADE_WITH = (FOLDER / "MATPLOTLIB").read_text(encoding="utf-8").strip()
TOLERANCE = 3.0  # root mean square of the differences, of 255: rounding in other libraries


def trains(n, step, start=0.0, stop=400.0):
    """Regular spikes, at other times in each neuron."""
    every = [np.arange(start + 7 * k % 40, stop, step + k / 2) for k in range(n)]
    i = np.concatenate([np.full(t.size, k) for k, t in enumerate(every)])
    t = np.concatenate(every)
    order = t.argsort(kind="stable")
    return nb.SpikeTrains(i[order], t[order], n, start, stop, np.arange(n), name=f"group_{n}")


def waves(n):
    t = np.arange(0, 400.0)
    return nb.Traces(t, {"v": -60 + 8 * np.sin(t[:, None] / 30 + np.arange(n))}, {"v": "mV"}, np.arange(n))


def fitzhugh_nagumo(v, w):
    return v - v**3 / 3 - w + 0.5, (v + 0.7 - 0.8 * w) / 12.5


def connected():
    pre = nb.Neurons(40, "v : mV", threshold="v > 1*mV", reset="v = 0*mV", name="pre")
    post = nb.Neurons(20, "v : mV", name="post")
    syn = nb.Synapses(pre[:30], post, "w : mV", on_pre="v += w", connect="(i + j) % 3 == 0", name="syn")
    syn.w = "(i - j)*mV"
    loop = nb.Synapses(pre, pre, on_pre="v += 1*mV", connect="i != j", name="loop")
    back = nb.Synapses(pre[30:], post, on_pre="v -= 1*mV", connect="i == j", name="other")
    return syn, nb.Network(pre, post, syn, loop, back)


PICTURES = {
    "raster": lambda ax: nb.plot.raster(trains(30, 20), ax=ax, rate=True, groups={"a": slice(0, 20), "b": slice(20, 30)}),
    "raster_stacked": lambda ax: nb.plot.raster([trains(60, 20), trains(20, 30, 100)], ax=ax, rate=True),
    "raster_image": lambda ax: nb.plot.raster(trains(80, 20), ax=ax, image=True),
    "traces": lambda ax: nb.plot.traces(waves(3), ax=ax, spikes=trains(3, 90), peak=-30, t=(50, 350)),
    "traces_many": lambda ax: nb.plot.traces(waves(30), ax=ax),
    "rate": lambda ax: nb.plot.rate([trains(30, 20), trains(10, 30)], ax=ax, smooth=20),
    "isi": lambda ax: nb.plot.isi(trains(60, 20), ax=ax),
    "weights": lambda ax: nb.plot.weights(connected()[0], ax=ax),
    "matrix": lambda ax: nb.plot.matrix(connected()[0], ax=ax),
    "phase_plane": lambda ax: nb.plot.phase_plane(fitzhugh_nagumo, ax=ax, xlim=(-2.5, 2.5), ylim=(-1, 2), arrows=7),
    "f_i": lambda ax: nb.plot.f_i(
        np.linspace(0, 2, 21), nb.analysis.lif_rate(np.linspace(0, 40, 21), threshold=15, tau=20), ax=ax,
        curve=lambda x: nb.analysis.lif_rate(20 * x, threshold=15, tau=20),
    ),
    "spectrum": lambda ax: nb.plot.spectrum(waves(1), ax=ax),
    "sta": lambda ax: nb.plot.sta(trains(2, 60), waves(2), ax=ax, before=40, after=20),
    "schedule": lambda ax: nb.plot.schedule(connected()[1], ax=ax),
    "network": lambda ax: nb.plot.network(connected()[1], ax=ax),
}  # fmt: skip


def draw(name, path):
    with matplotlib.rc_context(matplotlib.rcParamsDefault), nb.plot.style():
        figure = Figure(figsize=(4, 3), dpi=60, layout="constrained")
        PICTURES[name](figure.subplots())
        for text in figure.findobj(Text):
            text.set_visible(False)  # fonts differ from one machine to the next
        figure.savefig(path, metadata={"Software": None})


@pytest.mark.skipif(matplotlib.__version__ != MADE_WITH, reason=f"pictures are of matplotlib {MADE_WITH}")
@pytest.mark.parametrize("name", PICTURES)
def test_a_plot_looks_as_it_did(name, tmp_path):
    path = tmp_path / f"{name}.png"
    draw(name, path)
    message = compare_images(str(FOLDER / f"{name}.png"), str(path), TOLERANCE)
    assert message is None, message


def test_every_plot_has_a_picture():
    assert {path.stem for path in FOLDER.glob("*.png")} == set(PICTURES)
    drawn = {name.partition("_")[0] if name.startswith(("raster", "traces")) else name for name in PICTURES}
    figures = {"check_path", "monitor", "pretty_unit", "style", "synapses"}
    assert drawn == {name for name in nb.plot.__all__ if name.islower()} - figures


if __name__ == "__main__":
    for every in PICTURES:
        draw(every, FOLDER / f"{every}.png")
    (FOLDER / "MATPLOTLIB").write_text(matplotlib.__version__ + "\n", encoding="utf-8")
