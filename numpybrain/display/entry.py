"""Entry to what notebooks show: LaTeX and HTML are made when they are asked for."""

from __future__ import annotations

from typing import Any


def neurons_html(group: Any) -> str:
    """What a notebook shows of neurons."""
    from numpybrain.display import html

    return html.neurons_html(group)


def synapses_html(group: Any) -> str:
    """What a notebook shows of synapses."""
    from numpybrain.display import html

    return html.synapses_html(group)
