"""The site: `sphinx-build -W --keep-going docs docs/_build`, of docs/, examples/, models/ and grammar/.

Nothing is loaded from elsewhere, neither now nor when the site is read. Every example runs while it is
built, with warnings as errors; so do the pages that have figures (`_ext/page_session.py`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpybrain as nb

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "NumpyBrain"
copyright = "The NumpyBrain developers"  # noqa: A001  # the name that Sphinx wants
author = "The NumpyBrain developers"
version = release = nb.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinx-mathjax-offline",
    "docstrings",
    "gallery",
    "library",
    "links",
    "live",
    "page_session",
]
exclude_patterns = ["_build", "_ext", "_examples"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
default_role = "code"  # single backticks in docstrings are code
suppress_warnings = ["config.cache", "ref.python"]  # functions here cannot be pickled; `t` of which class?

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "none"  # docstrings say what may be given, with shapes and units
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_use_ivar = True

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "NumpyBrain"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": []}

sphinx_gallery_conf = {
    "examples_dirs": "_examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"\.py$",  # all of them run
    "within_subsection_order": "gallery.Order",
    "reset_argv": "gallery.arguments",
    "reset_modules": ("gallery.strict",),
    "reset_modules_order": "both",
    "image_scrapers": ("gallery.pictures",),
    "capture_repr": (),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "plot_gallery": "True",
    "min_reported_time": 1e9,
}
