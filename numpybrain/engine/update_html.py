"""Display of state updates in notebooks."""

from __future__ import annotations

from typing import Any

from numpybrain.display.html import folded, listing, plain, strong


def update_html(update: Any) -> str:
    """How a group gets from t to t + dt: the method and why, the formula, and the code, folded."""
    if not update.is_needed:
        return f"<div><p>{strong(update.group.name)}: nothing is integrated</p></div>"
    title = f"{plain(update.description)} of {strong(update.group.name)}"
    why = plain(update.origin if update.function is not None else update.why)
    formula, source = update.formula, update.source
    shown = listing(formula) if formula else ""
    code = folded("the NumPy code that runs", listing(source)) if source else ""
    return f"<div><p>{title}: {why}</p>{shown}{code}</div>"
