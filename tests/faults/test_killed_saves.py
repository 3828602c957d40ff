"""A process that is killed while it saves: the file is the old one or the new one, and nothing stays for ever."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.checkpoints import temporary

SIZE = 100_000
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither SIGKILL nor fork")


def network() -> nb.Network:
    """One that needs some time to be saved; v is the time in ms."""
    return nb.Network(nb.Neurons(SIZE, "dv/dt = 1/ms : 1", name="cells"), dt=0.5)


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(".numpybrain-"))


def check(path: Path) -> float:
    """The file is complete: of one step, and of the right values."""
    snapshot = nb.load(path)
    np.testing.assert_allclose(np.broadcast_to(snapshot["cells"]["state/values/v"], SIZE), snapshot.t)
    return snapshot.t


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from tests.faults.test_killed_saves import check, leftovers, network

path = Path(sys.argv[1])
net = network()
net.step()
started = time.perf_counter()
net.save(path)
took = time.perf_counter() - started
random.seed(1)
seen, before = 0, net.t
for k in range(10):
    ours, its = os.pipe()
    child = os.fork()
    if not child:
        while True:
            net.step()
            net.save(path)
            os.write(its, b".")
    os.read(ours, 1)
    time.sleep(random.random() * took)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    seen += len(leftovers(path.parent))
    t = check(path)
    net.load(path)  # the next child goes on from there
    assert t > before, (t, before)
    os.close(ours)
    os.close(its)
    before = t
    assert len(leftovers(path.parent)) <= 1  # of this child alone: the next one has removed what was there
print(seen, before)
net.save(path)
assert not leftovers(path.parent)
"""


def run(code: str, *arguments: Any) -> str:
    root = str(Path(nb.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": root}, cwd=root, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@POSIX
def test_ten_kills_in_a_loop_that_saves(tmp_path: Path) -> None:
    seen, last = map(float, run(KILLED, tmp_path / "saved").split())
    assert last >= 11 * 0.5
    assert seen >= 1  # else no process was killed in the middle
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


CUT = """
import os, signal, sys
from tests.faults.test_killed_saves import network
from numpybrain.checkpoints import temporary
temporary.os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
network().save(sys.argv[1])
"""


def killed(path: Path) -> str:
    """The name of the file that a killed process leaves."""
    with pytest.raises(AssertionError):
        run(CUT, path)
    (name,) = leftovers(path.parent)
    return name


@POSIX
def test_the_next_save_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    net = network()
    net.save(tmp_path / "saved")
    killed(tmp_path / "saved")
    check(tmp_path / "saved")
    assert len(leftovers(tmp_path)) == 1
    net.save(tmp_path / "another name")
    assert not leftovers(tmp_path)


@POSIX
def test_a_file_that_is_being_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By this process, in another thread; however old the file looks."""
    net, writing, go_on = network(), threading.Event(), threading.Event()
    other = nb.Network(nb.Neurons(1, "dv/dt = 1/ms : 1"))
    fsync = os.fsync

    def wait(handle: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            writing.set()
            go_on.wait(60)
        fsync(handle)

    monkeypatch.setattr(temporary.os, "fsync", wait)
    thread = threading.Thread(target=net.save, args=(tmp_path / "saved",))
    thread.start()
    assert writing.wait(60)
    (name,) = leftovers(tmp_path)
    os.utime(tmp_path / name, (0, 0))
    other.save(tmp_path / "other")
    assert leftovers(tmp_path) == [name]
    go_on.set()
    thread.join()
    assert not leftovers(tmp_path)
    check(tmp_path / "saved")


@POSIX
def test_a_file_of_another_process_stays(tmp_path: Path) -> None:
    code = CUT.replace(
        "os.kill(os.getpid(), signal.SIGKILL)", "(print('ready', flush=True), sys.stdin.read())"
    )
    root = str(Path(nb.__file__).parent.parent)
    command = [sys.executable, "-c", code, str(tmp_path / "saved")]
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": root},
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        network().save(tmp_path / "other")
        assert len(leftovers(tmp_path)) == 1
        process.communicate(b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "saved"]
    check(tmp_path / "saved")


def make(path: Path, age: float = 0.0) -> None:
    path.write_bytes(b"not complete")
    os.utime(path, (time.time() - age,) * 2)


MINE = f".numpybrain-{temporary._machine()}-"
OTHERS = f".numpybrain-{'0' * 8}-"  # of another machine
NUMBER = "0123456789abcdef"


def test_only_files_of_this_kind_are_removed(tmp_path: Path) -> None:
    kept = [
        "data.tmp", ".numpybrain-notes.tmp", f"{MINE}{NUMBER}", f"{MINE}{NUMBER}.tmp.npz", f"x{MINE}{NUMBER}.tmp",
        f"{MINE}{NUMBER[1:]}.tmp", f"{MINE}{NUMBER[1:]}G.tmp", f"{MINE}{NUMBER}0.tmp",
        f"{OTHERS}{NUMBER}.tmp",  # that machine may be writing it, if locks do not reach so far
    ]  # fmt: skip
    for name in kept:
        make(tmp_path / name, 10 * temporary.LONG_AGO if name != kept[-1] else 0)
    removed = [f"{OTHERS}{NUMBER[::-1]}.tmp"]
    make(tmp_path / removed[0], 1.1 * temporary.LONG_AGO)
    if temporary.fcntl is not None:
        make(tmp_path / f"{MINE}{NUMBER}.tmp")
        target = tmp_path / "elsewhere"
        target.write_bytes(b"precious")
        for k, link in enumerate((target, tmp_path)):
            (tmp_path / f"{MINE}{k:016x}.tmp").symlink_to(link)
            kept.append(f"{MINE}{k:016x}.tmp")
        os.mkfifo(tmp_path / f"{MINE}{2:016x}.tmp")  # which nobody reads: to open it would take for ever
        (tmp_path / f"{MINE}{3:016x}.tmp").mkdir()
        kept += ["elsewhere", f"{MINE}{2:016x}.tmp", f"{MINE}{3:016x}.tmp"]
    network().save(tmp_path / "saved")
    assert {path.name for path in tmp_path.iterdir()} == {*kept, "saved"}


def test_without_locks_only_old_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary, "fcntl", None)
    make(tmp_path / f"{MINE}{NUMBER}.tmp", 0.9 * temporary.LONG_AGO)
    make(tmp_path / f"{MINE}{NUMBER[::-1]}.tmp", 1.1 * temporary.LONG_AGO)
    network().save(tmp_path / "saved")
    assert leftovers(tmp_path) == [f"{MINE}{NUMBER}.tmp"]
    check(tmp_path / "saved")


@POSIX
def test_where_the_system_has_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file can be written, and none is removed that may be another's."""

    def refuse(*_: Any) -> None:
        raise OSError(38, "Function not implemented")

    make(tmp_path / f"{MINE}{NUMBER}.tmp")
    with monkeypatch.context() as patch:
        patch.setattr("fcntl.flock", refuse)
        network().save(tmp_path / "saved")
    check(tmp_path / "saved")
    assert leftovers(tmp_path) == [f"{MINE}{NUMBER}.tmp"]


@POSIX
@pytest.mark.parametrize("how", ["locked", "removed"])
def test_a_new_file_that_somebody_takes_for_a_leftover(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the moment before it is locked: another one is made."""
    from fcntl import LOCK_EX, flock

    made = []

    def lock(handle: int, how_to_lock: int) -> None:
        if not made:
            (name,) = leftovers(tmp_path)
            made.append((tmp_path / name).open("rb"))
            if how == "locked":
                flock(made[0].fileno(), LOCK_EX)
            (tmp_path / name).unlink()
        flock(handle, how_to_lock)

    monkeypatch.setattr("fcntl.flock", lock)
    network().save(tmp_path / "saved")
    made[0].close()
    check(tmp_path / "saved")
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


@POSIX
def test_many_processes_that_save_to_one_file(tmp_path: Path) -> None:
    """None takes another's file away; in the end there is the file of one of them."""
    code = """
import os, sys
from tests.faults.test_killed_saves import network
net = network()
children = []
for _ in range(4):
    child = os.fork()
    if not child:
        for _ in range(15):
            net.step()
            net.save(sys.argv[1])
        os._exit(0)
    children.append(child)
for child in children:
    assert os.waitpid(child, 0)[1] == 0
"""
    run(code, tmp_path / "saved")
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]
    assert check(tmp_path / "saved") == 7.5


def test_names_of_temporary_files(tmp_path: Path) -> None:
    with temporary.becoming(tmp_path / "x") as file:
        file.write(b"1")
        (name,) = leftovers(tmp_path)
        assert re.fullmatch(r"\.numpybrain-[0-9a-f]{8}-[0-9a-f]{16}\.tmp", name)
    assert (tmp_path / "x").read_bytes() == b"1"
    with pytest.raises(KeyError), temporary.becoming(tmp_path / "x"):
        raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"1"
    assert not hasattr(signal, "SIGKILL") or temporary.fcntl is not None
