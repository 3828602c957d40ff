"""What the command line says about an installation: versions, what is missing, and whether a model runs.

The packages are those that the metadata of this one name: needed ones, and those of its extras.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np

from numpybrain import __version__, resources
from numpybrain.errors import NumpyBrainError
from numpybrain.model.explain import columns, section

DEVELOPERS = {"test", "dev", "peers", "docs"}  # extras that users do not need
NEEDED = ("numpy>=1.26", "sympy>=1.12", "lark>=1.1.9", "pint>=0.24")  # if there are no metadata
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
NAME, OLDEST, EXTRA = (re.compile(p) for p in (r"[\w.-]+", r">=\s*([\w.]+)", r"extra\s*==\s*[\"'](\w+)"))
SPIKES, RUN = 6, 100.0  # of "lif" with 2 nA in 100 ms, and how long that is


class Package(NamedTuple):
    """A package: the extra it belongs to ("" if it is needed), the oldest version, and the one here."""

    name: str
    extra: str
    oldest: str
    version: str | None

    @property
    def is_too_old(self) -> bool:
        """Whether a newer version is needed."""
        return self.version is not None and _numbers(self.version) < _numbers(self.oldest)

    @property
    def row(self) -> tuple[str, ...]:
        """Name, version, and what to do about it."""
        target = f'"numpybrain[{self.extra}]"' if self.extra else "numpybrain"
        advice = f"pip install --upgrade {target}"
        if self.version is None:
            return self.name, "missing", advice
        if self.is_too_old:
            return self.name, self.version, f"older than {self.oldest}: {advice}"
        return self.name, self.version, self.extra


def examine() -> tuple[str, bool]:
    """The report, and whether all is well: what is needed is there, and a model runs as it should."""
    packages = list(_packages())
    needed = [p for p in packages if not p.extra]
    ran, message = _run() if all(p.version for p in needed) else (False, "not tried: a package is missing")
    well = ran and not any(p.version is None or p.is_too_old for p in needed)
    version = f"NumpyBrain {__version__}, Python {platform.python_version()}, {platform.platform()}"
    parts = [
        version,
        section("needed packages", "\n".join(columns(p.row for p in needed))),
        section("optional packages, and the extra that brings them",
                "\n".join(columns(p.row for p in packages if p.extra))),
        section("calculation", "\n".join(_calculation())),
        section("files", "\n".join(_files())),
        section("a run", message),
        "all is well" if well else "something is missing or wrong; see above",
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if not part.endswith(":\n")), well


def _packages() -> Iterator[Package]:
    try:
        listed = metadata.requires("numpybrain") or list(NEEDED)
    except metadata.PackageNotFoundError:  # a checkout that is not installed
        listed = list(NEEDED)
    for requirement in listed:
        what, _, condition = requirement.partition(";")
        name, oldest, extra = NAME.match(what.strip()), OLDEST.search(what), EXTRA.search(condition)
        belongs_to = extra[1] if extra else ""
        if name is not None and name[0] != "numpybrain" and belongs_to not in DEVELOPERS:
            yield Package(name[0], belongs_to, oldest[1] if oldest else "0", _version(name[0]))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version)[:3])


def _calculation() -> Iterator[str]:
    """What NumPy calculates with, and on how many threads."""
    info: Any = np.show_config(mode="dicts")  # type: ignore[call-overload,unused-ignore]
    blas = info.get("Build Dependencies", {}).get("blas", {})
    yield f"BLAS: {blas.get('name', 'unknown')} {blas.get('version', '')}".rstrip()
    try:
        import threadpoolctl  # type: ignore[import-not-found,unused-ignore]

        counts = [str(pool["num_threads"]) for pool in threadpoolctl.threadpool_info()]
        threads = ", ".join(counts) or "unknown"
    except ImportError:
        given = [f"{name}={os.environ[name]}" for name in THREADS if os.environ.get(name)]
        threads = (
            ", ".join(given) or f"as many as the machine has ({' and '.join(THREADS[:2])} are not set)"
        )
    yield f"threads of BLAS: {threads}"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield f"cores: {cores}; a run uses one, but for products with large matrices"


def _files() -> Iterator[str]:
    """Where our own files are; there are no others."""
    for name in ("grammar", "models"):
        yield f"{name}: {resources.folder(name)}"
    yield "cache: none; nothing is compiled to a disk, and no file is written that was not asked for"


def _run() -> tuple[bool, str]:
    """Run a neuron whose spikes are known: they are 2 ms + 10*ln(4) ms apart."""
    from time import perf_counter

    import numpybrain as nb

    began = perf_counter()
    try:
        cells = nb.Neurons(1, "lif", I="2 nA", name="lif")
        spikes = nb.Monitor(cells, "spikes")
        nb.Network(cells, spikes).run(RUN)
    except NumpyBrainError as error:
        return False, f"{type(error).__name__}: {error}"
    took = perf_counter() - began
    if len(spikes) != SPIKES:
        return (
            False,
            f"lif with 2 nA fires {len(spikes)} times in {RUN:g} ms, where it should {SPIKES} times",
        )
    return (
        True,
        f"lif with 2 nA fires {SPIKES} times in {RUN:g} ms, as it should; made and run in {took:.2f} s",
    )
