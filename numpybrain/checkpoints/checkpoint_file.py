"""The file of a checkpoint: written in one piece or not at all, and read with suspicion.

The file is an uncompressed zip of a text, `numpybrain.json`, and of one .npy file for each array; so
`numpy.load` opens it too, as it does .npz files. The comment at the end of the zip is
"numpybrain checkpoint VERSION DIGEST", where DIGEST is the BLAKE2b, in hexadecimal, of all bytes before it.
It tells that no byte was lost or changed; it does not tell who wrote the file. So everything is checked,
nothing is unpickled, no name in the file becomes a path, and arrays are views of the bytes that were read:
no number in the file can make the program take more memory than the file is long.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import stat
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import numpy as np

from numpybrain.checkpoints import temporary
from numpybrain.errors import ArgumentError, CheckpointError
from numpybrain.utils.arrays import compact

if TYPE_CHECKING:
    import zipfile

    from numpybrain.kernel.variables import Array

VERSION = 1  # of the format: larger when a reader of this version would misunderstand the file
HEADER = "numpybrain.json"
LONGEST_HEADER = 2**26  # bytes
DIGEST = 32  # bytes
BLOCK = 2**20  # bytes that are digested at once

_HEAD = re.compile(rb"PK\x03\x04.{26}" + re.escape(HEADER.encode()), re.DOTALL)
_TAIL = re.compile(rb"numpybrain checkpoint (\d{1,9}) ([0-9a-f]{64})\Z")
_NPY = re.compile(  # version 1.0 of the format, and only what is written here
    rb"\{'descr': '(\|[biu]1|[<>][iuf][248])', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n"
)
_MAGIC = b"\x93NUMPY\x01\x00"

AGAIN = "save it again; a file that was copied or sent may be incomplete"


# ---- writing ----


def write(path: Any, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write a checkpoint; what is there under that name stays whole until the new file is complete.

    Raises:
        CheckpointError: if it cannot be written; nothing is left behind then.
    """
    name = path_of(path)
    try:
        target = Path(os.path.realpath(name))
        if target.exists() and not target.is_file():
            raise ValueError("it is no file")
        with temporary.becoming(target) as file:
            _write_zip(file, header, arrays)
    except (OSError, ValueError) as error:
        message = f"cannot write the checkpoint '{name}': {_reason(error)}"
        advice = "name a file in a folder that exists, in which you may write, with enough room"
        raise CheckpointError(message, help=advice) from error
    _sync_folder(target.parent)


def path_of(path: Any) -> str:
    """The name of a file as text."""
    try:
        return os.fsdecode(path)
    except TypeError:
        message = f"a checkpoint is saved to and loaded from a path (got {type(path).__name__})"
        raise ArgumentError(message, help='such as "trained.npz"') from None


def _write_zip(file: IO[bytes], header: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    import hashlib
    import zipfile

    comment = f"numpybrain checkpoint {VERSION} ".encode()
    text = json.dumps(header, separators=(",", ":")).encode()
    if len(text) > LONGEST_HEADER:
        raise ValueError("too many objects")
    with zipfile.ZipFile(file, "w") as archive:  # stored, not compressed
        archive.comment = comment + b"0" * (2 * DIGEST)
        archive.writestr(_entry(HEADER), text)
        for name, array in arrays.items():
            _write_array(archive, name, np.ascontiguousarray(compact(array)))
    end = file.seek(0, os.SEEK_END) - 2 * DIGEST
    file.seek(0)
    digest = hashlib.blake2b(digest_size=DIGEST)
    while end > file.tell():
        digest.update(file.read(min(BLOCK, end - file.tell())))
    file.write(digest.hexdigest().encode())


def _entry(name: str) -> zipfile.ZipInfo:
    import zipfile

    return zipfile.ZipInfo(name)  # of 1980: equal states give equal files


def _write_array(archive: zipfile.ZipFile, name: str, array: Array) -> None:
    """One member, straight from the memory of the array."""
    entry = _entry(f"{name}.npy")
    description = np.lib.format.header_data_from_array_1_0(array)
    entry.file_size = array.nbytes + 128  # so that sizes beyond 2 GB are written as such
    with archive.open(entry, "w") as member:
        np.lib.format.write_array_header_1_0(member, description)
        if array.size:
            member.write(array.reshape(-1).view(np.uint8).data)


def _sync_folder(folder: Path) -> None:
    """Make the new name outlive a power failure, where the system can."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: Exception) -> str:
    """Give the reason why a file cannot be used, in few words."""
    return str(getattr(error, "strerror", None) or error).lower()


# ---- reading ----


def read(path: Any) -> tuple[dict[str, Any], dict[str, Array]]:
    """The header and the arrays of a checkpoint, by name; arrays are read-only.

    Raises:
        CheckpointError: if it is missing, no checkpoint, damaged or too new.
    """
    return _Reader(path_of(path)).read()


class _Reader:
    """Reads one file; remembers its name for messages."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = b""

    def read(self) -> tuple[dict[str, Any], dict[str, Array]]:
        self._read_bytes()
        members = self._members()
        start, size = members.pop(HEADER, (0, 0))
        if not 0 < size <= LONGEST_HEADER:
            self.damaged("it has no header")
        try:
            header = json.loads(self.data[start : start + size])
        except (ValueError, RecursionError):
            header = None
        if not isinstance(header, dict):
            self.damaged("its header is no JSON")
        return header, {n.removesuffix(".npy"): self._array(n, *place) for n, place in members.items()}

    # ---- errors ----

    def refuse(self, why: str, advice: str) -> NoReturn:
        raise CheckpointError(f"cannot load the checkpoint '{self.name}': {why}", help=advice)

    def damaged(self, detail: str) -> NoReturn:
        message = f"the checkpoint '{self.name}' is damaged"
        raise CheckpointError(message, detail=detail, help=AGAIN)

    # ---- bytes ----

    def _read_bytes(self) -> None:
        """Read the file, once it looks like a checkpoint, and check every byte."""
        import hashlib

        try:
            with Path(self.name).open("rb") as file:
                information = os.fstat(file.fileno())
                if not stat.S_ISREG(information.st_mode):
                    self.refuse("it is no file", "give the name of a file")
                ours = _HEAD.match(file.read(30 + len(HEADER)))
                file.seek(-min(information.st_size, 2**7), os.SEEK_END)
                tail = _TAIL.search(file.read())
                self._check_kind(is_ours=ours is not None, tail=tail)
                file.seek(0)
                self.data = file.read()
        except CheckpointError:
            raise
        except MemoryError:
            self.refuse("it is longer than the memory that is free", "load it on a larger machine")
        except (OSError, ValueError) as error:
            self.refuse(_reason(error), "give the name of a file that net.save(...) has written")
        tail = _TAIL.search(self.data[-(2**7) :])
        digest = hashlib.blake2b(memoryview(self.data)[: -2 * DIGEST], digest_size=DIGEST).hexdigest()
        if tail is None or tail[2] != digest.encode():
            self.damaged("its bytes are not those that were written")

    def _check_kind(self, *, is_ours: bool, tail: re.Match[bytes] | None) -> None:
        """Raise an error unless begin and end of the file are those of a checkpoint of this version."""
        if tail is not None and int(tail[1]) > VERSION:
            why = f"its format is {int(tail[1])}, and this version of NumpyBrain reads {VERSION}"
            self.refuse(why, "update NumpyBrain: pip install -U numpybrain")
        if is_ours and tail is None:
            self.damaged("its end is missing, or something follows it")
        if not is_ours or tail is None or int(tail[1]) != VERSION:
            self.refuse("it is no checkpoint", "give the name of a file that net.save(...) has written")

    # ---- members ----

    def _members(self) -> dict[str, tuple[int, int]]:
        """Give the places of the members: first byte and size."""
        import io
        import zipfile

        places: dict[str, tuple[int, int]] = {}
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
                entries = archive.infolist()
            for entry in entries:
                if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
                    self.damaged("a member is compressed or encrypted")
                name_size, extra_size = struct.unpack_from("<HH", self.data, entry.header_offset + 26)
                start = entry.header_offset + 30 + name_size + extra_size
                if not 0 <= start <= start + entry.file_size <= len(self.data) or entry.filename in places:
                    self.damaged("a member lies outside of the file, or is there twice")
                places[entry.filename] = (start, entry.file_size)
        except CheckpointError:
            raise
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, OverflowError, struct.error):
            self.damaged("it is no sound zip")
        return places

    def _array(self, name: str, start: int, size: int) -> Array:
        """An array, as a view of the bytes that were read."""
        data = self.data
        length = int.from_bytes(data[start + 8 : start + 10], "little")
        found = _NPY.fullmatch(data, start + 10, start + 10 + length)
        if not name.endswith(".npy") or data[start : start + 8] != _MAGIC or found is None:
            self.damaged(f"its member '{name[:60]}' is no array of numbers")
        dtype = np.dtype(found[1].decode())
        sizes = [text.strip() for text in found[2].decode().split(",")]
        shape = tuple(int(text) if len(text) < 20 else size + 1 for text in sizes if text)
        begin, count = start + 10 + length, math.prod(shape)
        if len(shape) > 2 or begin + count * dtype.itemsize != start + size:
            self.damaged(f"its member '{name[:60]}' has another size than it says")
        return np.frombuffer(data, dtype, count, begin).reshape(shape)
