"""Files of checkpoints: complete or not there; damaged, foreign, forged and newer ones are refused."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.checkpoints import checkpoint_file
from tests.kernel.checkpoints import BUILDS, drive, lif, observe, same


@pytest.fixture
def net() -> nb.Network:
    net = BUILDS["delays_and_parts"]()
    net.run(10)
    return net


@pytest.fixture
def saved(net: nb.Network, tmp_path: Path) -> Path:
    net.save(tmp_path / "saved")
    return tmp_path / "saved"


def refused(path: Path, words: str | None = None) -> str:
    """The error for a file, which names it and says what to do."""
    with pytest.raises(nb.CheckpointError, match=words) as caught:
        nb.load(path)
    text = str(caught.value)
    assert f"the checkpoint '{path}'" in text
    assert "\n    help: " in text
    return text


def test_cut_anywhere(saved: Path) -> None:
    data = saved.read_bytes()
    for length in [*range(0, 200), *range(200, len(data) - 300, 997), *range(len(data) - 300, len(data))]:
        saved.write_bytes(data[:length])
        refused(saved, "damaged|no checkpoint")
    for more in (b"\n", b"0" * 200, data):
        saved.write_bytes(data + more)
        refused(saved, "damaged")
    saved.write_bytes(data)
    nb.load(saved)


def test_every_changed_byte_is_noticed(saved: Path) -> None:
    data = bytearray(saved.read_bytes())
    for k in [*range(0, 2000), *range(2000, len(data) - 2000, 101), *range(len(data) - 2000, len(data))]:
        data[k] ^= 1 << (k % 8)
        saved.write_bytes(data)
        refused(saved, "damaged|no checkpoint|its format is")
        data[k] ^= 1 << (k % 8)
    saved.write_bytes(data)
    nb.load(saved)


FOREIGN = {
    "empty": b"",
    "text": b"dv/dt = -v/tau : volt\n" * 50,
    "pickle": pickle.dumps({"v": list(range(300))}),
    "zeros": bytes(10_000),
    "comment": b"numpybrain checkpoint 1 " + b"0" * 64,
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FOREIGN[name])
    assert refused(path, "it is no checkpoint").endswith(
        "give the name of a file that net.save(...) has written"
    )


def test_foreign_zips(tmp_path: Path) -> None:
    path = tmp_path / "foreign.npz"
    np.savez(path, v=np.arange(10))
    refused(path, "it is no checkpoint")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("numpybrain.json", "{}")
    refused(path, "damaged")


def test_missing_files_and_folders(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "nothing")
    refused(tmp_path, "is a directory|denied")
    with pytest.raises(OSError, match="no such file"):  # it is what a caller expects
        nb.load(tmp_path / "nothing")
    with pytest.raises(nb.CheckpointError, match="null"):
        nb.load("a\0b")
    for path in (3, None, io.BytesIO()):
        with pytest.raises(nb.ArgumentError, match="from a path"):
            nb.load(path)
    if Path("/dev/zero").exists():
        refused(Path("/dev/zero"), "it is no file")


# ---- files that somebody forged, with a digest that is right ----


def sealed(path: Path, data: bytes, version: int = 1) -> Path:
    """Write a zip whose comment is as in a checkpoint."""
    prefix = f"numpybrain checkpoint {version} ".encode()
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.comment = prefix + b"0" * 64
    whole = stream.getvalue()[:-64]
    path.write_bytes(whole + hashlib.blake2b(whole, digest_size=32).hexdigest().encode())
    return path


def forged(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return sealed(path, stream.getvalue())


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def npy(descr: str, shape: str, data: bytes = b"", order: str = "False") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


def test_a_forged_file_can_be_made_here(saved: Path, net: nb.Network) -> None:
    forged(saved, contents(saved))
    other = BUILDS["delays_and_parts"]()
    other.load(saved)
    same(observe(other), observe(net))


def test_newer_versions_are_refused_with_advice(saved: Path) -> None:
    for version in (2, 999):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("something else", b"x")
        text = refused(sealed(saved, stream.getvalue(), version), f"its format is {version}")
        assert text.endswith("help: update NumpyBrain: pip install -U numpybrain")
    refused(sealed(saved, stream.getvalue(), 0), "no checkpoint")


def find(members: dict[str, bytes], ending: str) -> str:
    return next(name for name in members if name.endswith(ending))


BOMB = b"cposix\nsystem\n(S'touch owned'\ntR."
ARRAYS = {
    "pickle": npy("'|O'", "(1,)", BOMB),
    "pickle alone": BOMB,
    "huge": npy("'<f8'", "(99999999999,)"),
    "beyond 64 bits": npy("'<f8'", "(99999999999999999999999999,)", bytes(8)),
    "many digits": npy("'<f8'", f"({'9' * 9000},)"),
    "product": npy("'<f8'", "(4294967296, 4294967296)"),
    "negative": npy("'<f8'", "(-1,)", bytes(8)),
    "too few": npy("'<f8'", "(3,)", bytes(16)),
    "too many": npy("'<f8'", "(1,)", bytes(16)),
    "deep": npy("'<f8'", "(1, 1, 1, 1)", bytes(8)),
    "fortran": npy("'<f8'", "(1, 1)", bytes(8), "True"),
    "fields": npy("[('a', '<f8')]", "(1,)", bytes(8)),
    "text": npy("'<U4'", "(1,)", bytes(16)),
    "code": npy("__import__('os').system('touch owned')", "(1,)"),
    "complex": npy("'<c8'", "(1,)", bytes(8)),
    "no type": npy("'<f1'", "(8,)", bytes(8)),
    "long booleans": npy("'|b8'", "(1,)", bytes(8)),
    "empty": b"",
    "cut": npy("'<f8'", "(1,)")[:20],
}


@pytest.mark.parametrize("name", ARRAYS)
def test_forged_arrays(name: str, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    members = contents(saved)
    members[find(members, "values/v.npy")] = ARRAYS[name]
    tracemalloc.start()
    try:
        refused(forged(saved, members), "damaged")
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()
    assert not Path("owned").exists()


HEADERS: dict[str, Any] = {
    "no JSON": b"{",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "many digits": b'{"step": ' + b"9" * 10_000 + b"}",
    "not UTF-8": b'{"step": "\xff\xfe"}',
    "empty": b"{}",
    "objects": {"objects": 3},
    "an object": {"objects": [3]},
    "structure": {"objects": [{"structure": {}, "values": {}, "arrays": {}}]},
    "step": {"step": -1},
    "a large step": {"step": 2**70},
    "a true step": {"step": True},
    "dt": {"dt": "x"},
    "records": {"records": 1},
    "versions": {"versions": 3},
}


@pytest.mark.parametrize("name", HEADERS)
def test_forged_headers(name: str, saved: Path) -> None:
    members, change = contents(saved), HEADERS[name]
    if isinstance(change, dict):
        change = json.dumps({**json.loads(members["numpybrain.json"]), **change}).encode()
    refused(forged(saved, {**members, "numpybrain.json": change}), "damaged")


def test_headers_that_do_not_go_with_the_arrays(saved: Path) -> None:
    members = contents(saved)
    header = json.loads(members["numpybrain.json"])
    arrays = header["objects"][0]["arrays"]
    arrays["state/values/v"] = "../../etc/passwd"
    refused(forged(saved, {**members, "numpybrain.json": json.dumps(header).encode()}), "damaged")
    arrays["state/values/v"] = ["x"]
    refused(forged(saved, {**members, "numpybrain.json": json.dumps(header).encode()}), "damaged")
    for name in ("../../over.npy", "/tmp/over.npy", "C:\\over.npy"):
        refused(forged(saved, {**members, name: npy("'<f8'", "(1,)", bytes(8))}), "damaged")
    del members["numpybrain.json"]
    refused(forged(saved, {"numpybrain.jsox": b"{}", **members}), "no checkpoint")


def test_forged_zips(saved: Path) -> None:
    members = contents(saved)
    refused(forged(saved, members, zipfile.ZIP_DEFLATED), "damaged")
    refused(forged(saved, {**members, "zeros.npy": bytes(10**7)}, zipfile.ZIP_DEFLATED), "damaged")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("numpybrain.json", members["numpybrain.json"])
        archive.writestr("numpybrain.json", members["numpybrain.json"])
    refused(sealed(saved, stream.getvalue()), "damaged")


def test_zips_with_wrong_numbers(saved: Path) -> None:
    rng = np.random.default_rng(1)
    data = bytearray(forged(saved, contents(saved)).read_bytes()[:-64])
    start = data.rindex(b"PK\x01\x02", 0, data.index(b"PK\x01\x02") + 4)  # the list of members
    for _ in range(1500):
        changed = bytearray(data)
        for k in rng.integers(start, len(data) - 24, rng.integers(1, 4)):
            changed[k] = rng.choice([0, 1, 127, 128, 255])
        saved.write_bytes(changed + hashlib.blake2b(changed, digest_size=32).hexdigest().encode())
        try:
            nb.load(saved)  # a changed date does not matter
        except nb.CheckpointError as error:
            assert "damaged" in str(error)


# ---- writing ----


def test_a_missing_folder_and_other_names_that_are_no_files(net: nb.Network, tmp_path: Path) -> None:
    with pytest.raises(nb.CheckpointError) as caught:
        net.save(tmp_path / "nowhere" / "x")
    assert str(caught.value) == (
        f"cannot write the checkpoint '{tmp_path / 'nowhere' / 'x'}': no such file or directory\n"
        "    help: name a file in a folder that exists, in which you may write, with enough room"
    )
    for path in (tmp_path, "a\0b", "", tmp_path / ("x" * 300)):
        with pytest.raises(nb.CheckpointError, match="cannot write"):
            net.save(path)
    with pytest.raises(nb.ArgumentError, match="to and loaded from a path"):
        net.save(7)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("where", ["_write_array", "_write_zip", "os.fsync", "Path.replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_was_there_survives(
    where: str, error: BaseException, net: nb.Network, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()
    net.run(1)

    def fail(*_: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(f"numpybrain.checkpoints.checkpoint_file.{where}", fail)
        with pytest.raises(
            KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else nb.CheckpointError
        ):
            net.save(saved)
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]
    assert saved.read_bytes() == before
    net.save(saved)
    assert saved.read_bytes() != before
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]


FULL = """
import resource, signal, sys
import numpybrain as nb
from tests.kernel.checkpoints import BUILDS
net = BUILDS["noise"]()
net.run(50)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    net.save(sys.argv[1])
except nb.CheckpointError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no limits to files")
@pytest.mark.parametrize("room", [0, 100, 3000])
def test_no_room(room: int, saved: Path) -> None:
    before, root = saved.read_bytes(), str(Path(nb.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(saved), str(room)], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": root}, check=True, timeout=60,
    )  # fmt: skip
    assert "cannot write the checkpoint" in done.stdout
    assert "with enough room" in done.stdout
    assert done.stderr == ""
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]
    assert saved.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(net: nb.Network, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(nb.CheckpointError, match="permission denied"):
            net.save(tmp_path / "x")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_a_link(net: nb.Network, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "file")
    net.save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "file").is_file()
    nb.load(tmp_path / "link")


def test_strange_and_equal_names(tmp_path: Path) -> None:
    def build() -> nb.Network:
        cells = [
            lif(n, name=name) for n, name in enumerate(("../x", "a/b", "a/b", "a b", "ä", "\0", "a_b 3"), 2)
        ]
        return nb.Network(*(part for c in cells for part in drive(c, 1)))

    net, other = build(), build()
    net.run(10)
    net.save(tmp_path / "file")
    other.load(tmp_path / "file")
    same(observe(other), observe(net))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_whole_numbers_take_little_room(tmp_path: Path) -> None:
    for values, kind in (
        ([0, 255], "u1"), ([0, 256], "u2"), ([0, 65536], "u4"), ([-1, 127], "i1"), ([-1, 128], "i2"),
        ([-1, 2**31 - 1], "i4"), ([0, 2**32], "i8"), ([-(2**62), 5], "i8"), ([], "i8"),
    ):  # fmt: skip
        array = np.array(values, dtype=np.int64)
        checkpoint_file.write(tmp_path / "x", {}, {"a": array, "b": array.astype(float), "c": array[::-1]})
        _, found = checkpoint_file.read(tmp_path / "x")
        assert found["a"].dtype == np.dtype(kind)
        assert all(
            np.array_equal(f, a) for f, a in zip(found.values(), (array, array, array[::-1]), strict=True)
        )
        assert not found["a"].flags.writeable


def test_many_synapses_are_saved_and_loaded_fast(tmp_path: Path) -> None:
    """A million synapses: 4 bytes each, and a few hundredths of a second."""
    cells = lif(3000, I=0)
    synapses = nb.Synapses(cells, on_pre="v_post += w", w=0.1, connect=nb.connect.fixed_total(1_000_000))
    net = nb.Network(cells, synapses)
    tracemalloc.start()
    net.save(tmp_path / "file")
    net.load(tmp_path / "file")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "file").stat().st_size < 4.2e6
    assert peak < 12e6
