"""A notebook, executed by Jupyter's own kernel: each figure once, errors without our own frames."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path

import pytest

import numpybrain as nb

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")

ROOT = Path(nb.__file__).parent.parent
CELLS = {
    "made": """
        import numpybrain as nb
        nb.seed(1)
        cells = nb.Neurons(3, "lif", I="2 nA", name="cells")
        spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v")
        net = nb.Network(cells, spikes, trace)
        net.run("50 ms")""",
    "last value": "trace.plot()",
    "two, one of them the last value": "trace.plot()\nspikes.plot()",
    "no value": "spikes.plot();",
    "kept": "figure = spikes.plot()",
    "shown again": "figure",
    "with the figure of somebody else": """
        from matplotlib import pyplot as plt
        plt.plot([1, 2])
        trace.plot()""",
    "shown by hand": "display(trace.plot())",
    "axes": "nb.plot.raster(spikes)",
    "texts and views": "net",
    "an error": """
        def make():
            return nb.Neurons(2, "dv/dt = -v/ta : 1\\ntau = 3*ms : ms")
        make()""",
    "an error with all frames": """
        %xmode Verbose
        make()""",
}
FIGURES = {
    "made": 0,
    "last value": 1,
    "two, one of them the last value": 2,
    "no value": 1,
    "kept": 1,
    "shown again": 1,
    "with the figure of somebody else": 2,
    "shown by hand": 1,
    "axes": 1,
    "texts and views": 0,
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Name of a cell -> its outputs."""
    from textwrap import dedent

    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell(dedent(text).strip()) for text in CELLS.values()]
    for cell in book.cells[-2:]:
        cell.metadata["tags"] = ["raises-exception"]
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        place = {"metadata": {"path": str(tmp_path_factory.mktemp("book"))}}
        nbclient.NotebookClient(book, timeout=120, kernel_name="python3", resources=place).execute()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return dict(zip(CELLS, (cell.outputs for cell in book.cells), strict=True))


@pytest.mark.filterwarnings("ignore")  # of Jupyter's own packages
@pytest.mark.parametrize(("cell", "n"), FIGURES.items())
def test_each_figure_once(executed, cell, n):
    pictures = [out for out in executed[cell] if "image/png" in out.get("data", {})]
    assert len(pictures) == n


@pytest.mark.filterwarnings("ignore")
def test_a_network_is_shown(executed):
    (out,) = executed["texts and views"]
    assert "<b>cells</b>" in out["data"]["text/html"]
    assert out["data"]["text/plain"].startswith("<Network t=50 ms")


@pytest.mark.filterwarnings("ignore")
def test_an_error_shows_the_cell_and_the_message(executed):
    error = executed["an error"][0]
    assert error["ename"] == "UnknownNameError"
    text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error["traceback"]))
    assert "----> 3 make()" in text
    assert "----> 2     return nb.Neurons(2," in text
    assert "UnknownNameError: unknown name 'ta' in the equation for 'v': did you mean 'tau'?\n" in text
    assert text.count("Cell In[") == 2
    assert "numpybrain/" not in text
    every = "\n".join(executed["an error with all frames"][-1]["traceback"])
    assert "numpybrain/" in every  # asked for all, all is there


def test_a_figure_can_be_pickled():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    cells = nb.Neurons(1, "lif")
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace).run(1)
    figure = pickle.loads(pickle.dumps(trace.plot()))
    assert figure._repr_mimebundle_() == {}
    assert plt.get_fignums()  # no notebook shows it, so pyplot keeps it
    plt.close("all")
