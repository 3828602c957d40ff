"""Files that need no other package, and what is said where one is missing."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import numpybrain as nb

from .runs import library


def same(found, monitor, digits=None):
    """Whether spikes that were read are those of a monitor, in the order of time."""
    order = np.lexsort((found.i, found.t.round(6)))
    there = np.lexsort((monitor.i, monitor.t.round(6)))
    np.testing.assert_array_equal(found.i[order], monitor.i[there])
    if digits is None:
        np.testing.assert_array_equal(found.t[order], monitor.t[there])
    else:
        np.testing.assert_allclose(found.t[order], monitor.t[there], atol=10**-digits)
    assert (np.diff(found.t) >= 0).all()
    record = monitor.between()
    np.testing.assert_array_equal(found.neurons, record.neurons)
    assert (found.n, found.start, found.stop) == (record.n, record.start, record.stop)
    np.testing.assert_allclose(found.rates(), monitor.rates())
    np.testing.assert_allclose(found.cv(), monitor.cv(), atol=1e-12)


@pytest.mark.parametrize("which", ["spikes", "some"])
@pytest.mark.parametrize("kind", ["csv", "npz"])
def test_spikes_come_back(recorded, tmp_path, kind, which):
    monitor = getattr(recorded, which)
    path = tmp_path / f"run.{kind}"
    getattr(monitor, f"to_{kind}")(path)
    found = nb.read_spikes(path)
    same(found, monitor)
    assert found.name == which
    assert nb.Model.parse(found.info["model"]) == monitor.group.model
    assert found.info["dt_ms"] == 0.1
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    same(nb.read_spikes(str(path)), monitor)


def test_traces_as_text(recorded, tmp_path):
    recorded.both.to_csv(tmp_path / "v.csv")
    text = (tmp_path / "v.csv").read_text(encoding="utf-8")
    names = next(line for line in text.splitlines() if not line.startswith("#")).split(",")
    assert names[:4] == ["t", "v[2]", "v[4]", "v[9]"]
    assert names[-1] == "k"
    numbers = np.loadtxt(tmp_path / "v.csv", delimiter=",", skiprows=text.count("\n# ") + 2)
    np.testing.assert_array_equal(numbers[:, 0], recorded.both.t)
    np.testing.assert_array_equal(numbers[:, 1:4], recorded.both.v)  # to the last digit
    assert '# unit_of_v: "mV"' in text.splitlines()


def test_text_is_read_by_pandas(recorded, tmp_path):
    pd = library("pandas")
    recorded.spikes.to_csv(tmp_path / "spikes.csv")
    table = pd.read_csv(tmp_path / "spikes.csv", comment="#")
    np.testing.assert_allclose(table["t"], recorded.spikes.t)
    np.testing.assert_array_equal(table["i"], recorded.spikes.i)


def test_traces_as_arrays(recorded, tmp_path):
    recorded.both.to_npz(tmp_path / "v.npz")
    with np.load(tmp_path / "v.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["v"], recorded.both.v)
        np.testing.assert_array_equal(file["above"], recorded.both.above)
        assert file["above"].dtype == bool
        np.testing.assert_array_equal(file["meta.neurons"], [2, 4, 9])
        assert '"unit_of_g": "nS"' in str(file["meta.info"])


def test_files_of_others(tmp_path):
    """Tables without what is known of a run: the time goes from 0 to the last spike."""
    (tmp_path / "a.csv").write_text('"t","i","cell"\n30.5,2,7\n10,0,3\n', encoding="utf-8")
    found = nb.read_spikes(tmp_path / "a.csv")
    assert found.t.tolist() == [10, 30.5]
    assert found.i.tolist() == [0, 2]
    assert (found.n, found.start, found.stop) == (3, 0, 30.5)
    np.savez(tmp_path / "b.npz", t=np.array([-5.0, 4]), i=np.array([1, 0], dtype=np.uint8))
    found = nb.read_spikes(tmp_path / "b.npz")
    assert (found.i.tolist(), found.n, found.start) == ([1, 0], 2, -5)
    (tmp_path / "c.csv").write_text("# no: \n# n: 5\nt,i\n", encoding="utf-8")
    found = nb.read_spikes(tmp_path / "c.csv")
    assert (len(found), found.n) == (0, 5)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"time,neuron\n1,2\n"), ("b.csv", b"t,i\n1,x\n"), ("c.csv", b"t,i\n1,-2\n"), ("d.csv", b"t,i\nnan,2\n"),
        ("e.csv", b"\xff\xfe\x00"), ("f.csv", b""), ("g.csv", b"t,i\n1\n"), ("h.csv", b"# n: 2\nt,i\n1,1\n# seen: 3"),
        ("i.csv", b"# neurons: [1]\nt,i\n1,1\n"),
        ("j.csv", b"# neurons: 3\nt,i\n1,1\n"), ("k.csv", b'# n: "x"\nt,i\n1,1\n'), ("l.csv", b"# n: [2]\nt,i\n1,1\n"),
    ],
)  # fmt: skip
def test_files_without_spikes_are_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    if name == "h.csv":  # a comment at the end
        assert len(nb.read_spikes(path)) == 1
        return
    with pytest.raises(nb.ArgumentError):
        nb.read_spikes(path)


def test_other_sources_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=[1])
    for source in (tmp_path / "missing.csv", tmp_path, tmp_path / "a.npz", 3, None, [], [1, 2]):
        with pytest.raises(nb.ArgumentError):
            nb.read_spikes(source)


def test_what_is_pickled_is_not_read(tmp_path):
    np.savez(tmp_path / "a.npz", t=np.array([print], dtype=object), i=[0])
    with pytest.raises(ValueError):
        nb.read_spikes(tmp_path / "a.npz")


def test_spikes_that_were_read_go_back_into_a_network(recorded, tmp_path):
    recorded.some.to_csv(tmp_path / "some.csv")
    found = nb.read_spikes(tmp_path / "some.csv")
    source = nb.inputs.SpikeTimes(found.i, found.t, n=found.n)
    again = nb.Monitor(source, "spikes")
    nb.Network(source, again).run("200 ms")
    np.testing.assert_array_equal(again.t, recorded.some.t)
    np.testing.assert_array_equal(np.sort(again.i), np.sort(recorded.some.i))


@pytest.mark.parametrize(
    ("method", "package", "path"),
    [("to_pandas", "pandas", ()), ("to_xarray", "xarray", ()), ("to_neo", "neo", ()), ("to_nwb", "pynwb", ("x",)), ("to_sonata", "h5py", ("x",))],
)  # fmt: skip
def test_a_missing_package_is_named(recorded, monkeypatch, method, package, path):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"'{package}': pip install \"numpybrain\[export\]\""):
        getattr(recorded.spikes, method)(*path)
