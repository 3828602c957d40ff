"""Temporary files that become checkpoints, and the end of those whose writer was killed.

While a file is written, its writer holds a lock on it, which the system opens when the writer ends, in
whatever way. So a file whose lock is free is no longer in use, and the next process that writes to that
folder removes it. Locks may not reach from one machine to another, and not every system or folder has
them: then a file must be a day old, too.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows, which removes no open files
    fcntl = None  # type: ignore[assignment]

LONG_AGO = 86400.0  # seconds
_NAME = re.compile(r"\.numpybrain-([0-9a-f]{8})-[0-9a-f]{16}\.tmp")


@contextlib.contextmanager
def becoming(target: Path) -> Iterator[IO[bytes]]:
    """A file that has the name of `target` once it is complete; nothing is left of it after an error."""
    remove_leftovers(target.parent)
    file, path = _create(target.parent)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if fcntl is None:
                file.close()  # else it could not be renamed there
            path.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of processes that were killed while they wrote to a folder."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for path in [Path(entry.path) for entry in entries if _NAME.fullmatch(entry.name)]:
            with contextlib.suppress(OSError):  # another one may be faster
                _remove_if_left(path)


def _machine() -> str:
    """Give the mark that tells this machine from others, in the names of its files."""
    name = os.uname().nodename if hasattr(os, "uname") else ""
    return blake2b(name.encode(errors="replace"), digest_size=4).hexdigest()


def _create(folder: Path) -> tuple[IO[bytes], Path]:
    """A new file, locked, and its path."""
    while True:
        path = folder / f".numpybrain-{_machine()}-{os.urandom(8).hex()}.tmp"
        file = path.open("x+b")
        try:
            if _locked(file.fileno(), path):
                return file, path
        except BaseException:
            file.close()
            raise
        file.close()  # somebody took it for a leftover, before it was locked


def _locked(handle: int, path: Path) -> bool:
    """Lock a new file; false if it is gone."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # there are no locks here, and so nobody who removes the file
        return True
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _remove_if_left(path: Path) -> None:
    """Remove a temporary file if no process holds it any more; else an `OSError`, or nothing."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or (fcntl is not None and status.st_uid != os.getuid()):
        return
    found = _NAME.fullmatch(path.name)
    is_near = fcntl is not None and found is not None and found[1] == _machine()
    if not is_near and time.time() - status.st_mtime < LONG_AGO:
        return
    if fcntl is None:
        path.unlink()
        return
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), status):
            path.unlink()
    finally:
        os.close(handle)
