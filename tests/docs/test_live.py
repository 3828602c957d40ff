"""Pages in which Python runs, in headless Chromium: the same spikes as here, cells that are edited, errors, figures."""

from __future__ import annotations

import functools
import hashlib
import http.server
import importlib.util
import json
import shutil
import sys
import threading
from pathlib import Path

import pytest

import numpybrain as nb

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
]
CUBA = """
import hashlib
import numpybrain as nb
nb.seed(1)
cells = nb.Neurons(4000, \"\"\"
    dv/dt  = (ge + gi - (v + 49*mV)) / (20*ms) : mV (unless refractory)
    dge/dt = -ge / (5*ms) : mV
    dgi/dt = -gi / (10*ms) : mV
    \"\"\", threshold="v > -50*mV", reset="v = -60*mV", refractory="5 ms", initial={"v": "-60*mV + 10*mV*rand()"})
some = nb.connect.probability(0.02)
excite = nb.Synapses(cells[:3200], cells, on_pre="ge += 1.62*mV", connect=some)
inhibit = nb.Synapses(cells[3200:], cells, on_pre="gi -= 9*mV", connect=some)
spikes = nb.Monitor(cells, "spikes")
net = nb.Network(cells, excite, inhibit, spikes, dt="0.1 ms")
net.run("100 ms")
print(len(spikes), hashlib.sha256(spikes.i.astype("int64").tobytes() + spikes.t.tobytes()).hexdigest())
"""
CELLS = ["a = 6\na*7", "nb.Neurons(1, 'dv/dt = -v/ms2 : 1')", "spikes.plot()"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.skipif(importlib.util.find_spec("playwright") is None, reason="there is no playwright"),
    pytest.mark.skipif(importlib.util.find_spec("sphinx") is None, reason="there is no Sphinx"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a page with cells, and all that it loads."""
    sys.path.insert(0, str(ROOT / "docs" / "_ext"))
    import live

    folder = tmp_path_factory.mktemp("site")
    settings = {**live.make(folder / "live", "local"), "base": "live/"}
    cells = "".join(f'<div class="highlight-python"><pre>{code}</pre></div>' for code in (CUBA, *CELLS))
    head = f"<script>window.numpybrainLive = {json.dumps(settings)};</script><script src='live/page.js'></script>"
    (folder / "page.html").write_text(
        f"<!doctype html><html><head>{head}</head><body>{cells}</body></html>"
    )
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/page.html"
        server.shutdown()


@pytest.fixture(scope="module")
def page(site):
    """The page in a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as made:
        browser = made.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_page()
        opened.goto(site)
        yield opened
        browser.close()


def output(page, number, *, run=True):
    """What a cell shows, once it has run."""
    bar, place = page.locator(".live-bar").nth(number), page.locator(".live-output").nth(number)
    if run:
        place.evaluate("place => { delete place.dataset.seconds; }")
        bar.get_by_text("Run").click()
    page.wait_for_function(
        "n => document.querySelectorAll('.live-output')[n].dataset.seconds", arg=number, timeout=600_000
    )
    return place


def test_spikes_are_those_of_this_python(page):
    found = output(page, 0).inner_text().strip()
    names: dict[str, object] = {}
    exec(CUBA.replace("print(", "found = ("), names)
    count, _, digest = found.partition(" ")
    assert (int(count), digest) == names["found"]


def test_values_are_shown_and_cells_can_be_edited(page):
    assert output(page, 1).inner_text().strip() == "42"
    page.locator(".live-bar").nth(1).get_by_text("Edit").click()
    page.locator(".live-source").nth(1).fill("print(a + 1)")
    assert output(page, 1).inner_text().strip() == "7"


def test_errors_are_those_of_numpybrain(page):
    text = output(page, 2).inner_text()
    assert text.startswith("line 1: ")
    assert "unknown" in text
    assert "File" not in text


def test_figures_are_shown(page):
    page.locator(".live-bar").nth(2).get_by_text("Edit").click()
    page.locator(".live-source").nth(2).fill("b = 1")
    assert output(page, 3).locator("img").count() == 1
